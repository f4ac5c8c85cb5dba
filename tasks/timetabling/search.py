"""Better and better: some courses are taken out of the timetable and put back in the best way beside all others.

Each round frees courses that stand in each other's way and solves the model of `tasks.timetabling.model` over their best
candidates. What is random comes from the problem's seed, and rounds are counted in CP-SAT's deterministic measure, so the same
problem gives the same timetable; only a clock that runs out before (a slow machine) ends it elsewhere.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tasks.timetabling.grid import CourseGrid, Grid, Ints, SessionGrid, Spot, some
from tasks.timetabling.model import Limits, Model, constant
from tasks.timetabling.points import Points
from tasks.timetabling.start import NOWHERE
from tasks.timetabling.state import State

A_DAY, AT_ALL = 4, 60  # candidates of a session: the best of each day, and the best of all
ROUND = 1.0  # deterministic seconds of one round at most
BY_PLACE, BY_TRAINER = 0.5, 0.75  # up to this chance, courses are freed that stand in a place's or a trainer's way
IDLE = 40  # rounds without anything better, then it is enough
OVERHEAD = 0.1  # what building a round's model costs, in the same measure
FEW, MANY = 16, 80  # sessions freed in a round
MANY_SETS = 1000
WHOLE_CELLS = 20000  # up to so many candidates the whole problem is one model


@dataclass(slots=True)
class Search:
    """The best timetable so far. `until`: when the clock ends it; `budget`: deterministic seconds that are left."""

    grid: Grid
    points: Points
    state: State
    until: float
    budget: float
    most_moved: int | None = None
    size: int = 30
    rounds: int = 0
    is_cut_short: bool = False
    value: int = 0
    idle: int = 0
    chance: random.Random = field(default_factory=random.Random)
    ideal: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        self.chance = random.Random(self.grid.problem.seed)  # noqa: S311 - nothing secret
        self.value = self.points.total(self.state.chosen)
        self.ideal = np.array([self._ideal(course) for course in self.grid.courses], dtype=np.int64)

    def run(self) -> None:
        """Rounds until the budget is used up, or nothing has come of many."""
        while self.budget > 0 and self.idle < IDLE and any(course.sessions for course in self.grid.courses):
            if time.monotonic() > self.until:
                self.is_cut_short = True
                return
            self.round(self._neighbours())

    def round(self, courses: Sequence[CourseGrid]) -> None:
        """Take these courses out and put them back in the best way that is found."""
        self.rounds += 1
        hint = {one.index: self.state.chosen[one.index] for one in sessions(courses) if one.index in self.state.chosen}
        for index in hint:
            self.state.remove(index)
        noise = np.random.default_rng(self.chance.randrange(2**31))
        candidates = {one.index: self._candidates(one, hint.get(one.index), noise) for one in sessions(courses)}
        most_moved = self.may_move(courses, hint)
        model = Model(self.state, self.points, courses, candidates, hint, most_moved)
        model.build()
        seconds = max(self.until - time.monotonic(), 0.1)
        solved = model.solve(Limits(min(ROUND, self.budget), seconds, self.chance.randrange(2**31)))
        self.budget -= solved.lasted + OVERHEAD
        self.size = min(self.size + 2, MANY) if solved.is_proven else max(self.size - 2, FEW)
        before = self.value
        self.idle += 1
        self.put(solved.chosen or {})
        if solved.chosen is None or self.value < before:
            for index in solved.chosen or {}:
                self.state.remove(index)
            self.put(hint)
        elif self.value > before:
            self.idle = 0

    def put(self, chosen: dict[int, Spot]) -> None:
        """Give the sessions these places."""
        for index, spot in chosen.items():
            self.state.add(index, spot)
        self.value = self.points.total(self.state.chosen)

    def may_move(self, courses: Sequence[CourseGrid], hint: dict[int, Spot]) -> int | None:
        """How many of the freed ones may be elsewhere: what is left of the limit, and never fewer than now are."""
        if self.most_moved is None:
            return None
        now = sum(one.had_before and hint.get(one.index) != one.before for one in sessions(courses))
        return max(self.most_moved - self._moved_elsewhere(courses), now)

    def _moved_elsewhere(self, courses: Sequence[CourseGrid]) -> int:
        freed = {one.index for one in sessions(courses)}
        return sum(
            one.had_before and one.index not in freed and self.state.chosen.get(one.index) != one.before
            for one in self.grid.sessions
        )

    def worth(self, session: SessionGrid) -> Ints:
        """What its cells are worth, [S, D, N], if the course's other sessions were at the same times."""
        points = self.points.courses[session.course]
        together = self.points.weights.whole * points.seats[:, points.class_of[self.grid.weekdays]]
        return points.base + together // self.grid.courses[session.course].facts.sessions

    def _ideal(self, course: CourseGrid) -> int:
        """What the course would be worth alone in the world, at most."""
        best = 0
        for session in course.sessions:
            opened = some(session.open(), 1)
            best += int(np.where(opened, self.worth(session), 0).max(initial=0))
        return best

    def _candidates(self, session: SessionGrid, hint: Spot | None, noise: np.random.Generator) -> list[Spot]:
        """The best cells of each day and of all days; equals in an order that the noise decides."""
        trainers = self.grid.courses[session.course].trainers
        opened = self.state.open(session)
        worth = self.worth(session)[:, None].astype(np.float64)
        blurred = worth + noise.random(opened.shape) * (1 + 0.06 * np.abs(worth))
        table = np.where(opened, blurred, NOWHERE).transpose(2, 0, 1, 3)  # [D, S, R, N]
        days = table.reshape(len(self.grid.days), -1)
        picked: set[int] = set()
        width = days.shape[1]
        if width > A_DAY:
            best = np.argpartition(-days, A_DAY, axis=1)[:, :A_DAY]
            picked.update((best + np.arange(len(days))[:, None] * width).ravel().tolist())
        flat = days.ravel()
        if len(flat) > AT_ALL:
            picked.update(np.argpartition(-flat, AT_ALL)[:AT_ALL].tolist())
        else:
            picked.update(range(len(flat)))
        kept = [one for one in sorted(picked) if flat[one] > NOWHERE / 2]
        found = [
            Spot(int(s), trainers[r], int(d), int(n))
            for d, s, r, n in (np.unravel_index(one, table.shape) for one in kept)
        ]
        extra = [one for one in (hint, session.before) if one is not None and one not in found]
        return found + [one for one in dict.fromkeys(extra) if self._is_open(session, opened, one)]

    def _is_open(self, session: SessionGrid, opened: np.ndarray, spot: Spot) -> bool:
        trainers = self.grid.courses[session.course].trainers
        return spot.trainer in trainers and bool(opened[spot.site, trainers.index(spot.trainer), spot.day, spot.start])

    def _neighbours(self) -> list[CourseGrid]:
        """Courses that stand in each other's way, until there are sessions enough."""
        courses = [one for one in self.grid.courses if one.sessions]
        regret = [self._regret(one) for one in courses]
        first = self.chance.choices(courses, [1 + one for one in regret])[0]
        manner = self.chance.random()
        if manner < BY_PLACE:
            others = self._blockers(first)
        elif manner < BY_TRAINER:
            others = [one for one in courses if set(one.trainers) & set(first.trainers)]
        else:
            others = []
        self.chance.shuffle(others)
        rest = self.chance.choices(courses, [1 + one for one in regret], k=len(courses))
        found: dict[int, CourseGrid] = {}
        count = 0
        for course in [first, *others, *rest]:
            if course.index not in found and (count + len(course.sessions) <= self.size or not found):
                found[course.index] = course
                count += len(course.sessions)
        return [found[index] for index in sorted(found)]

    def _regret(self, course: CourseGrid) -> int:
        return max(int(self.ideal[course.index]) - self.points.of_course(course.index, self.state.chosen), 0)

    def _blockers(self, course: CourseGrid) -> list[CourseGrid]:
        """The courses that are where this one would best be, or have its trainers then."""
        session = self.chance.choice(course.sessions)
        worth = self.worth(session)
        opened = some(session.open(), 1)
        good = opened & (worth >= np.percentile(worth[opened], 97)) if opened.any() else opened
        found: dict[int, CourseGrid] = {}
        for index, spot in self.state.chosen.items():
            other = self.grid.courses[self.grid.sessions[index].course]
            last = spot.start + other.length
            is_there = good[spot.site, spot.day, max(spot.start - course.length + 1, 0) : last].any()
            is_with = (
                spot.trainer in course.trainers and good[:, spot.day, max(spot.start - course.length, 0) : last].any()
            )
            if is_there or is_with:
                found[other.index] = other
        return [found[index] for index in sorted(found)]


def sessions(courses: Sequence[CourseGrid]) -> list[SessionGrid]:
    """All their sessions that are looked for."""
    return [session for course in courses for session in course.sessions]


def solve_whole(search: Search, limits: Limits) -> float | None:
    """All courses in one model with every candidate, where these are few. Returns a bound on the value, None if not tried."""
    grid = search.grid
    courses = [one for one in grid.courses if one.sessions]
    opened = {one.index: np.argwhere(one.open()) for one in sessions(courses)}
    if sum(map(len, opened.values())) > WHOLE_CELLS:
        return None
    hint = dict(search.state.chosen)
    for index in hint:
        search.state.remove(index)
    candidates = {
        one.index: [
            Spot(int(s), grid.courses[one.course].trainers[r], int(d), int(n))
            for s, r, d, n in opened[one.index].tolist()
        ]
        for one in sessions(courses)
    }
    rest = constant(search.points, search.state, courses)
    model = Model(
        search.state, search.points, courses, candidates, hint, search.may_move(courses, hint), most_sets=MANY_SETS
    )
    model.build()
    solved = model.solve(limits)
    search.put(solved.chosen if solved.chosen is not None else hint)
    return solved.bound + rest if model.is_whole and solved.chosen is not None else None
