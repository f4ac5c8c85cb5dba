"""Every letter in every language: complete as text, the same in HTML, without personal data."""

import html
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from pydantic import ValidationError

from models.notice.tables import Letter
from templates.language import LANGUAGES
from templates.letters import LETTERS, MOST_COMPOUNDS, SecretMissing, UnknownLetter, link_to, render_letter
from templates.letters import Letter as Written

ADDRESS = "https://wufang.shanyang.example"
AT = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)
DUE_AT = "2026-11-25T09:00:00+00:00"
LATER = "2026-11-27T10:00:00+00:00"
DUE = {"zh": "2026年11月25日（周三）17:00（北京时间）", "en": "2026-11-25 (Wed) 17:00 (Shanghai time)"}
HANZI = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")


def named(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


MATTER: dict[str, Any] = {
    "reference": "备2026-000012",
    "title": named("骑手通行备案", "Rider access filing"),
    "compounds": [named("和谐家园", "Harmony Homes"), named("定和小区", "Dinghe Court")],
    "line_count": 118,
    "organisation": named("新兴社区", "Xinxing Community"),
}
ASKING = MATTER | {"stage": named("小区与社区会签", "Neighbourhood countersign"), "due_at": DUE_AT}
LATE = ASKING | {
    "late": named("新兴社区", "Xinxing Community"),
    "superior": named("定和街道", "Dinghe Street Office"),
    "in_stead": True,
}
RESULT = MATTER | {"result": "agreed", "resolution": "〔2026〕12", "passes": 116, "lines_out": 2}
NOT_AGREED = {"passes": 0, "lines_out": 118}
STORIES: list[tuple[str, dict[str, Any]]] = [
    ("invitation", ASKING),
    ("invitation", ASKING | {"sent_back": named("街道与部门审定", "Street and departments")}),
    ("handed", ASKING | {"way": "colleague", "by": MATTER["organisation"]}),
    ("handed", ASKING | {"way": "advice", "by": MATTER["organisation"]}),
    ("handed", ASKING | {"way": "organisation", "by": named("东方红街道", "Dongfanghong Street Office")}),
    ("advice", ASKING),
    ("released", MATTER | {"stage": ASKING["stage"]}),
    ("released", MATTER | {"stage": ASKING["stage"], "way": "advice"}),
    (
        "released",
        MATTER | {"stage": ASKING["stage"], "way": "place", "answered_by": named("定和街道", "Dinghe Street Office")},
    ),
    ("unseen", ASKING | {"unseen": named("新兴社区", "Xinxing Community"), "organisation": LATE["superior"]}),
    ("extension_asked", ASKING | {"asker": LATE["late"], "until": LATER, "organisation": LATE["superior"]}),
    ("extension_answered", ASKING | {"asker": LATE["late"], "by": LATE["superior"], "answer": "granted"}),
    ("extension_answered", ASKING | {"asker": LATE["late"], "by": LATE["superior"], "answer": "refused"}),
    ("extension_answered", ASKING | {"asker": LATE["late"], "by": LATE["superior"], "answer": "lapsed"}),
    ("urged", ASKING | {"by": named("合家安物业", "Hejia'an")}),
    ("question", MATTER | {"by": named("定和街道", "Dinghe Street Office")}),
    ("reply", MATTER | {"by": named("合家安物业", "Hejia'an")}),
    ("answered_for_you", ASKING | {"by": named("定和街道", "Dinghe Street Office"), "kind": "agree"}),
    ("answered_for_you", ASKING | {"by": named("定和街道", "Dinghe Street Office"), "kind": "agree_with_conditions"}),
    ("answered_for_you", ASKING | {"by": named("定和街道", "Dinghe Street Office"), "kind": "object"}),
    ("answered_for_you", ASKING | {"by": named("定和街道", "Dinghe Street Office"), "kind": "abstain"}),
    ("withdrawn", MATTER | {"filer": named("合家安物业", "Hejia'an")}),
    ("reminder", ASKING),
    ("reminder", ASKING | {"due_at": "2026-11-24T09:00:00+00:00"}),
    ("escalation", LATE | {"organisation": LATE["superior"]}),
    ("escalation", LATE | {"in_stead": False}),
    ("late", LATE),
    ("late", LATE | {"in_stead": False}),
    ("result", RESULT),
    ("result", RESULT | {"result": "refused"} | NOT_AGREED),
    ("result", RESULT | {"result": "returned", "resolution": ""} | NOT_AGREED),
    ("copy", MATTER | {"moment": "opening"}),
    ("copy", RESULT | {"moment": "end"}),
    ("copy", RESULT | {"moment": "end", "result": "refused"} | NOT_AGREED),
]
ACCOUNT: dict[str, Any] = {"organisation": MATTER["organisation"]}
LINKED = ACCOUNT | {"link_id": "0196a000-0000-7000-8000-000000000001", "expires_at": DUE_AT}
STORIES += [
    ("account_invitation", LINKED),
    ("password_reset", LINKED),
    ("password_changed", ACCOUNT | {"changed_at": DUE_AT}),
    ("deputy_appointed", ACCOUNT | {"starts_at": DUE_AT, "ends_at": "2026-12-02T16:00:00+00:00"}),
    (
        "deputy_appointed",
        ACCOUNT | {"starts_at": DUE_AT, "ends_at": "2026-12-02T16:00:00+00:00", "is_cancelled": True},
    ),
    ("unreached", ACCOUNT | {"unreached": [MATTER["organisation"]]}),
    ("unreached", ACCOUNT | {"unreached": [MATTER["organisation"]] * 9}),
    ("invitation", ASKING | {"instead_of": named("翠湖社区", "Cuihu Community")}),
    ("seats_handed_over", ACCOUNT | {"seats": 3, "drafts": 1, "duties": 0}),
    ("mail_failed", ACCOUNT | {"failing": named("新兴社区", "Xinxing Community"), "count": 2}),
    ("invitation", ASKING | {"as_deputy": True}),
]
SECRET = "5ec2e7" * 10
PLACES = {
    "password_changed": "/account",
    "deputy_appointed": "/account/absence",
    "seats_handed_over": "/",
    "unreached": "/admin/unreached",
    "mail_failed": "/admin/letters",
}
every_story = pytest.mark.parametrize(("letter", "facts"), STORIES)
every_language = pytest.mark.parametrize("language", LANGUAGES)


class Seen(HTMLParser):
    """What a reader of the HTML sees, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag, attrs):
        self._hidden = tag == "style" or (self._hidden and tag != "body")
        self.links += [value for name, value in attrs if name == "href"]
        assert tag not in {"script", "img", "link", "form"}

    def handle_data(self, data):
        self.text += "" if self._hidden else data


def written_in(letter: str, language: str, facts: dict[str, Any], at: datetime = AT) -> Written:
    """The letter, as the tasks render it."""
    return render_letter(letter, language, facts, ADDRESS, at, lambda _: SECRET)


def link_of(letter: str, facts: dict[str, Any]) -> str:
    """Where a letter leads."""
    if "reference" in facts:
        return link_to(ADDRESS, facts["reference"], letter)
    return ADDRESS + (f"/link/{SECRET}" if "link_id" in facts else PLACES[letter])


def seen(text: str) -> Seen:
    reader = Seen()
    reader.feed(text)
    return reader


def test_every_letter_of_a_notice_has_its_templates_and_a_story():
    assert set(LETTERS) == {letter.value for letter in Letter} == {letter for letter, _ in STORIES}


@every_language
@every_story
def test_text_and_html_say_the_same_to_the_reader(letter, facts, language):
    written = written_in(letter, language, facts)
    reader, link = seen(written.html), link_of(letter, facts)
    spaced = " ".join(reader.text.split())
    for line in written.text.split("\n-- \n")[0].splitlines():
        for part in re.split(r": |：", line):
            assert part.strip(" :：") in spaced
    assert link in written.text.splitlines()
    assert reader.links == [link, link]
    assert facts.get("reference", "") in written.subject
    assert facts["organisation"][language] in written.text
    assert "\n" not in written.subject
    assert "  " not in written.subject


@every_language
@pytest.mark.parametrize(("letter", "facts"), [one for one in STORIES if one[1].get("due_at") == DUE_AT])
def test_the_deadline_stands_in_both_forms(letter, facts, language):
    written = render_letter(letter, language, facts, ADDRESS, AT)
    assert DUE[language] in written.text
    assert DUE[language] in written.html


@every_story
def test_each_letter_is_wholly_in_one_language(letter, facts):
    chinese = written_in(letter, "zh", facts)
    said = chinese.text.replace(link_of(letter, facts), "")
    assert not LATIN.search(said + chinese.subject)
    english = written_in(letter, "en", facts)
    assert not HANZI.search((english.text + english.subject).replace(facts.get("reference", "-"), ""))


@pytest.mark.parametrize(
    ("letter", "chinese", "english"),
    [
        ("invitation", "请提出意见", "Your opinion is asked"),
        ("reminder", "催办提醒", "Reminder"),
        ("escalation", "督办", "Escalation"),
        ("result", "协商结果", "Result"),
    ],
)
def test_a_subject_starts_with_what_the_letter_is(letter, chinese, english):
    facts = next(facts for one, facts in STORIES if one == letter)
    assert render_letter(letter, "zh", facts, ADDRESS, AT).subject.startswith(chinese)
    assert render_letter(letter, "en", facts, ADDRESS, AT).subject.startswith(english)


def test_a_reminder_says_what_was_left_when_it_was_sent():
    assert "还剩 3 小时" in render_letter("reminder", "zh", ASKING, ADDRESS, AT).subject
    overdue = render_letter("reminder", "en", ASKING, ADDRESS, datetime(2026, 11, 27, 9, 0, tzinfo=UTC))
    assert "overdue by 2 days" in overdue.subject
    assert "the deadline has passed" in overdue.text


def test_an_agreement_counts_passes_and_those_left_out():
    text = render_letter("result", "en", RESULT | {"passes": 1, "lines_out": 1}, ADDRESS, AT).text
    assert "1 pass was issued" in text
    assert "1 rider was left out" in text
    assert "left out" not in render_letter("result", "en", RESULT | {"lines_out": 0}, ADDRESS, AT).text


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("key", ["name", "rider", "riders", "phone", "plate", "officer", "reason", "email"])
def test_no_letter_has_a_place_for_people(letter, key):
    facts = next(facts for one, facts in STORIES if one == letter)
    with pytest.raises(ValidationError, match="Extra inputs"):
        render_letter(letter, "zh", facts | {key: "王建国"}, ADDRESS, AT)
    with pytest.raises(ValidationError, match="Extra inputs"):
        render_letter(
            letter, "zh", facts | {"organisation": MATTER["organisation"] | {key: "13800000000"}}, ADDRESS, AT
        )


@pytest.mark.parametrize("letter", LETTERS)
def test_facts_that_are_missing_are_named(letter):
    facts = next(facts for one, facts in STORIES if one == letter)
    with pytest.raises(ValidationError, match="organisation"):
        render_letter(letter, "zh", {key: value for key, value in facts.items() if key != "organisation"}, ADDRESS, AT)


def test_a_deadline_without_a_zone_is_refused():
    with pytest.raises(ValidationError, match="due_at"):
        render_letter("invitation", "zh", ASKING | {"due_at": "2026-11-25T09:00:00"}, ADDRESS, AT)


def test_a_link_is_rendered_by_who_can_work_out_its_secret_only():
    with pytest.raises(SecretMissing):
        render_letter("password_reset", "zh", LINKED, ADDRESS, AT)


@every_language
def test_a_deputy_reads_why_the_letter_comes(language):
    said = {"zh": "代理人", "en": "as the deputy of an officer"}[language]
    assert said in written_in("invitation", language, ASKING | {"as_deputy": True}).text
    assert said not in written_in("invitation", language, ASKING).text


def test_a_letter_that_there_is_not_is_named():
    with pytest.raises(UnknownLetter, match="gossip"):
        render_letter("gossip", "zh", MATTER, ADDRESS, AT)


def test_names_are_escaped_in_html_and_plain_in_text():
    hostile = "<b>和谐</b> & {reference}"
    facts = ASKING | {"organisation": named(hostile, hostile), "compounds": [named(hostile, hostile)]}
    for language in LANGUAGES:
        written = render_letter("invitation", language, facts, ADDRESS, AT)
        assert "<b>" not in written.html
        assert html.escape(hostile, quote=False) in written.html
        assert hostile in written.text


def test_of_many_compounds_the_first_are_named_and_the_rest_counted():
    many = [named(f"小区{number:03}", f"Court {number:03}") for number in range(120)]
    text = render_letter("invitation", "en", ASKING | {"compounds": many}, ADDRESS, AT).text
    assert f"Court {MOST_COMPOUNDS - 1:03} and {120 - MOST_COMPOUNDS} more" in text
    assert f"Court {MOST_COMPOUNDS:03}" not in text
