"""A program that the supervisor keeps running: started, awaited, started again when it dies, stopped."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
GOOD_AFTER_SECONDS = 60.0  # a program that ran this long has earned a quick restart
LOG_BYTES = 5_000_000  # a longer log is put aside at the next start
_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
_C = ctypes.CDLL(None)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, and how to know that it is ready."""

    name: str  # its log is `<name>.log`
    title: str
    words: tuple[str, ...]
    environment: Mapping[str, str]
    is_ready: Callable[[], bool]
    mark: Path | None = None  # a file that says "ready"; one of the process before must not


class Child:
    """One program and its process of the moment. Every change is said in one line."""

    def __init__(self, program: Program, logs: Path, say: Say) -> None:
        self.program = program
        self.log = logs / f"{program.name}.log"
        self.is_ready = False
        self.failures = 0  # in a row, each before it had run for long
        self._say = say
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_at = 0.0

    @property
    def pid(self) -> int | None:
        """Its process, where one runs."""
        return self._process.pid if self._process is not None else None

    def look(self) -> None:
        """Start it where it is due, see whether it is ready, notice when it has died."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._start_at:
                self._start(now)
        elif (code := self._process.poll()) is not None:
            self._died(code, now)
        elif not self.is_ready and self.program.is_ready():
            self.is_ready = True
            self._say(f"  {self.program.title:<16} ready in {now - self._started_at:.1f} s")

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> None:
        """Wait for its end; what has not ended by then is killed, with all that it started."""
        if self._process is None:
            return
        try:
            self._process.wait(max(seconds, 0.0))
        except subprocess.TimeoutExpired:
            self._say(f"  {self.program.title:<16} did not stop in time and is killed")
        _kill_group(self._process.pid)
        self._process.wait()
        self._process = None

    def _start(self, now: float) -> None:
        self.is_ready, self._started_at = False, now
        if self.program.mark is not None:
            self.program.mark.unlink(missing_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  words of our own
                self.program.words,
                env=dict(self.program.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the supervisor only, which stops all in order
                preexec_fn=_die_with_parent,  # noqa: PLW1509  the supervisor has one thread
            )

    def _died(self, code: int, now: float) -> None:
        assert self._process is not None
        _kill_group(self._process.pid)
        ran_seconds = now - self._started_at
        self._process, self.is_ready = None, False
        self.failures = 1 if ran_seconds > GOOD_AFTER_SECONDS else self.failures + 1
        delay = min(FIRST_DELAY_SECONDS * 2 ** (self.failures - 1), LONGEST_DELAY_SECONDS)
        self._start_at = now + delay
        self._say(
            f"  {self.program.title:<16} ended after {ran_seconds:.0f} s ({_named(code)}); "
            f"started again in {delay:.1f} s. Its log: {self.log}"
        )


def _named(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _kill_group(pid: int) -> None:
    """Kill what is left of a session; nothing is the usual case."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _die_with_parent() -> None:
    """In the child, before its program: Linux stops it when the supervisor is gone, however that went."""
    if sys.platform == "linux":
        _C.prctl(_SET_DEATH_SIGNAL, signal.SIGTERM)
