"""`wufang up`: Prefect's server, the engine and the web application, started, kept running and stopped together."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from models.settings import Settings
from wufang.checking_first import (
    CannotStart,
    alone,
    check_folder,
    check_ports,
    read_settings,
    unknown_settings,
)
from wufang.children import Child, Program, Say
from wufang.prefect_environment import client_environment, server_environment
from wufang.stop_signal import StopSignal

STARTING_LOOK_SECONDS = 0.1
LOOK_SECONDS = 1.0  # a child's end wakes us earlier
MOST_STARTS = 4  # of a child that was never ready: more would only fill its log
STOP_SECONDS = 5.0
PROBE_SECONDS = 0.5
HTTP_OK = 200


class StartFailed(Exception):
    """A child never became ready."""


class Supervisor:
    """Keeps children running until it is told to stop."""

    def __init__(self, children: list[Child], stop: StopSignal) -> None:
        self._children = children  # the last is stopped first: what uses stops before what is used
        self._stop = stop

    def start(self) -> bool:
        """Start all and wait until all are ready; False where we were told to stop. Raises `StartFailed`."""
        while not self._stop.wait(STARTING_LOOK_SECONDS):
            self._look()
            if all(child.is_ready for child in self._children):
                return True
            for child in self._children:
                if child.failures >= MOST_STARTS:
                    raise StartFailed(f"{child.program.title} does not start. Its log says why: {child.log}")
        return False

    def keep(self) -> None:
        """Keep them running until we are told to stop."""
        while not self._stop.wait(self._patience()):
            self._look()

    def stop(self) -> None:
        """Stop all, in two steps: the first child is what the others talk to."""
        for group in (self._children[1:], self._children[:1]):
            until = time.monotonic() + STOP_SECONDS
            for child in group:
                child.ask_to_stop()
            for child in group:
                child.wait(until - time.monotonic())

    def _look(self) -> None:
        for child in self._children:
            child.look()

    def _patience(self) -> float:
        is_calm = all(child.is_ready for child in self._children)
        return LOOK_SECONDS if is_calm else STARTING_LOOK_SECONDS


def programs(settings: Settings) -> list[Program]:
    """What runs: our Prefect server where no other is named, the web application, the engine."""
    ready = settings.state_dir / "run" / "engine.ready"
    listed = [_web(settings), _engine(settings, ready)]
    return [prefect_program(settings), *listed] if settings.is_prefect_ours else listed


def prefect_program(settings: Settings) -> Program:
    """Our Prefect server."""
    port = settings.prefect_port
    words = _uvicorn("wufang.prefect_server:create_app", "127.0.0.1", port)
    is_ready = _answers("127.0.0.1", port, "/api/health")
    return Program("prefect", "Prefect server", words, server_environment(settings), is_ready)


def _web(settings: Settings) -> Program:
    words = (*_uvicorn("api.app:create_app", settings.host, settings.port), "--loop", "uvloop", "--http", "httptools")
    is_ready = _answers(settings.host, settings.port, "/livez")
    return Program("web", "Web application", words, dict(os.environ), is_ready)


def _engine(settings: Settings, ready: Path) -> Program:
    words = (sys.executable, "-m", "wufang.engine", str(ready))
    return Program("engine", "Engine", words, client_environment(settings), ready.exists, mark=ready)


def _uvicorn(application: str, host: str, port: int) -> tuple[str, ...]:
    return (
        *(sys.executable, "-m", "uvicorn", "--factory", application),
        *("--host", host, "--port", str(port)),
        *("--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "3"),
    )


def _answers(host: str, port: int, path: str) -> Callable[[], bool]:
    """A question whether that address answers 200."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared, not listened on

    def ask() -> bool:
        connection = http.client.HTTPConnection(reachable, port, timeout=PROBE_SECONDS)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == HTTP_OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return ask


def prepare(say: Say) -> list[str]:
    """Tables and demo district, by a process of its own. Returns lines to show at the end. Raises `CannotStart`."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "wufang.preparing"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        start_new_session=True,  # Ctrl-C must not break it off half way
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["The database cannot be prepared."])[-1]
        raise CannotStart(last)
    say(f"  {'Database':<16} ready in {time.monotonic() - began:.1f} s")
    return done.stdout.splitlines()


def main() -> int:
    """Run everything until a signal; 2 where it cannot start, in one sentence, 1 where a part never came up."""
    try:
        settings = read_settings()
        for said in unknown_settings(os.environ):
            _say(said)
        check_folder(settings.state_dir)
        with alone(settings.state_dir):
            check_ports(settings)
            return _run(settings, _say)
    except (CannotStart, StartFailed) as error:
        print(error, file=sys.stderr, flush=True)
        return 2 if isinstance(error, CannotStart) else 1


def _run(settings: Settings, say: Say) -> int:
    began = time.monotonic()
    stop = StopSignal()
    logs = settings.state_dir / "log"
    logs.mkdir(exist_ok=True)
    children = [Child(program, logs, say) for program in programs(settings)]
    supervisor = Supervisor(children, stop)
    say(f"Wufang starts on {settings.state_dir}")
    try:
        if settings.is_prefect_ours:
            children[0].look()  # the slowest to start: it does so while the database is prepared
        lines = prepare(say)
        if supervisor.start():
            _greet(settings, time.monotonic() - began, lines, say)
            supervisor.keep()
    finally:
        say("Stopping …")
        supervisor.stop()
    say("Stopped.")
    return 0


def _greet(settings: Settings, seconds: float, lines: list[str], say: Say) -> None:
    say(f"Ready after {seconds:.1f} s.")
    say(f"  Portal           {settings.address}")
    say(f"  Prefect          {settings.prefect_api.removesuffix('/api')}")
    say(f"  State and logs   {settings.state_dir}")
    for line in lines:
        say(line)
    say("Stop with Ctrl-C.")


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
