"""A street whistles from a report's page; the departments answer on the page that filings have."""

import re
from collections.abc import Callable

import pytest
from httpx import Response

from models.district import Organisation
from models.matter import MatterStatus
from models.report.recording import by_reference
from models.views.matters import ALL, listed
from tests.api.portal.conftest import Browser
from tests.api.portal.test_filing_page import answer
from tests.make import Maker
from wufang.make import Neighbourhood
from wufang.make_reports import Reports

Browse = Callable[[Organisation], Browser]
SETTLE_BY = "2026-12-04"
WORDS = "消防通道长期被占，请到现场会商并限期清理。"


@pytest.fixture
def report(make: Maker, world: Neighbourhood) -> str:
    """The reference of a report in the world's compound."""
    return Reports(make, world).collect().reference


def typed(world: Neighbourhood, **changes: str) -> dict[str, str]:
    """The form, filled in rightly but for `changes`."""
    named = {"main": str(world.housing.id), "others": str(world.market_supervision.id)}
    return named | {"words": WORDS, "settle_by": SETTLE_BY, "compound": ""} | changes


def whistle(browser: Browser, report: str, fields: dict[str, str]) -> Response:
    """Fill in the form of a report and send it."""
    page = f"/reports/{report}/whistle"
    return browser.send(page, fields, page=page)


def test_the_street_whistles_and_the_departments_check_in(
    browse: Browse, make: Maker, world: Neighbourhood, report: str
) -> None:
    street = browse(world.street)
    assert f"/reports/{report}/whistle" in street.get(f"/reports/{report}").text
    sent = whistle(street, report, typed(world))
    assert sent.status_code == 200
    assert "The parties are seated in the next round" in sent.text
    page = f"/filings/{sent.url.path.rsplit('/', 1)[1]}"
    assert "Waiting" not in sent.text
    with make.database.reading() as session:
        (row,) = listed(session, world.who(world.street), ALL, make.at).rows
    make.open(row.matter_id)
    housing = browse(world.housing)
    assert "Street whistle" in housing.get("/").text
    shown = housing.get(page).text
    for said in (WORDS, report, "Housing", "Market Supervision", "main part", "2026-12-04", "Departments report in"):
        assert said in shown
    assert "Except single riders" not in shown
    assert "riders</h2>" not in shown.lower()
    assert "Your opinion is recorded" in answer(housing, page, kind="agree", reason="").text
    assert report in housing.get(f"/reports/{report}").text  # who was named may read it
    assert housing.get(f"/reports/{report}/whistle").status_code == 403
    assert "Street whistle" in street.get("/filings?kind=street_whistle").text
    assert "Street whistle" not in street.get("/filings?kind=access_filing").text.split("</form>")[-1]


def test_what_was_agreed_is_read_printed_and_checked(
    browse: Browse, make: Maker, world: Neighbourhood, report: str, visitor: Browser
) -> None:
    street = browse(world.street)
    sent = whistle(street, report, typed(world))
    page = sent.url.path
    with make.database.reading() as session:
        (row,) = listed(session, world.who(world.street), ALL, make.at).rows
    make.agree_through(world, row.matter_id)
    make.conclude(row.matter_id)
    shown = street.get(page).text
    assert "Agreed: Housing, Market Supervision settle it by 2026-12-04 (Fri)." in shown
    printed = street.get(f"{page}/print").text
    assert "To be settled by" in printed
    assert "Names, phones and plates are masked" not in printed
    link = re.search(r'href="(/resolutions/[^"]+)"', shown)
    assert link is not None
    resolution = street.get(link[1]).text
    assert f"about report {report}, asking Housing, Market Supervision to settle it by 2026-12-04 (Fri)" in resolution
    assert "The departments named settle it by the day that was set" in resolution
    check = re.search(r"/check/([\w-]+)/code.svg", resolution)
    assert check is not None
    public = visitor.get(f"/check/{check[1]}").text
    assert report in public
    assert WORDS not in public
    assert "山协〔2026〕1号" in street.get(f"/reports/{report}").text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"settle_by": "2026-12-05"}, "Choose a working day"),
        ({"settle_by": "soon"}, "Choose a working day"),
        ({"words": " "}, "Write a few words"),
        ({"main": ""}, "Choose one of the list"),
        ({"others": "nobody"}, "Choose one of the list"),
    ],
)
def test_what_is_wrong_is_said_on_the_form_and_what_was_typed_stays(
    browse: Browse, make: Maker, world: Neighbourhood, report: str, changes: dict[str, str], said: str
) -> None:
    refused = whistle(browse(world.street), report, typed(world, **changes))
    assert refused.status_code == 422
    assert said in refused.text
    if "words" not in changes:
        assert WORDS in refused.text
    with make.database.reading() as session:
        assert listed(session, world.who(world.street), ALL, make.at).rows == ()


def test_a_whistle_that_came_back_is_blown_again_on_the_same_form(
    browse: Browse, make: Maker, world: Neighbourhood, report: str
) -> None:
    street = browse(world.street)
    page = whistle(street, report, typed(world)).url.path
    with make.database.reading() as session:
        (row,) = listed(session, world.who(world.street), ALL, make.at).rows
    make.open(row.matter_id)
    housing = browse(world.housing)
    seat = next(one for one in make.asked(row.matter_id) if one.organisation_id == world.housing.id)
    fields = {"seat": str(seat.id), "version": str(seat.version), "to": "filer", "words": "权属不清"}
    assert housing.send(f"{page}/acts/return", fields, page=page).status_code == 200
    make.conclude(row.matter_id)
    assert make.matter(row.matter_id).status is MatterStatus.RETURNED
    assert f'href="/reports/{report}/whistle"' in street.get(page).text
    form = street.get(f"/reports/{report}/whistle").text
    assert WORDS in form
    version = re.search(r'name="version" value="(\d+)"', form)
    assert version is not None
    stale = whistle(street, report, typed(world, version="1"))
    assert stale.status_code == 412
    fields = typed(world, main=str(world.market_supervision.id), others="", version=version[1])
    del fields["others"]
    assert "Submitted again" in whistle(street, report, fields).text
    assert make.matter(row.matter_id).status is MatterStatus.SUBMITTED


def test_a_filing_s_own_form_does_not_submit_a_whistle_again(browse: Browse, world: Neighbourhood, report: str) -> None:
    street = browse(world.street)
    page = whistle(street, report, typed(world)).url.path
    assert street.send(f"{page}/again", {"drop": "", "note": "", "version": "1"}, page=page).status_code == 404


def test_a_report_on_a_road_may_be_placed_in_a_compound(browse: Browse, make: Maker, world: Neighbourhood) -> None:
    road = Reports(make, world).collect(category="lamp", compound_id=None, community_id=world.community.id).reference
    street = browse(world.street)
    assert "Outside of any compound" in street.get(f"/reports/{road}/whistle").text
    page = whistle(street, road, typed(world, compound=str(world.compound.id))).text
    assert world.compound.name_en in page
    with make.database.reading() as session:
        assert by_reference(session, road).compound_id is None  # the report itself stays as it was told


def test_in_chinese_nothing_is_left_in_english(browse: Browse, world: Neighbourhood, report: str) -> None:
    street = browse(world.street)
    street.send("/language", {"language": "zh", "next": "/"})
    form = street.get(f"/reports/{report}/whistle").text
    for said in ("吹哨请部门报到", "主办部门", "协办部门", "办结期限"):
        assert said in form
    page = whistle(street, report, typed(world)).text
    for said in ("街道吹哨", "点名部门", "办结期限", "2026年12月4日"):
        assert said in page
