"""What everybody may see of reports: category, place and outcome; no people, nothing private, nothing exact."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from models.district import Organisation
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make import Neighbourhood
from wufang.make_reports import RULES, Reports

Browse = Callable[[Organisation], Browser]
FEED = "/public/reports.geojson"
SECRET = {"words": "王某某 13800000000", "spot": "三号楼 1102 室"}


@pytest.fixture
def reports(make: Maker, world: Neighbourhood) -> Reports:
    """Reports of the world."""
    return Reports(make, world)


def test_the_public_page_and_feed_name_nobody(visitor: Browser, reports: Reports, world: Neighbourhood) -> None:
    made = reports.collect(**SECRET)
    page, feed = visitor.get("/public"), visitor.get(FEED)
    assert (page.status_code, feed.status_code) == (200, 200)
    for shown in (page.text, feed.text):
        assert not any(part in shown for said in SECRET.values() for part in said.split())
    (feature,) = feed.json()["features"]
    assert feature["id"] == made.reference
    assert world.compound.name_en.replace("'", "&#39;") in page.text or world.compound.name_zh in page.text
    assert feature["properties"]["category"] == "fire-exit"
    assert set(feature["properties"]) == {
        "reference",
        "category",
        "title",
        "place",
        "status",
        "tone",
        "reported_at",
        "closed_at",
    }
    assert world.compound.name_zh in feed.text or world.compound.name_en in feed.text


def test_a_position_outside_of_compounds_is_rounded(visitor: Browser, reports: Reports, world: Neighbourhood) -> None:
    exact = reports.position(123, 77)
    reports.collect(position=exact, compound_id=None, community_id=world.community.id)
    (feature,) = visitor.get(FEED).json()["features"]
    longitude, latitude = feature["geometry"]["coordinates"]
    assert (latitude, longitude) == (round(exact.latitude, 3), round(exact.longitude, 3))
    assert latitude != exact.latitude


def test_a_box_does_not_ask_out_where_exactly_something_is(
    visitor: Browser, reports: Reports, make: Maker, world: Neighbourhood
) -> None:
    make.tamper("update compound set latitude = 35.232, longitude = 113.252")
    exact, known = reports.position(123, 77), {"community_id": world.community.id}
    on_the_road = reports.collect(position=exact, compound_id=None, **known)
    inside = reports.collect(position=exact)

    def found(south: float, west: float, north: float, east: float) -> set[str]:
        features = visitor.get(f"{FEED}?bbox={west},{south},{east},{north}").json()["features"]
        return {one["id"] for one in features}

    at, step = (exact.latitude, exact.longitude), 0.0001
    assert found(at[0] - step, at[1] - step, at[0] + step, at[1] + step) == set()
    shown = round(at[0], 3), round(at[1], 3)
    assert found(shown[0] - step, shown[1] - step, shown[0] + step, shown[1] + step) == {on_the_road.reference}
    assert found(35.232 - step, 113.252 - step, 35.232 + step, 113.252 + step) == {inside.reference}


def test_what_is_private_declined_taken_back_or_old_is_not_there(
    visitor: Browser, reports: Reports, make: Maker
) -> None:
    private = next(one.code for one in RULES.categories.values() if one.is_private and not one.is_deed)
    hidden = [reports.collect(category=private), reports.collect(at=make.at - timedelta(days=31))]
    shown = reports.collect()
    assert [one["id"] for one in visitor.get(FEED).json()["features"]] == [shown.reference]
    assert not any(one.reference in visitor.get("/public").text for one in hidden)


def test_the_feed_is_narrowed(visitor: Browser, reports: Reports, world: Neighbourhood) -> None:
    lamp = reports.collect(
        category="lamp", position=reports.position(), compound_id=None, community_id=world.community.id
    )
    reports.collect()
    for query in ("category=lamp", "bbox=113.2,35.2,113.3,35.3"):
        found = visitor.get(f"{FEED}?{query}").json()["features"]
        assert [one["id"] for one in found] == [lamp.reference], query
    assert visitor.get(f"{FEED}?bbox=10,10,11,11").json()["features"] == []
    for wrong in ("1,2,3", "a,b,c,d", "5,5,1,1", "nan,0,1,1", "0,0,0,91"):
        refused = visitor.get(f"{FEED}?bbox={wrong}")
        assert refused.status_code == 422, wrong


def test_the_feed_is_held_back(visitor: Browser, world: Neighbourhood) -> None:
    statuses = {visitor.client.get(FEED).status_code for _ in range(245)}
    assert statuses == {200, 429}


def test_the_map_has_ground_without_tiles(visitor: Browser, make: Maker, world: Neighbourhood) -> None:
    make.tamper("update compound set latitude = 35.2, longitude = 113.2 where id = :id", id=world.compound.id.hex)
    (feature,) = [
        one for one in visitor.get("/public/places").json()["features"] if one["properties"]["kind"] == "compound"
    ]
    assert feature["id"] == f"compound:{world.compound.id}"
    assert feature["geometry"]["coordinates"] == [113.2, 35.2]


def test_in_an_empty_database_there_is_nothing_public(visitor: Browser) -> None:
    assert visitor.get("/public").status_code == 404
    assert visitor.get(FEED).status_code == 404
    assert visitor.get("/public/places").json()["features"] == []
