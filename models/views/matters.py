"""Lists of matters: what waits for my organisation, and what my organisation may read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.consultation.tables import Consultation, Seat, SeatStatus, Stage
from models.district import Organisation
from models.errors import NotFound
from models.matter import Matter, MatterKind, MatterPlace, MatterStatus, Reader, Result
from models.officer import Identity
from models.protocol.schema import Party, Title
from models.protocol.storing import load_stored
from models.views.naming import compound_names, organisation_names
from models.views.paging import Page, cut

WaitingKey = tuple[datetime, UUID]  # deadline and id of a seat


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A seat of my organisation that is asked. `stands_for`: the late organisation whose place it answers for."""

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


@dataclass(frozen=True, slots=True)
class WaitingCount:
    """How many seats of my organisation wait; of these how many are late, and not yet looked at."""

    waiting: int
    late: int
    unseen: int


@dataclass(frozen=True, slots=True)
class Awaited:
    """An organisation that a matter waits for."""

    organisation: Title
    party: Party
    due_at: datetime
    is_late: bool


@dataclass(frozen=True, slots=True)
class MatterRow:
    """A matter in a list."""

    matter_id: UUID
    reference: str
    kind: MatterKind
    status: MatterStatus
    result: Result | None
    version: int
    filer: Title
    compounds: tuple[Title, ...]
    line_count: int
    submitted_at: datetime
    awaiting: tuple[Awaited, ...]
    is_stuck: bool


@dataclass(frozen=True, slots=True)
class Filters:
    """Which matters to list; what is empty or None does not narrow. `organisation_id` is the filer's."""

    statuses: frozenset[MatterStatus] = frozenset()
    kind: MatterKind | None = None
    compound_id: UUID | None = None
    awaited: Party | None = None
    organisation_id: UUID | None = None
    is_stuck: bool = False


ALL = Filters()
_Late = aliased(Seat)
Waiting = Row[Seat, Matter, str, Consultation, UUID]  # the last is None for a seat that stands for nobody


def waiting_for(
    session: Session, who: Identity, at: datetime, after: WaitingKey | None = None, limit: int = 50
) -> Page[WaitingRow, WaitingKey]:
    """The seats that wait for the organisation of `who`, the nearest deadline first."""
    query = (
        select(Seat, Matter, Stage.key, Consultation, _Late.organisation_id)
        .join(Matter, Seat.matter_id == Matter.id)
        .join(Stage, Seat.stage_id == Stage.id)
        .join(Consultation, Stage.consultation_id == Consultation.id)
        .outerjoin(_Late, Seat.stands_for_id == _Late.id)
        .where(Seat.organisation_id == who.organisation_id, Seat.status == SeatStatus.ASKED)
        .order_by(Seat.due_at, Seat.id)
        .limit(limit + 1)
    )
    if after is not None:
        due_at, seat_id = after
        query = query.where(or_(Seat.due_at > due_at, and_(Seat.due_at == due_at, Seat.id > seat_id)))
    found, following = cut(session.execute(query).all(), limit, lambda row: (row[0].due_at, row[0].id))
    return Page(_waiting_rows(session, found, at), following)


def _waiting_rows(session: Session, found: Sequence[Waiting], at: datetime) -> tuple[WaitingRow, ...]:
    names = organisation_names(session, _named(found))
    places = compound_names(session, (row[1].id for row in found))
    return tuple(
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
            stage=load_stored(session, run.protocol_name, run.protocol_version).stage(key).title,
            party=seat.party,
            due_at=seat.due_at,
            is_late=at >= seat.due_at,
            is_looked_at=seat.looked_at is not None,
            stands_for=names[late_id] if late_id else None,
            submitted_at=matter.submitted_at,
        )
        for seat, matter, key, run, late_id in found
    )


def _named(found: Iterable[Waiting]) -> set[UUID]:
    ids = {one for row in found for one in (row[1].organisation_id, row[4])}
    return {one for one in ids if one}


def count_waiting(session: Session, who: Identity, at: datetime) -> WaitingCount:
    """How many seats wait for the organisation of `who`."""
    late = func.sum(case((Seat.due_at <= at, 1), else_=0))
    unseen = func.sum(case((Seat.looked_at.is_(None), 1), else_=0))
    query = select(func.count(), late, unseen).where(
        Seat.organisation_id == who.organisation_id, Seat.status == SeatStatus.ASKED
    )
    waiting, are_late, are_unseen = session.execute(query).one()
    return WaitingCount(waiting, are_late or 0, are_unseen or 0)


def listed(
    session: Session,
    who: Identity,
    filters: Filters,
    at: datetime,
    after: UUID | None = None,
    limit: int = 50,
) -> Page[MatterRow, UUID]:
    """The matters that `who` may read, the newest first; an administrator reads all of them."""
    query = _readable(who, after)
    for condition in _conditions(filters):
        query = query.where(condition)
    found, following = cut(session.scalars(query.limit(limit + 1)).all(), limit, lambda matter: matter.id)
    return Page(_matter_rows(session, found, at), following)


def _readable(who: Identity, after: UUID | None) -> Select[Matter]:
    """Ordered and cut by the key of the index that is walked: the reader's own, or the matter's."""
    query, key = select(Matter), Matter.id
    if not who.is_administrator:
        query = query.join(Reader, Reader.matter_id == Matter.id)
        query, key = query.where(Reader.organisation_id == who.organisation_id), Reader.matter_id
    if after is not None:
        query = query.where(key < after)
    return query.order_by(key.desc())


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.statuses:
        conditions.append(Matter.status.in_(filters.statuses))
    if filters.kind is not None:
        conditions.append(Matter.kind == filters.kind)
    if filters.organisation_id is not None:
        conditions.append(Matter.organisation_id == filters.organisation_id)
    if filters.is_stuck:
        conditions.append(Matter.stuck_at.is_not(None))
    if filters.compound_id is not None:
        places = select(MatterPlace.matter_id).where(MatterPlace.compound_id == filters.compound_id)
        conditions.append(Matter.id.in_(places))
    if filters.awaited is not None:
        asked = select(Seat.matter_id).where(Seat.party == filters.awaited, Seat.status == SeatStatus.ASKED)
        conditions.append(Matter.id.in_(asked))
    return conditions


def _matter_rows(session: Session, found: Sequence[Matter], at: datetime) -> tuple[MatterRow, ...]:
    names = organisation_names(session, (matter.organisation_id for matter in found))
    ids = [matter.id for matter in found]
    places, awaiting = compound_names(session, ids), _awaited(session, ids, at)
    return tuple(
        MatterRow(
            matter_id=matter.id,
            reference=matter.reference,
            kind=matter.kind,
            status=matter.status,
            result=matter.result,
            version=matter.version,
            filer=names[matter.organisation_id],
            compounds=places.get(matter.id, ()),
            line_count=matter.line_count,
            submitted_at=matter.submitted_at,
            awaiting=tuple(awaiting.get(matter.id, ())),
            is_stuck=matter.stuck_at is not None,
        )
        for matter in found
    )


def _awaited(session: Session, matter_ids: Sequence[UUID], at: datetime) -> Mapping[UUID, list[Awaited]]:
    query = (
        select(Seat, Organisation)
        .join(Organisation, Seat.organisation_id == Organisation.id)
        .where(Seat.matter_id.in_(matter_ids), Seat.status == SeatStatus.ASKED)
        .order_by(Seat.due_at, Seat.id)
    )
    found: dict[UUID, list[Awaited]] = defaultdict(list)
    for seat, organisation in session.execute(query):
        awaited = Awaited(organisation.name, seat.party, seat.due_at, at >= seat.due_at)
        found[seat.matter_id].append(awaited)
    return found


def by_reference(session: Session, reference: str, who: Identity) -> UUID:
    """The id of the matter of that reference, where `who` may read it. Raises `NotFound`."""
    query = _readable(who, None).where(Matter.reference == reference.strip())
    found = session.scalars(query).first()
    if found is None:
        raise NotFound()
    return found.id
