"""The problem on a grid: sites × days × starts, and for each session which cells its hard rules leave open.

Sizes: S sites, R trainers of a course, D days, N starts of a day (from the earliest opening to the last closing). A cell's
start is the minute `(first_step + n) * step_minutes` of its day; a session takes `length` steps, the last one perhaps in part.
Everything that one session breaks by itself, or together with what is published, is left out here; what two sessions break
together is the model's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.clock import SHANGHAI
from models.training.checking import DAY_MINUTES, holds_for, is_within, travel_minutes
from models.training.problem import Busy, CourseFacts, Hours, Key, Placement, Problem, Rule, RuleKind

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Parts = tuple[Bools, Bools, Bools | None]  # sites, trainers, both


def some(table: Bools, axis: int | tuple[int, ...]) -> Bools:
    """Whether any is true along the axis."""
    return np.asarray(table.any(axis=axis), dtype=np.bool_)


class Spot(NamedTuple):
    """A cell and a trainer, by their indices."""

    site: int
    trainer: int
    day: int
    start: int


@dataclass(slots=True)
class SessionGrid:
    """A session that is looked for. `sites` [S, D, N], `trainers` [R, D, N], `both` [S, R, D, N]: what is open to it."""

    index: int
    key: Key
    course: int
    sites: Bools
    trainers: Bools
    both: Bools | None
    before: Spot | None
    had_before: bool

    def open(self) -> Bools:
        """The cells and trainers that are open, [S, R, D, N]."""
        found = self.sites[:, None] & self.trainers[None]
        return found if self.both is None else found & self.both


@dataclass(slots=True)
class CourseGrid:
    """A course: its length in steps, its trainers' indices, its sessions that are looked for and those that are published."""

    index: int
    facts: CourseFacts
    length: int
    trainers: list[int]
    sessions: list[SessionGrid] = field(default_factory=list[SessionGrid])
    published: dict[int, Placement] = field(default_factory=dict[int, Placement])  # by the session's number


class Grid:
    """The whole problem by index."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        count = (problem.last_on - problem.first_on).days + 1
        self.days = [problem.first_on + timedelta(days=number) for number in range(count)]
        self.weekdays: Ints = np.array([day.weekday() for day in self.days], dtype=np.int64)
        self.site_index = {one.id: index for index, one in enumerate(problem.sites)}
        self.trainer_index = {one.id: index for index, one in enumerate(problem.trainers)}
        self.communities = sorted({one.community for one in problem.sites})
        self.community: Ints = np.array(
            [self.communities.index(one.community) for one in problem.sites], dtype=np.int64
        )
        self.step = problem.step_minutes
        self.first_step, self.starts = self._span()
        self.travel: Ints = np.array(
            [
                [
                    travel_minutes(problem, one, other) // self.step if one.id != other.id else 0
                    for other in problem.sites
                ]
                for one in problem.sites
            ],
            dtype=np.int64,
        ).reshape(len(problem.sites), len(problem.sites))
        minutes = (self.first_step + np.arange(self.starts)) * self.step
        self.minutes: Ints = np.arange(count)[:, None] * DAY_MINUTES + minutes[None]  # since the first midnight
        self._open_sites: dict[int, Bools] = {}
        self._open_trainers: dict[tuple[int, int], Bools] = {}
        self.courses: list[CourseGrid] = []
        self.sessions: list[SessionGrid] = []
        self._parts: list[Parts] = []  # of each session: what is open to it before any rule
        self.fixed = self._fixed()
        for course in problem.courses:
            self._add(course)

    def _span(self) -> tuple[int, int]:
        """The first start of any day, and how many steps there are until everything is closed."""
        hours = [one for site in self.problem.sites for one in site.hours]
        first = min((one[1] for one in hours), default=0) // self.step
        last = max((one[2] for one in hours), default=self.step)
        return first, max(-(-last // self.step) - first, 1)

    def _fixed(self) -> list[tuple[Key, Placement, int]]:
        """The published sessions of known courses at known sites, with their minutes."""
        minutes = {one.id: one.minutes for one in self.problem.courses}
        return [
            (key, at, minutes[key[0]])
            for key, at in sorted(self.problem.published.items())
            if key[0] in minutes and at.site in self.site_index
        ]

    def placement(self, spot: Spot) -> Placement:
        """The same in the problem's words."""
        problem = self.problem
        minute = (self.first_step + spot.start) * self.step
        starts_at = datetime.combine(self.days[spot.day], time(minute // 60, minute % 60), SHANGHAI)
        return Placement(problem.sites[spot.site].id, problem.trainers[spot.trainer].id, starts_at)

    def spot(self, at: Placement) -> Spot | None:
        """The cell of a placement; None where it is not on the grid."""
        site, trainer = self.site_index.get(at.site), self.trainer_index.get(at.trainer)
        minute = self.minute(at.starts_at)
        day, rest = divmod(minute, DAY_MINUTES)
        start = rest // self.step - self.first_step
        is_in = 0 <= day < len(self.days) and 0 <= start < self.starts and not rest % self.step
        return Spot(site, trainer, day, start) if site is not None and trainer is not None and is_in else None

    def minute(self, at: datetime) -> int:
        """Minutes since the first day's midnight."""
        midnight = datetime.combine(self.days[0], time(), SHANGHAI)
        return int((at - midnight).total_seconds() // 60)

    def site_hours(self, course: CourseGrid) -> Bools:
        """When the sites that fit are open, whatever is on there, [S, D, N]."""
        minutes = course.facts.minutes
        found = [self._hours(site.hours, minutes) for site in self.problem.sites]
        shape = (0, len(self.days), self.starts)
        return (np.stack(found) if found else np.zeros(shape, dtype=np.bool_)) & self._fits(course.facts)

    def trainer_hours(self, course: CourseGrid) -> Bools:
        """When the course's trainers come, whatever else they do, [R, D, N]."""
        listed = [self.problem.trainers[one] for one in course.trainers]
        return np.stack([self._hours(one.hours, course.facts.minutes) for one in listed])

    def with_rules(self, session: SessionGrid, rules: Iterable[Rule]) -> SessionGrid:
        """The session as it would be under these rules alone."""
        course = self.courses[session.course]
        return self._session(course, session.key[1], self._parts[session.index], rules)

    def _add(self, facts: CourseFacts) -> None:
        """A course with what is open to each of its sessions."""
        trainers = list(dict.fromkeys(self.trainer_index[one] for one in facts.trainers if one in self.trainer_index))
        course = CourseGrid(len(self.courses), facts, -(-facts.minutes // self.step), trainers)
        self.courses.append(course)
        numbers = range(1, facts.sessions + 1)
        course.published = {key[1]: at for key, at, _ in self.fixed if key[0] == facts.id and key[1] in numbers}
        shape = (0, len(self.days), self.starts)
        sites = self._sites_of(facts)
        opened = [self._free(one, facts.minutes) for one in trainers]
        hours = np.stack(opened) if opened else np.zeros(shape, dtype=np.bool_)
        both = self._ways(course)
        for number in numbers:
            if number not in course.published:
                parts = (sites & self.window(course, number), hours, both)
                session = self._session(course, number, parts, self.problem.rules)
                self._parts.append(parts)
                course.sessions.append(session)
                self.sessions.append(session)

    def _sites_of(self, facts: CourseFacts) -> Bools:
        return self._opened(facts.minutes) & self._fits(facts)

    def _fits(self, facts: CourseFacts) -> Bools:
        """Whether the sites have what the course needs, [S, 1, 1]."""
        fits = [
            site.capacity >= facts.least
            and facts.equipment <= site.equipment
            and (site.child_places > 0 or not facts.with_children)
            for site in self.problem.sites
        ]
        return np.array(fits, dtype=np.bool_)[:, None, None]

    def _opened(self, minutes: int) -> Bools:
        """When the sites are open and nothing else is on, [S, D, N]."""
        if minutes not in self._open_sites:
            found = [self._hours(site.hours, minutes) & ~self._taken(site.busy, minutes) for site in self.problem.sites]
            shape = (0, len(self.days), self.starts)
            opened = np.stack(found) if found else np.zeros(shape, dtype=np.bool_)
            for _, at, lasts in self.fixed:
                begins = self.minute(at.starts_at)
                opened[self.site_index[at.site]] &= ~self._during(begins, begins + lasts, minutes)
            self._open_sites[minutes] = opened
        return self._open_sites[minutes]

    def _free(self, index: int, minutes: int) -> Bools:
        key = (index, minutes)
        if key not in self._open_trainers:
            trainer = self.problem.trainers[index]
            self._open_trainers[key] = self._hours(trainer.hours, minutes) & ~self._taken(trainer.busy, minutes)
        return self._open_trainers[key]

    def _hours(self, hours: Iterable[Hours], minutes: int) -> Bools:
        listed = list(hours)
        firsts = [(self.first_step + number) * self.step for number in range(self.starts)]
        week = [[is_within(listed, day, first, first + minutes) for first in firsts] for day in range(1, 8)]
        return np.array(week, dtype=np.bool_)[self.weekdays]

    def _taken(self, busy: Iterable[Busy], minutes: int) -> Bools:
        found = np.zeros(self.minutes.shape, dtype=np.bool_)
        for one in busy:
            found |= self._during(self.minute(one.starts_at), self.minute(one.ends_at), minutes)
        return found

    def _during(self, begins: int, ends: int, minutes: int) -> Bools:
        """The starts at which something of so many minutes would fall into that time."""
        return (self.minutes < ends) & (self.minutes + minutes > begins)

    def _ways(self, course: CourseGrid) -> Bools | None:
        """Where published sessions leave the trainers no time, ways included; None where there are none."""
        found: Bools | None = None
        for _, at, lasts in self.fixed:
            trainer = self.trainer_index.get(at.trainer, -1)
            if trainer not in course.trainers:
                continue
            if found is None:
                shape = (len(self.problem.sites), len(course.trainers), len(self.days), self.starts)
                found = np.ones(shape, dtype=np.bool_)
            begins, place = self.minute(at.starts_at), course.trainers.index(trainer)
            for site, way in enumerate(self.travel[self.site_index[at.site]].tolist()):
                minutes = way * self.step
                found[site, place] &= ~self._during(begins - minutes, begins + lasts + minutes, course.facts.minutes)
        return found

    def window(self, course: CourseGrid, number: int) -> Bools:
        """The days and starts within the window, with those published of the course before and after, [D, N]."""
        facts, problem = course.facts, self.problem
        early = facts.gap_days * (number - 1) if not course.published else 0
        first, last = facts.window[0] + timedelta(days=early), facts.window[1]
        days = [first <= day <= last and day not in problem.days_off for day in self.days]
        found = np.repeat(np.array(days, dtype=np.bool_)[:, None], self.starts, axis=1)
        for other, at in course.published.items():
            begins = self.minute(at.starts_at)
            apart = self.minutes // DAY_MINUTES - begins // DAY_MINUTES
            if other < number:
                found &= (apart >= facts.gap_days) & (self.minutes >= begins + facts.minutes)
            else:
                found &= (-apart >= facts.gap_days) & (self.minutes + facts.minutes <= begins)
        return found

    def _session(self, course: CourseGrid, number: int, parts: Parts, rules: Iterable[Rule]) -> SessionGrid:
        key = (course.facts.id, number)
        at = self.problem.before.get(key)
        spot = None if at is None else self.spot(at)
        found = SessionGrid(len(self.sessions), key, course.index, *parts, spot, at is not None)
        for rule in rules:
            self._keep_rule(course, found, rule)
        return found

    def _keep_rule(self, course: CourseGrid, session: SessionGrid, rule: Rule) -> None:
        """Take away what the rule forbids."""
        scope = np.array([holds_for(rule, session.key, one.id) for one in self.problem.sites], dtype=np.bool_)
        if rule.kind is RuleKind.MOST_A_WEEK or not scope.any():
            return
        if rule.kind in {RuleKind.KEEP, RuleKind.BY}:
            shape = (len(self.problem.sites), len(course.trainers), len(self.days), self.starts)
            both = np.ones(shape, dtype=np.bool_) if session.both is None else session.both.copy()
            is_keep = rule.kind is RuleKind.KEEP
            both[scope] &= self.allowed(course, session, rule)[scope] if is_keep else self._by(course, rule)
            session.both = both
        else:
            session.sites = session.sites & (~scope[:, None, None] | self.allowed(course, session, rule))

    def _by(self, course: CourseGrid, rule: Rule) -> Bools:
        ids = [self.problem.trainers[one].id in rule.body["trainers"] for one in course.trainers]
        return np.array(ids, dtype=np.bool_)[None, :, None, None]

    def allowed(self, course: CourseGrid, session: SessionGrid, rule: Rule) -> Bools:
        """What the rule allows, [S, D, N]; of KEEP with the trainers, [S, R, D, N]."""
        size = (len(self.problem.sites), len(self.days), self.starts)
        if rule.kind is RuleKind.KEEP:
            found = np.full((size[0], len(course.trainers), *size[1:]), not session.had_before, dtype=np.bool_)
            spot = session.before
            if spot is not None and spot.trainer in course.trainers:
                found[spot.site, course.trainers.index(spot.trainer), spot.day, spot.start] = True
            return found
        sites = np.array([_site_allowed(rule, one.id) for one in self.problem.sites], dtype=np.bool_)
        days = np.array([_day_allowed(rule, day) for day in self.days], dtype=np.bool_)
        firsts = [(self.first_step + number) * self.step for number in range(self.starts)]
        starts = np.array([_minute_allowed(rule, one, course.facts.minutes) for one in firsts], dtype=np.bool_)
        return np.broadcast_to(sites[:, None, None] & days[:, None] & starts, size)


def _site_allowed(rule: Rule, site: str) -> bool:
    named: Mapping[RuleKind, bool] = {RuleKind.AT: True, RuleKind.NOT_AT: False}
    return rule.kind not in named or (site in rule.body["sites"]) == named[rule.kind]


def _day_allowed(rule: Rule, day: date) -> bool:
    if rule.kind is not RuleKind.NOT_ON:
        return True
    return day.isoformat() not in rule.body.get("days", ()) and day.isoweekday() not in rule.body.get("weekdays", ())


def _minute_allowed(rule: Rule, first: int, minutes: int) -> bool:
    if rule.kind is RuleKind.NOT_BEFORE:
        return first >= rule.body["minute"]
    return rule.kind is not RuleKind.NOT_AFTER or first + minutes <= rule.body["minute"]
