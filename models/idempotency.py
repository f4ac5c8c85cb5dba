"""Idempotency keys: a request that is sent again makes nothing twice and gets the first answer.

The answer is kept in the transaction of the act itself, so that neither is ever there without the other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, delete, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base
from models.errors import RuleBroken
from models.upserting import insert_into
from models.words import N_

KEPT = timedelta(hours=24)
LONGEST_KEY = 200  # characters


class KeyUsedOtherwise(RuleBroken):
    """The same key came with another request."""

    sentence = N_("This Idempotency-Key was used for another request. Send a new key with a new request.")
    status = 422


class KeyTooLong(RuleBroken):
    """A key that no table should hold."""

    sentence = N_("The Idempotency-Key is longer than {limit} characters. Send a shorter one, such as a UUID.")
    status = 422


class IdempotentAnswer(Base):
    """What an officer's request with this key was answered. `digest`: SHA-256 of method, path and body."""

    __tablename__ = "idempotent_answer"
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    answer: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True)
class Keyed:
    """An officer's key (None: none was sent) and the digest of the request that carries it."""

    officer_id: UUID
    key: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer, JSON-able, and whether it is the first one once more."""

    answer: dict[str, Any]
    is_replayed: bool


def once(session: Session, keyed: Keyed, act: Callable[[], dict[str, Any]], at: datetime) -> Answered:
    """Act, or give the first answer again where the key was used within a day. Raises `KeyUsedOtherwise`.

    The key is taken before the act: of two at the same time, the second waits for the first and replays its answer.
    """
    if keyed.key is None:
        return Answered(act(), is_replayed=False)
    if len(keyed.key) > LONGEST_KEY:
        raise KeyTooLong(limit=LONGEST_KEY)
    if not _take(session, keyed, at):
        return Answered(_known(session, keyed), is_replayed=True)
    answer = act()
    mine = IdempotentAnswer.officer_id == keyed.officer_id, IdempotentAnswer.key == keyed.key
    session.execute(update(IdempotentAnswer).where(*mine).values(answer=answer))
    return Answered(answer, is_replayed=False)


def recall(session: Session, keyed: Keyed, at: datetime) -> Answered | None:
    """The first answer, where there is one already: for acts outside the database. Raises `KeyUsedOtherwise`."""
    found = session.get(IdempotentAnswer, (keyed.officer_id, keyed.key)) if keyed.key else None
    if found is None or found.created_at <= at - KEPT:
        return None
    return Answered(_known(session, keyed), is_replayed=True)


def purge(session: Session, at: datetime) -> int:
    """Forget keys older than a day. Returns how many."""
    old = delete(IdempotentAnswer).where(IdempotentAnswer.created_at <= at - KEPT)
    return len(session.scalars(old.returning(IdempotentAnswer.key)).all())


def _take(session: Session, keyed: Keyed, at: datetime) -> bool:
    """Whether the key is ours from now on; one that is older than a day is free again."""
    session.execute(
        delete(IdempotentAnswer).where(
            IdempotentAnswer.officer_id == keyed.officer_id,
            IdempotentAnswer.key == keyed.key,
            IdempotentAnswer.created_at <= at - KEPT,
        )
    )
    row: dict[str, Any] = {
        "officer_id": keyed.officer_id,
        "key": keyed.key,
        "digest": keyed.digest,
        "answer": {},
        "created_at": at,
    }
    taken = insert_into(session, IdempotentAnswer).values(**row).on_conflict_do_nothing()
    return session.scalars(taken.returning(IdempotentAnswer.key)).first() is not None


def _known(session: Session, keyed: Keyed) -> dict[str, Any]:
    found = session.get_one(IdempotentAnswer, (keyed.officer_id, keyed.key), populate_existing=True)
    if found.digest != keyed.digest:
        raise KeyUsedOtherwise()
    return found.answer
