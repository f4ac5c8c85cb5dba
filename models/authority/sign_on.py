"""Single sign-on: whom an OpenID Connect provider vouches for, linked to an officer by issuer and subject.

The first time, the address that the provider has verified leads to an invited officer; from then on only the link
counts, so that an address given to somebody else opens nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, uuid7
from models.errors import RuleBroken
from models.officer import Officer
from models.staff_act import About, StaffActKind, write_act
from models.words import N_


class SignOnUnknown(RuleBroken):
    """The provider knows the person, and we do not."""

    sentence = N_(
        "The service knows you, but no account here has the address that it vouches for. "
        "Ask your organisation's manager for an invitation."
    )
    status = 403


class SignOnTaken(RuleBroken):
    """The account is linked to another person at the provider."""

    sentence = N_(
        "The account with your address is linked to another person at the service. "
        "Log in with the password, or ask the district's administrator."
    )
    status = 403


class SignOnLink(Base):
    """An officer's identity at a provider; an officer has at most one at each."""

    __tablename__ = "sign_on_link"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("issuer", "officer_id"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey(Officer.id))
    issuer: Mapped[str]
    subject: Mapped[str]
    linked_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a provider's id token says, once it is verified. `email` is empty where it is not verified."""

    issuer: str
    subject: str
    email: str
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class SignedOn:
    """The officer for whom the provider vouches."""

    officer_id: UUID
    language: str


def sign_on(session: Session, vouched: Vouched, at: datetime) -> SignedOn:
    """The officer of that identity; linked now where it is the first time. Raises `SignOnUnknown`, `SignOnTaken`."""
    link = session.scalars(
        select(SignOnLink).where(SignOnLink.issuer == vouched.issuer, SignOnLink.subject == vouched.subject)
    ).first()
    officer = session.get(Officer, link.officer_id) if link else _by_email(session, vouched)
    if officer is None or not officer.is_active:
        raise SignOnUnknown()
    if link is None:
        _link(session, officer, vouched, at)
    return SignedOn(officer.id, officer.language)


def _by_email(session: Session, vouched: Vouched) -> Officer | None:
    if not vouched.email:
        return None
    query = select(Officer).where(Officer.email == vouched.email.strip().lower())
    return session.scalars(query.with_for_update()).first()


def _link(session: Session, officer: Officer, vouched: Vouched, at: datetime) -> None:
    taken = select(SignOnLink.id).where(SignOnLink.issuer == vouched.issuer, SignOnLink.officer_id == officer.id)
    if session.scalar(taken) is not None:
        raise SignOnTaken()
    session.add(SignOnLink(officer_id=officer.id, issuer=vouched.issuer, subject=vouched.subject, linked_at=at))
    about = About(officer.organisation_id, officer.id)
    write_act(session, officer.id, StaffActKind.SINGLE_SIGN_ON_LINKED, about, at)
