"""The timetable: where, when and with whom each session is, so that riders can come. CP-SAT over plain data.

`solve` begins with a greedy timetable, betters it by models of `tasks.timetabling.model` over parts of it (small problems: over
all of it at once, which proves the best), and meanwhile lowers a bound that holds for every timetable there could be
(`tasks.timetabling.bound`). `python -m tasks.timetable SECONDS` solves the problem on its standard input. The same problem, with the same seed, gives the same answer, unless the clock ends the search.
"""

import json
import sys
import time
from threading import Thread

from models.training.checking import most_moved, moved
from models.training.problem import Answer, Problem, Reason
from models.words import N_
from tasks.timetable_apart import SECONDS
from tasks.timetabling.bound import Bound
from tasks.timetabling.grid import Grid
from tasks.timetabling.model import Limits
from tasks.timetabling.points import Points
from tasks.timetabling.reasons import unplaced
from tasks.timetabling.search import Search, solve_whole
from tasks.timetabling.start import begin

SHARE = 0.5  # deterministic seconds of search for one second that the clock allows: an ordinary machine needs less
STEPS = 2.5  # steps of the bound for one second
FEWEST_STEPS = 40
MOVED_MORE = N_("{count} of {all} sessions move, more than the {most} allowed: no way was found with fewer.")
CUT_SHORT = N_("The search was ended by the clock; computed again, the timetable may differ.")


def solve(problem: Problem, seconds: float | None = None) -> Answer:
    """The best timetable that is found in that time (a minute, if nothing is said), with its bound and its reasons."""
    begun = time.monotonic()
    allowed = seconds if seconds is not None else SECONDS
    grid = Grid(problem)
    points = Points(grid)
    state = begin(grid, points)
    first_seconds = time.monotonic() - begun
    search = Search(grid, points, state, begun + allowed, allowed * SHARE, most_moved(problem))
    whole = solve_whole(search, Limits(allowed * SHARE, allowed, problem.seed, is_small=True))
    if whole is not None and whole <= search.value:
        return _answer(search, float(search.value), (first_seconds, begun))
    bound = Bound(grid, points)
    bettering = Thread(target=bound.improve, args=(search.value, max(int(allowed * STEPS), FEWEST_STEPS), search.until))
    bettering.start()
    search.run()
    bettering.join()
    least = min(bound.best, whole if whole is not None else bound.best)
    return _answer(search, max(least, float(search.value)), (first_seconds, begun))


def _answer(search: Search, bound: float, times: tuple[float, float]) -> Answer:
    """What was found, in the problem's words."""
    grid, points, chosen = search.grid, search.points, search.state.chosen
    problem, value = grid.problem, search.value
    placements = dict(problem.published)
    placements |= {one.key: grid.placement(chosen[one.index]) for one in grid.sessions if one.index in chosen}
    elsewhere = len(moved(problem.before, placements))
    return Answer(
        placements=placements,
        unplaced=unplaced(search.state),
        value=float(value),
        bound=bound,
        gap=(bound - value) / max(abs(bound), 1.0),
        costs=points.costs(chosen),
        served=points.served(chosen),
        moved=elsewhere,
        seconds=time.monotonic() - times[1],
        first_seconds=times[0],
        is_proven=bound - value < 1,
        possible=points.possible(),
        remarks=tuple(_remarks(search, elsewhere)),
    )


def _remarks(search: Search, elsewhere: int) -> list[Reason]:
    """What a person has to be told besides."""
    found: list[Reason] = []
    problem = search.grid.problem
    most = most_moved(problem)
    if most is not None and elsewhere > most:
        found.append(
            (
                MOVED_MORE,
                {"count": elsewhere, "all": len(problem.before.keys() - problem.published.keys()), "most": most},
            )
        )
    if search.is_cut_short:
        found.append((CUT_SHORT, {}))
    return found


if __name__ == "__main__":
    json.dump(solve(Problem.from_data(json.load(sys.stdin)), float(sys.argv[1])).to_data(), sys.stdout)
