"""The portal over a fresh database, and officers who browse it."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import Client, Response

from api.portal.mounting import add_portal
from models.crypto import Vault
from models.database import Database
from models.decoders import Decoders
from models.district import Organisation
from models.settings import Settings
from tests.live import serving
from tests.make import Maker
from wufang.make import DEMO_PASSWORD, Neighbourhood


class Browser:
    """An officer at a browser: forms are sent with what the page carries."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.client = Client(base_url=address, follow_redirects=True, headers={"Accept-Language": "zh"})

    def get(self, address: str) -> Response:
        """Open a page."""
        return self.client.get(address)

    def log_in(self, email: str, password: str = DEMO_PASSWORD, wanted: str = "/") -> Response:
        """Fill in the log-in page."""
        sent = {"email": email, "password": password, "next": wanted}
        return self.client.post("/login", data=sent, headers={"Origin": self.address})

    def send_photos(self, address: str, fields: dict[str, str], photos: list[bytes], page: str) -> Response:
        """Send a form with photos as it stands on `page`."""
        word = re.search(r'name="form_word" value="(\w+)"', self.get(page).text)
        sent = fields | ({"form_word": word[1]} if word else {})
        files = [("photo", (f"{number}.jpg", one)) for number, one in enumerate(photos)] or {"photo": ("", b"")}
        return self.client.post(address, data=sent, files=files, headers={"Origin": self.address})

    def send(
        self, address: str, fields: dict[str, str], file: Path | None = None, page: str = "/protocols"
    ) -> Response:
        """Send a form as it stands on `page`."""
        word = re.search(r'name="form_word" value="(\w+)"', self.get(page).text)
        sent = fields | ({"form_word": word[1]} if word else {})
        files = {"file": (file.name, file.read_bytes())} if file else None
        return self.client.post(address, data=sent, files=files, headers={"Origin": self.address})


@pytest.fixture
def app(database: Database, vault: Vault, tmp_path: Path, at: datetime) -> Iterator[FastAPI]:
    """The portal alone, at the instant at which tests begin."""
    app = FastAPI()
    app.state.settings = Settings(state_dir=tmp_path, language="en")
    app.state.database, app.state.vault, app.state.clock = database, vault, lambda: at
    add_portal(app, app.state.settings)
    with Decoders(1) as app.state.decoders:
        yield app


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """Where the portal answers."""
    with serving(app) as address:
        yield address


@pytest.fixture
def world(make: Maker) -> Neighbourhood:
    """A small world with one organisation of each party."""
    return make.neighbourhood()


@pytest.fixture
def browse(address: str, world: Neighbourhood) -> Iterator[Callable[[Organisation], Browser]]:
    """Log an organisation's officer in, who reads English."""

    opened: list[Browser] = []

    def browse(organisation: Organisation) -> Browser:
        browser = Browser(address)
        opened.append(browser)
        assert browser.log_in(world.officer(organisation).email).status_code == 200
        browser.send("/language", {"language": "en", "next": "/"})
        return browser

    yield browse
    for browser in opened:
        browser.client.close()


@pytest.fixture
def visitor(address: str) -> Iterator[Browser]:
    """Somebody who is not logged in."""
    browser = Browser(address)
    yield browser
    browser.client.close()
