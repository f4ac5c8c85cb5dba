"""Search: by reference, plate, name or phone, among the matters that the asker may read.

Plates, names and phones are looked up by their blind index: the database is never asked in plain words, and nothing of
what was searched for is kept.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.crypto import Vault, mask_name, mask_plate
from models.district import District, get_organisation
from models.errors import RuleBroken
from models.filing.tables import FilingLine
from models.matter import Matter, Reader, reads_by_right
from models.officer import Identity
from models.rider import NAME, PHONE, PLATE, Rider
from models.rider_rules import spelled
from models.views.matters import MatterRow, matter_rows
from models.words import N_

Found = TypeVar("Found")

MOST_FOUND = 50
SHORTEST = 2
SIGNS = "备哨"  # with which the references of each kind of matter begin
LONGEST = 60
REFERENCE_LIKE = re.compile(
    r"[\u4e00-\u9fff]?20\d{2}-?\d{0,8}"
)  # no phone begins so: phones are never asked for plainly


class SearchTooShort(RuleBroken):
    """Too little to look for."""

    sentence = N_("Type at least two signs: a reference such as 备2026-000012, a plate, a rider's whole name or phone.")
    status = 422


@dataclass(frozen=True, slots=True)
class Hit:
    """A matter that was found, and the lines that matched, masked: number, name, plate."""

    row: MatterRow
    lines: tuple[tuple[int, str, str], ...]


def search(session: Session, who: Identity, vault: Vault, text: str, at: datetime) -> tuple[Hit, ...]:
    """The newest matters that the words lead to, at most `MOST_FOUND`. Raises `SearchTooShort`."""
    words = unicodedata.normalize("NFKC", text).strip()
    if not SHORTEST <= len(words) <= LONGEST:
        raise SearchTooShort()
    lines = _lines(session, who, vault, words)
    plain = "".join(words.split()).upper()
    by_reference = _by_reference(session, who, plain) if REFERENCE_LIKE.fullmatch(plain) else []
    ids = list(dict.fromkeys([*by_reference, *(line.matter_id for line in lines)]))[:MOST_FOUND]
    matched = {matter_id: [line for line in lines if line.matter_id == matter_id] for matter_id in ids}
    return tuple(
        Hit(row, tuple(_masked(vault, line) for line in matched[row.matter_id]))
        for row in matter_rows(session, who, ids, at)
    )


def _by_reference(session: Session, who: Identity, words: str) -> Sequence[UUID]:
    """Matters whose reference begins so; 2026-000012 finds 备2026-000012 and 哨2026-000012.

    A whole reference leads also to one that may be read without having come to the asker (`matter.reads_by_right`).
    """
    begun = [words] if not words[0].isdigit() else [f"{sign}{words}" for sign in SIGNS]
    query = select(Matter.id).where(
        or_(*(and_(Matter.reference >= one, Matter.reference < one + "\uffff") for one in begun))
    )
    query = _readable(session, query, who, Matter.id).order_by(Matter.reference.desc()).limit(MOST_FOUND)
    found = session.scalars(query).all()
    if found:
        return found
    whole = session.scalars(select(Matter).where(Matter.reference.in_(begun)).order_by(Matter.reference.desc()))
    return [one.id for one in whole if reads_by_right(session, one, who.organisation_id)]


def _lines(session: Session, who: Identity, vault: Vault, words: str) -> Sequence[FilingLine]:
    """The newest lines of riders of that phone, plate or whole name, in any spelling that could be filed."""
    query = select(FilingLine)
    if phone := spelled("phone", words):
        query = query.where(FilingLine.rider_id.in_(_riders(Rider.phone_index == vault.blind(PHONE, phone))))
    elif plate := spelled("plate", words):
        query = query.where(FilingLine.plate_index == vault.blind(PLATE, plate))
    elif (name := spelled("name", words)) and not any(sign.isdigit() for sign in name):
        query = query.where(FilingLine.rider_id.in_(_riders(Rider.name_index == vault.blind(NAME, name))))
    else:
        return []
    query = _readable(session, query, who, FilingLine.matter_id)
    return session.scalars(query.order_by(FilingLine.matter_id.desc(), FilingLine.number).limit(MOST_FOUND)).all()


def _riders(condition: ColumnElement[bool]) -> Select[UUID]:
    """Their index begins with the district."""
    return select(Rider.id).where(Rider.district_id.in_(select(District.id)), condition)


def _readable(
    session: Session, query: Select[Found], who: Identity, matter_id: InstrumentedAttribute[UUID]
) -> Select[Found]:
    """Only of matters that came to the asker's organisation; the lead department's are those of its district."""
    if who.is_administrator:
        return query
    own = get_organisation(session, who.organisation_id)
    if own.is_lead:
        query = query if matter_id is Matter.id else query.join(Matter, Matter.id == matter_id)
        return query.where(Matter.district_id == own.district_id)
    return query.join(Reader, (Reader.matter_id == matter_id) & (Reader.organisation_id == who.organisation_id))


def _masked(vault: Vault, line: FilingLine) -> tuple[int, str, str]:
    plate = mask_plate(vault.open(line.plate_sealed)) if line.plate_sealed else ""
    return line.number, mask_name(vault.open(line.name_sealed)), plate
