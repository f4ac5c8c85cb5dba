"""What will happen while nobody answers: of an open stage with names and instants, of one to come by its protocol."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from models.consultation.ladder import Rung, RungKind
from models.consultation.tables import Seat, SeatStatus, Stage
from models.consultation.waiting import Table
from models.district import Organisation
from models.protocol.schema import Answering, LapseWay, Level, StageRule, Title, UnseenAct
from models.working_time import Span

NOBODY: tuple[Title, ...] = ()


@dataclass(frozen=True, slots=True)
class Rise:
    """Who answers for whom, or learns that these have not looked: `above`, for all of `below`."""

    below: tuple[Title, ...]
    above: Title


@dataclass(frozen=True, slots=True)
class RungView:
    """What the system does, and when, while nobody answers; `is_done` once it was.

    `who`: those that it then finds silent (of a `LOOK`: not looked). `rises`: who is asked above them, or told; those for
    whom there is nobody above are `stranded` and reminded once more. Names are those of today, and only of what is to come.
    """

    kind: RungKind
    at: datetime
    to: Level | None
    way: LapseWay | None
    is_done: bool
    answering: Answering | None = None
    who: tuple[Title, ...] = NOBODY
    rises: tuple[Rise, ...] = ()
    stranded: tuple[Title, ...] = NOBODY


@dataclass(frozen=True, slots=True)
class Foretold:
    """One rung of a stage that has not opened yet. One of the spans is given, or `share` of the time to the deadline."""

    kind: RungKind
    after_opening: Span | None = None
    before: Span | None = None
    share: float | None = None
    after: Span | None = None
    to: Level | None = None
    answering: Answering | None = None
    way: LapseWay | None = None
    is_superior_told: bool = False


def foretold(rule: StageRule) -> tuple[Foretold, ...]:
    """The ladder of a stage as its protocol says it: what comes before the deadline first."""
    looks = [] if rule.look_within is None else [Foretold(RungKind.LOOK, after_opening=rule.look_within)]
    return (
        *(replace(one, is_superior_told=UnseenAct.INFORM in rule.unseen) for one in looks),
        *(Foretold(RungKind.REMIND, before=one.before, share=one.share) for one in rule.reminders),
        *(Foretold(RungKind.ESCALATE, after=one.after, to=one.to, answering=one.answering) for one in rule.escalations),
        Foretold(RungKind.LAPSE, after=rule.lapse.after, way=rule.lapse.way),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """The organisations from those that sit up to the lead department: who stands above whom."""

    names: Mapping[UUID, Title]
    parents: Mapping[UUID, UUID | None]
    lead: UUID | None

    def above(self, one: UUID, to: Level | None) -> UUID | None:
        """Whom an escalation from there reaches."""
        found = self.lead if to is Level.DISTRICT else self.parents.get(one)
        return None if found == one else found

    def titles(self, ids: Iterable[UUID]) -> tuple[Title, ...]:
        """Their names, each once."""
        return tuple(self.names[one] for one in dict.fromkeys(ids))


def line_of(session: Session, district_id: UUID, organisation_ids: Iterable[UUID]) -> Line:
    """The lines above these organisations, in one query."""
    start = select(Organisation.id, Organisation.parent_id).where(
        Organisation.id.in_(set(organisation_ids)) | (Organisation.is_lead & (Organisation.district_id == district_id))
    )
    walk = start.cte("line", recursive=True)
    above = aliased(Organisation)
    walk = walk.union(select(above.id, above.parent_id).join(walk, above.id == walk.c.parent_id))
    query = select(Organisation).where(Organisation.id.in_(select(walk.c.id)))
    found = session.scalars(query).all()
    return Line(
        {one.id: one.name for one in found},
        {one.id: one.parent_id for one in found},
        next((one.id for one in found if one.is_lead), None),
    )


def foreseen(stage: Stage, rule: StageRule, seats: Sequence[Seat], line: Line) -> tuple[RungView, ...]:
    """The rungs of an open stage; those to come with the names of whom they would reach if nobody answered till then."""
    table = Table(seats)
    silent, late = table.silent(), _late(table)
    views: list[RungView] = []
    for index, data in enumerate(stage.ladder):
        view = _view(Rung.of(data), is_done=index < stage.rung)
        if view.is_done:
            views.append(view)
        elif view.kind is RungKind.LOOK:
            views.append(_unseen(view, rule, [one.organisation_id for one in silent if one.looked_at is None], line))
        elif view.kind is RungKind.REMIND:
            views.append(replace(view, who=line.titles(one.organisation_id for one in silent)))
        else:
            view, late = _after_deadline(view, late, line)
            views.append(view)
    return tuple(views)


def rung_views(stage: Stage) -> tuple[RungView, ...]:
    """The rungs of a stage that is settled: what was done, without names."""
    return tuple(_view(Rung.of(data), is_done=index < stage.rung) for index, data in enumerate(stage.ladder))


def _view(rung: Rung, *, is_done: bool) -> RungView:
    return RungView(rung.kind, rung.at, rung.to, rung.way, is_done, rung.answering)


def _late(table: Table) -> list[UUID]:
    """Those whom the first rung after the deadline would find late: of a place the highest, waiting or not."""
    awaited = [one for one in table.seats if one.status is SeatStatus.WAITING and table.added_before(one.id)]
    open_ones = [one for one in [*table.silent(), *awaited] if not table.is_heard(one)]
    below = {one.stands_for_id for one in open_ones}
    return [one.organisation_id for one in open_ones if one.id not in below]


def _unseen(view: RungView, rule: StageRule, unseen: Sequence[UUID], line: Line) -> RungView:
    if UnseenAct.INFORM in rule.unseen:
        rises, _ = _rises(unseen, Level.SUPERIOR, line)
        view = replace(view, rises=rises)
    return replace(view, who=line.titles(unseen) if UnseenAct.REMIND in rule.unseen else NOBODY)


def _after_deadline(view: RungView, late: Sequence[UUID], line: Line) -> tuple[RungView, list[UUID]]:
    """What a rung does to those who are late by then, and who answers for them afterwards."""
    view = replace(view, who=line.titles(late))
    to_district = view.kind is RungKind.LAPSE and view.way is LapseWay.ESCALATE
    if view.kind is not RungKind.ESCALATE and not to_district:
        return view, list(late)
    to = Level.DISTRICT if to_district else view.to
    rises, stranded = _rises(late, to, line)
    return replace(view, to=to, rises=rises, stranded=line.titles(stranded)), [
        line.above(one, to) or one for one in late
    ]


def _rises(below: Sequence[UUID], to: Level | None, line: Line) -> tuple[tuple[Rise, ...], list[UUID]]:
    """By whom stands above; and those above whom nobody stands."""
    grouped: dict[UUID, list[UUID]] = {}
    stranded: list[UUID] = []
    for one in below:
        above = line.above(one, to)
        if above is None:
            stranded.append(one)
        else:
            grouped.setdefault(above, []).append(one)
    return tuple(Rise(line.titles(ids), line.names[above]) for above, ids in grouped.items()), stranded
