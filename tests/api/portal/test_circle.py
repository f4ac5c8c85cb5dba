"""The 15-minute circle as a page, as a map and over the API's answers' own words."""

import pytest

from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make import Neighbourhood
from wufang.make_training import TOWN, Training


@pytest.fixture
def site(make: Maker, world: Neighbourhood):
    """A site beside the compound, open on Mondays from 8 to 18; the community's centre lies 5 km to the north."""
    make.tamper("update compound set latitude = :north, longitude = :east", north=TOWN[0], east=TOWN[1])
    make.tamper(
        "update organisation set latitude = :north, longitude = :east where id = :id",
        north=TOWN[0] + 0.045,
        east=TOWN[1],
        id=world.community.id.hex,
    )
    return Training(make, world).site(hours=[[1, 480, 1080]])


def test_the_page_says_who_is_in_and_where_one_more_site_helps(browse, world: Neighbourhood, site) -> None:
    page = browse(world.lead).get("/circle?way=ebike&day=1&time=10:00")
    assert page.status_code == 200
    assert "Where would one more site help most?" in page.text
    assert world.community.name_en in page.text
    assert "the district has given no road map" in page.text
    night = browse(world.street).get("/circle?way=foot&day=1&time=23:30")
    assert night.status_code == 200
    assert "0 %" in night.text


@pytest.mark.parametrize("query", ["", "?way=car&day=9&time=late", "?day=%00&time=25:99&way="])
def test_what_the_address_does_not_know_is_passed_over(browse, world: Neighbourhood, site, query: str) -> None:
    assert browse(world.community).get(f"/circle{query}").status_code == 200


def test_the_map_shows_points_sites_and_the_best_place(browse, world: Neighbourhood, site) -> None:
    answer = browse(world.lead).get("/circle/points?way=ebike&day=1&time=10:00")
    shown = {one["id"]: one["properties"] for one in answer.json()["features"]}
    assert answer.headers["content-type"] == "application/geo+json"
    compound = shown[f"compound:{world.compound.id}"]
    assert (compound["tone"], compound["place"]) == ("good", f"0 min to {site.name_en}")
    centre = shown[f"community:{world.community.id}"]
    assert (centre["tone"], centre["place"]) == ("bad", f"27 min to {site.name_en}")
    assert shown[f"site:{site.id}"]["tone"] == "work"
    assert [one["tone"] for key, one in shown.items() if key.startswith("help:")] == ["up"]
    assert sum(key.startswith("base:") for key in shown) == 5
    closed = browse(world.lead).get("/circle/points?day=2&time=10:00").json()["features"]
    tones = {one["properties"]["tone"] for one in closed if not one["id"].startswith("help:")}
    assert tones == {"bad", "plain"}


def test_the_circle_is_for_departments_streets_and_communities(browse, visitor: Browser, world: Neighbourhood) -> None:
    for organisation in (world.company, world.council):
        browser = browse(organisation)
        assert browser.get("/circle").status_code == 403
        assert browser.get("/circle/points").status_code == 403
        assert 'href="/circle"' not in browser.get("/").text
    assert 'href="/circle"' in browse(world.street).get("/").text
    assert "E-mail" in visitor.get("/circle").text or visitor.client.get("/circle", follow_redirects=False).is_error
