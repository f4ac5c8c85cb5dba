"""Sessions: browsers that are logged in, where, since when, and how they end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from models.authority.second_factor import SecondFactor
from models.district import Organisation
from models.errors import NotFound, NotLoggedIn
from models.officer import Credential, CredentialKind, Identity, Officer, digest, new_secret
from models.prepared import run, table
from models.protocol.schema import Title

HALF_VALID = timedelta(minutes=5)  # from the password to the code
SEEN_EVERY = timedelta(minutes=1)  # how exact `last_seen_at` is: a write a minute for each open session at most
BROWSERS = (  # a mark in the User-Agent, and the name; those that carry others' marks come first
    ("wxwork/", "WeCom"),
    ("MicroMessenger/", "WeChat"),
    ("DingTalk/", "DingTalk"),
    ("Lark/", "Feishu"),
    ("Feishu/", "Feishu"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a log-in comes from: "Chrome, Windows", and the network, such as "203.0.113.0/24". Empty: unknown."""

    device: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts at all, and unused."""

    whole: timedelta
    idle: timedelta


@dataclass(frozen=True, slots=True)
class Seated:
    """Who sits at an open session, in whose place (`acting_for_id`), and what is known of the log-in."""

    identity: Identity
    credential_id: UUID
    name: str
    organisation: Title
    acting_for_id: UUID | None
    is_proved_twice: bool
    has_second_factor: bool
    password_set_at: datetime | None
    has_password: bool  # without one, the officer comes by single sign-on only
    is_due_to_be_seen: bool  # `see` is worth a write


@dataclass(frozen=True, slots=True)
class SessionView:
    """One line of an officer's list."""

    id: UUID
    origin: Origin
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    is_this: bool


_OFFICER, _CREDENTIAL, _ORGANISATION, _FACTOR = (
    table(one).c for one in (Officer, Credential, Organisation, SecondFactor)
)
_OPEN = (
    select(
        _CREDENTIAL.id,
        _CREDENTIAL.acting_for_id,
        _CREDENTIAL.is_proved_twice,
        _CREDENTIAL.created_at,
        _CREDENTIAL.last_seen_at,
        _CREDENTIAL.idle_minutes,
        _CREDENTIAL.expires_at,
        _CREDENTIAL.revoked_at,
        _CREDENTIAL.kind,
        _OFFICER.id.label("officer_id"),
        _OFFICER.organisation_id,
        _OFFICER.name,
        _OFFICER.is_administrator,
        _OFFICER.language,
        _OFFICER.role,
        _OFFICER.is_active,
        _OFFICER.password_set_at,
        _OFFICER.password_hash,
        _FACTOR.confirmed_at,
        _ORGANISATION.party,
        _ORGANISATION.name_zh,
        _ORGANISATION.name_en,
    )
    .join_from(table(Credential), table(Officer), _CREDENTIAL.officer_id == _OFFICER.id)
    .join(table(Organisation), _OFFICER.organisation_id == _ORGANISATION.id)
    .outerjoin(table(SecondFactor), _FACTOR.officer_id == _OFFICER.id)
    .where(_CREDENTIAL.digest == bindparam("secret"))
)


def open_session(session: Session, officer_id: UUID, origin: Origin, limits: Limits, at: datetime) -> str:
    """A new session; its secret is returned once."""
    secret = new_secret()
    session.add(
        Credential(
            officer_id=officer_id,
            digest=digest(secret),
            kind=CredentialKind.PORTAL,
            label="portal",
            device=origin.device,
            address=origin.network,
            idle_minutes=limits.idle // timedelta(minutes=1),
            created_at=at,
            last_seen_at=at,
            expires_at=at + limits.whole,
        )
    )
    return secret


def mark_proved_twice(session: Session, secret: str) -> None:
    """Single sign-on has asked for a second factor of its own: ours need not be set up for this session."""
    session.execute(update(Credential).where(Credential.digest == digest(secret)).values(is_proved_twice=True))


def seat(session: Session, secret: str, at: datetime) -> Seated:
    """Who sits there. Raises `NotLoggedIn` for a session that is unknown, revoked, idle or over, and for a token."""
    row = run(session, _OPEN, {"secret": digest(secret)}).first()
    if row is None or row.kind != CredentialKind.PORTAL or row.revoked_at is not None or not row.is_active:
        raise NotLoggedIn()
    seen_at = row.last_seen_at or row.created_at
    if at >= row.expires_at or _is_idle(seen_at, row.idle_minutes, at):
        raise NotLoggedIn()
    return Seated(
        Identity(row.officer_id, row.organisation_id, row.party, row.is_administrator, row.language, row.role),
        credential_id=row.id,
        name=row.name,
        organisation=Title(row.name_zh, row.name_en),
        acting_for_id=row.acting_for_id,
        is_proved_twice=row.is_proved_twice,
        has_second_factor=row.confirmed_at is not None,
        password_set_at=row.password_set_at,
        has_password=bool(row.password_hash),
        is_due_to_be_seen=at - seen_at >= SEEN_EVERY,
    )


def half_holder(session: Session, secret: str, at: datetime) -> UUID:
    """Whose half-open log-in it is: the password was right, the code is awaited. Raises `NotLoggedIn`."""
    query = (
        select(Credential, Officer.is_active)
        .join(Officer, Credential.officer_id == Officer.id)
        .where(Credential.digest == digest(secret), Credential.kind == CredentialKind.HALF)
    )
    row = session.execute(query).first()
    if row is None or not row.is_active or row.Credential.revoked_at is not None or at >= row.Credential.expires_at:
        raise NotLoggedIn()
    return row.Credential.officer_id


def _is_idle(seen_at: datetime, idle_minutes: int | None, at: datetime) -> bool:
    return idle_minutes is not None and at >= seen_at + timedelta(minutes=idle_minutes)


def see(session: Session, credential_id: UUID, idle: timedelta, at: datetime) -> None:
    """The session was used at `at`; from then on the idle limit of now counts."""
    session.execute(
        update(Credential)
        .where(Credential.id == credential_id, Credential.last_seen_at < at)
        .values(last_seen_at=at, idle_minutes=idle // timedelta(minutes=1))
        .execution_options(synchronize_session=False)
    )


def sessions_of(session: Session, officer_id: UUID, this_id: UUID | None, at: datetime) -> list[SessionView]:
    """The officer's open sessions: the one that asks first, then the newest."""
    query = (
        select(Credential)
        .where(
            Credential.officer_id == officer_id,
            Credential.kind == CredentialKind.PORTAL,
            Credential.revoked_at.is_(None),
            Credential.expires_at > at,
        )
        .order_by(Credential.created_at.desc(), Credential.id.desc())
    )
    views = [
        SessionView(
            id=one.id,
            origin=Origin(one.device, one.address),
            created_at=one.created_at,
            last_seen_at=one.last_seen_at or one.created_at,
            expires_at=one.expires_at,
            is_this=one.id == this_id,
        )
        for one in session.scalars(query)
        if not _is_idle(one.last_seen_at or one.created_at, one.idle_minutes, at)
    ]
    return sorted(views, key=lambda one: not one.is_this)


def revoke(session: Session, officer_id: UUID, credential_id: UUID, at: datetime) -> None:
    """End one of the officer's own sessions. Raises `NotFound`."""
    ended = session.execute(
        update(Credential)
        .where(
            Credential.id == credential_id,
            Credential.officer_id == officer_id,
            Credential.kind == CredentialKind.PORTAL,
            Credential.revoked_at.is_(None),
        )
        .values(revoked_at=at)
        .returning(Credential.id)
    ).first()
    if ended is None:
        raise NotFound()


def revoke_others(session: Session, officer_id: UUID, kept_id: UUID | None, at: datetime) -> int:
    """End every session of the officer but `kept_id`, half-open log-ins too; tokens of programs stay. How many."""
    others = update(Credential).where(
        Credential.officer_id == officer_id,
        Credential.kind != CredentialKind.TOKEN,
        Credential.revoked_at.is_(None),
    )
    if kept_id is not None:
        others = others.where(Credential.id != kept_id)
    return len(session.execute(others.values(revoked_at=at).returning(Credential.id)).all())


def device_said(user_agent: str) -> str:
    """A short name of browser and system, such as "Chrome, Windows"; empty where neither is known."""
    named = (next((name for mark, name in marks if mark in user_agent), "") for marks in (BROWSERS, SYSTEMS))
    return ", ".join(name for name in named if name)


def network_of(address: str) -> str:
    """The network of an address: /24 of IPv4, /48 of IPv6 (a household's or an office's). Empty for no address."""
    try:
        known = ip_address(address)
    except ValueError:
        return ""
    if isinstance(known, IPv6Address) and known.ipv4_mapped is not None:
        known = known.ipv4_mapped
    return str(ip_network((known, 24 if known.version == 4 else 48), strict=False))  # noqa: PLR2004 (IPv4)
