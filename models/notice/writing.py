"""Writing notices: one for each officer who is to be told and wants to be, once for each cause."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from models.base import uuid7
from models.calendars import district_calendar
from models.notice.tables import Letter, Notice, NoticeStatus
from models.officer import Officer, preferences_of
from models.preference import MANNERS, NOTHING_CHOSEN, Chosen, due_for
from models.upserting import insert_new


def write(
    session: Session,
    cause: str,
    matter_id: UUID | None,
    letter: Letter,
    facts: dict[str, Any],
    to: Iterable[Officer],
    at: datetime,
    seat_id: UUID | None = None,
    report_id: UUID | None = None,
) -> int:
    """Put one letter to each officer on its way, when and if the officer prefers; `cause` makes it unique.

    Returns how many were new.
    """
    officers = list(to)
    chosen = _choices(session, letter, officers)
    rows = [
        {
            "id": uuid7(),
            "key": f"{letter}:{cause}:{officer.id}",
            "matter_id": matter_id,
            "report_id": report_id,
            "officer_id": officer.id,
            "seat_id": seat_id,
            "letter": letter,
            "facts": facts,
            "status": NoticeStatus.CREATED,
            "tries": 0,
            "created_at": at,
        }
        | leaving(chosen.get(officer.id, NOTHING_CHOSEN), letter, facts, at)
        for officer in officers
        if chosen.get(officer.id, NOTHING_CHOSEN).wants(letter)
    ]
    return insert_new(session, Notice, rows)


def leaving(chosen: Chosen, letter: Letter, facts: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The alarm of a letter written at `at`, and whether it is gathered: as columns of its notice."""
    deadline = datetime.fromisoformat(facts["due_at"]) if facts.get("due_at") else None
    wake_at, is_gathered = due_for(chosen, letter, at, district_calendar(), deadline)
    return {"wake_at": wake_at, "is_gathered": is_gathered}


def _choices(session: Session, letter: Letter, officers: list[Officer]) -> Mapping[UUID, Chosen]:
    """What each has chosen, where it makes a difference to such a letter."""
    return {} if MANNERS[letter].passes else preferences_of(session, officers)
