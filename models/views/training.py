"""What pages and programs show of a timetable: its sessions, what has no place and why, what it cost, its conditions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.district import Organisation, get_organisation
from models.errors import NotFound
from models.matter import Matter, MatterKind, visible
from models.officer import Identity
from models.protocol.schema import Party, Title
from models.training.conditions import conditions_of
from models.training.problem import RuleKind
from models.training.ruling import training_rules
from models.training.saying import lines_of, table_of
from models.training.speaking import sites_of
from models.training.tables import Course, Event, EventStatus, Site, Timetable, TimetableStatus, Trainer
from models.words import N_, Sentence

UNTOLD = N_("The solver did not say why.")


@dataclass(frozen=True, slots=True)
class SessionView:
    """One session. `is_ours`: at a site for which the reader speaks. `why`: sentences, where it was dropped for a reason."""

    event_id: UUID
    line: int
    course_id: UUID
    course: Title
    kind: str
    topic: str
    ordinal: int
    session_count: int
    site_id: UUID
    site: Title
    community: Title
    trainer_id: UUID
    trainer: str
    starts_at: datetime
    ends_at: datetime
    places: int
    taken: int
    waiting: int
    status: EventStatus
    is_ours: bool
    why: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class UnplacedView:
    """A session without a place, and why."""

    course_id: UUID
    course: Title
    ordinal: int
    why: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class ConditionView:
    """A wish (`is_wish`) or condition of an organisation, as the solver takes it."""

    organisation: Title
    kind: RuleKind
    is_wish: bool
    lines: tuple[int, ...]
    sites: tuple[Title, ...]
    courses: tuple[Title, ...]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CostView:
    """What came out in numbers. `costs`: points lost, by the weight's name."""

    value: float
    possible: float
    bound: float
    gap: float
    served: int
    moved: int
    seconds: float
    is_proven: bool
    costs: Mapping[str, int]
    remarks: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class TimetableView:
    """A timetable. `after`, `amended_by`: the matters before and after it, by reference; `cost` None: not computed yet.

    `may_state`: the reader may bind an agreement to conditions on its own sites.
    """

    timetable_id: UUID
    title: Title
    department: Title
    status: TimetableStatus
    version: int
    first_on: date
    last_on: date
    made_at: datetime
    published_at: datetime | None
    trouble: str | None
    matter_id: UUID | None
    reference: str | None
    after_id: UUID | None
    after: str | None
    amended_by: str | None
    course_ids: tuple[UUID, ...]
    sessions: tuple[SessionView, ...]
    unplaced: tuple[UnplacedView, ...]
    conditions: tuple[ConditionView, ...]
    cost: CostView | None

    def count(self, status: EventStatus) -> int:
        """How many of its sessions have that status."""
        return sum(one.status is status for one in self.sessions)

    @property
    def days(self) -> tuple[datetime, datetime] | None:
        """The first and the last session's beginning."""
        found = sorted(one.starts_at for one in self.sessions)
        return (found[0], found[-1]) if found else None


def training_view(session: Session, who: Identity, matter: Matter) -> TimetableView | None:
    """The timetable that the matter is about, or None for another kind."""
    if matter.kind is not MatterKind.TRAINING_SCHEDULE:
        return None
    return _view(session, who, table_of(session, matter.id))


def timetable_view(session: Session, who: Identity, timetable_id: UUID) -> TimetableView:
    """A timetable as `who` may see it: departments all of the district, others those that came to them. Raises `NotFound`."""
    return _view(session, who, readable(session, who, timetable_id))


def readable(session: Session, who: Identity, timetable_id: UUID) -> Timetable:
    """The timetable, where `who` may read it. Raises `NotFound`."""
    table, own = session.get(Timetable, timetable_id), get_organisation(session, who.organisation_id)
    if table is None or table.district_id != own.district_id:
        raise NotFound()
    if own.party is not Party.DEPARTMENT and table.status is not TimetableStatus.PUBLISHED:
        if table.matter_id is None:
            raise NotFound()
        visible(session, table.matter_id, who)
    return table


def sessions_view(session: Session, who: Identity, events: Sequence[Event]) -> tuple[SessionView, ...]:
    """These sessions with the names of what they are about, in the order given."""
    names = _Names(session, events)
    ours = sites_of(session, get_organisation(session, who.organisation_id), events) if events else set[UUID]()
    return tuple(names.view(one, is_ours=one.site_id in ours) for one in events)


def _view(session: Session, who: Identity, table: Timetable) -> TimetableView:
    events = lines_of(session, table.id)
    ids = [UUID(one) for one in table.course_ids]
    courses = {one.id: one for one in session.scalars(select(Course).where(Course.id.in_(ids)))}
    answer: Mapping[str, Any] = table.answer
    again: Mapping[str, Any] = (table.again or {}).get("answer", {})
    dropped = _unplaced(again, courses, {(one.course_id, one.ordinal) for one in events})
    why = {(one.course_id, one.ordinal): one.why for one in dropped}
    shown = [_with_why(one, why.get((one.course_id, one.ordinal), ())) for one in sessions_view(session, who, events)]
    return TimetableView(
        timetable_id=table.id,
        title=Title(table.title_zh, table.title_en),
        department=get_organisation(session, table.organisation_id).name,
        status=table.status,
        version=table.version,
        first_on=table.first_on,
        last_on=table.last_on,
        made_at=table.made_at,
        published_at=table.published_at,
        trouble=table.trouble,
        matter_id=table.matter_id,
        reference=_reference(session, table.matter_id),
        after_id=table.after_id,
        after=_reference(session, _matter_of(session, Timetable.id == table.after_id)) if table.after_id else None,
        amended_by=_reference(session, _matter_of(session, Timetable.after_id == table.id)),
        course_ids=tuple(ids),
        sessions=tuple(shown),
        unplaced=_unplaced(answer, courses, None),
        conditions=_conditions(session, table, events, courses),
        cost=_cost(answer) if answer else None,
    )


def _with_why(view: SessionView, why: tuple[Sentence, ...]) -> SessionView:
    return replace(view, why=why) if why and view.status is EventStatus.DROPPED else view


def _reference(session: Session, matter_id: UUID | None) -> str | None:
    return None if matter_id is None else session.scalar(select(Matter.reference).where(Matter.id == matter_id))


def _matter_of(session: Session, condition: Any) -> UUID | None:
    query = select(Timetable.matter_id).where(condition, Timetable.matter_id.is_not(None))
    return session.scalars(query.order_by(Timetable.id.desc()).limit(1)).first()


def _unplaced(
    answer: Mapping[str, Any], courses: Mapping[UUID, Course], only: Collection[tuple[UUID, int]] | None
) -> tuple[UnplacedView, ...]:
    """The sessions for which the solver found no place; `only` these, where given."""
    found: list[UnplacedView] = []
    for one in answer.get("unplaced", ()):
        course_id, ordinal = UUID(one["session"][0]), int(one["session"][1])
        course = courses.get(course_id)
        if course is None or (only is not None and (course_id, ordinal) not in only):
            continue
        why = _sentences(one["reasons"]) or (Sentence(UNTOLD),)
        found.append(UnplacedView(course_id, Title(course.title_zh, course.title_en), ordinal, why))
    return tuple(found)


def _sentences(reasons: Iterable[Sequence[Any]]) -> tuple[Sentence, ...]:
    return tuple(Sentence(text, _named(values)) for text, values in reasons)


def _named(values: Mapping[str, Any]) -> dict[str, object]:
    """The solver knows equipment by its codes; people by its names."""
    if "equipment" not in values:
        return dict(values)
    names = {one.code: one.title.title for one in training_rules().equipment}
    return {**values, "equipment": [names.get(code, code) for code in values["equipment"].split(", ")]}


def _cost(answer: Mapping[str, Any]) -> CostView:
    return CostView(
        value=answer["value"],
        possible=answer.get("possible", 0),
        bound=answer["bound"],
        gap=answer["gap"],
        served=answer["served"],
        moved=answer["moved"],
        seconds=answer["seconds"],
        is_proven=answer["is_proven"],
        costs=answer["costs"],
        remarks=_sentences(answer.get("remarks", ())),
    )


def _conditions(
    session: Session, table: Timetable, events: Sequence[Event], courses: Mapping[UUID, Course]
) -> tuple[ConditionView, ...]:
    listed = conditions_of(session, table.id)
    names = {
        one.id: one.name
        for one in session.scalars(select(Organisation).where(Organisation.id.in_({c.organisation_id for c in listed})))
    }
    ids = {UUID(site) for one in listed for site in one.body["sites"]}
    sites = {
        str(one.id): Title(one.name_zh, one.name_en)
        for one in (session.scalars(select(Site).where(Site.id.in_(ids))) if ids else ())
    }
    lines = {(str(one.course_id), one.ordinal): one.line for one in events}
    titles = {str(one.id): Title(one.title_zh, one.title_en) for one in courses.values()}
    return tuple(
        ConditionView(
            organisation=names[one.organisation_id],
            kind=RuleKind(one.kind),
            is_wish=one.seat_id is None,
            lines=tuple(lines[key[0], key[1]] for key in one.body["sessions"] if (key[0], key[1]) in lines),
            sites=tuple(sites[site] for site in one.body["sites"] if site in sites),
            courses=tuple(titles[course] for course in one.body["courses"] if course in titles),
            body=one.body["body"],
        )
        for one in listed
    )


class _Names:
    """What sessions are about, read at once."""

    def __init__(self, session: Session, events: Sequence[Event]) -> None:
        def by_id(kind: Any, ids: set[UUID]) -> dict[UUID, Any]:
            return {one.id: one for one in session.scalars(select(kind).where(kind.id.in_(ids)))} if ids else {}

        self.courses: dict[UUID, Course] = by_id(Course, {one.course_id for one in events})
        self.sites: dict[UUID, Site] = by_id(Site, {one.site_id for one in events})
        self.trainers: dict[UUID, Trainer] = by_id(Trainer, {one.trainer_id for one in events})
        communities = {one.community_id for one in self.sites.values()}
        self.communities: dict[UUID, Organisation] = by_id(Organisation, communities)

    def view(self, event: Event, *, is_ours: bool) -> SessionView:
        course, site = self.courses[event.course_id], self.sites[event.site_id]
        return SessionView(
            event_id=event.id,
            line=event.line,
            course_id=course.id,
            course=Title(course.title_zh, course.title_en),
            kind=course.kind,
            topic=course.topic,
            ordinal=event.ordinal,
            session_count=course.session_count,
            site_id=site.id,
            site=Title(site.name_zh, site.name_en),
            community=self.communities[site.community_id].name,
            trainer_id=event.trainer_id,
            trainer=self.trainers[event.trainer_id].name,
            starts_at=event.starts_at,
            ends_at=event.ends_at,
            places=event.places,
            taken=event.taken,
            waiting=event.waiting,
            status=event.status,
            is_ours=is_ours,
        )
