"""Writing notices: one for each officer who is to be told, once for each cause."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from models.base import uuid7
from models.notice.tables import Letter, Notice, NoticeStatus
from models.officer import Officer
from models.upserting import insert_new


def write(
    session: Session,
    cause: str,
    matter_id: UUID | None,
    letter: Letter,
    facts: dict[str, Any],
    to: Iterable[Officer],
    at: datetime,
) -> int:
    """Put one letter to each officer on its way; `cause` makes it unique. Returns how many were new."""
    rows = [
        {
            "id": uuid7(),
            "key": f"{letter}:{cause}:{officer.id}",
            "matter_id": matter_id,
            "officer_id": officer.id,
            "letter": letter,
            "facts": facts,
            "status": NoticeStatus.CREATED,
            "wake_at": at,
            "tries": 0,
            "created_at": at,
        }
        for officer in to
    ]
    return insert_new(session, Notice, rows)
