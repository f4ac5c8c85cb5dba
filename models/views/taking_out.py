"""The rows of an export, one after another, as plain values: walked in chunks, so that memory stays small."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.consultation.tables import OpinionKind
from models.crypto import Vault, mask_name, mask_phone, mask_plate
from models.database import Database
from models.filing.tables import FilingLine, LineStatus
from models.matter import MatterStatus
from models.officer import Identity
from models.protocol.schema import Title
from models.rider import Rider
from models.views.matters import Filters, MatterRow, listed
from models.views.paging import Page, Turn
from models.views.waiting import AnsweredRow, SeatFilters, SeatKey, WaitingRow, answered_by, waiting_for
from models.words import N_

CHUNK = 1000  # matters or seats in one query
Row = TypeVar("Row")
Key = TypeVar("Key")
State = MatterStatus | LineStatus | OpinionKind
Cell = str | int | date | datetime | Title | tuple[Title, ...] | State | None


@dataclass(frozen=True, slots=True)
class Column:
    """A heading (a msgid) and how wide it is, in characters."""

    head: str
    width: int


@dataclass(frozen=True, slots=True)
class Line:
    """One row, and the matter that it belongs to."""

    matter_id: UUID
    cells: tuple[Cell, ...]


MATTER = (Column(N_("Reference"), 18), Column(N_("Compounds"), 28), Column(N_("Filed by"), 24), Column(N_("Riders"), 8))
WAITING = (
    *MATTER,
    Column(N_("Stage"), 22),
    Column(N_("Deadline"), 20),
    Column(N_("Late"), 8),
    Column(N_("Submitted on"), 20),
)
ANSWERED = (
    *MATTER,
    Column(N_("Stage"), 22),
    Column(N_("Opinion"), 14),
    Column(N_("Answered on"), 20),
    Column(N_("Status"), 16),
)
FILINGS = (*MATTER, Column(N_("Status"), 16), Column(N_("Waiting for"), 32), Column(N_("Submitted on"), 20))
RIDERS = (
    Column(N_("Reference"), 18),
    Column(N_("Compounds"), 28),
    Column(N_("Filed by"), 24),
    Column(N_("Line"), 7),
    Column(N_("Name"), 12),
    Column(N_("Phone"), 15),
    Column(N_("Platform"), 12),
    Column(N_("Station"), 18),
    Column(N_("Plate"), 14),
    Column(N_("First day"), 12),
    Column(N_("Last day"), 12),
    Column(N_("Status"), 14),
    Column(N_("Reason"), 30),
)


def waiting_lines(database: Database, who: Identity, filters: Filters, at: datetime) -> Iterator[Line]:
    """What waits for the organisation; of the filters, compound and deadline count."""
    asked = SeatFilters(None, filters.compound_id, filters.due_from, filters.due_until)

    def read(session: Session, turn: Turn[SeatKey]) -> Page[WaitingRow, SeatKey]:
        return waiting_for(session, who, at, turn, asked)

    for row in _walked(database, read):
        yield Line(row.matter_id, _waiting(row))


def _walked(database: Database, read: Callable[[Session, Turn[Key]], Page[Row, Key]]) -> Iterator[Row]:
    """Every row of a list, read a chunk at a time."""
    for page in _pages(database, read):
        yield from page.rows


def _pages(database: Database, read: Callable[[Session, Turn[Key]], Page[Row, Key]]) -> Iterator[Page[Row, Key]]:
    """Every page of a list, each in a transaction of its own."""
    turn: Turn[Key] | None = Turn(limit=CHUNK)
    while turn is not None:
        with database.reading() as session:
            page = read(session, turn)
        yield page
        turn = Turn(page.next, limit=CHUNK) if page.next else None


def _waiting(row: WaitingRow) -> tuple[Cell, ...]:
    late = N_("yes") if row.is_late else N_("no")
    return (*_matter(row), row.stage, row.due_at, late, row.submitted_at)


def _matter(row: WaitingRow | AnsweredRow | MatterRow) -> tuple[Cell, ...]:
    return row.reference, row.compounds, row.filer, row.line_count


def answered_lines(database: Database, who: Identity, filters: Filters) -> Iterator[Line]:
    """What the organisation has answered; of the filters, compound and status count."""

    def read(session: Session, turn: Turn[SeatKey]) -> Page[AnsweredRow, SeatKey]:
        return answered_by(session, who, turn, compound_id=filters.compound_id, statuses=filters.statuses)

    for row in _walked(database, read):
        yield Line(row.matter_id, (*_matter(row), row.stage, row.answer, row.answered_at, row.status))


def filing_lines(database: Database, who: Identity, filters: Filters, at: datetime) -> Iterator[Line]:
    """The filings that the organisation may read."""
    for row in _walked(database, _filings(who, filters, at)):
        awaited = tuple(dict.fromkeys(one.organisation for one in row.awaiting))
        yield Line(row.matter_id, (*_matter(row), row.status, awaited, row.submitted_at))


def _filings(who: Identity, filters: Filters, at: datetime) -> Callable[[Session, Turn[UUID]], Page[MatterRow, UUID]]:
    return lambda session, turn: listed(session, who, filters, at, turn)


def rider_lines(
    database: Database, who: Identity, vault: Vault, filters: Filters, at: datetime, *, is_full: bool
) -> Iterator[Line]:
    """Every line of the filings; names, phones and plates masked unless `is_full`."""
    for page in _pages(database, _filings(who, filters, at)):
        rows = {row.matter_id: row for row in page.rows}
        with database.reading() as session:
            found = _lines(session, list(rows))
        for line in found:
            row = rows[line.matter_id]
            said = _identity(vault, line, is_full=is_full)
            yield Line(line.matter_id, (row.reference, row.compounds, row.filer, line.number, *said))


def _lines(session: Session, matter_ids: Sequence[UUID]) -> Sequence[Any]:
    """Columns and no objects: half of the time for 100,000 of them."""
    query = (
        select(
            FilingLine.matter_id,
            FilingLine.number,
            FilingLine.name_sealed,
            FilingLine.plate_sealed,
            FilingLine.platform,
            FilingLine.station,
            FilingLine.starts_on,
            FilingLine.ends_on,
            FilingLine.status,
            FilingLine.reason,
            Rider.phone_sealed,
        )
        .join(Rider, FilingLine.rider_id == Rider.id)
        .where(FilingLine.matter_id.in_(matter_ids))
        .order_by(FilingLine.matter_id.desc(), FilingLine.number)
    )
    return session.execute(query).all()


def _identity(vault: Vault, line: Any, *, is_full: bool) -> tuple[Cell, ...]:
    name, phone = vault.open(line.name_sealed), vault.open(line.phone_sealed)
    plate = vault.open(line.plate_sealed) if line.plate_sealed else ""
    if not is_full:
        name, phone, plate = mask_name(name), mask_phone(phone), mask_plate(plate) if plate else ""
    return name, phone, line.platform, line.station, plate, line.starts_on, line.ends_on, line.status, line.reason
