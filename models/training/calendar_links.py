"""Secret addresses of riders' and trainers' own calendars: given, shown again to their owner, renewed, ended.

A word has 192 bits and is looked up by its HMAC: how long that takes says nothing about the word.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from models.base import uuid7
from models.crypto import Vault
from models.errors import NotFound
from models.officer import Identity
from models.people.codes import NotKnownHere
from models.people.holding import Holder, Row, Whose
from models.phone import PhoneIdentity
from models.rider import Rider
from models.training.place_tables import CalendarLink
from models.training.tables import Trainer
from models.words import N_

WORD_BYTES = 24
WORD = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose calendar it is: a rider's or a trainer's."""

    rider_id: UUID | None = None
    trainer_id: UUID | None = None

    @property
    def rule(self) -> ColumnElement[bool]:
        """The rows that are the owner's."""
        if self.rider_id is not None:
            return CalendarLink.rider_id == self.rider_id
        return CalendarLink.trainer_id == self.trainer_id


def rider_on(phone: PhoneIdentity | None) -> Owner:
    """The rider who is known on a phone. Raises `NotKnownHere`."""
    if phone is None or phone.rider_id is None:
        raise NotKnownHere()
    return Owner(rider_id=phone.rider_id)


def trainer_of(session: Session, who: Identity, trainer_id: UUID) -> Owner:
    """A trainer whom the officer's own department sends. Raises `NotFound`."""
    found = session.get(Trainer, trainer_id)
    if found is None or found.organisation_id != who.organisation_id:
        raise NotFound()
    return Owner(trainer_id=trainer_id)


def word_of(session: Session, vault: Vault, owner: Owner) -> str | None:
    """The word of the owner's address, to be shown to them again; None where there is none."""
    found = _live(session, owner)
    return vault.open(found.word_sealed) if found else None


def give_link(session: Session, vault: Vault, owner: Owner, at: datetime) -> str:
    """The owner's word, made where there is none. Two at once get the same."""
    _take_turns(session, owner)
    return word_of(session, vault, owner) or _make(session, vault, owner, at)


def renew_link(session: Session, vault: Vault, owner: Owner, at: datetime) -> str:
    """A new word; under the old one nothing is read any more."""
    end_link(session, owner, at)
    return _make(session, vault, owner, at)


def end_link(session: Session, owner: Owner, at: datetime) -> None:
    """Nobody reads the calendar any more; nothing happens where there is no link."""
    _take_turns(session, owner)
    found = _live(session, owner)
    if found:
        found.over_at = at
        session.flush()


def owner_of(session: Session, vault: Vault, word: str) -> Owner:
    """Whose calendar is read under a word. Raises `NotFound`, alike for what never was and what is over."""
    query = select(CalendarLink).where(CalendarLink.digest == _digest(vault, word), CalendarLink.over_at.is_(None))
    found = session.scalars(query).first() if WORD.fullmatch(word) else None
    if found is None:
        raise NotFound()
    return Owner(found.rider_id, found.trainer_id)


def _make(session: Session, vault: Vault, owner: Owner, at: datetime) -> str:
    word = secrets.token_urlsafe(WORD_BYTES)
    session.add(
        CalendarLink(
            id=uuid7(),
            rider_id=owner.rider_id,
            trainer_id=owner.trainer_id,
            digest=_digest(vault, word),
            word_sealed=vault.seal(word),
            made_at=at,
        )
    )
    session.flush()
    return word


def _digest(vault: Vault, word: str) -> str:
    return vault.blind("calendar link", word)


def _live(session: Session, owner: Owner) -> CalendarLink | None:
    return session.scalars(select(CalendarLink).where(owner.rule, CalendarLink.over_at.is_(None))).first()


def _take_turns(session: Session, owner: Owner) -> None:
    """One after the other for one owner. Raises `NotFound` where there is no such owner."""
    found: Rider | Trainer | None
    if owner.rider_id is not None:
        found = session.get(Rider, owner.rider_id, with_for_update=True)
    else:
        found = session.get(Trainer, owner.trainer_id, with_for_update=True)
    if found is None:
        raise NotFound()


def _find(session: Session, vault: Vault, whose: Whose) -> list[Row]:  # noqa: ARG001 - one shape for all holders
    if whose.rider_id is None:
        return []
    query = select(CalendarLink).where(CalendarLink.rider_id == whose.rider_id).order_by(CalendarLink.id.desc())
    listed: Sequence[CalendarLink] = session.scalars(query).all()
    return [{"since": one.made_at, "until": one.over_at} for one in listed]


def _erase(session: Session, vault: Vault, whose: Whose) -> None:  # noqa: ARG001 - one shape for all holders
    if whose.rider_id is not None:
        session.execute(delete(CalendarLink).where(CalendarLink.rider_id == whose.rider_id))


CALENDARS = Holder("calendars", N_("Addresses of your calendar"), N_("Deleted at once."), _find, _erase)
