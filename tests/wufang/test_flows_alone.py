"""A worker's process imports one flow and nothing else of ours: once it opens the database it must know every table."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from benchmarks.staging import ROOT

DEPLOYED = [one["entrypoint"] for one in yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]]
SORT = """
import {module}
from models.base import Base
from models.database import Database
Database("sqlite:///{path}").close()
assert Base.metadata.sorted_tables
"""


@pytest.mark.parametrize("module", [*(one.rpartition(".")[0] for one in DEPLOYED), "wufang.engine"])
def test_a_process_that_imports_only_this_knows_its_tables(module: str, tmp_path: Path) -> None:
    words = [sys.executable, "-c", SORT.format(module=module, path=tmp_path / "wufang.db")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
