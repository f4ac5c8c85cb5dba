"""The boards of reports, the form that writes one down, one report's page, its photos, and the rates."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from models.district import Organisation
from models.report.tables import Report
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make import Neighbourhood
from wufang.make_reports import Reports, drawn

Browse = Callable[[Organisation], Browser]
HOUR = timedelta(hours=1)


@pytest.fixture
def reports(make: Maker, world: Neighbourhood) -> Reports:
    """Reports of the world."""
    return Reports(make, world)


@pytest.fixture
def community(browse: Browse, world: Neighbourhood) -> Browser:
    """An officer of the community."""
    return browse(world.community)


def form(world: Neighbourhood, **changes: str) -> dict[str, str]:
    """What an officer fills in."""
    known = {"category": "fire-exit", "words": "Boxes", "spot": "Gate 3", "place": f"compound:{world.compound.id}"}
    return known | changes


def count(make: Maker) -> int:
    """How many reports there are."""
    with make.database.reading() as session:
        return session.query(Report).count()


def test_each_party_s_board_shows_what_waits_for_it(browse: Browse, world: Neighbourhood, reports: Reports) -> None:
    new, sent = reports.collect(), reports.collect(category="lamp")
    reports.file(sent.report_id)
    board = browse(world.community).get("/reports").text
    assert new.reference in board
    assert sent.reference not in board
    assert sent.reference in browse(world.company).get("/reports").text
    area = browse(world.street).get("/reports?list=area").text
    assert new.reference in area
    assert sent.reference in area
    assert new.reference not in browse(world.council).get("/reports?list=past").text


def test_a_board_is_narrowed_and_nonsense_is_passed_over(community: Browser, reports: Reports) -> None:
    lamp, exit_ = reports.collect(category="lamp"), reports.collect()
    shown = community.get("/reports?list=area&category=lamp").text
    assert lamp.reference in shown
    assert exit_.reference not in shown
    for nonsense in ("list=x", "category=x", "level=x", "status=x", "after=x~y", "after=2026-01-01T00:00:00~x"):
        assert lamp.reference in community.get(f"/reports?{nonsense}").text, nonsense
    assert lamp.reference not in community.get("/reports?late=1").text


def test_a_long_board_is_walked(community: Browser, reports: Reports, make: Maker) -> None:
    made = [reports.collect(at=make.at - timedelta(minutes=number)).reference for number in range(52)]
    first = community.get("/reports?list=past").text
    assert made[49] in first
    assert made[50] not in first
    following = first.split('rel="next" href="')[1] if 'rel="next" href="' in first else first
    address = next(part.split('"')[0] for part in following.split('href="') if "after=" in part.split('"')[0])
    second = community.get("/reports" + address[address.index("?") :].replace("&amp;", "&")).text
    assert made[51] in second
    assert made[0] not in second


def test_the_map_gets_the_board_s_positions(community: Browser, reports: Reports) -> None:
    made = reports.collect(position=reports.position(10, 20))
    reports.collect()
    (point,) = community.get("/reports/points").json()["features"]
    assert point["properties"]["reference"] == made.reference
    assert point["geometry"]["coordinates"] == pytest.approx([113.25, 35.23], abs=0.01)
    alone = community.get(f"/reports/{made.reference}/point").json()
    assert [one["properties"]["reference"] for one in alone["features"]] == [made.reference]


def test_an_officer_writes_down_a_report_with_photos(
    community: Browser, world: Neighbourhood, make: Maker, tmp_path: Path
) -> None:
    page = community.send_photos("/reports/new", form(world), [drawn(), drawn("#112233")], "/reports/new")
    assert page.status_code == 200
    assert page.url.query == b"done=reported"
    assert "Written down." in page.text
    assert page.text.count('loading="lazy"') == 2
    assert "Gate 3" in page.text
    assert count(make) == 1
    kept = list((tmp_path / "reports").iterdir())
    assert len(kept) == 4
    assert not any(b"JFIF" in one.read_bytes() for one in kept)


@pytest.mark.parametrize(
    ("changes", "photos", "status", "sentence"),
    [
        ({"category": "nothing"}, [], 422, "There is no category"),
        ({"words": ""}, [], 422, "Take a photo, or say in a few words what you saw."),
        ({"words": "x" * 1001}, [], 422, "longer than 1000 characters"),
        ({"place": ""}, [], 422, "place"),
        ({"place": "compound:nonsense"}, [], 422, "place"),
        ({}, [b"%PDF-1.7 no photo"], 415, "is not a photo that can be read"),
        ({}, [drawn()[:500]], 415, "is not a photo that can be read"),
        ({}, [drawn()] * 7, 422, "At most 6 photos"),
        ({}, [b"x" * (12 * 1024 * 1024 + 1)], 413, "The photo is too large"),
    ],
    ids=["category", "nothing", "long", "no place", "no such place", "pdf", "cut", "seven", "large"],
)
def test_what_cannot_be_taken_stands_in_the_form_again(
    community: Browser,
    world: Neighbourhood,
    make: Maker,
    changes: dict[str, str],
    photos: list[bytes],
    status: int,
    sentence: str,
) -> None:
    page = community.send_photos("/reports/new", form(world, **changes), photos, "/reports/new")
    assert page.status_code == status
    assert sentence in page.text
    assert 'value="Gate 3"' in page.text
    assert (changes.get("words", "Boxes") or "<textarea") in page.text
    if "place" not in changes:
        assert f'value="compound:{world.compound.id}" selected' in page.text
    assert count(make) == 0


def test_a_deed_needs_a_photo(community: Browser, world: Neighbourhood, make: Maker) -> None:
    refused = community.send_photos("/reports/new", form(world, category="cleared-corridor"), [], "/reports/new")
    assert refused.status_code == 422
    assert "Add a photo that shows what you did" in refused.text
    taken = community.send_photos("/reports/new", form(world, category="cleared-corridor"), [drawn()], "/reports/new")
    assert taken.status_code == 200
    assert count(make) == 1


def test_a_form_from_elsewhere_is_refused(
    community: Browser, visitor: Browser, world: Neighbourhood, make: Maker
) -> None:
    word_missing = community.client.post("/reports/new", data=form(world), headers={"Origin": community.address})
    elsewhere = community.client.post("/reports/new", data=form(world), headers={"Origin": "https://else.example"})
    assert (word_missing.status_code, elsewhere.status_code) == (403, 403)
    out = visitor.client.post("/reports/new", data=form(world), headers={"Origin": visitor.address})
    assert "/login" in str(out.url) or out.status_code in {401, 403}
    assert count(make) == 0


def test_too_many_are_held_back(community: Browser, world: Neighbourhood) -> None:
    for _ in range(60):
        assert community.send("/reports/new", form(world, words=""), page="/protocols").status_code == 422
    refused = community.send("/reports/new", form(world, words=""), page="/protocols")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


def test_a_report_s_page_is_for_those_who_have_to_do_with_it(
    browse: Browse, visitor: Browser, world: Neighbourhood, reports: Reports, make: Maker, tmp_path: Path
) -> None:
    kept = reports.photo(tmp_path / "reports")
    made = reports.collect(photos=(kept,), spot="三号楼东侧")
    page, photo = f"/reports/{made.reference}", f"/reports/{made.reference}/photos/{kept.digest}"
    for who in (world.community, world.street, world.lead):
        shown = browse(who).get(page)
        assert shown.status_code == 200
        assert "楼道里堆了东西。" in shown.text
        assert "三号楼东侧" in shown.text
    street = browse(world.street)
    for digest in (kept.digest, kept.thumbnail):
        picture = street.get(f"{page}/photos/{digest}")
        assert (picture.headers["content-type"], picture.headers["cache-control"]) == ("image/jpeg", "no-store")
    company = browse(world.company)
    for address in (page, photo, f"{page}/point"):
        assert company.get(address).status_code == 404, address
        assert "/login" in str(visitor.get(address).url), address
    assert street.get(f"{page}/photos/{'0' * 64}").status_code == 404
    assert street.get("/reports/nothing").status_code == 404
    reports.file(made.report_id)
    assert company.get(photo).status_code == 200


def test_the_rates_of_this_month(browse: Browse, world: Neighbourhood, reports: Reports) -> None:
    reports.closed(reports.phone())
    shown = browse(world.lead).get("/reports/rates").text
    assert world.company.name_en in shown.replace("&#39;", "'")
    assert "100" in shown
    wrong = browse(world.lead).get("/reports/rates?from=2026-02-02&to=2026-01-01")
    assert wrong.status_code == 422
    assert "The period must end on or after its first day" in wrong.text
