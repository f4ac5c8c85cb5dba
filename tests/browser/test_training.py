"""The pages on which training is planned: no rule of accessibility broken, in both languages, and usable on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from models.training.places import sign_up
from models.training.ruling import training_rules
from tests.browser.axe import faults, log_in_as, looked
from tests.make import Maker, Neighbourhood
from tests.models.training.conftest import Desk
from wufang.make_people import People
from wufang.make_training import Training

OpenPage = Callable[..., Page]
TABLES = "/training/timetables"


@pytest.fixture
def plan(make: Maker, world: Neighbourhood) -> Desk:
    return Desk(Training(make, world))


def a_session(plan: Desk) -> str:
    """The address of a session at which two riders have a place and one waits."""
    event = plan.training.event(places=2)
    for rider, _ in People(plan.make, plan.world).crowd(3):
        plan.write(sign_up, training_rules(), rider, event.id, at=plan.at)
    return f"/training/sessions/{event.id}"


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh", "dark")])
def test_no_page_of_planning_breaks_a_rule(
    open_page: OpenPage, plan: Desk, world: Neighbourhood, language: str, scheme: str
) -> None:
    door, draft = a_session(plan), f"{TABLES}/{plan.drafted()}"
    page = open_page(bypass_csp=True, color_scheme=scheme)
    log_in_as(page, world.officer(world.lead).email, language)
    found = []
    for address in ("/training", TABLES, "/training/courses", "/training/sites", "/training/trainers", draft, door):
        found += faults(page, address, f"{language} {scheme}")
        for one in page.locator("main details:not([open]) > summary").all():
            if one.is_visible():
                one.click()
        found += looked(page, f"{language} {scheme} {address} opened")
    assert not found, "\n".join(found)


def test_a_wish_shows_only_what_its_kind_asks(open_page: OpenPage, plan: Desk, world: Neighbourhood) -> None:
    page = open_page(viewport={"width": 375, "height": 780})
    log_in_as(page, world.officer(world.lead).email, "en")
    page.goto(f"{TABLES}/{plan.drafted()}")
    day, site = page.locator("input[name=day-1]"), page.locator("select[name=site-1]")
    assert not day.is_visible()
    page.locator("select[name=kind-1]").select_option("not_on")
    assert day.is_visible()
    assert not site.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_draft_that_is_computed_shows_itself(open_page: OpenPage, plan: Desk, world: Neighbourhood) -> None:
    timetable_id = plan.ask()
    page = open_page()
    log_in_as(page, world.officer(world.lead).email, "en")
    page.goto(f"{TABLES}/{timetable_id}")
    assert page.get_by_text("The draft is being computed.").is_visible()
    assert plan.round()
    page.get_by_text("This is your draft.").wait_for(timeout=15_000)
