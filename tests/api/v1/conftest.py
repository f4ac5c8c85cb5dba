"""The API over a fresh database, and officers who bear tokens."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import Client

from api.app import create_app
from models.crypto import Vault
from models.database import Database
from models.district import Organisation
from models.officer import issue_credential
from models.settings import Settings
from tests.live import serving
from tests.make import Maker
from wufang.make import Neighbourhood


@dataclass
class Hand:
    """The clock that the application reads; tests set its hand."""

    at: datetime

    def __call__(self) -> datetime:
        """The instant."""
        return self.at


@pytest.fixture
def clock(at: datetime) -> Hand:
    """The clock, at the instant at which tests begin."""
    return Hand(at)


@pytest.fixture
def state(tmp_path: Path, vault: Vault, database: Database) -> Path:
    """The state folder, with the keys that the builders seal with."""
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    (keys / "seal-1.key").write_bytes(vault.keys["seal-1"])
    (keys / "index.key").write_bytes(vault.index_key)
    return tmp_path


@pytest.fixture
def settings(state: Path) -> Settings:
    """English where a reader has chosen none; nothing answers as Prefect (port 9 is discard)."""
    return Settings(state_dir=state, language="en", prefect_api_url="http://127.0.0.1:9/api")


@pytest.fixture
def app(settings: Settings, clock: Hand) -> FastAPI:
    """The whole application."""
    return create_app(settings, clock)


@pytest.fixture
def client(app: FastAPI) -> Iterator[Client]:
    """Somebody without a token, over a real connection."""
    with serving(app) as address, Client(base_url=address, headers={"Accept-Language": "en"}) as client:
        yield client


@pytest.fixture
def world(make: Maker) -> Neighbourhood:
    """A small world with one organisation of each party."""
    return make.neighbourhood()


Bearing = Callable[[UUID], dict[str, str]]
As = Callable[[Organisation], dict[str, str]]


@pytest.fixture
def bearing(make: Maker) -> Bearing:
    """The header of an officer's token that is valid for a year."""

    def bearing(officer_id: UUID) -> dict[str, str]:
        secret = make.database.write(issue_credential, officer_id, "test", make.at, timedelta(days=365))
        return {"Authorization": f"Bearer {secret}"}

    return bearing


@pytest.fixture
def as_(bearing: Bearing, world: Neighbourhood) -> As:
    """The header of the organisation's officer."""
    return lambda organisation: bearing(world.officer(organisation).id)


@pytest.fixture
def stranger(make: Maker, world: Neighbourhood, bearing: Bearing) -> dict[str, str]:
    """The header of a clerk of another neighbourhood."""
    other = make.neighbourhood()
    return bearing(other.officer(other.company).id)


@pytest.fixture
def administrator(make: Maker, world: Neighbourhood, bearing: Bearing) -> dict[str, str]:
    """The header of an administrator of the lead department."""
    return bearing(make.officer(world.lead, is_administrator=True).id)


@pytest.fixture
def matter_id(make: Maker, world: Neighbourhood) -> UUID:
    """A filing of five riders whose consultation is open."""
    filed = make.filing(world.clerk, [world.compound], 5).matter_id
    make.open(filed)
    return filed
