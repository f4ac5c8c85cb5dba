"""Officers 经办人: the people who act for an organisation; their log-ins and API tokens."""

import hashlib
import secrets
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from uuid import UUID

from pwdlib import PasswordHash
from sqlalchemy import ColumnElement, ForeignKey, bindparam, delete, inspect, select, text, update
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship, validates

from models.base import Base, uuid7
from models.district import Organisation
from models.errors import NotFound, NotLoggedIn, RuleBroken
from models.keeping import kept
from models.preference import NOTHING_CHOSEN, Chosen, Preference
from models.prepared import run, table
from models.protocol.schema import Party
from models.words import N_

SESSION_HOURS = 12  # where nothing else is said
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
    """A person who acts for an organisation. `is_administrator`: sees every matter of the district.

    `mail_failed_at`: since when letters to the address come back for good, `mail_trouble` in the provider's words.
    """

    __tablename__ = "officer"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)  # lower case
    language: Mapped[str] = mapped_column(default="zh")
    password_hash: Mapped[str]  # empty: logs in another way, or has not followed the invitation yet
    password_set_at: Mapped[datetime | None]  # None: before it was written down
    role: Mapped[Role] = mapped_column(default=Role.OFFICER, server_default=Role.OFFICER.value)
    is_administrator: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    preference: Mapped[Preference | None] = relationship(lazy="raise", viewonly=True)
    mail_failed_at: Mapped[datetime | None]  # the newest letter that did not arrive; None: they do, as far as known
    mail_trouble: Mapped[str | None]  # why not, in the provider's words, without an address
    mail_good_at: Mapped[datetime | None]  # the newest instant at which a letter arrived, or somebody said it would

    @validates("email")
    def _new_address(self, _: str, email: str) -> str:
        """Another address is another mailbox: what was wrong with the last one is forgotten."""
        if self.email not in (None, email):  # None: a new officer
            self.mail_failed_at = self.mail_trouble = self.mail_good_at = None
        return email

    def lose_mailbox(self, trouble: str, at: datetime) -> None:
        """A letter did not arrive at `at`; that counts unless one did later, since news comes shuffled."""
        newest = max(one for one in (self.mail_good_at, self.mail_failed_at, at) if one is not None)
        if at == newest and at != self.mail_good_at:
            self.mail_failed_at, self.mail_trouble = at, trouble

    def find_mailbox(self, at: datetime) -> None:
        """A letter arrived at `at`, or somebody said that the mailbox is mended."""
        if self.mail_good_at is None or at > self.mail_good_at:
            self.mail_good_at = at
        if self.mail_failed_at is not None and self.mail_failed_at <= at:
            self.mail_failed_at = self.mail_trouble = None


class CredentialKind(StrEnum):
    """Where a secret opens the door: neither is good for the other's."""

    TOKEN = "token"  # noqa: S105 (a kind, no secret)  # a program's, sent as bearer; made on the command line
    PORTAL = "portal"  # a browser's session, begun by a log-in with all its steps
    HALF = "half"  # between a right password and the second factor: opens nothing but the question for the code


class Credential(Base):
    """A bearer token or a portal session: only the SHA-256 of the secret is kept.

    A session runs out at `expires_at`, or `idle_minutes` after `last_seen_at`, whichever is first. `device` is a short
    name such as "Chrome, Windows"; `address` the network that it began in, never the whole address.
    """

    __tablename__ = "credential"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]  # "portal" or what `wufang token --label` says
    kind: Mapped[CredentialKind] = mapped_column(
        default=CredentialKind.TOKEN, server_default=CredentialKind.TOKEN.value
    )
    device: Mapped[str] = mapped_column(default="", server_default="")
    address: Mapped[str] = mapped_column(default="", server_default="")
    acting_for_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    idle_minutes: Mapped[int | None]  # None: no limit but the absolute one
    is_proved_twice: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # by single sign-on
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]  # of sessions, to the minute
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


WITH_PREFERENCE = joinedload(Officer.preference)  # whoever writes letters to them need not ask again


def preferences_of(session: Session, officers: Sequence[Officer]) -> Mapping[UUID, Chosen]:
    """What each of these has chosen; asks the database only about those who were read without their preference."""
    known = {one.id: one.preference for one in officers if "preference" not in inspect(one).unloaded}
    if unknown := [one.id for one in officers if one.id not in known]:
        found = session.scalars(select(Preference).where(Preference.officer_id.in_(unknown)))
        known |= {one.officer_id: one for one in found}
    return {key: NOTHING_CHOSEN if one is None else one.chosen for key, one in known.items()}


def can_act() -> ColumnElement[bool]:
    """Whether an officer's row is of one who may act: at work, and no reader."""
    return Officer.is_active & (Officer.role != Role.READER)


def colleagues(session: Session, organisation_id: UUID, without: Iterable[UUID]) -> Sequence[Officer]:
    """Those of an organisation who may act, by name, but those of `without`."""
    query = select(Officer).where(
        Officer.organisation_id == organisation_id, can_act(), Officer.id.not_in(list(without))
    )
    return session.scalars(query.order_by(Officer.name, Officer.id)).all()


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


def _plain(password: str) -> str:
    """One form of what two keyboards write in two ways (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """Argon2id of the password, with its parameters and salt."""
    return _hasher().hash(_plain(password))


def is_password(password: str, password_hash: str) -> bool:
    """Whether it is the password of that hash. It takes equally long where there is no hash."""
    is_right = _hasher().verify(_plain(password), password_hash or _nobody())
    return is_right and bool(password_hash)


def rehashed(password: str, password_hash: str) -> str | None:
    """The right password's hash by today's parameters; None where it was made with them."""
    return hash_password(password) if _hasher().current_hasher.check_needs_rehash(password_hash) else None


@cache
def _nobody() -> str:
    """A hash to check against when the address is unknown, so that both answers take equally long."""
    return hash_password(secrets.token_urlsafe(16))


def check_password(session: Session, email: str, password: str) -> Officer:
    """The active officer of that address and password. Raises `WrongPassword`."""
    officer = session.scalars(select(Officer).where(Officer.email == email.strip().lower())).first()
    is_right = is_password(password, officer.password_hash if officer else "")
    if officer is None or not is_right or not officer.is_active:
        raise WrongPassword()
    return officer


def digest(secret: str) -> str:
    """SHA-256 of a random secret as hex; no salt is needed for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def issue_credential(
    session: Session,
    officer_id: UUID,
    label: str,
    at: datetime,
    valid: timedelta,
    kind: CredentialKind = CredentialKind.TOKEN,
) -> str:
    """Make a secret for the officer, valid from `at` for `valid`; it is returned once and cannot be read again."""
    secret = new_secret()
    session.add(
        Credential(
            officer_id=officer_id, digest=digest(secret), kind=kind, label=label, created_at=at, expires_at=at + valid
        )
    )
    return secret


def new_secret() -> str:
    """256 random bits with the mark that tells what they are."""
    return TOKEN_MARK + secrets.token_urlsafe(32)


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
        _CREDENTIAL.kind,
    )
    .join_from(table(Credential), table(Officer), _CREDENTIAL.officer_id == _OFFICER.id)
    .join(table(Organisation), _OFFICER.organisation_id == _ORGANISATION.id)
    .where(_CREDENTIAL.digest == bindparam("secret"))
)


def identify(session: Session, secret: str, at: datetime) -> Identity:
    """Who holds this bearer token at `at`. Raises `NotLoggedIn` for an unknown, expired or revoked one.

    A browser's session is none: `models.authority.sessions.seat` knows those.
    """
    row = run(session, _WHO, {"secret": digest(secret)}).first()
    if row is None or not row.is_active or row.revoked_at is not None or at >= row.expires_at:
        raise NotLoggedIn()
    if row.kind != CredentialKind.TOKEN:
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


def set_password(session: Session, officer_id: UUID, password_hash: str, at: datetime | None) -> None:
    """From now on the password of that hash. `at` None: the same password, hashed anew, so its age stays."""
    officer = get_officer(session, officer_id)
    officer.password_hash = password_hash
    if at is not None:
        officer.password_set_at = at


_AT_WORK = (
    select(Officer)
    .where(Officer.organisation_id.in_(bindparam("of", expanding=True)), Officer.is_active)
    .options(WITH_PREFERENCE)
)


def officers_of(session: Session, organisation_ids: Sequence[UUID]) -> Sequence[Officer]:
    """The active officers of these organisations, with what each prefers."""
    known = kept(session, "officers")
    missing = [one for one in organisation_ids if one not in known]
    if missing:
        read = session.scalars(_AT_WORK, {"of": missing}).all()
        known |= {one: [officer for officer in read if officer.organisation_id == one] for one in missing}
    return sorted((officer for one in organisation_ids for officer in known[one]), key=lambda officer: officer.id)


def set_language(session: Session, officer_id: UUID, language: str) -> None:
    """From now on the officer reads in `language` ("zh" or "en"), letters included."""
    session.execute(update(Officer).where(Officer.id == officer_id).values(language=language))
