"""An officer's day in Chromium: with and without scripts, in both languages, on a phone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from models.district import Organisation
from models.filing.tables import Filing
from models.matter import MatterStatus
from tests.make import Maker
from wufang.make import Neighbourhood

SAMPLE = Path(__file__).parents[2] / "models" / "samples" / "riders-2026-11.xlsx"
PHONE = {"width": 375, "height": 780}

OpenPage = Callable[..., Page]
LogIn = Callable[[Page, Organisation], None]


def test_an_opinion_is_given_from_the_inbox(
    open_page: OpenPage, log_in: LogIn, make: Maker, world: Neighbourhood
) -> None:
    make.open(make.filing(world.clerk, [world.compound]).matter_id)
    page = open_page()
    log_in(page, world.community)
    page.get_by_role("link", name="Jinxiu Garden · 3 riders").first.click()
    expect(page.get_by_text("Waiting for you, and for Xinxing Council.")).to_be_visible()
    page.get_by_label("Except line 2").check()
    expect(page.get_by_label("Line numbers").first).to_have_value("2")
    page.get_by_role("radio", name="Agree", exact=True).check()
    page.get_by_label("Reason for these lines").first.fill("The phone does not answer.")
    page.get_by_role("button", name="Give the opinion").click()
    expect(page.get_by_role("status").filter(has_text="Your opinion is recorded.")).to_be_visible()
    expect(page.get_by_text("except line 2").first).to_be_visible()


def test_conditions_are_asked_for_only_where_they_are_needed(
    open_page: OpenPage, log_in: LogIn, make: Maker, world: Neighbourhood
) -> None:
    filed = make.filing(world.clerk, [world.compound])
    make.open(filed.matter_id)
    page = open_page()
    log_in(page, world.community)
    page.goto(f"/filings/{filed.reference}")
    page.get_by_role("radio", name="Object", exact=True).check()
    expect(page.get_by_label("Conditions", exact=True)).to_be_hidden()
    page.get_by_role("radio", name="Agree with conditions", exact=True).check()
    expect(page.get_by_label("Conditions", exact=True)).to_be_visible()


@pytest.mark.parametrize("has_script", [True, False], ids=["with scripts", "without scripts"])
def test_an_objection_needs_its_reason(
    open_page: OpenPage, log_in: LogIn, make: Maker, world: Neighbourhood, *, has_script: bool
) -> None:
    filed = make.filing(world.clerk, [world.compound])
    make.open(filed.matter_id)
    page = open_page(java_script_enabled=has_script)
    log_in(page, world.council)
    page.goto(f"/filings/{filed.reference}")
    page.get_by_role("radio", name="Object", exact=True).check()
    page.get_by_role("button", name="Give the opinion").click()
    expect(page.get_by_role("alert")).to_contain_text("An objection or an exception needs a reason.")
    page.get_by_label("Reason", exact=True).fill("Vehicles stand in the fire lane.")
    page.get_by_role("button", name="Give the opinion").click()
    expect(page.get_by_text("it decided the stage")).to_be_visible()
    assert make.matter(filed.matter_id).status is MatterStatus.DECIDED


@pytest.mark.parametrize("has_script", [True, False], ids=["with scripts", "without scripts"])
def test_a_workbook_with_faults_is_uploaded_and_imported(
    open_page: OpenPage, log_in: LogIn, make: Maker, world: Neighbourhood, *, has_script: bool
) -> None:
    page = open_page(java_script_enabled=has_script)
    log_in(page, world.company)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="File riders").click()
    page.get_by_label("3. The list of riders").set_input_files(SAMPLE)
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_role("heading", name="Wrong rows")).to_be_visible()
    expect(page.get_by_role("cell", name="C9", exact=True)).to_be_visible()
    page.get_by_role("button", name="All or nothing").click()
    expect(page.get_by_role("alert")).to_contain_text("9 of 120 rows are wrong")
    page.get_by_role("button", name="File only the 111 right rows").click()
    expect(page.get_by_role("heading", name="Jinxiu Garden: 111 riders")).to_be_visible()
    assert make.count(Filing) == 1


def test_the_language_turns_on_the_same_page(open_page: OpenPage, log_in: LogIn, world: Neighbourhood) -> None:
    page = open_page()
    log_in(page, world.street)
    page.goto("/filings?status=agreed")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert page.url.endswith("/filings?status=agreed")


def test_nothing_scrolls_sideways_on_a_phone(
    open_page: OpenPage, log_in: LogIn, make: Maker, world: Neighbourhood
) -> None:
    filed = make.filing(world.clerk, [world.compound], 30)
    make.agree_through(world, filed.matter_id)
    make.conclude(filed.matter_id)
    opened = make.filing(world.clerk, [world.compound], 12, seed=1)
    make.open(opened.matter_id)
    page = open_page(viewport=PHONE)
    log_in(page, world.company)
    page.goto(f"/filings/{filed.reference}")
    number = page.get_by_role("link", name="Read and print the resolution").get_attribute("href")
    addresses = ["/", "/filings", f"/filings/{filed.reference}", f"/filings/{opened.reference}", "/filings/new"]
    for address in [*addresses, str(number), "/protocols", "/nothing"]:
        page.goto(address)
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert beyond <= 0, address


def test_the_first_key_leads_past_the_menu_and_the_focus_is_seen(
    open_page: OpenPage, log_in: LogIn, world: Neighbourhood
) -> None:
    page = open_page()
    log_in(page, world.street)
    page.goto("/filings")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
