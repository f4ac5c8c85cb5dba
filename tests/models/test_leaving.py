"""Who leaves: everything in hand goes to a colleague, what cannot is listed with the reason, then the door is closed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.authority import sessions
from models.comment import CommentKind, add_comment
from models.consultation.drafting import DraftWords, draft_of, save_draft
from models.consultation.handing import delegate, transfer_to_colleague
from models.consultation.holding import HeldByColleague
from models.consultation.tables import OpinionKind, Seat
from models.deputy import appoint, deputies_now, stands_for
from models.errors import NotAllowed, NotFound, NotLoggedIn
from models.leaving import HeldKind, NoSuchSuccessor, deactivate, hand_over, in_hand
from models.notice import claiming
from models.notice.claiming import HAS_LEFT
from models.notice.tables import Letter, Notice, NoticeStatus
from models.officer import Officer, Role
from models.record import entries
from models.staff_act import StaffAct, StaffActKind
from models.staffing import HasLeft, LastAdministrator, LastManager, NotYourself, reactivate
from models.verifying import verify

DAY = timedelta(days=1)


@pytest.fixture
def world(any_make):
    return any_make.neighbourhood()


@pytest.fixture
def leaver(world):
    return world.officer(world.council)


@pytest.fixture
def colleague(any_make, world):
    return any_make.officer(world.council)


@pytest.fixture
def manager(any_make, world):
    return any_make.identity(any_make.officer(world.council, role=Role.MANAGER))


@pytest.fixture
def seat(any_make, world):
    """The council's seat in an open consultation."""
    filed = any_make.filing(world.clerk, [world.compound])
    any_make.open(filed.matter_id)
    return next(one for one in any_make.asked(filed.matter_id) if one.organisation_id == world.council.id)


def hand(make, manager, leaver, colleague):
    return make.database.write(hand_over, manager, leaver.id, colleague.id, make.at)


def test_everything_in_hand_goes_over(any_make, world, leaver, colleague, manager, seat):
    write, who, at = any_make.database.write, any_make.identity(leaver), any_make.at
    write(transfer_to_colleague, manager, seat.id, leaver.id, "", None, at)
    write(save_draft, who, seat.id, DraftWords(OpinionKind.OBJECT, reason="夜间太吵"), at)
    write(add_comment, who, seat.matter_id, CommentKind.QUESTION, "几点进小区？", None, at)
    absent = world.officer(world.street)
    write(appoint, any_make.identity(absent), absent.id, leaver.id, at, at + DAY, at)

    done = hand(any_make, manager, leaver, colleague)
    assert {one.held.kind: one.is_done for one in done} == {
        HeldKind.SEAT: True,
        HeldKind.DRAFT: True,
        HeldKind.QUESTION: False,
        HeldKind.DUTY: True,
    }
    assert next(one for one in done if not one.is_done).why is not None
    with any_make.database.reading() as session:
        assert session.get_one(Seat, seat.id).holder_id == colleague.id
        assert draft_of(session, any_make.identity(colleague), seat.id).words.reason == "夜间太吵"
        assert draft_of(session, who, seat.id) is None
        assert [one.id for one in stands_for(session, colleague.id, at)] == [absent.id]
        assert stands_for(session, leaver.id, at) == ()
        assert [one.kind for one in in_hand(session, leaver.id, at)] == [HeldKind.QUESTION]
        entry = entries(session, seat.matter_id)[-1]
        told = session.scalars(select(Notice).where(Notice.letter == Letter.SEATS_HANDED_OVER)).one()
        act = session.scalars(select(StaffAct).where(StaffAct.kind == StaffActKind.SEATS_HANDED_OVER)).one()
    assert (entry.kind, entry.body["holder"], entry.body["left"]) == ("inherited", str(colleague.id), str(leaver.id))
    assert (told.officer_id, told.facts["seats"], told.facts["drafts"], told.facts["duties"]) == (colleague.id, 1, 1, 1)
    assert act.details == {"handed_over": 3, "left": 1}
    with any_make.database.reading() as session:
        assert not list(verify(session).broken)


def test_a_delegate_who_inherits_from_the_one_who_asked_answers(any_make, leaver, colleague, manager, seat):
    who = any_make.identity(leaver)
    any_make.database.write(delegate, who, seat.id, colleague.id, "请看", None, any_make.at)
    [done] = hand(any_make, manager, leaver, colleague)
    assert done.held.kind is HeldKind.DELEGATION
    with any_make.database.reading() as session:
        row = session.get_one(Seat, seat.id)
    assert (row.holder_id, row.delegated_by_id) == (colleague.id, None)
    any_make.say(any_make.identity(colleague), row)


def test_a_colleague_s_own_draft_is_not_written_over(any_make, leaver, colleague, manager, seat):
    for one, words in ((leaver, "旧"), (colleague, "新")):
        draft = DraftWords(OpinionKind.AGREE, reason=words)
        any_make.database.write(save_draft, any_make.identity(one), seat.id, draft, any_make.at)
    [done] = hand(any_make, manager, leaver, colleague)
    assert not done.is_done
    with any_make.database.reading() as session:
        assert draft_of(session, any_make.identity(colleague), seat.id).words.reason == "新"


def test_a_duty_that_would_close_a_circle_stays_and_is_listed(any_make, world, leaver, colleague, manager):
    at = any_make.at
    absent = world.officer(world.street)
    any_make.database.write(appoint, any_make.identity(absent), absent.id, leaver.id, at, at + DAY, at)
    any_make.database.write(appoint, any_make.identity(colleague), colleague.id, absent.id, at, at + DAY, at)
    [done] = hand(any_make, manager, leaver, colleague)
    assert (done.held.kind, done.is_done) == (HeldKind.DUTY, False)
    with any_make.database.reading() as session:
        assert [one.id for one in deputies_now(session, [absent.id], at)[absent.id]] == [leaver.id]


def test_who_may_take_over_and_who_may_hand_over(any_make, world, leaver, colleague, manager):
    reader = any_make.officer(world.council, role=Role.READER)
    for wrong in (leaver, reader, world.officer(world.street)):
        with pytest.raises(NoSuchSuccessor):
            hand(any_make, manager, leaver, wrong)
    with pytest.raises(NotAllowed):
        hand(any_make, any_make.identity(colleague), leaver, colleague)
    stranger = any_make.identity(any_make.officer(world.street, role=Role.MANAGER))
    with pytest.raises(NotFound):
        hand(any_make, stranger, leaver, colleague)


def test_who_leaves_is_out_at_once(any_make, world, leaver, colleague, manager, seat):
    at, limits = any_make.at, sessions.Limits(DAY, DAY)
    secret = any_make.database.write(sessions.open_session, leaver.id, sessions.Origin(), limits, at)
    any_make.database.write(transfer_to_colleague, manager, seat.id, leaver.id, "", None, at)
    with pytest.raises(HeldByColleague):
        any_make.say(any_make.identity(colleague), seat)
    any_make.database.write(deactivate, manager, leaver.id, at)
    with any_make.database.reading() as session, pytest.raises(NotLoggedIn):
        sessions.seat(session, secret, at)
    any_make.say(any_make.identity(colleague), seat)
    with pytest.raises(HasLeft):
        any_make.database.write(deactivate, manager, leaver.id, at)
    any_make.database.write(reactivate, manager, any_make.vault, leaver.id, at)
    with any_make.database.reading() as session:
        back = session.get_one(Officer, leaver.id)
        assert (back.is_active, back.password_hash) == (True, "")


def test_letters_to_who_has_left_are_given_up(any_make, world, leaver, colleague, manager, seat):
    any_make.database.write(deactivate, manager, leaver.id, any_make.at)
    claimed = any_make.database.write(claiming.claim, any_make.at, 100)
    assert leaver.email not in {one.to for one in claimed}
    assert colleague.email in {one.to for one in claimed}
    with any_make.database.reading() as session:
        given_up = session.scalars(select(Notice).where(Notice.officer_id == leaver.id)).all()
        assert given_up
        assert {(one.status, one.trouble) for one in given_up} == {(NoticeStatus.PERMANENT_FAILURE, HAS_LEFT)}
        assert not claiming.is_due(session, any_make.at)


def test_the_last_ones_cannot_leave(any_make, world, manager):
    admin = any_make.identity(any_make.officer(world.lead, is_administrator=True))
    for who, whom, broken in (
        (admin, admin.officer_id, NotYourself),
        (admin, manager.officer_id, LastManager),
    ):
        with pytest.raises(broken):
            any_make.database.write(deactivate, who, whom, any_make.at)
    other = any_make.identity(any_make.officer(world.street, is_administrator=True))
    any_make.database.write(deactivate, admin, other.officer_id, any_make.at)
    # `other` still believes to be one: whoever is last stays, whoever asks
    with pytest.raises(LastAdministrator):
        any_make.database.write(deactivate, other, admin.officer_id, any_make.at)
