"""A first timetable: course by course, the scarcest first, each session where most riders of the course can come."""

import numpy as np

from tasks.timetabling.grid import Bools, CourseGrid, Grid, Ints, SessionGrid, Spot, some
from tasks.timetabling.points import Points
from tasks.timetabling.state import State

NOWHERE = -(10**9)


def begin(grid: Grid, points: Points) -> State:
    """What is in `before` stays where it still may; the rest is placed greedily."""
    state = State(grid)
    for session in grid.sessions:
        spot = session.before
        is_theirs = spot is not None and spot.trainer in grid.courses[session.course].trainers
        if spot is not None and is_theirs and state.is_open(session.index, spot):
            state.add(session.index, spot)
    by_scarcity = [grid.courses[index] for _, index in sorted((_openings(one), one.index) for one in grid.courses)]
    for course in by_scarcity:
        _fill(state, points, course)
    for course in by_scarcity:
        mend(state, course)
        place(state, points, course)
    return state


def _fill(state: State, points: Points, course: CourseGrid) -> None:
    """Place what is missing around what stays where it was, so that little moves."""
    if any(session.index in state.chosen for session in course.sessions):
        for number, session in enumerate(course.sessions):
            spot = None if session.index in state.chosen else best(state, points, course, number)
            if spot is not None:
                state.add(session.index, spot)


def mend(state: State, course: CourseGrid) -> None:
    """Take away what is out of order: each session after the earlier ones, none without them."""
    earlier: tuple[SessionGrid, Spot] | None = None
    for session in course.sessions:
        spot = state.chosen.get(session.index)
        is_first = earlier is None and session is course.sessions[0]
        is_after = earlier is not None and spot is not None and follows(course, earlier[1], spot)
        if spot is None or not (is_first or is_after):
            state.remove(session.index)
            earlier = None
        else:
            earlier = (session, spot)


def follows(course: CourseGrid, one: Spot, other: Spot) -> bool:
    """Whether a session there can come next after one here."""
    is_over = (other.day, other.start) >= (one.day, one.start + course.length)
    return is_over and other.day - one.day >= course.facts.gap_days


def _openings(course: CourseGrid) -> int:
    """How many cells its scarcest session has."""
    return min((int(one.open().any(axis=1).sum()) for one in course.sessions), default=0)


def place(state: State, points: Points, course: CourseGrid) -> None:
    """Place those of its sessions that have no place, one after another."""
    for number, session in enumerate(course.sessions):
        if session.index not in state.chosen:
            spot = best(state, points, course, number)
            if spot is None:
                return
            state.add(session.index, spot)


def best(state: State, points: Points, course: CourseGrid, number: int) -> Spot | None:
    """The best open cell for its session of that place in the row, so that the ones after it still have days."""
    session = course.sessions[number]
    opened = state.open(session) & _with_room(state, course, number)
    if not opened.any():
        return None
    worth = _worth(state, points, course, session)
    table = np.where(opened, worth[:, None], NOWHERE)
    site, trainer, day, start = (int(one) for one in np.unravel_index(int(table.argmax()), table.shape))
    return Spot(site, course.trainers[trainer], day, start)


def _with_room(state: State, course: CourseGrid, number: int) -> Bools:
    """The starts in order, [D, N], that leave days for the sessions after it; if none does, all in order."""
    found = follows_mask(state, course, number)
    rest = len(course.sessions) - 1 - number
    last = some(course.sessions[-1].sites, (0, 2)).nonzero()[0]
    room = (int(last[-1]) if len(last) else 0) - course.facts.gap_days * rest
    roomy = found & (np.arange(len(state.grid.days)) <= room)[:, None]
    return roomy if (roomy & some(course.sessions[number].sites, 0)).any() else found


def follows_mask(state: State, course: CourseGrid, number: int) -> Bools:
    """The starts, [D, N], after the sessions before it and before those after it."""
    grid = state.grid
    days, starts = np.arange(len(grid.days))[:, None], np.arange(grid.starts)[None]
    found = np.ones((len(grid.days), grid.starts), dtype=np.bool_)
    gap, length = course.facts.gap_days, course.length
    for other, session in enumerate(course.sessions):
        spot = state.chosen.get(session.index)
        if spot is None or other == number:
            continue
        between = gap * abs(number - other)
        if other < number:
            is_after = (days > spot.day) | (starts >= spot.start + length)
            found &= (days - spot.day >= between) & (days >= spot.day) & is_after
        else:
            is_before = (days < spot.day) | (starts + length <= spot.start)
            found &= (spot.day - days >= between) & (days <= spot.day) & is_before
    return found


def _worth(state: State, points: Points, course: CourseGrid, session: SessionGrid) -> Ints:
    """Points of the session's cells, [S, D, N], with those for riders who can come to the course's other sessions too."""
    grid, of_course, weights = state.grid, points.courses[course.index], points.weights
    others = [state.chosen[one.index] for one in course.sessions if one.index in state.chosen and one is not session]
    kinds = [points.class_at(course.index, one) for one in others] + [one for one, _ in of_course.published]
    still = of_course.vectors[kinds].all(axis=0) if kinds else np.ones(len(of_course.counts), dtype=np.bool_)
    riders = (of_course.vectors & still) @ of_course.counts
    seats = np.minimum(of_course.places[:, None], riders[None])
    together = weights.whole * seats[:, of_course.class_of[grid.weekdays]]
    counts = points.fixed_at.copy()
    for spot in state.chosen.values():
        counts[grid.community[spot.site]] += 1
    over = weights.spread * (counts >= points.fair)[grid.community]
    return of_course.base + together - over[:, None, None]
