"""Returning a matter 退回: to the filer, or to a stage before this one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models.consultation.acting import Acted
from models.officer import Identity


def return_to_filer(
    session: Session, who: Identity, seat_id: UUID, reason: str, expected_version: int | None, at: datetime
) -> Acted:
    """Send the matter back to the filer, who may put it right and submit again."""
    raise NotImplementedError


def return_to_stage(
    session: Session,
    who: Identity,
    seat_id: UUID,
    stage_key: str,
    reason: str,
    expected_version: int | None,
    at: datetime,
) -> Acted:
    """Send the matter back to a stage before this one, which opens anew."""
    raise NotImplementedError
