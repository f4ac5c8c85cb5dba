"""Changing one's own password and second factor: each proves once more who asks."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models.authority import lockout, passwords, second_factor, sessions
from models.authority.accounts import tell_password_changed
from models.authority.lockout import Purse
from models.authority.passwords import PasswordUnchanged
from models.crypto import Vault
from models.district import get_organisation
from models.officer import Officer, WrongPassword, get_officer, hash_password, is_password, set_password
from models.words import N_


class OldPasswordWrong(WrongPassword):
    """Who sits at an open session has to know the password, too."""

    sentence = N_(
        "Your present password is wrong. Type it again; if you have forgotten it, ask for a letter at the log-in."
    )
    status = 422


def new_hash(session: Session, officer_id: UUID, old: str, new: str, again: str, least: int) -> str:
    """The hash of a new password, once the old one and the rules are checked. Takes long; outside a transaction.

    Raises `OldPasswordWrong` and what `passwords.check_new` raises.
    """
    officer = check_own_password(session, officer_id, old)
    passwords.check_new(new, again, least, about_of(session, officer))
    if new == old:
        raise PasswordUnchanged()
    return hash_password(new)


def check_own_password(session: Session, officer_id: UUID, password: str) -> Officer:
    """The officer, whose password it is. Takes long; outside a transaction. Raises `OldPasswordWrong`."""
    officer = get_officer(session, officer_id)
    if not is_password(password, officer.password_hash):
        raise OldPasswordWrong()
    return officer


def about_of(session: Session, officer: Officer) -> list[str]:
    """What everybody knows about an officer, and a password must not be built of."""
    name = get_organisation(session, officer.organisation_id).name
    return [officer.email, officer.name, name.zh, name.en]


def change_password(
    session: Session, officer_id: UUID, fresh: str, kept_id: UUID | None, purses: Sequence[Purse], at: datetime
) -> None:
    """From now on the password of that hash; every session but `kept_id` ends, and a letter tells the officer."""
    set_password(session, officer_id, fresh, at)
    sessions.revoke_others(session, officer_id, kept_id, at)
    lockout.give_back(session, purses, at)
    tell_password_changed(session, get_officer(session, officer_id), at)


def begin_factor(
    session: Session, vault: Vault, officer_id: UUID, code: str, purses: Sequence[Purse], at: datetime
) -> None:
    """Make a new key; where one is in use, for a code of it (or a recovery code). Raises `WrongCode`."""
    if second_factor.has_one(session, officer_id):
        second_factor.check_code(session, vault, officer_id, code, at)
    lockout.give_back(session, purses, at)
    second_factor.begin(session, vault, officer_id, at)


def confirm_factor(
    session: Session,
    vault: Vault,
    officer_id: UUID,
    code: str,
    kept_id: UUID,
    purses: Sequence[Purse],
    at: datetime,
) -> list[str]:
    """Take the new key into use; sessions that began without it end. Returns recovery codes. Raises `WrongCode`."""
    codes = second_factor.confirm(session, vault, officer_id, code, at)
    sessions.revoke_others(session, officer_id, kept_id, at)
    lockout.give_back(session, purses, at)
    return codes


def renew_codes(
    session: Session, vault: Vault, officer_id: UUID, code: str, purses: Sequence[Purse], at: datetime
) -> list[str]:
    """Fresh recovery codes, for a code of the app. Raises `WrongCode`."""
    second_factor.check_code(session, vault, officer_id, code, at)
    lockout.give_back(session, purses, at)
    return second_factor.renew_recovery_codes(session, officer_id)


def remove_factor(
    session: Session, vault: Vault, officer_id: UUID, code: str, purses: Sequence[Purse], at: datetime
) -> None:
    """Do without a second factor, for a code of it. Raises `WrongCode`."""
    second_factor.check_code(session, vault, officer_id, code, at)
    lockout.give_back(session, purses, at)
    second_factor.remove(session, officer_id)
