"""Signers added before, beside and after a seat, and removed again, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.consultation.acting import AnsweredAlready, HeardOnly, NotInProtocol
from models.consultation.adding import (
    NoSuchSigner,
    NotAdded,
    OnlyBefore,
    SignerAnswered,
    SitsAlready,
    add_signer,
    remove_signer,
)
from models.consultation.opinions import Draft, LineException, NoLongerAsked, NotAskedYet, StageSettled
from models.consultation.tables import OpinionKind, SeatStatus, SigningPlace
from models.errors import ChangedMeanwhile, NotAllowed, NotFound
from models.matter import MatterStatus, Result
from models.officer import OnlyReads, Role
from models.protocol.schema import Decision, Lapse, LapseWay, Mode, ObjectionWay, Rule, StageAct
from models.working_time import Span

BEFORE, BESIDE, AFTER = SigningPlace
OBJECT = Draft(OpinionKind.OBJECT, reason="通道太窄")


def test_one_added_before_is_heard_first_and_decides_nothing(desk):
    world = desk.consult(objection=ObjectionWay.REFUSE).world
    before = desk.seat(world.street).version
    acted = desk.add(world.street, world.housing, BEFORE)
    assert acted.seat_version == before + 1
    assert desk.status(world.street) is SeatStatus.WAITING
    assert desk.got(world.housing) == ["invitation"]
    with pytest.raises(NotAskedYet):
        desk.say(world.street)
    desk.say(world.housing, OBJECT)
    assert desk.matter.status is MatterStatus.CONSULTING
    assert desk.status(world.street) is SeatStatus.ASKED
    assert desk.got(world.street) == ["invitation", "invitation"]
    for organisation in (world.community, world.council, world.street):
        desk.say(organisation)
    assert desk.matter.result is Result.AGREED
    desk.check()


def test_a_second_signer_before_is_waited_for_as_well(desk):
    world = desk.consult().world
    desk.add(world.street, world.housing, BEFORE)
    desk.add(world.street, world.market_supervision, BEFORE)
    desk.say(world.housing)
    assert desk.status(world.street) is SeatStatus.WAITING
    desk.say(world.market_supervision)
    assert desk.status(world.street) is SeatStatus.ASKED


def test_lines_that_only_a_heard_signer_excepts_stay(desk):
    world = desk.consult().world
    desk.add(world.street, world.housing, BEFORE)
    desk.say(world.housing, Draft(OpinionKind.AGREE, exceptions=(LineException(1, "无牌"),)))
    desk.say(world.community)
    desk.say(world.council, Draft(OpinionKind.AGREE, exceptions=(LineException(2, "投诉"),)))
    desk.say(world.street)
    assert list(desk.consultation.lines_out) == ["2"]


@pytest.mark.parametrize("late", [False, True])
def test_one_added_before_is_waited_for_until_the_deadline_only(desk, late):
    world = desk.consult().world
    due_at = desk.stage.due_at
    if late:
        desk.add(world.street, world.housing, BEFORE, at=due_at)
        assert desk.asked() == {"community", "council", "street", "department"}
    else:
        desk.add(world.street, world.housing, BEFORE)
    desk.rounds(due_at)
    # All were late: the superiors answer in their stead, the one who is only heard may still be heard.
    assert desk.status(world.street) is SeatStatus.ESCALATED
    assert desk.status(world.housing) is SeatStatus.ASKED
    lead = desk.seat(world.lead)
    assert lead.stands_for_id == desk.seat(world.street).id
    assert not [one for one in desk.seats() if one.stands_for_id == desk.seat(world.housing).id]
    for seat in desk.seats():
        if seat.status is SeatStatus.ASKED and seat.organisation_id != world.housing.id:
            desk.make.say(desk.make.identity(world.officers[seat.organisation_id]), seat, at=due_at)
    assert desk.matter.result is Result.AGREED


@pytest.mark.parametrize(("answer", "result"), [(Draft(OpinionKind.AGREE), Result.AGREED), (OBJECT, Result.REFUSED)])
def test_one_added_beside_is_one_more_place_where_all_must_agree(desk, answer, result):
    world = desk.consult(objection=ObjectionWay.REFUSE).world
    desk.add(world.street, world.housing, BESIDE)
    assert desk.status(world.street) is SeatStatus.ASKED
    for organisation in (world.community, world.council, world.street):
        desk.say(organisation)
    assert desk.matter.status is MatterStatus.CONSULTING
    assert desk.say(world.housing, answer).is_stage_settled
    assert desk.matter.result is result


def test_one_added_after_is_asked_once_the_adder_has_answered(desk):
    world = desk.consult().world
    desk.add(world.street, world.housing, AFTER)
    assert desk.status(world.housing) is SeatStatus.WAITING
    assert desk.got(world.housing) == []
    for organisation in (world.community, world.council, world.street):
        desk.say(organisation)
    assert desk.asked() == {"department"}
    assert desk.got(world.housing) == ["invitation"]
    assert desk.say(world.housing).is_stage_settled


def test_one_added_after_is_asked_when_a_superior_answers_in_the_adders_stead(desk):
    world = desk.consult().world
    desk.add(world.street, world.housing, AFTER)
    desk.say(world.community)
    desk.say(world.council)
    due_at = desk.stage.due_at
    desk.rounds(due_at)
    desk.say(world.lead, at=due_at)
    assert desk.asked() == {"department"}
    after = desk.seat(world.housing)
    assert after.due_at > due_at
    desk.rounds(after.due_at)
    assert desk.status(world.housing) is SeatStatus.ESCALATED
    lead = [one for one in desk.seats() if one.stands_for_id == after.id]
    assert [one.organisation_id for one in lead] == [world.lead.id]


def test_one_added_after_the_ladders_end_still_gets_to_the_district(desk):
    world = desk.consult().world
    late = desk.stage.due_at + timedelta(days=20)
    desk.rounds(late)
    lead = next(one for one in desk.seats() if one.status is SeatStatus.ASKED)
    who = desk.make.identity(world.officers[lead.organisation_id])
    desk.database.write(add_signer, who, lead.id, world.housing.id, BESIDE, "", None, late)
    seat = desk.seat(world.housing)
    assert late < seat.due_at == desk.matter.wake_at
    desk.rounds(seat.due_at)
    assert desk.status(world.housing) is SeatStatus.ESCALATED


@pytest.mark.parametrize(("way", "result"), [(LapseWay.CONSENT, Result.AGREED), (LapseWay.REFUSAL, Result.REFUSED)])
def test_silence_of_adders_and_of_those_after_them_is_deemed_at_the_ladders_end(desk, way, result):
    lapse = Lapse(Span(working_days=1), way)
    world = desk.consult(escalations=(), lapse=lapse, objection=ObjectionWay.REFUSE).world
    desk.add(world.street, world.housing, AFTER)
    desk.add(world.council, world.market_supervision, BEFORE)
    desk.rounds(desk.stage.due_at + timedelta(days=5))
    assert desk.matter.result is result
    assert desk.status(world.market_supervision) is SeatStatus.CLOSED
    assert desk.seat(world.market_supervision).answer is None
    desk.check()


def test_in_turn_the_turn_passes_when_signers_have_answered_too(desk):
    world = desk.consult(mode=Mode.IN_TURN).world
    desk.add(world.community, world.housing, BEFORE)
    desk.add(world.community, world.market_supervision, AFTER)
    desk.round()
    assert desk.asked() == {"department"}
    desk.say(world.housing)
    desk.say(world.community)
    desk.round()
    assert desk.status(world.council) is SeatStatus.WAITING
    desk.say(world.market_supervision)
    desk.round()
    assert desk.asked() == {"council"}


@pytest.mark.parametrize("decision", [Decision(Rule.MAJORITY), Decision(Rule.AT_LEAST, 1)])
@pytest.mark.parametrize("place", [BESIDE, AFTER])
def test_nobody_shifts_a_majority_by_bringing_friends(desk, decision, place):
    world = desk.consult(decision=decision).world
    with pytest.raises(OnlyBefore):
        desk.add(world.street, world.housing, place)
    desk.add(world.street, world.housing, BEFORE)
    desk.say(world.housing)
    assert desk.matter.status is MatterStatus.CONSULTING


def test_a_removed_signer_has_nothing_left_to_say_and_is_told(desk):
    world = desk.consult().world
    desk.add(world.street, world.housing, BEFORE)
    removed = desk.seat(world.housing)
    desk.database.write(remove_signer, desk.who(world.street), removed.id, desk.at)
    assert desk.status(world.housing) is SeatStatus.REMOVED
    with pytest.raises(NotAdded):
        desk.database.write(remove_signer, desk.who(world.street), removed.id, desk.at)
    assert desk.status(world.street) is SeatStatus.ASKED
    assert desk.got(world.housing) == ["invitation", "released"]
    with pytest.raises(NoLongerAsked):
        desk.say(world.housing)
    desk.add(world.street, world.housing, BESIDE)
    assert desk.seat(world.housing).id == removed.id
    assert desk.got(world.housing) == ["invitation", "released", "invitation"]
    desk.check()


def test_removing_the_last_who_was_waited_for_settles_the_stage(desk):
    world = desk.consult().world
    desk.add(world.street, world.housing, BESIDE)
    desk.add(world.housing, world.market_supervision, BESIDE)
    for organisation in (world.community, world.council, world.street):
        desk.say(organisation)
    acted = desk.database.write(remove_signer, desk.who(world.street), desk.seat(world.housing).id, desk.at)
    assert acted.is_stage_settled
    assert desk.status(world.market_supervision) is SeatStatus.REMOVED
    assert desk.matter.result is Result.AGREED


def test_only_the_adder_removes_and_only_who_has_not_answered(desk):
    world = desk.consult().world
    desk.add(world.street, world.housing, BESIDE)
    added = desk.seat(world.housing)
    with pytest.raises(NotAllowed):
        desk.database.write(remove_signer, desk.who(world.council), added.id, desk.at)
    with pytest.raises(NotAdded):
        desk.database.write(remove_signer, desk.who(world.street), desk.seat(world.council).id, desk.at)
    with pytest.raises(NotFound):
        desk.database.write(remove_signer, desk.who(world.market_supervision), added.id, desk.at)
    with pytest.raises(NotFound):
        desk.database.write(remove_signer, desk.who(world.street), desk.matter_id, desk.at)
    with pytest.raises(OnlyReads):
        desk.database.write(remove_signer, replace(desk.who(world.street), role=Role.READER), added.id, desk.at)
    desk.say(world.housing)
    with pytest.raises(SignerAnswered):
        desk.database.write(remove_signer, desk.who(world.street), added.id, desk.at)


def test_who_may_be_added_and_by_whom(desk):
    world = desk.consult().world
    elsewhere = desk.make.neighbourhood()
    for stranger in (elsewhere.community, elsewhere.company):
        with pytest.raises(NoSuchSigner):
            desk.add(world.street, stranger)
    with pytest.raises(SitsAlready):
        desk.add(world.street, world.council)
    with pytest.raises(OnlyReads):
        desk.add(world.street, world.housing, who=replace(desk.who(world.street), role=Role.READER))
    with pytest.raises(NotAllowed):
        desk.add(world.street, world.housing, who=desk.who(world.council))
    with pytest.raises(NotFound):
        desk.add(world.street, world.housing, who=elsewhere.who(elsewhere.street))
    desk.add(world.street, world.housing, BEFORE)
    with pytest.raises(HeardOnly):
        desk.add(world.housing, world.market_supervision)
    desk.say(world.council)
    with pytest.raises(AnsweredAlready):
        desk.add(world.council, world.market_supervision)


def test_an_organisation_without_anybody_to_answer_cannot_be_added(desk):
    world = desk.consult().world
    desk.make.tamper("update officer set role = 'reader' where id = :id", id=world.officer(world.housing).id.hex)
    desk.make.tamper("update officer set role = 'reader' where organisation_id = :id", id=str(world.housing.id))
    with pytest.raises(NoSuchSigner):
        desk.add(world.street, world.housing)


def test_adding_needs_the_protocols_leave_the_newest_version_and_an_open_stage(desk):
    world = desk.consult(acts=frozenset({StageAct.TRANSFER}), returns=None).world
    with pytest.raises(NotInProtocol):
        desk.add(world.street, world.housing)
    desk.consult()
    with pytest.raises(ChangedMeanwhile):
        desk.do(add_signer, world.street, world.housing.id, BESIDE, "", version=7)
    desk.say(world.community, OBJECT)
    with pytest.raises(StageSettled):
        desk.add(world.street, world.housing)
