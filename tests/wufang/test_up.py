"""`wufang up` for real, once: everything starts, a part that is killed returns, Ctrl-C stops all of it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from models import heartbeat
from models.database import Database
from tests.prefecting import free_port

START_SECONDS = 90


@dataclass
class Up:
    """A running `wufang up`, its lines and its state folder."""

    process: "subprocess.Popen[str]"
    state: Path
    environment: dict[str, str]
    lines: list[str] = field(default_factory=list)

    def read_until(self, pattern: str) -> str:
        """Read lines until one matches; that one."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if re.search(pattern, line):
                return line.strip()
        pytest.fail(f"no line like {pattern!r} among: {self.lines}")

    def child(self, word: str) -> psutil.Process:
        """The child whose command line has this word."""
        (found,) = [one for one in psutil.Process(self.process.pid).children() if word in " ".join(one.cmdline())]
        return found

    def note(self) -> str | None:
        """What the engine says of itself."""
        database = Database(f"sqlite:///{self.state / 'wufang.db'}")
        with database.reading() as session:
            said = heartbeat.latest(session).get("engine")
        database.close()
        return said.note if said else None


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")},
        "WUFANG_STATE_DIR": str(tmp_path / "var"),
        "WUFANG_PREFECT_PORT": str(free_port()),
        "PORT": str(free_port()),
    }


def start(environment: dict[str, str]) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "wufang", "up"]
    return subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture
def up(environment: dict[str, str]) -> Iterator[Up]:
    process = start(environment)
    yield Up(process, Path(environment["WUFANG_STATE_DIR"]), environment)
    if process.poll() is None:
        process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def wait_for(is_so: Callable[[], bool], seconds: float = 20) -> None:
    limit = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < limit
        time.sleep(0.1)


@pytest.mark.timeout(240)
@pytest.mark.xdist_group("prefect")
def test_everything_starts_recovers_and_stops(up: Up) -> None:
    up.read_until(r"^Ready after")
    told = "\n".join(up.lines)
    for part in ("Database", "Prefect server", "Web application", "Engine"):
        assert re.search(rf"{part} +ready in \d+\.\d s", told)
    assert "hejiaan@wuye.example" in up.read_until("hejiaan")
    up.read_until("^Stop with Ctrl-C")

    address = f"http://127.0.0.1:{up.environment['PORT']}"
    assert httpx.get(f"{address}/livez", trust_env=False).status_code == httpx.codes.OK
    wait_for(lambda: up.note() == "")

    second = start(up.environment)
    words, _ = second.communicate(timeout=30)
    assert second.returncode == 2
    first = f"Wufang runs on {up.state} already (process {up.process.pid})"
    assert words.strip() == f"{first}. Stop it first, or name another folder in WUFANG_STATE_DIR."

    up.child("wufang.engine").kill()
    assert "(signal 9); started again in 0.5 s" in up.read_until("Engine +ended")
    up.read_until("Engine +ready")

    up.child("wufang.prefect_server").suspend()
    wait_for(lambda: "does not answer" in (up.note() or ""))
    assert httpx.get(f"{address}/livez", trust_env=False).status_code == httpx.codes.OK
    up.child("wufang.prefect_server").resume()
    wait_for(lambda: up.note() == "")

    children = psutil.Process(up.process.pid).children(recursive=True)
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(15) == 0
    assert up.read_until("^Stopped") == "Stopped."
    assert "Traceback" not in "\n".join(up.lines)
    assert [child for child in children if child.is_running()] == []


def test_a_database_that_is_not_there_is_said_in_one_sentence(environment: dict[str, str]) -> None:
    address = f"postgresql+psycopg://nobody:secret@127.0.0.1:{free_port()}/none"
    process = start({**environment, "WUFANG_DATABASE_URL": address})
    words, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "The database postgresql+psycopg://nobody:***@127.0.0.1" in words
    assert "Check WUFANG_DATABASE_URL and its server." in words
    assert "Traceback" not in words
    assert "secret" not in words
