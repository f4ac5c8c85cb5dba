"""The desk of training: sessions of mine by week, what waits for me, needs as counts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.clock import SHANGHAI, local_date
from models.consultation.tables import Seat, SeatStatus
from models.district import Organisation, get_organisation
from models.matter import Matter, MatterKind
from models.officer import Identity
from models.protocol.schema import Party, Title
from models.training.needs import SHOWN_FROM
from models.training.ruling import TrainingRules
from models.training.tables import Course, CourseStatus, Event, EventStatus, Need, Site, Timetable, TimetableStatus
from models.views.training import SessionView, sessions_view

WEEKS = 5  # that are shown, this one included
MOST = 400  # sessions on one page
SHOWN = (EventStatus.PUBLISHED, EventStatus.HELD, EventStatus.CANCELLED)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Awaited:
    """A timetable that waits for the own organisation's opinion."""

    reference: str
    title: Title
    sessions: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Mine:
    """A timetable of the own department that somebody has to do something about."""

    timetable_id: UUID
    title: Title
    status: TimetableStatus


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many people want a topic: in all and by time of day; None: fewer than `SHOWN_FROM`."""

    topic: str
    people: int | None
    by_slot: Mapping[str, int | None]
    courses: int  # that are proposed or scheduled for it


@dataclass(frozen=True, slots=True)
class DeskView:
    """Everything on the desk. `weeks`: by their Monday."""

    weeks: Mapping[date, tuple[SessionView, ...]]
    awaited: tuple[Awaited, ...]
    mine: tuple[Mine, ...]
    to_plan: int  # courses of the own department that are in no timetable
    wanted: tuple[Wanted, ...]


def desk_view(session: Session, rules: TrainingRules, who: Identity, at: datetime) -> DeskView:
    """The desk of an organisation at `at`."""
    own = get_organisation(session, who.organisation_id)
    is_department = own.party is Party.DEPARTMENT
    return DeskView(
        weeks=_weeks(session, who, own, at),
        awaited=_awaited(session, own),
        mine=_mine(session, own) if is_department else (),
        to_plan=_to_plan(session, own) if is_department else 0,
        wanted=wanted(session, rules, own.district_id, own.id if own.party is Party.COMMUNITY else None),
    )


def concerning(own: Organisation) -> ColumnElement[bool]:
    """The sessions (joined with site and course) that are an organisation's affair."""
    match own.party:
        case Party.DEPARTMENT:
            return Event.district_id == own.district_id if own.is_lead else Course.organisation_id == own.id
        case Party.STREET:
            return Site.community_id.in_(select(Organisation.id).where(Organisation.parent_id == own.id))
        case Party.COUNCIL:
            return Site.community_id == own.parent_id
        case _:
            return (Site.community_id == own.id) | (Site.owner_id == own.id)


def monday_of(on: date) -> date:
    """The first day of the week."""
    return on - timedelta(days=on.weekday())


def _weeks(session: Session, who: Identity, own: Organisation, at: datetime) -> dict[date, tuple[SessionView, ...]]:
    first = monday_of(local_date(at))
    begins, ends = (datetime.combine(one, time(), SHANGHAI) for one in (first, first + WEEKS * WEEK))
    query = (
        select(Event)
        .join(Site, Event.site_id == Site.id)
        .join(Course, Event.course_id == Course.id)
        .where(concerning(own), Event.status.in_(SHOWN), Event.starts_at >= begins, Event.starts_at < ends)
        .order_by(Event.starts_at, Event.id)
        .limit(MOST)
    )
    weeks: dict[date, list[SessionView]] = {}
    for one in sessions_view(session, who, session.scalars(query).all()):
        weeks.setdefault(monday_of(local_date(one.starts_at)), []).append(one)
    return {monday: tuple(found) for monday, found in weeks.items()}


def _awaited(session: Session, own: Organisation) -> tuple[Awaited, ...]:
    query = (
        select(Matter.reference, Timetable.title_zh, Timetable.title_en, Matter.line_count, Seat.due_at)
        .select_from(Seat)
        .join(Matter, Seat.matter_id == Matter.id)
        .join(Timetable, Timetable.matter_id == Matter.id)
        .where(
            Seat.organisation_id == own.id,
            Seat.status == SeatStatus.ASKED,
            Matter.kind == MatterKind.TRAINING_SCHEDULE,
        )
        .order_by(Seat.due_at, Seat.id)
        .limit(MOST)
    )
    return tuple(Awaited(one[0], Title(one[1], one[2]), one[3], one[4]) for one in session.execute(query))


def _mine(session: Session, own: Organisation) -> tuple[Mine, ...]:
    open_ones = (TimetableStatus.ASKED, TimetableStatus.DRAFT)
    query = select(Timetable).where(Timetable.organisation_id == own.id, Timetable.status.in_(open_ones))
    listed = session.scalars(query.order_by(Timetable.id.desc()).limit(MOST))
    return tuple(Mine(one.id, Title(one.title_zh, one.title_en), one.status) for one in listed)


def _to_plan(session: Session, own: Organisation) -> int:
    waiting = (Course.organisation_id == own.id, Course.status == CourseStatus.PROPOSED)
    return session.scalars(select(func.count()).select_from(Course).where(*waiting)).one()


def wanted(session: Session, rules: TrainingRules, district_id: UUID, near: UUID | None) -> tuple[Wanted, ...]:
    """Needs by topic, the most wanted first; `near`: only those who want it near that community, or named none."""
    query = select(Need.topic, Need.slots).where(Need.district_id == district_id, Need.over_at.is_(None))
    if near is not None:
        query = query.where((Need.community_id == near) | Need.community_id.is_(None))
    people: Counter[str] = Counter()
    by_slot: Counter[tuple[str, str]] = Counter()
    for topic, slots in session.execute(query):
        people[topic] += 1
        by_slot.update((topic, code) for code in {slot.partition("-")[2] for slot in slots})
    courses = _courses(session, district_id)
    return tuple(
        Wanted(
            topic,
            _shown(count),
            {one.code: _shown(by_slot[topic, one.code]) for one in rules.slots},
            courses.get(topic, 0),
        )
        for topic, count in sorted(people.items(), key=lambda one: (-one[1], one[0]))
        if topic in rules.by_topic
    )


def _shown(count: int) -> int | None:
    """Small groups could be told apart; nobody at all may be said."""
    return None if 0 < count < SHOWN_FROM else count


def _courses(session: Session, district_id: UUID) -> dict[str, int]:
    live = (CourseStatus.PROPOSED, CourseStatus.SCHEDULED)
    query = select(Course.topic, func.count()).where(Course.district_id == district_id, Course.status.in_(live))
    return {row[0]: row[1] for row in session.execute(query.group_by(Course.topic))}
