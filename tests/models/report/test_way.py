"""The way of a report 采集 → 立案 → 派遣 → 处置 → 反馈 → 核查 → 结案: who may do what, what is told, what stands in the record."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models import record
from models.domain_event import DomainEvent, EventKind, unbooked
from models.errors import ChangedMeanwhile, NotAllowed, NotFound
from models.notice.tables import Letter, of_report
from models.officer import OnlyReads, Role
from models.report import checking, handling, news, parking, speaking, triaging
from models.report.collecting import EvidenceMissing, KeptPhoto, NothingSaid, TooManyPhotos
from models.report.handling import NotUnderWay
from models.report.places import PlaceMissing, PlaceUnknown
from models.report.recording import SUBJECT, ReasonMissing, WordsTooLong, entries, fold
from models.report.routing import NotATarget
from models.report.speaking import NothingToReopen, TooLateToReopen
from models.report.tables import Clock, Follower, Level, Report, ReportStatus, Satisfaction
from models.report.triaging import AlreadyTriaged, Filing, NoDeed, OnlyADeed
from wufang.make_reports import CALENDAR, RULES, teller

PHOTO = KeptPhoto("a" * 64, "b" * 64, 640, 480)


def kinds(reports, report_id):
    with reports.make.database.reading() as session:
        chain = entries(session, report_id)
        assert record.first_broken(chain, SUBJECT) is None
        assert fold(chain) is session.get_one(Report, report_id).status
        return [one.kind for one in chain]


def letters(reports, report_id):
    with reports.make.database.reading() as session:
        return [
            (one.letter, one.facts.get("way"), one.facts["organisation"]["en"]) for one in of_report(session, report_id)
        ]


def test_the_whole_way_is_one_chain_and_each_step_asks_the_next_one(any_reports, at):
    reports, phone = any_reports, any_reports.phone()
    made = reports.collect(phone)
    reports.file(made.report_id)
    reports.take_up(made.report_id)
    reports.answer(made.report_id, photos=(PHOTO,))
    closed = reports.close(made.report_id)
    assert kinds(reports, made.report_id) == ["reported", "filed", "dispatched", "taken_up", "answered", "closed"]
    assert (closed.status, closed.due_at, closed.wake_at, closed.late_at) == (ReportStatus.CLOSED, None, None, None)
    assert letters(reports, made.report_id) == [
        (Letter.REPORT_TASK, "file", "Xinxing"),
        (Letter.REPORT_TASK, "settle", "Hejia'an"),
        (Letter.REPORT_TASK, "check", "Xinxing"),
    ]


def test_what_a_bad_line_sends_twice_is_one_report(any_reports):
    phone = any_reports.phone()
    first = any_reports.collect(phone, client_key="7b0f")
    second = any_reports.collect(phone, client_key="7b0f")
    assert (second.report_id, first.is_new, second.is_new) == (first.report_id, True, False)
    other = any_reports.collect(any_reports.phone(), client_key="7b0f")
    assert other.report_id != first.report_id  # another phone may have the same key


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"words": "  "}, NothingSaid),
        ({"words": "x" * 1001}, WordsTooLong),
        ({"photos": (PHOTO,) * 7}, TooManyPhotos),
        ({"compound_id": None}, PlaceMissing),
        ({"category": "cleared-corridor"}, EvidenceMissing),
    ],
)
def test_what_is_no_report_is_refused_in_a_sentence(reports, changes, broken):
    with pytest.raises(broken):
        reports.collect(**changes)


def test_a_position_outside_the_district_is_refused_and_one_near_a_compound_is_in_it(reports):
    world = reports.world
    reports.make.tamper("update compound set latitude = 35.23, longitude = 113.25")
    reports.make.tamper("update organisation set latitude = 35.24, longitude = 113.25 where party = 'community'")
    near = reports.collect(compound_id=None, position=reports.position(north=100))
    between = reports.collect(compound_id=None, position=reports.position(north=600))
    assert reports.read(near.report_id).compound_id == world.compound.id
    assert reports.read(between.report_id).compound_id is None
    assert reports.read(between.report_id).community_id == world.community.id
    with pytest.raises(PlaceUnknown):
        reports.collect(compound_id=None, position=reports.position(north=90_000))


def test_the_table_routes_by_category_and_place(reports):
    world = reports.world
    cases = (
        ("fire-exit", world.compound.id, world.company),
        ("stray-dog", world.compound.id, world.community),
        ("food-safety", world.compound.id, world.market_supervision),
        ("lamp", None, world.street),
        ("fire-exit", None, world.community),
    )
    for category, compound_id, handler in cases:
        made = reports.collect(category=category, compound_id=compound_id, community_id=world.community.id)
        assert reports.file(made.report_id).handler_id == handler.id


def test_the_community_puts_category_and_level_right_and_chooses_another_handler(reports):
    made = reports.collect()
    filing = Filing("lamp", Level.HIGH, reports.world.housing.id, "请尽快。")
    filed = reports.file(made.report_id, filing)
    assert (filed.category, filed.level, filed.handler_id) == ("lamp", Level.HIGH, reports.world.housing.id)
    stranger = reports.make.neighbourhood().company
    other = reports.collect()
    with pytest.raises(NotATarget):
        reports.file(other.report_id, Filing(handler_id=stranger.id))


def test_strangers_do_not_see_it_and_readers_do_not_act(reports, at):
    made, world = reports.collect(), reports.world
    other = reports.make.neighbourhood()
    write, vault = reports.make.database.write, reports.make.vault
    arguments = (vault, RULES, other.who(other.community), made.report_id, Filing(), None, at, CALENDAR)
    with pytest.raises(NotFound):
        write(triaging.file, *arguments)
    reader = reports.make.identity(reports.make.officer(world.community, role=Role.READER))
    with pytest.raises(OnlyReads):
        write(triaging.file, vault, RULES, reader, made.report_id, Filing(), None, at, CALENDAR)
    with pytest.raises(NotFound):  # the company is not asked yet
        reports.take_up(made.report_id)


def test_two_who_file_at_once_file_once(reports, at):
    made = reports.collect()
    version = reports.read(made.report_id).version
    reports.file(made.report_id)
    who, write = reports.world.who(reports.world.community), reports.make.database.write
    with pytest.raises(ChangedMeanwhile):
        write(triaging.file, reports.make.vault, RULES, who, made.report_id, Filing(), version, at, CALENDAR)
    with pytest.raises(AlreadyTriaged):
        reports.file(made.report_id)


def test_nobody_checks_their_own_work(reports, at):
    made, world = reports.collect(category="stray-dog"), reports.world
    reports.file(made.report_id)
    community, street = world.who(world.community), world.who(world.street)
    reports.answer(made.report_id, community)
    with pytest.raises(NotAllowed):
        reports.close(made.report_id, community)
    assert letters(reports, made.report_id)[-1] == (Letter.REPORT_TASK, "check", "Dinghe Street")
    assert reports.close(made.report_id, street).status is ReportStatus.CLOSED


def test_not_ours_goes_back_with_a_reason_and_the_filing_time_runs_again(reports, at):
    made = reports.collect()
    reports.file(made.report_id)
    write, vault, clerk = reports.make.database.write, reports.make.vault, reports.world.clerk
    with pytest.raises(ReasonMissing):
        write(handling.give_back, vault, RULES, clerk, made.report_id, " ", None, at, CALENDAR)
    back = write(handling.give_back, vault, RULES, clerk, made.report_id, "属公共道路。", None, at, CALENDAR)
    assert (back.status, back.clock, back.handler_id) == (
        ReportStatus.FILED,
        Clock.TRIAGE,
        reports.world.community.id,
    )
    again = reports.file(made.report_id, Filing(handler_id=reports.world.street.id))
    assert again.status is ReportStatus.DISPATCHED
    assert kinds(reports, made.report_id)[-2:] == ["returned", "dispatched"]  # 立案 stands; it is not said twice


def test_sent_back_by_the_check_it_is_handled_again(reports, at):
    made = reports.collect()
    reports.file(made.report_id)
    reports.answer(made.report_id)
    who, write = reports.world.who(reports.world.community), reports.make.database.write
    back = write(checking.send_back, reports.make.vault, RULES, who, made.report_id, "还有一堆。", None, at, CALENDAR)
    assert (back.status, back.clock, back.settled_at) == (ReportStatus.HANDLING, Clock.SETTLE, None)
    with pytest.raises(NotUnderWay):
        reports.close(made.report_id)
    reports.answer(made.report_id)
    assert reports.close(made.report_id).status is ReportStatus.CLOSED


def test_parked_with_consent_its_time_stands_still_and_goes_on_afterwards(reports, at):
    made = reports.collect()
    reports.file(made.report_id)
    taken = reports.take_up(made.report_id)  # urgent: 240 minutes to settle
    assert taken.due_at == at + timedelta(minutes=240)
    write, vault, world = reports.make.database.write, reports.make.vault, reports.world
    hour, until = at + timedelta(hours=1), at + timedelta(days=3)
    write(parking.ask_to_park, vault, RULES, world.clerk, made.report_id, "等配件。", until, None, hour)
    with pytest.raises(parking.CannotPark):
        write(parking.ask_to_park, vault, RULES, world.clerk, made.report_id, "等配件。", until, None, hour)
    with pytest.raises(NotAllowed):
        write(
            parking.answer_parking, vault, RULES, world.clerk, made.report_id, "", None, hour, CALENDAR, is_granted=True
        )
    community = world.who(world.community)
    parked = write(
        parking.answer_parking, vault, RULES, community, made.report_id, "", None, hour, CALENDAR, is_granted=True
    )
    assert (parked.status, parked.clock, parked.due_at) == (ReportStatus.PARKED, Clock.PARKED, until)
    reports.round(until)
    resumed = reports.read(made.report_id)
    assert (resumed.status, resumed.due_at) == (ReportStatus.HANDLING, until + timedelta(minutes=180))
    assert resumed.late_at is None


def test_a_refused_parking_leaves_the_deadline_and_a_report_that_moves_on_forgets_the_request(reports, at):
    made = reports.collect()
    reports.file(made.report_id)
    due_at = reports.take_up(made.report_id).due_at
    write, vault, world = reports.make.database.write, reports.make.vault, reports.world
    ask = (parking.ask_to_park, vault, RULES, world.clerk, made.report_id, "等配件。")
    write(*ask, at + timedelta(days=2), None, at)
    with pytest.raises(ReasonMissing):
        write(
            parking.answer_parking,
            vault,
            RULES,
            world.who(world.community),
            made.report_id,
            "",
            None,
            at,
            CALENDAR,
            is_granted=False,
        )
    refused = write(
        parking.answer_parking,
        vault,
        RULES,
        world.who(world.community),
        made.report_id,
        "今天必须清。",
        None,
        at,
        CALENDAR,
        is_granted=False,
    )
    assert (refused.status, refused.due_at) == (ReportStatus.HANDLING, due_at)
    write(*ask, at + timedelta(days=2), None, at)
    reports.answer(made.report_id)
    with reports.make.database.reading() as session:
        assert parking.open_request(session, made.report_id) is None


@pytest.mark.parametrize("days", [0, 181])
def test_nothing_rests_in_the_past_or_for_ever(reports, at, days):
    made = reports.collect()
    reports.file(made.report_id)
    reports.take_up(made.report_id)
    until = at + timedelta(days=days)
    arguments = (reports.make.vault, RULES, reports.world.clerk, made.report_id, "等。", until, None, at)
    with pytest.raises(parking.ParkedTooLong):
        reports.make.database.write(parking.ask_to_park, *arguments)


def test_the_reporter_says_whether_they_are_satisfied_and_has_it_reopened_within_the_time(reports, at):
    phone = reports.phone()
    made = reports.closed(phone)
    write, vault = reports.make.database.write, reports.make.vault
    write(speaking.rate, vault, teller(phone), made.report_id, Satisfaction.NOT_SATISFIED, "", at)
    day = timedelta(days=1)
    arguments = (vault, RULES, teller(phone), made.report_id, "又堵上了。")
    with pytest.raises(TooLateToReopen):
        write(speaking.reopen, *arguments, at + 7 * day, CALENDAR)
    again = write(speaking.reopen, *arguments, at + 7 * day - timedelta(seconds=1), CALENDAR)
    assert (again.status, again.reopened, again.satisfaction) == (ReportStatus.DISPATCHED, 1, None)
    assert again.handler_id == reports.world.company.id
    with pytest.raises(NothingToReopen):
        write(speaking.reopen, *arguments, at + day, CALENDAR)


def test_another_phone_may_neither_read_nor_rate_nor_take_back(reports, at):
    made, stranger = reports.closed(reports.phone()), reports.phone()
    write, vault = reports.make.database.write, reports.make.vault
    with pytest.raises(NotFound):
        write(speaking.rate, vault, teller(stranger), made.report_id, Satisfaction.SATISFIED, "", at)
    with pytest.raises(NotFound):
        write(speaking.withdraw, vault, teller(stranger), made.report_id, "误报", at)


def test_taken_back_only_before_anybody_looked(reports, at):
    phone = reports.phone()
    write, vault = reports.make.database.write, reports.make.vault
    early, late = reports.collect(phone), reports.collect(phone)
    reports.file(late.report_id)
    gone = write(speaking.withdraw, vault, teller(phone), early.report_id, "看错了。", at)
    assert (gone.status, gone.due_at) == (ReportStatus.WITHDRAWN, None)
    with pytest.raises(NotUnderWay):
        write(speaking.withdraw, vault, teller(phone), late.report_id, "看错了。", at)


def test_declined_the_reporter_may_object_once_more(reports, at):
    phone, world = reports.phone(), reports.world
    made = reports.collect(phone)
    write, vault = reports.make.database.write, reports.make.vault
    write(triaging.decline, vault, world.who(world.community), made.report_id, "不在辖区。", None, at)
    again = write(speaking.reopen, vault, RULES, teller(phone), made.report_id, "就在二号门。", at, CALENDAR)
    assert (again.status, again.clock) == (ReportStatus.COLLECTED, Clock.TRIAGE)


def test_a_settled_report_raises_one_event_however_often_it_is_settled(reports, at):
    phone = reports.phone()
    made = reports.closed(phone)
    write, vault = reports.make.database.write, reports.make.vault
    write(speaking.reopen, vault, RULES, teller(phone), made.report_id, "又堵了。", at, CALENDAR)
    reports.answer(made.report_id)
    reports.close(made.report_id)
    with reports.make.database.reading() as session:
        (event,) = unbooked(session, EventKind.REPORT_CONFIRMED)
        assert session.scalar(select(func.count()).select_from(DomainEvent)) == 1
    assert event.body["report"] == made.reference
    assert event.body["deed"] == "report"


def test_a_deed_is_confirmed_by_its_evidence_and_credited_not_dispatched(reports, at):
    made, world = reports.collect(category="cleared-corridor", photos=(PHOTO,)), reports.world
    with pytest.raises(OnlyADeed):
        reports.file(made.report_id)
    who, write = world.who(world.community), reports.make.database.write
    confirmed = write(triaging.confirm_deed, RULES, who, made.report_id, None, at)
    assert confirmed.status is ReportStatus.CLOSED
    with reports.make.database.reading() as session:
        (event,) = unbooked(session, EventKind.REPORT_CONFIRMED)
    assert event.body["deed"] == "clear"
    report = reports.collect()
    with pytest.raises(NoDeed):
        write(triaging.confirm_deed, RULES, who, report.report_id, None, at)


def test_every_step_is_news_to_those_who_follow_until_they_look(reports, at):
    phone = reports.phone()
    made = reports.collect(phone)
    with reports.make.database.reading() as session:
        assert news.count_unseen(session, phone.phone_id, None) == 0
    reports.file(made.report_id)
    with reports.make.database.reading() as session:
        follower = session.scalars(select(Follower)).one()
        assert session.get_one(Report, made.report_id).told - follower.seen == 2  # filed, sent on
        assert news.count_unseen(session, phone.phone_id, None) == 1
    reports.make.database.write(news.mark_seen, made.report_id, phone.phone_id, None)
    with reports.make.database.reading() as session:
        assert news.count_unseen(session, phone.phone_id, None) == 0
