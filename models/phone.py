"""Phones: browsers on somebody's phone, known again by a secret in a cookie. A rider may be known on it, or nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, only_where, uuid7
from models.errors import RuleBroken
from models.officer import digest, new_secret
from models.upserting import insert_new
from models.words import N_

SEEN_EVERY = timedelta(minutes=1)


class PhoneRevoked(RuleBroken):
    """This browser was logged out from elsewhere."""

    sentence = N_("This phone was signed off. Open the page again to go on as a new one.")
    status = 403


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
    return _keep(session, secret, district_id, language, at), secret


def ensure_phone(session: Session, secret: str, district_id: UUID, language: str, at: datetime) -> PhoneIdentity:
    """The phone of that secret, which becomes known with its first act. Raises `PhoneRevoked`.

    The secret is given to the browser before, with the first page: an act that a bad line sends twice is then known to
    come from one phone.
    """
    found = session.scalars(select(Phone).where(Phone.digest == digest(secret))).first()
    if found is not None and found.revoked_at is not None:
        raise PhoneRevoked()
    phone = found or _keep(session, secret, district_id, language, at)
    phone.language = language
    return PhoneIdentity(phone.id, phone.rider_id, phone.district_id, phone.language)


def _keep(session: Session, secret: str, district_id: UUID, language: str, at: datetime) -> Phone:
    """Two first acts that a bad line sends at once are of one phone."""
    row = {
        "id": uuid7(),
        "district_id": district_id,
        "digest": digest(secret),
        "rider_id": None,
        "language": language,
        "made_at": at,
        "seen_at": at,
        "revoked_at": None,
    }
    insert_new(session, Phone, [row])
    return session.scalars(select(Phone).where(Phone.digest == row["digest"])).one()


def known_phone(session: Session, secret: str) -> PhoneIdentity | None:
    """Whose secret it is; None for an unknown or revoked one."""
    found = session.scalars(select(Phone).where(Phone.digest == digest(secret), Phone.revoked_at.is_(None))).first()
    return PhoneIdentity(found.id, found.rider_id, found.district_id, found.language) if found else None


def is_revoked(session: Session, secret: str) -> bool:
    """Whether it was a phone's, and is good for nothing any more."""
    query = select(Phone.id).where(Phone.digest == digest(secret), Phone.revoked_at.is_not(None))
    return session.execute(query).first() is not None


def phones_of(session: Session, rider_id: UUID) -> Sequence[Phone]:
    """The phones on which the rider is known, the newest first."""
    query = select(Phone).where(Phone.rider_id == rider_id, Phone.revoked_at.is_(None))
    return session.scalars(query.order_by(Phone.id.desc())).all()


def mark_seen(session: Session, phone_id: UUID, at: datetime) -> None:
    """It was in use at `at`; written at most once a minute."""
    phone = session.get(Phone, phone_id)
    if phone is not None and at - phone.seen_at >= SEEN_EVERY:
        phone.seen_at = at
