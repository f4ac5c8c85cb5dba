"""Figures of organisations: each seat counts once, for the organisation that had to answer; in one query."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, update

from models.consultation.handing import transfer_to_organisation
from models.consultation.opinions import Draft
from models.consultation.tables import OpinionKind, Seat, SigningPlace
from models.consultation.taking_back import take_back
from models.protocol.schema import Answering, Escalation, Lapse, LapseWay, Level, Party, SeatRule
from models.views.statistics import Figures, Order, Period, PeriodWrong, statistics
from models.working_time import Span
from tests.models.consultation.conftest import Desk

AT_ONCE, A_DAY = Span(working_minutes=0), Span(working_days=1)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
HOUR = timedelta(hours=1)
NONE = {"asked": 0, "answered": 0, "in_time": 0, "late": 0, "escalated": 0, "deemed": 0, "open": 0}


@pytest.fixture
def desk(any_make, at):
    return Desk(any_make, at)


def read(desk, who=None, period=NOVEMBER, **more):
    with desk.database.reading() as session:
        return statistics(session, who or desk.who(desk.world.lead), period, **more)


def figures(desk, organisation, period=NOVEMBER):
    """The figures of one organisation; all noughts where it was not asked."""
    found = {one.organisation_id: one for one in read(desk, period=period)}.get(organisation.id)
    return {name: getattr(found, name) for name in NONE} if found else NONE


def counts(**said):
    return NONE | said


def median(desk, organisation):
    return {one.organisation_id: one.median_minutes for one in read(desk)}[organisation.id]


def test_in_time_late_and_still_open(desk):
    desk.consult(escalations=())
    desk.say(desk.world.community, at=desk.at + HOUR)
    desk.rounds(desk.stage.due_at)
    desk.say(desk.world.council, at=desk.stage.due_at + 15 * HOUR)
    assert figures(desk, desk.world.community) == counts(asked=1, answered=1, in_time=1)
    assert figures(desk, desk.world.council) == counts(asked=1, answered=1, late=1)
    assert figures(desk, desk.world.street) == counts(asked=1, late=1, open=1)
    assert (median(desk, desk.world.community), median(desk, desk.world.street)) == (60, None)
    assert {one.organisation_id: one.share_in_time for one in read(desk)}[desk.world.community.id] == 100


def test_what_is_escalated_counts_for_the_late_and_the_answer_for_the_superior(desk):
    desk.consult(seats=(SeatRule(Party.COMMUNITY),))
    desk.rounds(desk.stage.due_at)
    desk.say(desk.world.street, at=desk.stage.due_at)
    assert figures(desk, desk.world.community) == counts(asked=1, late=1, escalated=1)
    assert figures(desk, desk.world.street) == counts(asked=1, answered=1, in_time=1)


def test_a_superior_alongside_whom_the_late_one_answered_is_neither_late_nor_open(desk):
    ladder = (Escalation(AT_ONCE, Level.SUPERIOR, Answering.ALONGSIDE),)
    desk.consult(seats=(SeatRule(Party.COMMUNITY), SeatRule(Party.STREET)), escalations=ladder)
    desk.rounds(desk.stage.due_at)
    desk.say(desk.world.community, at=desk.stage.due_at)
    assert figures(desk, desk.world.community) == counts(asked=1, answered=1, late=1, escalated=1)
    # the street's own seat is late; the one alongside the community was asked and freed
    assert figures(desk, desk.world.street) == counts(asked=2, late=1, escalated=1, open=1)


def test_silence_that_is_taken_for_an_answer_is_no_answer(desk):
    desk.consult(seats=(SeatRule(Party.COMMUNITY),), escalations=(), lapse=Lapse(AT_ONCE, LapseWay.CONSENT))
    desk.rounds(desk.stage.due_at)
    assert figures(desk, desk.world.community) == counts(asked=1, late=1, deemed=1)


def test_a_transferred_seat_was_asked_of_both(desk):
    other = desk.make.neighbourhood()
    desk.consult()
    desk.do(transfer_to_organisation, desk.world.community, other.community.id, "请代办")
    assert figures(desk, desk.world.community) == counts(asked=1)
    assert figures(desk, other.community) == counts(asked=1, open=1)


def test_an_added_signer_counts_when_it_is_asked_and_who_waits_for_it_goes_on(desk):
    desk.consult()
    desk.add(desk.world.community, desk.world.housing, SigningPlace.BEFORE)
    desk.add(desk.world.council, desk.world.market_supervision, SigningPlace.AFTER)
    assert figures(desk, desk.world.market_supervision) == NONE
    assert figures(desk, desk.world.housing) == counts(asked=1, open=1)
    desk.say(desk.world.housing, at=desk.at + HOUR)
    desk.say(desk.world.community, at=desk.at + 2 * HOUR)
    assert median(desk, desk.world.community) == 120  # from its first asking: to hear somebody buys no time
    desk.say(desk.world.council, at=desk.at + HOUR)
    assert figures(desk, desk.world.market_supervision) == counts(asked=1, open=1)


def test_the_first_answer_counts_and_one_that_is_taken_back_does_not(desk):
    desk.consult()
    desk.say(desk.world.community, at=desk.at + HOUR)
    desk.say(desk.world.community, Draft(OpinionKind.ABSTAIN), at=desk.stage.due_at + HOUR)
    assert figures(desk, desk.world.community) == counts(asked=1, answered=1, in_time=1)
    desk.say(desk.world.council, at=desk.at + HOUR)
    desk.do(take_back, desk.world.council)
    assert figures(desk, desk.world.council) == counts(asked=1, open=1)
    desk.say(desk.world.council, at=desk.at + 2 * HOUR)
    assert median(desk, desk.world.council) == 120


def test_a_declaration_by_filing_was_never_asked(desk):
    filed = desk.make.filing(desk.world.clerk, [desk.world.compound])
    desk.make.open(filed.matter_id)
    assert figures(desk, desk.world.company) == NONE
    assert figures(desk, desk.world.community) == counts(asked=1, open=1)


@pytest.mark.parametrize(
    ("minutes", "middle"),
    [([], None), ([7], 7), ([9, 1], 5), ([30, 10, 20], 20), ([4, 1, 2, 3], 2), ([5, 5, 5, 90], 5)],
)
def test_the_median_is_the_middle_of_the_answers(desk, minutes, middle):
    desk.consult()
    seat = desk.seat(desk.world.community)
    desk.make.keep(
        *(
            Seat(
                stage_id=seat.stage_id,
                matter_id=seat.matter_id,
                organisation_id=desk.world.market_supervision.id,
                party=Party.DEPARTMENT,
                turn=0,
                stands_for_id=one.id,
                due_at=seat.due_at,
                asked_at=desk.at,
                answered_minutes=value,
            )
            for value, one in zip([*minutes, None], _anchors(desk, seat, len(minutes) + 1), strict=True)
        )
    )
    assert median(desk, desk.world.market_supervision) == middle


def _anchors(desk, seat, count):
    """Seats for others to stand for, of nobody who is counted."""
    made = [
        Seat(
            stage_id=seat.stage_id,
            matter_id=seat.matter_id,
            organisation_id=desk.world.housing.id,
            party=Party.DEPARTMENT,
            turn=0,
            stands_for_id=seat.id if number == 0 else None,
            due_at=seat.due_at,
        )
        for number in range(count)
    ]
    for before, after in pairwise(made):
        desk.make.keep(before)
        after.stands_for_id = before.id
    desk.make.keep(made[-1])
    return made


def test_a_period_has_whole_days_in_shanghai(desk):
    desk.consult()  # on Monday 23 November at 9 o'clock
    for first, last, asked in ((23, 23, 1), (22, 22, 0), (24, 30, 0), (1, 23, 1)):
        period = Period(date(2026, 11, first), date(2026, 11, last))
        assert figures(desk, desk.world.community, period)["asked"] == asked
    midnight = NOVEMBER.begins_at
    asked_from(desk, midnight)
    assert figures(desk, desk.world.community)["asked"] == 1
    asked_from(desk, midnight - timedelta(microseconds=1))
    assert figures(desk, desk.world.community)["asked"] == 0


def asked_from(desk, at):
    """As if everybody had been asked at that instant."""
    desk.database.write(lambda session: session.execute(update(Seat).values(asked_at=at)) and None)


def test_who_sees_whose_figures(desk):
    other = desk.make.neighbourhood()
    filed = desk.make.filing(other.clerk, [other.compound])
    desk.make.open(filed.matter_id)
    desk.consult()
    world = desk.world

    def seen(organisation, **changes):
        who = replace(desk.make.identity(other.officers[organisation.id]), **changes)
        return {one.organisation_id for one in read(desk, who)}

    ours, theirs = {world.community.id, world.council.id, world.street.id}, {other.community.id, other.council.id}
    assert seen(world.lead) == ours | theirs
    assert seen(world.company, is_administrator=True) == ours | theirs
    assert seen(world.street) == ours
    assert seen(world.community) == {world.community.id}
    assert seen(world.council) == {world.council.id}
    assert seen(world.housing) == set()


def test_the_figures_are_sorted_from_the_highest_down_and_narrowed_by_party(desk):
    desk.consult(escalations=())
    desk.say(desk.world.council, at=desk.at + HOUR)
    desk.say(desk.world.street, at=desk.at + 2 * HOUR)
    names = [one.organisation_id for one in read(desk, order=Order.MEDIAN)]
    assert names == [desk.world.street.id, desk.world.council.id, desk.world.community.id]
    desk.rounds(desk.stage.due_at)
    assert read(desk, order=Order.LATE)[0].organisation_id == desk.world.community.id
    assert [one.party for one in read(desk, party=Party.STREET)] == [Party.STREET]
    for order in Order:
        assert len(read(desk, order=order)) == 3


@pytest.mark.parametrize("count", [1, 6])
def test_one_query_gives_the_figures_of_however_many(desk, count):
    for number in range(count):
        filed = desk.make.filing(desk.world.clerk, [desk.world.compound], seed=number)
        desk.make.open(filed.matter_id)
    said = []

    def hear(_connection, _cursor, statement, *_rest):
        said.append(statement)

    who = desk.who(desk.world.lead)
    with desk.database.reading() as session:
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", hear)
        rows = statistics(session, who, NOVEMBER)
        event.remove(engine, "before_cursor_execute", hear)
    assert {one.asked for one in rows} == {count}
    assert len([one for one in said if "FROM" in one.upper()]) == 2  # one for the right to see, one for the figures


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 11, 2), date(2026, 11, 1)),
        (date(2020, 1, 1), date(2026, 1, 1)),
        (date(1, 1, 1), date(1, 1, 2)),
        (date(9999, 12, 30), date(9999, 12, 31)),
    ],
)
def test_a_period_that_is_none_is_refused(first, last):
    with pytest.raises(PeriodWrong):
        Period(first, last)


@given(st.dates(date(2001, 1, 1), date(2150, 1, 1)))
def test_months_and_quarters_hold_their_day_and_touch_each_other(day):
    for period_of in (Period.month, Period.quarter, Period.year):
        period = period_of(day)
        assert period.first <= day <= period.last
        assert period.first.day == 1
        following = period_of(period.last + timedelta(days=1))
        assert following.first == period.last + timedelta(days=1)


def test_a_share_is_of_what_was_due():
    row = Figures(None, None, None, 9, 3, 2, 1, 0, 0, 6, None)
    assert row.share_in_time == 67
    assert replace(row, in_time=0, late=0).share_in_time is None
