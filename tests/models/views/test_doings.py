"""What a page offers is what can be done: each offer is taken up by its rule, and nothing else is offered."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from models.calendars import district_calendar
from models.consultation.adding import add_signer, remove_signer
from models.consultation.extending import ask_extension
from models.consultation.handing import call_back, delegate, give_back, transfer_to_colleague, transfer_to_organisation
from models.consultation.opinions import Draft
from models.consultation.returning import return_to_filer, return_to_stage
from models.consultation.tables import OpinionKind, SigningPlace
from models.consultation.taking_back import take_back
from models.consultation.urging import urge
from models.consultation.withdrawing import withdraw
from models.errors import NotFound
from models.matter import visible
from models.officer import Role
from models.protocol.schema import Decision, Returns, Rule, StageAct
from models.protocol.storing import current
from models.views.doings import Doing, doings_of
from models.views.standing import standing_of
from tests.models.consultation.conftest import Desk

READS = frozenset({Doing.COMMENT, Doing.ASK, Doing.ATTACH})
WHOLE = {
    Doing.ANSWER,
    Doing.SAVE_DRAFT,
    Doing.ADD_SIGNER,
    Doing.TRANSFER,
    Doing.DELEGATE,
    Doing.RETURN,
    Doing.ASK_EXTENSION,
}


@pytest.fixture
def desk(make, at):
    return Desk(make, at).consult()


def seen(desk, who, at=None):
    with desk.database.reading() as session:
        matter = visible(session, desk.matter_id, who)
        standing = standing_of(session, who, matter, at or desk.at)
        return doings_of(session, who, matter, standing, at or desk.at)


def offered(desk, organisation, who=None):
    """What is offered on the organisation's own seat."""
    listed = seen(desk, who or desk.who(organisation)).seats
    return next((one for one in listed if one.seat_id == desk.seat(organisation).id), None)


def test_who_is_asked_may_do_everything_that_the_protocol_allows(desk):
    world, colleague = desk.world, desk.colleague(desk.world.street)
    said = offered(desk, world.street)
    assert said.may == WHOLE
    assert [one.id for one in said.colleagues] == [colleague.officer_id]
    assert said.signing_places == tuple(SigningPlace)
    assert {one.id for one in said.signers} == {
        world.lead.id,
        world.housing.id,
        world.market_supervision.id,
        world.company.id,
    }
    assert [(one.to, one.is_rerun) for one in said.returns] == [("filer", True)]
    assert (said.seat_version, said.successors, said.removable, said.holder) == (1, (), (), None)


def test_what_nobody_is_there_for_is_not_offered(desk):
    assert offered(desk, desk.world.street).may == WHOLE - {Doing.TRANSFER, Doing.DELEGATE}
    other = desk.make.neighbourhood()
    said = offered(desk, desk.world.street)
    assert said.may == WHOLE - {Doing.DELEGATE}
    assert [one.id for one in said.successors] == [other.street.id]


def test_what_the_protocol_does_not_allow_is_not_offered(desk):
    desk.consult(acts=frozenset({StageAct.ADD}), returns=None, decision=Decision(Rule.MAJORITY), extension=None)
    said = offered(desk, desk.world.street)
    assert said.may == {Doing.ANSWER, Doing.SAVE_DRAFT, Doing.ADD_SIGNER}
    assert said.signing_places == (SigningPlace.BEFORE,)


def test_readers_and_those_who_only_read_say_something_at_most(desk):
    world = desk.world
    reader = replace(desk.who(world.street), role=Role.READER)
    assert seen(desk, reader).may == {Doing.COMMENT}
    assert seen(desk, reader).seats == ()
    elsewhere = desk.make.neighbourhood()
    with pytest.raises(NotFound):
        seen(desk, elsewhere.clerk)
    administrator = replace(elsewhere.clerk, is_administrator=True)
    assert seen(desk, administrator).seats == ()


def test_the_filer_withdraws_and_submits_again(desk):
    world = desk.world
    assert seen(desk, world.clerk).may >= {Doing.WITHDRAW, Doing.REPLY, Doing.URGE}
    assert not seen(desk, world.clerk).may & {Doing.ASK, Doing.SUBMIT_AGAIN}
    desk.do(return_to_filer, world.street, "退回")
    desk.round()
    assert seen(desk, world.clerk).may >= {Doing.WITHDRAW, Doing.SUBMIT_AGAIN}
    desk.database.write(withdraw, world.clerk, desk.matter_id, "不再申报", None, desk.at)
    assert not seen(desk, world.clerk).may & {Doing.WITHDRAW, Doing.SUBMIT_AGAIN, Doing.URGE}


def test_an_answer_is_changed_or_taken_back_until_another_follows(desk):
    world = desk.world
    desk.say(world.street)
    assert offered(desk, world.street).may == {Doing.CHANGE, Doing.SAVE_DRAFT, Doing.TAKE_BACK}
    desk.say(world.council)
    assert offered(desk, world.street).may == {Doing.CHANGE, Doing.SAVE_DRAFT}
    desk.do(take_back, world.council)


def test_a_delegate_gives_back_and_the_delegator_calls_back(desk):
    world = desk.world
    colleague, third = desk.colleague(world.street), desk.colleague(world.street)
    desk.do(delegate, world.street, colleague.officer_id, "请看现场")
    assert offered(desk, world.street, colleague).may == {Doing.GIVE_BACK}
    assert offered(desk, world.street).may == {Doing.CALL_BACK}
    assert offered(desk, world.street, third).may == set()
    assert offered(desk, world.street, replace(third, role=Role.MANAGER)).may == WHOLE | {Doing.CALL_BACK}
    said = offered(desk, world.street)
    assert said.holder is not None
    assert said.delegated_by == world.officer(world.street).name
    desk.do(give_back, world.street, "建议同意", who=colleague)
    assert offered(desk, world.street).may == WHOLE
    assert offered(desk, world.street, colleague).may == set()


def test_a_seat_waiting_for_its_signer_may_add_another_or_remove_it(desk):
    world = desk.world
    desk.add(world.street, world.housing, SigningPlace.BEFORE)
    said = offered(desk, world.street)
    assert said.may == {Doing.ADD_SIGNER, Doing.REMOVE_SIGNER}
    assert [one.id for one in said.removable] == [desk.seat(world.housing).id]
    assert offered(desk, world.housing).may == {Doing.ANSWER, Doing.SAVE_DRAFT, Doing.TRANSFER}
    desk.say(world.housing)
    assert offered(desk, world.street).may == WHOLE - {Doing.TRANSFER, Doing.DELEGATE}
    assert offered(desk, world.street).removable == ()


def test_urging_says_from_when_on(desk):
    world = desk.world
    desk.database.write(urge, world.clerk, desk.matter_id, desk.at)
    said = seen(desk, world.clerk)
    assert Doing.URGE not in said.may
    assert said.urge_from == desk.at + timedelta(hours=4)
    later = seen(desk, world.clerk, said.urge_from)
    assert Doing.URGE in later.may
    assert later.urge_from is None


def test_superiors_record_for_those_below(desk):
    world = desk.world
    assert [one.id for one in seen(desk, desk.who(world.street)).on_behalf] == [desk.seat(world.community).id]
    assert seen(desk, desk.who(world.council)).on_behalf == ()
    assert Doing.ON_BEHALF not in seen(desk, desk.who(world.council)).may


def test_every_offer_is_taken_up_by_its_rule(desk):
    """The offers of one seat are tried one after another, each on a filing of its own."""
    world, other = desk.world, desk.make.neighbourhood()
    returns = Returns(("filer", "stage_1"))
    colleague = desk.colleague(world.street)
    tried = {
        Doing.ADD_SIGNER: lambda said: desk.do(add_signer, world.street, said.signers[0].id, SigningPlace.BESIDE, ""),
        Doing.TRANSFER: lambda said: desk.do(
            transfer_to_organisation, world.street, said.successors[0].id, "请贵街道办理"
        ),
        Doing.DELEGATE: lambda said: desk.do(delegate, world.street, said.colleagues[0].id, ""),
        Doing.RETURN: lambda said: desk.do(return_to_stage, world.street, said.returns[1].to, "退回"),
        Doing.ANSWER: lambda said: desk.say(world.street),
    }
    for doing, act in tried.items():
        desk.consult(2, returns=returns)
        for organisation in (world.community, world.council, world.street):
            desk.say(organisation)
        desk.round()
        said = offered(desk, world.street)
        assert doing in said.may
        act(said)
    assert {other.street.id, colleague.officer_id} <= {
        said.successors[0].id,
        *(one.id for one in said.colleagues),
    }


def test_what_can_be_done_takes_few_queries_however_many_sit(desk):
    world = desk.world
    desk.add(world.street, world.housing, SigningPlace.BEFORE)
    asked = []
    with desk.database.reading() as session:
        who = desk.who(world.street)
        matter = visible(session, desk.matter_id, who)
        standing = standing_of(session, who, matter, desk.at)
        event.listen(session.get_bind(), "before_cursor_execute", lambda *_: asked.append(1))
        doings_of(session, who, matter, standing, desk.at)
    assert len(asked) <= 16


def test_a_removed_signer_and_a_called_back_seat_leave_nothing_to_do(desk):
    world, colleague = desk.world, desk.colleague(desk.world.council)
    desk.add(world.street, world.housing, SigningPlace.BESIDE)
    desk.database.write(remove_signer, desk.who(world.street), desk.seat(world.housing).id, desk.at)
    assert offered(desk, world.housing) is None
    desk.do(transfer_to_colleague, world.council, colleague.officer_id, "")
    desk.do(delegate, world.council, desk.who(world.council).officer_id, "", who=colleague)
    desk.do(call_back, world.council, who=colleague)
    assert offered(desk, world.council, colleague).may >= {Doing.ANSWER}
    desk.say(world.council, Draft(OpinionKind.ABSTAIN), who=colleague)


def test_more_time_is_offered_until_it_is_asked_for_and_its_answer_to_who_decides(desk):
    world, calendar = desk.world, district_calendar()
    said = offered(desk, world.community)
    rule, due_at = current("access_filing").first().extension, desk.stage.due_at
    assert (said.more_time.approver, said.more_time.until) == (world.street.name, calendar.after(due_at, rule.by))
    desk.do(ask_extension, world.community, "须到现场", calendar)
    assert Doing.ASK_EXTENSION not in offered(desk, world.community).may | offered(desk, world.council).may
    answering = {one: Doing.ANSWER_EXTENSION in seen(desk, desk.who(one)).may for one in (world.street, world.council)}
    assert answering == {world.street: True, world.council: False}
    late = seen(desk, desk.who(world.street), due_at)
    assert Doing.ANSWER_EXTENSION not in late.may
    assert all(Doing.ASK_EXTENSION not in one.may for one in late.seats)
