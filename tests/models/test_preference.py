"""What officers choose: when letters leave in a story, what they cannot choose, and who is asked for it how often."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import event

from models.calendars import district_calendar
from models.clock import SHANGHAI
from models.consultation.telling import Telling, tell_organisation
from models.notice import writing
from models.notice.choosing import choose
from models.notice.tables import Letter, Notice, NoticeStatus, of_matter
from models.officer import officers_of
from models.preference import (
    MANNERS,
    NOTHING_CHOSEN,
    OPTIONAL_LETTERS,
    Chosen,
    NotOptional,
    Pace,
    QuietUnclear,
    chosen_by,
    due_for,
    optional_letters,
    quiet_hours,
)

NIGHT = (time(20), time(7, 30))
FRIDAY_EVENING = datetime(2026, 11, 27, 22, 15, tzinfo=SHANGHAI)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def test_every_letter_has_its_manner_and_what_asks_is_never_optional():
    assert set(MANNERS) == set(Letter)
    assert set(OPTIONAL_LETTERS) == {Letter.COPY, Letter.QUESTION, Letter.REPLY, Letter.TRAINING_PUBLISHED}
    passing = {letter for letter, manner in MANNERS.items() if manner.passes}
    assert {Letter.ESCALATION, Letter.LATE, Letter.URGED, Letter.PASSWORD_RESET, Letter.ACCOUNT_INVITATION} <= passing
    assert not passing & {Letter.INVITATION, Letter.REMINDER, Letter.COPY, Letter.RESULT}


@pytest.mark.parametrize(
    ("chosen", "at", "leaves"),
    [
        (Chosen(Pace.AT_ONCE), local(27, 22, 15), local(27, 22, 15)),
        (Chosen(Pace.AT_ONCE, NIGHT), local(27, 22, 15), local(28, 7, 30)),
        (Chosen(Pace.AT_ONCE, NIGHT), local(27, 3), local(27, 7, 30)),
        (Chosen(Pace.AT_ONCE, (time(12), time(14, 30))), local(27, 12), local(27, 14, 30)),
        (Chosen(Pace.AT_ONCE, (time(12), time(14, 30))), local(27, 14, 30), local(27, 14, 30)),
        (Chosen(Pace.AT_ONCE, (time(22), time(0))), local(27, 23), local(28, 0)),
        (Chosen(Pace.HOURLY), local(27, 9, 10), local(27, 10)),
        (Chosen(Pace.HOURLY), local(27, 10), local(27, 11)),
        (Chosen(Pace.HOURLY, NIGHT), local(27, 19, 10), local(28, 7, 30)),
        (Chosen(Pace.DAILY), local(27, 7), local(27, 8, 30)),
        (Chosen(Pace.DAILY), local(27, 8, 30), local(30, 8, 30)),  # a Friday
        (Chosen(Pace.DAILY, (time(18), time(9))), local(26, 12), local(27, 9)),
    ],
)
def test_when_a_letter_leaves(chosen, at, leaves):
    wake_at, is_gathered = due_for(chosen, Letter.INVITATION, at.astimezone(UTC), district_calendar())
    assert wake_at == leaves
    assert is_gathered == (leaves > at)


def test_a_reminder_whose_deadline_is_before_the_next_digest_comes_at_once():
    at = local(26, 15).astimezone(UTC)
    for deadline, leaves in ((local(26, 18), at), (local(27, 8, 30), at), (local(27, 18), local(27, 8, 30))):
        wake_at, _ = due_for(Chosen(Pace.DAILY), Letter.REMINDER, at, district_calendar(), deadline)
        assert wake_at == leaves
    night = due_for(Chosen(Pace.DAILY, (time(14), time(20))), Letter.REMINDER, at, district_calendar(), local(26, 18))
    assert night == (local(26, 20), True)  # quiet is quiet


def test_what_cannot_be_chosen_is_said(any_make, at):
    officer = any_make.neighbourhood().clerk.officer_id
    for wrong in (frozenset({Letter.INVITATION}), frozenset({Letter.COPY, Letter.PASSWORD_RESET})):
        with pytest.raises(NotOptional):
            any_make.database.write(choose, officer, Chosen(without=wrong), at)
    with pytest.raises(NotOptional):
        optional_letters(["gossip"])
    for begins, ends in ((time(9), None), (None, time(9)), (time(9), time(9))):
        with pytest.raises(QuietUnclear):
            quiet_hours(begins, ends)
    with any_make.database.reading() as session:
        assert chosen_by(session, officer) == NOTHING_CHOSEN


def test_a_choice_is_kept_and_changed(any_make, at):
    officer = any_make.neighbourhood().clerk.officer_id
    for chosen in (
        Chosen(Pace.DAILY, (time(22), time(0)), frozenset({Letter.COPY})),
        Chosen(Pace.AT_ONCE, (time(0), time(7)), frozenset()),
        NOTHING_CHOSEN,
    ):
        any_make.database.write(choose, officer, chosen, at)
        with any_make.database.reading() as session:
            assert chosen_by(session, officer) == chosen


def tell(make, world, letter, cause, at, **facts):
    """Tell the community."""
    matter = make.matter(make.filing(world.clerk, [world.compound], 1, seed=ord(cause)).matter_id)
    make.database.write(
        tell_organisation, matter, world.community.id, facts, Telling(letter, cause), f"{matter.id}:{cause}", at
    )
    with make.database.reading() as session:
        return [one for one in of_matter(session, matter.id) if one.letter is letter]


def test_letters_are_written_as_their_officer_chose(any_make, at):
    world = any_make.neighbourhood()
    officer = world.officer(world.community).id
    any_make.database.write(choose, officer, Chosen(Pace.HOURLY, None, frozenset({Letter.COPY})), at)
    [invited] = tell(any_make, world, Letter.INVITATION, "a", at)
    assert (invited.wake_at, invited.is_gathered) == (at + timedelta(hours=1), True)
    [urged] = tell(any_make, world, Letter.URGED, "b", at)
    assert (urged.wake_at, urged.is_gathered) == (at, False)
    assert tell(any_make, world, Letter.COPY, "c", at) == []
    soon = (at + timedelta(minutes=30)).isoformat()
    [reminded] = tell(any_make, world, Letter.REMINDER, "d", at, due_at=soon)
    assert (reminded.wake_at, reminded.is_gathered) == (at, False)


def test_a_new_choice_moves_what_waits(any_make, at):
    world = any_make.neighbourhood()
    officer = world.officer(world.community).id
    any_make.database.write(choose, officer, Chosen(Pace.DAILY), at)
    [invited] = tell(any_make, world, Letter.INVITATION, "a", at)
    [copied] = tell(any_make, world, Letter.COPY, "b", at)
    assert invited.wake_at == copied.wake_at > at + timedelta(hours=20)
    later = at + timedelta(minutes=10)
    any_make.database.write(choose, officer, Chosen(Pace.AT_ONCE, None, frozenset({Letter.COPY})), later)
    with any_make.database.reading() as session:
        invited, copied = (session.get_one(Notice, one.id) for one in (invited, copied))
    assert (invited.wake_at, invited.status) == (later, NoticeStatus.CREATED)
    assert (copied.wake_at, copied.status) == (None, NoticeStatus.CANCELLED)


def test_what_officers_prefer_is_read_with_them(make, at):
    """The telling of an organisation costs no statement more than before there were preferences."""
    world = make.neighbourhood()
    make.database.write(choose, world.officer(world.community).id, Chosen(Pace.HOURLY), at)
    said: list[str] = []

    def act(session):
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2]))
        officers = officers_of(session, [world.community.id])
        return writing.write(session, "cause", None, Letter.INVITATION, {}, officers, at)

    assert make.database.write(act) == 1
    assert [one.split()[0] for one in said] == ["SELECT"]  # the insert is a prepared one, which these events do not see
