"""Rates of reports: what is in time, what is late, and for whom it counts."""

from datetime import timedelta

import pytest

from models.views.report_rates import rates
from wufang.make_reports import Reports

MINUTE = timedelta(minutes=1)


@pytest.fixture
def reports(make):
    """Reports of a small world."""
    return Reports(make, make.neighbourhood())


def rates_of(reports, at):
    """By organisation, as the lead department reads them."""
    who, day = reports.world.who(reports.world.lead), timedelta(days=1)
    with reports.make.database.reading() as session:
        return {one.organisation_id: one for one in rates(session, who, reports.make.at - day, at + day, at)}


@pytest.mark.parametrize(("early", "in_time"), [(MINUTE, 1), (timedelta(), 0)])
def test_a_deadline_is_missed_from_its_instant_on(reports, at, early, in_time):
    made = reports.collect()
    reports.file(made.report_id)
    taken = at + 30 * MINUTE - early  # urgent: 30 minutes to take up, 240 to settle
    reports.take_up(made.report_id, at=taken)
    settled = taken + 240 * MINUTE - early
    reports.answer(made.report_id, at=settled)
    reports.close(made.report_id, at=settled + MINUTE)
    row = rates_of(reports, settled + MINUTE)[reports.world.company.id]
    assert (row.response.good, row.response.all) == (in_time, 1)
    assert (row.settling.good, row.settling.all) == (in_time, 1)


def test_what_is_not_due_yet_counts_for_nobody_and_what_is_overdue_against_its_handler(reports, at):
    made = reports.collect()
    reports.file(made.report_id)
    for now, counted in ((at + 29 * MINUTE, 0), (at + 30 * MINUTE, 1)):
        row = rates_of(reports, now)[reports.world.company.id]
        assert (row.reports, row.open, row.overdue) == (1, 1, counted)
        assert (row.response.good, row.response.all, row.settling.all) == (0, counted, 0)
        assert row.satisfaction.percent is None
