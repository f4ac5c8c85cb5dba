"""Phones: browsers on somebody's phone, known again by a secret in a cookie. A rider may be known on it, or nobody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, only_where, uuid7
from models.officer import digest, new_secret

SEEN_EVERY = timedelta(minutes=1)


class Phone(Base):
    """One browser. Only the SHA-256 of its secret is kept; `seen_at` is right to the minute."""

    __tablename__ = "phone"
    __table_args__ = (Index("ix_phone_rider", "rider_id", **only_where("rider_id IS NOT NULL")),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"))
    digest: Mapped[str] = mapped_column(unique=True)
    rider_id: Mapped[UUID | None] = mapped_column(ForeignKey("rider.id"))
    language: Mapped[str]
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class PhoneIdentity:
    """Who holds a phone: the rider who is known on it, or None."""

    phone_id: UUID
    rider_id: UUID | None
    district_id: UUID
    language: str


def new_phone(session: Session, district_id: UUID, language: str, at: datetime) -> tuple[Phone, str]:
    """A phone that is seen for the first time, and the secret that it keeps; it cannot be read again."""
    secret = new_secret()
    phone = Phone(district_id=district_id, digest=digest(secret), language=language, made_at=at, seen_at=at)
    session.add(phone)
    session.flush()
    return phone, secret


def known_phone(session: Session, secret: str) -> PhoneIdentity | None:
    """Whose secret it is; None for an unknown or revoked one."""
    found = session.scalars(select(Phone).where(Phone.digest == digest(secret), Phone.revoked_at.is_(None))).first()
    return PhoneIdentity(found.id, found.rider_id, found.district_id, found.language) if found else None


def mark_seen(session: Session, phone_id: UUID, at: datetime) -> None:
    """It was in use at `at`; written at most once a minute."""
    phone = session.get(Phone, phone_id)
    if phone is not None and at - phone.seen_at >= SEEN_EVERY:
        phone.seen_at = at
