"""The hard rules of a timetable, one by one: which of them do these placements break? Pure, and knows nothing of the solver.

A timetable is checked before it is published; tests and measurements hold the solver to the same rules. What is published
already is held to nothing but staying where it is: a site that has since closed does not move it.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import combinations, pairwise
from typing import Any

from models.clock import SHANGHAI
from models.report.places import Position, metres_between
from models.training.problem import (
    Busy,
    CourseFacts,
    Hours,
    Key,
    Placement,
    Problem,
    Rule,
    RuleKind,
    SiteFacts,
)

DAY_MINUTES = 24 * 60


class Hard(StrEnum):
    """The hard rules."""

    UNKNOWN = "unknown"  # no such session, site or trainer
    STEP = "step"  # begins at a whole step
    WINDOW = "window"  # within the course's window and the timetable's days
    DAY_OFF = "day_off"
    SITE_HOURS = "site_hours"
    SITE_BUSY = "site_busy"
    CAPACITY = "capacity"
    EQUIPMENT = "equipment"
    CHILDREN = "children"
    NOT_THEIRS = "not_theirs"  # the trainer is none of the course's
    TRAINER_HOURS = "trainer_hours"
    TRAINER_BUSY = "trainer_busy"
    RULE = "rule"  # a wish or a condition
    SITE_TWICE = "site_twice"
    TRAINER_TWICE = "trainer_twice"
    TRAVEL = "travel"  # no time for the way from one site to the next
    ORDER = "order"  # a session is before an earlier one, or without it
    GAP = "gap"
    PUBLISHED = "published"  # is not where it was published
    MOVED = "moved"  # more than `moved_share` are elsewhere


@dataclass(frozen=True, slots=True)
class Broken:
    """One broken rule, of one session, of two, or (MOVED, a count of a week) of many. `asked_by`: whose condition it is."""

    hard: Hard
    sessions: tuple[Key, ...]
    asked_by: str = ""


def is_within(hours: Iterable[Hours], weekday: int, first: int, last: int) -> bool:
    """Whether `first` to `last` (minutes) lies inside the hours of that weekday, which may adjoin each other."""
    reached = first
    for _, opens, closes in sorted(one for one in hours if one[0] == weekday):
        if opens <= reached:
            reached = max(reached, closes)
    return reached >= last


def is_busy(busy: Iterable[Busy], starts_at: datetime, ends_at: datetime) -> bool:
    """Whether something is on within that time."""
    return any(one.starts_at < ends_at and starts_at < one.ends_at for one in busy)


def travel_minutes(problem: Problem, one: SiteFacts, other: SiteFacts) -> int:
    """A trainer's way from site to site: the distance with its detour, rounded up to whole steps."""
    metres = metres_between(Position(one.latitude, one.longitude), Position(other.latitude, other.longitude))
    minutes = metres * problem.detour / (problem.trainer_kmh * 1000 / 60)
    return math.ceil(round(minutes, 6) / problem.step_minutes) * problem.step_minutes


def holds_for(rule: Rule, key: Key, site: str) -> bool:
    """Whether the rule is about that session, when it is at that site."""
    if rule.sessions:
        return key in rule.sessions
    return site in rule.sites or key[0] in rule.courses or not (rule.sites or rule.courses)


@dataclass(frozen=True, slots=True)
class _Said:
    """A session as a rule sees it: when it begins (Asia/Shanghai, and as a minute of the day) and is over."""

    at: Placement
    starts_at: datetime
    first: int
    last: int
    before: Placement | None


ALLOWS: dict[RuleKind, Callable[[_Said, Mapping[str, Any]], bool]] = {
    RuleKind.KEEP: lambda one, _: one.before is None or one.at == one.before,
    RuleKind.NOT_ON: lambda one, body: (
        not (
            one.starts_at.date().isoformat() in body.get("days", ())
            or one.starts_at.isoweekday() in body.get("weekdays", ())
        )
    ),
    RuleKind.NOT_BEFORE: lambda one, body: one.first >= body["minute"],
    RuleKind.NOT_AFTER: lambda one, body: one.last <= body["minute"],
    RuleKind.NOT_AT: lambda one, body: one.at.site not in body["sites"],
    RuleKind.AT: lambda one, body: one.at.site in body["sites"],
    RuleKind.BY: lambda one, body: one.at.trainer in body["trainers"],
    RuleKind.MOST_A_WEEK: lambda _, __: True,
}


def is_allowed(rule: Rule, at: Placement, minutes: int, before: Placement | None) -> bool:
    """Whether a session of so many minutes may be there. A count of a week is not told from one session: always True."""
    starts_at = at.starts_at.astimezone(SHANGHAI)
    first = starts_at.hour * 60 + starts_at.minute
    return ALLOWS[rule.kind](_Said(at, starts_at, first, first + minutes, before), rule.body)


def week_of(day: date) -> tuple[int, int]:
    """The week, Monday to Sunday, as year and number."""
    year, week, _ = day.isocalendar()
    return year, week


def moved(before: Mapping[Key, Placement], placements: Mapping[Key, Placement]) -> list[Key]:
    """The sessions that are elsewhere, or nowhere now."""
    return sorted(key for key, at in before.items() if placements.get(key) != at)


def most_moved(problem: Problem) -> int | None:
    """How many of the proposed sessions (those of `before` that are not published) may move; None: as many as it takes."""
    if problem.moved_share is None:
        return None
    return int(problem.moved_share * len(problem.before.keys() - problem.published.keys()))


def broken(problem: Problem, placements: Mapping[Key, Placement]) -> list[Broken]:
    """Every hard rule that these placements break; none is good news."""
    checked = _Checked(problem, placements)
    found = [Broken(Hard.PUBLISHED, (key,)) for key, at in problem.published.items() if placements.get(key) != at]
    for key in sorted(placements):
        found += checked.alone(key)
    known = {key: at for key, at in placements.items() if checked.is_known(key, at)}
    found += checked.sites_twice(known)
    found += checked.trainers_twice(known)
    found += checked.orders(known)
    found += checked.weeks(known)
    most, elsewhere = most_moved(problem), moved(problem.before, placements)
    if most is not None and len(elsewhere) > most:
        found.append(Broken(Hard.MOVED, tuple(elsewhere)))
    return found


class _Checked:
    """The problem's nouns by id, and each hard rule as a question."""

    def __init__(self, problem: Problem, placements: Mapping[Key, Placement]) -> None:
        self.problem = problem
        self.placements = placements
        self.sites = {one.id: one for one in problem.sites}
        self.trainers = {one.id: one for one in problem.trainers}
        self.courses = {one.id: one for one in problem.courses}

    def is_known(self, key: Key, at: Placement) -> bool:
        course = self.courses.get(key[0])
        is_session = course is not None and 1 <= key[1] <= course.sessions
        return is_session and at.site in self.sites and at.trainer in self.trainers

    def is_published(self, key: Key) -> bool:
        return key in self.problem.published

    def ends_at(self, key: Key) -> datetime:
        return self.placements[key].starts_at + timedelta(minutes=self.courses[key[0]].minutes)

    def alone(self, key: Key) -> list[Broken]:
        """What one session breaks by itself."""
        at = self.placements[key]
        if self.is_published(key):
            return []
        if not self.is_known(key, at):
            return [Broken(Hard.UNKNOWN, (key,))]
        course = self.courses[key[0]]
        tests = (*self._of_time(course, at), *self._of_site(course, at), *self._of_trainer(course, at))
        found = [Broken(hard, (key,)) for hard, is_broken in tests if is_broken]
        before = self.problem.before.get(key)
        return found + [
            Broken(Hard.RULE, (key,), rule.asked_by)
            for rule in self.problem.rules
            if holds_for(rule, key, at.site) and not is_allowed(rule, at, course.minutes, before)
        ]

    def _of_time(self, course: CourseFacts, at: Placement) -> Iterator[tuple[Hard, bool]]:
        starts_at = at.starts_at.astimezone(SHANGHAI)
        day, problem = starts_at.date(), self.problem
        since_midnight = timedelta(hours=starts_at.hour, minutes=starts_at.minute, seconds=starts_at.second)
        first_on, last_on = max(course.window[0], problem.first_on), min(course.window[1], problem.last_on)
        yield Hard.STEP, bool(since_midnight % timedelta(minutes=problem.step_minutes))
        yield Hard.WINDOW, not first_on <= day <= last_on
        yield Hard.DAY_OFF, day in problem.days_off

    def _of_site(self, course: CourseFacts, at: Placement) -> Iterator[tuple[Hard, bool]]:
        site, ends_at = self.sites[at.site], at.starts_at + timedelta(minutes=course.minutes)
        yield Hard.SITE_HOURS, not self._is_open(site.hours, course, at)
        yield Hard.SITE_BUSY, is_busy(site.busy, at.starts_at, ends_at)
        yield Hard.CAPACITY, site.capacity < course.least
        yield Hard.EQUIPMENT, not course.equipment <= site.equipment
        yield Hard.CHILDREN, course.with_children and not site.child_places

    def _of_trainer(self, course: CourseFacts, at: Placement) -> Iterator[tuple[Hard, bool]]:
        trainer, ends_at = self.trainers[at.trainer], at.starts_at + timedelta(minutes=course.minutes)
        yield Hard.NOT_THEIRS, trainer.id not in course.trainers
        yield Hard.TRAINER_HOURS, not self._is_open(trainer.hours, course, at)
        yield Hard.TRAINER_BUSY, is_busy(trainer.busy, at.starts_at, ends_at)

    def _is_open(self, hours: Iterable[Hours], course: CourseFacts, at: Placement) -> bool:
        starts_at = at.starts_at.astimezone(SHANGHAI)
        first = starts_at.hour * 60 + starts_at.minute
        return is_within(hours, starts_at.isoweekday(), first, first + course.minutes)

    def sites_twice(self, known: Mapping[Key, Placement]) -> Iterator[Broken]:
        """Two sessions at one site at the same time."""
        for keys in self._grouped(known, "site"):
            yield from (Broken(Hard.SITE_TWICE, pair) for pair in combinations(keys, 2) if self._overlap(*pair))

    def trainers_twice(self, known: Mapping[Key, Placement]) -> Iterator[Broken]:
        """Two sessions of one trainer at the same time, or with too little time between for the way."""
        for keys in self._grouped(known, "trainer"):
            for one, other in combinations(keys, 2):
                if self._overlap(one, other):
                    yield Broken(Hard.TRAINER_TWICE, (one, other))
                elif self.placements[other].starts_at < self._arrives_at(one, other):
                    yield Broken(Hard.TRAVEL, (one, other))

    def _grouped(self, known: Mapping[Key, Placement], name: str) -> Iterator[Sequence[Key]]:
        """The sessions of each site or trainer, by start; pairs of published ones are nobody's fault now."""
        groups: defaultdict[str, list[Key]] = defaultdict(list)
        for key, at in sorted(known.items(), key=lambda one: (one[1].starts_at, one[0])):
            groups[getattr(at, name)].append(key)
        return iter(groups.values())

    def _overlap(self, one: Key, other: Key) -> bool:
        if self.is_published(one) and self.is_published(other):
            return False
        return self.placements[other].starts_at < self.ends_at(one)

    def _arrives_at(self, one: Key, other: Key) -> datetime:
        """When the trainer of `one` can be where `other` is."""
        first, second = self.placements[one], self.placements[other]
        if first.site == second.site or (self.is_published(one) and self.is_published(other)):
            return second.starts_at
        minutes = travel_minutes(self.problem, self.sites[first.site], self.sites[second.site])
        return self.ends_at(one) + timedelta(minutes=minutes)

    def orders(self, known: Mapping[Key, Placement]) -> Iterator[Broken]:
        """Sessions of a course out of order, without the earlier ones, or with too few days between."""
        for course in self.courses.values():
            numbers = [number for number in range(1, course.sessions + 1) if (course.id, number) in known]
            for place, number in enumerate(numbers, 1):
                if number != place and not self.is_published((course.id, number)):
                    yield Broken(Hard.ORDER, ((course.id, number),))
            for one, other in pairwise((course.id, number) for number in numbers):
                if not (self.is_published(one) and self.is_published(other)):
                    yield from self._follows(course, one, other)

    def _follows(self, course: CourseFacts, one: Key, other: Key) -> Iterator[Broken]:
        days = (_day(self.placements[other]) - _day(self.placements[one])).days
        if self.placements[other].starts_at < self.ends_at(one):
            yield Broken(Hard.ORDER, (one, other))
        elif days < course.gap_days:
            yield Broken(Hard.GAP, (one, other))

    def weeks(self, known: Mapping[Key, Placement]) -> Iterator[Broken]:
        """More sessions at a site in a week than somebody said."""
        for rule in self.problem.rules:
            if rule.kind is not RuleKind.MOST_A_WEEK:
                continue
            counted: defaultdict[tuple[str, tuple[int, int]], list[Key]] = defaultdict(list)
            for key, at in sorted(known.items()):
                if holds_for(rule, key, at.site):
                    counted[at.site, week_of(_day(at))].append(key)
            for keys in counted.values():
                if len(keys) > rule.body["count"] and not all(map(self.is_published, keys)):
                    yield Broken(Hard.RULE, tuple(keys), rule.asked_by)


def _day(at: Placement) -> date:
    return at.starts_at.astimezone(SHANGHAI).date()
