"""Holding off those who guess, without letting them lock out those who do not (OWASP, "device cookies").

A browser that has logged in to an account before is known by a cookie and has an allowance of its own. All others share
allowances: one for each network and account, and one for all strangers of an account. Who uses those up keeps other
strangers waiting, and never the officer at their own desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base
from models.crypto import Vault
from models.errors import RuleBroken
from models.officer import digest
from models.upserting import insert_into
from models.words import N_

KNOWN_FOR = timedelta(days=365)  # since a browser's last log-in to the account


class TooManyTries(RuleBroken):
    """The allowance is used up; it fills again by itself."""

    sentence = N_("Too many wrong tries. Try again from {when} on, or set a new password by letter.")
    status = 429

    def __init__(self, when: datetime, seconds: int) -> None:
        super().__init__(when=when)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many tries, and one more every `refill`."""

    most: int
    refill: timedelta


OF_A_DEVICE = Allowance(10, timedelta(minutes=1))
OF_A_NETWORK = Allowance(10, timedelta(minutes=6))
OF_ALL_STRANGERS = Allowance(100, timedelta(seconds=36))
OF_A_CODE = Allowance(5, timedelta(minutes=1))


class LoginTry(Base):
    """An allowance in use: `full_at` is when all of its tries are back (the virtual scheduling of a leaky bucket).

    `key` begins with what is allowed; neither account nor network can be read from the keyed digest after it.
    """

    __tablename__ = "login_try"
    key: Mapped[str] = mapped_column(primary_key=True)
    full_at: Mapped[datetime] = mapped_column(index=True)


class KnownDevice(Base):
    """A browser that has logged in to an account: the SHA-256 of its cookie's secret."""

    __tablename__ = "known_device"
    digest: Mapped[str] = mapped_column(primary_key=True)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)


Purse = tuple[str, Allowance]


def purses_of(
    session: Session, vault: Vault, email: str, device: str, network: str, at: datetime, officer_id: UUID | None
) -> list[Purse]:
    """The allowances that a try at this account from there takes from. `email` unknown: as for a stranger."""
    account = email.strip().lower()
    if officer_id is not None and device and is_known(session, device, officer_id, at):
        return [(f"device:{vault.blind('login', f'{account} {digest(device)}')}", OF_A_DEVICE)]
    return [
        (f"network:{vault.blind('login', f'{account} {network}')}", OF_A_NETWORK),
        (f"strangers:{vault.blind('login', account)}", OF_ALL_STRANGERS),
    ]


def code_purses(session: Session, officer_id: UUID, device: str, at: datetime) -> list[Purse]:
    """The allowance of second-factor codes, for who knows the password: a known device has its own here, too."""
    if device and is_known(session, device, officer_id, at):
        return [(f"code:{officer_id}:{digest(device)}", OF_A_CODE)]
    return [(f"code:{officer_id}", OF_A_CODE)]


def session_purse(credential_id: UUID) -> Purse:
    """The allowance of who sits at an open session and proves once more to be its officer."""
    return (f"session:{credential_id}", OF_A_CODE)


def spend(session: Session, purses: Sequence[Purse], at: datetime) -> None:
    """Take one try from each, before it is known whether it is right. Raises `TooManyTries`, and takes nothing.

    Tries that come together are counted one after another: each is its own transaction on locked rows.
    """
    rows = [(_locked(session, key, at), allowance) for key, allowance in purses]
    waits = [max(row.full_at, at) + one.refill - one.most * one.refill - at for row, one in rows]
    longest = max(waits, default=timedelta(0))
    if longest > timedelta(0):
        raise TooManyTries(at + longest, int(longest.total_seconds()) + 1)
    for row, allowance in rows:
        row.full_at = max(row.full_at, at) + allowance.refill


def _locked(session: Session, key: str, at: datetime) -> LoginTry:
    """The row, made where there is none, locked until the transaction ends."""
    session.execute(insert_into(session, LoginTry).values(key=key, full_at=at).on_conflict_do_nothing())
    return session.get_one(LoginTry, key, with_for_update=True, populate_existing=True)


def give_back(session: Session, purses: Sequence[Purse], at: datetime) -> None:
    """The try was right: it is returned to the shared allowances, and a device's own is full again."""
    for key, allowance in purses:
        row = session.get(LoginTry, key, with_for_update=True, populate_existing=True)
        if row is not None:
            is_shared = key.startswith(("network:", "strangers:"))
            row.full_at = row.full_at - allowance.refill if is_shared else at


def is_known(session: Session, device: str, officer_id: UUID, at: datetime) -> bool:
    """Whether that browser has logged in to the account within a year."""
    row = session.get(KnownDevice, (digest(device), officer_id))
    return row is not None and at < row.seen_at + KNOWN_FOR


def remember_device(session: Session, device: str, officer_id: UUID, at: datetime) -> None:
    """The browser has logged in: from now on it is known."""
    query = insert_into(session, KnownDevice).values(digest=digest(device), officer_id=officer_id, seen_at=at)
    session.execute(query.on_conflict_do_update(index_elements=["digest", "officer_id"], set_={"seen_at": at}))


def forget_devices(session: Session, officer_id: UUID) -> None:
    """No browser is known to the account any more: after a reset, which may have followed a theft."""
    session.execute(delete(KnownDevice).where(KnownDevice.officer_id == officer_id))


def purge(session: Session, at: datetime) -> int:
    """Forget allowances that are full, and devices not seen for a year. Returns how many."""
    full = delete(LoginTry).where(LoginTry.full_at <= at).returning(LoginTry.key)
    gone = delete(KnownDevice).where(KnownDevice.seen_at <= at - KNOWN_FOR).returning(KnownDevice.digest)
    return len(session.scalars(full).all()) + len(session.scalars(gone).all())
