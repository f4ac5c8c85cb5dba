"""`wufang demo` tells the truth: it exits 0 only if everything it says was seen to be so."""

import subprocess
import sys

import pytest


@pytest.mark.xdist_group("prefect")
def test_the_story_is_so():
    told = subprocess.run(
        [sys.executable, "-m", "wufang", "demo"], capture_output=True, text=True, timeout=110, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "109 个通行码" in told.stdout
