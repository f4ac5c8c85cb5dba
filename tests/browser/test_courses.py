"""Courses on the phone: axe-core, the smallest phone, fingers, and the same without a script; the month and the notice."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.axe import faults, log_in_as, looked
from tests.browser.scene_courses import CODE, Taught, tell_courses
from tests.make import Maker
from wufang.make import Neighbourhood

OpenPage = Callable[..., Page]
SMALL = {"width": 320, "height": 640}
TARGETS = """() => [...document.querySelectorAll('main a, main button, main select, main summary, main textarea, main input')]
  .filter(one => one.type !== 'hidden' && one.getClientRects().length && !one.closest('.session') && !one.closest('p'))
  .filter(one => one.getBoundingClientRect().height < 44).map(one => one.outerHTML.slice(0, 90))"""
WIDTH = "document.documentElement.scrollWidth"


@pytest.fixture
def taught(make: Maker, world: Neighbourhood) -> Taught:
    """A month of sessions, and a rider who takes part."""
    return tell_courses(make, world)


def rider_page(open_page: OpenPage, taught: Taught, language: str, **looks: object) -> Page:
    """The rider's phone."""
    page = open_page(bypass_csp=True, viewport=SMALL, **looks)
    page.goto("/m")
    address = page.url.removesuffix("/m")
    kept = {"wufang_phone": taught.secret, "wufang_language": language}
    page.context.add_cookies([{"name": name, "value": value, "url": address} for name, value in kept.items()])
    return page


@pytest.mark.parametrize(("language", "scheme"), [("en", "dark"), ("zh", "light")])
def test_no_page_of_courses_breaks_a_rule(
    open_page: OpenPage, world: Neighbourhood, taught: Taught, language: str, scheme: str
) -> None:
    page, found = rider_page(open_page, taught, language, color_scheme=scheme), []
    for address in taught.of_rider().values():
        found += faults(page, address, f"{language} {scheme} phone")
        assert page.evaluate(WIDTH) <= SMALL["width"], address
    page.goto(taught.page("free"))
    page.locator("summary").first.click()
    found += looked(page, f"{language} {scheme} a group's form")
    stranger = open_page(bypass_csp=True, viewport=SMALL, color_scheme=scheme)
    found += faults(stranger, taught.page("free"), f"{language} {scheme} stranger")
    desk = open_page(bypass_csp=True, color_scheme=scheme)
    log_in_as(desk, world.officer(world.community).email, language)
    for address in (f"/courses?community={world.community.code}", taught.notice):
        found += faults(desk, address, f"{language} {scheme}")
    assert not found, "\n".join(found)


def test_fingers_find_everything_on_the_smallest_phone(open_page: OpenPage, taught: Taught) -> None:
    page, small = rider_page(open_page, taught, "en"), {}
    for address in taught.of_rider().values():
        if address.startswith("/m/"):
            page.goto(address)
            for summary in page.locator("main details:not([open]) > summary").all():
                summary.click()
            if found := page.evaluate(TARGETS):
                small[address] = found
    assert not small


def test_needs_are_tapped_without_a_script(open_page: OpenPage, taught: Taught) -> None:
    page = rider_page(open_page, taught, "en", java_script_enabled=False)
    page.goto("/m/needs")
    page.locator("label:has(input[value=cooking])").click()
    page.locator("label:has(input[value='7-morning'])").click()
    assert page.locator("input[value=cooking]").is_checked()
    assert page.get_by_role("checkbox", name="Sunday Morning").is_checked()
    assert page.get_by_role("checkbox", name="Monday Evening").is_checked()


def test_the_notice_is_two_sheets_and_its_wall_is_scanned_into_the_form(
    open_page: OpenPage, world: Neighbourhood, taught: Taught
) -> None:
    desk = open_page()
    log_in_as(desk, world.officer(world.community).email, "en")
    desk.goto(taught.notice)
    assert desk.locator("article").count() == 2
    assert desk.locator(".wall-word").inner_text() == CODE
    desk.emulate_media(media="print")
    assert not desk.locator("header.top").is_visible()
    page = rider_page(open_page, taught, "en")
    page.goto(f"{taught.page('here')}?code={CODE}")
    assert page.get_by_label("Code of the session").input_value() == CODE
