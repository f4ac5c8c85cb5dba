"""Tries of log-in as commands: counted before they are known to be right, given back when they are."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.authority import second_factor
from models.authority.lockout import Purse, code_purses, give_back, purses_of, spend
from models.crypto import Vault
from models.officer import Officer, revoke_credential, set_password


def open_purses(session: Session, vault: Vault, email: str, device: str, network: str, at: datetime) -> list[Purse]:
    """Count one try at the account, known or not, and return what it was taken from. Raises `TooManyTries`."""
    known = session.scalar(select(Officer.id).where(Officer.email == email.strip().lower()))
    purses = purses_of(session, vault, email, device, network, at, known)
    spend(session, purses, at)
    return purses


def take(session: Session, purses: Sequence[Purse], at: datetime) -> None:
    """Count one try. Raises `TooManyTries`."""
    spend(session, purses, at)


def right(session: Session, purses: Sequence[Purse], officer_id: UUID, fresh_hash: str | None, at: datetime) -> None:
    """The password was right; a hash by older parameters is replaced."""
    give_back(session, purses, at)
    if fresh_hash is not None:
        set_password(session, officer_id, fresh_hash, None)


def open_code_purses(session: Session, officer_id: UUID, device: str, at: datetime) -> list[Purse]:
    """Count one try at a second-factor code, and return what it was taken from. Raises `TooManyTries`."""
    purses = code_purses(session, officer_id, device, at)
    spend(session, purses, at)
    return purses


def use_code(
    session: Session, vault: Vault, purses: Sequence[Purse], officer_id: UUID, code: str, half: str, at: datetime
) -> None:
    """Use up the code and the half-open log-in. Raises `WrongCode`, and the try stays counted."""
    second_factor.check_code(session, vault, officer_id, code, at)
    revoke_credential(session, half, at)
    give_back(session, purses, at)
