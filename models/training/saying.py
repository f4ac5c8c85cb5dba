"""What letters, resolutions and pages say of a timetable: how many sessions of how many courses, from when until when."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import local_date
from models.errors import NotFound
from models.training.tables import Event, Timetable


@dataclass(frozen=True, slots=True)
class Planned:
    """A timetable in numbers; both days are those of sessions."""

    sessions: int
    courses: int
    sites: int
    first_on: date
    last_on: date

    def to_data(self) -> dict[str, Any]:
        """JSON-able, as letters and resolutions carry it."""
        return asdict(self) | {"first_on": self.first_on.isoformat(), "last_on": self.last_on.isoformat()}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Planned":
        """The same from what a letter or a resolution carries."""
        days = (date.fromisoformat(data[name]) for name in ("first_on", "last_on"))
        return cls(data["sessions"], data["courses"], data["sites"], *days)


def planned_of(events: Sequence[Event]) -> Planned:
    """These sessions in numbers: at least one."""
    days = [local_date(one.starts_at) for one in events]
    courses, sites = {one.course_id for one in events}, {one.site_id for one in events}
    return Planned(len(events), len(courses), len(sites), min(days), max(days))


def planned(session: Session, matter_id: UUID) -> Planned:
    """The timetable of that matter in numbers, as it was proposed."""
    return planned_of(lines_of(session, table_of(session, matter_id).id))


def table_of(session: Session, matter_id: UUID) -> Timetable:
    """The timetable that a matter is about. Raises `NotFound`."""
    found = session.scalars(select(Timetable).where(Timetable.matter_id == matter_id)).first()
    if found is None:
        raise NotFound()
    return found


def lines_of(session: Session, timetable_id: UUID) -> Sequence[Event]:
    """The sessions of a timetable by line."""
    return session.scalars(select(Event).where(Event.timetable_id == timetable_id).order_by(Event.line)).all()
