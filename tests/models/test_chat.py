"""What rooms are told: each cause once, what officers' letters say, and what is needed still."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from models import chat
from models.chat import LEASE, ChatMessage, claim, is_due, pass_on
from models.chat_rooms import RoomDraft, add_room, switch
from models.consultation import seats
from models.notice.tables import Letter, Notice, NoticeStatus, of_matter
from tests.fake_robots import ADDRESSES

SECOND = timedelta(seconds=1)


@pytest.fixture
def world(any_make):
    """Five parties; the community has a room."""
    world = any_make.neighbourhood()
    put_room(any_make, world, world.community, "wecom")
    return world


def put_room(make, world, organisation, kind):
    chief = make.identity(make.officer(world.lead, is_administrator=True))
    draft = RoomDraft("工作群", ADDRESSES[kind])
    return chief, make.database.write(add_room, chief, make.vault, organisation.id, draft, make.at)


def messages(make):
    with make.database.reading() as session:
        return list(session.scalars(select(ChatMessage).order_by(ChatMessage.id)))


def opened(make, world):
    filing = make.filing(world.clerk, [world.compound], make.rider_lines(2))
    make.open(filing.matter_id)
    return filing.matter_id


def notices(make, matter_id, officer):
    with make.database.reading() as session:
        return [one for one in of_matter(session, matter_id) if one.officer_id == officer.id]


def test_a_room_is_told_once_what_all_the_officers_are_told(any_make, world, at):
    colleague = any_make.officer(world.community)
    matter_id = opened(any_make, world)
    [message] = messages(any_make)
    [notice] = notices(any_make, matter_id, colleague)
    assert (message.letter, message.facts, message.seat_id) == (notice.letter, notice.facts, notice.seat_id)
    assert message.seat_id is not None
    private = {one.name for one in any_make.rider_lines(2)} | {colleague.name, colleague.email}
    assert not [one for one in private if one in str(message.facts)]


def test_organisations_without_a_room_are_told_by_letter_only(make, at):
    world = make.neighbourhood()
    opened(make, world)
    assert messages(make) == []


def test_a_letter_that_cannot_be_delivered_is_passed_on_once(any_make, world, at):
    matter_id = opened(any_make, world)
    [notice] = notices(any_make, matter_id, world.officer(world.community))
    assert any_make.database.write(lambda session: pass_on(session, session.get_one(Notice, notice.id), at))
    assert len(messages(any_make)) == 1  # the room was told of it already
    any_make.tamper("update chat_message set key = 'other'")
    for _ in range(2):
        assert any_make.database.write(lambda session: pass_on(session, session.get_one(Notice, notice.id), at))
    _, passed = messages(any_make)
    assert (passed.letter, passed.facts, passed.matter_id) == (notice.letter, notice.facts, matter_id)


def test_what_is_the_officers_own_or_has_no_room_is_not_passed_on(any_make, world, at):
    matter_id = opened(any_make, world)
    [notice] = notices(any_make, matter_id, world.officer(world.council))
    own = Notice(key="x", officer_id=world.officer(world.community).id, letter=Letter.PASSWORD_RESET, facts={})
    assert not any_make.database.write(lambda session: pass_on(session, session.get_one(Notice, notice.id), at))
    assert not any_make.database.write(lambda session: pass_on(session, own, at))


def test_a_deputys_letter_goes_to_the_deputys_room_without_the_deputy(any_make, world, at):
    facts = {"organisation": {"zh": "街", "en": "Street"}, "as_deputy": True}
    matter_id = opened(any_make, world)
    officer = world.officer(world.community)
    notice = Notice(key=f"reminder:c:{officer.id}", officer_id=officer.id, letter=Letter.REMINDER, facts=facts)
    notice.matter_id = matter_id
    assert any_make.database.write(lambda session: pass_on(session, notice, at))
    assert messages(any_make)[-1].facts == {"organisation": facts["organisation"]}


def test_what_was_answered_meanwhile_is_not_told(any_make, world, at):
    matter_id = opened(any_make, world)
    [seat] = [one for one in any_make.asked(matter_id) if one.organisation_id == world.community.id]
    any_make.say(world.who(world.community), seat)
    assert any_make.database.write(claim, at) == []
    assert [(one.status, one.wake_at) for one in messages(any_make)] == [(NoticeStatus.CANCELLED, None)]
    with any_make.database.reading() as session:
        assert not is_due(session, at + LEASE)


def test_escalations_are_told_whoever_answers(any_make, world, at):
    put_room(any_make, world, world.street, "feishu")
    matter_id = opened(any_make, world)
    any_make.database.write(claim, at)
    with any_make.database.reading() as session:
        due_at = seats.open_stage(session, matter_id).due_at
    any_make.climb(matter_id, due_at - timedelta(days=1))
    any_make.climb(matter_id, due_at)
    letters = {said.letter for one in any_make.database.write(claim, due_at) for said in one.said}
    assert {Letter.ESCALATION, Letter.LATE} <= letters


def test_what_waits_for_a_room_that_is_switched_off_is_cancelled(any_make, at):
    world = any_make.neighbourhood()
    chief, room = put_room(any_make, world, world.community, "dingtalk")
    opened(any_make, world)
    any_make.database.write(lambda session: switch(session, chief, room.id, at, is_on=False) and None)
    opened(any_make, world)
    assert [one.status for one in messages(any_make)] == [NoticeStatus.CANCELLED]
    assert any_make.database.write(claim, at) == []


def test_a_receipt_that_comes_too_late_changes_nothing(any_make, at):
    world = any_make.neighbourhood()
    chief, room = put_room(any_make, world, world.community, "dingtalk")
    opened(any_make, world)
    [slow] = any_make.database.write(claim, at)
    any_make.database.write(lambda session: switch(session, chief, room.id, at, is_on=False) and None)
    any_make.database.write(chat.receive, slow, at)
    any_make.database.write(chat.put_back, slow, "No.", at)
    assert [one.status for one in messages(any_make)] == [NoticeStatus.CANCELLED]


def test_two_workers_never_take_the_same_room(any_make, world, at):
    opened(any_make, world)
    for number in range(5):
        barrier, found = Barrier(2), []

        def work(barrier=barrier, found=found, now=at + number * LEASE) -> None:
            barrier.wait()
            found += any_make.database.write(claim, now)

        threads = [Thread(target=work) for _ in range(2)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert len(found) == 1
