"""Every program sets the log up before it works, so that a traceback shows no values, which may be people's."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from wufang.command import app

SECRET = "13800138000"
NOTHING: dict[int, str] = {}
FAIL = """
import structlog
from wufang import engine
engine.main()
def work():
    phone = "13800" + "138000"
    raise RuntimeError("broke")
try:
    work()
except RuntimeError:
    structlog.get_logger().exception("failed")
"""


def _fail(log: structlog.stdlib.BoundLogger) -> None:
    phone = SECRET
    try:
        _ = NOTHING[len(phone)]
    except KeyError:
        log.exception("failed")


def test_the_command_sets_the_log_up(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    assert CliRunner().invoke(app, ["verify", "--help"]).exit_code == 0
    _fail(structlog.get_logger())
    said = capsys.readouterr().out
    assert "KeyError: 11" in said
    assert SECRET not in said


def test_the_engine_sets_the_log_up(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with (tmp_path / "run" / "engine.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another engine works: `main` comes back at once
        done = subprocess.run(
            [sys.executable, "-c", FAIL],
            env=os.environ | {"WUFANG_STATE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    assert "works on" in done.stderr
    assert "RuntimeError: broke" in done.stdout
    assert SECRET not in done.stdout
