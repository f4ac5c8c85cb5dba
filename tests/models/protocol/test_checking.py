"""What is called longer is longer at every hour of the calendar."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.protocol.checking import WORKING_DAY_MINUTES, _is_at_most, _is_longer
from models.working_time import UNITS, Span, WorkCalendar

CALENDAR = WorkCalendar()
SPANS = st.builds(lambda unit, count: Span.parse({unit: count}), st.sampled_from(UNITS), st.integers(0, 4)) | st.builds(
    lambda count: Span(working_minutes=count), st.integers(0, 4 * WORKING_DAY_MINUTES)
)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))


@given(INSTANTS, SPANS, SPANS)
def test_what_is_called_longer_ends_no_earlier(at, one, other):
    ends, ends_too = CALENDAR.after(at, one), CALENDAR.after(at, other)
    if _is_longer(one, other):
        assert ends >= ends_too
    if _is_at_most(one, other):
        assert ends <= ends_too
    assert not (_is_longer(one, other) and _is_at_most(one, other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Span(working_days=3), Span(working_days=2)),
        (Span(working_days=2), Span(working_minutes=WORKING_DAY_MINUTES)),
        (Span(working_minutes=3 * WORKING_DAY_MINUTES + 1), Span(working_days=2)),
        (Span(days=1), Span(minutes=1439)),
        (Span(days=1), Span(working_minutes=0)),
    ],
)
def test_some_spans_are_longer_whatever_the_day(one, other):
    assert _is_longer(one, other)
    assert _is_at_most(other, one)


def test_working_time_and_calendar_time_are_left_to_the_calendar():
    one, other = Span(days=1), Span(working_days=2)
    assert not any(compare(*pair) for compare in (_is_longer, _is_at_most) for pair in ((one, other), (other, one)))
