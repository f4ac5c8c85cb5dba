"""The 15-minute circle of 100,000 points against 100 sites, on foot and by e-bike, by community: seconds against 2.

Straight lines by default, as in a district without a road map; beside it the same by a road graph of 40,000 crossings, made here.
"""

import random
import statistics
import sys
import time

import numpy as np
from scipy.sparse import csr_array

from benchmarks.staging import Row, row
from models.protocol.schema import Title
from models.training.circle import coverage
from models.training.circle.coverage import Moment, Point, PointKind, Target, by_community
from models.training.circle.roads import Network, Roads
from models.training.circle.ways import Spot, Straight, Way, Ways, vectors
from models.training.ruling import training_rules

POINTS, SITES, COMMUNITIES = 100_000, 100, 35
BOUND_SECONDS = 2.0
SOUTH_WEST, SIZE = (35.19, 113.20), (0.09, 0.11)  # degrees: about 10 km by 10 km
CROSSINGS = 200  # a side: a street every 50 m
TIMES = 3
NAME = Title("点", "Point")


def somewhere(chance: random.Random) -> Spot:
    """A place in the town."""
    return SOUTH_WEST[0] + chance.random() * SIZE[0], SOUTH_WEST[1] + chance.random() * SIZE[1]


def grid(detour: float) -> Roads:
    """A town of straight streets."""
    north, east = (np.linspace(start, start + size, CROSSINGS) for start, size in zip(SOUTH_WEST, SIZE, strict=True))
    spots = vectors(np.column_stack([one.ravel() for one in np.meshgrid(north, east, indexing="ij")]))
    number = np.arange(CROSSINGS * CROSSINGS).reshape(CROSSINGS, CROSSINGS)
    pairs = [(number[1:], number[:-1]), (number[:, 1:], number[:, :-1])]
    begin = np.concatenate([one.ravel() for one, _ in pairs])
    end = np.concatenate([one.ravel() for _, one in pairs])
    lengths = np.linalg.norm(spots[begin] - spots[end], axis=1) * 6_371_008.8
    both = (np.tile(lengths, 2), (np.concatenate([begin, end]), np.concatenate([end, begin])))
    network = Network(spots, csr_array(both, shape=(len(spots), len(spots))))
    return Roads("made", dict.fromkeys(Way, network), detour)


def measure_all(points: list[Point], targets: list[Target], ways: Ways) -> float:
    """Seconds for coverage by community at one time of the week, both ways."""
    begun = time.perf_counter()
    circle = coverage.measure(training_rules().circle, ways, points, targets)
    rows = by_community(points, {way: circle.reach(way, Moment(1, 600)) for way in Way}, Way.FOOT)
    taken = time.perf_counter() - begun
    assert len(rows) == COMMUNITIES
    assert sum(one.points for one in rows) == len(points)
    return taken


def measure(count: int = POINTS, sites: int = SITES) -> Row:
    """Seconds by straight lines, the median; the other is the bound."""
    chance, detour = random.Random(1), training_rules().circle.detour
    points = [
        Point(f"{number}", PointKind.COMPOUND, NAME, f"{number % COMMUNITIES}", somewhere(chance))
        for number in range(count)
    ]
    targets = [Target(f"{number}", NAME, somewhere(chance), ((1, 480, 1080),)) for number in range(sites)]
    taken = [measure_all(points, targets, Straight(detour)) for _ in range(TIMES)]
    by_road = measure_all(points, targets, grid(detour))
    return row(
        "circle",
        [statistics.median(taken)],
        [BOUND_SECONDS],
        f"s, coverage of {count} points against {sites} sites",
        by_road_seconds=round(by_road, 2),
        crossings=CROSSINGS * CROSSINGS,
        worst_seconds=round(max(taken), 2),
    )


if __name__ == "__main__":
    print(measure(*map(int, sys.argv[1:])))
