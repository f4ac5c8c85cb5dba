"""Drafts of timetables: asked for, computed in a round, kept with their sessions, wished for anew, discarded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import uuid7
from models.clock import local_date
from models.district import Organisation
from models.errors import NotAllowed, NotFound, RuleBroken, check_version
from models.officer import Identity
from models.training.conditions import Stated, wish
from models.training.courses import LIVE, is_open_to_plan, sessions_of, settle_status
from models.training.entering import check_name, department_of, is_of
from models.training.problem import Answer, Key, Placement, Problem
from models.training.saying import lines_of
from models.training.tables import Course, Event, EventStatus, Site, Timetable, TimetableStatus
from models.words import N_

LEASE = timedelta(minutes=3)  # of who computes it: the district's `seconds`, and posing and keeping besides
MOST_TRIES = 3
AGAIN = timedelta(minutes=1)
MOST_DAYS = 92
MOST_COURSES = 200
FARTHEST = timedelta(days=366)


class PeriodWrong(RuleBroken):
    """The days of a timetable."""

    sentence = N_("A timetable begins tomorrow or later, within a year, and has 1 to {most} days. Choose other days.")
    status = 422


class CoursesWrong(RuleBroken):
    """What is to be planned."""

    sentence = N_("Choose 1 to {most} of your own courses, each once.")
    status = 422


class CourseNotToPlan(RuleBroken):
    """It is in another timetable, over, or its window lies elsewhere."""

    sentence = N_(
        "{reference} cannot be planned in these days: it is in another timetable, over, or its window lies outside."
    )


class NoDraft(RuleBroken):
    """Only a draft is wished for, submitted or discarded."""

    sentence = N_("This timetable is not a draft any more, or not yet. Look at the newest one.")


class PosedTooEarly(RuleBroken):
    """What the solver was told is not so any more."""

    sentence = N_("Something changed while the timetable was computed. It is computed anew.")


class DraftedElsewhere(RuleBroken):
    """Who was thought dead: another one has taken its place."""

    sentence = N_("Another process computes this timetable now.")


@dataclass(frozen=True, slots=True)
class Asking:
    """What a timetable is asked for: its title, its days (both included), its courses."""

    title_zh: str
    title_en: str
    first_on: date
    last_on: date
    course_ids: tuple[UUID, ...]


def ask(session: Session, who: Identity, asking: Asking, at: datetime) -> Timetable:
    """Have a draft computed in the next round.

    Raises `OnlyReads`, `NotAllowed`, `NameWrong`, `PeriodWrong`, `CoursesWrong`, `CourseNotToPlan`.
    """
    own, today = department_of(session, who), local_date(at)
    title_zh, title_en = check_name(asking.title_zh, asking.title_en)
    days = (asking.last_on - asking.first_on).days + 1
    if not (today < asking.first_on <= today + FARTHEST and 1 <= days <= MOST_DAYS):
        raise PeriodWrong(most=MOST_DAYS)
    courses = _courses(session, own, asking.course_ids)
    for course in courses:
        _check_to_plan(session, course, asking.first_on, asking.last_on)
    return _asked(
        session,
        at,
        district_id=own.district_id,
        organisation_id=own.id,
        officer_id=who.officer_id,
        title_zh=title_zh,
        title_en=title_en,
        first_on=asking.first_on,
        last_on=asking.last_on,
        course_ids=[str(one.id) for one in courses],
    )


def ask_again(
    session: Session,
    who: Identity,
    timetable_id: UUID,
    wishes: Sequence[Stated],
    expected_version: int | None,
    at: datetime,
) -> Timetable:
    """Have a draft computed anew with these wishes; it stays until the new one is there and takes its place.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `NoDraft`, and what is wrong with a wish.
    """
    before = own_draft(session, who, timetable_id, expected_version)
    wish(session, who, before, wishes, at)
    before.version += 1
    return _asked(
        session,
        at,
        district_id=before.district_id,
        organisation_id=before.organisation_id,
        officer_id=who.officer_id,
        after_id=before.id,
        title_zh=before.title_zh,
        title_en=before.title_en,
        first_on=before.first_on,
        last_on=before.last_on,
        course_ids=before.course_ids,
    )


def _asked(session: Session, at: datetime, **said: Any) -> Timetable:
    """A timetable that the next round computes."""
    table = Timetable(id=uuid7(), problem={}, answer={}, status=TimetableStatus.ASKED, made_at=at, wake_at=at, **said)
    session.add(table)
    session.flush()
    return table


def discard(
    session: Session, who: Identity, timetable_id: UUID, expected_version: int | None, at: datetime
) -> Timetable:
    """Throw a draft away, or what was only asked for; its courses may be planned anew.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `NoDraft`.
    """
    table = own_draft(session, who, timetable_id, expected_version, also=(TimetableStatus.ASKED,))
    table.move(TimetableStatus.WITHDRAWN)
    table.wake_at = None
    drop_all(session, table, at)
    return table


def own_draft(
    session: Session,
    who: Identity,
    timetable_id: UUID,
    expected_version: int | None,
    also: Sequence[TimetableStatus] = (),
) -> Timetable:
    """A draft of the own department that no matter holds, locked.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `NoDraft`.
    """
    own = department_of(session, who)
    table = session.get(Timetable, timetable_id, with_for_update=True, populate_existing=True)
    if table is None:
        raise NotFound()
    if not is_of(own, table.organisation_id, table.district_id):
        raise NotAllowed()
    check_version(table.version, expected_version)
    if table.status not in {TimetableStatus.DRAFT, *also}:
        raise NoDraft()
    return table


def drop_all(session: Session, table: Timetable, at: datetime) -> None:
    """None of its proposed sessions will be; its courses may be planned anew."""
    for event in lines_of(session, table.id):
        if event.status is EventStatus.PROPOSED:
            event.move(EventStatus.DROPPED, at)
    session.flush()
    settle_status(session, [UUID(one) for one in table.course_ids])


def is_due(session: Session, at: datetime) -> bool:
    """Whether a timetable waits to be computed at `at`."""
    return session.execute(select(Timetable.id).where(Timetable.wake_at <= at).limit(1)).first() is not None


def claim(session: Session, at: datetime) -> tuple[UUID, int] | None:
    """Take the oldest that is due: its id and the number of this try. Until `LEASE` has passed nobody else takes it."""
    query = select(Timetable).where(Timetable.wake_at <= at).order_by(Timetable.wake_at).limit(1)
    found = session.scalars(query.with_for_update(skip_locked=True)).first()
    if found is None:
        return None
    found.tries += 1
    found.wake_at = at + LEASE
    return found.id, found.tries


def put_back(session: Session, timetable_id: UUID, trouble: str, at: datetime) -> None:
    """It is computed again in a minute, or shown with its trouble after the last try."""
    found = session.get_one(Timetable, timetable_id, with_for_update=True)
    if found.status is not TimetableStatus.ASKED:
        return
    found.trouble = trouble[:500]
    found.wake_at = None if found.tries >= MOST_TRIES else at + AGAIN
    found.version += 1


def draft(session: Session, timetable_id: UUID, attempt: int, problem: Problem, answer: Answer, at: datetime) -> int:
    """Keep what the solver said: the draft and its proposed sessions; one that it replaces is replaced. Returns the sessions.

    Raises `DraftedElsewhere`, `PosedTooEarly` where a course was taken or a room filled meanwhile.
    """
    table = session.get_one(Timetable, timetable_id, with_for_update=True)
    if table.status is not TimetableStatus.ASKED or table.tries != attempt:
        raise DraftedElsewhere()
    if table.after_id is not None:
        _replace(session, table.after_id, at)
    ids = [UUID(one) for one in table.course_ids]
    courses = {one.id: one for one in session.scalars(select(Course).where(Course.id.in_(ids)).with_for_update())}
    known = sessions_of(session, ids, (EventStatus.PROPOSED, *LIVE))
    for course in courses.values():
        if not is_open_to_plan(course, [one for one in known if one.course_id == course.id]):
            raise PosedTooEarly()
    placed = {key: at_ for key, at_ in answer.placements.items() if key not in problem.published}
    add_events(session, table, courses, placed, at)
    table.problem, table.answer = problem.to_data(), answer.to_data()
    table.wake_at, table.trouble = None, None
    table.move(TimetableStatus.DRAFT)
    settle_status(session, ids)
    return len(placed)


def add_events(
    session: Session,
    table: Timetable,
    courses: Mapping[UUID, Course],
    placed: Mapping[Key, Placement],
    at: datetime,
) -> list[Event]:
    """Proposed sessions of a timetable, numbered by when they begin. A hall smaller than the course gives fewer places."""
    sites = {str(one.id): one for one in session.scalars(select(Site).where(Site.district_id == table.district_id))}
    made: list[Event] = []
    ordered = sorted(placed.items(), key=lambda one: (one[1].starts_at, one[0]))
    for line, ((course_id, ordinal), where) in enumerate(ordered, start=1):
        event_id, course, site = uuid7(), courses[UUID(course_id)], sites[where.site]
        made.append(
            Event(
                id=event_id,
                district_id=table.district_id,
                timetable_id=table.id,
                course_id=course.id,
                line=line,
                ordinal=ordinal,
                site_id=site.id,
                trainer_id=UUID(where.trainer),
                starts_at=where.starts_at,
                ends_at=where.starts_at + timedelta(minutes=course.minutes),
                places=min(course.most, site.capacity),
                child_places=site.child_places if course.with_children else 0,
                status=EventStatus.PROPOSED,
                uid=f"{event_id}@wufang",
                changed_at=at,
            )
        )
    session.add_all(made)
    session.flush()
    return made


def _replace(session: Session, timetable_id: UUID, at: datetime) -> None:
    """The draft before gives way. Raises `PosedTooEarly` where it was submitted or discarded meanwhile."""
    before = session.get_one(Timetable, timetable_id, with_for_update=True)
    if before.status is not TimetableStatus.DRAFT:
        raise PosedTooEarly()
    before.move(TimetableStatus.REPLACED)
    drop_all(session, before, at)


def _courses(session: Session, own: Organisation, ids: Sequence[UUID]) -> Sequence[Course]:
    found = session.scalars(select(Course).where(Course.id.in_(list(ids))).order_by(Course.reference)).all()
    is_right = 1 <= len(ids) <= MOST_COURSES and len(found) == len(ids)
    if not is_right or not all(is_of(own, one.organisation_id, one.district_id) for one in found):
        raise CoursesWrong(most=MOST_COURSES)
    return found


def _check_to_plan(session: Session, course: Course, first_on: date, last_on: date) -> None:
    events = sessions_of(session, [course.id], (EventStatus.PROPOSED, *LIVE))
    is_inside = course.window_from <= last_on and first_on <= course.window_to
    if not is_inside or not is_open_to_plan(course, events):
        raise CourseNotToPlan(reference=course.reference)
