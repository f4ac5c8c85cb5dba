"""Ways: the straight line, and a town with a river and one bridge, where the straight line lies."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.report.places import Position, metres_between
from models.training.circle import roads
from models.training.circle.road_tags import directions, may_use
from models.training.circle.roads import ExtractUnreadable
from models.training.circle.ways import Straight, Way

TOWN = Path(__file__).with_name("river_town.osm")
FAR = 20_000.0
WEST, EAST = (35.2000, 113.2000), (35.2000, 113.2030)  # on the two banks: 273 m apart, the bridge 1.1 km to the north
SHOP, CORNER = (35.2000, 113.1980), (35.2050, 113.1980)
NEAR = st.tuples(st.floats(35.15, 35.3), st.floats(113.1, 113.35))


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """The town's roads, read, kept and loaded."""
    return roads.load(roads.prepare(tmp_path_factory.mktemp("roads"), TOWN), 1.3)


def metres(ways, way, start, end) -> float:
    """From one position to another."""
    return float(ways.metres(way, [end], [start], FAR)[0, 0])


@given(one=NEAR, other=NEAR)
def test_the_straight_line_is_the_distance_on_the_sphere_times_the_detour(one, other):
    expected = metres_between(Position(*one), Position(*other)) * 1.3
    assert metres(Straight(1.3), Way.FOOT, one, other) == pytest.approx(expected, rel=1e-4, abs=0.05)


def test_across_the_river_the_straight_line_lies_and_the_graph_tells_the_truth(town):
    straight = metres(Straight(1.3), Way.FOOT, WEST, EAST)
    on_foot = metres(town, Way.FOOT, WEST, EAST)
    assert straight == pytest.approx(355, abs=2)
    assert on_foot == pytest.approx(2 * 1112 + 273, abs=10)  # up to the bridge, over it, and down again
    assert on_foot > 6 * straight


def test_e_bikes_do_not_climb_stairs_and_keep_to_one_way_streets(town):
    assert metres(town, Way.FOOT, SHOP, WEST) == pytest.approx(182, abs=2)  # the stairs
    assert metres(town, Way.EBIKE, SHOP, WEST) > 500  # around the block
    assert metres(town, Way.EBIKE, WEST, CORNER) == pytest.approx(556 + 182, abs=3)
    assert metres(town, Way.EBIKE, CORNER, WEST) == pytest.approx(556 + 626, abs=3)  # not against the one-way street
    assert metres(town, Way.FOOT, CORNER, WEST) == pytest.approx(556 + 182, abs=3)


def test_a_point_beside_the_road_walks_the_bit_to_it(town):
    beside = (35.2000, 113.1999)
    assert metres(town, Way.FOOT, beside, WEST) == pytest.approx(9.1 * 1.3, abs=0.5)


def test_islands_are_no_network_and_what_is_too_far_is_infinitely_far(town):
    assert metres(town, Way.FOOT, (35.2200, 113.2200), WEST) < math.inf  # snapped past the stray footway there
    assert np.isinf(town.metres(Way.FOOT, [EAST], [WEST], 1000.0)).all()
    assert town.metres(Way.EBIKE, [], [WEST], FAR).shape == (0, 1)


def test_a_graph_is_read_once_and_kept_under_the_extracts_hash(tmp_path):
    extract, folder = tmp_path / "town.osm", tmp_path / "roads"
    extract.write_bytes(TOWN.read_bytes())
    first = roads.prepare(folder, extract)
    written = first.stat().st_mtime_ns
    assert roads.prepare(folder, extract) == first
    assert first.stat().st_mtime_ns == written
    extract.write_text(TOWN.read_text(encoding="utf-8").replace('v="steps"', 'v="footway"'), encoding="utf-8")
    assert roads.kept_roads(folder, extract, 1.3) is None
    assert roads.prepare(folder, extract) != first
    assert roads.kept_roads(folder, extract, 1.3) is not None
    assert {one.suffix for one in folder.iterdir()} == {".npz"}


@pytest.mark.parametrize("content", [b"", b"no extract", b"<osm version='0.6'></osm>", b"\x00" * 100])
def test_what_is_no_extract_is_refused(tmp_path, content):
    wrong = tmp_path / "wrong.osm"
    wrong.write_bytes(content)
    with pytest.raises(ExtractUnreadable):
        roads.prepare(tmp_path / "roads", wrong)
    with pytest.raises(ExtractUnreadable):
        roads.prepare(tmp_path / "roads", tmp_path / "none.osm")
    assert roads.kept_roads(tmp_path / "roads", tmp_path / "none.osm", 1.3) is None
    assert roads.kept_roads(tmp_path / "roads", None, 1.3) is None


@pytest.mark.parametrize(
    ("tags", "foot", "ebike"),
    [
        ({"highway": "residential"}, True, True),
        ({"highway": "footway"}, True, False),
        ({"highway": "footway", "bicycle": "yes"}, True, True),
        ({"highway": "cycleway"}, True, True),
        ({"highway": "cycleway", "foot": "no"}, False, True),
        ({"highway": "steps"}, True, False),
        ({"highway": "motorway"}, False, False),
        ({"highway": "trunk", "motorroad": "yes"}, False, False),
        ({"highway": "primary", "bicycle": "no"}, True, False),
        ({"highway": "service", "access": "private"}, False, False),
        ({"highway": "service", "access": "private", "foot": "yes"}, True, False),
        ({"highway": "pedestrian", "area": "yes"}, False, False),
        ({"highway": "construction"}, False, False),
        ({"building": "yes"}, False, False),
    ],
)
def test_who_may_use_a_way(tags, foot, ebike):
    assert (may_use(Way.FOOT, tags), may_use(Way.EBIKE, tags)) == (foot, ebike)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, (True, True)),
        ({"oneway": "yes"}, (True, False)),
        ({"oneway": "-1"}, (False, True)),
        ({"oneway": "yes", "oneway:bicycle": "no"}, (True, True)),
        ({"oneway": "yes", "cycleway": "opposite_lane"}, (True, True)),
        ({"junction": "roundabout"}, (True, False)),
    ],
)
def test_in_which_direction_e_bikes_go(tags, expected):
    assert directions(Way.EBIKE, tags) == expected
    assert directions(Way.FOOT, tags) == (True, True)
