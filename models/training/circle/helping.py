"""Where one more site would help most: each place is tried. For several more at once see `tasks/circle.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.training.circle.coverage import Circle, Mask, Point, Reach
from models.training.circle.ways import Matrix, Way, Ways

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Help:
    """A place for one more site. `gain`: points that would be covered and are not; `saved`: minutes, of all points together."""

    place: Point
    gain: int
    saved: int


def covers(circle: Circle, ways: Ways, way: Way, candidates: Sequence[Point]) -> Mask:
    """Which point lies within the circle of which candidate: a row for each candidate."""
    return _metres(circle, ways, way, candidates) <= circle.rules.minutes * circle.speed(way)


def best_places(circle: Circle, ways: Ways, way: Way, reach: Reach, candidates: Sequence[Point]) -> list[Help]:
    """Where one more site that is open when `reach` was measured helps most, then a second after that, and a third.

    By gain, then by minutes saved. The first is the best that there is; of several at once there may be better ones.
    """
    if not candidates or reach.is_covered.all():
        return []
    metres = _metres(circle, ways, way, candidates)
    limit = circle.rules.minutes * circle.speed(way)
    is_near, minutes = metres <= limit, metres / np.float32(circle.speed(way))
    before = np.minimum(reach.minutes, circle.rules.minutes * 4)  # what is farther counts as an hour
    saved = np.where(is_near, np.maximum(before - minutes, 0), 0).sum(axis=1)
    left, found = ~reach.is_covered, list[Help]()
    for _ in range(min(SHOWN, len(candidates))):
        gains = (is_near & left).sum(axis=1)
        best = max(range(len(candidates)), key=lambda one: (gains[one], saved[one], candidates[one].id))
        if not gains[best]:
            break
        found.append(Help(candidates[best], int(gains[best]), _whole(saved[best])))
        left = left & ~is_near[best]
    return found


def _metres(circle: Circle, ways: Ways, way: Way, candidates: Sequence[Point]) -> Matrix:
    here, there = [one.spot for one in circle.points], [one.spot for one in candidates]
    return ways.metres(way, there, here, circle.rules.minutes * circle.speed(way))


def _whole(minutes: Any) -> int:
    return round(float(minutes))
