"""A timetable while it is looked for: who is where, and what is still open to a session beside the others."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from models.training.checking import holds_for, week_of
from models.training.problem import Rule, RuleKind
from tasks.timetabling.grid import Bools, Grid, Ints, SessionGrid, Spot


@dataclass(frozen=True, slots=True)
class WeekLimit:
    """At most `count` sessions at a site in a week. `scope` [sessions, S]: what is counted; `fixed` [S, weeks]: published."""

    rule: Rule
    count: int
    scope: Bools
    fixed: Ints


class State:
    """The chosen spots, by the session's index."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.chosen: dict[int, Spot] = {}
        self.taken = np.zeros((len(grid.problem.sites), len(grid.days), grid.starts), dtype=np.bool_)
        self.of_trainer: defaultdict[int, dict[int, Spot]] = defaultdict(dict)
        weeks = sorted({week_of(day) for day in grid.days})
        self.weeks: Ints = np.array([weeks.index(week_of(day)) for day in grid.days], dtype=np.int64)
        self.limits = [self._limit(one) for one in grid.problem.rules if one.kind is RuleKind.MOST_A_WEEK]
        self.counts = [one.fixed.copy() for one in self.limits]

    def _limit(self, rule: Rule) -> WeekLimit:
        grid = self.grid
        sites = grid.problem.sites
        scope = [[holds_for(rule, session.key, site.id) for site in sites] for session in grid.sessions]
        fixed = np.zeros((len(sites), int(self.weeks.max(initial=0)) + 1), dtype=np.int64)
        for key, at, _ in grid.fixed:
            day = (at.starts_at.date() - grid.days[0]).days
            if holds_for(rule, key, at.site) and 0 <= day < len(grid.days):
                fixed[grid.site_index[at.site], self.weeks[day]] += 1
        table = np.array(scope, dtype=np.bool_).reshape(len(grid.sessions), len(sites))
        return WeekLimit(rule, int(rule.body["count"]), table, fixed)

    def length(self, index: int) -> int:
        """How many steps a session takes."""
        return self.grid.courses[self.grid.sessions[index].course].length

    def add(self, index: int, spot: Spot) -> None:
        """Give the session that place."""
        self.chosen[index] = spot
        self.taken[spot.site, spot.day, spot.start : spot.start + self.length(index)] = True
        self.of_trainer[spot.trainer][index] = spot
        self._count(index, spot, 1)

    def remove(self, index: int) -> None:
        """Take its place away, if it has one."""
        spot = self.chosen.pop(index, None)
        if spot is not None:
            self.taken[spot.site, spot.day, spot.start : spot.start + self.length(index)] = False
            del self.of_trainer[spot.trainer][index]
            self._count(index, spot, -1)

    def _count(self, index: int, spot: Spot, by: int) -> None:
        for limit, counts in zip(self.limits, self.counts, strict=True):
            counts[spot.site, self.weeks[spot.day]] += by * limit.scope[index, spot.site]

    def open(self, session: SessionGrid) -> Bools:
        """What is open to it beside all others, [S, R, D, N]; the order within its course is not looked at."""
        return session.open() & self.sites_free(session)[:, None] & self.trainers_free(session)

    def sites_free(self, session: SessionGrid) -> Bools:
        """Where no other session is, and no week is full, [S, D, N]."""
        length, starts = self.length(session.index), self.grid.starts
        found = ~self.taken
        free = found.copy()
        for later in range(1, min(length, starts)):
            free[:, :, : starts - later] &= found[:, :, later:]
        for limit, counts in zip(self.limits, self.counts, strict=True):
            full = (counts >= limit.count) & limit.scope[session.index][:, None]
            free &= ~full[:, self.weeks][:, :, None]
        return free

    def trainers_free(self, session: SessionGrid) -> Bools:
        """When its course's trainers are not elsewhere, ways included, [S, R, D, N]."""
        grid, course = self.grid, self.grid.courses[session.course]
        found = np.ones((len(grid.problem.sites), len(course.trainers), len(grid.days), grid.starts), dtype=np.bool_)
        starts = np.arange(grid.starts)
        for place, trainer in enumerate(course.trainers):
            for index, spot in self.of_trainer[trainer].items():
                if index != session.index:
                    way = grid.travel[spot.site][:, None]
                    is_before = starts + course.length + way <= spot.start
                    found[:, place, spot.day] &= is_before | (starts >= spot.start + self.length(index) + way)
        return found

    def is_open(self, index: int, spot: Spot) -> bool:
        """Whether the session could be there."""
        session = self.grid.sessions[index]
        place = self.grid.courses[session.course].trainers.index(spot.trainer)
        return bool(self.open(session)[spot.site, place, spot.day, spot.start])
