"""axe-core on what a page becomes: every letter, a one-time link's life, recovery codes, prints, and a filing's states."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models.authority import links
from models.consultation.opinions import Draft
from models.consultation.tables import OpinionKind
from models.notice.tables import Letter, Notice
from tests.browser.axe import faults, log_in_as, looked, turn
from tests.browser.scene import Scene, set_scene
from tests.make import Maker
from wufang.demo_district import ADMINISTRATOR
from wufang.make import DEMO_PASSWORD, Neighbourhood

OpenPage = Callable[..., Page]
NEW_PASSWORD = "four quiet herons wade"

languages = pytest.mark.parametrize("language", ["en", "zh"])


@pytest.fixture
def scene(make: Maker, tmp_path: Path, language: str) -> Scene:
    """The demo district, whose officers all read the language of the test."""
    return set_scene(make, tmp_path, language)


def one_of_each(make: Maker) -> dict[Letter, str]:
    """The id of a letter of each kind that the scene has delivered."""
    with make.database.reading() as session:
        return {one.letter: str(one.id) for one in session.scalars(select(Notice).where(Notice.provider.is_not(None)))}


@languages
def test_letters_and_prints_break_no_rule(open_page: OpenPage, make: Maker, scene: Scene, language: str) -> None:
    page, found = open_page(bypass_csp=True), []
    log_in_as(page, ADMINISTRATOR, language)
    letters = one_of_each(make)
    assert {Letter.INVITATION, Letter.RESULT, Letter.ESCALATION, Letter.ACCOUNT_INVITATION} <= set(letters)
    for letter, notice_id in letters.items():
        found += faults(page, f"/mailbox/{notice_id}", f"{language} {letter}")
        found += faults(page, f"/mailbox/{notice_id}/html", f"{language} {letter} as mail")
    page.emulate_media(color_scheme="dark")
    found += faults(page, f"/mailbox/{letters[Letter.INVITATION]}/html", f"{language} mail in the dark")
    page.emulate_media(color_scheme="light", media="print")
    for name in scene.filings:
        found += faults(page, f"{scene.page(name)}/print", f"{language} print {name}")
    assert not found, "\n".join(found)


@languages
def test_a_filing_in_every_state_breaks_no_rule(open_page: OpenPage, scene: Scene, language: str) -> None:
    found: list[str] = []
    for organisation in (scene.world.company, scene.world.street, scene.world.lead):
        page = open_page(bypass_csp=True)
        log_in_as(page, scene.world.officer(organisation).email, language)
        for name in scene.filings:
            found += faults(page, scene.page(name), f"{language} {organisation.code} {name}")
    assert not found, "\n".join(found)


@languages
def test_a_one_time_link_breaks_no_rule_from_its_letter_to_its_end(
    open_page: OpenPage, make: Maker, world: Neighbourhood, language: str
) -> None:
    officer, page = world.officer(world.council), open_page(bypass_csp=True)
    page.goto("/login")
    turn(page, language)
    found: list[str] = []
    for purpose in links.LinkPurpose:
        sent = make.database.write(links.send_link, make.vault, officer, purpose, make.at)
        address = f"/link/{links.secret_of(make.vault, sent.id)}"
        found += faults(page, address, f"{language} {purpose}")
        _choose(page, "another one altogether")
        expect(page.get_by_role("alert")).to_be_visible()
        found += looked(page, f"{language} {purpose} refused")
        _choose(page, NEW_PASSWORD)
        expect(page.get_by_role("status")).to_be_visible()
        found += looked(page, f"{language} {purpose} done")
        turn(page, language)
        found += faults(page, address, f"{language} {purpose} used up")
    assert not found, "\n".join(found)


def _choose(page: Page, again: str) -> None:
    page.locator("#new").fill(NEW_PASSWORD)
    page.locator("#again").fill(again)
    with page.expect_navigation():
        page.locator("form[action^='/link/'] button[type=submit]").click()


@languages
def test_setting_up_the_second_factor_breaks_no_rule(
    open_page: OpenPage, make: Maker, world: Neighbourhood, language: str
) -> None:
    page, found = open_page(bypass_csp=True), []
    log_in_as(page, world.officer(world.council).email, language)
    found += faults(page, "/account/second-factor", f"{language} before")
    page.locator("#password").fill(DEMO_PASSWORD)
    _press(page, "begin")
    found += looked(page, f"{language} key")
    key = page.locator("main code").inner_text().replace(" ", "")
    page.locator("#code").fill("000000")
    _press(page, "confirm")
    expect(page.get_by_role("alert")).to_be_visible()
    found += looked(page, f"{language} wrong code")
    page.locator("#code").fill(pyotp.TOTP(key).at(make.at))
    _press(page, "confirm")
    expect(page.locator("ul.codes li")).to_have_count(10)
    found += looked(page, f"{language} recovery codes")
    page.emulate_media(media="print")
    found += looked(page, f"{language} recovery codes on paper")
    page.emulate_media(media="screen")
    found += faults(page, "/account/second-factor", f"{language} in use")
    assert not found, "\n".join(found)


def _press(page: Page, act: str) -> None:
    with page.expect_navigation():
        page.locator(f"button[name=act][value={act}]").first.click()


@languages
def test_a_draft_a_change_and_a_kept_form_break_no_rule(
    open_page: OpenPage, make: Maker, world: Neighbourhood, language: str
) -> None:
    filed = make.filing(world.clerk, [world.compound])
    make.open(filed.matter_id)
    page, email = open_page(bypass_csp=True), world.officer(world.community).email
    log_in_as(page, email, language)
    page.goto(f"/filings/{filed.reference}")
    page.locator("#opinion input[name=kind][value=object]").check()
    page.locator("#reason-1").fill("The gate is too narrow.")
    expect(page.locator(".draft")).not_to_be_empty(timeout=10_000)
    found = [*looked(page, f"{language} draft saved")]
    council = next(one for one in make.asked(filed.matter_id) if one.organisation_id == world.council.id)
    make.say(world.who(world.council), council, Draft(OpinionKind.AGREE))
    expect(page.locator("#changed a")).to_be_visible(timeout=20_000)
    found += looked(page, f"{language} changed")
    page.context.clear_cookies()
    found += list(_come_back(page, email, language))
    assert not found, "\n".join(found)


def _come_back(page: Page, email: str, language: str) -> Iterator[str]:
    """The session ran out: the form is sent to the log-in page, and from there to the page of what is not sent yet."""
    with page.expect_navigation():
        page.locator("form[action$='/opinion'] button.btn-primary").click()
    yield from looked(page, f"{language} log-in with a form")
    page.locator("#email").fill(email)
    page.locator("#password").fill(DEMO_PASSWORD)
    with page.expect_navigation():
        page.locator("main form[action='/login'] button[type=submit]").first.click()
    expect(page.get_by_text("The gate is too narrow.")).to_be_visible()
    yield from looked(page, f"{language} kept")
    with page.expect_navigation():
        page.locator("main form button[type=submit]").click()
    yield from looked(page, f"{language} sent after all")
