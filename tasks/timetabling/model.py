"""The CP-SAT model: one literal for each candidate (site, trainer, day, start) of a session, all else fixed around it.

Two candidates that break a hard rule together stand in a common "at most one": of a site and step, of a trainer and step, of a
trainer's way (all that end at a site, and all that begin elsewhere at one start too soon after), of a day between two
sessions of a course. That is tighter than intervals, and its linear relaxation is what makes the model quick.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from tasks.timetabling.grid import CourseGrid, SessionGrid, Spot
from tasks.timetabling.points import Points
from tasks.timetabling.state import State

Literal = cp_model.IntVar
Candidates = Mapping[int, Sequence[Spot]]  # by the session's index


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the solver may look. `deterministic`: CP-SAT's own measure, the same on every machine."""

    deterministic: float
    seconds: float
    seed: int
    is_small: bool = False  # worth a presolve; a round's model is solved before its presolve would be over


@dataclass(frozen=True, slots=True)
class Solved:
    """What it found; `chosen` is None where there is nothing. `value`, `bound`: of the freed courses, and of the spread."""

    chosen: dict[int, Spot] | None
    bound: float
    is_proven: bool
    lasted: float  # in the deterministic measure


@dataclass(slots=True)
class Model:
    """The model over some courses; `state` holds all the others, `most_moved` of theirs in `before` may be elsewhere."""

    state: State
    points: Points
    courses: Sequence[CourseGrid]
    candidates: Candidates
    hint: Mapping[int, Spot]  # where the sessions are now; it has to keep all rules
    most_moved: int | None = None
    most_sets: int = 120
    is_whole: bool = True
    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    literals: dict[int, list[tuple[Spot, Literal]]] = field(default_factory=dict[int, list[tuple[Spot, Literal]]])
    nowhere: dict[int, Literal] = field(default_factory=dict[int, Literal])
    terms: list[Literal] = field(default_factory=list[Literal])
    weights: list[int] = field(default_factory=list[int])

    def build(self) -> None:
        """All variables, rules and points."""
        for course in self.courses:
            for session in course.sessions:
                self._choose(session)
            self._in_order(course)
            self._whole(course)
        self._apart()
        self._weeks()
        self._spread()
        self._moved()
        self.model.maximize(cp_model.LinearExpr.weighted_sum(self.terms, self.weights))

    def _worth(self, literal: Literal, points: int) -> None:
        if points:
            self.terms.append(literal)
            self.weights.append(points)

    def _choose(self, session: SessionGrid) -> None:
        """One of its candidates, or nowhere."""
        base, weights = self.points.courses[session.course].base, self.points.weights
        literals: list[tuple[Spot, Literal]] = []
        for spot in self.candidates[session.index]:
            literal = self.model.new_bool_var("")
            literals.append((spot, literal))
            self.model.add_hint(literal, self.hint.get(session.index) == spot)
            change = weights.change * (session.had_before and spot != session.before)
            self._worth(literal, int(base[spot.site, spot.day, spot.start]) - change)
        nowhere = self.model.new_bool_var("")
        self.model.add_hint(nowhere, session.index not in self.hint)
        self._worth(nowhere, -weights.unplaced - weights.change * session.had_before)
        self.model.add_exactly_one([nowhere, *(literal for _, literal in literals)])
        self.literals[session.index], self.nowhere[session.index] = literals, nowhere

    def _in_order(self, course: CourseGrid) -> None:
        """Each session after the one before it, with the gap, and none without it."""
        gap, length = course.facts.gap_days, course.length
        for one, other in zip(course.sessions, course.sessions[1:], strict=False):
            self.model.add_implication(self.nowhere[one.index], self.nowhere[other.index])
            firsts, seconds = self.literals[one.index], self.literals[other.index]
            steps = self.state.grid.starts + length
            ends = [(spot.day + gap if gap else spot.day * steps + spot.start + length) for spot, _ in firsts]
            begins = [(spot.day if gap else spot.day * steps + spot.start) for spot, _ in seconds]
            for at in sorted(set(begins)):
                late = [literal for end, (_, literal) in zip(ends, firsts, strict=True) if end > at]
                early = [literal for begin, (_, literal) in zip(begins, seconds, strict=True) if begin <= at]
                if late:
                    self.model.add_at_most_one([*late, *early])

    def _whole(self, course: CourseGrid) -> None:
        """Riders who can come to all sessions: one set of classes is the course's, and each session is in one of that set."""
        points, weights = self.points.courses[course.index], self.points.weights
        worth = weights.whole
        if not worth or not points.most or not course.sessions:
            return
        by_class = [self._by_class(course, session) for session in course.sessions]
        sets = self._sets(course, [frozenset(kinds) for kinds in by_class])
        literals = [self.model.new_bool_var("") for _ in sets]
        nobody = self.model.new_bool_var("")
        kinds_now, served_now = self._now(course)
        for literal, (named, _) in zip(literals, sets, strict=True):
            self.model.add_hint(literal, served_now > 0 and named == kinds_now)
        self.model.add_hint(nobody, served_now == 0)
        self.model.add_exactly_one([nobody, *literals])
        for kinds in by_class:
            for kind, literal in kinds.items():
                allowing = [one for one, (named, _) in zip(literals, sets, strict=True) if kind in named]
                self.model.add(cp_model.LinearExpr.sum([nobody, *allowing]) >= literal)
        served = self.model.new_int_var(0, points.most, "")
        self.model.add_hint(served, served_now)
        riders = [count for _, count in sets]
        self.model.add(cp_model.LinearExpr.weighted_sum(literals, riders) >= served)
        for session in course.sessions:
            seats = [(literal, int(points.places[spot.site])) for spot, literal in self.literals[session.index]]
            self.model.add(
                cp_model.LinearExpr.weighted_sum([one for one, _ in seats], [count for _, count in seats]) >= served
            )
        for _, site in points.published:
            self.model.add(served <= int(points.places[site]))
        self._worth(served, worth)

    def _sets(self, course: CourseGrid, kinds: Sequence[frozenset[int]]) -> list[tuple[frozenset[int], int]]:
        """The sets of classes that most riders can come to; not all, where there are too many (`is_whole`)."""
        fits = frozenset[int]().union(*kinds)
        sets = self.points.sets(course.index)
        found = [one for one in sets.listed if one[0] <= fits]
        self.is_whole &= not sets.rest and len(found) <= self.most_sets
        kept = found[: self.most_sets]
        now, _ = self._now(course)
        if now not in {one for one, _ in kept}:
            kept.append((now, self.points.courses[course.index].together(sorted(now), with_published=True)))
        return kept

    def _now(self, course: CourseGrid) -> tuple[frozenset[int], int]:
        """The classes at which the course is now, and the riders who come to the whole of it."""
        spots = [self.hint[one.index] for one in course.sessions if one.index in self.hint]
        kinds = frozenset(self.points.class_at(course.index, spot) for spot in spots)
        return kinds, self.points.whole(course.index, spots)

    def _by_class(self, course: CourseGrid, session: SessionGrid) -> dict[int, Literal]:
        """For each class of riders, whether the session is at such a time."""
        groups: defaultdict[int, list[Literal]] = defaultdict(list)
        for spot, literal in self.literals[session.index]:
            groups[self.points.class_at(course.index, spot)].append(literal)
        found: dict[int, Literal] = {}
        for kind, literals in sorted(groups.items()):
            found[kind] = self.model.new_bool_var("")
            spot = self.hint.get(session.index)
            is_now = spot is not None and self.points.class_at(course.index, spot) == kind
            self.model.add_hint(found[kind], is_now)
            self.model.add(cp_model.LinearExpr.sum(literals) == found[kind])
        return found

    def _apart(self) -> None:
        """No site and no trainer twice at once, and time for the ways."""
        cells: defaultdict[tuple[int, int, int, int], list[Literal]] = defaultdict(list)
        leave: defaultdict[tuple[int, int, int, int], list[Literal]] = defaultdict(list)
        arrive: defaultdict[tuple[int, int, int, int], list[Literal]] = defaultdict(list)
        for index, literals in self.literals.items():
            length = self.state.length(index)
            for spot, literal in literals:
                for step in range(spot.start, spot.start + length):
                    cells[0, spot.site, spot.day, step].append(literal)
                    cells[1, spot.trainer, spot.day, step].append(literal)
                leave[spot.trainer, spot.day, spot.site, spot.start + length].append(literal)
                arrive[spot.trainer, spot.day, spot.start, spot.site].append(literal)
        known: set[tuple[int, ...]] = set()
        for literals in cells.values():
            indices = tuple(one.index for one in literals)
            if len(literals) > 1 and indices not in known:
                known.add(indices)
                self.model.add_at_most_one(literals)
        self._ways(leave, arrive)

    def _ways(
        self,
        leave: Mapping[tuple[int, int, int, int], list[Literal]],
        arrive: Mapping[tuple[int, int, int, int], list[Literal]],
    ) -> None:
        travel = self.state.grid.travel
        starts: defaultdict[tuple[int, int, int], list[tuple[int, list[Literal]]]] = defaultdict(list)
        for (trainer, day, start, site), literals in arrive.items():
            starts[trainer, day, start].append((site, literals))
        longest = int(travel.max(initial=0))
        for (trainer, day, site, end), leaving in leave.items():
            for start in range(end, end + longest):
                coming = [
                    literal
                    for other, literals in starts.get((trainer, day, start), ())
                    if end + travel[site, other] > start
                    for literal in literals
                ]
                if coming:
                    self.model.add_at_most_one([*leaving, *coming])

    def _weeks(self) -> None:
        state = self.state
        for limit, counts in zip(state.limits, state.counts, strict=True):
            groups: defaultdict[tuple[int, int], list[Literal]] = defaultdict(list)
            for index, literals in self.literals.items():
                for spot, literal in literals:
                    if limit.scope[index, spot.site]:
                        groups[spot.site, int(state.weeks[spot.day])].append(literal)
            for (site, week), literals in groups.items():
                room = max(limit.count - int(counts[site, week]), 0)
                self.model.add(cp_model.LinearExpr.sum(literals) <= room)

    def _spread(self) -> None:
        """What is beyond the fair share of each community, those that stay counted first."""
        points, grid = self.points, self.state.grid
        counts = points.fixed_at.copy()
        for spot in self.state.chosen.values():
            counts[grid.community[spot.site]] += 1
        groups: defaultdict[int, list[Literal]] = defaultdict(list)
        for literals in self.literals.values():
            for spot, literal in literals:
                groups[int(grid.community[spot.site])].append(literal)
        for community, literals in sorted(groups.items()):
            over = self.model.new_int_var(0, len(self.literals), "")
            room = max(points.fair - int(counts[community]), 0)
            now = sum(int(grid.community[spot.site]) == community for spot in self.hint.values())
            self.model.add_hint(over, max(now - room, 0))
            self.model.add(cp_model.LinearExpr.sum(literals) - over <= room)
            self._worth(over, -points.weights.spread)

    def _moved(self) -> None:
        """At most so many of those in `before` elsewhere or nowhere."""
        if self.most_moved is None:
            return
        grid = self.state.grid
        stay = [self.literals[index] for index in self.literals if grid.sessions[index].had_before]
        same = [
            literal
            for index, literals in self.literals.items()
            for spot, literal in literals
            if grid.sessions[index].before == spot
        ]
        self.model.add(cp_model.LinearExpr.sum(same) >= len(stay) - self.most_moved)

    def solve(self, limits: Limits) -> Solved:
        """Look for the best; the same for the same seed, as long as the clock does not end it first."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = limits.seed % 2**31
        solver.parameters.max_deterministic_time = limits.deterministic
        solver.parameters.max_time_in_seconds = limits.seconds
        solver.parameters.cp_model_presolve = limits.is_small
        status = solver.solve(self.model)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return Solved(None, float("inf"), is_proven=False, lasted=solver.response_proto.deterministic_time)
        chosen = {
            index: spot
            for index, literals in self.literals.items()
            for spot, literal in literals
            if solver.boolean_value(literal)
        }
        return Solved(
            chosen, solver.best_objective_bound, status == cp_model.OPTIMAL, solver.response_proto.deterministic_time
        )


def constant(points: Points, state: State, courses: Iterable[CourseGrid]) -> int:
    """What the model leaves out of the total: published sessions, courses that are not freed, and their spread."""
    freed = {one.index for one in courses}
    value = sum(points.courses[index].published_points for index in freed)
    value += sum(points.of_course(one.index, state.chosen) for one in state.grid.courses if one.index not in freed)
    return value - points.weights.spread * points.over(state.chosen)
