"""A timetable to look at: its weeks as a grid, what moved against the draft before, the wishes that hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import local_date
from models.district import Organisation, get_organisation
from models.matter import Matter, MatterStatus
from models.officer import Identity
from models.protocol.schema import Title
from models.training.conditions import conditions_of
from models.training.problem import RuleKind
from models.training.proposing import chain_of
from models.training.saying import lines_of
from models.training.speaking import sites_of
from models.training.tables import Course, Event, EventStatus, Site, Timetable, Trainer
from models.views.training import ConditionView, SessionView, TimetableView, timetable_view

WEEK = timedelta(days=7)
LIVE = (EventStatus.PROPOSED, EventStatus.PUBLISHED, EventStatus.HELD)


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of a grid: a site or a trainer, with its sessions by day."""

    name: Title
    more: Title
    days: Mapping[date, tuple[SessionView, ...]]


@dataclass(frozen=True, slots=True)
class Week:
    """The grid of one week. `monday`: its first day."""

    monday: date
    lanes: tuple[Lane, ...]
    count: int

    @property
    def days(self) -> list[date]:
        """Its seven days."""
        return [self.monday + timedelta(days=one) for one in range(7)]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where, when and with whom a session was, or is."""

    site: Title
    trainer: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """A session that is elsewhere than in the draft before; `was` None: it had no place, `now` None: it has none any more."""

    course: Title
    ordinal: int
    was: Spot | None
    now: Spot | None


@dataclass(frozen=True, slots=True)
class PlanView:
    """A timetable with its grid. `wishes`: those of the drafts before it, which still hold. `moved` None: there was none.

    `returned_id`: the matter under which it goes out again; None: it becomes a matter of its own.
    """

    table: TimetableView
    weeks: tuple[Week, ...]
    moved: tuple[Moved, ...] | None
    wishes: tuple[ConditionView, ...]
    is_newest: bool
    returned_id: UUID | None


def plan_view(session: Session, who: Identity, timetable_id: UUID, by: str) -> PlanView:
    """The timetable as `who` may see it; `by`: "site" or "trainer". Raises `NotFound`."""
    view = timetable_view(session, who, timetable_id)
    table = session.get_one(Timetable, timetable_id)
    after = session.scalars(select(Timetable.id).where(Timetable.after_id == table.id).limit(1)).first()
    return PlanView(
        table=view,
        weeks=weeks_of([one for one in view.sessions if one.status in LIVE], by),
        moved=_moved(session, table) if table.after_id and table.answer else None,
        wishes=_wishes(session, table),
        is_newest=after is None,
        returned_id=_returned(session, table),
    )


def weeks_of(sessions: Sequence[SessionView], by: str) -> tuple[Week, ...]:
    """The sessions by week, and in each week by site or trainer."""
    weeks: dict[date, dict[UUID, list[SessionView]]] = {}
    for one in sorted(sessions, key=lambda one: one.starts_at):
        on = local_date(one.starts_at)
        lanes = weeks.setdefault(on - timedelta(days=on.weekday()), {})
        lanes.setdefault(one.trainer_id if by == "trainer" else one.site_id, []).append(one)
    return tuple(
        Week(
            monday,
            tuple(sorted((_lane(found, by) for found in lanes.values()), key=lambda one: (one.more.zh, one.name.zh))),
            sum(map(len, lanes.values())),
        )
        for monday, lanes in sorted(weeks.items())
    )


def _lane(found: Sequence[SessionView], by: str) -> Lane:
    first, days = found[0], dict[date, tuple[SessionView, ...]]()
    for one in found:
        on = local_date(one.starts_at)
        days[on] = (*days.get(on, ()), one)
    if by == "trainer":
        return Lane(Title(first.trainer, first.trainer), Title("", ""), days)
    return Lane(first.site, first.community, days)


def _returned(session: Session, table: Timetable) -> UUID | None:
    query = (
        select(Matter.id)
        .join(Timetable, Timetable.matter_id == Matter.id)
        .where(Timetable.id.in_(chain_of(session, table)), Matter.status == MatterStatus.RETURNED)
    )
    return session.scalars(query).first()


def _moved(session: Session, table: Timetable) -> tuple[Moved, ...]:
    assert table.after_id is not None
    before, now = _spots(session, table.after_id), _spots(session, table.id)
    ids = {key[0] for key in (*before, *now)}
    courses = {one.id: one for one in session.scalars(select(Course).where(Course.id.in_(ids)))}
    return tuple(
        Moved(Title(courses[key[0]].title_zh, courses[key[0]].title_en), key[1], before.get(key), now.get(key))
        for key in sorted({*before, *now}, key=lambda key: (courses[key[0]].reference, key[1]))
        if before.get(key) != now.get(key)
    )


def _spots(session: Session, timetable_id: UUID) -> dict[tuple[UUID, int], Spot]:
    query = (
        select(Event, Site, Trainer.name)
        .join(Site, Event.site_id == Site.id)
        .join(Trainer, Event.trainer_id == Trainer.id)
        .where(Event.timetable_id == timetable_id)
    )
    return {
        (event.course_id, event.ordinal): Spot(Title(site.name_zh, site.name_en), trainer, event.starts_at)
        for event, site, trainer in session.execute(query)
    }


def _wishes(session: Session, table: Timetable) -> tuple[ConditionView, ...]:
    """What was wished for the drafts before, the newest first; what they kept is told by line of that draft."""
    found: list[ConditionView] = []
    names: dict[UUID, Title] = {}
    for earlier in chain_of(session, table)[1:]:
        lines = {(str(one.course_id), one.ordinal): one for one in lines_of(session, earlier)}
        for one in conditions_of(session, earlier):
            if one.seat_id is not None:
                continue
            if one.organisation_id not in names:
                names[one.organisation_id] = get_organisation(session, one.organisation_id).name
            keys = [(str(course), int(ordinal)) for course, ordinal in one.body["sessions"]]
            ids = {UUID(course) for course, _ in keys} | {UUID(course) for course in one.body["courses"]}
            found.append(
                ConditionView(
                    organisation=names[one.organisation_id],
                    kind=RuleKind(one.kind),
                    is_wish=True,
                    lines=tuple(lines[key].line for key in keys if key in lines),
                    sites=_sites(session, one.body["sites"]),
                    courses=_courses(session, ids),
                    body=one.body["body"],
                )
            )
    return tuple(found)


def _sites(session: Session, ids: Sequence[str]) -> tuple[Title, ...]:
    query = select(Site).where(Site.id.in_([UUID(one) for one in ids])).order_by(Site.code)
    return tuple(Title(one.name_zh, one.name_en) for one in session.scalars(query)) if ids else ()


def _courses(session: Session, ids: set[UUID]) -> tuple[Title, ...]:
    query = select(Course).where(Course.id.in_(ids)).order_by(Course.reference)
    return tuple(Title(one.title_zh, one.title_en) for one in session.scalars(query)) if ids else ()


def spoken_for(session: Session, own: Organisation, timetable_id: UUID) -> Sequence[Site]:
    """The sites of a timetable for which an organisation may state conditions, by code."""
    events = lines_of(session, timetable_id)
    ids = sites_of(session, own, events) if events else set[UUID]()
    return session.scalars(select(Site).where(Site.id.in_(ids)).order_by(Site.code)).all()
