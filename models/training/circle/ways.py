"""Ways on foot and by e-bike: how many metres from here to there. The straight line made longer, or a road graph.

Positions are WGS84 degrees. Matrices are float32, a row for each site, a column for each point; infinity where no way leads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.report.places import EARTH_METRES

Spot = tuple[float, float]  # latitude, longitude
Matrix = NDArray[np.float32]
Vectors = NDArray[np.float64]
METRES_A_MINUTE = 1000 / 60  # at 1 km/h


class Way(StrEnum):
    """How one moves."""

    FOOT = "foot"
    EBIKE = "ebike"


class Ways(Protocol):
    """Whatever knows how long ways are."""

    @property
    def is_by_road(self) -> bool:
        """Whether it knows the roads."""
        ...

    def metres(self, way: Way, sites: Sequence[Spot], points: Sequence[Spot], limit: float) -> Matrix:
        """From each point to each site, in metres. What is farther than `limit` may be said to be infinitely far."""
        ...


@dataclass(frozen=True, slots=True)
class Straight:
    """The straight line times a detour: what is known of a town without a map of its roads. It knows no river."""

    detour: float

    @property
    def is_by_road(self) -> bool:
        """No."""
        return False

    def metres(self, way: Way, sites: Sequence[Spot], points: Sequence[Spot], limit: float) -> Matrix:  # noqa: ARG002 - as the protocol says
        """The same on foot and by e-bike."""
        found = np.empty((len(sites), len(points)), np.float32)
        if not sites or not points:
            return found
        here, there = vectors(points), vectors(sites)
        middle = here[0]  # seen from within the town, single precision is right to the millimetre
        columns = [_scaled(here[:, axis] - middle[axis], self.detour) for axis in range(3)]
        ends = _scaled(there - middle, self.detour)
        for row, end in enumerate(ends):  # row by row: the rest of memory stays small
            squares = [np.square(column - part) for column, part in zip(columns, end, strict=True)]
            np.sqrt(squares[0] + squares[1] + squares[2], out=found[row])  # over ground it is 8 mm longer at 20 km
        return found


def _scaled(away: Vectors, detour: float) -> Matrix:
    return np.ascontiguousarray(away * (EARTH_METRES * detour), np.float32)


def vectors(spots: Sequence[Spot] | Vectors) -> Vectors:
    """Positions as unit vectors from the middle of the earth, [n, 3]."""
    angles = np.radians(np.asarray(spots, np.float64).reshape(-1, 2))
    latitude, longitude = angles[:, 0], angles[:, 1]
    flat = np.cos(latitude)
    return np.column_stack((flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)))


def arc(chord: Vectors) -> Vectors:
    """Metres over ground for the straight distance between two unit vectors; exact to the millimetre within a town."""
    return 2 * EARTH_METRES * np.arcsin(np.minimum(chord / 2, 1))
