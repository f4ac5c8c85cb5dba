"""The shape of an upload's preview."""

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from pydantic import Field

from api.v1.shapes import Name, Out
from models.filing.previewing import Preview, PreviewRow
from models.words import Sentence

Translate = Callable[[Sentence], str]


class FaultOut(Out):
    """What is wrong with one cell, in the reader's language."""

    cell: str = Field(examples=["C9"])
    field: str = Field(examples=["phone"])
    detail: str


class KnownOut(Out):
    """An earlier filing names this rider. `reference` is empty where it is another company's."""

    company: Name
    reference: str
    is_other_name: bool


class PreviewRowOut(Out):
    """One row of the sheet, masked. A wrong row shows its faults and no values."""

    row: int
    number: str
    name: str
    phone: str
    platform: str
    station: str
    plate: str
    starts_on: date | None
    ends_on: date | None
    faults: list[FaultOut]
    already: str | None = Field(description="Reference of the filing that covers this rider")
    known: KnownOut | None


class CountsOut(Out):
    """How many rows: read, right, wrong, right but filed already, and what an import would file."""

    total: int
    good: int
    wrong: int
    already: int
    fresh: int


class PreviewOut(Out):
    """An upload as it would be filed."""

    upload_id: UUID
    compounds: list[Name]
    counts: CountsOut
    rows: list[PreviewRowOut]
    next: str | None


def preview_out(found: Preview, rows: Sequence[PreviewRow], following: str | None, say: Translate) -> PreviewOut:
    """These rows of a preview."""
    return PreviewOut(
        upload_id=found.upload_id,
        compounds=[Name.model_validate(place.name) for place in found.compounds],
        counts=CountsOut.model_validate(found.counts),
        rows=[_row(row, say) for row in rows],
        next=following,
    )


def _row(row: PreviewRow, say: Translate) -> PreviewRowOut:
    return PreviewRowOut(
        row=row.row,
        number=row.number,
        name=row.name,
        phone=row.phone,
        platform=row.platform,
        station=row.station,
        plate=row.plate,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        faults=[FaultOut(cell=one.cell, field=one.field, detail=say(one.said)) for one in row.faults],
        already=row.already,
        known=KnownOut.model_validate(row.known) if row.known else None,
    )
