"""Heartbeats: each process that works for the district says from time to time that it is alive, and what troubles it."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base
from models.upserting import insert_into

EVERY = timedelta(seconds=5)
SILENT_AFTER = timedelta(seconds=20)


class Heartbeat(Base):
    """The latest sign of life of one process. `note` is empty where all is well, else one English sentence."""

    __tablename__ = "heartbeat"
    name: Mapped[str] = mapped_column(primary_key=True)
    beat_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")

    def is_silent(self, at: datetime) -> bool:
        """Whether the process has not been heard of for longer than `SILENT_AFTER`."""
        return at - self.beat_at > SILENT_AFTER


def beat(session: Session, name: str, at: datetime, note: str = "") -> None:
    """The process `name` is alive at `at`; a clock that jumps back is believed."""
    said = {"beat_at": at, "note": note}
    query = insert_into(session, Heartbeat).values(name=name, **said)
    session.execute(query.on_conflict_do_update(index_elements=["name"], set_=said))


def latest(session: Session) -> dict[str, Heartbeat]:
    """The latest heartbeat of each process by its name."""
    return {row.name: row for row in session.scalars(select(Heartbeat))}
