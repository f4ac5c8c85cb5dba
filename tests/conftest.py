"""What all tests share: databases, builders, a vault, and sockets that reach no further than this machine."""

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from models.crypto import Vault
from models.database import Database
from models.migrations import upgrade
from tests.make import Maker

POSTGRES = "postgresql://root@127.0.0.1:5432"  # trusts this machine; the tests make databases of their own in it
MONDAY_MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 9 o'clock in Shanghai, on a working day


class SocketBeyondThisMachine(RuntimeError):
    """A test reached for the network."""


def _refuse_far_sockets(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: refuse connections and look-ups of anything but this machine."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = str(arguments[1][0])
    elif event == "socket.getaddrinfo" and arguments[0] is not None:
        host = arguments[0].decode() if isinstance(arguments[0], bytes) else str(arguments[0])
    else:
        return
    if not _is_here(host):
        raise SocketBeyondThisMachine(host)


def _is_here(host: str) -> bool:
    if host in {"", "localhost"}:
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def pytest_configure() -> None:
    """Sockets beyond this machine are off from the first import on."""
    sys.addaudithook(_refuse_far_sockets)


# Prefect reads these while it is imported; its console lines would go to a terminal that a test has closed by then.
os.environ |= {"PREFECT_LOGGING_TO_CONSOLE_ENABLED": "false", "PREFECT_LOGGING_LEVEL": "CRITICAL"}
pytest_plugins = ["tests.prefecting"]


@pytest.fixture
def at() -> datetime:
    """The instant at which tests begin."""
    return MONDAY_MORNING


@pytest.fixture(scope="session")
def vault() -> Vault:
    """A vault with keys that are the same in every run."""
    return Vault({"seal-1": bytes(range(32))}, "seal-1", bytes(range(32, 64)))


@pytest.fixture(scope="session")
def database_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with every table and no row, migrated once and copied for each test."""
    path = tmp_path_factory.mktemp("template") / "wufang.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def database(database_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite database."""
    path = tmp_path / "wufang.db"
    shutil.copyfile(database_template, path)
    opened = Database(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A migrated PostgreSQL database of this worker's own, dropped at the end."""
    name = f"wufang_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    try:
        server = psycopg.connect(f"{POSTGRES}/postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        missing("PostgreSQL does not answer on 127.0.0.1:5432")
    with server:
        server.execute(f'create database "{name}"')
        try:
            url = f"{POSTGRES.replace('postgresql:', 'postgresql+psycopg:')}/{name}"
            upgrade(url)
            yield url
        finally:
            server.execute(f'drop database "{name}" with (force)')


@pytest.fixture(scope="session")
def postgres_database(postgres_url: str) -> Iterator[Database]:
    """That database, opened once; `postgres` empties it for each test."""
    opened = Database(postgres_url)
    yield opened
    opened.close()


@pytest.fixture
def postgres(postgres_database: Database) -> Database:
    """An empty PostgreSQL database."""
    postgres_database.write(_empty)
    return postgres_database


def _empty(session: Session) -> None:
    named = session.scalars(text("select tablename from pg_tables where schemaname = current_schema()")).all()
    listed = ", ".join(f'"{name}"' for name in named if name != "alembic_version")
    session.execute(text(f"truncate {listed}"))


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request: pytest.FixtureRequest) -> Database:
    """The test runs on an empty database of either kind."""
    return request.getfixturevalue("database" if request.param == "sqlite" else "postgres")


@pytest.fixture
def make(database: Database, vault: Vault, at: datetime) -> Maker:
    """The builders, on SQLite."""
    return Maker(database, vault, at)


@pytest.fixture
def any_make(any_database: Database, vault: Vault, at: datetime) -> Maker:
    """The builders, on either database."""
    return Maker(any_database, vault, at)


def missing(what: str) -> None:
    """Skip with a line that says what this machine lacks; fail instead where WUFANG_REQUIRE_ALL=1 (CI)."""
    if os.environ.get("WUFANG_REQUIRE_ALL") == "1":
        pytest.fail(f"{what}, and WUFANG_REQUIRE_ALL=1 wants every test run")
    pytest.skip(what)
