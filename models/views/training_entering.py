"""What is chosen from when sites, trainers, courses and timetables are entered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.district import Compound, Organisation, get_organisation
from models.officer import Identity, Role
from models.protocol.schema import Party
from models.training.courses import LIVE, is_open_to_plan, sessions_of
from models.training.tables import Course, CourseStatus, Event, EventStatus, Site, Trainer

MOST = 500


@dataclass(frozen=True, slots=True)
class Ground:
    """A community for which a site can be entered, and whose hall it can be (the community itself first)."""

    community: Organisation
    owners: tuple[Organisation, ...]


@dataclass(frozen=True, slots=True)
class Plannable:
    """A course that can be planned; `left`: its sessions that are not published yet."""

    course: Course
    left: int


def grounds(session: Session, who: Identity) -> Sequence[Ground]:
    """Where the reader may enter a site: a community at home, a property company where it manages a compound."""
    own = get_organisation(session, who.organisation_id)
    if who.role is Role.READER or own.party not in {Party.COMMUNITY, Party.PROPERTY}:
        return ()
    column, other = (
        (Compound.community_id, Compound.property_id)
        if own.party is Party.COMMUNITY
        else (Compound.property_id, Compound.community_id)
    )
    ids = select(other).where(column == own.id)
    found = session.scalars(select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.code)).all()
    if own.party is Party.COMMUNITY:
        return (Ground(own, (own, *found)),)
    return tuple(Ground(one, (own,)) for one in found)


def may_plan(session: Session, who: Identity, organisation_id: UUID | None = None) -> bool:
    """Whether the reader may act for departments' plans; `organisation_id`: of that department."""
    own = get_organisation(session, who.organisation_id)
    is_ours = organisation_id is None or own.is_lead or own.id == organisation_id
    return own.party is Party.DEPARTMENT and who.role is not Role.READER and is_ours


def trainers_at_work(session: Session, who: Identity) -> Sequence[Trainer]:
    """Whom a course can name, by name."""
    own = get_organisation(session, who.organisation_id)
    query = select(Trainer).where(Trainer.district_id == own.district_id, Trainer.is_active)
    return session.scalars(query.order_by(Trainer.name, Trainer.id).limit(MOST)).all()


def plannable(session: Session, who: Identity) -> Sequence[Plannable]:
    """The courses of which a timetable can be asked for, the earliest window first."""
    own = get_organisation(session, who.organisation_id)
    query = select(Course).where(
        Course.district_id == own.district_id, Course.status.in_((CourseStatus.PROPOSED, CourseStatus.SCHEDULED))
    )
    if not own.is_lead:
        query = query.where(Course.organisation_id == own.id)
    courses = session.scalars(query.order_by(Course.window_from, Course.reference).limit(MOST)).all()
    by_course: dict[UUID, list[Event]] = {one.id: [] for one in courses}
    for event in sessions_of(session, list(by_course), (EventStatus.PROPOSED, *LIVE)):
        by_course[event.course_id].append(event)
    return [
        Plannable(one, one.session_count - len(by_course[one.id]))
        for one in courses
        if is_open_to_plan(one, by_course[one.id])
    ]


def sites_open(session: Session, who: Identity) -> Sequence[Site]:
    """The district's open sites, by code."""
    own = get_organisation(session, who.organisation_id)
    query = select(Site).where(Site.district_id == own.district_id, Site.is_open)
    return session.scalars(query.order_by(Site.code)).all()


def coming_of(session: Session, who: Identity, at: datetime) -> dict[UUID, int]:
    """How many published sessions are still to come, by site and by trainer."""
    own = get_organisation(session, who.organisation_id)
    query = select(Event.site_id, Event.trainer_id).where(
        Event.district_id == own.district_id, Event.status == EventStatus.PUBLISHED, Event.starts_at > at
    )
    found: dict[UUID, int] = {}
    for pair in session.execute(query):
        for one in pair:
            found[one] = found.get(one, 0) + 1
    return found
