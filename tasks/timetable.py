"""The timetable: where, when and with whom each session is, so that riders can come."""

import time
from datetime import datetime, timedelta
from itertools import product

from models.clock import SHANGHAI
from models.training.checking import broken
from models.training.problem import Answer, Key, Placement, Problem, Unplaced

SECONDS = 60.0


def solve(problem: Problem, seconds: float | None = None) -> Answer:
    """The best timetable that is found in that time."""
    begun = time.monotonic()
    until = begun + (seconds or SECONDS)
    placements: dict[Key, Placement] = dict(problem.published)
    unplaced: list[Unplaced] = []
    for course in problem.courses:
        for number in range(1, course.sessions + 1):
            key = (course.id, number)
            if key in placements or time.monotonic() > until:
                continue
            found = _first(problem, placements, key)
            if found is None:
                unplaced.append(Unplaced(key, ()))
            else:
                placements[key] = found
    lasted = time.monotonic() - begun
    return Answer(placements, tuple(unplaced), 0, 0, 0, {}, 0, 0, lasted, lasted, is_proven=False)


def _first(problem: Problem, placements: dict[Key, Placement], key: Key) -> Placement | None:
    course = next(one for one in problem.courses if one.id == key[0])
    days = (problem.last_on - problem.first_on).days + 1
    sites = [one.id for one in problem.sites]
    for day, minute, site, trainer in product(range(days), range(480, 1320, 30), sites, course.trainers):
        midnight = datetime.combine(problem.first_on + timedelta(days=day), datetime.min.time(), SHANGHAI)
        tried = Placement(site, trainer, midnight + timedelta(minutes=minute))
        if not broken(problem, {**placements, key: tried}):
            return tried
    return None
