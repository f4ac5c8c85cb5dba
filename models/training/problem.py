"""What a timetable is computed from and what comes out: plain data, no database, no solver.

Instants are aware, in Asia/Shanghai; ids are text. `Hours` are `(weekday 1-7, first minute, last minute)` of Asia/Shanghai,
the last minute not included. The solver (`tasks/timetable.py`) takes a `Problem` and gives an `Answer`; both are kept with
the timetable, so that the same can be computed again (`to_data`, `from_data`: nothing but what JSON has).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, TypeAdapter

from models.clock import SHANGHAI

Hours = tuple[int, int, int]
Key = tuple[str, int]  # a session: its course's id and its number in it, from 1
Reason = tuple[str, Mapping[str, Any]]  # a sentence of the catalogue (N_), and its values
Instant = Annotated[datetime, AfterValidator(lambda at: at.astimezone(SHANGHAI))]

MOVED_SHARE = 0.1  # issue 6: after one condition at most a tenth of the proposed sessions moves


@dataclass(frozen=True, slots=True)
class Busy:
    """A time at which a site or a trainer is taken already, half-open, and by what (in words)."""

    starts_at: Instant
    ends_at: Instant
    what: str


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A site. `community`: the id of the community on whose ground it is."""

    id: str
    name: str
    community: str
    latitude: float
    longitude: float
    capacity: int
    hours: tuple[Hours, ...]
    equipment: frozenset[str] = frozenset()
    child_places: int = 0
    busy: tuple[Busy, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainerFacts:
    """A trainer, with where they come from."""

    id: str
    name: str
    latitude: float
    longitude: float
    hours: tuple[Hours, ...]
    busy: tuple[Busy, ...] = ()


@dataclass(frozen=True, slots=True)
class CourseFacts:
    """A course to be placed. `gap_days`: least days from one session's day to the next one's. Both days of the window count."""

    id: str
    title: str
    minutes: int
    sessions: int
    gap_days: int
    least: int
    most: int
    trainers: tuple[str, ...]
    window: tuple[date, date]
    equipment: frozenset[str] = frozenset()
    with_children: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """People of one place who want one course at the same times: `count` of them; `free`: when they can."""

    course: str
    count: int
    latitude: float
    longitude: float
    community: str
    free: tuple[Hours, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where, when and with whom a session is."""

    site: str
    trainer: str
    starts_at: Instant


def _read_placed(said: Any) -> Any:
    """The list that JSON has instead of keys of two parts."""
    return {(one["course"], one["number"]): one["at"] for one in said} if isinstance(said, list) else said


def _write_placed(placed: Mapping[Key, Placement]) -> list[dict[str, Any]]:
    return [
        {"course": course, "number": number, "at": _PLACEMENT.dump_python(at, mode="json")}
        for (course, number), at in placed.items()
    ]


_PLACEMENT = TypeAdapter(Placement)
Placed = Annotated[Mapping[Key, Placement], BeforeValidator(_read_placed), PlainSerializer(_write_placed)]


class RuleKind(StrEnum):
    """What a person can ask of the solver."""

    KEEP = "keep"  # this session stays where it is in `before`: site, time and trainer
    NOT_ON = "not_on"  # not on these days: `days` (ISO dates) or `weekdays` (1-7)
    NOT_BEFORE = "not_before"  # `minute` of the day
    NOT_AFTER = "not_after"  # has to be over by this `minute` of the day
    NOT_AT = "not_at"  # not at these `sites`
    AT = "at"  # only at these `sites`
    MOST_A_WEEK = "most_a_week"  # at most `count` sessions at a site in a week (Monday to Sunday)
    BY = "by"  # only these `trainers`


@dataclass(frozen=True, slots=True)
class Rule:
    """A wish or condition.

    It holds for the named sessions; without any, for all sessions of the named sites or courses; with nothing named, for all.
    `asked_by`: the organisation's name, for the words in which a session that could not be placed is explained.
    """

    kind: RuleKind
    body: Mapping[str, Any]
    sessions: tuple[Key, ...] = ()
    sites: tuple[str, ...] = ()
    courses: tuple[str, ...] = ()
    asked_by: str = ""


@dataclass(frozen=True, slots=True)
class Weights:
    """What is worth how much: points for each rider who can come, and what is taken off. The district's data.

    Riders count up to the places that there are: the course's `most`, or the site's capacity where that is less.
    """

    free: int = 10  # a rider who is free at the time
    whole: int = 30  # a rider who is free at the times of all sessions of the course
    near: int = 4  # at most this for a rider to whom the site is near, falling to 0 at `far_metres`
    peak: int = 30  # taken off a session that touches a peak
    spread: int = 5  # taken off for each session at a community beyond its fair share: all sessions by all communities
    change: int = 40  # taken off for a session that is elsewhere than in the last timetable
    unplaced: int = 1000  # taken off for a session that has no place


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything that the solver is told. `before`: the last timetable; `published`: what stays where it is.

    `moved_share`: at most this share of the sessions of `before` may move; None: as many as it takes (see `solved_again`).
    """

    first_on: date
    last_on: date
    sites: tuple[SiteFacts, ...]
    trainers: tuple[TrainerFacts, ...]
    courses: tuple[CourseFacts, ...]
    wanted: tuple[Wanted, ...] = ()
    days_off: frozenset[date] = frozenset()  # statutory holidays
    peaks: tuple[tuple[int, int], ...] = ((630, 810), (1020, 1200))  # minutes of the day, half-open
    step_minutes: int = 30  # sessions begin at whole steps
    far_metres: int = 3000
    trainer_kmh: float = 20.0
    detour: float = 1.3
    weights: Weights = field(default_factory=Weights)
    rules: tuple[Rule, ...] = ()
    before: Placed = field(default_factory=dict[Key, Placement])
    published: Placed = field(default_factory=dict[Key, Placement])
    moved_share: float | None = None
    seed: int = 1

    def to_data(self) -> dict[str, Any]:
        """Nothing but what JSON has; `from_data` makes the same again."""
        return _PROBLEM.dump_python(self, mode="json")

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> "Problem":
        """What `to_data` has written. Raises `pydantic.ValidationError`."""
        return _PROBLEM.validate_python(data)


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Why a session has no place: each reason a sentence to be put into words, with its numbers and names."""

    session: Key
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came out. `gap`: between value and bound, as a share of the bound.

    `possible`: points if every rider could come to everything that they asked for, at their door. `costs`: by the weight's
    name, what was lost against that; `value` is `possible` less all costs.
    """

    placements: Placed
    unplaced: tuple[Unplaced, ...]
    value: float
    bound: float
    gap: float
    costs: Mapping[str, int]
    served: int  # riders who can come to the whole of what they want (at most the places there are)
    moved: int  # sessions elsewhere than in `before`
    seconds: float
    first_seconds: float  # until the first answer
    is_proven: bool
    possible: int = 0
    remarks: tuple[Reason, ...] = ()  # what else a person has to be told

    def to_data(self) -> dict[str, Any]:
        """Nothing but what JSON has; `from_data` makes the same again."""
        return _ANSWER.dump_python(self, mode="json")

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> "Answer":
        """What `to_data` has written. Raises `pydantic.ValidationError`."""
        return _ANSWER.validate_python(data)


_PROBLEM = TypeAdapter(Problem)
_ANSWER = TypeAdapter(Answer)


def solved_again(problem: Problem, answer: Answer, rules: Sequence[Rule]) -> Problem:
    """The same with more rules, to be solved so that at most a tenth of what was proposed moves."""
    return replace(problem, before=answer.placements, rules=(*problem.rules, *rules), moved_share=MOVED_SHARE)
