"""Recognising riders that were filed before: for a whole list at once, by the phone's blind index."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.crypto import Vault
from models.district import Organisation
from models.filing.tables import FilingLine, LineStatus
from models.matter import Matter, MatterPlace, Result
from models.protocol.schema import Title
from models.rider import LOOKUP_CHUNK, NAME, PHONE, Rider
from models.rider_rules import RiderLine

T = TypeVar("T")
LIVE_LINES = (LineStatus.FILED, LineStatus.PASSED)


@dataclass(frozen=True, slots=True)
class Known:
    """A rider whom an earlier filing names. `reference` is empty where that filing is another company's."""

    company: Title
    reference: str
    is_other_name: bool  # the same phone was filed under another name


@dataclass(frozen=True, slots=True)
class Covering:
    """What is known of the riders of a list, each by its phone's 11 digits."""

    already: dict[str, str]  # reference of the live filing that covers compounds and period
    known: dict[str, Known]


class _Filed(NamedTuple):
    """A line that was filed before, with its rider, its filing and who filed it."""

    phone_index: str
    name_index: str
    matter_id: UUID
    status: LineStatus
    starts_on: date
    ends_on: date
    reference: str
    result: Result | None
    organisation_id: UUID
    name_zh: str
    name_en: str


def look_up(
    session: Session,
    vault: Vault,
    organisation_id: UUID,
    district_id: UUID,
    compound_ids: Collection[UUID],
    lines: Sequence[RiderLine],
) -> Covering:
    """Which of `lines` a live filing covers already, and which riders are known at all.

    A filing is live unless it was refused or returned, its line unless excepted, refused or dropped. It covers a line
    when it is about all of `compound_ids` and its period has a day in common with the line's. A returned filing is not
    live because its filer can take lines out of it but not correct them: the corrected list must be let in.
    """
    phones = {vault.blind(PHONE, line.phone): line for line in lines}
    filed = _filed(session, district_id, list(phones))
    places = _places(session, {row.matter_id for row in filed if _is_live(row)})
    wanted = set(compound_ids)
    found = Covering({}, {})
    for row in filed:  # oldest first, so that the newest filing is the one named
        line = phones[row.phone_index]
        found.known[line.phone] = _known(row, vault, line, organisation_id)
        if _is_live(row) and wanted <= places[row.matter_id] and _overlaps(row, line.starts_on, line.ends_on):
            found.already[line.phone] = row.reference
    return found


def _filed(session: Session, district_id: UUID, indexes: Sequence[str]) -> list[_Filed]:
    """Every line that was ever filed for these phones, oldest first."""
    query = (
        select(
            Rider.phone_index,
            Rider.name_index,
            FilingLine.matter_id,
            FilingLine.status,
            FilingLine.starts_on,
            FilingLine.ends_on,
            Matter.reference,
            Matter.result,
            Matter.organisation_id,
            Organisation.name_zh,
            Organisation.name_en,
        )
        .join_from(FilingLine, Rider, FilingLine.rider_id == Rider.id)
        .join(Matter, FilingLine.matter_id == Matter.id)
        .join(Organisation, Matter.organisation_id == Organisation.id)
        .where(Rider.district_id == district_id)
        .order_by(Matter.id)
    )
    parts = (query.where(Rider.phone_index.in_(part)) for part in _chunks(indexes))
    return [_Filed(*row) for part in parts for row in session.execute(part)]


def _places(session: Session, matter_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """The compounds of each matter."""
    places: dict[UUID, set[UUID]] = defaultdict(set)
    for part in _chunks(list(matter_ids)):
        query = select(MatterPlace.matter_id, MatterPlace.compound_id).where(MatterPlace.matter_id.in_(part))
        for matter_id, compound_id in session.execute(query):
            if compound_id is not None:  # a filing is about compounds only
                places[matter_id].add(compound_id)
    return places


def _is_live(row: _Filed) -> bool:
    return row.status in LIVE_LINES and row.result not in {Result.REFUSED, Result.RETURNED}


def _overlaps(row: _Filed, starts_on: date, ends_on: date) -> bool:
    return row.starts_on <= ends_on and starts_on <= row.ends_on


def _known(row: _Filed, vault: Vault, line: RiderLine, organisation_id: UUID) -> Known:
    is_own = row.organisation_id == organisation_id
    is_other_name = row.name_index != vault.blind(NAME, line.name)
    return Known(Title(row.name_zh, row.name_en), row.reference if is_own else "", is_other_name)


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), LOOKUP_CHUNK):
        yield values[start : start + LOOKUP_CHUNK]
