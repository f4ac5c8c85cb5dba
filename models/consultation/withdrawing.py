"""Withdrawing a matter 撤回, by the organisation that filed it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models.consultation.acting import Acted
from models.officer import Identity


def withdraw(
    session: Session, who: Identity, matter_id: UUID, reason: str, expected_version: int | None, at: datetime
) -> Acted:
    """Take the matter back for good while it is not decided. `expected_version`: the matter's."""
    raise NotImplementedError
