"""Reports for programs: which are shown, on either database, and that time is the way in which they are walked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from models.calendars import district_calendar
from models.report.categories import report_rules
from models.report.tables import Clock, ReportStatus
from models.views.public_requests import Window, address_in, address_of, named_requests, public_requests
from wufang.make_reports import Reports

RULES, CALENDAR = report_rules(), district_calendar()
DAY = timedelta(days=1)


@pytest.fixture
def reports(any_make):
    """Builders of reports on either database."""
    return Reports(any_make, any_make.neighbourhood())


def read(reports, window, most=10, offset=0):
    """The references of a window."""
    district_id = reports.world.district.id
    with reports.make.database.reading() as session:
        found = public_requests(session, RULES, CALENDAR, district_id, window, most, offset)
    return [one.point.reference for one in found]


def test_a_window_is_narrowed_by_category_status_and_both_instants(reports, at):
    lamp, road = reports.collect(category="lamp"), reports.collect(category="road", at=at + DAY)
    done = reports.closed(reports.phone(), at + 2 * DAY)
    reports.collect(category="food-safety", at=at + DAY)
    whole = Window(at, at + 2 * DAY)
    assert read(reports, whole) == [done.reference, road.reference, lamp.reference]
    assert read(reports, whole, 1, 1) == [road.reference]
    assert read(reports, replace(whole, categories=frozenset({"lamp", "no-such"}))) == [lamp.reference]
    assert read(reports, replace(whole, is_open=False)) == [done.reference]
    assert read(reports, replace(whole, is_open=True)) == [road.reference, lamp.reference]
    changed = replace(whole, is_of_changes=True, reported=(at + DAY, at + DAY))
    assert read(reports, changed) == [road.reference]
    assert read(reports, Window(at - 3 * DAY, at - DAY)) == []


def test_every_status_but_taken_back_is_told_by_name(reports, at):
    made = {status: reports.collect().reference for status in ReportStatus}
    for status, reference in made.items():
        reports.make.tamper(
            "update report set status = :status where reference = :reference",
            status=status.value,
            reference=reference,
        )
    with reports.make.database.reading() as session:
        found = named_requests(session, RULES, CALENDAR, reports.world.district.id, [*made.values(), "x\0", "报1-1"])
    shown = {one.point.status: one.is_open for one in found}
    over = {ReportStatus.CLOSED, ReportStatus.DECLINED, ReportStatus.MERGED}
    assert {status for status, is_open in shown.items() if not is_open} == over
    assert set(ReportStatus) - set(shown) == {ReportStatus.WITHDRAWN}


def test_what_is_expected_follows_the_running_clock(reports, at):
    made = reports.collect()

    def expected():
        with reports.make.database.reading() as session:
            (one,) = named_requests(session, RULES, CALENDAR, reports.world.district.id, [made.reference])
        return one.expected_at

    settle = RULES.span(RULES.category("fire-exit"), reports.read(made.report_id).level, Clock.SETTLE)
    assert expected() == CALENDAR.after(reports.read(made.report_id).due_at, settle)
    reports.file(made.report_id)
    assert expected() == CALENDAR.after(reports.read(made.report_id).due_at, settle)
    reports.take_up(made.report_id)
    assert expected() == reports.read(made.report_id).settle_due_at
    reports.answer(made.report_id)
    assert expected() == reports.read(made.report_id).settle_due_at
    reports.close(made.report_id)
    assert expected() is None


def test_addresses_lead_to_compounds_and_communities_of_the_district(reports):
    world, district_id = reports.world, reports.world.district.id
    with reports.make.database.reading() as session:
        assert address_of(session, district_id, world.compound.code).compound_id == world.compound.id
        assert address_of(session, district_id, world.community.code).community_id == world.community.id
        assert address_of(session, district_id, world.street.code) is None
        assert address_in(session, district_id, f"{world.compound.name_zh}3号楼").compound_id == world.compound.id
        assert address_in(session, district_id, "nowhere") is None


@pytest.mark.parametrize(
    "window",
    [
        {},
        {"is_open": True},
        {"is_open": False},
        {"categories": frozenset({"lamp"})},
        {"is_of_changes": True, "categories": frozenset({"lamp"}), "is_open": True},
    ],
)
def test_reports_are_walked_by_their_instant_whatever_narrows_them(database, make, at, window):
    """So that a window costs what lies in it, not what lies in the table."""
    reports, plans = Reports(make, make.neighbourhood()), []
    asked = Window(at - 90 * DAY, at, **window)

    with database.reading() as session:
        engine = session.get_bind()

        def note(connection, cursor, statement, parameters, context, executemany):
            if statement.startswith("SELECT report.") and "reported_at" in statement:
                raw = cursor.connection.execute(f"explain query plan {statement}", parameters)
                plans.extend(row[3] for row in raw.fetchall())

        event.listen(engine, "before_cursor_execute", note)
        public_requests(session, RULES, CALENDAR, reports.world.district.id, asked, 1001)
        event.remove(engine, "before_cursor_execute", note)
    index = "ix_report_updated" if asked.is_of_changes else "ix_report_map"
    assert f"USING INDEX {index} (" in plans[0], plans
