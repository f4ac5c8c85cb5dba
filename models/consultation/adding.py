"""Adding a signer 加签 before, beside or after one's own seat, and removing one who has not answered 减签."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models.consultation.acting import Acted
from models.consultation.tables import SigningPlace
from models.officer import Identity


def add_signer(
    session: Session,
    who: Identity,
    seat_id: UUID,
    organisation_id: UUID,
    place: SigningPlace,
    words: str,
    expected_version: int | None,
    at: datetime,
) -> Acted:
    """Ask one more organisation in this stage, before, beside or after the seat."""
    raise NotImplementedError


def remove_signer(session: Session, who: Identity, added_seat_id: UUID, at: datetime) -> Acted:
    """Take out a signer that one's own organisation added and that has not answered."""
    raise NotImplementedError
