"""Sessions in lists, as riders and the public see them: what is held, where, when, and how many places are left; no people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models.clock import local_date
from models.district import Organisation
from models.officer import Identity
from models.people.tables import Enrolment, EnrolmentStatus
from models.protocol.schema import Title
from models.report.places import Position, metres_between
from models.training.place_tables import Place, PlaceStatus
from models.training.ruling import TrainingRules
from models.training.tables import Course, Event, EventStatus, Site

SHOWN = (EventStatus.PUBLISHED, EventStatus.CANCELLED, EventStatus.HELD)  # what the public may know of
STANDING = (PlaceStatus.WAITING, PlaceStatus.OFFERED, PlaceStatus.TAKEN)  # what a rider still has before them
NEAR = "near"  # the filter that stands for "near my community"
MOST_PAST = 40  # sessions that a rider looks back on


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What narrows a list; empty does not. `community`: an organisation's code, or `near`."""

    topic: str = ""
    community: str = ""


ANY_EVENT = EventFilter()


@dataclass(frozen=True, slots=True)
class Home:
    """Where a rider is at home: the community that enrolled them, with the position of its house where it is known."""

    community_id: UUID
    name: Title
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """A session in a list; half-open: `starts_at` to `ends_at`. `mine`: how the reader's own place stands.

    `free`: places that are neither taken nor offered. `metres`: as the crow flies from the reader's community.
    """

    id: UUID
    title: Title
    kind: Title
    topic: str
    starts_at: datetime
    ends_at: datetime
    site: Title
    community: Title
    community_id: UUID
    status: EventStatus
    free: int
    places: int
    waiting: int
    child_places: int
    ordinal: int
    session_count: int
    hosts: tuple[UUID, ...]  # who proposed it, on whose ground it is, whose hall it is
    metres: int | None = None
    mine: PlaceStatus | None = None
    offered_until: datetime | None = None

    @property
    def is_full(self) -> bool:
        """Whether only the waiting list is left."""
        return self.free == 0

    def is_hosted_by(self, who: Identity | None) -> bool:
        """Whether the session is this officer's business: then its notice is, too."""
        return who is not None and (who.is_administrator or who.organisation_id in self.hosts)

    @property
    def on(self) -> date:
        """The day in Shanghai on which it begins."""
        return local_date(self.starts_at)


@dataclass(frozen=True, slots=True)
class Found:
    """One session with what its row is made of."""

    event: Event
    course: Course
    site: Site
    community: Organisation


def found_events(
    session: Session, condition: ColumnElement[bool], narrowed: EventFilter = ANY_EVENT, limit: int = 500
) -> Sequence[Found]:
    """The sessions that the public may know of and for which `condition` holds, by their start."""
    query = (
        select(Event, Course, Site, Organisation)
        .join(Course, Course.id == Event.course_id)
        .join(Site, Site.id == Event.site_id)
        .join(Organisation, Organisation.id == Site.community_id)
        .where(Event.status.in_(SHOWN), condition)
        .order_by(Event.starts_at, Event.id)
        .limit(limit)
    )
    if narrowed.topic:
        query = query.where(Course.topic == narrowed.topic)
    if narrowed.community and narrowed.community != NEAR:
        query = query.where(Organisation.code == narrowed.community)
    return [Found(*one) for one in session.execute(query)]


def event_rows(
    rules: TrainingRules,
    found: Sequence[Found],
    places: Mapping[UUID, Place] | None = None,
    home: Home | None = None,
) -> list[EventRow]:
    """Their rows; `places`: the reader's own by session."""
    return [_row(rules, one, (places or {}).get(one.event.id), home) for one in found]


def _row(rules: TrainingRules, one: Found, place: Place | None, home: Home | None) -> EventRow:
    event, course = one.event, one.course
    kind = rules.by_kind.get(course.kind)
    return EventRow(
        id=event.id,
        title=Title(course.title_zh, course.title_en),
        kind=kind.title.title if kind else Title(course.kind, course.kind),
        topic=course.topic,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        site=Title(one.site.name_zh, one.site.name_en),
        community=one.community.name,
        community_id=one.community.id,
        status=event.status,
        free=free_places(event),
        places=event.places,
        waiting=event.waiting,
        child_places=event.child_places,
        ordinal=event.ordinal,
        session_count=course.session_count,
        hosts=(course.organisation_id, one.site.community_id, one.site.owner_id),
        metres=_metres(one.site, home),
        mine=place.status if place else None,
        offered_until=place.offered_until if place else None,
    )


def free_places(event: Event) -> int:
    """Places that one person can take now. Whoever waits meanwhile is a group that does not fit, or not yet complete."""
    return max(0, event.places - event.taken)


def _metres(site: Site, home: Home | None) -> int | None:
    if home is None or home.latitude is None or home.longitude is None:
        return None
    return round(metres_between(Position(home.latitude, home.longitude), Position(site.latitude, site.longitude)))


def own_places(session: Session, rider_id: UUID | None, condition: ColumnElement[bool]) -> dict[UUID, Place]:
    """The rider's newest place at each session for which `condition` holds."""
    if rider_id is None:
        return {}
    query = select(Place).join(Event, Event.id == Place.event_id).where(Place.rider_id == rider_id, condition)
    return {one.event_id: one for one in session.scalars(query.order_by(Place.id))}


def home_of(session: Session, rider_id: UUID | None) -> Home | None:
    """Where the rider is enrolled now; None for whom no community knows."""
    if rider_id is None:
        return None
    query = (
        select(Organisation)
        .join(Enrolment, Enrolment.community_id == Organisation.id)
        .where(Enrolment.rider_id == rider_id, Enrolment.status == EnrolmentStatus.CONFIRMED)
    )
    one = session.scalars(query).first()
    return Home(one.id, one.name, one.latitude, one.longitude) if one else None


@dataclass(frozen=True, slots=True)
class Coming:
    """What a rider sees first: their own sessions, then everything by day; what is over stands last."""

    mine: tuple[EventRow, ...]
    days: tuple[tuple[date, tuple[EventRow, ...]], ...]
    past: tuple[EventRow, ...]
    home: Home | None
    count: int


def coming(
    session: Session,
    rules: TrainingRules,
    district_id: UUID,
    rider_id: UUID | None,
    narrowed: EventFilter,
    at: datetime,
    days: int = 42,
) -> Coming:
    """The published sessions of the next `days` days that are not over at `at`, and the rider's own before and after it."""
    home = home_of(session, rider_id)
    soon = (Event.district_id == district_id) & (Event.ends_at > at) & (Event.starts_at < at + timedelta(days=days))
    soon &= Event.status == EventStatus.PUBLISHED
    found = found_events(session, soon, narrowed)
    places = own_places(session, rider_id, Event.ends_at > at - timedelta(days=180))
    rows = [one for one in event_rows(rules, found, places, home) if is_wanted(rules, narrowed, one)]
    own = event_rows(rules, found_events(session, Event.id.in_(places)), places, home) if places else []
    return Coming(
        mine=tuple(one for one in own if one.mine in STANDING and one.status is EventStatus.PUBLISHED),
        days=by_day(rows),
        past=tuple(one for one in reversed(own) if one.mine in {PlaceStatus.ATTENDED, PlaceStatus.MISSED})[:MOST_PAST],
        home=home,
        count=len(rows),
    )


def is_wanted(rules: TrainingRules, narrowed: EventFilter, row: EventRow) -> bool:
    """Whether a row is near enough, where only near ones are wanted."""
    is_near = row.metres is not None and row.metres <= rules.timetable.far_metres
    return narrowed.community != NEAR or is_near


def by_day(rows: Sequence[EventRow]) -> tuple[tuple[date, tuple[EventRow, ...]], ...]:
    """The rows under their days."""
    days: dict[date, list[EventRow]] = {}
    for one in rows:
        days.setdefault(one.on, []).append(one)
    return tuple((on, tuple(listed)) for on, listed in days.items())


@dataclass(frozen=True, slots=True)
class Ground:
    """A community in which something can be held."""

    id: UUID
    code: str
    name: Title


def communities_with_sites(session: Session, district_id: UUID) -> tuple[Ground, ...]:
    """The communities that have an open site, by code."""
    sites = select(Site.community_id).where(Site.district_id == district_id, Site.is_open)
    query = select(Organisation).where(Organisation.id.in_(sites)).order_by(Organisation.code)
    return tuple(Ground(one.id, one.code, one.name) for one in session.scalars(query))
