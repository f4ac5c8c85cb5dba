"""Presentation decisions: every state, every entry and every span has words; deadlines, line numbers, pictures."""

from datetime import UTC, datetime, timedelta

import pytest

from api.portal import presenting
from api.portal.drafting import LinesUnreadable, read_lines
from api.portal.picture import OUTCOMES
from api.portal.presenting import nearness
from api.portal.spans import span_said
from models.consultation.tables import ExtensionStatus, OpinionKind, StageOutcome
from models.filing.tables import LineStatus
from models.matter import MatterStatus, Result
from models.notice.tables import Letter, NoticeStatus
from models.protocol.schema import Between, LapseWay, Level, Mode, ObjectionWay, Party, Rule, StageAct
from models.working_time import Span

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("table", "states"),
    [
        (presenting.MATTERS, MatterStatus),
        (presenting.RESULTS, Result),
        (presenting.VERDICTS, Result),
        (presenting.OPINIONS, OpinionKind),
        (presenting.LINES, LineStatus),
        (presenting.NOTICES, NoticeStatus),
        (presenting.NOTICES_SAID, NoticeStatus),
        (presenting.LETTERS, Letter),
        (presenting.PARTIES, Party),
        (presenting.MODES, Mode),
        (presenting.RULES, Rule),
        (presenting.OBJECTIONS, ObjectionWay),
        (presenting.LAPSES, LapseWay),
        (presenting.EXTENSIONS, ExtensionStatus),
        (presenting.LEVELS, Level),
        (presenting.ACTS, StageAct),
        (presenting.BETWEEN, Between),
        (OUTCOMES, StageOutcome),
    ],
)
def test_every_state_has_its_words(table: dict[object, object], states: type) -> None:
    assert set(table) == set(states)


@pytest.mark.parametrize(
    ("left", "said", "is_late", "is_soon"),
    [
        (timedelta(days=2, hours=3, minutes=59), "2 d 3 h left", False, False),
        (timedelta(hours=23, minutes=59), "23 h 59 min left", False, True),
        (timedelta(minutes=1), "1 min left", False, True),
        (timedelta(0), "late by 0 min", True, False),
        (timedelta(minutes=-61), "late by 1 h 1 min", True, False),
        (timedelta(days=-3), "late by 3 d 0 h", True, False),
    ],
)
def test_a_deadline_is_past_at_its_own_instant(left: timedelta, said: str, *, is_late: bool, is_soon: bool) -> None:
    near = nearness(NOON + left, NOON)
    assert (str(near.said), near.is_late, near.is_soon) == (said, is_late, is_soon)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("7, 31", [7, 31]),
        ("7、31，8；9 10", [7, 31, 8, 9, 10]),
        ("40-42", [40, 41, 42]),
        ("40 至 42", [40, 41, 42]),
        ("5–5", [5]),
    ],
)
def test_line_numbers_are_read_as_people_write_them(text: str, lines: list[int]) -> None:
    assert read_lines(text) == lines


@pytest.mark.parametrize("text", ["seven", "7-", "9-7", "1-99999", "-3", "7.5", "1e3"])
def test_anything_else_is_no_line_number(text: str) -> None:
    with pytest.raises(LinesUnreadable):
        read_lines(text)


def test_spans_are_said_in_whole_hours_where_they_can() -> None:
    assert str(span_said(Span(working_minutes=240))) == "4 working hours"
    assert str(span_said(Span(working_minutes=90))) == "90 working minutes"
    assert str(span_said(Span(working_days=1))) == "1 working day"
    assert str(span_said(Span(working_days=2))) == "2 working days"
