"""One-time links by letter: invitations, and passwords that were forgotten.

The link's secret is worked out from the row's id and the vault's key whenever the letter is rendered, so neither the
database nor a notice holds it: the row has its SHA-256 only. Opening a link changes nothing; it is used up by the form
that carries a new password, since mail scanners open links and press their buttons.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.authority import lockout, sessions
from models.authority.accounts import tell_password_changed
from models.authority.passwords import check_new
from models.base import Base, uuid7
from models.crypto import Vault
from models.district import get_organisation
from models.errors import RuleBroken
from models.notice import writing
from models.notice.tables import Letter
from models.officer import Officer, digest, hash_password, set_password
from models.staff_act import About, StaffActKind, write_act
from models.words import N_

SHORTEST_WAIT = timedelta(minutes=10)  # between two letters that somebody asks for who is not logged in


class LinkPurpose(StrEnum):
    """What a link is for."""

    INVITATION = "invitation"
    RESET = "reset"


VALID: dict[LinkPurpose, timedelta] = {
    LinkPurpose.INVITATION: timedelta(days=7),
    LinkPurpose.RESET: timedelta(hours=24),
}
LETTERS: dict[LinkPurpose, Letter] = {
    LinkPurpose.INVITATION: Letter.ACCOUNT_INVITATION,
    LinkPurpose.RESET: Letter.PASSWORD_RESET,
}


class LinkWorthless(RuleBroken):
    """Unknown, used, run out, or replaced by a newer one: said alike, so that nobody learns which."""

    sentence = N_(
        "This link is no longer valid: it was used already, has run out, or a newer one was sent. Ask for another."
    )
    status = 410


class OneTimeLink(Base):
    """A link that gives its officer a new password once. `digest`: SHA-256 of the secret in the letter."""

    __tablename__ = "one_time_link"
    __table_args__ = (Index("ix_one_time_link_officer", "officer_id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey(Officer.id))
    purpose: Mapped[LinkPurpose]
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]  # exclusive
    used_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What the page of a link shows; the address of the account helps the browser's password store."""

    purpose: LinkPurpose
    email: str
    name: str
    language: str
    expires_at: datetime


def secret_of(vault: Vault, link_id: UUID) -> str:
    """The secret of a link: 64 hex digits that only the vault's key can work out from the id."""
    return vault.blind("one-time-link", str(link_id))


def send_link(session: Session, vault: Vault, officer: Officer, purpose: LinkPurpose, at: datetime) -> OneTimeLink:
    """Make a link for the officer and put its letter on its way; older ones are worthless from now on."""
    _replace(session, officer.id, at)
    link = OneTimeLink(
        id=uuid7(), officer_id=officer.id, purpose=purpose, created_at=at, expires_at=at + VALID[purpose]
    )
    link.digest = digest(secret_of(vault, link.id))
    session.add(link)
    session.flush()
    name = get_organisation(session, officer.organisation_id).name
    facts = {
        "organisation": {"zh": name.zh, "en": name.en},
        "link_id": str(link.id),
        "expires_at": link.expires_at.isoformat(),
    }
    writing.write(session, str(link.id), None, LETTERS[purpose], facts, [officer], at)
    return link


def ask_for_reset(session: Session, vault: Vault, email: str, at: datetime) -> None:
    """Somebody who is not logged in has forgotten a password: a letter goes to that address if it is an officer's.

    Nothing tells the asker whether it is. Whoever asks again at once fills nobody's mailbox.
    """
    officer = session.scalars(select(Officer).where(Officer.email == email.strip().lower())).first()
    if officer is None or not officer.is_active:
        return
    newest = select(OneTimeLink.created_at).where(OneTimeLink.officer_id == officer.id, *_live(at))
    last = session.scalars(newest.order_by(OneTimeLink.created_at.desc()).limit(1)).first()
    if last is None or at - last >= SHORTEST_WAIT:
        send_link(session, vault, officer, LinkPurpose.RESET, at)


def open_link(session: Session, secret: str, at: datetime) -> OpenedLink:
    """What a link leads to; opening it changes nothing. Raises `LinkWorthless`."""
    link, officer = _find(session, secret, at)
    return OpenedLink(link.purpose, officer.email, officer.name, officer.language, link.expires_at)


def new_hash(session: Session, secret: str, password: str, again: str, least: int, at: datetime) -> str:
    """The hash of the password typed for a link. Takes long; outside a transaction that writes.

    Raises `LinkWorthless`, and what `passwords.check_new` does; the link is still good.
    """
    _, officer = _find(session, secret, at)
    name = get_organisation(session, officer.organisation_id).name
    check_new(password, again, least, (officer.name, officer.email, name.zh, name.en))
    return hash_password(password)


def use_link(session: Session, secret: str, fresh: str, at: datetime) -> UUID:
    """Give the link's officer the password of that hash, use the link up, end all sessions. Returns the officer.

    A second factor stays as it is, and no browser is known any more. Raises `LinkWorthless`.
    """
    link, officer = _find(session, secret, at, is_locked=True)
    set_password(session, officer.id, fresh, at)
    sessions.revoke_others(session, officer.id, None, at)
    lockout.forget_devices(session, officer.id)
    link.used_at = at
    _replace(session, officer.id, at)
    about = About(officer.organisation_id, officer.id, details={"purpose": link.purpose.value})
    write_act(session, officer.id, StaffActKind.PASSWORD_SET_BY_LINK, about, at)
    if link.purpose is LinkPurpose.RESET:
        tell_password_changed(session, officer, at)
    return officer.id


def worthless_from(session: Session, officer_id: UUID, at: datetime) -> None:
    """Who leaves has no use for links."""
    _replace(session, officer_id, at)


def _live(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return OneTimeLink.used_at.is_(None), OneTimeLink.replaced_at.is_(None), OneTimeLink.expires_at > at


def _replace(session: Session, officer_id: UUID, at: datetime) -> None:
    session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.officer_id == officer_id, OneTimeLink.used_at.is_(None), OneTimeLink.replaced_at.is_(None))
        .values(replaced_at=at)
    )


def _find(session: Session, secret: str, at: datetime, *, is_locked: bool = False) -> tuple[OneTimeLink, Officer]:
    query = select(OneTimeLink).where(OneTimeLink.digest == digest(secret), *_live(at))
    link = session.scalars(query.with_for_update() if is_locked else query).first()
    officer = session.get(Officer, link.officer_id) if link else None
    if link is None or officer is None or not officer.is_active:
        raise LinkWorthless()
    return link, officer
