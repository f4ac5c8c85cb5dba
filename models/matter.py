"""Matters 事项: what is consulted on. One row each, with its status, its record's head and its alarm `wake_at`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, Uuid, bindparam, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models import record
from models.base import Base, move, uuid7
from models.clock import local_date
from models.consultation.tables import Seat, SeatStatus
from models.district import Compound, Locality, Organisation, get_organisation
from models.errors import NotFound
from models.keeping import kept
from models.officer import Identity
from models.prepared import run, table
from models.protocol.schema import Party, Title
from models.upserting import insert_into, insert_new

ON_THE_GROUND = (Party.COUNCIL, Party.PROPERTY)  # the parties that a community speaks with every day


class MatterKind(StrEnum):
    """What a matter is about; each kind has a protocol and a flow of the same name."""

    ACCESS_FILING = "access_filing"
    STREET_WHISTLE = "street_whistle"  # 街道吹哨、部门报到
    TRAINING_SCHEDULE = "training_schedule"  # 培训课表


class MatterStatus(StrEnum):
    """Where a matter stands."""

    SUBMITTED = "submitted"  # waits for the round that seats the parties
    CONSULTING = "consulting"
    DECIDED = "decided"  # the parties have decided; effects follow in the next round
    AGREED = "agreed"
    REFUSED = "refused"
    RETURNED = "returned"  # with the filer, who may submit again
    WITHDRAWN = "withdrawn"  # by the filer


class Result(StrEnum):
    """What a consultation came to."""

    AGREED = "agreed"
    REFUSED = "refused"
    RETURNED = "returned"


MOVES: dict[MatterStatus, frozenset[MatterStatus]] = {
    MatterStatus.SUBMITTED: frozenset({MatterStatus.CONSULTING, MatterStatus.WITHDRAWN}),
    MatterStatus.CONSULTING: frozenset({MatterStatus.DECIDED, MatterStatus.WITHDRAWN}),
    MatterStatus.DECIDED: frozenset({MatterStatus.AGREED, MatterStatus.REFUSED, MatterStatus.RETURNED}),
    MatterStatus.RETURNED: frozenset({MatterStatus.SUBMITTED, MatterStatus.WITHDRAWN}),
    MatterStatus.AGREED: frozenset(),
    MatterStatus.REFUSED: frozenset(),
    MatterStatus.WITHDRAWN: frozenset(),
}

STATUS_AFTER: dict[str, MatterStatus] = {
    "submitted": MatterStatus.SUBMITTED,
    "submitted_again": MatterStatus.SUBMITTED,
    "opened": MatterStatus.CONSULTING,
    "decided": MatterStatus.DECIDED,
    "agreed": MatterStatus.AGREED,
    "refused": MatterStatus.REFUSED,
    "returned": MatterStatus.RETURNED,
    "withdrawn": MatterStatus.WITHDRAWN,
}


class Matter(Base):
    """A matter. `wake_at` is the instant at which the engine must next look at it (None: never); indexed.

    `late_since`: the first deadline of a stage that passed before the stage was settled; never cleared, so that what was
    settled late is shown as late.
    """

    __tablename__ = "matter"
    __table_args__ = (
        Index("ix_matter_wake", "kind", "wake_at"),
        Index("ix_matter_filer", "organisation_id", "id"),
        Index("ix_matter_filer_status", "organisation_id", "status", "id"),
        Index("ix_matter_status", "status", "id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"))
    kind: Mapped[MatterKind]
    reference: Mapped[str] = mapped_column(unique=True)  # 备2026-000012
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    status: Mapped[MatterStatus] = mapped_column(default=MatterStatus.SUBMITTED)
    result: Mapped[Result | None]
    line_count: Mapped[int]  # lines are numbered 1 to line_count; 0 where it has none
    submitted_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)  # rises with every change that a reader could see
    wake_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)  # rounds that failed on it in a row
    trouble: Mapped[str | None]  # the last failure in words, None when all is well
    stuck_at: Mapped[datetime | None]  # after the last try: shown to the district
    late_since: Mapped[datetime | None]
    record_count: Mapped[int] = mapped_column(default=0)
    record_hash: Mapped[str] = mapped_column(default=record.GENESIS)

    def move(self, to: MatterStatus) -> None:
        """Move to `to`. Raises `IllegalMove` where `MOVES` has no such way."""
        self.status = move(self.reference, MOVES, self.status, to)


class ReaderWay(StrEnum):
    """Lists that follow from how an organisation came to read a matter."""

    FILER = "filer"  # 我发起的: it filed it
    COPY = "copy"  # 抄送我的: it was told for its information


class Reader(Base):
    """An organisation to which a matter came: its filer, those who sit or get a copy, those who answered for others.

    These have it in their lists; who may read it besides says `reads_by_right`.

    `matter_status` is the matter's own, written in the same transaction (`move_on`): so a list by status walks one
    index, whoever reads. `copied_to_id` repeats the organisation where it came to read through a copy: a column of its
    own, since a planner that sees "organisation" and "copy" apart guesses wrongly how many rows have both.
    (docs/decisions/0012)
    """

    __tablename__ = "reader"
    __table_args__ = (
        UniqueConstraint("organisation_id", "matter_id"),
        Index("ix_reader_status", "organisation_id", "matter_status", "matter_id"),
        Index("ix_reader_copy", "copied_to_id", "matter_id"),
        Index("ix_reader_copy_status", "copied_to_id", "matter_status", "matter_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    copied_to_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    matter_status: Mapped[MatterStatus] = mapped_column(
        default=MatterStatus.SUBMITTED, server_default=MatterStatus.SUBMITTED.value
    )


class MatterPlace(Base):
    """What a matter is about on the ground: a compound or, outside of any, a community. Its parties follow from these.

    Exactly one of the two is given. `property_id`: whose hall it is on a community's ground, where a property company's.
    """

    __tablename__ = "matter_place"
    __table_args__ = (
        UniqueConstraint("matter_id", "compound_id"),
        UniqueConstraint("matter_id", "community_id", "property_id"),
        Index("ix_matter_place_compound", "compound_id", "matter_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    compound_id: Mapped[UUID | None] = mapped_column(ForeignKey("compound.id"))
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    property_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))


class MatterNamed(Base):
    """A department that the filer named when it opened the matter; `position` from 1: the first bears the main part 主办."""

    __tablename__ = "matter_named"
    __table_args__ = (
        UniqueConstraint("matter_id", "position"),
        Index("ix_matter_named_organisation", "organisation_id", "matter_id"),
        {"sqlite_with_rowid": False},
    )
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    position: Mapped[int]


class Counter(Base):
    """Numbers without gaps: each is taken in the transaction that uses it."""

    __tablename__ = "counter"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


# Made once: building a statement costs SQLAlchemy as much as executing it.
_OF = bindparam("of", type_=Uuid())
_PLACE, _COMPOUND, _GROUND = table(MatterPlace).c, table(Compound).c, table(Organisation).c
_CODE = func.coalesce(_COMPOUND.code, _GROUND.code)
_PLACES = (
    select(
        _CODE.label("code"),
        func.coalesce(_COMPOUND.name_zh, _GROUND.name_zh).label("name_zh"),
        func.coalesce(_COMPOUND.name_en, _GROUND.name_en).label("name_en"),
        func.coalesce(_COMPOUND.district_id, _GROUND.district_id, type_=Uuid()).label("district_id"),
        func.coalesce(_COMPOUND.community_id, _GROUND.id, type_=Uuid()).label("community_id"),
        func.coalesce(_COMPOUND.property_id, _PLACE.property_id, type_=Uuid()).label("property_id"),
    )
    .select_from(table(MatterPlace))
    .outerjoin(table(Compound), _PLACE.compound_id == _COMPOUND.id)
    .outerjoin(table(Organisation), _PLACE.community_id == _GROUND.id)
    .where(_PLACE.matter_id == _OF)
    .order_by(_CODE)
)
_NAMED = select(MatterNamed.organisation_id).where(MatterNamed.matter_id == _OF).order_by(MatterNamed.position)
_READER = table(Reader).c
_READS = select(_READER.id).where(
    _READER.organisation_id == bindparam("reader", type_=Uuid()), _READER.matter_id == _OF
)
_MOVE_READERS = update(table(Reader)).where(_READER.matter_id == _OF).values(matter_status=bindparam("moved_to"))


@dataclass(frozen=True, slots=True)
class Act:
    """What is written into a record: the kind of entry and what it says, without personal data."""

    kind: str
    body: dict[str, Any]


def append(session: Session, matter: Matter, act: Act, at: datetime, actor: record.Actor) -> None:
    """Write one entry into the record of `matter`, which the caller holds locked; its version rises."""
    note(session, matter, act, at, actor)
    matter.version += 1


def note(session: Session, matter: Matter, act: Act, at: datetime, actor: record.Actor) -> None:
    """The same for an act that makes no page stale: the version stays."""
    head = record.Head(matter.record_count, matter.record_hash)
    row = record.chained(matter.id, head, act.kind, at, actor, act.body)
    record.append_rows(session, [row])
    matter.record_count, matter.record_hash = row["position"], row["hash"]


def take_number(session: Session, name: str) -> int:
    """The next number of the series `name`, from 1; the row stays locked until the transaction ends."""
    query = insert_into(session, Counter).values(name=name, value=1)
    taken = query.on_conflict_do_update(index_elements=["name"], set_={"value": Counter.value + 1})
    return session.execute(taken.returning(Counter.value)).scalar_one()


def begin(
    session: Session,
    kind: MatterKind,
    sign: str,
    district_id: UUID,
    organisation_id: UUID,
    officer_id: UUID,
    line_count: int,
    at: datetime,
) -> Matter:
    """A new matter of that filer, due at once, its record still empty. `sign` begins its reference: 备2026-000012."""
    year = local_date(at).year
    matter = Matter(
        id=uuid7(),
        district_id=district_id,
        kind=kind,
        reference=f"{sign}{year}-{take_number(session, f'{kind}:{district_id}:{year}'):06d}",
        organisation_id=organisation_id,
        officer_id=officer_id,
        line_count=line_count,
        submitted_at=at,
        wake_at=at,
        version=0,
        record_count=0,
        record_hash=record.GENESIS,
    )
    session.add(matter)
    session.flush()
    return matter


def lock(session: Session, matter_id: UUID) -> Matter:
    """The matter, locked against other writers until the transaction ends. Raises `NotFound`."""
    found = session.get(Matter, matter_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound()
    return found


def visible(session: Session, matter_id: UUID, who: Identity) -> Matter:
    """The matter, where `who` may read it. Raises `NotFound` otherwise: what is not yours does not exist for you."""
    found = session.get(Matter, matter_id)
    if found is None or not (who.is_administrator or _reads(session, found, who.organisation_id)):
        raise NotFound()
    return found


def _reads(session: Session, matter: Matter, organisation_id: UUID) -> bool:
    came = run(session, _READS, {"of": matter.id, "reader": organisation_id}).first()
    return came is not None or reads_by_right(session, matter, organisation_id)


def reads_by_right(session: Session, matter: Matter, organisation_id: UUID) -> bool:
    """Whether the organisation may read a matter that did not come to it (docs/decisions/0012).

    The lead department every one of its district; others where they may record on behalf of somebody who sits. The seat
    that the filer's own declaration answers lets nobody in.
    """
    own = get_organisation(session, organisation_id)
    if own.is_lead:
        return own.district_id == matter.district_id
    is_to_be_asked = (Seat.organisation_id != matter.organisation_id) | (Seat.status == SeatStatus.ASKED)
    query = select(Organisation).join(Seat, Seat.organisation_id == Organisation.id)
    query = query.where(Seat.matter_id == matter.id, is_to_be_asked).distinct()
    return any(answers_for(session, matter, own, other) for other in session.scalars(query).all())


def answers_for(session: Session, matter: Matter, own: Organisation, other: Organisation) -> bool:
    """Whether `own` may record what `other` says of the matter: one's superior, the lead department, or a community.

    A community that the matter is about collects what the parties on its ground say; nobody records for those above.
    """
    if own.id == other.id:
        return False
    if own.is_lead or other.parent_id == own.id:
        return own.district_id == matter.district_id
    if own.party is not Party.COMMUNITY or other.party not in ON_THE_GROUND:
        return False
    return any(place.community_id == own.id for place in places(session, matter.id))


def places(session: Session, matter_id: UUID) -> Sequence[Locality]:
    """The places that a matter is about, by code."""
    known = kept(session, "places")
    if matter_id not in known:
        known[matter_id] = [
            Locality(row.code, Title(row.name_zh, row.name_en), row.district_id, row.community_id, row.property_id)
            for row in run(session, _PLACES, {"of": matter_id})
        ]
    return known[matter_id]


def named(session: Session, matter_id: UUID) -> Sequence[UUID]:
    """The departments that the filer named, the one with the main part first."""
    return session.scalars(_NAMED, {"of": matter_id}).all()


def name_departments(session: Session, matter_id: UUID, organisation_ids: Sequence[UUID]) -> None:
    """The filer names these departments, and no others any more."""
    session.execute(delete(MatterNamed).where(MatterNamed.matter_id == matter_id))
    session.add_all(
        MatterNamed(matter_id=matter_id, organisation_id=one, position=position)
        for position, one in enumerate(organisation_ids, start=1)
    )


def move_on(session: Session, matter: Matter, to: MatterStatus) -> None:
    """Move the matter to `to`, in its readers' lists too. Raises `IllegalMove` where `MOVES` has no such way."""
    matter.move(to)
    run(session, _MOVE_READERS, {"of": matter.id, "moved_to": to})


def let_read(session: Session, matter_id: UUID, organisation_ids: Iterable[UUID], *, is_copy: bool = False) -> None:
    """These organisations may read the matter from now on; those who already may are passed over."""
    status = session.get_one(Matter, matter_id).status
    rows = [
        {
            "id": uuid7(),
            "matter_id": matter_id,
            "organisation_id": one,
            "copied_to_id": one if is_copy else None,
            "matter_status": status,
        }
        for one in set(organisation_ids)
    ]
    insert_new(session, Reader, rows)


def fold(chain: list[record.RecordEntry]) -> MatterStatus | None:
    """The status that the record tells: the last entry that changes it decides. None for an empty record."""
    told = [STATUS_AFTER[entry.kind] for entry in chain if entry.kind in STATUS_AFTER]
    return told[-1] if told else None
