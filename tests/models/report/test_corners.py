"""Corners of a report's way that everyday ones do not touch: acts that cross, that come twice, that come to somebody else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from models import rider as riders
from models.errors import NotAllowed
from models.officer import new_secret
from models.phone import ensure_phone
from models.report import checking, handling, merging, parking, speaking, triaging
from models.report.collecting import KeptPhoto, Reporter, collect
from models.report.speaking import OthersReportedIt
from models.report.tables import Level, PhotoMoment, ReportEscalation, ReportStatus
from models.report.triaging import Filing
from models.views.report_view import my_report, photos_of, report_view
from wufang.make_reports import CALENDAR, RULES, teller

AFTER = KeptPhoto("a" * 64, "b" * 64, 640, 480, PhotoMoment.AFTER)
DAY = timedelta(days=1)


def merge(reports, report_id, into_id):
    who = reports.world.who(reports.world.community)
    return reports.make.database.write(merging.merge, who, report_id, into_id, None, reports.make.at)


def give_back(reports, report_id, who=None):
    write, vault, who = reports.make.database.write, reports.make.vault, who or reports.world.clerk
    return write(handling.give_back, vault, RULES, who, report_id, "不归我们管。", None, reports.make.at, CALENDAR)


def ask_to_rest(reports, report_id, until):
    write, vault, clerk = reports.make.database.write, reports.make.vault, reports.world.clerk
    return write(parking.ask_to_park, vault, RULES, clerk, report_id, "等配件。", until, None, reports.make.at)


def test_a_merged_report_waits_for_nobody_to_let_it_rest(reports, at):
    first, second = reports.collect(), reports.collect()
    reports.file(second.report_id)
    reports.take_up(second.report_id)
    ask_to_rest(reports, second.report_id, at + DAY)
    merge(reports, second.report_id, first.report_id)
    with reports.make.database.reading() as session:
        assert parking.open_request(session, second.report_id) is None


def test_an_answer_after_the_check_sent_it_back_may_show_the_same_photo(any_reports, at):
    reports, made = any_reports, any_reports.collect()
    reports.file(made.report_id)
    reports.answer(made.report_id, photos=(AFTER, AFTER))
    who, write = reports.world.who(reports.world.community), reports.make.database.write
    write(checking.send_back, reports.make.vault, RULES, who, made.report_id, "还有一堆。", None, at, CALENDAR)
    assert reports.answer(made.report_id, photos=(AFTER,)).status is ReportStatus.ANSWERED
    with reports.make.database.reading() as session:
        assert [one.digest for one in photos_of(session, made.report_id)] == [AFTER.digest]


def test_what_was_given_back_may_be_filed_under_another_category_whose_route_and_clock_it_takes(reports, at):
    made = reports.collect()
    reports.file(made.report_id)
    give_back(reports, made.report_id)
    again = reports.file(made.report_id, Filing("food-safety", Level.ORDINARY))
    assert (again.category, again.level, again.is_private) == ("food-safety", Level.ORDINARY, True)
    assert again.handler_id == reports.world.market_supervision.id
    assert again.due_at == CALENDAR.after(at, RULES.levels[Level.ORDINARY].clocks["take_up"])


def test_what_several_have_reported_nobody_takes_back_alone(reports, at):
    one, other = reports.phone(), reports.phone()
    first, second = reports.collect(one), reports.collect(other)
    merge(reports, second.report_id, first.report_id)
    for phone in (one, other):
        arguments = (reports.make.vault, teller(phone), first.report_id, "看错了。", at)
        with pytest.raises(OthersReportedIt):
            reports.make.database.write(speaking.withdraw, *arguments)
        with reports.make.database.reading() as session:
            known = (phone.phone_id, None, first.reference, at, CALENDAR)
            assert not my_report(session, reports.make.vault, RULES, *known).may_withdraw
    assert reports.read(first.report_id).is_open


def test_a_phone_whose_rider_becomes_known_before_it_sends_again_sends_once(reports, at):
    phone, people = reports.phone(), [("王强", "17000000001")]
    first = reports.collect(phone, client_key="7b0f")
    write, vault = reports.make.database.write, reports.make.vault
    (rider_id,) = write(riders.recognise, vault, phone.district_id, people, at).values()
    again = reports.collect(replace(phone, rider_id=rider_id), client_key="7b0f")
    assert (again.report_id, again.is_new) == (first.report_id, False)


def test_the_department_that_a_missed_filing_reached_files_it(reports, at):
    made, department = reports.collect(), reports.world.who(reports.world.housing)
    reports.rounds(at + timedelta(minutes=15 + 30))
    write, now = reports.make.database.write, at + timedelta(hours=1)
    filed = write(triaging.file, reports.make.vault, RULES, department, made.report_id, Filing(), None, now, CALENDAR)
    assert filed.handler_id == reports.world.company.id
    arguments = (reports.make.vault, RULES, department, made.report_id, reports.world.street.id, "去那里。")
    with pytest.raises(NotAllowed):  # with that it is over: the rest is the community's again
        write(triaging.dispatch, *arguments, None, now, CALENDAR)


def test_a_check_that_is_late_reaches_who_may_check_and_not_the_street_that_did_it(reports, at):
    made, world = reports.collect(), reports.world
    reports.file(made.report_id, Filing(handler_id=world.street.id))
    reports.answer(made.report_id, world.who(world.street))
    reports.round(at + timedelta(minutes=720))
    with reports.make.database.reading() as session:
        (reached,) = session.scalars(select(ReportEscalation)).all()
    assert (reached.organisation_id, reached.rung) == (world.housing.id, 1)
    closed = reports.close(made.report_id, world.who(world.housing), at=at + timedelta(minutes=721))
    assert closed.status is ReportStatus.CLOSED


@pytest.mark.parametrize("act", ["take_up", "answer"])
def test_what_rests_may_be_settled_before_its_rest_is_over(reports, at, act):
    made, community = reports.collect(), reports.world.who(reports.world.community)
    reports.file(made.report_id)
    due_at, write = reports.take_up(made.report_id).due_at, reports.make.database.write
    ask_to_rest(reports, made.report_id, at + 9 * DAY)
    arguments = (reports.make.vault, RULES, community, made.report_id, "", None, at, CALENDAR)
    write(parking.answer_parking, *arguments, is_granted=True)
    with reports.make.database.reading() as session:
        may = report_view(session, reports.make.vault, RULES, reports.world.clerk, made.reference, at).may
    assert (may.take_up, may.answer, may.give_back, may.park) == (True, True, False, False)
    early = getattr(reports, act)(made.report_id, at=at + DAY)
    if act == "take_up":
        assert (early.status, early.due_at) == (ReportStatus.HANDLING, due_at + DAY)
    else:
        assert early.status is ReportStatus.ANSWERED


def test_what_comes_twice_at_the_same_moment_is_one_report_of_one_phone(any_reports, at):
    reports, secret = any_reports, new_secret()
    district_id, vault = reports.world.district.id, reports.make.vault

    def take(session):
        phone = ensure_phone(session, secret, district_id, "zh", at)
        reporter = Reporter(district_id, phone.phone_id, phone.rider_id)
        return collect(session, vault, RULES, reporter, reports.new(client_key="7b0f"), at, CALENDAR)

    taken = [one.result() for one in [reports.make.database.submit(take) for _ in range(6)]]
    assert len({one.report_id for one in taken}) == 1
    assert sorted(one.is_new for one in taken) == [False] * 5 + [True]
