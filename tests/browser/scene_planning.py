"""Pages of planning training for the gallery: who looks at which address, and what is done there before the picture."""

from collections.abc import Callable, Iterator

from playwright.sync_api import Page

from tests.browser.scene_courses import Taught
from wufang.demo_training import Planned

PLANNER = "human-resources@shanyang.example"
Act = Callable[[Page], None]


def training_pages(
    planned: Planned | None, taught: Taught, host: str, union: str
) -> Iterator[tuple[str, str, str, Act | None]]:
    """What departments plan, what parties say to it, what hosts do at the door."""
    assert planned is not None
    for name, address in (("training", ""), ("training-trainers", "/trainers"), ("training-courses", "/courses")):
        yield name, PLANNER, f"/training{address}", None
    yield "training-timetables", PLANNER, "/training/timetables", None
    yield "training-community", host, "/training", None
    yield "training-sites", host, "/training/sites", None
    yield "training-site-entered", host, "/training/sites", _open_first
    yield "training-course-proposed", PLANNER, "/training/courses", _open_first
    draft = f"/training/timetables/{planned.draft_id}"
    yield "training-draft", PLANNER, draft, _wish
    yield "training-published", host, f"/training/timetables/{planned.published_id}", None
    yield "training-consulted", host, f"/filings/{planned.submitted.reference}", _agree_under
    yield "training-door", host, f"/training/sessions/{taught.events['here']}", None
    yield "training-held", PLANNER, f"/training/sessions/{planned.events['held']}", None
    yield "training-full", union, f"/training/sessions/{planned.events['full']}", _open_cancelling
    yield "training-computing", PLANNER, draft, _compute_anew


def _open_first(page: Page) -> None:
    page.locator("main details > summary").first.click()


def _open_cancelling(page: Page) -> None:
    page.locator("details:has(#reason) > summary").click()


def _wish(page: Page) -> None:
    page.locator("select[name=kind-1]").select_option("not_on")
    page.locator("select[name=kind-2]").select_option("not_at")


def _compute_anew(page: Page) -> None:
    with page.expect_navigation():
        page.locator("#wishes button[type=submit]").click()


def _agree_under(page: Page) -> None:
    page.locator("#opinion input[value=agree_with_conditions]").check()
    page.locator("select[name=kind-1]").select_option("not_on")
