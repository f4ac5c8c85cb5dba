"""The second factor: one-time codes of an authenticator app (RFC 6238), and recovery codes for when it is lost.

The app's key is sealed by the vault. A code is good for its half minute and the ones beside it, and once only. A new
key waits beside the one in use until a code proves that the app has it.
"""

import hmac
import secrets
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import pyotp
from pyotp.totp import TOTP
from sqlalchemy import BigInteger, ForeignKey, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, uuid7
from models.crypto import Vault
from models.errors import RuleBroken
from models.officer import Identity, Officer, digest
from models.protocol.schema import Party
from models.words import N_

STEP_SECONDS = 30
STEPS_BESIDE = 1  # clocks differ, and people type slowly
RECOVERY_CODES = 10
RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"  # none that are mistaken for another
RECOVERY_SIGNS = 16  # 78 random bits: nobody finds them from their digests
BOUND = frozenset({Party.DEPARTMENT, Party.STREET})  # who see much, and decide last


class WrongCode(RuleBroken):
    """Said alike for a code that is wrong, too old, or used already."""

    sentence = N_(
        "This code is not right, or was used already. Wait for the next one in your app, or use a recovery code."
    )
    status = 401


class NoKeyWaits(RuleBroken):
    """Nothing was begun, or it was confirmed already."""

    sentence = N_("No new key waits for its code. Begin again on this page.")


class SecondFactor(Base):
    """An officer's authenticator app. `sealed_key` is in use since `confirmed_at`; `sealed_new` waits for its code."""

    __tablename__ = "second_factor"
    officer_id: Mapped[UUID] = mapped_column(ForeignKey(Officer.id), primary_key=True)
    sealed_key: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    sealed_new: Mapped[str | None]
    begun_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger)  # half minutes since 1970 of the newest code that was used


class RecoveryCode(Base):
    """One recovery code: the SHA-256 of its random signs, good until it is used."""

    __tablename__ = "recovery_code"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey(Officer.id), index=True)
    digest: Mapped[str]
    used_at: Mapped[datetime | None]


def is_required(demand: str, who: Identity, *, is_demo: bool) -> bool:
    """Whether the officer must have one: of a department or street, or an administrator of the district.

    `demand`: "required", "offered", or "auto": required unless it is a demo.
    """
    is_bound = who.party in BOUND or who.is_administrator
    return is_bound and (demand == "required" or (demand == "auto" and not is_demo))


def has_one(session: Session, officer_id: UUID) -> bool:
    """Whether a code is asked at the officer's log-in."""
    confirmed = select(SecondFactor.confirmed_at).where(SecondFactor.officer_id == officer_id)
    return session.scalars(confirmed).first() is not None


def begin(session: Session, vault: Vault, officer_id: UUID, at: datetime) -> None:
    """Make a new key, which waits for its code; an earlier one that waited is worthless."""
    factor = session.get(SecondFactor, officer_id, with_for_update=True)
    if factor is None:
        factor = SecondFactor(officer_id=officer_id, last_step=0)
        session.add(factor)
    factor.sealed_new, factor.begun_at = vault.seal(pyotp.random_base32()), at


def pending_of(session: Session, vault: Vault, officer_id: UUID) -> str | None:
    """The key, in Base32, that waits for its code; None where none does."""
    sealed = session.scalars(select(SecondFactor.sealed_new).where(SecondFactor.officer_id == officer_id)).first()
    return vault.open(sealed) if sealed else None


def address_of(key: str, email: str, issuer: str) -> str:
    """What the QR code says: `otpauth://totp/…`."""
    return TOTP(key).provisioning_uri(name=email, issuer_name=issuer)


def confirm(session: Session, vault: Vault, officer_id: UUID, code: str, at: datetime) -> list[str]:
    """The app shows the right code: its key is in use from now on, in place of an older one.

    Returns the recovery codes, which cannot be read again. Raises `NoKeyWaits`, `WrongCode`.
    """
    factor = session.get(SecondFactor, officer_id, with_for_update=True)
    if factor is None or factor.sealed_new is None:
        raise NoKeyWaits()
    step = _step_of(vault.open(factor.sealed_new), code, at)
    if step is None:
        raise WrongCode()
    factor.sealed_key, factor.confirmed_at, factor.last_step = factor.sealed_new, at, step
    factor.sealed_new = factor.begun_at = None
    return renew_recovery_codes(session, officer_id)


def check_code(session: Session, vault: Vault, officer_id: UUID, code: str, at: datetime) -> None:
    """A code of the app, or a recovery code, used up by this. Raises `WrongCode`."""
    factor = session.get(SecondFactor, officer_id, with_for_update=True)
    if factor is None or factor.sealed_key is None:
        raise WrongCode()
    step = _step_of(vault.open(factor.sealed_key), code, at)
    if step is not None and step > factor.last_step:
        factor.last_step = step
    elif not _use_recovery_code(session, officer_id, code, at):
        raise WrongCode()


def _step_of(key: str, code: str, at: datetime) -> int | None:
    """The newest half minute about `at` at which the app shows that code; None: at none."""
    typed = "".join(code.split()).encode()
    app, now = TOTP(key), int(at.timestamp()) // STEP_SECONDS
    steps = range(now - STEPS_BESIDE, now + STEPS_BESIDE + 1)
    right = [step for step in steps if hmac.compare_digest(app.generate_otp(step).encode(), typed)]
    return max(right, default=None)


def _use_recovery_code(session: Session, officer_id: UUID, code: str, at: datetime) -> bool:
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.officer_id == officer_id,
            RecoveryCode.digest == _digest(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=at)
        .returning(RecoveryCode.id)
    )
    return used.first() is not None


def renew_recovery_codes(session: Session, officer_id: UUID) -> list[str]:
    """Ten recovery codes, such as `k7mq-2xwd-9hvc-r4tn`, in place of all older ones."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.officer_id == officer_id))
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(officer_id=officer_id, digest=_digest(code)) for code in codes)
    return codes


def _new_code() -> str:
    signs = "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_SIGNS))
    return "-".join(signs[start : start + 4] for start in range(0, RECOVERY_SIGNS, 4))


def _digest(code: str) -> str:
    """Of the signs alone: blanks, dashes and large letters are how people type."""
    return digest("".join(code.split()).replace("-", "").lower())


def unused_recovery_codes(session: Session, officer_id: UUID) -> int:
    """How many recovery codes are left."""
    left = select(func.count()).where(RecoveryCode.officer_id == officer_id, RecoveryCode.used_at.is_(None))
    return session.execute(left).scalar_one()


def remove(session: Session, officer_id: UUID) -> bool:
    """Forget the app and the recovery codes. Whether one was in use; the caller has checked who asks."""
    gone = session.execute(
        delete(SecondFactor).where(SecondFactor.officer_id == officer_id).returning(SecondFactor.confirmed_at)
    ).first()
    session.execute(delete(RecoveryCode).where(RecoveryCode.officer_id == officer_id))
    return gone is not None and gone.confirmed_at is not None


def officers_with_one(session: Session, officer_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of these officers who have a second factor in use."""
    confirmed = SecondFactor.confirmed_at.is_not(None)
    query = select(SecondFactor.officer_id).where(SecondFactor.officer_id.in_(officer_ids), confirmed)
    return frozenset(session.scalars(query))
