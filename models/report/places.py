"""Places of reports: from a position to compound, community and street; the grid in which near ones are found.

Positions are WGS84 degrees, as phones give them and Open311 wants them. Distances are metres on a sphere, which over a
district is right to half a percent.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.district import Compound, Organisation, get_organisation
from models.errors import RuleBroken
from models.protocol.schema import Party
from models.report.categories import ReportRules
from models.words import N_

P = TypeVar("P", Compound, Organisation)

EARTH_METRES = 6_371_008.8  # mean radius (IUGG)
CELLS_A_DEGREE = 1000  # a cell is about 111 m high and, at 35° north, 91 m wide
ROW = 1_000_000  # cells in a row of the grid
METRES_A_DEGREE = 111_195.0
SHOWN_DIGITS = 3  # of a position that is shown to everybody: about a hundred metres


class PlaceMissing(RuleBroken):
    """Neither a position nor a compound nor a community."""

    sentence = N_("Say where it is: let the phone give its position, or choose the compound or the community.")
    status = 422


class PlaceUnknown(RuleBroken):
    """A position that no community of the district is near to."""

    sentence = N_("This position is outside the district. Choose the compound or the community instead.")
    status = 422


class PositionUnclear(RuleBroken):
    """Not a position on earth."""

    sentence = N_("A position has a latitude from -90 to 90 and a longitude from -180 to 180, in degrees (WGS84).")
    status = 422


@dataclass(frozen=True, slots=True)
class Position:
    """A position in WGS84 degrees; `accuracy_metres` as the device tells it. Raises `PositionUnclear`."""

    latitude: float
    longitude: float
    accuracy_metres: int | None = None

    def __post_init__(self) -> None:
        if not (abs(self.latitude) <= 90 and abs(self.longitude) <= 180):  # noqa: PLR2004 - degrees; NaN fails too
            raise PositionUnclear()

    @property
    def cell(self) -> int:
        """The number of its square of the grid."""
        return _row(self.latitude) * ROW + _column(self.longitude)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where something is: the compound, if it is in one, the community and its street."""

    compound: Compound | None
    community: Organisation
    street: Organisation


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of positions, ends included."""

    south: float
    west: float
    north: float
    east: float

    def rows(self) -> list[tuple[int, int]]:
        """The first and last square of each row of the grid that it touches."""
        west, east = _column(self.west), _column(self.east)
        return [(row * ROW + west, row * ROW + east) for row in range(_row(self.south), _row(self.north) + 1)]


def _row(latitude: float) -> int:
    return math.floor((latitude + 90) * CELLS_A_DEGREE)


def _column(longitude: float) -> int:
    return math.floor((longitude + 180) * CELLS_A_DEGREE)


def metres_between(one: Position, other: Position) -> float:
    """The distance on the sphere (haversine)."""
    lat1, lat2 = math.radians(one.latitude), math.radians(other.latitude)
    half_lat, half_lon = (lat2 - lat1) / 2, math.radians(other.longitude - one.longitude) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lon) ** 2
    return 2 * EARTH_METRES * math.asin(math.sqrt(min(1.0, chord)))


def around(centre: Position, metres: float) -> Box:
    """The box that holds everything within `metres`."""
    high = metres / METRES_A_DEGREE
    wide = high / max(math.cos(math.radians(centre.latitude)), 0.01)
    return Box(centre.latitude - high, centre.longitude - wide, centre.latitude + high, centre.longitude + wide)


def place(
    session: Session,
    rules: ReportRules,
    district_id: UUID,
    position: Position | None,
    compound_id: UUID | None,
    community_id: UUID | None,
) -> Placed:
    """Where a report belongs. What its reporter chose goes before what the position tells.

    Raises `PlaceMissing`, `PlaceUnknown`, `NotFound`.
    """
    if compound_id is not None:
        compound = session.get(Compound, compound_id)
        if compound is None or compound.district_id != district_id:
            raise PlaceMissing()
        return _placed(session, compound, compound.community_id)
    if community_id is not None:
        chosen = get_organisation(session, community_id)
        if chosen.party is not Party.COMMUNITY or chosen.district_id != district_id:
            raise PlaceMissing()
        return _placed(session, None, community_id)
    if position is None:
        raise PlaceMissing()
    return _place_position(session, rules, district_id, position)


def _place_position(session: Session, rules: ReportRules, district_id: UUID, position: Position) -> Placed:
    found = nearest_compounds(session, district_id, position, rules.compound_metres)
    if found:
        return _placed(session, found[0], found[0].community_id)
    query = select(Organisation).where(
        Organisation.district_id == district_id,
        Organisation.party == Party.COMMUNITY,
        Organisation.latitude.is_not(None),
    )
    by_distance = _nearest(session.scalars(query).all(), position, rules.community_metres)
    if not by_distance:
        raise PlaceUnknown()
    return _placed(session, None, by_distance[0].id)


def shown_to_all(position: Position | None, compound: Compound | None) -> tuple[float | None, float | None]:
    """What the public sees of a position: the compound's middle, or rounded; (None, None) where there is neither."""
    if compound is not None and compound.latitude is not None and compound.longitude is not None:
        return compound.latitude, compound.longitude
    if position is None:
        return None, None
    return round(position.latitude, SHOWN_DIGITS), round(position.longitude, SHOWN_DIGITS)


def nearest_compounds(session: Session, district_id: UUID, position: Position, metres: float) -> list[Compound]:
    """The compounds within `metres`, the nearest first."""
    box = around(position, metres)
    query = select(Compound).where(
        Compound.district_id == district_id,
        Compound.latitude.between(box.south, box.north),
        Compound.longitude.between(box.west, box.east),
    )
    return _nearest(session.scalars(query).all(), position, metres)


def _nearest(listed: Sequence[P], position: Position, metres: float) -> list[P]:
    away = [(distance, one) for one, distance in _distances(listed, position) if distance <= metres]
    return [one for _, one in sorted(away, key=lambda pair: (pair[0], pair[1].code))]


def _distances(listed: Iterable[P], position: Position) -> Iterable[tuple[P, float]]:
    for one in listed:
        if one.latitude is not None and one.longitude is not None:
            yield one, metres_between(position, Position(one.latitude, one.longitude))


def _placed(session: Session, compound: Compound | None, community_id: UUID) -> Placed:
    community = get_organisation(session, community_id)
    if community.parent_id is None:
        raise PlaceMissing()
    return Placed(compound, community, get_organisation(session, community.parent_id))
