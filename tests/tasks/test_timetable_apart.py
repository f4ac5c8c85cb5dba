"""A timetable that is solved apart is the one that would be found here; what fails is said; nobody else holds the solver."""

import subprocess
import sys
from dataclasses import replace

import pytest

from models.training.checking import broken
from models.training.problem import Rule, RuleKind
from tasks.timetable import solve
from tasks.timetable_apart import ROOT, SolverFailed, solve_apart
from wufang.make_problem import course, problem, wanted

ASKED = problem(courses=(course("k", sessions=2),), wanted=(wanted("k", 5),))
HEAVY = ("ortools", "scipy", "osmium")


def test_the_answer_is_the_same_as_here():
    here, apart = solve(ASKED, 30), solve_apart(ASKED, 30)
    timed = {"seconds": 0.0, "first_seconds": 0.0}
    assert replace(apart, **timed) == replace(here, **timed)
    assert len(apart.placements) == 2
    assert broken(ASKED, apart.placements) == []


def test_what_the_process_says_when_it_fails_is_told():
    with pytest.raises(SolverFailed, match="KeyError"):
        solve_apart(replace(ASKED, rules=(Rule(RuleKind.NOT_BEFORE, {}),)), 5)


@pytest.mark.parametrize("module", ["api.app", "wufang.command", "wufang.preparing"])
def test_who_does_not_solve_does_not_hold_the_libraries(module):
    told = f"import sys, {module}; from models.tables import complete_metadata as all; all(); print(*sys.modules)"
    words = [sys.executable, "-c", told]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {name.split(".")[0] for name in done.stdout.split()} & set(HEAVY)
