"""Training sites 实训点: made, changed and closed by their community or by the property company whose hall it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import uuid7
from models.district import Compound, District, Organisation, get_organisation
from models.errors import NotAllowed, NotFound, RuleBroken, check_version
from models.matter import take_number
from models.officer import Identity, check_may_act
from models.protocol.schema import Party
from models.report.places import Position
from models.training.entering import (
    check_address,
    check_equipment,
    check_hours,
    check_name,
    check_number,
)
from models.training.problem import Hours
from models.training.ruling import TrainingRules
from models.training.tables import Event, EventStatus, Site
from models.words import N_

MOST_SEATS = 1000


class NotOurGround(RuleBroken):
    """A site lies in a community; a property company's hall where it manages a compound."""

    sentence = N_(
        "A site is entered by the community on whose ground it is, or by the property company whose hall it is, where "
        "it manages a compound. Choose another community or owner."
    )
    status = 422


class SiteInUse(RuleBroken):
    """Riders hold places there."""

    sentence = N_(
        "{count} published sessions are still to come at this site. Cancel or move them first, then close it."
    )


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """What is entered about a site. `owner_id` None: the community's own. Hours as in `models.training.problem`."""

    name_zh: str
    name_en: str
    address: str
    community_id: UUID
    latitude: float
    longitude: float
    capacity: int
    hours: Sequence[Hours]
    equipment: Sequence[str] = ()
    child_places: int = 0
    owner_id: UUID | None = None


def make_site(session: Session, rules: TrainingRules, who: Identity, entry: SiteEntry) -> Site:
    """A new open site. Raises `OnlyReads`, `NotAllowed`, `NotOurGround`, and what is wrong with the entry."""
    _check_whose(session, who, entry)
    community = get_organisation(session, entry.community_id)
    district = session.get_one(District, community.district_id)
    number = take_number(session, f"site:{district.id}")
    site = Site(id=uuid7(), district_id=district.id, code=f"{district.code}-S{number:04d}")
    _fill(rules, site, entry)
    session.add(site)
    session.flush()
    return site


def change_site(
    session: Session,
    rules: TrainingRules,
    who: Identity,
    site_id: UUID,
    entry: SiteEntry,
    expected_version: int | None,
) -> Site:
    """Put it right; community and owner stay within those who may enter it. What is published stays as it is.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `NotOurGround`, and what is wrong with the entry.
    """
    site = _ours(session, who, site_id, expected_version)
    _check_whose(session, who, entry)
    _fill(rules, site, entry)
    site.version += 1
    return site


def open_site(
    session: Session, who: Identity, site_id: UUID, expected_version: int | None, at: datetime, *, is_open: bool
) -> Site:
    """Close it, or open it again: a closed one is in no new timetable.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `SiteInUse`.
    """
    site = _ours(session, who, site_id, expected_version)
    coming = select(Event.id).where(
        Event.site_id == site.id, Event.status == EventStatus.PUBLISHED, Event.starts_at > at
    )
    if not is_open and (count := len(session.scalars(coming).all())):
        raise SiteInUse(count=count)
    if site.is_open != is_open:
        site.is_open = is_open
        site.version += 1
    return site


def _ours(session: Session, who: Identity, site_id: UUID, expected_version: int | None) -> Site:
    check_may_act(who)
    site = session.get(Site, site_id, with_for_update=True)
    if site is None:
        raise NotFound()
    if who.organisation_id not in {site.community_id, site.owner_id}:
        raise NotAllowed()
    check_version(site.version, expected_version)
    return site


def _check_whose(session: Session, who: Identity, entry: SiteEntry) -> None:
    """The community enters its own and halls on its ground, a property company its own halls."""
    check_may_act(who)
    if who.party not in {Party.COMMUNITY, Party.PROPERTY}:
        raise NotAllowed()
    owner_id = entry.owner_id or entry.community_id
    if who.organisation_id not in {entry.community_id, owner_id}:
        raise NotOurGround()
    community = session.get(Organisation, entry.community_id)
    if community is None or community.party is not Party.COMMUNITY:
        raise NotOurGround()
    managed = select(Compound.id).where(Compound.community_id == community.id, Compound.property_id == owner_id)
    if owner_id != community.id and session.execute(managed.limit(1)).first() is None:
        raise NotOurGround()


def _fill(rules: TrainingRules, site: Site, entry: SiteEntry) -> None:
    Position(entry.latitude, entry.longitude)
    site.name_zh, site.name_en = check_name(entry.name_zh, entry.name_en)
    site.address = check_address(entry.address)
    site.community_id, site.owner_id = entry.community_id, entry.owner_id or entry.community_id
    site.latitude, site.longitude = entry.latitude, entry.longitude
    site.capacity = check_number(entry.capacity, 1, MOST_SEATS)
    site.child_places = check_number(entry.child_places, 0, MOST_SEATS)
    site.equipment = check_equipment(rules, entry.equipment)
    site.hours = check_hours(entry.hours)
