"""An answer taken back before the next acts, and a filing withdrawn by its filer; on both databases."""

from dataclasses import replace

import pytest

from models.consultation.acting import WordsMissing
from models.consultation.adding import add_signer, remove_signer
from models.consultation.handing import transfer_to_colleague, transfer_to_organisation
from models.consultation.holding import HeldByColleague
from models.consultation.opinions import AnsweredInYourStead, Draft, SeatTransferred, StageSettled
from models.consultation.tables import OpinionKind, SeatStatus, SigningPlace, StageOutcome
from models.consultation.taking_back import NothingToTakeBack, OthersWentOn, take_back
from models.consultation.withdrawing import DecidedAlready, withdraw
from models.errors import ChangedMeanwhile, NotAllowed, NotFound
from models.filing.submitting import Submission, submit
from models.filing.tables import Filing, FilingLine, LineStatus
from models.matter import MatterStatus
from models.officer import OnlyReads, Role
from models.protocol.schema import Decision, Mode, ObjectionWay, Rule

BEFORE, BESIDE, AFTER = SigningPlace
OBJECT = Draft(OpinionKind.OBJECT, reason="通道太窄")


def test_an_answer_taken_back_is_as_if_not_given(desk):
    world = desk.consult().world
    desk.say(world.community)
    desk.say(world.council)
    acted = desk.do(take_back, world.council, version=2)
    seat = desk.seat(world.council)
    assert (seat.status, seat.answer, seat.opinion_id, seat.answered_at) == (SeatStatus.ASKED, None, None, None)
    assert seat.version == acted.seat_version == 3
    desk.say(world.street)
    assert desk.matter.status is MatterStatus.CONSULTING
    assert desk.say(world.council).is_stage_settled
    desk.check()


def test_once_somebody_has_answered_after_it_an_answer_stays(desk):
    world = desk.consult(decision=Decision(Rule.MAJORITY)).world
    desk.say(world.council)
    desk.say(world.community, OBJECT)
    with pytest.raises(OthersWentOn):
        desk.do(take_back, world.council)
    desk.say(world.council, OBJECT)  # both object: two of three, decided
    with pytest.raises(StageSettled):
        desk.do(take_back, world.council)


def test_a_changed_answer_is_the_last_one_again(desk):
    world = desk.consult().world
    desk.say(world.council)
    desk.say(world.community)
    desk.say(world.council)
    desk.do(take_back, world.council)
    assert desk.status(world.council) is SeatStatus.ASKED


@pytest.mark.parametrize("has_round_passed", [False, True])
def test_in_turn_the_next_waits_again_and_no_time_is_won(desk, has_round_passed):
    world = desk.consult(mode=Mode.IN_TURN).world
    due_at = desk.seat(world.community).due_at
    desk.say(world.community)
    if has_round_passed:
        desk.round()
        assert desk.asked() == {"council"}
    desk.do(take_back, world.community)
    assert desk.asked() == {"community"}
    assert desk.seat(world.community).due_at == due_at
    assert not desk.stage.needs_asking
    assert desk.matter.wake_at > desk.at
    desk.say(world.community)
    desk.round()
    assert desk.asked() == {"council"}


def test_in_turn_an_answer_stays_once_the_next_has_handed_it_on(desk):
    world = desk.consult(mode=Mode.IN_TURN).world
    desk.say(world.community)
    desk.round()
    other = desk.make.neighbourhood()
    desk.do(transfer_to_organisation, world.council, other.council.id, "转交")
    with pytest.raises(OthersWentOn):
        desk.do(take_back, world.community)


def test_those_who_were_asked_because_of_it_wait_again(desk):
    world = desk.consult().world
    desk.do(add_signer, world.street, world.housing.id, BEFORE, "")
    desk.do(add_signer, world.council, world.market_supervision.id, AFTER, "")
    desk.say(world.housing)
    assert desk.status(world.street) is SeatStatus.ASKED
    desk.do(take_back, world.housing)
    assert desk.status(world.street) is SeatStatus.WAITING
    desk.say(world.housing)
    desk.say(world.council)
    assert desk.status(world.market_supervision) is SeatStatus.ASKED
    desk.do(take_back, world.council)
    assert desk.status(world.market_supervision) is SeatStatus.WAITING
    desk.say(world.council)
    desk.say(world.market_supervision)
    desk.say(world.street)
    assert desk.say(world.community).is_stage_settled


def test_an_answer_stays_once_a_signer_after_it_has_handed_it_on(desk):
    world = desk.consult().world
    desk.do(add_signer, world.council, world.market_supervision.id, AFTER, "")
    desk.say(world.council)
    desk.do(transfer_to_organisation, world.market_supervision, world.housing.id, "转交")
    with pytest.raises(OthersWentOn):
        desk.do(take_back, world.council)


def test_taking_back_is_refused(desk):
    world = desk.consult().world
    with pytest.raises(NothingToTakeBack):
        desk.do(take_back, world.council)
    desk.do(transfer_to_colleague, world.council, desk.colleague(world.council).officer_id, "")
    with pytest.raises(HeldByColleague):
        desk.do(take_back, world.council)
    desk.say(world.street)
    with pytest.raises(OnlyReads):
        desk.do(take_back, world.street, who=replace(desk.who(world.street), role=Role.READER))
    with pytest.raises(NotAllowed):
        desk.do(take_back, world.street, who=desk.who(world.council))
    with pytest.raises(ChangedMeanwhile):
        desk.do(take_back, world.street, version=1)
    other = desk.make.neighbourhood()
    desk.do(transfer_to_organisation, world.community, other.community.id, "转交")
    with pytest.raises(SeatTransferred):
        desk.do(take_back, world.community)
    desk.rounds(desk.stage.due_at)
    with pytest.raises(AnsweredInYourStead):
        desk.do(take_back, world.council)


def lines_of(desk):
    with desk.database.reading() as session:
        return {one.status for one in session.query(FilingLine).where(FilingLine.matter_id == desk.matter_id)}


def test_a_withdrawn_filing_is_over_and_everybody_who_was_asked_is_told(desk):
    world = desk.consult().world
    desk.do(add_signer, world.street, world.housing.id, BESIDE, "")
    desk.database.write(remove_signer, desk.who(world.street), desk.seat(world.housing).id, desk.at)
    desk.say(world.council)
    desk.database.write(withdraw, world.clerk, desk.matter_id, "名单有误", None, desk.at)
    assert (desk.matter.status, desk.matter.wake_at) == (MatterStatus.WITHDRAWN, None)
    assert desk.stage.outcome is StageOutcome.WITHDRAWN
    assert desk.status(world.council) is SeatStatus.ANSWERED
    assert desk.status(world.street) is SeatStatus.CLOSED
    assert lines_of(desk) == {LineStatus.WITHDRAWN}
    for organisation in (world.community, world.council, world.street):
        assert desk.got(organisation)[-1] == "withdrawn"
    assert desk.got(world.housing)[-1] == "released"
    assert "withdrawn" not in desk.got(world.company)
    assert desk.round(desk.at.replace(year=2028)) == {}
    with pytest.raises(StageSettled):
        desk.say(world.street)
    desk.check()


def test_a_filing_is_withdrawn_before_its_round_between_stages_and_when_returned(desk):
    world = desk.world
    desk.matter_id = desk.make.filing(world.clerk, [world.compound], 2).matter_id
    desk.database.write(withdraw, world.clerk, desk.matter_id, "名单有误", None, desk.at)
    desk.check()
    assert desk.letters() == []
    desk.consult(2)
    for organisation in (world.community, world.council, world.street):
        desk.say(organisation)
    desk.database.write(withdraw, world.clerk, desk.matter_id, "名单有误", None, desk.at)
    assert desk.consultation.next_stage is None
    assert desk.round() == {}
    desk.check()
    desk.consult(objection=ObjectionWay.RETURN)
    desk.say(world.council, OBJECT)
    desk.round()
    assert desk.matter.status is MatterStatus.RETURNED
    desk.database.write(withdraw, world.clerk, desk.matter_id, "不再申报", None, desk.at)
    assert desk.matter.status is MatterStatus.WITHDRAWN
    desk.check()


def test_the_same_file_may_be_filed_again_after_a_withdrawal(desk):
    world = desk.world
    submission = Submission((world.compound.id,), desk.make.rider_lines(2), source_digest="a" * 64)
    first = desk.database.write(submit, world.clerk, desk.make.vault, submission, desk.at)
    assert desk.database.write(submit, world.clerk, desk.make.vault, submission, desk.at) == replace(
        first, is_new=False
    )
    desk.database.write(withdraw, world.clerk, first.matter_id, "名单有误", None, desk.at)
    again = desk.database.write(submit, world.clerk, desk.make.vault, submission, desk.at)
    assert again.is_new
    with desk.database.reading() as session:
        assert session.get_one(Filing, first.matter_id).source_key is None


def test_withdrawing_is_refused(desk):
    world = desk.consult(decision=Decision(Rule.AT_LEAST, 1)).world
    refused = [
        (NotAllowed, desk.who(world.street), "名单有误", None),
        (NotFound, desk.make.neighbourhood().clerk, "名单有误", None),
        (OnlyReads, replace(world.clerk, role=Role.READER), "名单有误", None),
        (WordsMissing, world.clerk, "  ", None),
        (ChangedMeanwhile, world.clerk, "名单有误", 1),
    ]
    for refusal, who, reason, version in refused:
        with pytest.raises(refusal):
            desk.database.write(withdraw, who, desk.matter_id, reason, version, desk.at)
    desk.say(world.council)
    for _ in range(2):
        assert desk.matter.status in {MatterStatus.DECIDED, MatterStatus.AGREED}
        with pytest.raises(DecidedAlready):
            desk.database.write(withdraw, world.clerk, desk.matter_id, "名单有误", None, desk.at)
        desk.round()
