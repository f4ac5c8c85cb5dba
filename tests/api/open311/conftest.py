"""Open311 over a fresh database: reports on their way, a key, and clients that speak to a live server."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from defusedxml import ElementTree
from fastapi import FastAPI
from httpx import Client, Response

from api.app import create_app
from models.crypto import Vault
from models.database import Database
from models.open311_key import make_key
from models.settings import Settings
from tests.live import serving
from tests.make import Maker
from wufang.make import Neighbourhood
from wufang.make_reports import Reports

ROOT = "/open311/v2"
LISTS = {"services", "service_requests", "errors", "endpoints", "formats", "attributes"}


def parsed(answer: Response):
    """The document of an answer in XML, as the JSON of the same would be, but for texts in place of numbers."""
    root = ElementTree.fromstring(answer.content)
    return root.tag, _value(root)


def _value(element):
    if element.tag in LISTS:
        return [_value(one) for one in element]
    return {one.tag: _value(one) for one in element} if len(element) else element.text


def texts(value):
    """A JSON document with its numbers and truths as XML writes them."""
    if isinstance(value, dict):
        return {name: texts(one) for name, one in value.items()}
    if isinstance(value, list):
        return [texts(one) for one in value]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if value not in (None, "") else None


@pytest.fixture
def state(tmp_path: Path, vault: Vault, database: Database) -> Path:
    """The state folder, with the keys that the builders seal with."""
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    (keys / "seal-1.key").write_bytes(vault.keys["seal-1"])
    (keys / "index.key").write_bytes(vault.index_key)
    return tmp_path


@pytest.fixture
def now(at: datetime) -> list[datetime]:
    """The instant that the application reads, for tests to change."""
    return [at]


@pytest.fixture
def app(state: Path, now: list[datetime]) -> FastAPI:
    """The whole application."""
    return create_app(Settings(state_dir=state, language="en"), lambda: now[0])


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """Where it answers."""
    with serving(app) as address:
        yield address


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    """A program that reads English."""
    with Client(base_url=address + ROOT, headers={"Accept-Language": "en"}) as client:
        yield client


@pytest.fixture
def world(make: Maker) -> Neighbourhood:
    """A small world with one organisation of each party."""
    return make.neighbourhood()


@pytest.fixture
def reports(make: Maker, world: Neighbourhood) -> Reports:
    """Builders of reports."""
    return Reports(make, world)


@pytest.fixture
def key(make: Maker, world: Neighbourhood, at: datetime) -> str:
    """A program's key."""
    return make.database.write(make_key, world.district.id, "A navigation app", at)
