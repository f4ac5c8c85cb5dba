"""Taking back one's own answer 拿回, until somebody answers after it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models.consultation.acting import Acted
from models.officer import Identity


def take_back(session: Session, who: Identity, seat_id: UUID, expected_version: int | None, at: datetime) -> Acted:
    """Be asked again, as if the answer had not been given."""
    raise NotImplementedError
