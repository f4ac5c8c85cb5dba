"""The month for everybody, and the notice for the hosts."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from models.district import Organisation
from models.training.tables import EventStatus
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make import Neighbourhood
from wufang.make_training import Training

Browse = Callable[[Organisation], Browser]
CODE = "HX7K2M4P"


@pytest.fixture
def training(make: Maker, world: Neighbourhood) -> Training:
    """Sites, trainers and courses."""
    return Training(make, world)


def test_everybody_sees_the_month_by_community_and_nobody_s_name(
    visitor: Browser, training: Training, make: Maker, world: Neighbourhood
) -> None:
    visitor.client.cookies.set("wufang_language", "en")
    training.event(make.at + timedelta(days=2))
    off = training.event(make.at + timedelta(days=3), status=EventStatus.CANCELLED)
    page = visitor.get("/courses").text
    assert "November 2026" in page
    assert "20 free" in page
    assert "Cancelled" in page
    assert "Sessions: 1" in page
    assert str(off.id) in page
    assert "/notice" not in page
    assert f"/calendars/communities/{world.community.code}.ics" not in page
    own = visitor.get(f"/courses?community={world.community.code}").text
    assert f"/calendars/communities/{world.community.code}.ics" in own
    other = make.neighbourhood().community
    training.site(community=other)
    assert "20 free" not in visitor.get(f"/courses?community={other.code}").text


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("2026-12", "December 2026"),
        ("2027-02", "February 2027"),
        ("0001-01", "November 2026"),
        ("9999-12", "November 2026"),
        ("2026-13", "November 2026"),
        ("%00", "November 2026"),
    ],
)
def test_a_month_is_a_month_near_the_present(visitor: Browser, training: Training, asked: str, shown: str) -> None:
    assert training
    visitor.client.cookies.set("wufang_language", "en")
    answer = visitor.get(f"/courses?month={asked}")
    assert answer.status_code == 200
    assert f">{shown}<" in answer.text


def test_a_day_with_many_sessions_folds_the_later_ones(visitor: Browser, training: Training, make: Maker) -> None:
    visitor.client.cookies.set("wufang_language", "en")
    course, site = training.course([training.trainer()]), training.site()
    for number in range(6):
        training.held(course, site, make.at + timedelta(days=1, hours=number), line=number + 1)
    page = visitor.get("/courses").text
    assert "2 more" in page
    assert page.count("month-entry") == 6


def test_hosts_and_proposers_print_the_notice_and_nobody_else(
    browse: Browse, training: Training, make: Maker, world: Neighbourhood
) -> None:
    sealed = {"code_sealed": make.vault.seal(CODE)}
    site, course = training.site(world.company), training.course([training.trainer()], world.housing)
    event = training.held(course, site, make.at + timedelta(days=1), **sealed)
    for host in (world.community, world.company, world.housing):
        page = browse(host).get(f"/courses/{event.id}/notice")
        assert page.status_code == 200
        assert "HX7K-2M4P" in page.text
        assert page.text.count("data:image/svg+xml") == 2
        assert page.headers["cache-control"] == "no-store"
    for stranger in (world.lead, world.council, world.street):
        answer = browse(stranger).get(f"/courses/{event.id}/notice")
        assert answer.status_code == 404
        assert CODE[:4] not in answer.text


def test_a_cancelled_session_has_no_code_on_its_notice(
    browse: Browse, training: Training, make: Maker, world: Neighbourhood
) -> None:
    event = training.event(status=EventStatus.CANCELLED, code_sealed=make.vault.seal(CODE))
    page = browse(world.community).get(f"/courses/{event.id}/notice").text
    assert "HX7K" not in page
    assert "This session is cancelled." in page
