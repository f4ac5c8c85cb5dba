"""Why a session has no place, in sentences that a person understands: what stands in the way of each place and time, counted.

First what no site or trainer can ever give (equipment, places, hours), then the days, then conditions, at last what the
others have taken. The first that leaves nothing open is the reason; what was open before it is counted by what closed it.
"""

from collections import Counter
from collections.abc import Iterator

from models.training.problem import Reason, Unplaced
from models.words import N_
from tasks.timetabling.grid import Bools, CourseGrid, Grid, SessionGrid, some
from tasks.timetabling.start import follows_mask
from tasks.timetabling.state import State

NO_TRAINER = N_("Nobody who can teach it is named. Name a trainer.")
NO_EQUIPMENT = N_("No site has {equipment}. Equip one, or change what the course needs.")
NO_CAPACITY = N_("No site that has what it needs holds {least} people; the largest holds {largest}.")
NO_CHILDREN = N_("No site that fits can look after children.")
NO_COMMON_HOURS = N_("{trainers} cannot come while any site that fits is open.")
NO_HOURS = N_("No site that fits is open for {minutes} minutes at a stretch.")
NO_DAY = N_("There is no working day for it between {first} and {last}.")
NO_DAY_LEFT = N_("No day is left in its window after session {number}.")
EARLIER = N_("Session {number} before it has no place.")
CONDITION = N_("A condition of {organisation} leaves no place and time.")
WISH = N_("A wish of the department leaves no place and time.")
HALL_FULL = N_("{site} is full on all {count} days on which it could be.")
TRAINER_ELSEWHERE = N_("{trainer} is in {site} at these times.")
TRAINER_BUSY = N_("{trainer} has other things to do at {count} of these times.")
TRAINER_ON_WAY = N_("{trainer} would be on the way at {count} of these times.")
WEEK_FULL = N_("{site} has as many sessions in a week as {organisation} agreed to.")
MOVED_ENOUGH = N_("To place it, more of the sessions proposed would have to move than is allowed.")
OTHERS = N_("There are places, but more riders come where other sessions are in its stead.")
MOST_NAMED = 3  # sites or trainers named in one explanation


def unplaced(state: State) -> tuple[Unplaced, ...]:
    """Every session without a place, with its reasons."""
    return tuple(
        Unplaced(session.key, tuple(_reasons(state, course, number)))
        for course in state.grid.courses
        for number, session in enumerate(course.sessions)
        if session.index not in state.chosen
    )


def _reasons(state: State, course: CourseGrid, number: int) -> list[Reason]:
    """The first kind of reasons that leaves nothing open."""
    session = course.sessions[number]
    if number and course.sessions[number - 1].index not in state.chosen:
        return [(EARLIER, {"number": course.sessions[number - 1].key[1]})]
    found = list(_never(state.grid, course)) or list(_days(state, course, number))
    return found or list(_conditions(state, session)) or list(_others(state, course, number))


def _never(grid: Grid, course: CourseGrid) -> Iterator[Reason]:
    """What no site and no trainer can give, whatever the others do."""
    facts, sites = course.facts, grid.problem.sites
    equipped = [one for one in sites if facts.equipment <= one.equipment]
    large = [one for one in equipped if one.capacity >= facts.least]
    if not course.trainers:
        yield NO_TRAINER, {}
    elif not equipped:
        had = frozenset[str]().union(*(one.equipment for one in sites))
        yield NO_EQUIPMENT, {"equipment": ", ".join(sorted(facts.equipment - had or facts.equipment))}
    elif not large:
        largest = max(one.capacity for one in equipped)
        yield NO_CAPACITY, {"least": facts.least, "largest": largest}
    elif facts.with_children and not any(one.child_places for one in large):
        yield NO_CHILDREN, {}
    else:
        yield from _hours(grid, course)


def _hours(grid: Grid, course: CourseGrid) -> Iterator[Reason]:
    opened = grid.site_hours(course).any(axis=0)
    taught = grid.trainer_hours(course).any(axis=0)
    if not opened.any():
        yield NO_HOURS, {"minutes": course.facts.minutes}
    elif not (opened & taught).any():
        yield NO_COMMON_HOURS, {"trainers": _names(grid, course)}


def _names(grid: Grid, course: CourseGrid) -> str:
    return ", ".join(grid.problem.trainers[one].name for one in course.trainers[:MOST_NAMED])


def _days(state: State, course: CourseGrid, number: int) -> Iterator[Reason]:
    """Whether its window has a day for it at all, and one after the session before it."""
    grid = state.grid
    window = grid.window(course, number)
    first, last = max(course.facts.window[0], grid.days[0]), min(course.facts.window[1], grid.days[-1])
    if not window.any():
        yield NO_DAY, {"first": first.isoformat(), "last": last.isoformat()}
    elif not (window & follows_mask(state, course, number)).any():
        yield NO_DAY_LEFT, {"number": course.sessions[number].key[1] - 1}


def _conditions(state: State, session: SessionGrid) -> Iterator[Reason]:
    """Wishes and conditions, if they are what leaves nothing."""
    grid = state.grid
    plain = grid.with_rules(session, ()).open()
    if not plain.any() or session.open().any():
        return
    for rule in grid.problem.rules:
        alone = grid.with_rules(session, [rule]).open()
        if alone.sum() < plain.sum():
            yield (CONDITION, {"organisation": rule.asked_by}) if rule.asked_by else (WISH, {})


def _others(state: State, course: CourseGrid, number: int) -> Iterator[Reason]:
    """What the other sessions have taken of what was open to it."""
    session = course.sessions[number]
    opened = session.open() & follows_mask(state, course, number)[None, None]
    if session.open().any() and not opened.any():
        yield NO_DAY_LEFT, {"number": session.key[1] - 1}
        return
    if not opened.any():
        yield from _taken_up(state, course, number)
        return
    sites, trainers = state.sites_free(session), state.trainers_free(session)
    if (opened & sites[:, None] & trainers).any():
        yield (MOVED_ENOUGH if state.grid.problem.moved_share is not None else OTHERS), {}
        return
    yield from _full(state, session, opened, sites)
    yield from _elsewhere(state, course, opened & sites[:, None], trainers)


def _full(state: State, session: SessionGrid, opened: Bools, free: Bools) -> Iterator[Reason]:
    """The sites at which it could be, each with the days on which it is taken."""
    grid = state.grid
    could = some(opened, 1)
    days = {site: int(could[site].any(axis=1).sum()) for site in range(len(could)) if could[site].any()}
    full = [site for site in days if not (could[site] & free[site]).any()]
    for site in sorted(full, key=lambda one: -days[one])[:MOST_NAMED]:
        name = grid.problem.sites[site].name
        asked_by = _week_is_full(state, session, site)
        if asked_by is not None:
            yield (WEEK_FULL, {"site": name, "organisation": asked_by}) if asked_by else (WISH, {})
        else:
            yield HALL_FULL, {"site": name, "count": days[site]}


def _week_is_full(state: State, session: SessionGrid, site: int) -> str | None:
    """Who asked for so few in a week, if that is why; nobody's name for a wish."""
    for limit, counts in zip(state.limits, state.counts, strict=True):
        if limit.scope[session.index, site] and (counts[site] >= limit.count).any():
            return limit.rule.asked_by
    return None


def _elsewhere(state: State, course: CourseGrid, opened: Bools, free: Bools) -> Iterator[Reason]:
    """Where its trainers are meanwhile."""
    grid = state.grid
    for place, trainer in enumerate(course.trainers[:MOST_NAMED]):
        closed = some(opened[:, place] & ~free[:, place], 0)
        if not closed.any():
            continue
        name = grid.problem.trainers[trainer].name
        where: Counter[str] = Counter()
        for index, spot in state.of_trainer[trainer].items():
            last = spot.start + state.length(index)
            where[grid.problem.sites[spot.site].name] += int(
                closed[spot.day, max(spot.start - course.length + 1, 0) : last].sum()
            )
        named = [site for site, count in where.most_common(MOST_NAMED) if count]
        if named:
            yield TRAINER_ELSEWHERE, {"trainer": name, "site": ", ".join(named)}
        else:
            yield TRAINER_ON_WAY, {"trainer": name, "count": int(closed.sum())}


def _taken_up(state: State, course: CourseGrid, number: int) -> Iterator[Reason]:
    """Why nothing is open to it beside what was busy or published before: sites, then trainers."""
    grid, session = state.grid, course.sessions[number]
    order = follows_mask(state, course, number) & grid.window(course, number)
    hours = grid.site_hours(course) & order
    full = [site for site in range(len(hours)) if hours[site].any() and not (session.sites[site] & order).any()]
    for site in full[:MOST_NAMED]:
        count = int(hours[site].any(axis=1).sum())
        yield HALL_FULL, {"site": grid.problem.sites[site].name, "count": count}
    taught = grid.trainer_hours(course) & order & hours.any(axis=0)
    for place, trainer in enumerate(course.trainers[:MOST_NAMED]):
        closed = int((taught[place] & ~session.trainers[place]).sum())
        published = sorted({at.site for _, at, _ in grid.fixed if grid.trainer_index.get(at.trainer) == trainer})
        name = grid.problem.trainers[trainer].name
        if closed:
            yield TRAINER_BUSY, {"trainer": name, "count": closed}
        elif published:
            names = [grid.problem.sites[grid.site_index[one]].name for one in published]
            yield TRAINER_ELSEWHERE, {"trainer": name, "site": ", ".join(names[:MOST_NAMED])}
        elif not full:
            yield NO_COMMON_HOURS, {"trainers": name}
