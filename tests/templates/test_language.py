"""Instants, days, spans and sentences in both languages."""

from datetime import UTC, date, datetime, timedelta

import pytest

from models.protocol.schema import Title
from models.words import Sentence
from templates.language import UnknownLanguage, translator

LATE_ON_SUNDAY = datetime(2026, 11, 29, 16, 5, tzinfo=UTC)  # Monday already in Shanghai


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "2026年11月30日（周一）00:05"), ("en", "2026-11-30 (Mon) 00:05")]
)
def test_instants_are_shown_in_shanghai_with_their_weekday(language, said):
    assert translator(language).instant(LATE_ON_SUNDAY) == said


@pytest.mark.parametrize(("language", "said"), [("zh", "2026年2月1日（周日）"), ("en", "2026-02-01 (Sun)")])
def test_days_carry_their_weekday(language, said):
    assert translator(language).day(date(2026, 2, 1)) == said


def test_a_period_names_both_days():
    period = date(2026, 1, 1), date(2026, 12, 31)
    assert translator("zh").period(*period) == "2026年1月1日（周四）至2026年12月31日（周四）"
    assert translator("en").period(*period) == "2026-01-01 (Thu) to 2026-12-31 (Thu)"


@pytest.mark.parametrize(
    ("span", "zh", "en"),
    [
        (timedelta(seconds=59), "还剩 0 分钟", "0 minutes left"),
        (timedelta(minutes=1), "还剩 1 分钟", "1 minute left"),
        (timedelta(minutes=59, seconds=59), "还剩 59 分钟", "59 minutes left"),
        (timedelta(hours=3, minutes=59), "还剩 3 小时", "3 hours left"),
        (timedelta(hours=47), "还剩 47 小时", "47 hours left"),
        (timedelta(hours=48), "还剩 2 天", "2 days left"),
        (timedelta(0), "已超时 0 分钟", "overdue by 0 minutes"),
        (timedelta(hours=-1), "已超时 1 小时", "overdue by 1 hour"),
        (timedelta(days=-10), "已超时 10 天", "overdue by 10 days"),
    ],
)
def test_what_is_left_is_said_in_its_largest_sensible_unit(span, zh, en):
    assert translator("zh").left(LATE_ON_SUNDAY, LATE_ON_SUNDAY + span) == zh
    assert translator("en").left(LATE_ON_SUNDAY, LATE_ON_SUNDAY + span) == en


def test_a_sentence_takes_names_lists_instants_and_other_sentences():
    street = Title("定和街道", "Dinghe Street Office")
    sentence = Sentence("{starts} to {ends}", {"starts": [street, street], "ends": Sentence("Mon")})
    assert translator("zh").say(sentence) == "定和街道、定和街道至周一"
    assert translator("en").say(sentence) == "Dinghe Street Office, Dinghe Street Office to Mon"
    assert translator("en").say(
        Sentence("{starts} to {ends}", {"starts": LATE_ON_SUNDAY, "ends": date(2026, 12, 1)})
    ) == ("2026-11-30 (Mon) 00:05 to 2026-12-01 (Tue)")


def test_what_the_catalogue_lacks_stays_english_and_its_header_is_no_sentence():
    assert translator("zh").gettext("No such sentence.") == "No such sentence."
    assert translator("zh").gettext("") == ""


def test_a_language_that_nothing_is_written_in_is_named():
    with pytest.raises(UnknownLanguage, match="fr"):
        translator("fr")
