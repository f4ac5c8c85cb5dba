"""The hourly look after absences, as a Prefect run."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from flows.absences import absences
from models.consultation.tables import SeatStatus
from models.notice.tables import Letter, Notice
from tasks import resources
from tasks.reporting import RoundReport


@pytest.fixture(autouse=True)
def here(tmp_path: Path, database: object, prefect_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The flow works on the test's own database and reports to the tests' Prefect server."""
    monkeypatch.setenv("WUFANG_STATE_DIR", str(tmp_path))
    resources.forget()
    yield
    resources.forget()


def close(make, organisation) -> None:
    """Its officers leave."""
    make.tamper("update officer set is_active = false where organisation_id = :id", id=organisation.id.hex)


def told(make) -> list[dict[str, object]]:
    """The facts of the letters to administrators."""
    with make.database.reading() as session:
        return [one.facts for one in session.scalars(select(Notice).where(Notice.letter == Letter.UNREACHED))]


def test_who_is_asked_in_vain_gets_company_and_the_administrators_are_told_once_a_week(make, at):
    world = make.neighbourhood()
    make.officer(world.lead, is_administrator=True)
    filing = make.filing(world.clerk, [world.compound], 2)
    make.open(filing.matter_id)
    assert absences(at=at) == RoundReport(0, 0, 0)
    assert told(make) == []
    close(make, world.council)
    assert absences(at=at + timedelta(hours=1)) == RoundReport(1, 1, 0)
    beside = [one for one in make.seats(filing.reference) if one.stands_for_id]
    assert [(one.organisation_id, one.status) for one in beside] == [(world.community.id, SeatStatus.ASKED)]
    assert [[one["zh"] for one in facts["unreached"]] for facts in told(make)] == [[world.council.name_zh]]
    assert absences(at=at + timedelta(hours=2)) == RoundReport(0, 0, 0)
    assert len(told(make)) == 1
    absences(at=at + timedelta(days=7))
    assert len(told(make)) == 2


def test_a_gap_more_is_told_at_once(make, at):
    world = make.neighbourhood()
    make.officer(world.lead, is_administrator=True)
    close(make, world.council)
    absences(at=at)
    close(make, world.market_supervision)
    absences(at=at)
    assert [len(facts["unreached"]) for facts in told(make)] == [1, 2]


def test_one_that_fails_stops_none_of_the_others(make, at):
    world = make.neighbourhood()
    broken, sound = (make.filing(world.clerk, [world.compound], 1, seed=seed) for seed in (1, 2))
    for one in (broken, sound):
        make.open(one.matter_id)
    make.tamper("update consultation set protocol_version = 99 where matter_id = :id", id=broken.matter_id.hex)
    close(make, world.council)
    assert absences(at=at) == RoundReport(2, 1, 1)
    assert [one for one in make.seats(broken.reference) if one.stands_for_id] == []
    assert len([one for one in make.seats(sound.reference) if one.stands_for_id]) == 1
