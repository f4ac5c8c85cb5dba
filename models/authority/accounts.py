"""What happens to an account as a whole: all its doors are shut, or its officer is told that the key is a new one."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from models.base import uuid7
from models.district import get_organisation
from models.notice import writing
from models.notice.tables import Letter
from models.officer import Credential, Officer


def end_all(session: Session, officer: Officer, at: datetime) -> None:
    """Every session and every token of an officer who leaves is worthless from `at` on."""
    held = update(Credential).where(Credential.officer_id == officer.id, Credential.revoked_at.is_(None))
    session.execute(held.values(revoked_at=at))


def tell_password_changed(session: Session, officer: Officer, at: datetime) -> None:
    """A letter to the officer: whoever did not do it must know."""
    name = get_organisation(session, officer.organisation_id).name
    facts = {"organisation": {"zh": name.zh, "en": name.en}, "changed_at": at.isoformat()}
    writing.write(session, str(uuid7()), None, Letter.PASSWORD_CHANGED, facts, [officer], at)
