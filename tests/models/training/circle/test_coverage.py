"""Coverage by community and time of day, and where one more site would help most."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.protocol.schema import Title
from models.training.circle.coverage import Moment, Point, PointKind, Reach, Target, by_community, measure, nearest
from models.training.circle.helping import best_places, covers
from models.training.circle.ways import Straight, Way
from models.training.ruling import training_rules

RULES = training_rules().circle
WAYS = Straight(RULES.detour)
MONDAY_10, MONDAY_20 = Moment(1, 600), Moment(1, 1200)
DAYTIME, EVENING = ((1, 480, 1080),), ((1, 1080, 1320),)
KM = 0.009  # degrees of latitude; 15 minutes on foot are 865 m in a straight line, by e-bike 2.9 km


def point(north: float, community: str = "a", name: str = "") -> Point:
    """A compound so many kilometres to the north of the town's middle."""
    name = name or f"{north}"
    return Point(name, PointKind.COMPOUND, Title(name, name), community, (35.2 + north * KM, 113.2))


def target(north: float, hours=DAYTIME) -> Target:
    """A site."""
    return Target(f"site {north}", Title("点", "Site"), (35.2 + north * KM, 113.2), hours)


def test_what_is_open_decides_what_is_near():
    circle = measure(RULES, WAYS, [point(0), point(5)], [target(0), target(5, EVENING)])
    day, evening, night = (circle.reach(Way.FOOT, one) for one in (MONDAY_10, MONDAY_20, Moment(1, 120)))
    assert day.nearest.tolist() == [0, 0]
    assert day.is_covered.tolist() == [True, False]
    assert evening.nearest.tolist() == [1, 1]
    assert evening.is_covered.tolist() == [False, True]
    assert night.nearest.tolist() == [-1, -1]
    assert np.isinf(night.minutes).all()
    assert circle.reach(Way.FOOT, None).is_covered.all()
    assert not circle.reach(Way.FOOT, Moment(2, 600)).is_covered.any()


@pytest.mark.parametrize(("minute", "is_open"), [(479, False), (480, True), (1079, True), (1080, False)])
def test_the_last_minute_is_not_included(minute, is_open):
    assert target(0).is_open(Moment(1, minute)) is is_open


def test_the_circle_is_wider_by_e_bike():
    circle = measure(RULES, WAYS, [point(0.8), point(2), point(4)], [target(0)])
    assert circle.reach(Way.FOOT, MONDAY_10).is_covered.tolist() == [True, False, False]
    assert circle.reach(Way.EBIKE, MONDAY_10).is_covered.tolist() == [True, True, False]


def test_the_worst_community_stands_first():
    points = [
        point(0, "good"),
        point(0.5, "half"),
        point(2, "half"),
        point(3, "near"),
        point(9, "far"),
        point(40, "far"),
    ]
    circle = measure(RULES, WAYS, points, [target(0)])
    rows = by_community(points, {way: circle.reach(way, MONDAY_10) for way in Way}, Way.FOOT)
    assert [one.community for one in rows] == ["far", "near", "half", "good"]
    half = rows[2]
    assert (half.points, half.covered, half.share(Way.FOOT)) == (2, {Way.FOOT: 1, Way.EBIKE: 2}, 0.5)
    assert (half.farthest[Way.FOOT], half.farthest[Way.EBIKE]) == (35, 11)
    assert rows[0].farthest == {Way.FOOT: None, Way.EBIKE: None}  # over an hour


def test_one_more_site_stands_where_it_brings_most_into_the_circle():
    points = [point(0), point(10), point(10.5), point(11), point(20), point(20.2)]
    circle = measure(RULES, WAYS, points, [target(0)])
    reach = circle.reach(Way.FOOT, MONDAY_10)
    first, second = best_places(circle, WAYS, Way.FOOT, reach, points)
    assert (first.place.id, first.gain) == ("10.5", 3)  # between the other two
    assert second.place.id in {"20", "20.2"}
    assert second.gain == 2
    assert first.saved > second.saved > 0
    near = covers(circle, WAYS, Way.FOOT, points)
    assert near[2].tolist() == [False, True, True, True, False, False]


def test_where_everything_is_covered_nothing_is_proposed():
    points = [point(0), point(0.1)]
    circle = measure(RULES, WAYS, points, [target(0)])
    assert best_places(circle, WAYS, Way.FOOT, circle.reach(Way.FOOT, MONDAY_10), points) == []
    assert best_places(circle, WAYS, Way.FOOT, circle.reach(Way.FOOT, MONDAY_20), []) == []


PLACES = st.lists(st.floats(0, 6), min_size=1, max_size=12)


@given(norths=PLACES, sites=PLACES, way=st.sampled_from(list(Way)))
def test_the_gain_is_what_the_site_really_brings_and_no_other_place_brings_more(norths, sites, way):
    points = [point(north, name=str(number)) for number, north in enumerate(norths)]
    targets = [target(north) for north in sites[:2]]

    def covered(more: list[Target]) -> int:
        return int(measure(RULES, WAYS, points, [*targets, *more]).reach(way, MONDAY_10).is_covered.sum())

    circle = measure(RULES, WAYS, points, targets)
    found = best_places(circle, WAYS, way, circle.reach(way, MONDAY_10), points)
    gains = [covered([Target("new", one.name, one.spot, DAYTIME)]) - covered([]) for one in points]
    assert max(gains) == (found[0].gain if found else 0)
    if found:
        assert gains[points.index(found[0].place)] == found[0].gain


@given(norths=PLACES, sites=PLACES)
def test_one_site_more_never_covers_less(norths, sites):
    points = [point(north) for north in norths]
    counts = [
        int(
            measure(RULES, WAYS, points, [target(one) for one in sites[:some]])
            .reach(Way.FOOT, MONDAY_10)
            .is_covered.sum()
        )
        for some in range(len(sites) + 1)
    ]
    assert counts == sorted(counts)


def test_without_targets_or_points_nothing_breaks():
    empty = np.empty((0, 3), np.float32)
    reach = nearest(empty, np.zeros(0, bool), 75.0, 15)
    assert isinstance(reach, Reach)
    assert reach.nearest.tolist() == [-1, -1, -1]
    assert measure(RULES, WAYS, [], [target(0)]).reach(Way.FOOT, MONDAY_10).minutes.shape == (0,)
