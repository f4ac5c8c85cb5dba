"""Builders of what a timetable is computed from: a site, a trainer, a course, people who want it, the whole problem."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from models.clock import SHANGHAI
from models.training.problem import CourseFacts, Hours, Placement, Problem, SiteFacts, TrainerFacts, Wanted

MONDAY = date(2026, 3, 2)
HERE = (35.23, 113.25)
A_KILOMETRE = 0.009  # of latitude, a little less than that many metres


def every_day(first: int, last: int) -> tuple[Hours, ...]:
    """The same hours on each day of the week, in minutes."""
    return tuple((weekday, first, last) for weekday in range(1, 8))


DAYTIME = every_day(540, 780)  # 09:00 to 13:00


def site(name: str, north_km: float = 0, **changes: object) -> SiteFacts:
    """A site of its own community, so many kilometres to the north."""
    made = SiteFacts(name, f"Hall {name}", f"community-{name}", HERE[0] + north_km * A_KILOMETRE, HERE[1], 20, DAYTIME)
    return replace(made, **changes)  # pyright: ignore[reportArgumentType] - a builder


def trainer(name: str, **changes: object) -> TrainerFacts:
    """A trainer who has time all day."""
    made = TrainerFacts(name, f"Trainer {name}", *HERE, every_day(0, 1440))
    return replace(made, **changes)  # pyright: ignore[reportArgumentType] - a builder


def course(name: str, *trainers: str, **changes: object) -> CourseFacts:
    """One session of an hour in the first two weeks."""
    window = (MONDAY, MONDAY + timedelta(days=13))
    made = CourseFacts(name, f"Course {name}", 60, 1, 1, 5, 20, trainers or ("t",), window)
    return replace(made, **changes)  # pyright: ignore[reportArgumentType] - a builder


def wanted(course_id: str, count: int = 6, north_km: float = 0, free: tuple[Hours, ...] = DAYTIME) -> Wanted:
    """So many people who want it, and when they can."""
    return Wanted(course_id, count, HERE[0] + north_km * A_KILOMETRE, HERE[1], "community-a", free)


def problem(**changes: object) -> Problem:
    """Two days, one site, one trainer, one course; peaks are for whoever says some."""
    made = Problem(
        first_on=MONDAY,
        last_on=MONDAY + timedelta(days=1),
        sites=(site("a"),),
        trainers=(trainer("t"),),
        courses=(course("k"),),
        wanted=(wanted("k"),),
        peaks=(),
    )
    return replace(made, **changes)  # pyright: ignore[reportArgumentType] - a builder


def instant(day: int, hour: int, minute: int = 0) -> datetime:
    """That time, so many days after the first Monday."""
    return datetime.combine(MONDAY + timedelta(days=day), time(hour, minute), SHANGHAI)


def at(day: int, hour: int, minute: int = 0, site: str = "a", trainer: str = "t") -> Placement:
    """A session's place."""
    return Placement(site, trainer, instant(day, hour, minute))
