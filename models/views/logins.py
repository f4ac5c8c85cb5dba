"""The demo log-ins that the log-in page may show: those whose officers are in the database."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.demo_logins import DEMO_PASSWORD, ROLES
from models.district import Organisation
from models.officer import Officer
from models.protocol.schema import Title


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """An invented officer to log in as."""

    email: str
    password: str
    role: Title
    organisation: Title


def demo_logins(session: Session) -> tuple[DemoLogin, ...]:
    """The demo district's log-ins, in the order of the story; none where another district is loaded."""
    query = (
        select(Officer.email, Organisation.name_zh, Organisation.name_en)
        .join(Organisation, Officer.organisation_id == Organisation.id)
        .where(Officer.email.in_(ROLES), Officer.is_active)
    )
    found = {email: Title(zh, en) for email, zh, en in session.execute(query)}
    return tuple(DemoLogin(email, DEMO_PASSWORD, role, found[email]) for email, role in ROLES.items() if email in found)
