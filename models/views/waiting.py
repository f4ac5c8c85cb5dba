"""Lists of seats: what waits for my organisation 待办, and what it has answered 已办."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from models.consultation.tables import Consultation, OpinionKind, Seat, SeatStatus, Stage, StageStatus
from models.matter import Matter, MatterKind, MatterPlace, MatterStatus
from models.officer import Identity, Role
from models.protocol.schema import Party, Title
from models.protocol.storing import load_stored
from models.read_mark import versions_read
from models.views.naming import compound_names, officer_names, organisation_names
from models.views.paging import MOST_COUNTED, Page, Turn, count_some, turned, walked

SeatKey = tuple[datetime, UUID]  # deadline, or instant of the answer, and id of a seat


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A seat of my organisation that is asked. `stands_for`: the late organisation whose place it answers for.

    `holder`: the colleague who has it in hand. `is_bulk`: it may be agreed to together with others.
    """

    seat_id: UUID
    seat_version: int
    matter_id: UUID
    reference: str
    kind: MatterKind
    filer: Title
    compounds: tuple[Title, ...]
    line_count: int
    stage_key: str
    stage: Title
    party: Party
    due_at: datetime
    is_late: bool
    is_looked_at: bool
    stands_for: Title | None
    submitted_at: datetime
    holder: str | None = None
    is_unread: bool = False
    is_bulk: bool = False


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """A seat that my organisation has answered, and what became of the matter. `is_open`: it may still be changed.

    `is_late`: the answer came after its deadline. `late_since`: the matter's, see `models.matter`.
    """

    seat_id: UUID
    matter_id: UUID
    reference: str
    kind: MatterKind
    status: MatterStatus
    filer: Title
    compounds: tuple[Title, ...]
    line_count: int
    stage: Title
    answer: OpinionKind
    answered_at: datetime
    is_open: bool
    is_unread: bool
    is_late: bool = False
    late_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class WaitingCount:
    """How many seats wait for me; of these how many are late, and not yet looked at. `held`: in colleagues' hands."""

    waiting: int
    late: int
    unseen: int
    held: int = 0


@dataclass(frozen=True, slots=True)
class SeatFilters:
    """Which seats to list; None does not narrow. Deadlines from `due_from` (inclusive) to `due_until` (exclusive).

    `is_held`: only those in colleagues' hands; otherwise only those that I may answer.
    """

    kind: MatterKind | None = None
    compound_id: UUID | None = None
    due_from: datetime | None = None
    due_until: datetime | None = None
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class AnsweredFilters:
    """Which answered seats to list; what is empty or None does not narrow. `statuses`: of the matters."""

    compound_id: UUID | None = None
    statuses: frozenset[MatterStatus] = frozenset()
    kind: MatterKind | None = None


ANY_SEAT = SeatFilters()
ANY_ANSWER = AnsweredFilters()
_Late = aliased(Seat)
Waiting = Row[Seat, Matter, str, Consultation, UUID]  # the last is None for a seat that stands for nobody


def waiting_for(
    session: Session,
    who: Identity,
    at: datetime,
    turn: Turn[SeatKey] = Turn(),  # noqa: B008 - frozen
    filters: SeatFilters = ANY_SEAT,
) -> Page[WaitingRow, SeatKey]:
    """The seats that wait for the organisation of `who`, what is late first, then what is next to be late."""
    query = (
        select(Seat, Matter, Stage.key, Consultation, _Late.organisation_id)
        .join(Matter, Seat.matter_id == Matter.id)
        .join(Stage, Seat.stage_id == Stage.id)
        .join(Consultation, Stage.consultation_id == Consultation.id)
        .outerjoin(_Late, Seat.stands_for_id == _Late.id)
        .where(Seat.organisation_id == who.organisation_id, Seat.status == SeatStatus.ASKED, *_narrowed(who, filters))
    )
    found = session.execute(walked(query, Seat.due_at, Seat.id, turn, is_newest_first=False)).all()
    rows, following, previous = turned(found, turn, lambda row: (row[0].due_at, row[0].id))
    return Page(_waiting_rows(session, who, rows, at), following, previous)


def _narrowed(who: Identity, filters: SeatFilters) -> list[ColumnElement[bool]]:
    conditions = [_held(who) if filters.is_held else ~_held(who)]
    if filters.kind is not None:
        conditions.append(Matter.kind == filters.kind)
    if filters.compound_id is not None:
        conditions.append(_is_in(filters.compound_id))
    if filters.due_from is not None:
        conditions.append(Seat.due_at >= filters.due_from)
    if filters.due_until is not None:
        conditions.append(Seat.due_at < filters.due_until)
    return conditions


def _is_in(compound_id: UUID) -> ColumnElement[bool]:
    return (
        select(MatterPlace.id)
        .where(MatterPlace.matter_id == Seat.matter_id, MatterPlace.compound_id == compound_id)
        .exists()
    )


def _held(who: Identity) -> ColumnElement[bool]:
    """In a colleague's hands. A manager may answer all the same, and sees those apart too."""
    mine = [one for one in (who.officer_id, who.deputy_for) if one]
    return and_(Seat.holder_id.is_not(None), Seat.holder_id.not_in(mine))


def _waiting_rows(session: Session, who: Identity, found: Sequence[Waiting], at: datetime) -> tuple[WaitingRow, ...]:
    names = organisation_names(session, _named(found))
    ids = [row[1].id for row in found]
    places, read = compound_names(session, ids), versions_read(session, who.officer_id, ids)
    holders = officer_names(session, {row[0].holder_id for row in found if row[0].holder_id})
    rows: list[WaitingRow] = []
    for seat, matter, key, run, late_id in found:
        rule = load_stored(session, run.protocol_name, run.protocol_version).stage(key)
        rows.append(
            WaitingRow(
                seat_id=seat.id,
                seat_version=seat.version,
                matter_id=matter.id,
                reference=matter.reference,
                kind=matter.kind,
                filer=names[matter.organisation_id],
                compounds=places.get(matter.id, ()),
                line_count=matter.line_count,
                stage_key=key,
                stage=rule.title,
                party=seat.party,
                due_at=seat.due_at,
                is_late=at >= seat.due_at,
                is_looked_at=seat.looked_at is not None,
                stands_for=names[late_id] if late_id else None,
                submitted_at=matter.submitted_at,
                holder=holders.get(seat.holder_id) if seat.holder_id else None,
                is_unread=read.get(matter.id, 0) < matter.version,
                is_bulk=rule.bulk and who.role is not Role.READER and seat.delegated_by_id is None,
            )
        )
    return tuple(rows)


def _named(found: Iterable[Waiting]) -> set[UUID]:
    ids = {one for row in found for one in (row[1].organisation_id, row[4])}
    return {one for one in ids if one}


def count_waiting(session: Session, who: Identity, at: datetime) -> WaitingCount:
    """How many seats wait for `who`: each figure is at most `MOST_COUNTED` + 1."""
    asked = (
        select(Seat.due_at, Seat.looked_at, _held(who).label("is_held"))
        .where(Seat.organisation_id == who.organisation_id, Seat.status == SeatStatus.ASKED)
        .order_by(Seat.due_at)
        .limit(MOST_COUNTED + 1)
        .subquery()
    )
    mine = ~asked.c.is_held
    query = select(
        func.count(case((mine, 1))),
        func.count(case((and_(mine, asked.c.due_at <= at), 1))),
        func.count(case((and_(mine, asked.c.looked_at.is_(None)), 1))),
        func.count(case((asked.c.is_held, 1))),
    )
    return WaitingCount(*session.execute(query).one())


def answered_by(
    session: Session,
    who: Identity,
    turn: Turn[SeatKey] = Turn(),  # noqa: B008 - frozen
    filters: AnsweredFilters = ANY_ANSWER,
) -> Page[AnsweredRow, SeatKey]:
    """The seats that the organisation of `who` has answered, the newest answer first."""
    query = (
        select(Seat, Matter, Stage, Consultation)
        .join(Matter, Seat.matter_id == Matter.id)
        .join(Stage, Seat.stage_id == Stage.id)
        .join(Consultation, Stage.consultation_id == Consultation.id)
        .where(Seat.organisation_id == who.organisation_id, Seat.answered_at.is_not(None), Seat.opinion_id.is_not(None))
    )
    if filters.compound_id is not None:
        query = query.where(_is_in(filters.compound_id))
    if filters.statuses:
        query = query.where(Matter.status.in_(filters.statuses))
    if filters.kind is not None:
        query = query.where(Matter.kind == filters.kind)
    found = session.execute(walked(query, Seat.answered_at, Seat.id, turn, is_newest_first=True)).all()
    rows, following, previous = turned(found, turn, lambda row: (row[0].answered_at or row[1].submitted_at, row[0].id))
    return Page(_answered_rows(session, who, rows), following, previous)


def _answered_rows(
    session: Session, who: Identity, found: Sequence[Row[Seat, Matter, Stage, Consultation]]
) -> tuple[AnsweredRow, ...]:
    names = organisation_names(session, (row[1].organisation_id for row in found))
    ids = [row[1].id for row in found]
    places, read = compound_names(session, ids), versions_read(session, who.officer_id, ids)
    return tuple(
        AnsweredRow(
            seat_id=seat.id,
            matter_id=matter.id,
            reference=matter.reference,
            kind=matter.kind,
            status=matter.status,
            filer=names[matter.organisation_id],
            compounds=places.get(matter.id, ()),
            line_count=matter.line_count,
            stage=load_stored(session, run.protocol_name, run.protocol_version).stage(stage.key).title,
            answer=seat.answer,
            answered_at=seat.answered_at,
            is_open=stage.status is StageStatus.OPEN,
            is_unread=read.get(matter.id, 0) < matter.version,
            is_late=seat.late_at is not None,
            late_since=matter.late_since,
        )
        for seat, matter, stage, run in found
        if seat.answer is not None and seat.answered_at is not None
    )


def count_answered(session: Session, who: Identity) -> int:
    """How many seats the organisation has answered, at most `MOST_COUNTED` + 1."""
    answered = select(Seat.id).where(Seat.organisation_id == who.organisation_id, Seat.answered_at.is_not(None))
    return count_some(session, answered)
