"""Who reaches something within the circle: by community, by time of day, and what one more site would add.

A point is a compound, a community's service centre or a rider base; a target is a training site with its hours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.protocol.schema import Title
from models.training.circle.ways import METRES_A_MINUTE, Matrix, Spot, Way, Ways
from models.training.ruling import CircleRules

Mask = NDArray[np.bool_]
FAR_MINUTES = 60  # farther than that nobody wants to know how far


class PointKind(StrEnum):
    """From where riders come."""

    COMPOUND = "compound"
    CENTRE = "centre"  # a community's service centre
    BASE = "base"  # a platform's station


@dataclass(frozen=True, slots=True)
class Point:
    """From where the way begins. `community`: the id of the community on whose ground it is."""

    id: str
    kind: PointKind
    name: Title
    community: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Target:
    """Where the way leads: a site, with its hours as `(weekday, first minute, last minute)`."""

    id: str
    name: Title
    spot: Spot
    hours: tuple[tuple[int, int, int], ...]

    def is_open(self, moment: "Moment") -> bool:
        """Whether somebody who comes then finds it open."""
        return any(day == moment.weekday and first <= moment.minute < last for day, first, last in self.hours)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of the week: weekday 1 (Monday) to 7, minute of the day, in Asia/Shanghai."""

    weekday: int
    minute: int


@dataclass(frozen=True, slots=True)
class Reach:
    """For each point: minutes to the nearest open target (infinite: none), which one (-1: none), and whether in the circle."""

    minutes: NDArray[np.float32]
    nearest: NDArray[np.int64]
    is_covered: Mask


@dataclass(frozen=True, slots=True)
class CommunityCover:
    """How many of a community's points are covered, by way; `farthest`: minutes of the worst one (None: more than an hour)."""

    community: str
    points: int
    covered: Mapping[Way, int]
    farthest: Mapping[Way, int | None]

    def share(self, way: Way) -> float:
        """From 0 to 1."""
        return self.covered[way] / self.points


@dataclass(frozen=True, slots=True)
class Circle:
    """Everything that coverage is computed from; `metres` by way: a row for each target, a column for each point."""

    rules: CircleRules
    points: Sequence[Point]
    targets: Sequence[Target]
    metres: Mapping[Way, Matrix]

    def speed(self, way: Way) -> float:
        """Metres a minute."""
        return (self.rules.foot_kmh if way is Way.FOOT else self.rules.ebike_kmh) * METRES_A_MINUTE

    def reach(self, way: Way, moment: Moment | None) -> Reach:
        """The nearest target that is open then; of all targets where no moment is said."""
        is_open = [moment is None or one.is_open(moment) for one in self.targets]
        return nearest(self.metres[way], np.asarray(is_open, bool), self.speed(way), self.rules.minutes)


def measure(rules: CircleRules, ways: Ways, points: Sequence[Point], targets: Sequence[Target]) -> Circle:
    """Measure all ways once: every weekday and minute is then answered from the same matrix."""
    here, there = [one.spot for one in points], [one.spot for one in targets]
    speeds = {Way.FOOT: rules.foot_kmh, Way.EBIKE: rules.ebike_kmh}
    limits = {way: FAR_MINUTES * kmh * METRES_A_MINUTE for way, kmh in speeds.items()}
    return Circle(rules, points, targets, {way: ways.metres(way, there, here, limit) for way, limit in limits.items()})


def nearest(metres: Matrix, is_open: Mask, speed: float, circle_minutes: float) -> Reach:
    """For each column the nearest of the rows that are open."""
    count = metres.shape[1]
    best, which = np.full(count, np.inf, np.float32), np.full(count, -1, np.int64)
    for row in np.flatnonzero(is_open):  # row by row: ten times as fast as a search down the columns
        is_nearer = metres[row] < best
        np.copyto(best, metres[row], where=is_nearer)
        np.copyto(which, row, where=is_nearer)
    minutes = best / np.float32(speed)
    return Reach(minutes, which, minutes <= circle_minutes)


def by_community(points: Sequence[Point], reaches: Mapping[Way, Reach], way: Way) -> list[CommunityCover]:
    """The communities' coverage, the worst by `way` first: the smallest share, then the farthest point."""
    order = sorted({one.community for one in points})
    places = {community: place for place, community in enumerate(order)}
    index = np.asarray([places[one.community] for one in points], np.int64)
    counts = np.bincount(index, minlength=len(order))
    covered = {one: np.bincount(index, reach.is_covered, len(order)).astype(int) for one, reach in reaches.items()}
    worst = {one: _worst(index, reach, len(order)) for one, reach in reaches.items()}
    rows = [
        CommunityCover(
            community,
            int(counts[place]),
            {one: int(covered[one][place]) for one in reaches},
            {one: _whole(worst[one][place]) for one in reaches},
        )
        for place, community in enumerate(order)
    ]
    return sorted(rows, key=lambda one: (one.share(way), -worst[way][places[one.community]], one.community))


def _worst(index: NDArray[np.int64], reach: Reach, count: int) -> NDArray[np.float32]:
    worst = np.zeros(count, np.float32)
    np.maximum.at(worst, index, reach.minutes)
    return worst


def _whole(minutes: Any) -> int | None:
    """Minutes, rounded up; None for more than an hour, which is not looked into."""
    return int(np.ceil(minutes)) if minutes <= FAR_MINUTES else None
