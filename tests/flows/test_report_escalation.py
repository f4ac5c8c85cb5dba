"""A round over reports, as a Prefect run: what is late goes up, and the round says what it moved."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from flows.report_escalation import report_escalation
from models.report.recording import entries
from models.report.tables import ReportEscalation
from models.rounds import Round
from models.whistle.blowing import Whistling, blow
from tasks import resources
from tasks.reporting import RoundReport
from wufang.make_reports import CALENDAR, RULES, Reports


@pytest.fixture(autouse=True)
def here(tmp_path: Path, database: object, prefect_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The flow works on the test's own database and reports to the tests' Prefect server."""
    monkeypatch.setenv("WUFANG_STATE_DIR", str(tmp_path))
    resources.forget()
    yield
    resources.forget()


def test_late_reports_go_up_once_and_the_record_names_the_run(make, at):
    reports = Reports(make, make.neighbourhood())
    late, in_time = reports.collect(), reports.collect(category="lamp")
    moment = at + timedelta(minutes=15)
    assert report_escalation(at=at) == RoundReport(0, 0, 0)
    assert report_escalation(at=moment) == RoundReport(1, 1, 0)
    assert report_escalation(at=moment) == RoundReport(0, 0, 0)
    with make.database.reading() as session:
        (rung,) = session.scalars(select(ReportEscalation)).all()
        (row,) = session.scalars(select(Round)).all()
        assert (rung.report_id, rung.organisation_id) == (late.report_id, reports.world.street.id)
        assert entries(session, late.report_id)[-1].run == row.run
        assert [one.kind for one in entries(session, in_time.report_id)] == ["reported"]
    assert (row.flow, row.taken, row.moved, row.failed) == ("report-escalation", 1, 1, 0)


def test_a_report_that_fails_is_put_back_and_counted(make, at):
    reports = Reports(make, make.neighbourhood())
    bad, good = reports.collect(), reports.collect()
    make.tamper("update report set category = 'gone' where id = :id", id=bad.report_id.hex)
    assert report_escalation(at=at + timedelta(minutes=15)) == RoundReport(2, 1, 1)
    assert reports.read(bad.report_id).tries == 1
    assert reports.read(good.report_id).rung == 1


def test_a_whistle_that_waits_is_seated_by_the_same_round(make, at):
    reports = Reports(make, make.neighbourhood())
    made, world = reports.collect(), reports.world
    whistling = Whistling((world.housing.id,), "占道堆物反复出现，请住建部门到场。", date(2026, 12, 1))
    blown = make.database.write(blow, RULES, world.who(world.street), made.report_id, whistling, at, CALENDAR)
    assert report_escalation(at=at) == RoundReport(1, 1, 0)
    assert world.housing.id in {one.organisation_id for one in make.asked(blown.matter_id)}
