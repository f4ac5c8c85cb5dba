"""The timetable of a month: first answer, distance from the proven bound, riders served against a careful greedy one.

35 sites, 60 trainers, 300 sessions in four weeks, of several seeds (`invented_courses`), each solved in a process of its own,
one after another. The greedy timetable (`timetable_greedy`) is made of the same problem. Both are held to every hard rule.
`measure_again`: the month of each seed after one condition of a community (nothing at its site on one weekday), with a fifth
of the sessions published before: seconds, the share of the proposed ones that moves, published ones that move (none may).
"""

import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace

from benchmarks.invented_courses import invented
from benchmarks.staging import ROOT, Row, row
from benchmarks.timetable_greedy import Greedy
from models.training.checking import broken
from models.training.problem import Answer, Key, Placement, Problem, Rule, RuleKind, solved_again
from tasks.timetable import solve
from tasks.timetabling.grid import Grid

SEEDS = (1, 2, 3, 4, 5)
SECONDS, AGAIN_SECONDS = 60.0, 6.0
FIRST_LIMIT, GAP_LIMIT, GAIN_LIMIT, AGAIN_LIMIT, MOVED_LIMIT = 5.0, 0.02, 1.15, 10.0, 0.1
PUBLISHED_SHARE = 5  # every fifth course


@dataclass(frozen=True, slots=True)
class Solved:
    """One seed: ours, and the greedy one's."""

    seed: int
    first_seconds: float
    seconds: float
    gap: float
    value: float
    served: int
    placed: int
    greedy_value: int
    greedy_served: int
    greedy_placed: int
    greedy_seconds: float


@dataclass(frozen=True, slots=True)
class Again:
    """One seed after a condition."""

    seed: int
    seconds: float
    moved: int
    proposed: int
    published_moved: int
    freed: int  # sessions that the condition forbade to stay


def measure() -> Row:
    """Riders served, ours against the greedy one; the other figures in the notes."""
    runs = [Solved(**_apart("solved", seed)) for seed in SEEDS]
    return row(
        "timetable",
        [one.served for one in runs],
        [one.greedy_served for one in runs],
        f"riders served, {len(SEEDS)} seeds",
        gain_wanted=GAIN_LIMIT,
        first_seconds_worst=round(max(one.first_seconds for one in runs), 2),
        first_seconds_limit=FIRST_LIMIT,
        gap_worst=round(max(one.gap for one in runs), 4),
        gap_median=round(statistics.median(one.gap for one in runs), 4),
        gap_limit=GAP_LIMIT,
        seconds_worst=round(max(one.seconds for one in runs), 1),
        runs=[asdict(one) for one in runs],
    )


def measure_again() -> Row:
    """Seconds for solving again against their limit; what moved in the notes."""
    runs = [Again(**_apart("again", seed)) for seed in SEEDS]
    return row(
        "timetable_again",
        [one.seconds for one in runs],
        [AGAIN_LIMIT] * len(runs),
        "s after one condition",
        moved_share_worst=round(max(one.moved / one.proposed for one in runs), 4),
        moved_share_limit=MOVED_LIMIT,
        published_moved=sum(one.published_moved for one in runs),
        runs=[asdict(one) for one in runs],
    )


def _apart(name: str, seed: int) -> dict[str, float]:
    """What a process of its own measures."""
    words = [sys.executable, "-m", "benchmarks.timetable", name, str(seed)]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return json.loads(told.splitlines()[-1])


def solved(seed: int) -> Solved:
    """The month of that seed, ours and the greedy one."""
    problem = invented(seed)
    answer = solve(problem, SECONDS)
    assert not broken(problem, answer.placements), broken(problem, answer.placements)
    begun = time.perf_counter()
    grid = Grid(problem)
    greedy = Greedy(grid)
    chosen = greedy.run()
    lasted = time.perf_counter() - begun
    by_hand = {grid.sessions[index].key: grid.placement(spot) for index, spot in chosen.items()}
    assert not broken(problem, by_hand), broken(problem, by_hand)
    return Solved(
        seed,
        *(round(one, 3) for one in (answer.first_seconds, answer.seconds)),
        round(answer.gap, 5),
        answer.value,
        answer.served,
        len(answer.placements),
        greedy.value,
        greedy.points.served(chosen),
        len(chosen),
        round(lasted, 2),
    )


def again(seed: int) -> Again:
    """The same month, a fifth of it published, after one condition."""
    problem = invented(seed)
    first = solve(problem, SECONDS / 3)
    courses = {one.id for one in problem.courses[::PUBLISHED_SHARE]}
    published = {key: at for key, at in first.placements.items() if key[0] in courses}
    rule = _condition(problem, first.placements, published)
    changed = solved_again(replace(problem, published=published), first, [rule])
    answer = solve(changed, AGAIN_SECONDS)
    assert not broken(changed, answer.placements), broken(changed, answer.placements)
    return Again(
        seed,
        round(answer.seconds, 2),
        answer.moved,
        len(first.placements) - len(published),
        sum(answer.placements.get(key) != at for key, at in published.items()),
        _freed(first, published, rule),
    )


def _condition(problem: Problem, placements: dict[Key, Placement], published: dict[Key, Placement]) -> Rule:
    """The busiest site's community: nothing there on the weekday on which most is."""
    counted: dict[tuple[str, int], int] = {}
    for key, at in sorted(placements.items()):
        if key not in published:
            spot = (at.site, at.starts_at.isoweekday())
            counted[spot] = counted.get(spot, 0) + 1
    (site, weekday), _ = max(counted.items(), key=lambda one: (one[1], one[0]))
    name = next(one.name for one in problem.sites if one.id == site)
    return Rule(RuleKind.NOT_ON, {"weekdays": [weekday]}, sites=(site,), asked_by=name)


def _freed(first: Answer, published: dict[Key, Placement], rule: Rule) -> int:
    weekday = rule.body["weekdays"][0]
    return sum(
        at.site == rule.sites[0] and at.starts_at.isoweekday() == weekday
        for key, at in first.placements.items()
        if key not in published
    )


if __name__ == "__main__":
    print(json.dumps(asdict({"solved": solved, "again": again}[sys.argv[1]](int(sys.argv[2])))))
