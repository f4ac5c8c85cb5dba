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
from templates.letter_facts import CHOICE, OFFERS_CHOICE
from templates.letters import LETTERS, MOST_COMPOUNDS, SecretMissing, UnknownLetter, link_to, render_letter
from templates.letters import Letter as Written
from templates.samples import ASKING, AT, DUE_AT, LINKED, MATTER, RESULT, SAMPLES, SECRET, named

ADDRESS = "https://wufang.shanyang.example"
DUE = {"zh": "2026年11月25日（周三）17:00（北京时间）", "en": "2026-11-25 (Wed) 17:00 (Shanghai time)"}
HANZI = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")
REFERENCE = re.compile(r"[备报哨训]\d{4}-\d{6}|山协〔\d{4}〕\d+号")
LONGEST_SUBJECT = 100
ABOUT_THE_BUTTON = {
    "zh": "如按钮无法点击，请打开以下网址：",
    "en": "If the button does not work, open this address:",
}  # of which the text has none


PLACES = {
    "password_changed": "/account",
    "deputy_appointed": "/account/absence",
    "seats_handed_over": "/",
    "unreached": "/admin/unreached",
    "mail_failed": "/admin/undelivered",
    "enrolment_asked": "/people",
    "digest": "/",
}
every_story = pytest.mark.parametrize(("letter", "facts"), SAMPLES)
every_language = pytest.mark.parametrize("language", LANGUAGES)


class Seen(HTMLParser):
    """What a reader of the HTML sees, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str] = []
        self.parts: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag, attrs):
        self._hidden = tag == "style" or (self._hidden and tag != "body")
        self.links += [value for name, value in attrs if name == "href"]
        assert tag not in {"script", "img", "link", "form"}

    def handle_data(self, data):
        self.text += "" if self._hidden else data
        self.parts += [] if self._hidden or not data.strip() else [data]


def written_in(letter: str, language: str, facts: dict[str, Any], at: datetime = AT) -> Written:
    """The letter, as the tasks render it."""
    return render_letter(letter, language, facts, ADDRESS, at, lambda _: SECRET)


def link_of(letter: str, facts: dict[str, Any]) -> str:
    """Where a letter leads."""
    if "reference" in facts:
        return link_to(ADDRESS, facts["reference"], letter)
    return ADDRESS + (f"/link/{SECRET}" if "link_id" in facts else PLACES[letter])


def flat(text: str) -> str:
    return " ".join(text.split())


def seen(text: str) -> Seen:
    reader = Seen()
    reader.feed(text)
    return reader


def test_every_letter_of_a_notice_has_its_templates_and_a_story():
    assert set(LETTERS) == {letter.value for letter in Letter} == {letter for letter, _ in SAMPLES}


@every_language
@every_story
def test_text_and_html_say_the_same_to_the_reader(letter, facts, language):
    written = written_in(letter, language, facts)
    reader, link = seen(written.html), link_of(letter, facts)
    spaced, plain = flat(reader.text), flat(written.text)
    for line in written.text.split("\n-- \n")[0].splitlines():
        for part in re.split(r": |：", line):
            assert part.strip(" *:：") in spaced or part.strip() in reader.links
    for part in reader.parts:
        assert flat(part) in plain or part == ABOUT_THE_BUTTON[language]
    assert set(reader.links) == {one for one in written.text.split() if one.startswith(ADDRESS)}
    assert reader.links.count(link) == 2
    assert link in written.text.splitlines()
    assert facts["organisation"][language] in written.text


@every_language
@every_story
def test_a_subject_is_one_short_line_with_what_it_is_about(letter, facts, language):
    subject = written_in(letter, language, facts).subject
    assert "\n" not in subject
    assert "  " not in subject
    assert 0 < len(subject) <= LONGEST_SUBJECT
    assert facts.get("reference", "") in subject


@every_language
@every_story
def test_nothing_is_left_of_the_making(letter, facts, language):
    written = written_in(letter, language, facts)
    style = re.search(r"<style>.*</style>", written.html, re.DOTALL)
    assert style is not None
    said = written.subject + written.text + written.html.replace(style[0], "")
    assert not re.search(r"[{}]|%\(|\bNone\b|Undefined", said)
    assert not re.search(r"<script|javascript:|\bon\w+=", written.html, re.IGNORECASE)
    assert not re.search(r"@\w|1\d{10}|[京豫][A-Z]\w{5}", said)  # an address, a phone, a plate


@every_language
@every_story
def test_every_letter_turns_dark_wholly(letter, facts, language):
    """What has a colour of its own has a class that the dark rules know."""
    page = written_in(letter, language, facts).html
    dark = page.split("@media (prefers-color-scheme: dark)", 1)[1].split("</style>", 1)[0]
    known = set(re.findall(r"\.([\w-]+) \{", dark)) | {"band"}  # the band is dark already
    for tag in re.findall(r"<\w+ [^>]*>", page.split("</head>", 1)[1]):
        if re.search(r"(?<!-)(color|background):#(?!ffffff;font|d5e8e8)", tag):
            classes = re.search(r'class="([^"]*)"', tag)
            assert classes is not None, tag
            assert known & set(classes[1].split()), tag


@every_language
@every_story
def test_letters_that_can_be_done_without_say_how(letter, facts, language):
    written = written_in(letter, language, facts)
    is_offered = ADDRESS + CHOICE in written.text.splitlines()
    assert is_offered == (letter in OFFERS_CHOICE)


@every_language
@pytest.mark.parametrize(("letter", "facts"), [one for one in SAMPLES if one[1].get("due_at") == DUE_AT])
def test_the_deadline_stands_in_both_forms(letter, facts, language):
    written = render_letter(letter, language, facts, ADDRESS, AT)
    assert DUE[language] in written.text
    assert DUE[language] in written.html


@every_story
def test_each_letter_is_wholly_in_one_language(letter, facts):
    chinese = written_in(letter, "zh", facts)
    said = " ".join(one for one in chinese.text.split() if not one.startswith(ADDRESS))
    assert not LATIN.search(said + chinese.subject)
    english = written_in(letter, "en", facts)
    assert not HANZI.search(REFERENCE.sub("", english.text + english.subject))


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
    facts = next(facts for one, facts in SAMPLES if one == letter)
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
    facts = next(facts for one, facts in SAMPLES if one == letter)
    with pytest.raises(ValidationError, match="Extra inputs"):
        render_letter(letter, "zh", facts | {key: "王建国"}, ADDRESS, AT)
    with pytest.raises(ValidationError, match="Extra inputs"):
        render_letter(
            letter, "zh", facts | {"organisation": MATTER["organisation"] | {key: "13800000000"}}, ADDRESS, AT
        )


@pytest.mark.parametrize("letter", LETTERS)
def test_facts_that_are_missing_are_named(letter):
    facts = next(facts for one, facts in SAMPLES if one == letter)
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
