"""What happens while nobody answers, in sentences: every rung says whom it concerns, and none that finds nobody."""

import pytest

from api.portal.foretelling import foretold_said, rung_said
from api.portal.spans import minutes_said
from models.consultation.ladder import RungKind
from models.protocol.schema import Answering, LapseWay, Level, Title
from models.protocol.storing import load_all
from models.views.foreseeing import Rise, RungView, foretold
from templates.language import LANGUAGES
from templates.pages import words_in
from tests.conftest import MONDAY_MORNING

COMMUNITY, STREET = Title("新兴社区", "Xinxing"), Title("定和街道", "Dinghe Street")
RISES = (Rise((COMMUNITY,), STREET),)


@pytest.mark.parametrize("kind", list(RungKind))
@pytest.mark.parametrize("way", [None, *LapseWay])
@pytest.mark.parametrize("answering", list(Answering))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rung_names_those_it_concerns_and_its_instant(kind, way, answering, language):
    is_rising = kind is RungKind.ESCALATE or (kind is RungKind.LAPSE and way in {None, LapseWay.ESCALATE})
    rises = RISES if is_rising else ()
    rung = RungView(kind, MONDAY_MORNING, Level.SUPERIOR, way, False, answering, (COMMUNITY,), rises)
    (said,) = (words_in(language).plain(one) for one in rung_said(rung))
    assert COMMUNITY.of(language) in said
    assert "11" in said and "23" in said  # noqa: PT018 - the day, in the language's own order
    assert (STREET.of(language) in said) is bool(rises)


@pytest.mark.parametrize("kind", list(RungKind))
def test_a_rung_that_would_find_nobody_says_nothing(kind):
    assert list(rung_said(RungView(kind, MONDAY_MORNING, None, None, is_done=False))) == []


def test_above_whom_nobody_stands_is_reminded_once_more():
    rung = RungView(
        RungKind.ESCALATE, MONDAY_MORNING, Level.SUPERIOR, None, False, None, (STREET,), (), stranded=(STREET,)
    )
    (said,) = rung_said(rung)
    assert "nobody stands above it" in str(said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_stage_can_be_told_before_it_opens(language):
    rules = [stage for listed in load_all().values() for protocol in listed for stage in protocol.stages]
    said = {words_in(language).plain(foretold_said(one)) for rule in rules for one in foretold(rule)}
    assert (
        said
        >= {
            "en": {
                "at the deadline: the next level up answers in its stead",
                "2 working hours before the deadline: a reminder",
            },
            "zh": {"到期：升级至上一级，代为答复", "到期前2 个工作小时：发送提醒"},
        }[language]
    )


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "less than a working minute"),
        (1, "1 working minutes"),
        (59, "59 working minutes"),
        (120, "2 working hours"),
        (150, "2 working hours and 30 minutes"),
        (420, "1 working day"),
        (840, "2 working days"),
        (1000, "2 working days and 2 working hours"),
    ],
)
def test_working_minutes_are_said_as_people_count_them(minutes, said):
    assert words_in("en").plain(minutes_said(minutes)) == said
