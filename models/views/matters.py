"""Lists of matters that came to my organisation: all, those it filed 我发起的, those it got a copy of 抄送我的.

Which index a list walks follows from its narrowest filter, so that no page is dearer for a longer history: the open
seats (a few thousand, whatever has been settled), a compound's matters, or a reader's own rows by status and way.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.consultation.tables import Seat, SeatStatus
from models.district import Organisation
from models.errors import NotFound
from models.matter import Matter, MatterKind, MatterPlace, MatterStatus, Reader, ReaderWay, Result, visible
from models.officer import Identity
from models.protocol.schema import Party, Title
from models.read_mark import versions_read
from models.views.naming import compound_names, organisation_names
from models.views.paging import Page, Turn, count_some, turned

IS_ASKED = literal_column("seat.status = 'asked'")  # said as it is: the index of open seats is found by its words


@dataclass(frozen=True, slots=True)
class Awaited:
    """An organisation that a matter waits for."""

    organisation: Title
    party: Party
    due_at: datetime
    is_late: bool


@dataclass(frozen=True, slots=True)
class MatterRow:
    """A matter in a list. `is_unread`: it has changed since I read it. `late_since`: see `models.matter`."""

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
    is_unread: bool = False
    late_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which matters to list; what is empty or None does not narrow. `organisation_id` is the filer's.

    `awaited`, `due_from` (inclusive) and `due_until` (exclusive) are about seats that are asked. `way`: how my
    organisation came to read it. `officer_id`: who filed it. `matter_ids`: these and no others.
    """

    statuses: frozenset[MatterStatus] = frozenset()
    kind: MatterKind | None = None
    compound_id: UUID | None = None
    awaited: Party | None = None
    organisation_id: UUID | None = None
    is_stuck: bool = False
    way: ReaderWay | None = None
    due_from: datetime | None = None
    due_until: datetime | None = None
    officer_id: UUID | None = None
    matter_ids: frozenset[UUID] = frozenset()

    @property
    def is_about_seats(self) -> bool:
        """Whether only matters with a certain open seat are wanted."""
        return not (self.awaited is None and self.due_from is None and self.due_until is None)


ALL = Filters()
Key = InstrumentedAttribute[UUID] | ColumnElement[UUID]


def listed(
    session: Session,
    who: Identity,
    filters: Filters,
    at: datetime,
    turn: Turn[UUID] = Turn(),  # noqa: B008 - frozen
) -> Page[MatterRow, UUID]:
    """The matters that came to `who`'s organisation, the newest first; an administrator sees all of them."""
    walked, key = _walked(who, filters)
    is_down = not turn.is_back
    start = turn.before or turn.after
    if start is not None:
        walked = walked.where(key < start if is_down else key > start)
    ids = walked.order_by(key.desc() if is_down else key).limit(turn.limit + 1)
    found = session.scalars(select(Matter).where(Matter.id.in_(ids))).all()
    in_order = sorted(found, key=lambda matter: matter.id, reverse=is_down)
    shown, following, previous = turned(in_order, turn, lambda matter: matter.id)
    return Page(_matter_rows(session, who, shown, at), following, previous)


def _walked(who: Identity, filters: Filters) -> tuple[Select[UUID], Key]:
    """Ids of the matters, and the key of the index that is walked."""
    query, key = _narrowest(who, filters)
    is_reader = key is Reader.matter_id
    needs_reader = not is_reader and (filters.way is ReaderWay.COPY or not (who.is_administrator or key is Matter.id))
    if needs_reader:
        query = query.join(Reader, (Reader.matter_id == key) & (Reader.organisation_id == who.organisation_id))
    conditions = _of_the_status(filters, has_reader=is_reader or needs_reader) + _of_the_matter(who, filters)
    if filters.way is ReaderWay.COPY:
        conditions += Conditions((Reader.copied_to_id == who.organisation_id,))
    if conditions.needs_matter and key is not Matter.id:
        query = query.join(Matter, Matter.id == key)
    if filters.matter_ids:
        query = query.where(key.in_(filters.matter_ids))
    return query.where(*conditions.all), key


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is asked of rows, and whether any of it is asked of the matter's own."""

    all: tuple[ColumnElement[bool], ...] = ()
    needs_matter: bool = False

    def __add__(self, other: "Conditions") -> "Conditions":
        """Both."""
        return Conditions(self.all + other.all, self.needs_matter or other.needs_matter)


def _narrowest(who: Identity, filters: Filters) -> tuple[Select[Any], Key]:
    if filters.is_about_seats:
        open_ones = select(Seat.matter_id).where(IS_ASKED, *_of_seats(filters)).distinct().cte("open_seats")
        return select(open_ones.c.matter_id), open_ones.c.matter_id
    if filters.compound_id is not None:
        query = select(MatterPlace.matter_id).where(MatterPlace.compound_id == filters.compound_id)
        return query, MatterPlace.matter_id
    if filters.way is ReaderWay.COPY:
        return select(Reader.matter_id), Reader.matter_id
    if who.is_administrator or filters.way is ReaderWay.FILER:
        return select(Matter.id), Matter.id  # who filed it may read it
    return select(Reader.matter_id).where(Reader.organisation_id == who.organisation_id), Reader.matter_id


def _of_seats(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.awaited is not None:
        conditions.append(Seat.party == filters.awaited)
    if filters.due_from is not None:
        conditions.append(Seat.due_at >= filters.due_from)
    if filters.due_until is not None:
        conditions.append(Seat.due_at < filters.due_until)
    return conditions


def _of_the_status(filters: Filters, *, has_reader: bool) -> Conditions:
    if not filters.statuses:
        return Conditions()
    if has_reader:
        return Conditions((Reader.matter_status.in_(filters.statuses),))
    return Conditions((Matter.status.in_(filters.statuses),), needs_matter=True)


def _of_the_matter(who: Identity, filters: Filters) -> Conditions:
    conditions: list[ColumnElement[bool]] = []
    if filters.way is ReaderWay.FILER:
        conditions.append(Matter.organisation_id == who.organisation_id)
    if filters.kind is not None:
        conditions.append(Matter.kind == filters.kind)
    if filters.organisation_id is not None:
        conditions.append(Matter.organisation_id == filters.organisation_id)
    if filters.officer_id is not None:
        conditions.append(Matter.officer_id == filters.officer_id)
    if filters.is_stuck:
        conditions.append(Matter.stuck_at.is_not(None))
    if filters.compound_id is not None and filters.is_about_seats:
        places = select(MatterPlace.id).where(
            MatterPlace.matter_id == Matter.id, MatterPlace.compound_id == filters.compound_id
        )
        conditions.append(places.exists())
    return Conditions(tuple(conditions), needs_matter=bool(conditions))


def matter_rows(session: Session, who: Identity, ids: Sequence[UUID], at: datetime) -> tuple[MatterRow, ...]:
    """These matters as rows of a list, in this order. The caller has made sure that `who` may read them."""
    by_id = {matter.id: matter for matter in session.scalars(select(Matter).where(Matter.id.in_(ids)))}
    return _matter_rows(session, who, [by_id[one] for one in ids], at)


def _matter_rows(session: Session, who: Identity, found: Sequence[Matter], at: datetime) -> tuple[MatterRow, ...]:
    ids = [matter.id for matter in found]
    names = organisation_names(session, (matter.organisation_id for matter in found))
    places, awaiting = compound_names(session, ids), _awaited(session, ids, at)
    read = versions_read(session, who.officer_id, ids)
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
            is_unread=read.get(matter.id, 0) < matter.version,
            late_since=matter.late_since,
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


def count_listed(session: Session, who: Identity, filters: Filters) -> int:
    """How many matters a list has, at most `MOST_COUNTED` + 1."""
    walked, key = _walked(who, filters)
    # Ordered as the index is: a planner that only sees the limit reads the whole table where there is little to find.
    return count_some(session, walked.order_by(key.desc()))


def by_reference(session: Session, reference: str, who: Identity) -> UUID:
    """The id of the matter of that reference, where `who` may read it. Raises `NotFound`."""
    found = session.scalar(select(Matter.id).where(Matter.reference == reference.strip()))
    if found is None:
        raise NotFound()
    return visible(session, found, who).id


def reference_of(session: Session, matter_id: UUID) -> str:
    """The reference of a matter that the caller knows to be there."""
    return session.execute(select(Matter.reference).where(Matter.id == matter_id)).scalar_one()
