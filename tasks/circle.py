"""Where several more sites help most: maximal covering location (Church and ReVelle 1974), solved by CP-SAT."""

from collections.abc import Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model


@dataclass(frozen=True, slots=True)
class Chosen:
    """What came out. `candidates`: places in the list that was given; `gain`: points covered that were not.

    `bound`: no choice of so many can gain more; equal to the gain where that is proven.
    """

    candidates: tuple[int, ...]
    gain: int
    bound: int
    is_proven: bool


def choose_sites(
    covers: Sequence[Sequence[int]], weights: Sequence[int], count: int, seconds: float = 10.0, seed: int = 1
) -> Chosen:
    """Choose at most `count` candidates so that the points covered weigh most.

    `covers`: for each candidate the points within its circle (numbers from 0); `weights`: of the points, 0 for those that are
    covered already. The same for the same seed as long as time does not run out.
    """
    model = cp_model.CpModel()
    opened = [model.new_bool_var(f"open {place}") for place in range(len(covers))]
    around: dict[int, list[int]] = {}
    for place, points in enumerate(covers):
        for point in points:
            if weights[point] > 0:
                around.setdefault(point, []).append(place)
    covered = {point: model.new_bool_var(f"covered {point}") for point in around}
    for point, places in around.items():
        model.add(sum(opened[place] for place in places) >= covered[point])
    model.add(sum(opened) <= count)
    model.maximize(sum(weights[point] * one for point, one in covered.items()))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = 1  # the same again: with several, whoever is first wins
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Chosen((), 0, sum(weights[point] for point in covered), is_proven=False)
    gain, bound = round(solver.objective_value), int(solver.best_objective_bound + 1e-6)
    chosen = tuple(place for place, one in enumerate(opened) if solver.boolean_value(one))
    return Chosen(_needed(chosen, covers, weights), gain, bound, status == cp_model.OPTIMAL)


def _needed(chosen: Sequence[int], covers: Sequence[Sequence[int]], weights: Sequence[int]) -> tuple[int, ...]:
    """Without those that add nothing to the others: nobody builds a site for that."""
    kept: list[int] = []
    seen: set[int] = set()
    for place in sorted(chosen, key=lambda one: (-sum(weights[point] for point in set(covers[one])), one)):
        new = {point for point in covers[place] if weights[point] > 0} - seen
        if new:
            kept.append(place)
            seen |= new
    return tuple(sorted(kept))
