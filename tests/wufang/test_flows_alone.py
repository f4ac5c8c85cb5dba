"""A worker's process imports one flow and nothing else of ours: that alone must know every table that its rows name."""

import subprocess
import sys

import pytest
import yaml

from benchmarks.staging import ROOT

DEPLOYED = [one["entrypoint"] for one in yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]]
SORT = "import {module}; from models.base import Base; assert Base.metadata.sorted_tables"


@pytest.mark.parametrize("module", [*(one.rpartition(".")[0] for one in DEPLOYED), "wufang.engine"])
def test_a_process_that_imports_only_this_knows_its_tables(module: str) -> None:
    words = [sys.executable, "-c", SORT.format(module=module)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
