"""Officers 经办人: the people who act for an organisation; their log-ins and API tokens."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from uuid import UUID

from pwdlib import PasswordHash
from sqlalchemy import ForeignKey, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, uuid7
from models.district import Organisation
from models.errors import NotFound, NotLoggedIn, RuleBroken
from models.prepared import run, table
from models.protocol.schema import Party
from models.words import N_

SESSION_HOURS = 12
TOKEN_MARK = "wf_"  # noqa: S105 (a prefix that secret scanners can look for, no secret)


class WrongPassword(RuleBroken):
    """Said alike for an unknown address and a wrong password, so that nobody learns who has an account."""

    sentence = N_("E-mail address or password is wrong. Check both and try again.")
    status = 401


class Role(StrEnum):
    """What an officer may do for the organisation; the seat decides on which matters."""

    READER = "reader"  # reads and comments, gives no opinion
    OFFICER = "officer"  # acts on the organisation's seats and filings
    MANAGER = "manager"  # acts, and looks after the organisation's officers, deputies and seats


class OnlyReads(RuleBroken):
    """A reader does not act."""

    sentence = N_("Your role only reads. Ask the manager of your organisation to let you act.")
    status = 403


class Officer(Base):
    """A person who acts for an organisation. `is_administrator`: sees every matter of the district."""

    __tablename__ = "officer"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)  # lower case
    language: Mapped[str] = mapped_column(default="zh")
    password_hash: Mapped[str]
    role: Mapped[Role] = mapped_column(default=Role.OFFICER, server_default=Role.OFFICER.value)
    is_administrator: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)


class Credential(Base):
    """A bearer token or a portal session: only the SHA-256 of the secret is kept."""

    __tablename__ = "credential"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]  # "portal" or what `wufang token --label` says
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]  # exclusive
    revoked_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: an officer and the organisation that the officer acts for.

    `deputy_for`: the absent officer in whose place this one acts now; the organisation and role are then the absent
    one's, and no administration comes with it.
    """

    officer_id: UUID
    organisation_id: UUID
    party: Party
    is_administrator: bool
    language: str
    role: Role = Role.OFFICER
    deputy_for: UUID | None = None


def check_may_act(who: Identity) -> None:
    """Raises `OnlyReads` for a reader. Every act but comments and looking asks this first."""
    if who.role is Role.READER:
        raise OnlyReads()


def acting_body(who: Identity) -> dict[str, str]:
    """What the record adds to every act of a deputy: for whom; nothing otherwise."""
    return {} if who.deputy_for is None else {"deputy_for": str(who.deputy_for)}


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


def hash_password(password: str) -> str:
    """Argon2id of the password, with its parameters and salt."""
    return _hasher().hash(password)


@cache
def _nobody() -> str:
    """A hash to check against when the address is unknown, so that both answers take equally long."""
    return hash_password(secrets.token_urlsafe(16))


def check_password(session: Session, email: str, password: str) -> Officer:
    """The active officer of that address and password. Raises `WrongPassword`."""
    officer = session.scalars(select(Officer).where(Officer.email == email.strip().lower())).first()
    is_right = _hasher().verify(password, officer.password_hash if officer else _nobody())
    if officer is None or not is_right or not officer.is_active:
        raise WrongPassword()
    return officer


def digest(secret: str) -> str:
    """SHA-256 of a random secret as hex; no salt is needed for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def issue_credential(
    session: Session, officer_id: UUID, label: str, at: datetime, valid: timedelta = timedelta(hours=SESSION_HOURS)
) -> str:
    """Make a secret for the officer, valid from `at` for `valid`; it is returned once and cannot be read again."""
    secret = TOKEN_MARK + secrets.token_urlsafe(32)
    session.add(
        Credential(officer_id=officer_id, digest=digest(secret), label=label, created_at=at, expires_at=at + valid)
    )
    return secret


def revoke_credential(session: Session, secret: str, at: datetime) -> None:
    """The secret is worthless from `at` on. Nothing happens where it already was."""
    session.execute(
        update(Credential)
        .where(Credential.digest == digest(secret), Credential.revoked_at.is_(None))
        .values(revoked_at=at)
    )


_OFFICER, _CREDENTIAL, _ORGANISATION = (table(one).c for one in (Officer, Credential, Organisation))
_WHO = (
    select(
        _OFFICER.id,
        _OFFICER.organisation_id,
        _ORGANISATION.party,
        _OFFICER.is_administrator,
        _OFFICER.language,
        _OFFICER.role,
        _OFFICER.is_active,
        _CREDENTIAL.expires_at,
        _CREDENTIAL.revoked_at,
    )
    .join_from(table(Credential), table(Officer), _CREDENTIAL.officer_id == _OFFICER.id)
    .join(table(Organisation), _OFFICER.organisation_id == _ORGANISATION.id)
    .where(_CREDENTIAL.digest == bindparam("secret"))
)


def identify(session: Session, secret: str, at: datetime) -> Identity:
    """Who holds this secret at `at`. Raises `NotLoggedIn` for an unknown, expired or revoked one."""
    row = run(session, _WHO, {"secret": digest(secret)}).first()
    if row is None or not row.is_active or row.revoked_at is not None or at >= row.expires_at:
        raise NotLoggedIn()
    return Identity(row.id, row.organisation_id, row.party, row.is_administrator, row.language, row.role)


def purge_credentials(session: Session, at: datetime) -> int:
    """Forget tokens and sessions that have expired by `at`. Returns how many."""
    over = delete(Credential).where(Credential.expires_at <= at)
    return len(session.scalars(over.returning(Credential.id)).all())


def get_officer(session: Session, officer_id: UUID) -> Officer:
    """The officer. Raises `NotFound`."""
    found = session.get(Officer, officer_id)
    if found is None:
        raise NotFound()
    return found


def officer_by_email(session: Session, email: str) -> Officer:
    """The officer of that address. Raises `NotFound`."""
    found = session.scalars(select(Officer).where(Officer.email == email.strip().lower())).first()
    if found is None:
        raise NotFound()
    return found


def officers_of(session: Session, organisation_ids: Sequence[UUID]) -> Sequence[Officer]:
    """The active officers of these organisations."""
    return session.scalars(
        select(Officer).where(Officer.organisation_id.in_(organisation_ids), Officer.is_active).order_by(Officer.id)
    ).all()


def set_language(session: Session, officer_id: UUID, language: str) -> None:
    """From now on the officer reads in `language` ("zh" or "en"), letters included."""
    session.execute(update(Officer).where(Officer.id == officer_id).values(language=language))
