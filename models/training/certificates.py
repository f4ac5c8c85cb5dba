"""结业证书: who attended a whole course is certified once; anybody may check a certificate by the word printed on it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.base import uuid7
from models.clock import local_date
from models.crypto import Vault, mask_name
from models.errors import NotFound
from models.matter import take_number
from models.officer import Identity, check_may_act
from models.protocol.schema import Title
from models.rider import Rider
from models.training.place_tables import Certificate, Place, PlaceStatus
from models.training.ruling import TrainingRules
from models.training.tables import Course, CourseStatus, Event, EventStatus, Need


@dataclass(frozen=True, slots=True)
class Checked:
    """What the public check page says of a certificate; the name is masked. `sessions`: how many were held."""

    number: str
    course: Title
    sessions: int
    issued_at: datetime
    revoked_at: datetime | None
    name: str = field(repr=False)


def close_course(session: Session, rules: TrainingRules, course_id: UUID, at: datetime) -> None:
    """A session of the course is over or was cancelled: after the last one the course ends, and certificates are issued.

    A course of which no session was held waits for another timetable.
    """
    course = session.get_one(Course, course_id, with_for_update=True, populate_existing=True)
    statuses = session.scalars(select(Event.status).where(Event.course_id == course_id)).all()
    is_open = {EventStatus.PROPOSED, EventStatus.PUBLISHED} & set(statuses)
    if is_open or course.status is not CourseStatus.SCHEDULED:
        return
    if EventStatus.HELD not in statuses:
        course.move(CourseStatus.PROPOSED)
        return
    course.move(CourseStatus.ENDED)
    _serve_needs(session, course, at)
    issue(session, rules, course, at)


def certify_late(session: Session, rules: TrainingRules, event: Event, place: Place, at: datetime) -> None:
    """It was written down late that somebody came: where the course is over, that may have been all that was missing."""
    course = session.get_one(Course, event.course_id, with_for_update=True, populate_existing=True)
    if course.status is CourseStatus.ENDED:
        session.flush()
        issue(session, rules, course, at, place.rider_id)


def issue(
    session: Session, rules: TrainingRules, course: Course, at: datetime, rider_id: UUID | None = None
) -> list[Certificate]:
    """A certificate for each rider who came to all sessions that were held and has none. `course` is held locked.

    `rider_id`: only this rider. Nothing where the kind of service knows no certificates.
    """
    if not rules.kind(course.kind).certificate:
        return []
    made = [_new(session, course, one, at) for one in _who_came(session, course.id, rider_id)]
    session.add_all(made)
    session.flush()
    for one in made:
        _tell(session, course.id, one.rider_id)
    return made


def _who_came(session: Session, course_id: UUID, rider_id: UUID | None) -> Sequence[UUID]:
    held = select(Event.id).where(Event.course_id == course_id, Event.status == EventStatus.HELD)
    count = len(session.scalars(held).all())
    has_one = select(Certificate.rider_id).where(Certificate.course_id == course_id)
    query = (
        select(Place.rider_id)
        .where(Place.event_id.in_(held), Place.status == PlaceStatus.ATTENDED, Place.rider_id.not_in(has_one))
        .group_by(Place.rider_id)
        .having(func.count() == count)
        .order_by(Place.rider_id)
    )
    return session.scalars(query if rider_id is None else query.where(Place.rider_id == rider_id)).all()


def _new(session: Session, course: Course, rider_id: UUID, at: datetime) -> Certificate:
    year = local_date(at).year
    number = take_number(session, f"certificate:{course.district_id}:{year}")
    return Certificate(
        id=uuid7(),
        district_id=course.district_id,
        course_id=course.id,
        rider_id=rider_id,
        number=f"训{year}-{number:06d}",
        check=secrets.token_urlsafe(16),
        issued_at=at,
    )


def _tell(session: Session, course_id: UUID, rider_id: UUID) -> None:
    """It is news at the last session of the course that the rider came to."""
    query = (
        select(Place.id)
        .join(Event, Event.id == Place.event_id)
        .where(Event.course_id == course_id, Place.rider_id == rider_id, Place.status == PlaceStatus.ATTENDED)
        .order_by(Event.starts_at.desc())
        .limit(1)
    )
    last = session.scalars(query).first()
    session.execute(update(Place).where(Place.id == last).values(told=Place.told + 1))


def _serve_needs(session: Session, course: Course, at: datetime) -> None:
    """Who came to a session of the topic has what they asked for."""
    events = select(Event.id).where(Event.course_id == course.id)
    came = select(Place.rider_id).where(Place.event_id.in_(events), Place.status == PlaceStatus.ATTENDED)
    live = update(Need).where(Need.topic == course.topic, Need.over_at.is_(None), Need.rider_id.in_(came))
    session.execute(live.values(over_at=at))


def revoke(session: Session, who: Identity, number: str, at: datetime) -> None:
    """The proposing department takes a certificate back; its check page says so. Twice is once.

    Raises `NotFound`, `OnlyReads`.
    """
    query = select(Certificate).where(Certificate.number == number).with_for_update()
    found = session.scalars(query).first()
    if found is None or session.get_one(Course, found.course_id).organisation_id != who.organisation_id:
        raise NotFound()
    check_may_act(who)
    found.revoked_at = found.revoked_at or at


def certificates_of(session: Session, rider_id: UUID) -> Sequence[tuple[Certificate, Course]]:
    """The rider's certificates with their courses, the newest first."""
    query = select(Certificate, Course).join(Course, Course.id == Certificate.course_id)
    rows = session.execute(query.where(Certificate.rider_id == rider_id).order_by(Certificate.id.desc())).all()
    return [(certificate, course) for certificate, course in rows]


def checked(session: Session, vault: Vault, word: str) -> Checked:
    """What is said to anybody who has a certificate before them. Raises `NotFound`."""
    found = session.scalars(select(Certificate).where(Certificate.check == word)).first()
    if found is None:
        raise NotFound()
    course = session.get_one(Course, found.course_id)
    name = vault.open(session.get_one(Rider, found.rider_id).name_sealed)
    held = select(func.count()).where(Event.course_id == course.id, Event.status == EventStatus.HELD)
    return Checked(
        found.number,
        Title(course.title_zh, course.title_en),
        session.execute(held).scalar_one(),
        found.issued_at,
        found.revoked_at,
        mask_name(name),
    )
