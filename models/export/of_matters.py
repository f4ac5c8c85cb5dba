"""Lists of matters as they are taken out: what waits, what was answered, filings, their riders, and what happened."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.comment import CommentView, comments_of
from models.crypto import Vault, mask_name, mask_phone, mask_plate
from models.export.authority import Chosen, opened_filters
from models.export.rows import NO, YES, Cell, Column, Line, Taking, pages, walked
from models.filing.tables import FilingLine
from models.matter import visible
from models.rider import Rider
from models.views.entries import comment_behind, entry_said
from models.views.filing import timeline_view
from models.views.matters import Filters, MatterRow, listed
from models.views.paging import Page, Turn
from models.views.timeline import EntryView
from models.views.waiting import (
    AnsweredFilters,
    AnsweredRow,
    SeatFilters,
    SeatKey,
    WaitingRow,
    answered_by,
    waiting_for,
)
from models.words import N_, Sentence

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
    Column(N_("Late"), 8),
    Column(N_("Status"), 16),
    Column(N_("Late since"), 20),
)
FILINGS = (
    *MATTER,
    Column(N_("Status"), 16),
    Column(N_("Waiting for"), 32),
    Column(N_("Submitted on"), 20),
    Column(N_("Late since"), 20),
)
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
RECORD = (
    Column(N_("Reference"), 18),
    Column(N_("Entry"), 7),
    Column(N_("When"), 20),
    Column(N_("Organisation"), 24),
    Column(N_("Officer"), 14),
    Column(N_("As deputy of"), 14),
    Column(N_("What happened"), 60),
    Column(N_("Words"), 60),
)
BY_SYSTEM = Sentence(N_("by the system"))


def waiting_lines(taking: Taking, filters: SeatFilters) -> Iterator[Line]:
    """What waits for the organisation, what is late first."""

    def read(session: Session, turn: Turn[SeatKey]) -> Page[WaitingRow, SeatKey]:
        return waiting_for(session, taking.who, taking.at, turn, filters)

    for row in walked(taking.database, read):
        late = YES if row.is_late else NO
        yield Line(row.matter_id, (*_matter(row), row.stage, row.due_at, late, row.submitted_at))


def _matter(row: WaitingRow | AnsweredRow | MatterRow) -> tuple[Cell, ...]:
    return row.reference, row.compounds, row.filer, row.line_count or None  # a whistle has no riders


def answered_lines(taking: Taking, filters: AnsweredFilters) -> Iterator[Line]:
    """What the organisation has answered, the newest answer first."""

    def read(session: Session, turn: Turn[SeatKey]) -> Page[AnsweredRow, SeatKey]:
        return answered_by(session, taking.who, turn, filters)

    for row in walked(taking.database, read):
        late = YES if row.is_late else NO
        said = (row.stage, row.answer, row.answered_at, late, row.status, row.late_since)
        yield Line(row.matter_id, (*_matter(row), *said))


def filing_lines(taking: Taking, filters: Filters) -> Iterator[Line]:
    """The filings that the organisation may read, the newest first."""
    for row in walked(taking.database, _filings(taking, filters)):
        awaited = tuple(dict.fromkeys(one.organisation for one in row.awaiting))
        yield Line(row.matter_id, (*_matter(row), row.status, awaited, row.submitted_at, row.late_since))


def _filings(taking: Taking, filters: Filters) -> Callable[[Session, Turn[UUID]], Page[MatterRow, UUID]]:
    return lambda session, turn: listed(session, taking.who, filters, taking.at, turn)


def rider_lines(taking: Taking, filters: Filters) -> Iterator[Line]:
    """Every line of the filings; names, phones and plates masked, or whole of those that `who` may open."""
    allowed = opened_filters(taking.who, filters) if taking.is_full else filters
    for page in pages(taking.database, _filings(taking, allowed)):
        rows = {row.matter_id: row for row in page.rows}
        with taking.database.reading() as session:
            found = _lines(session, list(rows))
        for line in found:
            row = rows[line.matter_id]
            said = _identity(taking.vault, line, is_full=taking.is_full)
            yield Line(line.matter_id, (row.reference, row.compounds, row.filer, line.number, *said))


def record_lines(taking: Taking, chosen: Chosen) -> Iterator[Line]:
    """What happened to the chosen matters, oldest first, in their pages' own sentences. Raises `NotFound`."""
    for matter_id in sorted(chosen.matter_ids):
        with taking.database.reading() as session:
            matter = visible(session, matter_id, taking.who)
            entries = timeline_view(session, taking.who, matter_id, taking.at)
            comments = {str(one.id): one for one in comments_of(session, matter_id)}
        for entry in entries:
            yield Line(matter_id, (matter.reference, *_entry(entry, comment_behind(entry, comments))))


def _entry(entry: EntryView, comment: CommentView | None) -> tuple[Cell, ...]:
    officer = BY_SYSTEM if entry.officer is None and entry.run is not None else entry.officer
    words = comment.words if comment else entry.words
    return entry.position, entry.at, entry.organisation, officer, entry.deputy_for, entry_said(entry), words


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
