"""The story's world: a throw-away state with its own Prefect server, the web application, and the flows in this process."""

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread

import httpx
import uvicorn

from api.app import create_app
from models.database import Database
from models.migrations import upgrade
from models.officer import issue_credential, officer_by_email
from models.settings import Settings
from wufang.children import Child
from wufang.demo_district import seed
from wufang.story.telling import Clock, NotSo
from wufang.supervisor import prefect_program

READY_SECONDS = 60.0
TOKEN_VALID = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class World:
    """Where the story happens."""

    settings: Settings
    database: Database
    clock: Clock
    http: httpx.Client
    prefect: httpx.Client

    def token(self, email: str) -> dict[str, str]:
        """The header with which this officer's program speaks to the API."""
        with self.database.reading() as session:
            officer = officer_by_email(session, email)
        secret = self.database.write(issue_credential, officer.id, "demo", self.clock(), TOKEN_VALID)
        return {"Authorization": f"Bearer {secret}", "Accept-Language": "zh"}


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def throw_away_environment() -> dict[str, str]:
    """Settings of a state that nobody keeps: a folder of its own, free ports, no key of SendGrid."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WUFANG_")}
    return kept | {
        "WUFANG_STATE_DIR": tempfile.mkdtemp(prefix="wufang-demo-"),
        "PORT": str(free_port()),
        "WUFANG_PREFECT_PORT": str(free_port()),
    }


@contextmanager
def running(clock: Clock) -> Generator[World]:
    """The world of this process's settings, which are thrown away afterwards."""
    settings = Settings()
    logs = settings.state_dir / "log"
    logs.mkdir(parents=True, exist_ok=True)
    server = Child(prefect_program(settings), logs, lambda _: None)
    server.look()
    upgrade(settings.database)
    database = Database(settings.database)
    web = uvicorn.Server(
        uvicorn.Config(create_app(settings, clock), host="127.0.0.1", port=settings.port, log_level="warning")
    )
    thread = Thread(target=web.run, name="web", daemon=True)
    try:
        seed(database)
        thread.start()
        _await(server, web)
        with (
            httpx.Client(base_url=settings.address, timeout=30) as http,
            httpx.Client(base_url=settings.prefect_api, timeout=30) as prefect,
        ):
            yield World(settings, database, clock, http, prefect)
    finally:
        web.should_exit = True
        thread.join(10)
        database.close()
        server.ask_to_stop()
        server.wait(5)
        _throw_away(settings.state_dir)


def _await(server: Child, web: uvicorn.Server) -> None:
    until = time.monotonic() + READY_SECONDS
    while not (server.is_ready and web.started):
        if time.monotonic() > until:
            raise NotSo(f"Prefect's server and the web application are ready within {READY_SECONDS:.0f} s")
        time.sleep(0.1)
        server.look()


def _throw_away(folder: Path) -> None:
    if folder.name.startswith("wufang-demo-"):
        shutil.rmtree(folder, ignore_errors=True)
