"""Claiming notices for sending.

`wake_at` is alarm and lease at once: claiming a notice moves it ahead by `LEASE`, so that a round that dies while it
sends leaves the notice due again; a receipt clears it.

A letter that may have left already (`unclear_at`) is sent again only when the provider's events had their time to say
that it did. Where events come in (`is_heard`), that is once something is known to have happened after it left, or at
the latest after `UNCLEAR_LONGEST`: a second copy costs a glance, a letter too late a deadline.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.mail_event import tables as mail_events
from models.notice import gathering, receiving
from models.notice.tables import Letter, Notice
from models.officer import Officer

LEASE = timedelta(minutes=10)
UNCLEAR_LONGEST = timedelta(hours=4)
LOOK_AGAIN = timedelta(minutes=10)  # for news of a letter that may have left
HAS_LEFT = "The officer has left: the account is closed."


@dataclass(frozen=True, slots=True)
class Addressed:
    """A claimed letter with all that is needed to send it, as plain values. `carried`: notices that it tells besides."""

    notice_id: UUID
    letter: str
    facts: dict[str, Any]
    to: str
    language: str
    carried: tuple[UUID, ...] = ()


def is_due(session: Session, at: datetime) -> bool:
    """Whether any notice is due at `at`: one look at the alarm's index."""
    return session.execute(select(Notice.id).where(Notice.wake_at <= at).limit(1)).first() is not None


def claim(session: Session, at: datetime, size: int, *, is_heard: bool = False) -> Sequence[Addressed]:
    """Take up to `size` due letters for sending; until `LEASE` has passed nobody else takes them.

    A letter to an officer who has left meanwhile is given up. What waits to be gathered is gathered first. `is_heard`:
    the provider's events come in.
    """
    gathering.gather(session, at, size)
    due = session.scalars(
        select(Notice)
        .where(Notice.wake_at <= at, Notice.carried_by_id.is_(None), ~Notice.is_gathered)
        .order_by(Notice.wake_at)
        .limit(size)
        .with_for_update(skip_locked=True)
    ).all()
    if is_heard:
        due = _without_unclear(session, due, at)
    officers = {officer.id: officer for officer in _recipients(session, due)}
    staying = [one for one in due if officers[one.officer_id].is_active]
    for notice in due:
        if not officers[notice.officer_id].is_active:
            receiving.give_up(session, notice.id, HAS_LEFT, at)
    carried = gathering.carried_by(session, staying)
    for notice in staying:
        for one in (notice, *carried.get(notice.id, ())):
            one.wake_at = at + LEASE
            one.tries += 1
    several = {one.id: (one, *carried[one.id]) for one in staying if one.id in carried}
    digests = gathering.digest_facts(session, several) if several else {}
    return [
        _addressed(one, carried.get(one.id, ()), digests.get(one.id, one.facts), officers[one.officer_id])
        for one in staying
    ]


def _without_unclear(session: Session, due: Sequence[Notice], at: datetime) -> Sequence[Notice]:
    """Put off those of which events may still tell that they left."""
    unclear = [one for one in due if one.unclear_at is not None and at < one.unclear_at + UNCLEAR_LONGEST]
    if not unclear:
        return due
    heard_until = mail_events.newest(session)
    put_off = {
        one.id for one in unclear if heard_until is None or one.unclear_at is None or heard_until <= one.unclear_at
    }
    for notice in due:
        if notice.id in put_off:
            notice.wake_at = at + LOOK_AGAIN
    return [one for one in due if one.id not in put_off]


def _addressed(notice: Notice, carried: Sequence[Notice], facts: dict[str, Any], to: Officer) -> Addressed:
    """The letter as it is sent: the notice's own, or one of several."""
    letter = Letter.DIGEST if carried else notice.letter
    return Addressed(notice.id, letter.value, facts, to.email, to.language, tuple(one.id for one in carried))


def _recipients(session: Session, due: Sequence[Notice]) -> Sequence[Officer]:
    return session.scalars(select(Officer).where(Officer.id.in_({one.officer_id for one in due}))).all()
