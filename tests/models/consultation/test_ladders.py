"""The ladder to its ends: two clocks, superiors in stead and alongside, the line up to where it stops, and lateness."""

from datetime import timedelta

import pytest

from models.calendars import district_calendar
from models.consultation.ladder import Rung, RungKind
from models.consultation.opinions import AnsweredInYourStead, Draft, NoLongerAsked
from models.consultation.tables import OpinionKind, SeatStatus, StageOutcome
from models.consultation.taking_back import take_back
from models.matter import MatterStatus, Reader
from models.protocol.schema import (
    Answering,
    Decision,
    Escalation,
    Lapse,
    LapseWay,
    Level,
    Mode,
    Party,
    Reminder,
    Rule,
    SeatRule,
    UnseenAct,
)
from models.working_time import Span

AT_ONCE, A_DAY_LATER, LATER = Span(working_minutes=0), Span(working_days=1), Span(working_minutes=120)
OBJECT = Draft(OpinionKind.OBJECT, reason="消防通道")
COMMUNITY = (SeatRule(Party.COMMUNITY),)


def rungs(*levels, answering=Answering.IN_STEAD):
    """Escalations, the first at the deadline and each an hour after the one before."""
    return tuple(Escalation(Span(working_minutes=60 * n), one, answering) for n, one in enumerate(levels))


def test_the_line_goes_up_level_by_level_and_stops_at_the_lead_department(desk):
    ladder, end = rungs(*[Level.SUPERIOR] * 4), Lapse(Span(working_days=3), LapseWay.ESCALATE)
    desk.consult(seats=COMMUNITY, escalations=ladder, lapse=end)
    asked = []
    for index in range(4):
        rung = [Rung.of(one) for one in desk.stage.ladder if one["kind"] == "escalate"][index]
        desk.rounds(rung.at)
        asked.append(desk.asked())
    assert asked == [{"street"}, {"department"}, {"department"}, {"department"}]
    assert desk.asked_one().organisation_id == desk.world.lead.id
    assert desk.kinds().count("escalated") == 2
    assert desk.chain()[-1].body.get("late") is True  # above the lead department there is nobody: it is reminded
    desk.say(desk.world.lead, at=desk.matter.wake_at)
    assert desk.matter.status is MatterStatus.DECIDED
    desk.check()


def test_in_stead_the_superior_answers_to_the_end_and_the_late_one_no_more(desk):
    desk.consult(seats=COMMUNITY, escalations=rungs(Level.SUPERIOR))
    late_at = desk.stage.due_at
    desk.rounds(late_at)
    with pytest.raises(AnsweredInYourStead):
        desk.say(desk.world.community, at=late_at)
    desk.say(desk.world.street, at=late_at + timedelta(minutes=5))
    assert desk.stage.outcome is StageOutcome.AGREED
    late, above = sorted(desk.seats(), key=lambda one: one.stands_for_id is not None)
    assert (late.status, above.status) == (SeatStatus.CLOSED, SeatStatus.ANSWERED)
    assert (late.late_at, late.escalated_at, late.answered_minutes) == (late_at, late_at, None)
    assert (above.asked_at, above.late_at, above.answered_minutes) == (late_at, None, 0)  # after closing time


@pytest.fixture
def alongside(desk):
    """A community and its street are both asked, the deadline having passed; a council's answer is still missing."""
    seats = (SeatRule(Party.COMMUNITY), SeatRule(Party.COUNCIL))
    ladder = rungs(Level.SUPERIOR, Level.SUPERIOR, answering=Answering.ALONGSIDE)
    desk.consult(
        seats=seats, decision=Decision(Rule.ALL), escalations=ladder, lapse=Lapse(A_DAY_LATER, LapseWay.REFUSAL)
    )
    desk.late = desk.stage.due_at
    desk.rounds(desk.late)
    return desk


def test_alongside_the_late_ones_answer_frees_its_superior(alongside):
    desk, world = alongside, alongside.world
    assert desk.status(world.community) is desk.status(world.street) is SeatStatus.ASKED
    desk.say(world.community, at=desk.late)
    assert desk.status(world.street) is SeatStatus.REMOVED
    assert "released" in desk.kinds()
    assert desk.got(world.street)[-1] == "released"
    with pytest.raises(NoLongerAsked):
        desk.say(world.street, at=desk.late)
    desk.rounds(desk.matter.wake_at)  # the next rung asks for the council's seat only
    standing = [one for one in desk.seats() if one.stands_for_id and one.status is SeatStatus.ASKED]
    assert {desk.place_of(one) for one in standing} == {world.council.id}
    assert not any(
        one.organisation_id == world.lead.id for one in desk.seats() if desk.place_of(one) == world.community.id
    )


def test_alongside_the_superiors_answer_frees_the_late_one(alongside):
    desk, world = alongside, alongside.world
    desk.say(world.street, at=desk.late)
    assert desk.status(world.community) is SeatStatus.ESCALATED
    assert desk.got(world.community)[-1] == "released"
    with pytest.raises(AnsweredInYourStead):
        desk.say(world.community, at=desk.late)


def test_what_the_late_one_takes_back_its_superior_is_asked_for_again(alongside):
    desk, world = alongside, alongside.world
    desk.say(world.community, at=desk.late)
    desk.do(take_back, world.community, at=desk.late)
    assert desk.status(world.community) is desk.status(world.street) is SeatStatus.ASKED
    desk.say(world.street, OBJECT, at=desk.late)
    assert desk.stage.outcome is StageOutcome.RETURNED  # all must agree: the first answer of a place decides it
    desk.check()


def test_of_a_place_that_several_answer_for_the_highest_rises(alongside):
    desk, world = alongside, alongside.world
    desk.rounds(desk.matter.wake_at)
    above = {desk.place_of(one): one for one in desk.seats() if one.organisation_id == world.lead.id}
    assert above[world.community.id].stands_for_id == desk.seat_of(world.street, world.community).id
    lead = [one for one in desk.seats() if one.organisation_id == world.lead.id]
    assert len(lead) == 1  # the council's superior is the community, and the lead stands in for the community once


def test_silence_of_a_place_is_deemed_once(lone_desk):
    desk = lone_desk
    ladder = rungs(Level.SUPERIOR, answering=Answering.ALONGSIDE)
    desk.consult(seats=COMMUNITY, escalations=ladder, lapse=Lapse(LATER, LapseWay.CONSENT))
    desk.rounds(desk.stage.due_at)
    desk.rounds(desk.matter.wake_at)
    assert desk.kinds().count("deemed") == 1
    community = desk.seat(desk.world.community)
    assert (community.answer, community.answered_minutes) == (OpinionKind.AGREE, None)


def test_a_round_that_slept_does_not_call_a_superior_late_that_it_has_just_asked(lone_desk):
    desk = lone_desk
    desk.consult(seats=COMMUNITY, escalations=rungs(Level.SUPERIOR, Level.DISTRICT))
    at = desk.stage.due_at + timedelta(days=10)
    desk.rounds(at)
    assert desk.asked() == {"street"}
    assert desk.seat(desk.world.street).due_at == district_calendar().after(at, A_DAY_LATER)
    while desk.asked() == {"street"}:
        desk.rounds(desk.matter.wake_at)
    assert desk.asked_one().organisation_id == desk.world.lead.id
    assert desk.seat(desk.world.street).escalated_at > desk.seat(desk.world.street).due_at


def test_those_who_are_late_are_urged_as_the_working_day_after_begins(desk):
    desk.consult(seats=COMMUNITY, escalations=(), lapse=Lapse(AT_ONCE, LapseWay.ESCALATE))
    due_at = desk.stage.due_at  # Wednesday at closing time
    desk.rounds(due_at)
    urged = []
    for _ in range(3):
        at = desk.matter.wake_at
        desk.rounds(at)
        urged.append((at - due_at, desk.kinds()[-1]))
    night, day = timedelta(hours=14, minutes=30), timedelta(days=1)
    assert urged == [(night, "urged"), (night + day, "urged"), (night + 4 * day, "urged")]  # the third on a Monday
    assert desk.got(desk.world.lead).count("reminder") == 3


@pytest.mark.parametrize(
    ("unseen", "letters", "street_reads"),
    [
        ({UnseenAct.REMIND}, {"community": 1, "street": 0}, False),
        ({UnseenAct.INFORM}, {"community": 0, "street": 1}, True),
        (set(UnseenAct), {"community": 1, "street": 1}, True),
    ],
)
def test_the_clock_of_looking_reminds_or_informs_the_superior(lone_desk, unseen, letters, street_reads):
    desk, world = lone_desk, lone_desk.world
    desk.consult(seats=COMMUNITY, look_within=LATER, reminders=(), unseen=frozenset(unseen))
    desk.rounds(district_calendar().after(desk.at, LATER))
    assert desk.got(world.community).count("reminder") == letters["community"]
    assert desk.got(world.street).count("unseen") == letters["street"]
    with desk.database.reading() as session:
        readers = {one.organisation_id for one in session.query(Reader).filter_by(matter_id=desk.matter_id)}
    assert (world.street.id in readers) is street_reads
    assert desk.asked() == {"community"}  # nothing is asked of the superior before the deadline
    assert desk.matter.late_since is None


def test_above_the_lead_department_nobody_is_informed(lone_desk):
    desk = lone_desk
    lead = (SeatRule(Party.DEPARTMENT, "social_work"),)
    desk.consult(seats=lead, look_within=LATER, reminders=(), unseen=frozenset({UnseenAct.INFORM}))
    desk.rounds(district_calendar().after(desk.at, LATER))
    assert "informed" not in desk.kinds()


def test_a_matter_is_late_from_the_deadline_on_and_stays_so(desk):
    desk.consult(2, seats=COMMUNITY, escalations=(), lapse=Lapse(A_DAY_LATER, LapseWay.ESCALATE))
    first = desk.stage.due_at
    desk.rounds(first - timedelta(minutes=1))
    assert desk.matter.late_since is None
    assert RungKind.LATE in [Rung.of(one).kind for one in desk.stage.ladder]  # nothing else happens at this deadline
    desk.rounds(first)
    assert desk.matter.late_since == first
    assert desk.seat(desk.world.community).late_at == first
    desk.say(desk.world.community, at=first + timedelta(days=1))
    desk.rounds(first + timedelta(days=1))
    assert desk.stage.key == "stage_2"
    desk.say(desk.world.community, at=first + timedelta(days=1))
    desk.rounds(first + timedelta(days=1))
    assert desk.matter.status is MatterStatus.AGREED
    assert desk.matter.late_since == first
    with desk.database.reading() as session:
        (said, _) = desk.parties(session)
    assert said["late"]


def test_an_answer_after_the_deadline_settles_late_though_no_round_has_come_by(desk):
    desk.consult(seats=COMMUNITY)
    due_at = desk.stage.due_at
    desk.say(desk.world.community, at=due_at)
    assert desk.stage.outcome is StageOutcome.AGREED
    assert (desk.matter.late_since, desk.seat(desk.world.community).late_at) == (due_at, due_at)


def test_in_turn_a_late_turn_makes_the_matter_late_though_the_next_one_is_in_time(lone_desk):
    desk = lone_desk
    desk.consult(mode=Mode.IN_TURN)
    due_at = desk.stage.due_at
    desk.say(desk.world.community, at=due_at + timedelta(minutes=1))
    assert desk.matter.late_since == due_at
    desk.rounds(due_at + timedelta(minutes=1))
    assert desk.stage.due_at > due_at


def test_a_deadline_that_the_protocol_itself_extends_in_time_makes_nobody_late(lone_desk):
    desk = lone_desk
    desk.consult(seats=COMMUNITY, escalations=(), lapse=Lapse(AT_ONCE, LapseWay.EXTEND))
    desk.rounds(desk.stage.due_at)
    assert desk.stage.is_extended
    assert desk.matter.late_since is None
    assert desk.seat(desk.world.community).late_at is None
    desk.rounds(desk.stage.due_at)
    assert desk.matter.late_since == desk.stage.due_at


def test_who_answered_in_time_and_changes_its_mind_after_the_deadline_was_not_late(desk):
    desk.consult()
    due_at = desk.stage.due_at
    desk.say(desk.world.community, at=desk.at + timedelta(hours=1))
    desk.say(desk.world.community, Draft(OpinionKind.ABSTAIN), at=due_at + timedelta(hours=1))
    seat = desk.seat(desk.world.community)
    assert (seat.answer, seat.late_at, seat.answered_minutes) == (OpinionKind.ABSTAIN, None, 60)


def test_reminders_go_out_at_a_share_of_the_working_time_and_so_long_before_the_deadline(lone_desk):
    desk = lone_desk
    desk.consult(
        seats=COMMUNITY,
        look_within=None,
        deadline=Span(working_days=2),
        reminders=(Reminder(before=Span(working_minutes=120)), Reminder(share=0.5)),
    )
    sent = []
    while desk.matter.wake_at < desk.stage.due_at:
        sent.append(desk.matter.wake_at)
        desk.rounds(sent[-1])
    whole = district_calendar().working_minutes_between(desk.at, desk.stage.due_at)
    passed = [district_calendar().working_minutes_between(desk.at, one) for one in sent]
    assert passed == [whole // 2, whole - 120]  # in order of time, whatever the protocol's order
    assert desk.got(desk.world.community).count("reminder") == 2
    assert desk.kinds().count("reminded") == 2


def test_the_district_is_asked_once_for_a_place_that_two_may_answer_for(lone_desk):
    desk = lone_desk
    ladder = rungs(Level.SUPERIOR, Level.DISTRICT, answering=Answering.ALONGSIDE)
    desk.consult(seats=COMMUNITY, escalations=ladder)
    desk.rounds(desk.stage.due_at)
    desk.rounds(desk.matter.wake_at)
    (lead,) = [one for one in desk.seats() if one.organisation_id == desk.world.lead.id]
    assert lead.stands_for_id == desk.seat(desk.world.street).id
    desk.say(desk.world.community, at=desk.matter.wake_at)
    assert desk.stage.outcome is StageOutcome.AGREED
