"""What the solver is told, read from the database: courses, open sites, trainers, what is taken, needs, days off, wishes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.clock import SHANGHAI, local_date
from models.district import Organisation
from models.training.conditions import rules_of
from models.training.courses import LIVE, sessions_of
from models.training.problem import Busy, CourseFacts, Hours, Key, Placement, Problem, SiteFacts, TrainerFacts, Wanted
from models.training.ruling import TrainingRules
from models.training.tables import (
    Course,
    Event,
    EventStatus,
    Need,
    Site,
    Timetable,
    TimetableStatus,
    Trainer,
)
from models.working_time import WorkCalendar

DAY = timedelta(days=1)
SATURDAY = 6
Position = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """Which courses of a district are planned on which days (both included), and what is where already.

    `fixed`: sessions of these courses that are published and stay where they are. `is_decided`: the parties have agreed, so
    what others only propose is in nobody's way, and what a department wished to keep gives way to conditions.
    """

    district_id: UUID
    first_on: date
    last_on: date
    courses: Sequence[Course]
    fixed: Mapping[Key, Placement]
    is_decided: bool = False


def pose(session: Session, rules: TrainingRules, calendar: WorkCalendar, table: Timetable, at: datetime) -> Problem:
    """The problem of a timetable that is asked for; of one that is asked for anew, `before` is the draft of the last time."""
    ids = [UUID(one) for one in table.course_ids]
    courses = session.scalars(select(Course).where(Course.id.in_(ids)).order_by(Course.reference)).all()
    fixed = placements_of(sessions_of(session, ids, LIVE))
    frame = Frame(table.district_id, max(table.first_on, local_date(at) + DAY), table.last_on, courses, fixed)
    before = {} if table.after_id is None else placements_of(_lines(session, table.after_id))
    return problem_of(session, rules, calendar, frame, before, chain_of(session, table))


def problem_of(
    session: Session,
    rules: TrainingRules,
    calendar: WorkCalendar,
    frame: Frame,
    before: Mapping[Key, Placement],
    chain: Sequence[UUID],
) -> Problem:
    """The problem in this frame; `chain`: the timetables whose wishes and conditions hold."""
    taken = _taken(session, frame)
    sites, trainers = _sites(session, frame, taken), _trainers(session, frame, taken)
    found = rules.timetable
    return Problem(
        first_on=frame.first_on,
        last_on=frame.last_on,
        sites=tuple(_site_facts(one, taken) for one in sites),
        trainers=tuple(_trainer_facts(one, taken) for one in trainers),
        courses=tuple(_course_facts(one, frame) for one in frame.courses),
        wanted=_wanted(session, rules, frame, sites),
        days_off=days_off(calendar, frame.first_on, frame.last_on),
        peaks=tuple(rules.peaks),
        step_minutes=found.step_minutes,
        far_metres=found.far_metres,
        trainer_kmh=float(found.trainer_kmh),
        detour=found.detour,
        weights=found.points,
        rules=rules_of(session, chain, with_kept=not frame.is_decided),
        before={key: at for key, at in before.items() if key not in frame.fixed},
        published=frame.fixed,
    )


def placements_of(events: Iterable[Event]) -> dict[Key, Placement]:
    """Where sessions are, by course and number."""
    return {key_of(one): placement_of(one) for one in events}


def key_of(event: Event) -> Key:
    """The session's name to the solver."""
    return str(event.course_id), event.ordinal


def placement_of(event: Event) -> Placement:
    """Where, when and with whom it is."""
    return Placement(str(event.site_id), str(event.trainer_id), event.starts_at.astimezone(SHANGHAI))


def chain_of(session: Session, table: Timetable) -> list[UUID]:
    """This timetable and those that it came after, the newest first."""
    chain, after_id = [table.id], table.after_id
    while after_id is not None:
        chain.append(after_id)
        after_id = session.scalar(select(Timetable.after_id).where(Timetable.id == after_id))
    return chain


def days_off(calendar: WorkCalendar, first_on: date, last_on: date) -> frozenset[date]:
    """Statutory holidays from one day to the other: days without work that hang together with a weekday without work."""
    found: set[date] = set()
    run: list[date] = []
    day = first_on - 7 * DAY
    while day <= last_on + 7 * DAY:
        if calendar.is_working_day(day):
            run = []
        else:
            run.append(day)
            if any(one.isoweekday() < SATURDAY for one in run):
                found.update(run)
        day += DAY
    return frozenset(one for one in found if first_on <= one <= last_on)


def _lines(session: Session, timetable_id: UUID) -> Sequence[Event]:
    return session.scalars(select(Event).where(Event.timetable_id == timetable_id).order_by(Event.line)).all()


def _taken(session: Session, frame: Frame) -> Sequence[tuple[Event, str]]:
    """Sessions of other courses in these days, published or in a consultation, and what they are."""
    begins, ends = (datetime.combine(one, time(), SHANGHAI) for one in (frame.first_on, frame.last_on + DAY))
    consulted = (Event.status == EventStatus.PROPOSED) & (Timetable.status == TimetableStatus.CONSULTING)
    firm = Event.status == EventStatus.PUBLISHED
    query = (
        select(Event, Course.title_zh)
        .join(Course, Event.course_id == Course.id)
        .join(Timetable, Event.timetable_id == Timetable.id)
        .where(
            Event.district_id == frame.district_id,
            Event.starts_at < ends,
            Event.ends_at > begins,
            firm if frame.is_decided else or_(firm, consulted),
            Event.course_id.not_in([one.id for one in frame.courses]),
        )
        .order_by(Event.starts_at, Event.id)
    )
    return [(event, title) for event, title in session.execute(query)]


def _sites(session: Session, frame: Frame, taken: Sequence[tuple[Event, str]]) -> Sequence[Site]:
    """Those that are open, and those where something stays that has been closed since."""
    ids = [UUID(one.site) for one in frame.fixed.values()] + [event.site_id for event, _ in taken]
    query = select(Site).where(Site.district_id == frame.district_id, Site.is_open | Site.id.in_(set(ids)))
    return session.scalars(query.order_by(Site.code)).all()


def _trainers(session: Session, frame: Frame, taken: Sequence[tuple[Event, str]]) -> Sequence[Trainer]:
    """Those of the courses who are at work, and those with whom something stays."""
    fixed = {UUID(one.trainer) for one in frame.fixed.values()} | {event.trainer_id for event, _ in taken}
    of_courses = {UUID(one) for course in frame.courses for one in course.trainers}
    wanted = (Trainer.id.in_(of_courses) & Trainer.is_active) | Trainer.id.in_(fixed)
    query = select(Trainer).where(Trainer.district_id == frame.district_id, wanted)
    return session.scalars(query.order_by(Trainer.id)).all()


def _site_facts(site: Site, taken: Sequence[tuple[Event, str]]) -> SiteFacts:
    return SiteFacts(
        id=str(site.id),
        name=site.name_zh,
        community=str(site.community_id),
        latitude=site.latitude,
        longitude=site.longitude,
        capacity=site.capacity,
        hours=_hours(site.hours) if site.is_open else (),
        equipment=frozenset(site.equipment),
        child_places=site.child_places,
        busy=tuple(_busy(event, title) for event, title in taken if event.site_id == site.id),
    )


def _trainer_facts(trainer: Trainer, taken: Sequence[tuple[Event, str]]) -> TrainerFacts:
    return TrainerFacts(
        id=str(trainer.id),
        name=trainer.name,
        latitude=trainer.latitude,
        longitude=trainer.longitude,
        hours=_hours(trainer.hours) if trainer.is_active else (),
        busy=tuple(_busy(event, title) for event, title in taken if event.trainer_id == trainer.id),
    )


def _course_facts(course: Course, frame: Frame) -> CourseFacts:
    window = max(course.window_from, frame.first_on), min(course.window_to, frame.last_on)
    return CourseFacts(
        id=str(course.id),
        title=course.title_zh,
        minutes=course.minutes,
        sessions=course.session_count,
        gap_days=course.gap_days,
        least=course.least,
        most=course.most,
        trainers=tuple(course.trainers),
        window=window,
        equipment=frozenset(course.equipment),
        with_children=course.with_children,
    )


def _hours(kept: Collection[Sequence[int]]) -> tuple[Hours, ...]:
    return tuple((day, first, last) for day, first, last in kept)


def _busy(event: Event, title: str) -> Busy:
    return Busy(event.starts_at.astimezone(SHANGHAI), event.ends_at.astimezone(SHANGHAI), title)


def _wanted(session: Session, rules: TrainingRules, frame: Frame, sites: Sequence[Site]) -> tuple[Wanted, ...]:
    """Needs by topic, community and times, for each course of that topic. Who named no community is near to all alike."""
    query = select(Need.topic, Need.community_id, Need.slots).where(
        Need.district_id == frame.district_id,
        Need.over_at.is_(None),
        Need.topic.in_({one.topic for one in frame.courses}),
    )
    counts: dict[tuple[str, UUID | None, tuple[str, ...]], int] = {}
    for topic, community_id, slots in session.execute(query.order_by(Need.id)):  # PostgreSQL groups by no JSON
        key = (topic, community_id, tuple(sorted(slots)))
        counts[key] = counts.get(key, 0) + 1
    positions, middle = _positions(session, frame.district_id, sites)
    return tuple(
        Wanted(
            course=str(course.id),
            count=count,
            latitude=(found := positions.get(community_id, middle))[0],
            longitude=found[1],
            community="" if community_id is None else str(community_id),
            free=tuple(sorted(rules.hours(slot) for slot in slots)),
        )
        for (topic, community_id, slots), count in counts.items()
        for course in frame.courses
        if course.topic == topic
    )


def _positions(
    session: Session, district_id: UUID, sites: Sequence[Site]
) -> tuple[dict[UUID | None, Position], Position]:
    """Where each community is: its house, else its first site; and the middle of all sites."""
    found: dict[UUID | None, Position] = {one.community_id: (one.latitude, one.longitude) for one in reversed(sites)}
    houses = select(Organisation).where(Organisation.district_id == district_id, Organisation.latitude.is_not(None))
    for one in session.scalars(houses):
        if one.latitude is not None and one.longitude is not None:
            found[one.id] = (one.latitude, one.longitude)
    count = max(len(sites), 1)
    return found, (sum(one.latitude for one in sites) / count, sum(one.longitude for one in sites) / count)
