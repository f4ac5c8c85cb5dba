"""1,000 filings with five opinions each, settled and passed in rounds: consultations a second, and Prefect's share.

The declaration is given with the filing, four opinions by domain commands, every round is a Prefect run called in the
process. Prefect's time is that of the flow calls less that of the database inside them, both writing (with the rules that
run in the transaction) and reading. The notes say what each step of a consultation costs in milliseconds.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.staging import ROOT, Row, process, row, state
from models.settings import Settings

FILINGS = 1000
ROUND = 200


def measure() -> Row:
    """One run in a process of its own, with a Prefect server of its own."""
    more = ("prefect_share", "filings", "seconds", "rounds", "ms_each")
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
    found = environments(environment, folder, port)
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


def environments(environment: dict[str, str], folder: Path, port: int) -> dict[str, dict[str, str]]:
    """The environments of server and client: Prefect reads them while it is imported, so a process makes them."""
    code = (
        "import json, os; from models.settings import Settings;"
        "from wufang.prefect_environment import client_environment as c, server_environment as s;"
        "x = Settings(); print(json.dumps({'client': c(x), 'server': s(x)}))"
    )
    assert Settings(state_dir=folder, prefect_port=port).is_prefect_ours
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


class Stopwatch:
    """Adds up the time that calls of one function take."""

    def __init__(self, act: Callable[..., Any]) -> None:
        self._act, self.seconds = act, 0.0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with self.running():
            return self._act(*args, **kwargs)

    @contextmanager
    def running(self) -> Generator[None]:
        """Count the time of a block."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - begun


class ReadingWatch(Stopwatch):
    """The same for a context manager, from its beginning to its end."""

    def __call__(self) -> AbstractContextManager[Any]:
        return self._watched()

    @contextmanager
    def _watched(self) -> Generator[Any]:
        with self.running(), self._act() as session:
            yield session


def run() -> dict[str, Any]:
    """The measured process: file, round, answer, round, answer, round."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    from benchmarks.filled import fill
    from flows.access_filing import access_filing
    from models.clock import utcnow
    from tasks import resources

    at = utcnow()
    filled = fill(resources.settings().state_dir, at)
    world = filled.world
    database = resources.database()  # another object than the filings' database: only the flows use it
    database.write, database.reading = watches = Stopwatch(database.write), ReadingWatch(database.reading)
    flow = Stopwatch(access_filing)
    rounds: list[int] = []

    def take_rounds() -> None:
        while taken := flow(at=at, size=ROUND).taken:
            rounds.append(taken)

    steps: list[tuple[str, Callable[[], object]]] = [
        ("file", lambda: filled.submit(FILINGS)),
        ("open", take_rounds),
        ("two opinions", lambda: filled.answer(world.community, world.council)),
        ("open next stage", take_rounds),
        ("two more opinions", lambda: filled.answer(world.street, world.housing)),
        ("conclude", take_rounds),
    ]
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        access_filing(at=at)  # the first run of a process loads things
        for watch in watches:
            watch.seconds = 0.0
        lasted = {name: _timed(act) for name, act in steps}
    _check(filled)
    return _told(lasted, flow.seconds - sum(one.seconds for one in watches), len(rounds))


def _timed(act: Callable[[], object]) -> float:
    """Seconds that `act` takes."""
    watch = Stopwatch(act)
    watch()
    return watch.seconds


def _check(filled: Any) -> None:
    """Every filing has its passes, and five opinions, one of them the declaration."""
    from sqlalchemy import func, select

    from models.consultation.tables import Opinion
    from models.passes import Pass

    with filled.database.reading() as session:
        passes = session.scalar(select(func.count()).select_from(Pass))
        opinions = session.scalar(select(func.count()).select_from(Opinion))
    assert passes == FILINGS, passes
    assert opinions == FILINGS * 5, opinions


def _told(lasted: dict[str, float], prefect_seconds: float, rounds: int) -> dict[str, Any]:
    seconds = sum(lasted.values())
    return {
        "consultations_per_second": round(FILINGS / seconds, 1),
        "prefect_share": round(prefect_seconds / seconds, 3),
        "filings": FILINGS,
        "seconds": round(seconds, 1),
        "rounds": rounds,
        "ms_each": {name: round(took / FILINGS * 1000, 2) for name, took in lasted.items()},
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        print(json.dumps(run()))
        sys.stdout.flush()
        os._exit(0)  # Prefect's exit handlers wait for its server
    print(measure())
