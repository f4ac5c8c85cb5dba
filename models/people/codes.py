"""Personal codes: how a rider is known on a second phone, or on a new one after the first is lost."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import rider as riders
from models.authority import lockout
from models.authority.lockout import Purse, TooManyTries
from models.base import uuid7
from models.crypto import Vault
from models.errors import NotFound, RuleBroken
from models.officer import Identity
from models.people.acts import PersonActKind, Whom, write_down
from models.people.enrolment import ours
from models.people.tables import CodeKind, EnrolmentStatus, PersonalCode
from models.phone import Phone, PhoneIdentity
from models.report.news import join_rider
from models.rider import Rider
from models.rider_rules import spelled
from models.training.needs import join_needs
from models.words import N_

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no I, L, O, U
LENGTH = 16  # signs of 5 bits
GROUP = 4
ONE_DAY = timedelta(days=1)
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})


class CodeWrong(RuleBroken):
    """Said alike for an unknown number and a wrong code, so that nobody learns who is enrolled."""

    sentence = N_("Number or code is wrong. Check both, or ask your community for a new code.")
    status = 403


class CodeTriesUsedUp(RuleBroken):
    """The allowance is used up; it fills again by itself."""

    sentence = N_("Too many wrong tries. Try again from {when} on, or ask your community for a new code.")
    status = 429

    def __init__(self, when: datetime, seconds: int) -> None:
        super().__init__(when=when)
        self.seconds = seconds


class NotKnownHere(RuleBroken):
    """Nobody is known on this phone."""

    sentence = N_("Nobody is known on this phone yet. Enrol with a community first.")
    status = 403


def _new_code() -> str:
    signs = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
    return "-".join(signs[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def _plain(code: str) -> str:
    """A code as it is meant, whatever the spelling: small letters, blanks, O for 0."""
    return re.sub(r"[^0-9A-Z]", "", code.upper()).translate(_READ_AS)


def _keep(
    session: Session,
    vault: Vault,
    rider_id: UUID,
    kind: CodeKind,
    at: datetime,
    officer_id: UUID | None = None,
) -> str:
    """A new code in the place of the last one of its kind."""
    code = _new_code()
    session.execute(delete(PersonalCode).where(PersonalCode.rider_id == rider_id, PersonalCode.kind == kind))
    session.add(
        PersonalCode(
            id=uuid7(),
            rider_id=rider_id,
            kind=kind,
            digest=_digest(vault, rider_id, code),
            made_at=at,
            made_by_id=officer_id,
            expires_at=at + ONE_DAY if kind is CodeKind.ONE_TIME else None,
        )
    )
    session.flush()
    return code


def _digest(vault: Vault, rider_id: UUID, code: str) -> str:
    return vault.blind("personal code", f"{rider_id} {_plain(code)}")


def make_code(session: Session, vault: Vault, phone: PhoneIdentity, at: datetime) -> str:
    """The rider's personal code, to be shown once; an older one opens nothing any more. Raises `NotKnownHere`."""
    if phone.rider_id is None:
        raise NotKnownHere()
    write_down(session, PersonActKind.CODE_MADE, Whom(phone.rider_id), at)
    return _keep(session, vault, phone.rider_id, CodeKind.PERSONAL, at)


def issue_code(session: Session, vault: Vault, who: Identity, enrolment_id: UUID, at: datetime) -> str:
    """A code that opens once within a day, for the rider whom a worker of the community has before them.

    Raises `OnlyReads`, `NotFound`.
    """
    found = ours(session, who, enrolment_id)
    if found.status is not EnrolmentStatus.CONFIRMED or found.rider_id is None:
        raise NotFound()
    whom = Whom(found.rider_id, found.community_id, found.id, who.officer_id)
    write_down(session, PersonActKind.CODE_ISSUED, whom, at)
    return _keep(session, vault, found.rider_id, CodeKind.ONE_TIME, at, who.officer_id)


def open_purses(session: Session, vault: Vault, number: str, network: str, at: datetime) -> list[Purse]:
    """Count a try before it is known whether it is right. Raises `CodeTriesUsedUp`."""
    claimed = spelled("phone", number) or ""
    purses = [
        (f"network:{vault.blind('again', f'{claimed} {network}')}", lockout.OF_A_NETWORK),
        (f"strangers:{vault.blind('again', claimed)}", lockout.OF_ALL_STRANGERS),
    ]
    try:
        lockout.spend(session, purses, at)
    except TooManyTries as broken:
        raise CodeTriesUsedUp(at + timedelta(seconds=broken.seconds), broken.seconds) from None
    return purses


def join(
    session: Session,
    vault: Vault,
    phone: PhoneIdentity,
    number: str,
    code: str,
    purses: Sequence[Purse],
    at: datetime,
) -> UUID:
    """Make this phone the rider's of that number and code. Returns the rider. Raises `CodeWrong`."""
    claimed = spelled("phone", number) or ""
    index = vault.blind(riders.PHONE, claimed)
    rider = session.scalars(
        select(Rider).where(Rider.district_id == phone.district_id, Rider.phone_index == index)
    ).first()
    found = _opening(session, vault, rider, code, at) if rider else None
    if rider is None or found is None:
        raise CodeWrong()
    if found.kind is CodeKind.ONE_TIME:
        session.delete(found)
    session.get_one(Phone, phone.phone_id).rider_id = rider.id
    join_rider(session, phone.phone_id, rider.id)
    join_needs(session, phone.phone_id, rider.id, at)
    lockout.give_back(session, purses, at)
    write_down(session, PersonActKind.PHONE_JOINED, Whom(rider.id, details={"kind": found.kind.value}), at)
    return rider.id


def _opening(session: Session, vault: Vault, rider: Rider, code: str, at: datetime) -> PersonalCode | None:
    query = select(PersonalCode).where(PersonalCode.digest == _digest(vault, rider.id, code)).with_for_update()
    found = session.scalars(query).first()
    if found is None or (found.expires_at is not None and at >= found.expires_at):
        return None
    return found


def sign_off(session: Session, phone: PhoneIdentity, other_id: UUID, at: datetime) -> None:
    """One of the rider's phones, or this one, is nobody's any more. Raises `NotFound`."""
    other = session.get(Phone, other_id, with_for_update=True)
    is_mine = other is not None and (
        other.id == phone.phone_id or (phone.rider_id is not None and other.rider_id == phone.rider_id)
    )
    if other is None or not is_mine:
        raise NotFound()
    if other.revoked_at is None:
        other.revoked_at = at
        write_down(session, PersonActKind.PHONE_SIGNED_OFF, Whom(phone.rider_id), at)
