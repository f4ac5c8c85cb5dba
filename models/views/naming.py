"""Names looked up in bulk: organisations, officers and compounds of many rows in one query each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.district import Compound, Organisation
from models.matter import Matter, MatterKind, MatterPlace
from models.officer import Officer
from models.protocol.schema import Title


def organisation_names(session: Session, ids: Iterable[UUID]) -> Mapping[UUID, Title]:
    """The names of these organisations."""
    query = select(Organisation.id, Organisation.name_zh, Organisation.name_en)
    rows = session.execute(query.where(Organisation.id.in_(set(ids))))
    return {one: Title(zh, en) for one, zh, en in rows}


def officer_names(session: Session, ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """The names of these officers."""
    rows = session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(set(ids))))
    return dict(rows.all())


@dataclass(frozen=True, slots=True)
class Named:
    """What people call a matter by: its kind, its places and how many lines it has."""

    kind: MatterKind
    compounds: tuple[Title, ...]
    line_count: int


def matters_named(session: Session, references: Iterable[str]) -> Mapping[str, Named]:
    """The matters of these references. The caller has made sure that whoever asks may read them."""
    query = select(Matter.reference, Matter.id, Matter.kind, Matter.line_count).where(
        Matter.reference.in_(set(references))
    )
    found = session.execute(query).all()
    places = compound_names(session, (row.id for row in found))
    return {row.reference: Named(row.kind, places.get(row.id, ()), row.line_count) for row in found}


def names_by_code(session: Session, codes: Iterable[str]) -> Mapping[str, Title]:
    """The names of the organisations and compounds of these codes."""
    wanted = set(codes)
    found: dict[str, Title] = {}
    for table in (Organisation, Compound) if wanted else ():
        query = select(table.code, table.name_zh, table.name_en).where(table.code.in_(wanted))
        found |= {code: Title(zh, en) for code, zh, en in session.execute(query)}
    return found


def compound_names(session: Session, matter_ids: Iterable[UUID]) -> Mapping[UUID, tuple[Title, ...]]:
    """The places of each matter, by code: compounds, or a community for what lies outside of any."""
    code = func.coalesce(Compound.code, Organisation.code)
    zh, en = (func.coalesce(getattr(Compound, name), getattr(Organisation, name)) for name in ("name_zh", "name_en"))
    query = (
        select(MatterPlace.matter_id, zh, en)
        .outerjoin(Compound, MatterPlace.compound_id == Compound.id)
        .outerjoin(Organisation, MatterPlace.community_id == Organisation.id)
        .where(MatterPlace.matter_id.in_(set(matter_ids)))
        .order_by(code)
    )
    found: dict[UUID, tuple[Title, ...]] = {}
    for matter_id, zh, en in session.execute(query):
        found[matter_id] = (*found.get(matter_id, ()), Title(zh, en))
    return found
