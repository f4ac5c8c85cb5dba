"""Lists of training: sites, trainers, courses, timetables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.district import get_organisation
from models.officer import Identity
from models.protocol.schema import Party, Title
from models.training.tables import (
    Course,
    CourseStatus,
    Event,
    EventStatus,
    Need,
    Site,
    Timetable,
    TimetableStatus,
    Trainer,
)
from models.views.naming import organisation_names
from models.views.paging import Page, cut

ROWS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site with the names of its community and owner."""

    site: Site
    community: Title
    owner: Title
    may_change: bool


@dataclass(frozen=True, slots=True)
class TrainerRow:
    """A trainer with the department that sends them. `email` is for departments."""

    trainer: Trainer
    department: Title
    email: str | None
    may_change: bool


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A course with its department. `wanted`: riders who want its topic. `published`: its sessions that stand."""

    course: Course
    department: Title
    wanted: int
    published: int
    may_change: bool


@dataclass(frozen=True, slots=True)
class TimetableRow:
    """A timetable in a list."""

    timetable_id: UUID
    title: Title
    department: Title
    status: TimetableStatus
    version: int
    first_on: date
    last_on: date
    made_at: datetime
    matter_id: UUID | None
    sessions: int
    trouble: str | None


def site_rows(session: Session, who: Identity, community_id: UUID | None = None) -> Sequence[SiteRow]:
    """The district's sites, or those of a community, by code."""
    own = get_organisation(session, who.organisation_id)
    query = select(Site).where(Site.district_id == own.district_id).order_by(Site.code)
    if community_id is not None:
        query = query.where(Site.community_id == community_id)
    found = session.scalars(query).all()
    names = organisation_names(session, {one.community_id for one in found} | {one.owner_id for one in found})
    return [
        SiteRow(one, names[one.community_id], names[one.owner_id], own.id in {one.community_id, one.owner_id})
        for one in found
    ]


def trainer_rows(session: Session, who: Identity) -> Sequence[TrainerRow]:
    """The district's trainers, by name."""
    own = get_organisation(session, who.organisation_id)
    query = select(Trainer).where(Trainer.district_id == own.district_id).order_by(Trainer.name, Trainer.id)
    found = session.scalars(query).all()
    names = organisation_names(session, {one.organisation_id for one in found})
    is_department = own.party is Party.DEPARTMENT
    return [
        TrainerRow(
            one,
            names[one.organisation_id],
            one.email if is_department else None,
            is_department and (own.is_lead or one.organisation_id == own.id),
        )
        for one in found
    ]


def course_rows(
    session: Session,
    who: Identity,
    status: CourseStatus | None = None,
    after: UUID | None = None,
    limit: int = ROWS_A_PAGE,
) -> Page[CourseRow, UUID]:
    """A page of the district's courses, the newest first."""
    own = get_organisation(session, who.organisation_id)
    query = select(Course).where(Course.district_id == own.district_id).order_by(Course.id.desc())
    if status is not None:
        query = query.where(Course.status == status)
    if after is not None:
        query = query.where(Course.id < after)
    found, following = cut(session.scalars(query.limit(limit + 1)).all(), limit, lambda one: one.id)
    names, wanted = (
        organisation_names(session, {one.organisation_id for one in found}),
        _wanted(session, own.district_id, found),
    )
    standing = _count(session, Event.course_id, [one.id for one in found])
    rows = (
        CourseRow(
            one,
            names[one.organisation_id],
            wanted.get(one.topic, 0),
            standing.get(one.id, 0),
            own.party is Party.DEPARTMENT and (own.is_lead or one.organisation_id == own.id),
        )
        for one in found
    )
    return Page(tuple(rows), following)


def timetable_rows(
    session: Session,
    who: Identity,
    status: TimetableStatus | None = None,
    after: UUID | None = None,
    limit: int = ROWS_A_PAGE,
) -> Page[TimetableRow, UUID]:
    """A page of timetables, the newest first: departments see all of the district, others the published ones."""
    own = get_organisation(session, who.organisation_id)
    query = select(Timetable).where(Timetable.district_id == own.district_id).order_by(Timetable.id.desc())
    if own.party is not Party.DEPARTMENT:
        query = query.where(Timetable.status == TimetableStatus.PUBLISHED)
    if status is not None:
        query = query.where(Timetable.status == status)
    if after is not None:
        query = query.where(Timetable.id < after)
    found, following = cut(session.scalars(query.limit(limit + 1)).all(), limit, lambda one: one.id)
    names = organisation_names(session, {one.organisation_id for one in found})
    counts = _count(session, Event.timetable_id, [one.id for one in found], only_live=False)
    rows = (
        TimetableRow(
            timetable_id=one.id,
            title=Title(one.title_zh, one.title_en),
            department=names[one.organisation_id],
            status=one.status,
            version=one.version,
            first_on=one.first_on,
            last_on=one.last_on,
            made_at=one.made_at,
            matter_id=one.matter_id,
            sessions=counts.get(one.id, 0),
            trouble=one.trouble,
        )
        for one in found
    )
    return Page(tuple(rows), following)


def _wanted(session: Session, district_id: UUID, courses: Sequence[Course]) -> dict[str, int]:
    topics = {one.topic for one in courses}
    query = select(Need.topic, func.count()).where(
        Need.district_id == district_id, Need.over_at.is_(None), Need.topic.in_(topics)
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(Need.topic))}


def _count(
    session: Session, column: InstrumentedAttribute[UUID], ids: Sequence[UUID], *, only_live: bool = True
) -> dict[UUID, int]:
    query = select(column, func.count()).where(column.in_(ids)).group_by(column)
    if only_live:
        query = query.where(Event.status.in_((EventStatus.PUBLISHED, EventStatus.HELD)))
    return {row[0]: row[1] for row in session.execute(query)}
