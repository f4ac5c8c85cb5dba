"""What every way of getting a new password has in common: it is checked, sessions end, a letter says so."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from models import notice
from models.authority import lockout, sessions
from models.authority.passwords import check_new
from models.base import uuid7
from models.district import get_organisation
from models.notice import Letter
from models.officer import Credential, Officer, hash_password


def set_password(session: Session, officer: Officer, password: str, again: str, least: int, at: datetime) -> None:
    """The officer's new password, typed twice; every session ends, and no browser is known any more.

    `least`: the setting `password_length`. Raises what `passwords.check_new` does.
    """
    check_new(password, again, least, (officer.name, officer.email))
    officer.password_hash, officer.password_set_at = hash_password(password), at
    sessions.revoke_others(session, officer.id, None, at)
    lockout.forget_devices(session, officer.id)


def end_all(session: Session, officer: Officer, at: datetime) -> None:
    """Every session and every token of an officer who leaves is worthless from `at` on."""
    held = update(Credential).where(Credential.officer_id == officer.id, Credential.revoked_at.is_(None))
    session.execute(held.values(revoked_at=at))


def tell_password_changed(session: Session, officer: Officer, at: datetime) -> None:
    """A letter to the officer: whoever did not do it must know."""
    name = get_organisation(session, officer.organisation_id).name
    facts = {"organisation": {"zh": name.zh, "en": name.en}, "changed_at": at.isoformat()}
    notice.write(session, str(uuid7()), None, Letter.PASSWORD_CHANGED, facts, [officer], at)
