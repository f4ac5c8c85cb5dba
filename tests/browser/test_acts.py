"""Acts of officers in Chromium: handing on, two officers on one page, drafts, by keyboard alone, without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from models.consultation.tables import OpinionKind
from models.district import Organisation
from tests.make import Maker
from wufang.make import DEMO_PASSWORD, Neighbourhood

OpenPage = Callable[..., Page]
LogIn = Callable[[Page, Organisation], None]

every_way = pytest.mark.parametrize("has_script", [True, False], ids=["with scripts", "without scripts"])


@pytest.fixture
def reference(make: Maker, world: Neighbourhood) -> str:
    filed = make.filing(world.clerk, [world.compound])
    make.open(filed.matter_id)
    return filed.reference


def log_in_as(page: Page, email: str) -> None:
    page.goto("/login")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/")
    if page.locator("html").get_attribute("lang") != "en":
        page.get_by_role("button", name="English").click()


@every_way
def test_a_seat_is_transferred_to_a_colleague_who_answers_it(
    open_page: OpenPage, log_in: LogIn, make: Maker, world: Neighbourhood, reference: str, *, has_script: bool
) -> None:
    colleague = make.officer(world.community)
    page = open_page(java_script_enabled=has_script)
    log_in(page, world.community)
    page.goto(f"/filings/{reference}")
    page.locator("summary", has_text="Transfer").click()
    form = page.locator("form[action$='/acts/transfer']")
    form.get_by_label("To whom").select_option(f"officer:{colleague.id}")
    form.get_by_role("textbox").fill("You know this compound.")
    form.get_by_role("button", name="Transfer").click()
    expect(page.get_by_role("status").filter(has_text="handed on")).to_be_visible()
    expect(page.get_by_role("radio", name="Object", exact=True)).to_have_count(0)
    other = open_page(java_script_enabled=has_script)
    log_in_as(other, colleague.email)
    other.goto(f"/filings/{reference}")
    expect(other.get_by_text("You know this compound.")).to_be_visible()
    other.get_by_role("radio", name="Agree", exact=True).check()
    other.get_by_role("button", name="Give the opinion").click()
    expect(other.get_by_role("status").filter(has_text="Your opinion is recorded.")).to_be_visible()


@every_way
def test_of_two_officers_on_one_page_the_slower_is_told_and_loses_nothing(
    open_page: OpenPage, log_in: LogIn, make: Maker, world: Neighbourhood, reference: str, *, has_script: bool
) -> None:
    slow, fast = open_page(java_script_enabled=has_script), open_page()
    log_in(slow, world.community)
    log_in_as(fast, make.officer(world.community).email)
    for page in (slow, fast):
        page.goto(f"/filings/{reference}")
    slow.get_by_role("radio", name="Object", exact=True).check()
    slow.get_by_label("Reason", exact=True).fill("The gate is too narrow.")
    fast.get_by_role("radio", name="Abstain", exact=True).check()
    fast.get_by_role("button", name="Give the opinion").click()
    expect(fast.get_by_role("status").filter(has_text="Your opinion is recorded.")).to_be_visible()
    slow.get_by_role("button", name="Give the opinion").click()
    expect(slow.get_by_role("alert")).to_contain_text("has changed since you opened it")
    expect(slow.get_by_text("Xinxing abstained.").first).to_be_visible()
    expect(slow.get_by_label("Reason", exact=True)).to_have_value("The gate is too narrow.")
    slow.get_by_role("button", name="Change the opinion").click()
    expect(slow.get_by_role("status").filter(has_text="it decided the stage")).to_be_visible()


def test_a_draft_saves_itself_and_is_there_again(
    open_page: OpenPage, log_in: LogIn, world: Neighbourhood, reference: str
) -> None:
    page = open_page()
    log_in(page, world.community)
    page.goto(f"/filings/{reference}")
    page.get_by_role("radio", name="Object", exact=True).check()
    page.get_by_label("Reason", exact=True).press_sequentially("Still asking the")
    expect(page.get_by_text("Draft saved")).to_be_visible(timeout=10_000)
    page.reload()
    expect(page.get_by_label("Reason", exact=True)).to_have_value("Still asking the")
    expect(page.get_by_role("radio", name="Object", exact=True)).to_be_checked()


@every_way
def test_a_question_is_asked_and_replied_to(
    open_page: OpenPage, log_in: LogIn, world: Neighbourhood, reference: str, *, has_script: bool
) -> None:
    asker, filer = open_page(java_script_enabled=has_script), open_page(java_script_enabled=has_script)
    log_in(asker, world.council)
    asker.goto(f"/filings/{reference}")
    asker.get_by_label("Comment or question").fill("Which gate will they use?")
    asker.get_by_role("button", name="Ask the filer").click()
    log_in(filer, world.company)
    filer.goto(f"/filings/{reference}")
    filer.get_by_label("Your reply").fill("The south gate.")
    filer.get_by_role("button", name="Reply", exact=True).click()
    asker.reload()
    expect(asker.locator("#way").get_by_text("The south gate.")).to_be_visible()


def test_an_opinion_by_keyboard_alone(
    open_page: OpenPage, log_in: LogIn, make: Maker, world: Neighbourhood, reference: str
) -> None:
    page = open_page()
    log_in(page, world.community)
    page.goto(f"/filings/{reference}")
    _tab_to(page, "input[name=kind]")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    _tab_to(page, "textarea[name=reason]")
    page.keyboard.type("Nobody of them is known here.")
    _tab_to(page, "form[action$='/opinion'] button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Your opinion is recorded.")).to_be_visible()
    said = {seat.organisation_id: seat.answer for seat in make.seats(reference)}
    assert said[world.community.id] is OpinionKind.ABSTAIN


def _tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the focus is there; what a reader without a mouse does."""
    for _ in range(80):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {wanted}")
