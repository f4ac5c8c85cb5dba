"""The matter's page in Chromium: drafts that save themselves, two officers on one page, acts without scripts, looks."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from models.consultation.opinions import Draft
from models.consultation.tables import OpinionKind
from models.district import Organisation
from models.filing.submitting import Submitted
from tests.make import Maker
from wufang.make import Neighbourhood

OpenPage = Callable[..., Page]
LogIn = Callable[[Page, Organisation], None]

PHONE = {"width": 375, "height": 780}
DARK_PAPER, LIGHT_PAPER = "rgb(17, 24, 28)", "rgb(245, 247, 247)"
SMALL = """() => [...document.querySelectorAll("a, button, summary, select, input:not([type=hidden]), label.line")]
  .filter((one) => one.checkVisibility() && !one.closest(".skip, .choice, label, p, dd, li:not(.wide-only) span"))
  .map((one) => [one.textContent.trim().slice(0, 30) || one.name, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.height < 24 || box.width < 24))
  .map(([word, box]) => `${word}: ${Math.round(box.width)} × ${Math.round(box.height)}`)"""


@pytest.fixture
def filed(make: Maker, world: Neighbourhood) -> Submitted:
    """An open filing of three riders."""
    make.officer(world.community)
    submitted = make.filing(world.clerk, [world.compound])
    make.open(submitted.matter_id)
    return submitted


def test_a_draft_saves_itself_while_its_officer_types(
    open_page: OpenPage, log_in: LogIn, world: Neighbourhood, filed: Submitted
) -> None:
    page = open_page()
    log_in(page, world.community)
    page.goto(f"/filings/{filed.reference}")
    expect(page.get_by_label("Conditions", exact=True)).to_be_hidden()
    page.get_by_role("radio", name="Agree with conditions", exact=True).check()
    page.get_by_label("Conditions", exact=True).fill("Walk after 22:00, and")
    expect(page.get_by_text("Draft saved")).to_be_visible(timeout=10_000)
    page.goto("/filings")
    page.goto(f"/filings/{filed.reference}")
    expect(page.get_by_role("radio", name="Agree with conditions", exact=True)).to_be_checked()
    expect(page.get_by_label("Conditions", exact=True)).to_have_value("Walk after 22:00, and")


@pytest.mark.parametrize("has_script", [True, False], ids=["with scripts", "without scripts"])
def test_of_two_officers_on_one_page_the_second_learns_what_the_first_did(
    open_page: OpenPage, log_in: LogIn, make: Maker, world: Neighbourhood, filed: Submitted, *, has_script: bool
) -> None:
    page = open_page(java_script_enabled=has_script)
    log_in(page, world.community)
    page.goto(f"/filings/{filed.reference}")
    seat = next(one for one in make.asked(filed.matter_id) if one.organisation_id == world.community.id)
    make.say(world.who(world.community), seat, Draft(OpinionKind.ABSTAIN, "We know nobody of them."))
    page.get_by_role("radio", name="Object", exact=True).check()
    page.get_by_label("Reason", exact=True).fill("The gate is too narrow.")
    page.get_by_role("button", name="Give the opinion").click()
    expect(page.get_by_text("This happened since you opened the page:")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Xinxing abstained.").first).to_be_visible()
    expect(page.get_by_label("Reason", exact=True)).to_have_value("The gate is too narrow.")
    page.get_by_role("button", name="Change the opinion").click()
    expect(page.get_by_text("it decided the stage")).to_be_visible()


@pytest.mark.parametrize("has_script", [True, False], ids=["with scripts", "without scripts"])
def test_an_act_opens_where_it_stands_and_is_done(
    open_page: OpenPage, log_in: LogIn, world: Neighbourhood, filed: Submitted, *, has_script: bool
) -> None:
    page = open_page(java_script_enabled=has_script, viewport=PHONE)
    log_in(page, world.community)
    page.goto(f"/filings/{filed.reference}")
    words = page.get_by_label("Why, and what they should know")
    expect(words).to_be_hidden()
    page.get_by_text("Transfer", exact=True).first.click()
    page.get_by_label("To whom").first.select_option(index=1)
    words.fill("I am away this week.")
    page.get_by_role("button", name="Transfer").click()
    expect(page.get_by_text("The seat is handed on")).to_be_visible()
    expect(page.get_by_text("I am away this week.")).to_be_visible()


def test_light_and_dark_follow_the_device_until_they_are_chosen(
    open_page: OpenPage, log_in: LogIn, world: Neighbourhood
) -> None:
    page = open_page(color_scheme="dark")
    log_in(page, world.street)
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == DARK_PAPER
    page.get_by_role("button", name="Light").click()
    assert page.evaluate(ground) == LIGHT_PAPER
    page.goto("/filings")
    assert page.evaluate(ground) == LIGHT_PAPER
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate(ground) == DARK_PAPER
    page.emulate_media(media="print")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"


def test_on_a_phone_the_menu_opens_without_scripts(open_page: OpenPage, log_in: LogIn, world: Neighbourhood) -> None:
    page = open_page(java_script_enabled=False, viewport=PHONE)
    log_in(page, world.community)
    menu = page.get_by_role("navigation", name="Main")
    expect(menu.get_by_role("link", name="To do")).to_be_visible()
    expect(menu.get_by_role("link", name="Protocols")).to_be_hidden()
    menu.get_by_text("More").click()
    menu.get_by_role("link", name="Protocols").click()
    page.wait_for_url("**/protocols")


def test_whatever_is_clicked_is_large_enough(
    open_page: OpenPage, log_in: LogIn, world: Neighbourhood, filed: Submitted
) -> None:
    page = open_page(viewport=PHONE)
    log_in(page, world.community)
    page.goto(f"/filings/{filed.reference}")
    page.evaluate(
        "for (const one of document.querySelectorAll('details')) { one.removeAttribute('name'); one.open = true }"
    )
    small = page.evaluate(SMALL)
    assert small == [], small
    beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert beyond <= 0


@pytest.mark.parametrize("has_script", [True, False], ids=["with scripts", "without scripts"])
def test_a_file_is_attached_and_a_wrong_one_is_refused_in_its_place(
    open_page: OpenPage, log_in: LogIn, world: Neighbourhood, filed: Submitted, *, has_script: bool
) -> None:
    page = open_page(java_script_enabled=has_script)
    log_in(page, world.community)
    page.goto(f"/filings/{filed.reference}")
    page.get_by_text("Attach a file").click()
    wrong = {"name": "virus.exe", "mimeType": "application/pdf", "buffer": b"MZ no scan"}
    page.get_by_label("File", exact=True).set_input_files(wrong)
    page.get_by_role("button", name="Attach").click()
    expect(page.get_by_role("alert")).to_contain_text("This kind of file cannot be attached.")
    scan = {"name": "gate.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 a page %%EOF"}
    page.get_by_label("File", exact=True).set_input_files(scan)
    page.get_by_role("button", name="Attach").click()
    expect(page.get_by_text("The file is attached.")).to_be_visible()
    expect(page.get_by_role("link", name="gate.pdf")).to_be_visible()
