"""Reporting in Chromium: from a phone on a good and a bad line, with a position, on the map; and the board by keyboard."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models.district import Organisation
from models.report.tables import Report, ReportPhoto, ReportStatus
from tests.browser.conftest import PHONE
from tests.make import Maker
from wufang.make import Neighbourhood
from wufang.make_reports import Reports, drawn

OpenPage = Callable[..., Page]
LogIn = Callable[[Page, Organisation], None]
PICTURE = {"name": "photo.png", "mimeType": "image/png", "buffer": drawn()}


@pytest.fixture
def world(make: Maker) -> Neighbourhood:
    """The small world, with places on the map."""
    world = make.neighbourhood()
    make.tamper("update compound set latitude = 35.23, longitude = 113.25")
    make.tamper("update organisation set latitude = 35.232, longitude = 113.252 where party = 'community'")
    return world


def kept(make: Maker) -> list[Report]:
    """The reports that came in."""
    with make.database.reading() as session:
        return list(session.scalars(select(Report)))


def fill(page: Page, *, place: str | None = "Jinxiu Garden") -> None:
    """A rider sees something."""
    page.goto("/m/report")
    page.locator("#photo").set_input_files(PICTURE)  # pyright: ignore[reportArgumentType] - a file in memory
    page.get_by_label("What did you see?").fill("消防通道被堵住了")
    page.get_by_role("button", name="Blocked fire exit").click()  # suggested by the words
    if place:
        page.get_by_label("Compound or community").select_option(label=place)


def test_a_report_from_a_phone_and_what_becomes_of_it(open_page: OpenPage, make: Maker, world: Neighbourhood) -> None:
    page = open_page(viewport=PHONE)
    fill(page)
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("Thank you. The community has it")).to_be_visible()
    (report,) = kept(make)
    assert (report.category, report.compound_id) == ("fire-exit", world.compound.id)
    with make.database.reading() as session:
        assert session.scalars(select(ReportPhoto.width)).one() == 640
    Reports(make, world).file(report.id)
    page.goto("/m/reports")
    expect(page.get_by_text("News")).to_have_count(1)
    page.get_by_role("link", name="Blocked fire exit").click()
    expect(page.get_by_text("Sent to Hejia'an.")).to_be_visible()


def test_without_a_line_it_waits_on_the_phone_and_is_sent_once(
    open_page: OpenPage, make: Maker, world: Neighbourhood
) -> None:
    page = open_page(viewport=PHONE)
    fill(page)
    page.context.set_offline(offline=True)
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("Kept on this phone, and sent")).to_be_visible()
    assert kept(make) == []
    page.context.set_offline(offline=False)
    expect(page.get_by_text("Kept on this phone, and sent")).to_be_hidden()
    assert len(kept(make)) == 1
    page.reload()
    expect(page.get_by_text("Kept on this phone, and sent")).to_be_hidden()
    assert len(kept(make)) == 1


def test_an_answer_that_got_lost_makes_no_second_report(open_page: OpenPage, make: Maker, world: Neighbourhood) -> None:
    page = open_page(viewport=PHONE)
    lost: list[str] = []

    def lose_first(route: object) -> None:
        if not lost:
            lost.append("answer")
            route.fetch()  # pyright: ignore[reportAttributeAccessIssue] - it arrives, and its answer does not
            route.abort()  # pyright: ignore[reportAttributeAccessIssue]
        else:
            route.continue_()  # pyright: ignore[reportAttributeAccessIssue]

    fill(page)
    page.route("**/m/report", lose_first)
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("Kept on this phone, and sent")).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Kept on this phone, and sent")).to_be_hidden()
    assert len(kept(make)) == 1
    assert lost == ["answer"]


def test_what_a_log_in_page_in_between_answers_is_no_receipt(
    open_page: OpenPage, make: Maker, world: Neighbourhood
) -> None:
    page = open_page(viewport=PHONE)
    fill(page)
    page.route("**/m/report", lambda route: route.fulfill(status=200, content_type="text/html", body="<p>Log in"))
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("Kept on this phone, and sent")).to_be_visible()
    page.unroute("**/m/report")
    with page.expect_response(lambda one: one.request.method == "POST"):
        page.goto("/m/me")  # whichever page of the phone is open, what waits is sent
    assert len(kept(make)) == 1


def test_after_one_visit_the_page_opens_without_a_line_and_two_reports_have_each_their_place(
    open_page: OpenPage, make: Maker, world: Neighbourhood
) -> None:
    here = {"latitude": 35.2301, "longitude": 113.2502, "accuracy": 12}
    page = open_page(viewport=PHONE, geolocation=here, permissions=["geolocation"])
    page.goto("/m/report")
    page.evaluate("navigator.serviceWorker.ready.then((one) => one.active.state)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.context.set_offline(offline=True)
    fill(page, place=None)
    page.get_by_role("button", name="Here, where I am").click()
    expect(page.get_by_text("Position found")).to_be_visible()
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator("#waiting li")).to_have_count(1)
    page.get_by_label("What did you see?").fill("灯不亮")
    page.get_by_label("Category").select_option(label="Lamp out")
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator("#waiting li")).to_have_count(1)  # where the second one is was not said
    page.get_by_label("Compound or community").select_option(label="Jinxiu Garden")
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator("#waiting li")).to_have_count(2)
    page.context.set_offline(offline=False)
    expect(page.locator("#waiting")).to_be_hidden()
    assert sorted((one.category, one.latitude) for one in kept(make)) == [("fire-exit", 35.2301), ("lamp", None)]


def test_a_tap_on_the_map_is_a_place(open_page: OpenPage, make: Maker, world: Neighbourhood) -> None:
    page = open_page(viewport=PHONE)
    fill(page, place=None)
    page.get_by_text("Choose on the map").click()
    page.locator(".map.leaflet-container").click(position={"x": 60, "y": 60})
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("Thank you.")).to_be_visible()
    (report,) = kept(make)
    assert report.latitude is not None
    assert report.community_id == world.community.id


def test_back_on_the_page_the_next_report_is_another_one(
    open_page: OpenPage, make: Maker, world: Neighbourhood
) -> None:
    page = open_page(viewport=PHONE)
    for _ in range(2):
        fill(page)
        page.get_by_role("button", name="Send the report").click()
        expect(page.get_by_text("Thank you.")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("button", name="Send the report")).to_be_enabled()
        page.get_by_label("What did you see?").fill("又一处被堵住了")
        page.get_by_label("Category").select_option(label="Lamp out")
        page.get_by_label("Compound or community").select_option(label="Jinxiu Garden")
        page.get_by_role("button", name="Send the report").click()
        expect(page.get_by_text("Thank you.")).to_be_visible()
    assert len(kept(make)) == 4


def test_the_phone_says_where_it_is(open_page: OpenPage, make: Maker, world: Neighbourhood) -> None:
    here = {"latitude": 35.2301, "longitude": 113.2502, "accuracy": 12}
    page = open_page(viewport=PHONE, geolocation=here, permissions=["geolocation"])
    fill(page, place=None)
    page.get_by_role("button", name="Here, where I am").click()
    expect(page.get_by_text("Position found, right to 12 m.")).to_be_visible()
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("Thank you.")).to_be_visible()
    (report,) = kept(make)
    assert (report.latitude, report.longitude, report.accuracy_metres) == (35.2301, 113.2502, 12)
    assert report.compound_id == world.compound.id


def test_without_scripts_the_form_is_a_form(open_page: OpenPage, make: Maker, world: Neighbourhood) -> None:
    page = open_page(viewport=PHONE, java_script_enabled=False)
    page.goto("/m/report")
    page.get_by_label("What did you see?").fill("灯不亮")
    page.get_by_label("Category").select_option(label="Lamp out")
    page.get_by_label("Compound or community").select_option(label="Jinxiu Garden")
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_text("Thank you.")).to_be_visible()
    assert [one.category for one in kept(make)] == ["lamp"]


def test_what_is_no_photo_is_said_and_nothing_is_lost(open_page: OpenPage, make: Maker, world: Neighbourhood) -> None:
    page = open_page(viewport=PHONE)
    fill(page)
    wrong = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": b"GIF89a no photo at all"}
    page.locator("#photo").set_input_files(wrong)  # pyright: ignore[reportArgumentType]
    page.get_by_role("button", name="Send the report").click()
    expect(page.get_by_role("alert").filter(has_text="not a photo that can be read")).to_be_visible()
    expect(page.get_by_label("What did you see?")).to_have_value("消防通道被堵住了")
    assert kept(make) == []


def test_the_board_is_quick_by_keyboard(open_page: OpenPage, log_in: LogIn, make: Maker, world: Neighbourhood) -> None:
    reports = Reports(make, world)
    first, second = reports.collect(position=reports.position()), reports.collect(category="lamp")
    page = open_page()
    log_in(page, world.community)
    page.goto("/reports")
    expect(page.locator(".map.leaflet-container path")).not_to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("f")
    assert reports.read(second.report_id).status is ReportStatus.DISPATCHED
    assert reports.read(first.report_id).status is ReportStatus.COLLECTED
    page.keyboard.press("j")
    with page.expect_navigation(url=f"**/reports/{quote(first.reference)}"):
        page.keyboard.press("Enter")
