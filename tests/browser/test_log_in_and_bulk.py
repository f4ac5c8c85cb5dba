"""In Chromium: a second factor from its set-up to the log-in, agreeing in bulk, a deputy who acts, search, looks kept."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pyotp
import pytest
from playwright.sync_api import Page, expect

from models import deputy, record
from models.consultation.tables import OpinionKind
from models.district import Organisation
from tests.make import Maker
from wufang.make import DEMO_PASSWORD, Neighbourhood

OpenPage = Callable[..., Page]
LogIn = Callable[[Page, Organisation], None]

every_way = pytest.mark.parametrize("has_script", [True, False], ids=["with scripts", "without scripts"])


@every_way
def test_a_second_factor_is_set_up_and_asked_at_the_next_log_in(
    open_page: OpenPage, log_in: LogIn, world: Neighbourhood, at: datetime, *, has_script: bool
) -> None:
    page = open_page(java_script_enabled=has_script)
    log_in(page, world.street)
    page.goto("/account/second-factor")
    page.get_by_label("Present password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Set it up").click()
    app = pyotp.TOTP(page.locator("main code").first.inner_text().replace(" ", ""))
    page.get_by_label("Code", exact=True).fill("000000" if app.at(at) != "000000" else "111111")
    page.get_by_role("button", name="Take it into use").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Code", exact=True).fill(app.at(at))
    page.get_by_role("button", name="Take it into use").click()
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    for code in (app.at(at + timedelta(seconds=30)), codes[0]):
        page.goto("/")
        page.get_by_role("button", name="Log out").click()
        page.get_by_label("E-mail address").fill(world.officer(world.street).email)
        page.get_by_label("Password").fill(DEMO_PASSWORD)
        page.locator("main button[type=submit]").first.click()
        page.locator("#code").fill(code)
        page.locator("main button[type=submit]").first.click()
        expect(page.locator(".desk-tabs")).to_be_visible()


@every_way
def test_what_is_ticked_is_agreed_to_with_one_click(
    open_page: OpenPage, log_in: LogIn, make: Maker, world: Neighbourhood, *, has_script: bool
) -> None:
    made = [make.filing(world.clerk, [world.compound], 1, seed=seed) for seed in range(3)]
    for one in made:
        make.open(one.matter_id)
    page = open_page(java_script_enabled=has_script)
    log_in(page, world.council)
    if has_script:
        page.get_by_label("All on this page").check()
    for one in made if not has_script else ():
        page.get_by_label(f"Tick {one.reference}").check()
    taken = next(seat for seat in make.seats(made[0].reference) if seat.organisation_id == world.council.id)
    make.say(world.who(world.council), taken)
    page.get_by_role("button", name="Agree to the ticked ones").click()
    expect(page.get_by_role("status")).to_contain_text("Agreed to 2. Not possible for 1")
    said = [
        seat.answer for one in made for seat in make.seats(one.reference) if seat.organisation_id == world.council.id
    ]
    assert said == [OpinionKind.AGREE] * 3


@every_way
def test_a_deputy_acts_for_the_absent_officer_and_the_record_says_so(
    open_page: OpenPage, log_in: LogIn, make: Maker, world: Neighbourhood, at: datetime, *, has_script: bool
) -> None:
    filed = make.filing(world.clerk, [world.compound])
    make.open(filed.matter_id)
    absent, other = world.officer(world.community), world.officer(world.street)
    end = at + timedelta(days=1)
    make.database.write(deputy.appoint, make.identity(absent), absent.id, other.id, at, end, at)
    page = open_page(java_script_enabled=has_script)
    log_in(page, world.street)
    page.get_by_role("button", name=f"Act for {absent.name}").click()
    page.goto(f"/filings/{filed.reference}")
    page.get_by_role("radio", name="Agree", exact=True).check()
    page.get_by_role("button", name="Give the opinion").click()
    expect(page.get_by_role("status").filter(has_text="Your opinion is recorded.")).to_be_visible()
    with make.database.reading() as session:
        given = next(one for one in record.entries(session, filed.matter_id)[::-1] if one.kind == "opinion_given")
    assert (given.officer_id, given.organisation_id, given.body["deputy_for"]) == (
        other.id,
        world.community.id,
        str(absent.id),
    )


@every_way
def test_a_rider_is_found_by_phone_and_shown_masked(
    open_page: OpenPage, log_in: LogIn, make: Maker, world: Neighbourhood, *, has_script: bool
) -> None:
    filed = make.filing(world.clerk, [world.compound], 1)
    make.open(filed.matter_id)
    rider = make.rider_lines(1)[0]
    page = open_page(java_script_enabled=has_script)
    log_in(page, world.street)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Search").click()
    page.get_by_role("searchbox").fill(rider.phone)
    page.get_by_role("search").get_by_role("button", name="Search").click()
    expect(page.get_by_text(filed.reference)).to_be_visible()
    assert rider.name not in page.content()
    assert rider.phone not in page.url


def test_dark_is_kept_from_page_to_page(open_page: OpenPage, log_in: LogIn, world: Neighbourhood) -> None:
    page = open_page()
    log_in(page, world.street)
    page.get_by_role("button", name="Dark").click()
    page.goto("/account")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
