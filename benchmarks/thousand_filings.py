"""1,000 filings with five opinions each, settled and passed in rounds: consultations a second, and Prefect's share.

The declaration is given with the filing, four opinions by domain commands, every round is a Prefect run called in the
process. Prefect's time is that of the flow calls less that of the database inside them.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.staging import ROOT, Row, process, row, state
from models.settings import Settings

FILINGS = 1000
ROUND = 200


def measure() -> Row:
    """One run in a process of its own, with a Prefect server of its own."""
    more = ("prefect_share", "filings", "seconds", "rounds")
    with state(WUFANG_DEMO="false") as environment:
        said = with_prefect(environment, "benchmarks.thousand_filings")
    return row(
        "thousand_filings",
        [said["consultations_per_second"]],
        [],
        "consultations/s",
        **{name: said[name] for name in more},
    )


def with_prefect(environment: dict[str, str], module: str, *words: str) -> dict[str, Any]:
    """Run `module` with a Prefect server of its own; the JSON of its last line."""
    folder = Path(environment["WUFANG_STATE_DIR"])
    port = int(environment["WUFANG_PREFECT_PORT"])
    found = json.loads(_environments(environment, folder, port))
    serve = [
        *(sys.executable, "-m", "uvicorn", "--factory", "wufang.prefect_server:create_app"),
        *("--port", str(port), "--no-access-log", "--log-level", "warning"),
    ]
    with process(serve, found["server"], f"http://127.0.0.1:{port}/api/health", 90):
        done = subprocess.run(
            [sys.executable, "-m", module, "run", *words],
            env=found["client"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        )
    return json.loads(done.stdout.decode().splitlines()[-1])


def _environments(environment: dict[str, str], folder: Path, port: int) -> str:
    """The environments of server and client: Prefect reads them while it is imported, so a process makes them."""
    code = (
        "import json, os; from models.settings import Settings;"
        "from wufang.prefect_environment import client_environment as c, server_environment as s;"
        "x = Settings(); print(json.dumps({'client': c(x), 'server': s(x)}))"
    )
    assert Settings(state_dir=folder, prefect_port=port).is_prefect_ours
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, stdout=subprocess.PIPE, check=True
    ).stdout.decode()


class Stopwatch:
    """Adds up the time that calls of one function take."""

    def __init__(self, act: Callable[..., Any]) -> None:
        self._act, self.seconds = act, 0.0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        begun = time.perf_counter()
        try:
            return self._act(*args, **kwargs)
        finally:
            self.seconds += time.perf_counter() - begun


def run() -> dict[str, Any]:
    """The measured process: file, round, answer, round, answer, round."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
    from sqlalchemy import func, select

    from benchmarks.filled import fill
    from flows.access_filing import access_filing
    from models.clock import utcnow
    from models.passes import Pass
    from tasks import resources

    at = utcnow()
    filled = fill(resources.settings().state_dir, at)
    writing = Stopwatch(resources.database().write)
    resources.database().write = writing  # the flows' database is another object than the filings'
    flow = Stopwatch(access_filing)
    rounds = 0

    def take_rounds() -> None:
        nonlocal rounds
        while flow(at=at, size=ROUND).taken:
            rounds += 1

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        access_filing(at=at)  # the first run of a process loads things
        begun = time.perf_counter()
        filled.submit(FILINGS)
        take_rounds()
        filled.answer(filled.world.community, filled.world.council)
        take_rounds()
        filled.answer(filled.world.street, filled.world.housing)
        take_rounds()
        seconds = time.perf_counter() - begun
    with filled.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Pass)) == FILINGS
    return _told(seconds, flow.seconds - writing.seconds, rounds)


def _told(seconds: float, prefect_seconds: float, rounds: int) -> dict[str, Any]:
    return {
        "consultations_per_second": round(FILINGS / seconds, 1),
        "prefect_share": round(prefect_seconds / seconds, 3),
        "filings": FILINGS,
        "seconds": round(seconds, 1),
        "rounds": rounds,
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        print(json.dumps(run()))
        sys.stdout.flush()
        os._exit(0)  # Prefect's exit handlers wait for its server
    print(measure())
