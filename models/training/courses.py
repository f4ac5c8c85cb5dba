"""Courses: proposed, changed and withdrawn by the department that offers them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import uuid7
from models.clock import local_date
from models.errors import NotAllowed, NotFound, RuleBroken, check_version
from models.matter import take_number
from models.officer import Identity
from models.training.entering import check_equipment, check_name, check_number, department_of, is_of
from models.training.ruling import TrainingRules
from models.training.tables import Course, CourseStatus, Event, EventStatus, Trainer
from models.words import N_

LONGEST_WORDS = 2000
MOST_MINUTES = 480
MOST_SESSIONS = 30
MOST_GAP_DAYS = 30
MOST_PEOPLE = 500
MOST_TRAINERS = 50
FARTHEST = timedelta(days=366)
LIVE = (EventStatus.PUBLISHED, EventStatus.HELD)


class WordsWrong(RuleBroken):
    """Riders choose by it."""

    sentence = N_("Say in 1 to {most} characters what is learnt and for whom.")
    status = 422


class WindowWrong(RuleBroken):
    """A course has to fit in its window."""

    sentence = N_(
        "The window begins today or later, within a year, and has room for {sessions} sessions that are at least "
        "{gap} days apart. Choose other days, or fewer sessions."
    )
    status = 422


class TrainersWrong(RuleBroken):
    """Somebody has to teach."""

    sentence = N_("Choose 1 to {most} trainers who are at work, each once.")
    status = 422


class LeastAboveMost(RuleBroken):
    """Both counts of participants."""

    sentence = N_("The least number of participants, {least}, is above the most, {most}.")
    status = 422


class CourseInTimetable(RuleBroken):
    """What is in a timetable is not changed behind its parties' backs."""

    sentence = N_(
        "Sessions of {reference} are in a timetable. Discard that draft or wait for its consultation, and cancel "
        "published sessions first."
    )


class CourseOver(RuleBroken):
    """Withdrawn, or its last session was held."""

    sentence = N_("{reference} is withdrawn or over. Propose a new course.")


@dataclass(frozen=True, slots=True)
class CourseEntry:
    """What a department proposes. Both days of the window count; `trainers`: who can teach it, any of them."""

    kind: str
    topic: str
    title_zh: str
    title_en: str
    words: str
    minutes: int
    session_count: int
    gap_days: int
    least: int
    most: int
    trainers: Sequence[UUID]
    window_from: date
    window_to: date
    equipment: Sequence[str] = ()
    with_children: bool = False


def propose(session: Session, rules: TrainingRules, who: Identity, entry: CourseEntry, at: datetime) -> Course:
    """A new course of the own department. Raises `OnlyReads`, `NotAllowed`, and what is wrong with the entry."""
    own, year = department_of(session, who), local_date(at).year
    course = Course(
        id=uuid7(),
        district_id=own.district_id,
        organisation_id=own.id,
        officer_id=who.officer_id,
        status=CourseStatus.PROPOSED,
        proposed_at=at,
    )
    _fill(session, rules, course, entry, at)
    course.reference = f"课{year}-{take_number(session, f'course:{own.district_id}:{year}'):06d}"
    session.add(course)
    session.flush()
    return course


def change_course(
    session: Session,
    rules: TrainingRules,
    who: Identity,
    course_id: UUID,
    entry: CourseEntry,
    expected_version: int | None,
    at: datetime,
) -> Course:
    """Put a proposed course right, until it is in a timetable.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `CourseInTimetable`, `CourseOver`, and what is wrong
    with the entry.
    """
    course = _ours(session, who, course_id, expected_version)
    _fill(session, rules, course, entry, at)
    course.version += 1
    return course


def withdraw_course(session: Session, who: Identity, course_id: UUID, expected_version: int | None) -> Course:
    """Take a course back that is in no timetable.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `CourseInTimetable`, `CourseOver`.
    """
    course = _ours(session, who, course_id, expected_version)
    course.move(CourseStatus.WITHDRAWN)
    return course


def sessions_of(session: Session, course_ids: Collection[UUID], statuses: Iterable[EventStatus]) -> Sequence[Event]:
    """The sessions of these courses that have one of the statuses, by course and number."""
    query = select(Event).where(Event.course_id.in_(course_ids), Event.status.in_(list(statuses)))
    return session.scalars(query.order_by(Event.course_id, Event.ordinal)).all()


def is_open_to_plan(course: Course, events: Sequence[Event]) -> bool:
    """Whether sessions of the course are still to be planned; `events`: all its sessions that are not dropped."""
    if course.status in {CourseStatus.WITHDRAWN, CourseStatus.ENDED}:
        return False
    live = {one.ordinal for one in events if one.status in LIVE}
    return not any(one.status is EventStatus.PROPOSED for one in events) and len(live) < course.session_count


def settle_status(session: Session, course_ids: Iterable[UUID]) -> None:
    """A course is scheduled while it has sessions, proposed or published, and proposed again when it has none."""
    for course_id in sorted(set(course_ids)):
        course = session.get_one(Course, course_id, with_for_update=True)
        has_any = bool(sessions_of(session, [course_id], (EventStatus.PROPOSED, *LIVE)))
        if course.status is CourseStatus.PROPOSED and has_any:
            course.move(CourseStatus.SCHEDULED)
        elif course.status is CourseStatus.SCHEDULED and not has_any:
            course.move(CourseStatus.PROPOSED)


def _ours(session: Session, who: Identity, course_id: UUID, expected_version: int | None) -> Course:
    """A course of the own department that no timetable holds, locked."""
    own = department_of(session, who)
    course = session.get(Course, course_id, with_for_update=True)
    if course is None:
        raise NotFound()
    if not is_of(own, course.organisation_id, course.district_id):
        raise NotAllowed()
    check_version(course.version, expected_version)
    if course.status is CourseStatus.SCHEDULED:
        raise CourseInTimetable(reference=course.reference)
    if course.status is not CourseStatus.PROPOSED:
        raise CourseOver(reference=course.reference)
    return course


def _fill(session: Session, rules: TrainingRules, course: Course, entry: CourseEntry, at: datetime) -> None:
    course.kind, course.topic = rules.kind(entry.kind).code, rules.topic(entry.topic).code
    course.title_zh, course.title_en = check_name(entry.title_zh, entry.title_en)
    course.words = entry.words.strip()
    if not 0 < len(course.words) <= LONGEST_WORDS:
        raise WordsWrong(most=LONGEST_WORDS)
    course.minutes = check_number(entry.minutes, 15, MOST_MINUTES)
    course.session_count = check_number(entry.session_count, 1, MOST_SESSIONS)
    course.gap_days = check_number(entry.gap_days, 0, MOST_GAP_DAYS)
    course.least, course.most = check_number(entry.least, 1, MOST_PEOPLE), check_number(entry.most, 1, MOST_PEOPLE)
    if course.least > course.most:
        raise LeastAboveMost(least=course.least, most=course.most)
    course.equipment = check_equipment(rules, entry.equipment)
    course.with_children = entry.with_children
    course.trainers = _trainers(session, course.district_id, entry.trainers)
    course.window_from, course.window_to = _window(entry, at)


def _window(entry: CourseEntry, at: datetime) -> tuple[date, date]:
    today, needed = local_date(at), timedelta(days=(entry.session_count - 1) * entry.gap_days)
    is_right = today <= entry.window_from <= entry.window_to <= today + FARTHEST
    if not is_right or entry.window_to - entry.window_from < needed:
        raise WindowWrong(sessions=entry.session_count, gap=entry.gap_days)
    return entry.window_from, entry.window_to


def _trainers(session: Session, district_id: UUID, ids: Sequence[UUID]) -> list[str]:
    query = select(func.count()).where(Trainer.id.in_(list(ids)), Trainer.district_id == district_id, Trainer.is_active)
    is_right = 1 <= len(ids) <= MOST_TRAINERS and len(set(ids)) == len(ids)
    if not is_right or session.scalars(query).one() != len(ids):
        raise TrainersWrong(most=MOST_TRAINERS)
    return [str(one) for one in ids]
