"""What a clerk sees of an upload before it is filed: each row, right, wrong or filed already."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from models.crypto import mask_name, mask_phone, mask_plate
from models.district import Compound
from models.filing.covering import Covering, Known
from models.rider_rules import Note, RiderLine
from models.workbook import CellFault, Roster, RosterRow


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row of the sheet; names, phones and plates are masked. A wrong row shows its faults and no values."""

    row: int  # in the sheet, 1-based
    number: str  # 序号 as it stands there
    name: str
    phone: str
    platform: str
    station: str
    plate: str
    starts_on: date | None
    ends_on: date | None  # inclusive
    faults: tuple[CellFault, ...]
    notes: tuple[Note, ...] = field(repr=False)  # what was accepted in another spelling
    already: str | None  # reference of the filing that covers this rider: the row is not filed again
    known: Known | None  # where an earlier filing names this rider

    @property
    def is_wrong(self) -> bool:
        """Whether the row has faults."""
        return bool(self.faults)


class Counts(NamedTuple):
    """How many rows: read, without fault, with faults, and of those without fault filed already."""

    total: int
    good: int
    wrong: int
    already: int

    @property
    def fresh(self) -> int:
        """How many riders an import would file."""
        return self.good - self.already


@dataclass(frozen=True, slots=True)
class Preview:
    """An upload as it would be filed. `period` is what fills dates that a row does not have."""

    upload_id: UUID
    compounds: tuple[Compound, ...]
    period: tuple[date, date] | None
    rows: tuple[PreviewRow, ...]
    counts: Counts


def preview_of(
    upload_id: UUID,
    compounds: Sequence[Compound],
    period: tuple[date, date] | None,
    roster: Roster,
    covering: Covering,
) -> Preview:
    """Put together what the list says and what is known of its riders."""
    rows = tuple(_shown(row, covering) for row in roster.rows)
    already = sum(row.already is not None for row in rows)
    counts = Counts(len(rows), len(roster.good), len(roster.wrong), already)
    return Preview(upload_id, tuple(compounds), period, rows, counts)


def _shown(row: RosterRow, covering: Covering) -> PreviewRow:
    line = row.line
    return PreviewRow(
        row=row.row,
        number=row.number,
        name=mask_name(line.name) if line else "",
        phone=mask_phone(line.phone) if line else "",
        platform=line.platform if line else "",
        station=line.station if line else "",
        plate=_plate(line),
        starts_on=line.starts_on if line else None,
        ends_on=line.ends_on if line else None,
        faults=row.faults,
        notes=row.notes,
        already=covering.already.get(line.phone) if line else None,
        known=covering.known.get(line.phone) if line else None,
    )


def _plate(line: RiderLine | None) -> str:
    return mask_plate(line.plate) if line and line.plate else ""
