"""When a letter leaves: laws of `due_for` over all instants, paces and quiet hours."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from models.calendars import district_calendar
from models.clock import SHANGHAI
from models.preference import DAILY_AT, MANNERS, Chosen, Pace, after_quiet, due_for

CALENDAR = district_calendar()
LONGEST_HOLIDAY = timedelta(days=12)
instants = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 1)).map(lambda one: one.replace(tzinfo=UTC))
times = st.times().map(lambda one: one.replace(second=0, microsecond=0))
quiets = st.none() | st.tuples(times, times).filter(lambda both: both[0] != both[1])
waiting = st.sampled_from([letter for letter, manner in MANNERS.items() if not manner.passes])
passing = st.sampled_from([letter for letter, manner in MANNERS.items() if manner.passes])
choices = st.builds(Chosen, st.sampled_from(Pace), quiets)


def is_quiet(quiet: tuple[time, time], at: datetime) -> bool:
    """Said another way than in the rule: minute by minute around the clock."""
    begins, ends = (one.hour * 60 + one.minute for one in quiet)
    now = at.astimezone(SHANGHAI)
    return (now.hour * 60 + now.minute - begins) % 1440 < (ends - begins) % 1440


@given(choices, passing, instants)
def test_what_passes_leaves_at_once_whatever_was_chosen(chosen, letter, at):
    assert due_for(chosen, letter, at, CALENDAR) == (at, False)


@given(choices, waiting, instants)
def test_nothing_leaves_early_nor_in_quiet_hours_nor_never(chosen, letter, at):
    wake_at, is_gathered = due_for(chosen, letter, at, CALENDAR)
    assert at <= wake_at < at + LONGEST_HOLIDAY
    assert is_gathered == (wake_at > at)
    assert chosen.quiet is None or not is_quiet(chosen.quiet, wake_at)


@given(waiting, instants)
def test_hourly_is_the_next_full_hour(letter, at):
    wake_at, _ = due_for(Chosen(Pace.HOURLY), letter, at, CALENDAR)
    assert timedelta(0) < wake_at - at <= timedelta(hours=1)
    assert (wake_at.minute, wake_at.second, wake_at.microsecond) == (0, 0, 0)


@given(waiting, instants)
def test_daily_is_the_next_working_mornings_half_past_eight(letter, at):
    wake_at, _ = due_for(Chosen(Pace.DAILY), letter, at, CALENDAR)
    local = wake_at.astimezone(SHANGHAI)
    assert wake_at > at
    assert local.time() == DAILY_AT
    assert CALENDAR.is_working_day(local.date())
    day = at.astimezone(SHANGHAI).date()
    while day < local.date():
        morning = datetime.combine(day, DAILY_AT, SHANGHAI)
        assert morning <= at or not CALENDAR.is_working_day(day)
        day += timedelta(days=1)


@given(quiets, instants)
def test_the_end_of_quiet_hours_is_their_first_end(quiet, at):
    assume(quiet is not None)
    left = after_quiet(quiet, at)
    assert left - at < timedelta(days=1)
    assert left == at or left.astimezone(SHANGHAI).time() == quiet[1]
    assert after_quiet(quiet, left) == left
    assert (left == at) != is_quiet(quiet, at)


@given(choices, waiting, instants, st.timedeltas(timedelta(minutes=1), timedelta(days=20)))
def test_what_asks_before_it_would_come_does_not_wait_for_its_pace(chosen, letter, at, span):
    planned, _ = due_for(chosen, letter, at, CALENDAR)
    wake_at, _ = due_for(chosen, letter, at, CALENDAR, at + span)
    assert wake_at <= planned
    assert wake_at < at + span or wake_at == after_quiet(chosen.quiet, at)
    assert wake_at in {planned, after_quiet(chosen.quiet, at)}
