"""A bound: no timetable at all can be worth more. Over all cells, whatever the search has looked at.

Why it holds. What couples the courses (a site's step taken once, a trainer's step taken once, a community's fair share) is
given a price instead of a limit; for any prices not below nothing (a community's at most the weight of the spread), the sum of
what every course is worth alone at these prices, and of the prices themselves, is a bound (Lagrange). What a course is worth
alone is never below the truth: its days, gaps and order are kept (a best way through its days), ways between sites and
counts of a week are left out, and riders who come to the whole of it are at most those who can come to a set of times in which
all sessions are (every set is tried; those with few riders as one, with the most riders of any of them), nor more than the
places of the sessions on average. Prices are bettered step by step towards the usage
that is too high (subgradients); every step gives a bound, and the lowest is kept.
"""

import time
from dataclasses import dataclass, field

import numpy as np

from tasks.timetabling.grid import Bools, CourseGrid, Grid, Ints, SessionGrid, some
from tasks.timetabling.points import CoursePoints, Floats, Points

LEVELS = 4  # into so many sizes the sites of a course are told apart
TRIED = 100  # so many sets of times of a course one by one, the rest as one
NEVER = -1e9
PATIENCE = 8  # steps without a lower bound before they become shorter


@dataclass(slots=True)
class Chain:
    """A course for its best way. A node: level of size and class of its weekday, P of them a day.

    `sites` ordered by level; `first_of`: where each level begins; `slots` [7, N]: which of the weekday's classes a start is,
    of `width`. `bonus` [A, 7, P]: points of a node for riders who come to the whole, by set of classes (the first: nobody).
    """

    course: CourseGrid
    sites: Ints
    first_of: Ints
    slots: Ints
    width: int
    bonus: Floats
    base: Floats
    constant: float
    alone: list[Bools] = field(default_factory=list[Bools])  # what is open to each session, of sites
    days: list[Floats] = field(default_factory=list[Floats])  # [D], 0 or NEVER


@dataclass(slots=True)
class Prices:
    """`sites` [S, D, N], `trainers` [trainers, D, N], `communities`."""

    sites: Floats
    trainers: Floats
    communities: Floats


class Bound:
    """The lowest bound so far, in `best`."""

    def __init__(self, grid: Grid, points: Points) -> None:
        self.grid, self.points = grid, points
        shape = (len(grid.days), grid.starts)
        self.prices = Prices(
            np.zeros((len(grid.problem.sites), *shape)),
            np.zeros((len(grid.problem.trainers), *shape)),
            np.zeros(len(grid.communities)),
        )
        self.chains = [_chain(grid, points, one) for one in grid.courses if one.sessions]
        done = [points.of_course(one.index, {}) for one in grid.courses if not one.sessions]
        self.constant = float(sum(done)) + sum(one.constant for one in self.chains)
        self.room = points.fair - points.fixed_at  # of a community, before its spread costs
        self.best = float("inf")
        self.scale = 1.0
        self.since = 0

    def improve(self, value: float, rounds: int, until: float = float("inf")) -> None:
        """So many steps, unless the clock ends them; `value`: of a timetable that there is."""
        for number in range(rounds):
            if number and time.monotonic() > until:
                return
            bound, used = self.step()
            if bound < self.best - 1e-6 * abs(self.best):
                self.best, self.since = min(bound, self.best), 0
            else:
                self.best, self.since = min(bound, self.best), self.since + 1
            if self.best <= value + 1e-6:
                return
            if self.since >= PATIENCE:
                self.scale, self.since = self.scale * 0.7, 0
            self._reprice(used, bound - value)

    def _reprice(self, used: Prices, gap: float) -> None:
        """One step along the subgradient, its length by the distance that is left (Polyak)."""
        over = Prices(used.sites - 1, used.trainers - 1, used.communities - self.room)
        prices = self.prices
        over.sites[(prices.sites <= 0) & (over.sites < 0)] = 0
        over.trainers[(prices.trainers <= 0) & (over.trainers < 0)] = 0
        over.communities[(prices.communities <= 0) & (over.communities < 0)] = 0
        size = sum(float((one**2).sum()) for one in (over.sites, over.trainers, over.communities))
        if size > 0:
            length = self.scale * max(gap, 1.0) / size
            prices.sites = np.maximum(prices.sites + length * over.sites, 0)
            prices.trainers = np.maximum(prices.trainers + length * over.trainers, 0)
            spread = self.points.weights.spread
            prices.communities = np.clip(prices.communities + length * over.communities, 0, spread)

    def step(self) -> tuple[float, Prices]:
        """The bound at the present prices, and what the courses would use."""
        prices = self.prices
        used = Prices(*(np.zeros_like(one) for one in (prices.sites, prices.trainers, prices.communities)))
        total = self.constant + float(prices.sites.sum() + prices.trainers.sum())
        total += float((prices.communities * self.room).sum())
        for chain in self.chains:
            total += self._price(chain, used)
        return total, used

    def _price(self, chain: Chain, used: Prices) -> float:
        """What the course is worth alone at these prices; what it would use is added to `used`."""
        course, grid = chain.course, self.grid
        length = course.length
        at_site = _window(self.prices.sites[chain.sites], length)
        at_site += self.prices.communities[grid.community[chain.sites]][:, None, None]
        if course.trainers:
            of_trainer = _window(self.prices.trainers[course.trainers], length)
        else:
            of_trainer = np.zeros((0, len(grid.days), grid.starts))
        worth = chain.base - at_site
        known: dict[tuple[int, int], tuple[Floats, Ints, Floats]] = {}
        found: list[tuple[Floats, Ints, Floats]] = []
        for session, mask in zip(course.sessions, chain.alone, strict=True):
            key = (id(mask), id(session.trainers))
            if key not in known:
                trainers = np.where(session.trainers, -of_trainer, NEVER).max(axis=0, initial=NEVER)
                table, cells = _nodes(np.where(mask, worth + trainers[None], NEVER), chain, grid)
                by_set = (table[None] + chain.bonus[:, grid.weekdays]).max(axis=2)
                known[key] = table, cells, by_set
            found.append(known[key])
        tables = [by_set + days for (_, _, by_set), days in zip(found, chain.days, strict=True)]
        value, chosen, days = _way(tables, course.facts.gap_days, [self._nowhere(one) for one in course.sessions])
        for session, day, (table, cells, _) in zip(course.sessions, days, found, strict=False):
            node = int((table[day] + chain.bonus[chosen, grid.weekdays[day]]).argmax())
            self._use(chain, session, int(cells[day, node]), day, of_trainer, used)
        return value

    def _nowhere(self, session: SessionGrid) -> float:
        weights = self.points.weights
        return float(-weights.unplaced - weights.change * session.had_before)

    def _use(self, chain: Chain, session: SessionGrid, cell: int, day: int, of_trainer: Floats, used: Prices) -> None:
        place, start = divmod(cell, self.grid.starts)
        site, last = int(chain.sites[place]), start + chain.course.length
        prices = np.where(session.trainers[:, day, start], of_trainer[:, day, start], np.inf)
        used.sites[site, day, start:last] += 1
        used.trainers[chain.course.trainers[int(prices.argmin())], day, start:last] += 1
        used.communities[self.grid.community[site]] += 1


def _window(prices: Floats, length: int) -> Floats:
    """The prices of all steps that a session takes which begins there."""
    found = prices.copy()
    for later in range(1, min(length, prices.shape[-1])):
        found[..., :-later] += prices[..., later:]
    return found


def _nodes(table: Floats, chain: Chain, grid: Grid) -> tuple[Floats, Ints]:
    """The best cell of each node, [D, P]: its worth, and its site's place and start as one number."""
    days, starts = len(grid.days), grid.starts
    levels = len(chain.first_of)
    slots = chain.slots[grid.weekdays]
    found = np.full((days, levels, chain.width), NEVER)
    cells = np.zeros((days, levels, chain.width), dtype=np.int64)
    bounds = [*chain.first_of.tolist(), len(chain.sites)]
    for level in range(levels):
        part = table[bounds[level] : bounds[level + 1]]
        best = part.argmax(axis=0)
        worth = np.take_along_axis(part, best[None], axis=0)[0]
        for slot in range(chain.width):
            here = np.where(slots == slot, worth, NEVER)
            start = here.argmax(axis=1)
            found[:, level, slot] = here[np.arange(days), start]
            cells[:, level, slot] = (best[np.arange(days), start] + bounds[level]) * starts + start
    return found.reshape(days, -1), cells.reshape(days, -1)


def _way(tables: list[Floats], gap: int, nowhere: list[float]) -> tuple[float, int, list[int]]:
    """The best way through the days, [A, D] for each session: its worth, its set, and the sessions' days.

    Sessions at the end may be nowhere: then nobody comes to the whole of it.
    """
    reached = [tables[0]]
    for table in tables[1:]:
        until = np.maximum.accumulate(reached[-1], axis=1)
        before = np.full_like(until, NEVER * 2)
        before[:, gap:] = until[:, : until.shape[1] - gap]
        reached.append(table + before)
    best, chosen, count = float(sum(nowhere)), 0, 0
    for number, table in enumerate(reached, 1):
        part = table if number == len(tables) else table[:1]
        rest = float(sum(nowhere[number:]))
        if float(part.max()) + rest > best:
            best, count = float(part.max()) + rest, number
            chosen = int(part.max(axis=1).argmax())
    days: list[int] = []
    last = tables[0].shape[1] - 1
    for table in reversed(reached[:count]):
        days.insert(0, int(table[chosen, : last + 1].argmax()))
        last = days[0] - gap
    return best, chosen, days


def _chain(grid: Grid, points: Points, course: CourseGrid) -> Chain:
    """A course made ready."""
    of_course, weights = points.courses[course.index], points.weights
    order = np.argsort(of_course.places, kind="stable")
    sizes = of_course.places[order]
    kinds = np.unique(sizes)
    tops = kinds if len(kinds) <= LEVELS else np.array([part[-1] for part in np.array_split(kinds, LEVELS)])
    level = np.searchsorted(tops, sizes)
    used = np.unique(level)
    slots, classes, width = _slots(of_course)
    worth = float(weights.whole)
    nodes = len(used) * width
    bonus = np.zeros((1, 7, nodes))
    base = of_course.base[order].astype(np.float64)
    constant = float(of_course.published_points)
    if course.facts.sessions == 1:
        base += worth * of_course.seats[:, of_course.class_of[grid.weekdays]][order]
    elif of_course.published:
        least = min(int(of_course.places[site]) for _, site in of_course.published)
        constant += worth * min(of_course.together([], with_published=True), least)
    else:
        seats = np.minimum(tops[used], of_course.most)
        bonus = np.concatenate([bonus, _bonus(points, course, classes, seats, worth / len(course.sessions))])
    chain = Chain(course, order, np.searchsorted(level, used), slots, width, bonus, base, constant)
    _open(chain)
    return chain


def _bonus(points: Points, course: CourseGrid, classes: list[list[int]], seats: Ints, worth: float) -> Floats:
    """What a node adds for riders who come to the whole, [A, 7, P]: for each set, and for all other sets as one."""
    sets = points.sets(course.index)
    kept, others = sets.listed[:TRIED], sets.listed[TRIED:]
    everything = frozenset(kind for day in classes for kind in day)
    rest = max([sets.rest, *(riders for _, riders in others[:1])])
    width = max(map(len, classes))
    found = np.full((len(kept) + 1, 7, len(seats), width), NEVER)
    for number, (named, riders) in enumerate([*kept, (everything, rest)]):
        of_level = worth * np.minimum(seats, riders)
        for day, kinds in enumerate(classes):
            for place, kind in enumerate(kinds):
                if kind in named:
                    found[number, day, :, place] = of_level
    return found.reshape(len(found), 7, -1)


def _open(chain: Chain) -> None:
    """What is open to each session; those that differ by days only share one table."""
    opened = [one.sites if one.both is None else one.sites & some(one.both, 1) for one in chain.course.sessions]
    shared = some(np.stack(opened), 0)
    ordered = shared[chain.sites]
    for one in opened:
        days = some(one, (0, 2))
        is_shared = bool((one == shared & days[:, None]).all())
        chain.alone.append(ordered if is_shared else one[chain.sites])
        chain.days.append(np.where(days, 0.0, NEVER))


def _slots(points: CoursePoints) -> tuple[Ints, list[list[int]], int]:
    """The classes of each weekday, and which of them each start is."""
    classes = [list(dict.fromkeys(points.class_of[day].tolist())) for day in range(7)]
    slots = np.array(
        [[classes[day].index(one) for one in points.class_of[day].tolist()] for day in range(7)], dtype=np.int64
    )
    return slots, classes, max(map(len, classes))
