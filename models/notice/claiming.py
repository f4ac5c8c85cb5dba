"""Claiming notices for sending.

`wake_at` is alarm and lease at once: claiming a notice moves it ahead by `LEASE`, so that a round that dies while it
sends leaves the notice due again; a receipt clears it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.notice import receiving
from models.notice.tables import Notice
from models.officer import Officer

LEASE = timedelta(minutes=10)
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


def claim(session: Session, at: datetime, size: int) -> Sequence[Addressed]:
    """Take up to `size` due notices for sending; until `LEASE` has passed nobody else takes them.

    A letter to an officer who has left meanwhile is given up.
    """
    due = session.scalars(
        select(Notice)
        .where(Notice.wake_at <= at)
        .order_by(Notice.wake_at)
        .limit(size)
        .with_for_update(skip_locked=True)
    ).all()
    officers = {officer.id: officer for officer in _recipients(session, due)}
    staying = [one for one in due if officers[one.officer_id].is_active]
    for notice in due:
        if not officers[notice.officer_id].is_active:
            receiving.give_up(session, notice.id, HAS_LEFT)
    for notice in staying:
        notice.wake_at = at + LEASE
        notice.tries += 1
    return [
        Addressed(
            notice.id,
            notice.letter.value,
            notice.facts,
            officers[notice.officer_id].email,
            officers[notice.officer_id].language,
        )
        for notice in staying
    ]


def _recipients(session: Session, due: Sequence[Notice]) -> Sequence[Officer]:
    return session.scalars(select(Officer).where(Officer.id.in_({one.officer_id for one in due}))).all()
