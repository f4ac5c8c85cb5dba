"""Children of the supervisor: real processes that become ready, die, refuse to stop, lose their parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from wufang.children import Child, Program

READY_THEN_SLEEP = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"
DIE = "import sys; print('what went wrong'); sys.exit(3)"
DEAF = "import pathlib, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); {}".format(
    "pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"
)
PARENT = """
import pathlib, sys, time
from wufang.children import Child, Program
program = Program("kid", "Kid", (sys.executable, "-c", "import time; time.sleep(60)"), {}, lambda: True)
child = Child(program, pathlib.Path(sys.argv[1]), lambda line: None)
child.look()
print(child.pid, flush=True)
time.sleep(60)
"""

Start = Callable[[str], Child]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def start(tmp_path: Path, said: list[str]) -> Iterator[Start]:
    made: list[Child] = []

    def make(script: str) -> Child:
        marker = tmp_path / "ready"
        words = (sys.executable, "-c", script, str(marker))
        child = Child(Program("kid", "Kid", words, dict(os.environ), marker.exists, mark=marker), tmp_path, said.append)
        made.append(child)
        child.look()
        return child

    yield make
    for child in made:
        child.ask_to_stop()
        child.wait(1)


def look_until(child: Child, is_so: Callable[[], bool], seconds: float = 10) -> None:
    limit = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < limit
        child.look()
        time.sleep(0.02)


def is_running(pid: int | None) -> bool:
    return pid is not None and psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_a_child_says_when_it_is_ready_and_how_long_that_took(start: Start, said: list[str]) -> None:
    child = start(READY_THEN_SLEEP)
    look_until(child, lambda: child.is_ready)
    assert said[-1].split()[:3] == ["Kid", "ready", "in"]


def test_a_child_that_is_killed_is_started_again_and_a_line_says_so(start: Start, said: list[str]) -> None:
    child = start(READY_THEN_SLEEP)
    look_until(child, lambda: child.is_ready)
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    look_until(child, lambda: child.pid not in {first, None})
    assert any("(signal 9); started again in 0.5 s" in line for line in said)


def test_a_child_that_dies_at_once_is_started_with_growing_delays_and_keeps_its_words(
    start: Start, said: list[str]
) -> None:
    child = start(DIE)
    look_until(child, lambda: child.failures >= 2)
    assert [line.split("again in ")[1].split(" s")[0] for line in said] == ["0.5", "1.0"]
    assert "(exit code 3)" in said[0]
    assert child.log.read_text().count("what went wrong") == 2


def test_a_child_that_does_not_stop_in_time_is_killed(start: Start, said: list[str]) -> None:
    child = start(DEAF)
    look_until(child, lambda: child.is_ready)
    pid = child.pid
    child.ask_to_stop()
    child.wait(0.3)
    assert not is_running(pid)
    assert "did not stop in time" in said[-1]


def test_a_long_log_is_put_aside_at_the_next_start(start: Start, tmp_path: Path) -> None:
    (tmp_path / "kid.log").write_bytes(b"x" * 5_000_001)
    start(READY_THEN_SLEEP)
    assert (tmp_path / "kid.log.1").stat().st_size == 5_000_001
    assert (tmp_path / "kid.log").stat().st_size == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_a_killed_supervisor_leaves_no_orphan(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_running(child)
        parent.kill()
    limit = time.monotonic() + 5
    while is_running(child):
        assert time.monotonic() < limit, "the child outlived its supervisor"
        time.sleep(0.02)


def test_a_child_that_died_is_not_ready_by_the_mark_of_the_one_before(start: Start, tmp_path: Path) -> None:
    child = start(READY_THEN_SLEEP)
    look_until(child, lambda: child.is_ready)
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    look_until(child, lambda: child.pid not in {first, None})
    assert not child.is_ready
    look_until(child, lambda: child.is_ready)
    assert (tmp_path / "ready").exists()
