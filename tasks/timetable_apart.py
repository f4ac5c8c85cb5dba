"""Solving in a process of its own: no round of filings or letters waits for it, and only it holds the solver's libraries."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from models.training.problem import Answer, Problem

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 60.0  # where nothing is said
GRACE_SECONDS = 60.0  # for starting, and for what is built before and after the search
TOLD = 500  # characters of what a failed process said

Solve = Callable[[Problem, float], Answer]


class SolverFailed(RuntimeError):
    """The process ended without an answer, or did not end."""


def solve_apart(problem: Problem, seconds: float = SECONDS) -> Answer:
    """What `tasks.timetable.solve` says, from a process that ends with it. Raises `SolverFailed`."""
    words = [sys.executable, "-m", "tasks.timetable", str(seconds)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            words,
            input=json.dumps(problem.to_data()).encode(),
            capture_output=True,
            cwd=ROOT,
            env=dict(os.environ),
            timeout=seconds + GRACE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SolverFailed(f"the solver took longer than {seconds + GRACE_SECONDS:.0f} s") from None
    if done.returncode != 0:
        raise SolverFailed(f"the solver ended with {done.returncode}: {done.stderr.decode(errors='replace')[-TOLD:]}")
    return Answer.from_data(json.loads(done.stdout))
