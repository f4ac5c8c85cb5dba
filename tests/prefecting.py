"""A real Prefect server on this machine, started once for all tests that ask for it."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_CLIENT_MAX_RETRIES,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_LOGGING_TO_API_ENABLED,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
    PREFECT_WORKER_QUERY_SECONDS,
    temporary_settings,
)

from models.settings import Settings
from wufang.prefect_environment import server_environment
from wufang.reaching import Health

START_SECONDS = 90


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def start_prefect(state: Path, port: int) -> subprocess.Popen[bytes]:
    """A Prefect server as `wufang up` starts it; it answers when this returns."""
    settings = Settings(state_dir=state, prefect_port=port)
    words = ["-m", "uvicorn", "--factory", "wufang.prefect_server:create_app", "--port", str(port)]
    quiet = ["--log-level", "warning", "--timeout-graceful-shutdown", "1"]
    process = subprocess.Popen(
        [sys.executable, *words, *quiet],
        env={**server_environment(settings), "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "1"},
        start_new_session=True,
    )
    health = Health(f"{settings.prefect_api}/health")
    limit = time.monotonic() + START_SECONDS
    while not health.is_good():
        assert process.poll() is None, "the Prefect server ended"
        assert time.monotonic() < limit, "the Prefect server did not start"
        time.sleep(0.1)
    health.close()
    return process


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of its API, to which flows called in this process report."""
    port = free_port()
    process = start_prefect(tmp_path_factory.mktemp("prefect"), port)
    url = f"http://127.0.0.1:{port}/api"
    ours = {
        PREFECT_API_URL: url,
        PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False,
        PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
        PREFECT_CLIENT_MAX_RETRIES: 2,
        PREFECT_LOGGING_TO_API_ENABLED: False,
        PREFECT_WORKER_QUERY_SECONDS: 0.2,
    }
    with temporary_settings(ours):
        yield url
    process.terminate()
    process.wait(15)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that use the server run in one worker of pytest-xdist, so that one server is started."""
    for item in items:
        if "prefect_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("prefect"))
