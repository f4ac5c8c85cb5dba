"""What a cell is worth, and what a whole timetable is worth.

Riders who want a course are told apart by where they are and when they can (groups, G). Starts at which the same groups can
come make one class (K): a course of several sessions is worth the more, the more riders can come to all of its classes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from models.clock import SHANGHAI
from models.report.places import Position, metres_between
from models.training.checking import is_within
from models.training.problem import CourseFacts, Problem, SiteFacts, Wanted
from tasks.timetabling.grid import Bools, CourseGrid, Grid, Ints, Spot

MOST_SETS = 3000  # of one course, see `Sets`

Floats = NDArray[np.float64]
Chosen = Mapping[int, Spot]  # by the session's index; what is not in it has no place


@dataclass(slots=True)
class CoursePoints:
    """What one course is worth where.

    `counts` [G] riders; `vectors` [K, G] who can come; `class_of` [7, N]; `seats` [S, K] riders who find a place;
    `base` [S, D, N] points of one session there; `places` [S]; `published`: classes and sites of the published sessions.
    """

    counts: Ints
    vectors: Bools
    class_of: Ints
    places: Ints
    seats: Ints
    near: Ints
    base: Ints
    most: int  # riders who could come at all: those who want it, at most the course's places
    published: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    published_points: int = 0

    def together(self, classes: Iterable[int], *, with_published: bool = False) -> int:
        """Riders who can come at all of these times, and to what is published."""
        kinds = [*classes, *(one for one, _ in self.published if with_published)]
        return int(self.counts[self.vectors[kinds].all(axis=0)].sum())


@dataclass(frozen=True, slots=True)
class Sets:
    """Sets of classes with the riders who can come to all of each, most first; to any other set at most `rest` can come."""

    listed: list[tuple[frozenset[int], int]]
    rest: int


class Points:
    """All courses' points, and the sum over a timetable."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.weights = grid.problem.weights
        self.peaks = {minutes: self._peaks(minutes) for minutes in {one.facts.minutes for one in grid.courses}}
        wanted: dict[str, list[Wanted]] = {one.facts.id: [] for one in grid.courses}
        for one in grid.problem.wanted:
            if one.course in wanted and one.count > 0:
                wanted[one.course].append(one)
        self.courses = [self._of(course, wanted[course.facts.id]) for course in grid.courses]
        total = sum(one.facts.sessions for one in grid.courses)
        self._sets: dict[int, Sets] = {}
        self.fair = -(-total // max(len(grid.communities), 1))
        self.fixed_at: Ints = np.zeros(len(grid.communities), dtype=np.int64)
        for _, at, _ in grid.fixed:
            self.fixed_at[grid.community[grid.site_index[at.site]]] += 1

    def _peaks(self, minutes: int) -> Bools:
        """The starts, [N], at which a session touches a peak."""
        firsts = (self.grid.first_step + np.arange(self.grid.starts)) * self.grid.step
        found = np.zeros(self.grid.starts, dtype=np.bool_)
        for begins, ends in self.grid.problem.peaks:
            found |= (firsts < ends) & (firsts + minutes > begins)
        return found

    def _of(self, course: CourseGrid, wanted: Sequence[Wanted]) -> CoursePoints:
        grid, facts = self.grid, course.facts
        counts: Ints = np.array([one.count for one in wanted], dtype=np.int64)
        free = _free(grid, facts, wanted)
        extra = [_free_at(facts, wanted, at.starts_at) for _, at in sorted(course.published.items())]
        published: Bools = np.array(extra, dtype=np.bool_).reshape(len(extra), len(wanted))
        table = np.concatenate([free.reshape(7 * grid.starts, len(wanted)), published])
        vectors, classes = _classes(table)
        class_of = classes[: 7 * grid.starts].reshape(7, grid.starts)
        places: Ints = np.array([min(facts.most, one.capacity) for one in grid.problem.sites], dtype=np.int64)
        seats = np.minimum(places[:, None], (vectors @ counts)[None])
        near = self._near(wanted, counts, vectors, places)
        of_day = class_of[grid.weekdays]
        base = self.weights.free * seats[:, of_day] + near[:, of_day]
        base -= self.weights.peak * self.peaks[facts.minutes].astype(np.int64)
        found = CoursePoints(counts, vectors, class_of, places, seats, near, base, min(facts.most, int(counts.sum())))
        for (_, at), one in zip(sorted(course.published.items()), classes[7 * grid.starts :].tolist(), strict=True):
            site = grid.site_index[at.site]
            found.published.append((one, site))
            found.published_points += self.weights.free * int(seats[site, one]) + int(near[site, one])
            found.published_points -= self.weights.peak * self._is_peak(at.starts_at, facts.minutes)
        return found

    def _is_peak(self, starts_at: datetime, minutes: int) -> bool:
        at = starts_at.astimezone(SHANGHAI)
        first = at.hour * 60 + at.minute
        return any(first < ends and first + minutes > begins for begins, ends in self.grid.problem.peaks)

    def _near(self, wanted: Sequence[Wanted], counts: Ints, vectors: Bools, places: Ints) -> Ints:
        """Points of nearness, [S, K]: the nearest riders come first, up to the places."""
        sites = self.grid.problem.sites
        found = np.zeros((len(sites), len(vectors)), dtype=np.int64)
        for index, site in enumerate(sites):
            nearness = _nearness(self.grid.problem, site, wanted)
            order = np.argsort(-nearness, kind="stable")
            come = np.minimum(np.cumsum(vectors[:, order] * counts[order], axis=1), places[index])
            taken = np.diff(come, axis=1, prepend=0)
            found[index] = np.rint(self.weights.near * (taken @ nearness[order])).astype(np.int64)
        return found

    def sets(self, course: int) -> Sets:
        """Sets of classes at which riders can come to all of the course."""
        if course not in self._sets:
            self._sets[course] = _sets(self.courses[course], len(self.grid.courses[course].sessions))
        return self._sets[course]

    def whole(self, course: int, spots: Sequence[Spot]) -> int:
        """Riders who can come to all sessions of the course, at most the places; 0 where a session has no place."""
        points, sessions = self.courses[course], self.grid.courses[course].facts.sessions
        if len(spots) + len(points.published) < sessions:
            return 0
        pairs = [(self.class_at(course, one), one.site) for one in spots] + points.published
        places = min(int(points.places[site]) for _, site in pairs)
        return min(places, points.together(one for one, _ in pairs))

    def class_at(self, course: int, spot: Spot) -> int:
        """The class of riders at that cell."""
        return int(self.courses[course].class_of[self.grid.weekdays[spot.day], spot.start])

    def of_course(self, course: int, chosen: Chosen) -> int:
        """The points of one course, all but those of the spread."""
        grid, points, weights = self.grid.courses[course], self.courses[course], self.weights
        value, spots = points.published_points, list[Spot]()
        for session in grid.sessions:
            spot = chosen.get(session.index)
            if spot is None:
                value -= weights.unplaced
            else:
                spots.append(spot)
                value += int(points.base[spot.site, spot.day, spot.start])
            value -= weights.change * (session.had_before and spot != session.before)
        return value + weights.whole * self.whole(course, spots)

    def over(self, chosen: Chosen) -> int:
        """Sessions at communities beyond their fair share."""
        counts = self.fixed_at.copy()
        for spot in chosen.values():
            counts[self.grid.community[spot.site]] += 1
        return int(np.maximum(counts - self.fair, 0).sum())

    def total(self, chosen: Chosen) -> int:
        """The value of a timetable."""
        return sum(self.of_course(one.index, chosen) for one in self.grid.courses) - self.weights.spread * self.over(
            chosen
        )

    def possible(self) -> int:
        """Points if every rider could come to everything, at their door."""
        weights = self.weights
        return sum(
            (one.facts.sessions * (weights.free + weights.near) + weights.whole) * points.most
            for one, points in zip(self.grid.courses, self.courses, strict=True)
        )

    def costs(self, chosen: Chosen) -> dict[str, int]:
        """What each weight lost against `possible`."""
        weights = self.weights
        got = dict.fromkeys(("free", "near", "whole", "peak", "change", "unplaced"), 0)
        for course, points in zip(self.grid.courses, self.courses, strict=True):
            spots = [(one, chosen.get(one.index)) for one in course.sessions]
            placed = [(self.class_at(course.index, spot), spot.site, spot) for _, spot in spots if spot]
            pairs = [(kind, site) for kind, site, _ in placed] + points.published
            got["free"] += weights.free * sum(int(points.seats[site, kind]) for kind, site in pairs)
            got["near"] += sum(int(points.near[site, kind]) for kind, site in pairs)
            got["whole"] += weights.whole * self.whole(course.index, [one[2] for one in placed])
            got["peak"] += weights.peak * sum(bool(self.peaks[course.facts.minutes][one[2].start]) for one in placed)
            got["peak"] += weights.peak * sum(
                self._is_peak(at.starts_at, course.facts.minutes) for at in course.published.values()
            )
            got["change"] += weights.change * sum(one.had_before and spot != one.before for one, spot in spots)
            got["unplaced"] += weights.unplaced * sum(spot is None for _, spot in spots)
        full = sum(one.facts.sessions * p.most for one, p in zip(self.grid.courses, self.courses, strict=True))
        lost = {name: getattr(weights, name) * full - got[name] for name in ("free", "near")}
        lost["whole"] = weights.whole * sum(points.most for points in self.courses) - got["whole"]
        return got | lost | {"spread": weights.spread * self.over(chosen)}

    def served(self, chosen: Chosen) -> int:
        """Riders who can come to the whole of a course, over all courses."""
        return sum(
            self.whole(one.index, [chosen[session.index] for session in one.sessions if session.index in chosen])
            for one in self.grid.courses
        )


def _nearness(problem: Problem, site: SiteFacts, wanted: Sequence[Wanted]) -> Floats:
    """1 at the site, falling to 0 at `far_metres`, for each group."""
    here = Position(site.latitude, site.longitude)
    metres = [metres_between(here, Position(one.latitude, one.longitude)) for one in wanted]
    return np.maximum(0.0, 1.0 - np.array(metres, dtype=np.float64) / problem.far_metres)


def _free(grid: Grid, facts: CourseFacts, wanted: Sequence[Wanted]) -> Bools:
    """Who can come to a session that begins then, [7, N, G]."""
    firsts = [(grid.first_step + number) * grid.step for number in range(grid.starts)]
    known: dict[tuple[tuple[int, int, int], ...], Bools] = {}
    found = np.zeros((7, grid.starts, len(wanted)), dtype=np.bool_)
    for index, one in enumerate(wanted):
        if one.free not in known:
            week = [[is_within(one.free, day, first, first + facts.minutes) for first in firsts] for day in range(1, 8)]
            known[one.free] = np.array(week, dtype=np.bool_)
        found[:, :, index] = known[one.free]
    return found


def _free_at(facts: CourseFacts, wanted: Sequence[Wanted], starts_at: datetime) -> list[bool]:
    at = starts_at.astimezone(SHANGHAI)
    first = at.hour * 60 + at.minute
    return [is_within(one.free, at.isoweekday(), first, first + facts.minutes) for one in wanted]


def _classes(table: Bools) -> tuple[Bools, Ints]:
    """The different rows, in the order in which they come, and which of them each row is."""
    known: dict[bytes, int] = {}
    classes = [known.setdefault(row.tobytes(), len(known)) for row in table]
    firsts = [classes.index(number) for number in range(len(known))]
    return table[firsts], np.array(classes, dtype=np.int64)


def _sets(points: CoursePoints, size: int) -> Sets:
    """All sets of at most so many classes to which somebody can come; larger ones are left out where there are too many."""
    fixed: Bools = np.asarray(points.vectors[[one for one, _ in points.published]].all(axis=0), dtype=np.bool_)
    kinds = sorted(set(points.class_of.ravel().tolist()))
    found: dict[frozenset[int], int] = {}
    grown: list[tuple[tuple[int, ...], Bools]] = [((), fixed)]
    rest = 0
    for _ in range(size):
        wider = list(_wider(points, grown, kinds, MOST_SETS - len(found)))
        if len(found) + len(wider) > MOST_SETS:
            rest = max(int(points.counts[vector].sum()) for _, vector in grown)
            break
        found |= {frozenset(named): int(points.counts[vector].sum()) for named, vector in wider}
        grown = wider
    return Sets(sorted(found.items(), key=lambda one: (-one[1], len(one[0]), sorted(one[0]))), rest)


def _wider(
    points: CoursePoints, grown: Sequence[tuple[tuple[int, ...], Bools]], kinds: Sequence[int], most: int
) -> Iterator[tuple[tuple[int, ...], Bools]]:
    """Each set with one class more, as long as somebody can come; one more than `most` at most."""
    count = 0
    for named, vector in grown:
        for kind in kinds:
            both = vector & points.vectors[kind]
            if (not named or kind > named[-1]) and points.counts[both].sum():
                yield (*named, kind), both
                count += 1
                if count > most:
                    return
