"""Corners of a report's way that everyday ones do not touch: acts that cross, that come twice, that come to somebody else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models import rider as riders
from models.report import checking, handling, merging, parking, speaking
from models.report.collecting import KeptPhoto
from models.report.speaking import OthersReportedIt
from models.report.tables import Level, PhotoMoment, ReportStatus
from models.report.triaging import Filing
from models.views.report_view import my_report, photos_of
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
        with pytest.raises(OthersReportedIt):
            arguments = (reports.make.vault, teller(phone), first.report_id, "看错了。", at)
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
