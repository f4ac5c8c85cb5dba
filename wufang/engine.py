"""The engine: one warm process that watches the alarms, calls the flows, and serves the deployments' runs (decision 2).

`python -m wufang.engine [READY]` in the environment that `wufang.prefect_environment` makes; READY is a file that it
creates when it watches.
"""

import contextvars
import fcntl
import os
import socket
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import structlog
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from flows.access_filing import access_filing
from flows.chat import chat
from flows.exports import exports
from flows.letters import letters
from flows.report_escalation import report_escalation
from flows.timetable_drafting import timetable_drafting
from flows.training_places import training_places
from flows.training_schedule import training_schedule
from models import chat as chats
from models import heartbeat, rounds
from models.clock import utcnow
from models.database import Database
from models.export import building
from models.logbook import configure_log
from models.matter import MatterKind
from models.notice import claiming
from models.report import climbing
from models.settings import Settings
from models.training import drafting, tending
from tasks import resources
from wufang.reaching import Health
from wufang.serving_runs import RunServer
from wufang.stop_signal import StopSignal
from wufang.watching import Alarm, Watcher

log = structlog.get_logger()

NAME = "engine"  # of its heartbeat
BEAT_SECONDS = heartbeat.EVERY.total_seconds()
STOP_SECONDS = 4.0  # for the rounds that run; what is cut off stays due

ALARMS = (
    Alarm(
        "access-filing",
        lambda session, at: rounds.is_due(session, MatterKind.ACCESS_FILING.value, at),
        access_filing,
    ),
    Alarm(
        "report-escalation",
        lambda session, at: climbing.is_due(session, at) or rounds.is_due(session, MatterKind.STREET_WHISTLE.value, at),
        report_escalation,
    ),
    Alarm("training-places", tending.is_due, training_places),
    Alarm("letters", claiming.is_due, letters),
    Alarm("chat", chats.is_due, chat),
    Alarm("exports", building.is_due, exports),
    Alarm("timetable-drafting", drafting.is_due, timetable_drafting),
    Alarm(
        "training-schedule",
        lambda session, at: rounds.is_due(session, MatterKind.TRAINING_SCHEDULE.value, at),
        training_schedule,
    ),
)


class EngineRunsAlready(Exception):
    """Another engine works on this state folder."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Everything that runs: a thread for each alarm, so that slow letters delay no filing, and one for the worker."""

    database: Database
    watchers: tuple[Watcher, ...]
    runs: RunServer
    is_server_there: Callable[[], bool]
    prefect_api: str

    def threads(self, stopping: Event) -> list[Thread]:
        """The threads, started, each with Prefect's settings of this moment."""
        parts = {watcher.alarm.name: watcher.run for watcher in self.watchers} | {"runs": self.runs.run}
        made = [
            Thread(target=contextvars.copy_context().run, args=(run, stopping), name=name, daemon=True)
            for name, run in parts.items()
        ]
        for thread in made:
            thread.start()
        return made

    def troubles(self) -> str:
        """What is wrong, in English sentences; empty: nothing."""
        if not self.is_server_there():
            return f"Prefect's server at {self.prefect_api} does not answer. What is due waits for it."
        told = [*(watcher.trouble for watcher in self.watchers), self.runs.trouble]
        return " ".join(one for one in told if one)

    def beat(self, note: str) -> None:
        """Say that the engine lives. A database that refuses is logged: the next beat will tell."""
        try:
            self.database.write(heartbeat.beat, NAME, utcnow(), note)
        except Exception:
            log.exception("heartbeat not written")


def build(settings: Settings, database: Database) -> Engine:
    """The engine of these settings, at rest."""
    name = f"engine-{socket.gethostname()}-{settings.prefect_port}"
    health = Health(f"{settings.prefect_api}/health")
    watchers = tuple(Watcher(alarm, database, health.is_good, settings.look_seconds, name) for alarm in ALARMS)
    runs = RunServer(settings.work_pool, name, health.is_good)
    return Engine(database, watchers, runs, health.is_good, settings.prefect_api)


def work(engine: Engine, stop: StopSignal, ready: Path | None) -> None:
    """Watch until the signal, then finish the rounds that run."""
    stopping = Event()
    # Prefect's heartbeat thread sleeps whole seconds, and a run waits for it: 1.1 s a round instead of 0.07 s.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        threads = engine.threads(stopping)
    if ready is not None:
        ready.touch()
    engine.beat(engine.troubles())
    while not stop.wait(BEAT_SECONDS):
        engine.beat(engine.troubles())
    stopping.set()
    until = time.monotonic() + STOP_SECONDS
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    engine.beat("The engine was stopped.")


@contextmanager
def alone(state_dir: Path) -> Generator[None]:
    """One engine a state folder. Raises `EngineRunsAlready`."""
    folder = state_dir / "run"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "engine.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise EngineRunsAlready() from error
        yield


def main() -> int:
    """Run the engine; 2 where another one runs."""
    configure_log()
    stop = StopSignal()
    settings = resources.settings()
    ready = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    try:
        with alone(settings.state_dir):
            work(build(settings, resources.database()), stop, ready)
            resources.database().close()
    except EngineRunsAlready:
        print(f"An engine works on {settings.state_dir} already. Stop it first.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Prefect's exit handlers wait for a server that may be gone; all that we keep is committed by now.
    os._exit(code)
