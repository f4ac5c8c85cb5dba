"""What calendars show: the published sessions of a community, a department, a trainer or a rider, the soonest first.

Sessions that were cancelled stay in, marked as such, so that programs that have them already take them out; what is over
stays for `KEPT`. Nothing of riders is in any of it: a rider's own calendar is read under a secret address.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from models.district import Organisation
from models.errors import NotFound
from models.protocol.schema import Party, Title
from models.training.place_tables import Place, PlaceStatus
from models.training.ruling import TrainingRules
from models.training.tables import Course, Event, EventStatus, Site, Trainer

KEPT = timedelta(days=30)
MOST = 1000  # sessions of one calendar: three times what a district has in four weeks
SHOWN = (EventStatus.PUBLISHED, EventStatus.HELD, EventStatus.CANCELLED)
MINE = (
    PlaceStatus.TAKEN,
    PlaceStatus.OFFERED,
    PlaceStatus.ATTENDED,
    PlaceStatus.MISSED,
    PlaceStatus.CANCELLED,
)


class Standing(StrEnum):
    """How sure it is, in the words of RFC 5545."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Entry:
    """One session as calendars show it. `reason`: why it was cancelled or moved. Position in WGS84 degrees."""

    event_id: UUID
    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    title: Title
    kind: Title
    words: str
    ordinal: int
    count: int
    site: Title
    address: str
    latitude: float
    longitude: float
    trainer: str
    department: Title
    standing: Standing
    reason: str | None
    changed_at: datetime


def community_entries(session: Session, rules: TrainingRules, community_id: UUID, at: datetime) -> list[Entry]:
    """The sessions on the ground of a community."""
    return _entries(session, rules, at, Site.community_id == community_id)


def department_entries(session: Session, rules: TrainingRules, organisation_id: UUID, at: datetime) -> list[Entry]:
    """The sessions that a department holds."""
    return _entries(session, rules, at, Course.organisation_id == organisation_id)


def trainer_entries(session: Session, rules: TrainingRules, trainer_id: UUID, at: datetime) -> list[Entry]:
    """The sessions that a trainer teaches."""
    return _entries(session, rules, at, Event.trainer_id == trainer_id)


def one_entry(session: Session, rules: TrainingRules, event_id: UUID) -> Entry:
    """One session, for an invitation to it. Raises `NotFound`."""
    row = session.execute(_joined().where(Event.id == event_id)).one_or_none()
    if row is None:
        raise NotFound()
    return _entry(rules, *row)


def rider_entries(session: Session, rules: TrainingRules, rider_id: UUID, at: datetime) -> list[Entry]:
    """The sessions at which a rider has a place, is offered one, or has given it back; waiting for one is no date."""
    query = select(Place.event_id, Place.status, Place.decided_at).where(
        Place.rider_id == rider_id, Place.status.in_(MINE)
    )
    last = {row[0]: (row[1], row[2]) for row in session.execute(query.order_by(Place.id))}
    entries = _entries(session, rules, at, Event.id.in_(last)) if last else []
    return [_of_rider(one, *last[one.event_id]) for one in entries]


def place_of_feed(session: Session, party: Party, code: str) -> Organisation:
    """The community or department whose calendar an address names. Raises `NotFound`."""
    found = session.scalars(select(Organisation).where(Organisation.code == code, Organisation.party == party)).first()
    if found is None:
        raise NotFound()
    return found


def _joined() -> Select[Event, Course, Site, str, Organisation]:
    query = select(Event, Course, Site, Trainer.name, Organisation)
    query = query.join(Course, Course.id == Event.course_id).join(Site, Site.id == Event.site_id)
    return query.join(Trainer, Trainer.id == Event.trainer_id).join(
        Organisation, Organisation.id == Course.organisation_id
    )


def _entries(session: Session, rules: TrainingRules, at: datetime, whose: ColumnElement[bool]) -> list[Entry]:
    query = _joined().where(whose, Event.status.in_(SHOWN), Event.starts_at > at - KEPT)
    listed = session.execute(query.order_by(Event.starts_at, Event.id).limit(MOST))
    return [_entry(rules, *row) for row in listed]


def _entry(
    rules: TrainingRules, event: Event, course: Course, site: Site, trainer: str, department: Organisation
) -> Entry:
    kind = rules.by_kind.get(course.kind)  # a kind may leave the district's file while its sessions stay
    return Entry(
        event.id,
        event.uid,
        event.sequence,
        event.starts_at,
        event.ends_at,
        Title(course.title_zh, course.title_en),
        kind.title.title if kind else Title(course.kind, course.kind),
        course.words,
        event.ordinal,
        course.session_count,
        Title(site.name_zh, site.name_en),
        site.address,
        site.latitude,
        site.longitude,
        trainer,
        department.name,
        Standing.CANCELLED if event.status is EventStatus.CANCELLED else Standing.CONFIRMED,
        event.reason,
        event.changed_at,
    )


def _of_rider(entry: Entry, status: PlaceStatus, decided_at: datetime | None) -> Entry:
    """The same for one who has a place: offered is not sure yet, given back is cancelled."""
    changes: dict[str, Any] = {"changed_at": max(entry.changed_at, decided_at or entry.changed_at)}
    if status is PlaceStatus.CANCELLED:
        changes["standing"] = Standing.CANCELLED
    elif status is PlaceStatus.OFFERED and entry.standing is Standing.CONFIRMED:
        changes["standing"] = Standing.TENTATIVE
    return replace(entry, **changes)
