"""Chromium before the portal: a live server over a fresh database, and a page for each test."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from api.app import create_app
from models.crypto import Vault
from models.database import Database
from models.district import Organisation
from models.settings import Settings
from tests.conftest import missing
from tests.live import serving
from tests.make import Maker
from wufang.assets import PARTS, ROOT
from wufang.make import DEMO_PASSWORD, Neighbourhood

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
PHONE = {"width": 375, "height": 780}
DESK = {"width": 1280, "height": 900}

LogIn = Callable[[Page, Organisation], None]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    if not CHROMIUM.is_file():
        missing("no Chromium at /usr/bin/chromium")
    if not all((ROOT / "static" / "vendor" / name).is_file() for name in PARTS):
        missing("the front-end parts are not laid out (python -m wufang.assets)")
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """One browser for all tests."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def address(database: Database, vault: Vault, tmp_path: Path, at: datetime) -> Iterator[str]:
    """Where the portal answers."""
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    (keys / "seal-1.key").write_bytes(vault.keys["seal-1"])
    (keys / "index.key").write_bytes(vault.index_key)
    app = create_app(Settings(state_dir=tmp_path, language="en", prefect_api_url="http://127.0.0.1:9/api"), lambda: at)
    with serving(app) as address:
        yield address


@pytest.fixture
def open_page(chromium: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Open a page that fails the test when it breaks a rule of the page's own policy or throws."""
    pages: list[Page] = []
    complaints: list[str] = []

    def open_page(**settings: object) -> Page:
        context = chromium.new_context(base_url=address, **({"viewport": DESK} | settings))  # pyright: ignore[reportArgumentType]
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.context.close()
    assert complaints == []


@pytest.fixture
def log_in(world: Neighbourhood) -> LogIn:
    """Log an organisation's officer in, who reads English."""

    def log_in(page: Page, organisation: Organisation) -> None:
        page.goto("/login")
        page.get_by_label("E-mail address").fill(world.officer(organisation).email)
        page.get_by_label("Password").fill(DEMO_PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/")
        if page.locator("html").get_attribute("lang") != "en":
            page.get_by_role("button", name="English").click()

    return log_in


@pytest.fixture
def world(make: Maker) -> Neighbourhood:
    """A small world with one organisation of each party."""
    return make.neighbourhood()
