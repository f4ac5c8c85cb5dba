"""Seats handed on: to a colleague, to another organisation, for advice and back; on both databases."""

from dataclasses import replace

import pytest

from models.consultation.acting import AnsweredAlready, NotInProtocol, WordsMissing
from models.consultation.adding import add_signer, remove_signer
from models.consultation.handing import (
    AdviceMissing,
    NoSuchColleague,
    NoSuchSuccessor,
    NotDelegated,
    call_back,
    delegate,
    give_back,
    transfer_to_colleague,
    transfer_to_organisation,
)
from models.consultation.holding import HeldByColleague, OnlyAdvice
from models.consultation.opinions import Draft, SeatTransferred, TextTooLong
from models.consultation.tables import OpinionKind, Remark, SeatStatus, SigningPlace
from models.errors import ChangedMeanwhile, NotAllowed
from models.matter import MatterStatus, Result
from models.officer import OnlyReads, Role, get_officer
from models.protocol.schema import Mode, ObjectionWay

WITH = Draft(OpinionKind.AGREE_WITH_CONDITIONS, conditions="错峰通行")
OBJECT = Draft(OpinionKind.OBJECT, reason="通道太窄")


def manager(who):
    return replace(who, role=Role.MANAGER)


def test_a_seat_in_a_colleagues_hands_is_answered_by_them_their_deputy_or_a_manager(desk):
    world = desk.consult().world
    colleague, third = desk.colleague(world.street), desk.colleague(world.street)
    acted = desk.do(transfer_to_colleague, world.street, colleague.officer_id, "您熟悉这个小区")
    assert acted.seat_version == 2
    assert ("handed", colleague.officer_id) in desk.letters()
    for who in (desk.who(world.street), third):
        with pytest.raises(HeldByColleague):
            desk.say(world.street, who=who)
    desk.say(world.street, WITH, who=manager(third))
    deputy = replace(third, deputy_for=colleague.officer_id)
    desk.say(world.street, who=deputy)
    assert desk.chain()[-1].body["deputy_for"] == str(colleague.officer_id)
    desk.say(world.street, WITH, who=colleague)
    desk.check()


def test_the_holder_may_hand_it_on_and_nobody_else(desk):
    world = desk.consult().world
    colleague, third = desk.colleague(world.street), desk.colleague(world.street)
    desk.do(transfer_to_colleague, world.street, colleague.officer_id, "")
    with pytest.raises(HeldByColleague):
        desk.do(transfer_to_colleague, world.street, third.officer_id, "", who=third)
    desk.do(transfer_to_colleague, world.street, third.officer_id, "", who=colleague)
    assert desk.seat(world.street).holder_id == third.officer_id


def test_a_holder_who_has_left_holds_nothing(desk):
    world = desk.consult().world
    colleague = desk.colleague(world.street)
    desk.do(transfer_to_colleague, world.street, colleague.officer_id, "")
    desk.make.tamper("update officer set is_active = false where email = :email", email=_email(desk, colleague))
    desk.say(world.street)
    assert desk.status(world.street) is SeatStatus.ANSWERED


def _email(desk, who):
    with desk.database.reading() as session:
        return get_officer(session, who.officer_id).email


def test_a_seat_goes_to_colleagues_who_may_act_only(desk):
    world = desk.consult().world
    reader = desk.colleague(world.street)
    desk.make.tamper("update officer set role = 'reader' where email = :email", email=_email(desk, reader))
    for officer_id in (
        reader.officer_id,
        desk.who(world.council).officer_id,
        desk.who(world.street).officer_id,
        desk.matter_id,
    ):
        with pytest.raises(NoSuchColleague):
            desk.do(transfer_to_colleague, world.street, officer_id, "")
    with pytest.raises(TextTooLong):
        desk.do(transfer_to_colleague, world.street, desk.colleague(world.street).officer_id, "长" * 2001)


def test_another_organisation_of_the_party_answers_in_its_stead_by_the_same_deadline(desk):
    world = desk.consult(objection=ObjectionWay.REFUSE).world
    other = desk.make.neighbourhood()
    own = desk.seat(world.street)
    acted = desk.do(transfer_to_organisation, world.street, other.street.id, "小区划归贵街道")
    new = desk.seat(other.street)
    assert (acted.seat_id, new.stands_for_id, new.due_at) == (new.id, own.id, own.due_at)
    assert ("handed", other.officer(other.street).id) in desk.letters()
    with pytest.raises(SeatTransferred):
        desk.say(world.street)
    desk.say(world.community)
    desk.say(world.council)
    assert desk.say(other.street, OBJECT, who=other.who(other.street)).is_stage_settled
    assert desk.matter.result is Result.REFUSED
    assert desk.status(world.street) is SeatStatus.TRANSFERRED
    desk.check()


def test_a_transferred_seat_that_is_late_is_escalated_in_the_successors_name(desk):
    world = desk.consult().world
    other = desk.make.neighbourhood()
    desk.do(transfer_to_organisation, world.community, other.community.id, "小区划归贵社区")
    desk.say(world.council)
    desk.say(world.street)
    due_at = desk.stage.due_at
    desk.rounds(due_at)
    assert desk.status(other.community) is SeatStatus.ESCALATED
    standing = desk.seat(other.street)
    assert standing.stands_for_id == desk.seat(other.community).id
    assert desk.say(other.street, who=other.who(other.street), at=due_at).is_stage_settled
    assert desk.matter.result is Result.AGREED


def test_a_successor_may_give_the_seat_back_and_the_adder_may_still_remove_its_signer(desk):
    world = desk.consult().world
    other = desk.make.neighbourhood()
    desk.do(add_signer, world.street, world.company.id, SigningPlace.BESIDE, "")
    desk.do(transfer_to_organisation, world.street, other.street.id, "贵街道更了解")
    desk.do(transfer_to_organisation, other.street, world.street.id, "仍请贵街道", who=other.who(other.street))
    assert desk.status(world.street) is SeatStatus.ASKED
    added = desk.seat(world.company)
    with pytest.raises(NotAllowed):
        desk.database.write(remove_signer, other.who(other.street), added.id, desk.at)
    desk.database.write(remove_signer, desk.who(world.street), added.id, desk.at)
    for organisation in (world.community, world.council, world.street):
        desk.say(organisation)
    assert desk.matter.result is Result.AGREED


def test_a_transferred_signer_is_removed_with_its_successor(desk):
    world = desk.consult().world
    desk.do(add_signer, world.street, world.housing.id, SigningPlace.BEFORE, "")
    desk.do(transfer_to_organisation, world.housing, world.market_supervision.id, "属贵局职责")
    assert desk.status(world.street) is SeatStatus.WAITING
    desk.database.write(remove_signer, desk.who(world.street), desk.seat(world.housing).id, desk.at)
    assert desk.status(world.market_supervision) is SeatStatus.REMOVED
    assert desk.got(world.market_supervision)[-1] == "released"
    assert desk.status(world.street) is SeatStatus.ASKED


def test_a_seat_goes_to_organisations_of_its_party_that_do_not_sit(desk):
    world = desk.consult().world
    for organisation in (world.housing, world.council, world.street):
        with pytest.raises(NoSuchSuccessor):
            desk.do(transfer_to_organisation, world.street, organisation.id, "转交")
    with pytest.raises(WordsMissing):
        desk.do(transfer_to_organisation, world.street, desk.make.neighbourhood().street.id, " ")


def test_in_turn_the_successor_has_the_turn(desk):
    world = desk.consult(mode=Mode.IN_TURN).world
    other = desk.make.neighbourhood()
    desk.do(transfer_to_organisation, world.community, other.community.id, "转交")
    desk.round()
    assert desk.status(world.council) is SeatStatus.WAITING
    desk.say(other.community, who=other.who(other.community))
    desk.round()
    assert desk.status(world.council) is SeatStatus.ASKED


def test_a_delegate_advises_and_gives_the_seat_back(desk):
    world = desk.consult().world
    colleague = desk.colleague(world.street)
    desk.do(delegate, world.street, colleague.officer_id, "请看现场")
    assert ("handed", colleague.officer_id) in desk.letters()
    with pytest.raises(OnlyAdvice):
        desk.say(world.street, who=colleague)
    with pytest.raises(HeldByColleague):
        desk.say(world.street)
    with pytest.raises(AdviceMissing):
        desk.do(give_back, world.street, " ", who=colleague)
    with pytest.raises(NotDelegated):
        desk.do(give_back, world.street, "建议同意")
    acted = desk.do(give_back, world.street, "建议同意", who=colleague)
    seat = desk.seat(world.street)
    assert (seat.version, seat.holder_id, seat.delegated_by_id) == (
        acted.seat_version,
        desk.who(world.street).officer_id,
        None,
    )
    assert desk.got(world.street)[-1] == "advice"
    with pytest.raises(HeldByColleague):
        desk.say(world.street, who=colleague)
    desk.say(world.street)
    assert desk.kinds()[-3:] == ["delegated", "given_back", "opinion_given"]


def test_what_was_said_stands_beside_the_record_which_holds_its_digest(desk):
    world = desk.consult().world
    colleague = desk.colleague(world.street)
    desk.do(delegate, world.street, colleague.officer_id, "请看现场")
    entry = desk.chain()[-1]
    with desk.database.reading() as session:
        kept = session.get_one(Remark, (desk.matter_id, entry.position))
    assert kept.words == "请看现场"
    assert "请看现场" not in str(entry.body)
    assert len(entry.body["words"]) == 64


def test_the_delegator_or_a_manager_calls_the_seat_back(desk):
    world = desk.consult().world
    colleague, third = desk.colleague(world.street), desk.colleague(world.street)
    with pytest.raises(NotDelegated):
        desk.do(call_back, world.street)
    for who in (desk.who(world.street), manager(third)):
        desk.do(delegate, world.street, colleague.officer_id, "")
        for stranger in (third, colleague):
            with pytest.raises(NotDelegated):
                desk.do(call_back, world.street, who=stranger)
        desk.do(call_back, world.street, who=who)
        assert desk.seat(world.street).holder_id == desk.who(world.street).officer_id
    with pytest.raises(NotDelegated):
        desk.do(give_back, world.street, "晚了", who=colleague)


def test_an_escalated_seat_is_nobodys_in_particular_any_more(desk):
    world = desk.consult().world
    colleague = desk.colleague(world.community)
    desk.do(delegate, world.community, colleague.officer_id, "")
    desk.rounds(desk.stage.due_at)
    seat = desk.seat(world.community)
    assert (seat.status, seat.holder_id, seat.delegated_by_id) == (SeatStatus.ESCALATED, None, None)


ACTS = [
    (transfer_to_colleague, lambda desk, other: (desk.colleague(desk.world.street).officer_id, "说明")),
    (transfer_to_organisation, lambda desk, other: (other.street.id, "说明")),
    (delegate, lambda desk, other: (desk.colleague(desk.world.street).officer_id, "说明")),
]


@pytest.mark.parametrize(("act", "values"), ACTS)
def test_handing_on_is_refused(desk, act, values):
    world, other = desk.consult().world, desk.make.neighbourhood()
    said = values(desk, other)
    with pytest.raises(OnlyReads):
        desk.do(act, world.street, *said, who=replace(desk.who(world.street), role=Role.READER))
    with pytest.raises(NotAllowed):
        desk.do(act, world.street, *said, who=desk.who(world.council))
    with pytest.raises(ChangedMeanwhile):
        desk.do(act, world.street, *said, version=9)
    before = desk.matter.record_count
    desk.say(world.street)
    with pytest.raises(AnsweredAlready):
        desk.do(act, world.street, *said)
    assert desk.matter.record_count == before + 1
    desk.consult(acts=frozenset(), returns=None)
    with pytest.raises(NotInProtocol):
        desk.do(act, world.street, *said)
    assert desk.matter.status is MatterStatus.CONSULTING
