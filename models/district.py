"""The district: its organisations 单位, the compounds 小区, and who stands above whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, uuid7
from models.errors import NotFound
from models.protocol.schema import Party, SeatRule, Title


class District(Base):
    """A district with its administrative code (GB/T 2260) and the sign that opens its resolution numbers."""

    __tablename__ = "district"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    sign: Mapped[str]  # 山 in 山协〔2026〕12号


class Organisation(Base):
    """A body of one party kind. `parent_id` is the next level up, to which what it leaves late is escalated.

    Position of its house: WGS84 degrees, None where nobody has said it.
    """

    __tablename__ = "organisation"
    __table_args__ = (Index("ix_organisation_district_party", "district_id", "party", "function"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"))
    code: Mapped[str] = mapped_column(unique=True)
    party: Mapped[Party]
    function: Mapped[str | None]  # a department's field, e.g. "housing"; None for the other parties
    name_zh: Mapped[str]
    name_en: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    is_lead: Mapped[bool] = mapped_column(default=False)  # the district's lead department 牵头部门
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]

    @property
    def name(self) -> Title:
        """The name in both languages."""
        return Title(self.name_zh, self.name_en)


class Compound(Base):
    """A gated residential area, managed by one property company, in one community; the position of its middle (WGS84)."""

    __tablename__ = "compound"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"))
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    community_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    property_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]

    @property
    def name(self) -> Title:
        """The name in both languages."""
        return Title(self.name_zh, self.name_en)


@dataclass(frozen=True, slots=True)
class Locality:
    """A place that a matter is about: a compound or, outside of any, the ground of a community. `code`, `name` are its own.

    `property_id`: who manages the compound; None outside of any.
    """

    code: str
    name: Title
    district_id: UUID
    community_id: UUID
    property_id: UUID | None


def only_district(session: Session) -> District | None:
    """The district of this installation, or None in an empty database."""
    return session.scalars(select(District).order_by(District.code).limit(1)).first()


def get_organisation(session: Session, organisation_id: UUID) -> Organisation:
    """The organisation. Raises `NotFound`."""
    found = session.get(Organisation, organisation_id)
    if found is None:
        raise NotFound()
    return found


def compounds_of(session: Session, property_id: UUID) -> Sequence[Compound]:
    """The compounds that a property company manages, by code."""
    return session.scalars(select(Compound).where(Compound.property_id == property_id).order_by(Compound.code)).all()


def compounds(session: Session, ids: Iterable[UUID]) -> Sequence[Compound]:
    """The compounds of these ids, by code."""
    return session.scalars(select(Compound).where(Compound.id.in_(list(ids))).order_by(Compound.code)).all()


def lead_department(session: Session, district_id: UUID) -> Organisation:
    """The department that leads the programme: the end of every ladder. Raises `NotFound` where none is marked."""
    lead = session.scalars(
        select(Organisation).where(Organisation.district_id == district_id, Organisation.is_lead)
    ).first()
    if lead is None:
        raise NotFound()
    return lead


def superior(session: Session, organisation: Organisation) -> Organisation | None:
    """The next level up, or None above the lead department."""
    return None if organisation.parent_id is None else session.get(Organisation, organisation.parent_id)


def sitting(
    session: Session,
    rule: SeatRule,
    places: Sequence[Locality],
    filer_id: UUID | None = None,
    named: Sequence[UUID] = (),
) -> Sequence[Organisation]:
    """The organisations that `rule` seats for a matter about `places`, without doubles, by code.

    A declared seat is the filer's own; named ones are the departments `named`, in that order. Property companies,
    communities and their councils follow from the places, streets from the communities, departments from their function.
    """
    if rule.is_declared:
        return session.scalars(_OURSELVES, {"ids": [filer_id]}).all()
    if rule.named:
        return sorted(session.scalars(_OURSELVES, {"ids": list(named)}), key=lambda one: named.index(one.id))
    ids = {near for place in places if (near := _near(rule.party, place)) is not None}
    values: dict[str, Any] = {"ids": list(ids), "party": rule.party}
    if rule.party is Party.DEPARTMENT:
        values["function"] = rule.function
    return session.scalars(_SITTING[rule.party], values).all()


def _near(party: Party, place: Locality) -> UUID | None:
    """From which of a place's identifiers the organisations of a party follow; None where it has none of the party."""
    if party is Party.DEPARTMENT:
        return place.district_id
    return place.property_id if party is Party.PROPERTY else place.community_id


_IDS = bindparam("ids", expanding=True)
_OURSELVES = select(Organisation).where(Organisation.id.in_(_IDS))
_OF_PARTY = select(Organisation).where(Organisation.party == bindparam("party")).order_by(Organisation.code)
_SITTING = {
    Party.DEPARTMENT: _OF_PARTY.where(
        Organisation.function == bindparam("function"), Organisation.district_id.in_(_IDS)
    ),
    Party.PROPERTY: _OF_PARTY.where(Organisation.id.in_(_IDS)),
    Party.COMMUNITY: _OF_PARTY.where(Organisation.id.in_(_IDS)),
    Party.COUNCIL: _OF_PARTY.where(Organisation.parent_id.in_(_IDS)),
    Party.STREET: _OF_PARTY.where(Organisation.id.in_(select(Organisation.parent_id).where(Organisation.id.in_(_IDS)))),
}


def compounds_in_community(session: Session, community_id: UUID) -> Sequence[Compound]:
    """The compounds of a community, by code."""
    query = select(Compound).where(Compound.community_id == community_id)
    return session.scalars(query.order_by(Compound.code)).all()
