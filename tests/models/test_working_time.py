"""Working time: stories around weekends, make-up days, the year's end and years nobody knows yet."""

from datetime import UTC, date, datetime

import pytest

from models.calendars import DistrictFileWrong, district_calendar, load_calendar
from models.clock import SHANGHAI
from models.working_time import Span, SpanUnclear, WorkCalendar, Year

CALENDAR = district_calendar()


def shanghai(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def told(at):
    assert at.tzinfo is UTC
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-23 09:00", 1, "2026-11-24 18:00"),  # Monday
        ("2026-11-27 17:59", 1, "2026-11-30 18:00"),  # Friday: over the weekend
        ("2026-11-28 10:00", 1, "2026-11-30 18:00"),  # Saturday
        ("2026-11-23 23:59", 2, "2026-11-25 18:00"),  # after hours: the day itself is not counted either
        ("2025-09-26 10:00", 1, "2025-09-28 18:00"),  # a Sunday worked before National Day
        ("2025-09-30 10:00", 1, "2025-10-09 18:00"),  # eight days off
        ("2026-02-13 10:00", 1, "2026-02-14 18:00"),  # a Saturday worked before Spring Festival 2026
        ("2026-02-14 10:00", 1, "2026-02-24 18:00"),
        ("2026-12-31 10:00", 1, "2027-01-01 18:00"),  # unknown year: plain weekdays (a Friday)
        ("2026-12-31 10:00", 2, "2027-01-04 18:00"),
        ("2003-12-31 10:00", 1, "2004-01-02 18:00"),  # from a year before the calendar into one it knows
    ],
)
def test_a_deadline_in_working_days_is_the_close_of_the_last_one(start, days, end):
    assert told(CALENDAR.after(shanghai(start), Span(working_days=days))) == end


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-23 09:00", 60, "2026-11-23 10:00"),
        ("2026-11-23 11:30", 60, "2026-11-23 15:00"),  # over lunch
        ("2026-11-23 11:00", 60, "2026-11-23 12:00"),  # exactly to the end of the morning
        ("2026-11-23 12:00", 1, "2026-11-23 14:31"),
        ("2026-11-23 06:00", 1, "2026-11-23 08:31"),
        ("2026-11-27 17:30", 60, "2026-11-30 09:00"),  # Friday evening
        ("2026-11-23 09:00", 420, "2026-11-24 09:00"),  # a whole working day
        ("2025-09-27 12:00", 30, "2025-09-28 09:00"),  # Saturday, then a Sunday that is worked
    ],
)
def test_working_minutes_run_in_working_time_only(start, minutes, end):
    assert told(CALENDAR.after(shanghai(start), Span(working_minutes=minutes))) == end


def test_calendar_time_does_not_wait_for_monday():
    assert told(CALENDAR.after(shanghai("2026-11-28 10:00"), Span(minutes=90))) == "2026-11-28 11:30"
    assert told(CALENDAR.after(shanghai("2026-11-28 10:00"), Span(days=1))) == "2026-11-29 10:00"
    assert told(CALENDAR.before(shanghai("2026-11-28 10:00"), Span(days=1))) == "2026-11-27 10:00"


def test_a_reminder_before_a_deadline_counts_back_through_working_time():
    due_at = shanghai("2026-11-30 09:00")
    assert told(CALENDAR.before(due_at, Span(working_minutes=60))) == "2026-11-27 17:30"
    assert told(CALENDAR.before(due_at, Span(working_days=1))) == "2026-11-27 18:00"


def test_the_end_of_a_period_is_outside_it():
    assert CALENDAR.is_working_instant(shanghai("2026-11-23 08:30"))
    assert not CALENDAR.is_working_instant(shanghai("2026-11-23 12:00"))
    assert told(CALENDAR.next_working_instant(shanghai("2026-11-23 12:00"))) == "2026-11-23 14:30"
    assert told(CALENDAR.next_working_instant(shanghai("2026-11-28 00:00"))) == "2026-11-30 08:30"


def test_a_year_nobody_has_announced_is_reckoned_with_a_warning():
    assert CALENDAR.warning(date(2026, 12, 31)) is None
    warning = CALENDAR.warning(shanghai("2027-01-01 00:30"))
    assert warning is not None
    assert "2027" in str(warning)


def test_a_year_in_the_districts_file_replaces_the_guess():
    year = Year(frozenset({date(2027, 1, 1)}), frozenset({date(2027, 1, 2)}))
    calendar = WorkCalendar(years={2027: year})
    assert calendar.warning(date(2027, 1, 1)) is None
    assert told(calendar.after(shanghai("2026-12-31 10:00"), Span(working_days=1))) == "2027-01-02 18:00"


@pytest.mark.parametrize(
    "wrong", [{}, {"working_days": 1, "days": 1}, {"weeks": 1}, {"days": -1}, {"days": True}, {"days": "1"}]
)
def test_a_span_has_exactly_one_unit(wrong):
    with pytest.raises(SpanUnclear, match="exactly one of working_minutes"):
        Span.parse(wrong)


def test_a_span_of_nothing_is_known_as_such():
    assert Span.parse({"working_minutes": 0}).is_zero
    at = shanghai("2026-11-28 10:00")
    assert CALENDAR.after(at, Span(working_days=0)) == at


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("- 1", "file"),
        ("hours: ['8-12']", "hours"),
        ("hours: ['12:00-08:00']", "hours"),
        ("years: [2027]", "years"),
        ("years: {2027: {holidays: [2026-01-01]}}", "years.2027.holidays"),
        ("years: {2027: {working: 2027-01-02}}", "years.2027.working"),
    ],
)
def test_a_wrong_district_file_is_named_with_its_key(tmp_path, text, key):
    path = tmp_path / "999999.yaml"
    path.write_text(text)
    with pytest.raises(DistrictFileWrong, match=f"999999.yaml: {key} is wrong"):
        load_calendar(path)
