"""What is late goes up, community → street → department, at its minute, once; by the clocks of category and level."""

import shutil
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from models.clock import SHANGHAI
from models.database import Database
from models.errors import RuleBroken
from models.notice.tables import Letter, Notice
from models.report import climbing, handling
from models.report.tables import Clock, ReportEscalation, ReportStatus
from models.report.triaging import Filing
from tests.conftest import MONDAY_MORNING
from tests.make import Maker
from wufang.make_reports import CALENDAR, RULES, Reports

MINUTE = timedelta(minutes=1)


def escalations(reports):
    with reports.make.database.reading() as session:
        query = select(ReportEscalation).order_by(ReportEscalation.at, ReportEscalation.rung)
        return [(one.clock, one.rung, one.organisation_id, one.due_at) for one in session.scalars(query)]


def test_what_nobody_files_goes_to_the_street_then_to_the_department(any_reports, at):
    reports, world = any_reports, any_reports.world
    made = reports.collect()  # urgent: 15 minutes to file, then 30 more to the next rung
    due_at = at + 15 * MINUTE
    reports.round(due_at - timedelta(seconds=1))
    assert escalations(reports) == []
    reports.round(due_at)
    assert escalations(reports) == [(Clock.TRIAGE, 1, world.street.id, due_at)]
    reports.rounds(due_at + 30 * MINUTE)
    assert escalations(reports)[1:] == [(Clock.TRIAGE, 2, world.housing.id, due_at + 30 * MINUTE)]
    assert reports.read(made.report_id).late_at == due_at


def test_a_late_property_company_climbs_all_three(reports, at):
    world, made = reports.world, reports.collect()
    reports.file(made.report_id)
    due_at = at + 30 * MINUTE
    reports.rounds(due_at + timedelta(hours=2))
    assert [row[2] for row in escalations(reports)] == [world.community.id, world.street.id, world.housing.id]
    assert [row[3] for row in escalations(reports)] == [due_at, due_at + 30 * MINUTE, due_at + 60 * MINUTE]


def test_a_late_department_reaches_the_lead_department_and_the_lead_nobody(reports, at):
    world, made = reports.world, reports.collect()
    reports.file(made.report_id, Filing(handler_id=world.housing.id))
    other = reports.collect()
    reports.file(other.report_id, Filing(handler_id=world.lead.id))
    reports.rounds(at + timedelta(hours=3))
    assert [row[2] for row in escalations(reports)] == [world.lead.id]
    lead = reports.read(other.report_id)
    assert (lead.wake_at, lead.due_at, lead.late_at) == (None, at + 30 * MINUTE, at + 30 * MINUTE)


def test_whoever_is_reached_may_act_and_the_ladder_is_over(reports, at):
    world, made = reports.world, reports.collect()
    reports.file(made.report_id)
    community = world.who(world.community)
    due_at = at + 30 * MINUTE
    reports.round(due_at)
    taken = reports.take_up(made.report_id, community, at=due_at + MINUTE)
    assert (taken.handler_id, taken.clock, taken.rung) == (world.community.id, Clock.SETTLE, 0)
    with reports.make.database.reading() as session:
        assert session.scalars(select(ReportEscalation.ended_at)).all() == [due_at + MINUTE]
        late = session.scalars(select(Notice.letter).where(Notice.letter == Letter.REPORT_LATE)).all()
    assert late == [Letter.REPORT_LATE]


def test_acting_after_the_deadline_is_late_even_before_a_round_has_noticed(reports, at):
    made = reports.collect()
    reports.file(made.report_id, at=at + 20 * MINUTE)
    assert reports.read(made.report_id).late_at == at + 15 * MINUTE
    assert escalations(reports) == []


def test_beyond_the_last_rung_the_top_is_told_again_and_again(reports, at):
    reports.collect()
    reports.rounds(at + timedelta(minutes=15 + 30 + 240 + 240))
    assert len(escalations(reports)) == 2
    with reports.make.database.reading() as session:
        told = select(func.count()).select_from(Notice).where(Notice.letter == Letter.REPORT_ESCALATION)
        assert session.scalar(told) == 2 + 2


def test_an_urgent_hazard_does_not_wait_for_monday_and_a_lamp_does(reports):
    friday = datetime(2026, 11, 27, 17, 50, tzinfo=SHANGHAI)
    hazard, lamp = reports.collect(at=friday), reports.collect(category="lamp", at=friday)
    assert reports.read(hazard.report_id).due_at == friday + 15 * MINUTE
    assert reports.read(lamp.report_id).due_at == datetime(2026, 11, 30, 11, 50, tzinfo=SHANGHAI)


def test_two_rounds_at_once_climb_once(reports, at):
    made = reports.collect()
    due_at, write = at + 15 * MINUTE, reports.make.database.write
    arguments = (RULES, CALENDAR, [made.report_id, made.report_id], due_at, "round")
    assert write(climbing.take_step, *arguments) == {made.report_id: None}
    assert write(climbing.take_step, *arguments) == {}
    assert len(escalations(reports)) == 1


def test_one_bad_report_does_not_spoil_the_round_and_is_stuck_in_the_end(reports, at):
    bad, good = reports.collect(), reports.collect()
    reports.make.tamper("update report set category = 'gone' where id = :id", id=bad.report_id.hex)
    moment = at + 15 * MINUTE
    done = reports.round(moment)
    assert done[good.report_id] is None
    assert done[bad.report_id].startswith("CategoryUnknown")
    while (wake_at := reports.read(bad.report_id).wake_at) is not None:
        reports.round(wake_at)
    stuck = reports.read(bad.report_id)
    assert stuck.stuck_at is not None
    assert stuck.status is ReportStatus.COLLECTED  # nothing is dropped


STEPS = st.lists(
    st.tuples(st.sampled_from(["file", "take_up", "answer", "close", "give_back", "wait"]), st.integers(0, 400)),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_whatever_people_do_an_open_report_has_one_deadline_and_no_rung_is_climbed_twice(
    database_template, tmp_path_factory, vault, steps
):
    """The laws of the clocks, over ways that nobody thought of."""
    reports, made, now = _fresh(database_template, tmp_path_factory, vault)
    acts = {
        "file": reports.file,
        "take_up": reports.take_up,
        "answer": reports.answer,
        "close": reports.close,
        "give_back": lambda report_id, at: reports.make.database.write(
            handling.give_back, vault, RULES, reports.world.clerk, report_id, "不是我们的。", None, at, CALENDAR
        ),
        "wait": lambda report_id, at: None,
    }
    for act, minutes in steps:
        now += minutes * MINUTE
        reports.rounds(now)
        with suppress(RuleBroken):  # what a rule refuses changes nothing
            acts[act](made.report_id, at=now)
        report = reports.read(made.report_id)
        assert (report.due_at is not None) == report.is_open
        assert (report.clock is not None) == report.is_open
        assert report.wake_at is None or report.wake_at > now
    rungs = [(row.clock_number, row.rung) for row in _rungs(reports)]
    assert len(rungs) == len(set(rungs))
    assert all(row.at == row.due_at for row in _rungs(reports))  # each at its minute
    reports.make.database.close()


def _rungs(reports):
    with reports.make.database.reading() as session:
        return session.scalars(select(ReportEscalation)).all()


def _fresh(template, factory, vault):
    path = factory.mktemp("way") / "wufang.db"
    shutil.copyfile(template, path)
    make = Maker(Database(f"sqlite:///{path}"), vault, MONDAY_MORNING)
    reports = Reports(make, make.neighbourhood())
    return reports, reports.collect(), MONDAY_MORNING


@pytest.mark.parametrize("index", ["ix_report_wake"])
def test_a_round_finds_what_is_due_by_one_index(reports, index):
    with reports.make.database.reading() as session:
        sql = "explain query plan select id from report where wake_at is not null and wake_at <= :at order by wake_at"
        plan = " ".join(row[3] for row in session.execute(text(sql), {"at": "2026-11-23"}))
    assert index in plan
