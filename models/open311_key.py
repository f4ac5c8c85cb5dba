"""Keys of programs that report through Open311: each belongs to an organisation; only a digest of it is kept."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, uuid7
from models.errors import NotFound, RuleBroken
from models.officer import digest
from models.words import N_

MARK = "o311_"


class KeyUnknown(RuleBroken):
    """No key, an unknown one, or one that was revoked."""

    sentence = N_("Send the api_key that the district gave you; this one is missing, unknown or revoked.")
    status = 403


class Open311Key(Base):
    """A key with the name of the program that uses it."""

    __tablename__ = "open311_key"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"))
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """The program behind a key."""

    key_id: UUID
    district_id: UUID
    name: str


def make_key(session: Session, district_id: UUID, name: str, at: datetime) -> str:
    """A new key; it is returned once and cannot be read again."""
    secret = MARK + secrets.token_urlsafe(24)
    session.add(Open311Key(district_id=district_id, name=name, digest=digest(secret), made_at=at))
    return secret


def holder_of(session: Session, secret: str) -> KeyHolder:
    """Who holds this key. Raises `KeyUnknown`."""
    found = session.scalars(select(Open311Key).where(Open311Key.digest == digest(secret))).first()
    if found is None or found.revoked_at is not None:
        raise KeyUnknown()
    return KeyHolder(found.id, found.district_id, found.name)


def keys_of(session: Session, district_id: UUID) -> Sequence[Open311Key]:
    """The keys of a district, newest first."""
    query = select(Open311Key).where(Open311Key.district_id == district_id)
    return session.scalars(query.order_by(Open311Key.id.desc())).all()


def revoke_key(session: Session, district_id: UUID, key_id: UUID, at: datetime) -> None:
    """The key opens nothing from `at` on. Raises `NotFound`."""
    found = session.get(Open311Key, key_id)
    if found is None or found.district_id != district_id:
        raise NotFound()
    found.revoked_at = found.revoked_at or at
