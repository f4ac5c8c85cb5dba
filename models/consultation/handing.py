"""Handing a seat on: transfer 转交, delegation and getting back 委派."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models.consultation.acting import Acted
from models.officer import Identity


def transfer_to_colleague(
    session: Session,
    who: Identity,
    seat_id: UUID,
    officer_id: UUID,
    words: str,
    expected_version: int | None,
    at: datetime,
) -> Acted:
    """Put the seat into the hands of one colleague, who answers it from now on."""
    raise NotImplementedError


def transfer_to_organisation(
    session: Session,
    who: Identity,
    seat_id: UUID,
    organisation_id: UUID,
    words: str,
    expected_version: int | None,
    at: datetime,
) -> Acted:
    """Let another organisation of the same party answer in one's stead."""
    raise NotImplementedError


def delegate(
    session: Session,
    who: Identity,
    seat_id: UUID,
    officer_id: UUID,
    words: str,
    expected_version: int | None,
    at: datetime,
) -> Acted:
    """Ask a colleague for advice; until it is given back, the seat is in the colleague's hands."""
    raise NotImplementedError


def give_back(
    session: Session, who: Identity, seat_id: UUID, advice: str, expected_version: int | None, at: datetime
) -> Acted:
    """Give a delegated seat back to the one who asked, with advice."""
    raise NotImplementedError


def call_back(session: Session, who: Identity, seat_id: UUID, expected_version: int | None, at: datetime) -> Acted:
    """Take a delegated seat back without waiting for advice."""
    raise NotImplementedError
