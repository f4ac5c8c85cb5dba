"""What holds of working time whatever the instant, against a slow clock that looks at every minute."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.calendars import district_calendar
from models.clock import SHANGHAI
from models.working_time import Span

CALENDAR = district_calendar()
INSTANTS = st.datetimes(
    datetime(2003, 6, 1),
    datetime(2029, 12, 31),
    timezones=st.just(UTC),
).map(lambda at: at.replace(second=0, microsecond=0))
MINUTES = st.integers(1, 5000)


def is_open(at):
    """The oracle: is this minute worked? Said anew, in clock readings."""
    local = at.astimezone(SHANGHAI)
    reading = local.hour * 60 + local.minute
    return CALENDAR.is_working_day(local.date()) and (510 <= reading < 720 or 870 <= reading < 1080)


def minute_by_minute(at, minutes):
    while minutes:
        minutes -= is_open(at)
        at += timedelta(minutes=1)
    return at


@given(INSTANTS, st.integers(1, 400))
def test_working_minutes_end_where_a_minute_by_minute_clock_ends(at, minutes):
    assert CALENDAR.after(at, Span(working_minutes=minutes)) == minute_by_minute(at, minutes)


@given(INSTANTS, MINUTES, MINUTES)
def test_working_minutes_add_up(at, first, second):
    in_two = CALENDAR.after(CALENDAR.after(at, Span(working_minutes=first)), Span(working_minutes=second))
    assert in_two == CALENDAR.after(at, Span(working_minutes=first + second))


@given(INSTANTS, MINUTES)
def test_what_was_added_is_found_between(at, minutes):
    assert CALENDAR.working_minutes_between(at, CALENDAR.after(at, Span(working_minutes=minutes))) == minutes


@given(INSTANTS, MINUTES)
def test_going_back_comes_to_the_same_working_minute(at, minutes):
    start = CALENDAR.next_working_instant(at)
    end = CALENDAR.after(start, Span(working_minutes=minutes))
    back = CALENDAR.before(end, Span(working_minutes=minutes))
    assert CALENDAR.working_minutes_between(back, start) == 0
    assert CALENDAR.working_minutes_between(start, back) == 0


@given(INSTANTS, INSTANTS, st.integers(0, 30), st.sampled_from(["working_minutes", "working_days", "minutes", "days"]))
def test_who_starts_later_is_never_due_earlier(one, other, count, unit):
    earlier, later = sorted((one, other))
    span = Span.parse({unit: count})
    assert CALENDAR.after(earlier, span) <= CALENDAR.after(later, span)


@given(INSTANTS, st.integers(1, 300))
def test_working_days_end_at_the_close_of_a_working_day_after_so_many(at, days):
    end = CALENDAR.after(at, Span(working_days=days)).astimezone(SHANGHAI)
    assert (end.hour, end.minute) == (18, 0)
    begun, ended = at.astimezone(SHANGHAI).date(), end.date()
    between = [begun + timedelta(days=one + 1) for one in range((ended - begun).days)]
    assert sum(CALENDAR.is_working_day(day) for day in between) == days
    assert CALENDAR.is_working_day(ended)


@given(INSTANTS, MINUTES)
def test_working_minutes_never_end_in_the_middle_of_a_rest(at, minutes):
    assert is_open(CALENDAR.after(at, Span(working_minutes=minutes)) - timedelta(minutes=1))
