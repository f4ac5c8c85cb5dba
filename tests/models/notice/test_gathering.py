"""What waited for an officer leaves as one letter, once, without what nobody needs any more."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.consultation import seats
from models.notice import receiving
from models.notice.choosing import choose
from models.notice.claiming import LEASE, Addressed, claim, is_due
from models.notice.gathering import MOST, gather
from models.notice.tables import Letter, Notice, NoticeStatus
from models.officer import Officer
from models.preference import Chosen, Pace
from templates.language import LANGUAGES
from templates.letters import render_letter
from tests.make import Maker, Neighbourhood

HOUR = timedelta(hours=1)
NOBODYS = 10_000


@pytest.fixture
def world(any_make: Maker, at) -> Neighbourhood:
    """A neighbourhood whose community has its letters gathered every hour; nobody else's letters are looked at."""
    world = any_make.neighbourhood()
    any_make.database.write(choose, world.officer(world.community).id, Chosen(Pace.HOURLY), at)
    return world


def opened(make: Maker, world: Neighbourhood, count: int) -> list[Any]:
    """So many filings that ask the community, and the seats."""
    filings = [make.filing(world.clerk, [world.compound], 1, seed=seed) for seed in range(count)]
    for one in filings:
        make.open(one.matter_id)
    asked = [seat for one in filings for seat in make.asked(one.matter_id)]
    return [seat for seat in asked if seat.organisation_id == world.community.id]


def mine(make: Maker, world: Neighbourhood) -> list[Notice]:
    query = select(Notice).where(Notice.officer_id == world.officer(world.community).id).order_by(Notice.id)
    with make.database.reading() as session:
        return list(session.scalars(query))


def claimed(make: Maker, world: Neighbourhood, at) -> list[Addressed]:
    """What a round takes for the community's officer."""
    to = world.officer(world.community).email
    return [one for one in make.database.write(claim, at, NOBODYS) if one.to == to]


def test_what_waited_leaves_as_one_letter_that_tells_all(any_make, world, at):
    opened(any_make, world, 3)
    assert claimed(any_make, world, at) == []
    [letter] = claimed(any_make, world, at + HOUR)
    first, *others = mine(any_make, world)
    assert (letter.letter, letter.notice_id, letter.carried) == ("digest", first.id, tuple(one.id for one in others))
    assert len(others) == 2
    for language in LANGUAGES:
        text = render_letter(letter.letter, language, letter.facts, "https://wufang.example", at + HOUR).text
        assert all(one.facts["reference"] in text for one in mine(any_make, world))
    assert not claimed(any_make, world, at + HOUR)
    any_make.database.write(receiving.receive, first.id, NoticeStatus.SENDING, "sendgrid", "x", at + HOUR)
    assert {(one.status, one.wake_at, one.provider_id) for one in mine(any_make, world)} == {
        (NoticeStatus.SENDING, None, "x")
    }


def test_a_single_one_is_sent_as_itself(any_make, world, at):
    opened(any_make, world, 1)
    [letter] = claimed(any_make, world, at + HOUR)
    [notice] = mine(any_make, world)
    assert (letter.letter, letter.facts, letter.carried) == ("invitation", notice.facts, ())


def test_what_was_answered_meanwhile_is_not_asked_again(any_make, world, at):
    answered, *_ = opened(any_make, world, 3)
    any_make.say(world.who(world.community), answered)
    [letter] = claimed(any_make, world, at + HOUR)
    assert len(letter.facts["told"]) == 2
    gone = [one for one in mine(any_make, world) if one.seat_id == answered.id]
    assert [(one.status, one.wake_at, one.carried_by_id) for one in gone] == [(NoticeStatus.CANCELLED, None, None)]


def test_where_all_was_answered_no_letter_leaves(any_make, world, at):
    for seat in opened(any_make, world, 2):
        any_make.say(world.who(world.community), seat)
    assert claimed(any_make, world, at + HOUR) == []
    assert {one.status for one in mine(any_make, world)} == {NoticeStatus.CANCELLED}


def test_a_reminder_takes_the_place_of_its_invitation(any_make, world, at):
    officer = world.officer(world.community).id
    any_make.database.write(choose, officer, Chosen(Pace.DAILY), at)
    opened(any_make, world, 2)
    [matter_id, *_] = [one.matter_id for one in mine(any_make, world)]
    with any_make.database.reading() as session:
        due_at = seats.open_stage(session, matter_id).due_at
    any_make.climb(matter_id, at + 2 * HOUR)  # nobody has looked
    any_make.climb(matter_id, due_at - timedelta(days=1))
    reminders = [one for one in mine(any_make, world) if one.letter is Letter.REMINDER]
    assert reminders
    [letter] = claimed(any_make, world, due_at - timedelta(minutes=1))
    told = [(one["letter"], one["facts"]["reference"]) for one in letter.facts["told"]]
    assert len(told) == len(set(told)) == 2
    assert {kind for kind, _ in told} == {"invitation", "reminder"}


def test_a_digest_that_is_put_back_is_the_same_letter_and_tells_what_was_answered(any_make, world, at):
    answered, *_ = opened(any_make, world, 2)
    [letter] = claimed(any_make, world, at + HOUR)
    any_make.database.write(receiving.put_back, letter.notice_id, "No.", at + HOUR)
    any_make.say(world.who(world.community), answered)
    filing = any_make.filing(world.clerk, [world.compound], 1, seed=99)
    any_make.open(filing.matter_id, at + HOUR + timedelta(minutes=5))
    again = claimed(any_make, world, at + HOUR + receiving.FIRST_DELAY)
    assert [(one.notice_id, one.carried) for one in again] == [(letter.notice_id, letter.carried)]
    assert [one["is_settled"] for one in again[0].facts["told"]] == [True, False]
    assert {one.tries for one in mine(any_make, world)} == {2, 0}
    assert {one.letter for one in claimed(any_make, world, at + 2 * HOUR)} == {"digest", "invitation"}


def test_a_digest_whose_round_died_is_due_again_when_its_lease_is_over(any_make, world, at):
    opened(any_make, world, 3)
    [letter] = claimed(any_make, world, at + HOUR)
    assert claimed(any_make, world, at + HOUR + LEASE - timedelta(seconds=1)) == []
    assert claimed(any_make, world, at + HOUR + LEASE) == [letter]


def test_a_long_digest_becomes_several(make, at):
    world = make.neighbourhood()
    officer = world.officer(world.community)
    make.database.write(choose, officer.id, Chosen(Pace.HOURLY), at)
    make.database.write(lambda session: session.add_all(_rows(officer, MOST + 2, at)))
    letters = claimed(make, world, at + HOUR)
    assert sorted(len(one.carried) for one in letters) == [1, MOST - 1]


def _rows(officer: Officer, count: int, at) -> list[Notice]:
    shared = {"officer_id": officer.id, "letter": Letter.RESULT, "facts": {}, "created_at": at, "is_gathered": True}
    return [Notice(key=f"result:{number}", wake_at=at + HOUR, **shared) for number in range(count)]


def test_who_has_left_gets_no_digest(any_make, world, at):
    opened(any_make, world, 3)
    any_make.tamper("update officer set is_active = false where id = :id", id=_key(any_make, world))
    assert claimed(any_make, world, at + HOUR) == []
    assert {one.status for one in mine(any_make, world)} == {NoticeStatus.PERMANENT_FAILURE}


def _key(make: Maker, world: Neighbourhood) -> Any:
    officer_id = world.officer(world.community).id
    return officer_id.hex if make.database.is_sqlite else officer_id


def at_once_in_two_workers(act: Callable[[], list[Addressed]]) -> list[list[Addressed]]:
    """What each of two threads takes that begin together."""
    barrier, found = Barrier(2), []

    def work() -> None:
        barrier.wait()
        found.append(act())

    threads = [Thread(target=work) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return found


def test_two_workers_never_take_the_same_and_never_split_a_digest(any_make, world, at):
    opened(any_make, world, 4)
    for number in range(5):
        later = at + HOUR + number * LEASE
        taken = at_once_in_two_workers(lambda later=later: claimed(any_make, world, later))
        letters = [one for listed in taken for one in listed]
        assert len(letters) <= 1
    [letter] = letters or claimed(any_make, world, at + HOUR + 5 * LEASE)
    assert len(letter.carried) == 3
    with any_make.database.reading() as session:
        assert not is_due(session, at)


def test_a_worker_passes_over_an_officer_whose_letters_another_gathers(postgres, vault, at):
    make = Maker(postgres, vault, at)
    world = make.neighbourhood()
    make.database.write(choose, world.officer(world.community).id, Chosen(Pace.HOURLY), at)
    opened(make, world, 3)
    found: list[Addressed] = []
    with Session(postgres._engine) as other:
        gather(other, at + HOUR, NOBODYS)
        waiting = Thread(target=lambda: found.extend(claimed(make, world, at + HOUR)), daemon=True)
        waiting.start()
        waiting.join(timeout=10)
        assert not waiting.is_alive()
        assert found == []
        other.commit()
    [letter] = claimed(make, world, at + HOUR)
    assert len(letter.carried) == 2
