"""What the measurements share: a throw-away state, servers in processes of their own, rows to print and keep."""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Row:
    """One measured claim: ours, the peer or ceiling, their ratio; `spread` is the range of our runs over their median."""

    name: str
    ours: float
    other: float | None
    ratio: float | None
    unit: str
    spread: float
    notes: dict[str, Any] = field(default_factory=dict[str, Any])


def row(name: str, ours: Sequence[float], other: Sequence[float], unit: str, **notes: Any) -> Row:
    """A row from alternating runs: medians, and the median of the ratios run by run."""
    median = statistics.median(ours)
    spread = round((max(ours) - min(ours)) / median, 3) if median else 0.0
    if not other:
        return Row(name, round(median, 4), None, None, unit, spread, notes)
    ratio = statistics.median(one / two for one, two in zip(ours, other, strict=True))
    return Row(name, round(median, 3), round(statistics.median(other), 3), round(ratio, 3), unit, spread, notes)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def state(**settings: str) -> Generator[dict[str, str]]:
    """The environment of a throw-away state; its folder is removed afterwards."""
    folder = tempfile.mkdtemp(prefix="wufang-bench-")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WUFANG_")}
    ports = {"PORT": str(free_port()), "WUFANG_PREFECT_PORT": str(free_port())}
    try:
        yield kept | {"WUFANG_STATE_DIR": folder} | ports | settings
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def process(words: Sequence[str], environment: Mapping[str, str], url: str, seconds: float = 60) -> Generator[int]:
    """A process that answers at `url` before the body runs, and is stopped by its id after it."""
    with tempfile.TemporaryFile() as log:
        running = subprocess.Popen(words, env=dict(environment), cwd=ROOT, stdout=log, stderr=log)
        try:
            until = time.monotonic() + seconds
            while not answers(url):
                if running.poll() is not None or time.monotonic() > until:
                    log.seek(0)
                    raise RuntimeError(f"{words[-1]} does not start: {log.read().decode()[-2000:]}")
                time.sleep(0.05)
            yield running.pid
        finally:
            running.terminate()
            try:
                running.wait(15)
            except subprocess.TimeoutExpired:
                running.kill()


def answers(url: str) -> bool:
    """Whether anything at all answers there with a good status."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return answer.status < 400
    except (OSError, urllib.error.URLError):
        return False


def web(application: str, environment: Mapping[str, str], port: int, path: str) -> AbstractContextManager[int]:
    """A web server of one process for that application, as `wufang up` runs it."""
    words = [
        *(sys.executable, "-m", "uvicorn", "--factory", application, "--port", str(port)),
        *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"),
    ]
    return process(words, environment, f"http://127.0.0.1:{port}{path}")
