"""The lines of a filing as its readers see them: names, phones and plates masked (decision 9)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.crypto import Vault, mask_name, mask_phone, mask_plate
from models.filing.tables import FilingLine, LineStatus
from models.matter import visible
from models.officer import Identity
from models.protocol.schema import Title
from models.rider import Rider
from models.views.naming import names_by_code
from models.views.paging import Page, cut


@dataclass(frozen=True, slots=True)
class LineView:
    """One rider of a filing. Both days are inclusive; `decided_by`: the organisation that excepted the line."""

    number: int
    name: str
    phone: str
    plate: str
    platform: str
    station: str
    starts_on: date
    ends_on: date
    status: LineStatus
    reason: str
    decided_by: Title | None
    has_photo: bool


def lines_view(
    session: Session, who: Identity, vault: Vault, matter_id: UUID, after: int = 0, limit: int = 100
) -> Page[LineView, int]:
    """The lines after number `after`. Raises `NotFound`."""
    visible(session, matter_id, who)
    return read_lines(session, vault, matter_id, after, limit)


def read_lines(session: Session, vault: Vault, matter_id: UUID, after: int, limit: int) -> Page[LineView, int]:
    """The same for callers that have seen to it that the matter may be read."""
    query = (
        select(FilingLine, Rider.phone_sealed)
        .join(Rider, FilingLine.rider_id == Rider.id)
        .where(FilingLine.matter_id == matter_id, FilingLine.number > after)
        .order_by(FilingLine.number)
        .limit(limit + 1)
    )
    found, following = cut(session.execute(query).all(), limit, lambda row: row[0].number)
    names = names_by_code(session, {line.decided_by for line, _ in found if line.decided_by})
    rows = tuple(_line(vault, line, phone, names.get(line.decided_by or "")) for line, phone in found)
    return Page(rows, following)


def _line(vault: Vault, line: FilingLine, phone_sealed: str, decided_by: Title | None) -> LineView:
    return LineView(
        number=line.number,
        name=mask_name(vault.open(line.name_sealed)),
        phone=mask_phone(vault.open(phone_sealed)),
        plate=mask_plate(vault.open(line.plate_sealed)) if line.plate_sealed else "",
        platform=line.platform,
        station=line.station,
        starts_on=line.starts_on,
        ends_on=line.ends_on,
        status=line.status,
        reason=line.reason,
        decided_by=decided_by,
        has_photo=line.photo is not None,
    )
