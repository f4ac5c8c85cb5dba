"""A command reads each row once: what it has read stays in its session until it ends.

SQLAlchemy's session forgets an object that nobody holds, and reads it again the next time: an organisation ten times in
one conclusion. A command lasts milliseconds, so all that it has read may stay; what must be fresh is read under a lock.
"""

from collections.abc import Hashable, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import event, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from models.base import Base

KEPT = "kept"  # key in a session's info


class KeepingSession(Session):
    """A session that holds every object that it has loaded."""


@event.listens_for(KeepingSession, "loaded_as_persistent")
def _keep(session: Session, instance: Any) -> None:  # pyright: ignore[reportUnusedFunction]
    session.info.setdefault(KEPT, []).append(instance)


def kept(session: Session, name: Hashable) -> dict[Any, Any]:
    """What a command keeps under this name, to be read once; in a session that is no command's, nothing is there."""
    if not isinstance(session, KeepingSession):
        return {}
    return session.info.setdefault(name, {})


def hold(session: Session, table: type[Base], ids: Iterable[UUID]) -> None:
    """Read the rows of these identifiers that the session does not have yet, so that it need not ask for each."""
    key: Any = table.__mapper__.primary_key[0]
    missing = [one for one in ids if session.identity_map.get(identity_key(table, one)) is None]
    if len(missing) > 1:
        session.scalars(select(table).where(key.in_(missing))).all()
