"""Working time 工作时间: deadlines in working minutes and days by the State Council's calendar.

Where a day's kind comes from, in this order: the years in the district's own file, then `chinesecalendar` (2004 to
2026: the State Council's yearly notices, make-up working days included), then plain weekdays, with a warning to show.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import chinese_calendar

from models.clock import SHANGHAI
from models.errors import RuleBroken
from models.words import N_, Sentence

LONGEST_SEARCH_DAYS = 20_000  # a calendar without any working day is a mistake in the district's file
SATURDAY = 5
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

Period = tuple[datetime, datetime]  # local, half-open


class SpanUnclear(RuleBroken):
    """A span of time that is none, or two at once."""

    sentence = N_("A span of time has exactly one of {units}, with a whole number from 0 on; this is {value}.")
    status = 422


class NoWorkingTime(RuleBroken):
    """A calendar in which nobody ever works."""

    sentence = N_("The calendar has no working time for years around {day}. Check the district's file.")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time that carries its unit: exactly one field is given, at least 0."""

    working_minutes: int | None = None
    working_days: int | None = None
    minutes: int | None = None
    days: int | None = None

    def __post_init__(self) -> None:
        given = self.given()
        if len(given) != 1 or any(type(value) is not int or value < 0 for value in given.values()):
            raise SpanUnclear(units=", ".join(UNITS), value=given)

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> "Span":
        """The span of a mapping such as {"working_days": 2}. Raises `SpanUnclear` for anything else."""
        if set(data) - set(UNITS):
            raise SpanUnclear(units=", ".join(UNITS), value=dict(data))
        return cls(**data)

    def given(self) -> dict[str, int]:
        """The unit and its number, as `parse` takes them."""
        named = {unit: getattr(self, unit) for unit in UNITS}
        return {unit: value for unit, value in named.items() if value is not None}

    @property
    def is_zero(self) -> bool:
        """Whether it is nothing at all."""
        return not any(self.given().values())


UNITS = tuple(one.name for one in fields(Span))


@dataclass(frozen=True, slots=True)
class Hours:
    """The working periods of a day in Asia/Shanghai: half-open, in order, without overlap."""

    periods: tuple[tuple[time, time], ...] = ((time(8, 30), time(12)), (time(14, 30), time(18)))

    @property
    def closing(self) -> time:
        """The end of the working day."""
        return self.periods[-1][1]


@dataclass(frozen=True, slots=True)
class Year:
    """One year that the district's file adds: weekdays that are holidays, weekend days that are worked."""

    holidays: frozenset[date]
    working: frozenset[date]

    def is_working(self, day: date) -> bool:
        """Whether `day` is a working day of this year."""
        return day in self.working or (day.weekday() < SATURDAY and day not in self.holidays)


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked, and when. Instants go in and come out aware; results are UTC."""

    hours: Hours = field(default_factory=Hours)
    years: Mapping[int, Year] = field(default_factory=dict[int, Year])

    def is_working_day(self, day: date) -> bool:
        """Whether `day` (in Shanghai) is worked."""
        added = self.years.get(day.year)
        return _national(day) if added is None else added.is_working(day)

    def warning(self, at: datetime | date) -> Sentence | None:
        """A sentence to show beside a deadline in a year whose holidays nobody has told us; else None."""
        year = (at.astimezone(SHANGHAI) if isinstance(at, datetime) else at).year
        if year in self.years or _is_national(year):
            return None
        return Sentence(
            N_("The holidays of {year} are not known yet, so plain weekdays were reckoned."), {"year": year}
        )

    def after(self, at: datetime, span: Span) -> datetime:
        """The instant `span` after `at`, UTC.

        n working days end at the close of the n-th working day after the local day of `at`: the day on which a time
        begins is not counted, and a time does not end on a day off (Civil Code 民法典 articles 201 and 203).
        0 working days are `at` itself. Working minutes run inside the working periods only.
        """
        if span.working_days is not None:
            return self._close_of(at, span.working_days, DAY) if span.working_days else at.astimezone(UTC)
        if span.working_minutes is not None:
            return self._run_forward(at, span.working_minutes * MINUTE)
        return at.astimezone(UTC) + _calendar_time(span)

    def before(self, at: datetime, span: Span) -> datetime:
        """The instant `span` before `at`, UTC; n working days before: the close of the n-th working day before its day."""
        if span.working_days is not None:
            return self._close_of(at, span.working_days, -DAY) if span.working_days else at.astimezone(UTC)
        if span.working_minutes is not None:
            return self._run_backward(at, span.working_minutes * MINUTE)
        return at.astimezone(UTC) - _calendar_time(span)

    def working_minutes_between(self, start: datetime, end: datetime) -> int:
        """Whole working minutes in [start, end); 0 where `end` is not later."""
        total = timedelta()
        day = start.astimezone(SHANGHAI).date()
        while start < end and day <= end.astimezone(SHANGHAI).date():
            for begins, ends in self._periods(day):
                total += max(min(ends, end) - max(begins, start), timedelta())
            day += DAY
        return total // MINUTE

    def is_working_instant(self, at: datetime) -> bool:
        """Whether anybody works at `at`; the end of a period is outside it."""
        return any(begins <= at < ends for begins, ends in self._periods(at.astimezone(SHANGHAI).date()))

    def next_working_instant(self, at: datetime) -> datetime:
        """`at` itself inside working time, else the next opening, UTC."""
        for begins, ends in self._from(at, DAY):
            if at < ends:
                return max(begins, at).astimezone(UTC)
        raise NoWorkingTime(day=at.date())

    def opening_after(self, at: datetime) -> datetime:
        """When work begins on the first working day after the local day of `at`, UTC."""
        tomorrow = at.astimezone(SHANGHAI).date() + DAY
        return self.next_working_instant(datetime.combine(tomorrow, time(), SHANGHAI))

    def _periods(self, day: date) -> list[Period]:
        if not self.is_working_day(day):
            return []
        return [
            (datetime.combine(day, begins, SHANGHAI), datetime.combine(day, ends, SHANGHAI))
            for begins, ends in self.hours.periods
        ]

    def _days(self, at: datetime, step: timedelta) -> Iterator[date]:
        day = at.astimezone(SHANGHAI).date()
        for _ in range(LONGEST_SEARCH_DAYS):
            yield day
            day += step

    def _from(self, at: datetime, step: timedelta) -> Iterator[Period]:
        """The working periods from the day of `at` on, forward or backward."""
        for day in self._days(at, step):
            periods = self._periods(day)
            yield from periods if step > timedelta() else reversed(periods)

    def _close_of(self, at: datetime, count: int, step: timedelta) -> datetime:
        left = count
        for day in self._days(at.astimezone(SHANGHAI) + step, step):
            left -= self.is_working_day(day)
            if left == 0:
                return datetime.combine(day, self.hours.closing, SHANGHAI).astimezone(UTC)
        raise NoWorkingTime(day=at.date())

    def _run_forward(self, at: datetime, left: timedelta) -> datetime:
        """Use up `left` from `at` on; nothing at all is `at` itself."""
        if not left:
            return at.astimezone(UTC)
        for begins, ends in self._from(at, DAY):
            begun = max(begins, at)
            if ends - begun >= left:
                return (begun + left).astimezone(UTC)
            left -= max(ends - begun, timedelta())
        raise NoWorkingTime(day=at.date())

    def _run_backward(self, at: datetime, left: timedelta) -> datetime:
        """Use up `left` backward from `at`."""
        if not left:
            return at.astimezone(UTC)
        for begins, ends in self._from(at, -DAY):
            ended = min(ends, at)
            if ended - begins >= left:
                return (ended - left).astimezone(UTC)
            left -= max(ended - begins, timedelta())
        raise NoWorkingTime(day=at.date())


@lru_cache(maxsize=20_000)
def _national(day: date) -> bool:
    """By the State Council's calendar where it is known, else a plain weekday."""
    return chinese_calendar.is_workday(day) if _is_national(day.year) else day.weekday() < SATURDAY


@lru_cache(maxsize=1_000)
def _is_national(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _calendar_time(span: Span) -> timedelta:
    return timedelta(days=span.days or 0, minutes=span.minutes or 0)
