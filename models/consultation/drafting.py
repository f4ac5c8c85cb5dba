"""Drafts 暂存: what an officer has typed and not yet said.

A draft is its officer's own paper: nobody else sees it, and it leaves no entry in the record, since nothing was done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.consultation.opinions import LONGEST_TEXT, StageSettled, TextTooLong
from models.consultation.tables import OpinionDraft, OpinionKind, Seat, Stage, StageStatus
from models.errors import NotAllowed, NotFound
from models.matter import visible
from models.officer import Identity, check_may_act
from models.upserting import insert_into

MOST_GROUPS = 200  # groups of excepted lines


@dataclass(frozen=True, slots=True)
class DraftWords:
    """What stands in the form. `kind` None: not chosen yet; `exceptions`: line numbers as typed, and the reason."""

    kind: OpinionKind | None = None
    reason: str = ""
    conditions: str = ""
    exceptions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """A draft as it was kept at `saved_at`."""

    seat_id: UUID
    words: DraftWords
    saved_at: datetime


def save_draft(session: Session, who: Identity, seat_id: UUID, words: DraftWords, at: datetime) -> datetime:
    """Keep what was typed, in place of an older draft. Returns `at`.

    Raises `NotFound`, `NotAllowed`, `OnlyReads`, `StageSettled`, `TextTooLong`.
    """
    check_may_act(who)
    _check_seat(session, who, seat_id)
    texts = [words.reason, words.conditions, *(text for pair in words.exceptions for text in pair)]
    if any(len(text) > LONGEST_TEXT for text in texts) or len(words.exceptions) > MOST_GROUPS:
        raise TextTooLong(limit=LONGEST_TEXT)
    kept: dict[str, Any] = {
        "kind": words.kind,
        "reason": words.reason,
        "conditions": words.conditions,
        "exceptions": [list(pair) for pair in words.exceptions],
        "saved_at": at,
    }
    query = insert_into(session, OpinionDraft).values(seat_id=seat_id, officer_id=who.officer_id, **kept)
    session.execute(query.on_conflict_do_update(index_elements=["seat_id", "officer_id"], set_=kept))
    return at


def _check_seat(session: Session, who: Identity, seat_id: UUID) -> None:
    """The seat is the officer's organisation's, in an open stage."""
    seat = _check_place(session, who, seat_id)
    if session.get_one(Stage, seat.stage_id).status is StageStatus.SETTLED:
        raise StageSettled()


def _check_place(session: Session, who: Identity, seat_id: UUID) -> Seat:
    """The seat, where it is the officer's organisation's."""
    seat = session.get(Seat, seat_id)
    if seat is None:
        raise NotFound()
    visible(session, seat.matter_id, who)
    if seat.organisation_id != who.organisation_id:
        raise NotAllowed()
    return seat


def drop_draft(session: Session, who: Identity, seat_id: UUID) -> None:
    """Forget the officer's draft for the seat; nothing happens where there is none.

    Raises `NotFound`, `NotAllowed` for a seat of others.
    """
    _check_place(session, who, seat_id)
    query = delete(OpinionDraft).where(OpinionDraft.seat_id == seat_id, OpinionDraft.officer_id == who.officer_id)
    session.execute(query)


def drafts_of(session: Session, who: Identity, seat_ids: Sequence[UUID]) -> dict[UUID, SavedDraft]:
    """The officer's drafts for these seats, by seat."""
    if not seat_ids:
        return {}
    query = select(OpinionDraft).where(OpinionDraft.officer_id == who.officer_id, OpinionDraft.seat_id.in_(seat_ids))
    return {one.seat_id: _saved(one) for one in session.scalars(query)}


def draft_of(session: Session, who: Identity, seat_id: UUID) -> SavedDraft | None:
    """The officer's draft for one seat, or None."""
    return drafts_of(session, who, [seat_id]).get(seat_id)


def _saved(one: OpinionDraft) -> SavedDraft:
    pairs = tuple((str(lines), str(why)) for lines, why in one.exceptions)
    return SavedDraft(one.seat_id, DraftWords(one.kind, one.reason, one.conditions, pairs), one.saved_at)
