"""Every sentence of the portal has its Chinese one, with the same places for values."""

from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract_from_dir

from models.protocol.schema import Title
from models.words import Sentence
from templates.language import LOCALE, translator
from templates.pages import words_in

ROOT = LOCALE.parents[1]
KEYWORDS = {"N_": None, "_": None}


def sentences(folder: Path, method: str, pattern: str) -> set[str]:
    """The msgids of a folder."""
    found = extract_from_dir(folder, [(pattern, method)], keywords=KEYWORDS)
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def places(text: str) -> set[str]:
    """The named places of a sentence."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


JINJA = "jinja2.ext.babel_extract"
ALL = sorted(
    sentences(ROOT / "api" / "portal", "python", "**.py")
    | sentences(ROOT / "templates" / "pages", JINJA, "**.html")
    | sentences(ROOT / "templates" / "print", JINJA, "**.html")
)


def test_there_is_much_to_say() -> None:
    assert len(ALL) > 300


@pytest.mark.parametrize("language", ["zh"])
def test_every_sentence_is_translated_with_its_places(language: str) -> None:
    translated = {text: translator(language).gettext(text) for text in ALL}
    assert [
        text for text, said in translated.items() if said == text and text not in {"{pointer} {fault}", "{detail}"}
    ] == []
    assert [text for text, said in translated.items() if not places(said) <= places(text)] == []


def test_values_are_written_by_the_language_s_custom_and_escaped() -> None:
    at = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)
    said = Sentence("{names}|{at}", {"names": [Title("甲<b>", "A<b>"), Title("乙", "B")], "at": at})
    assert str(words_in("zh").say(said)) == "甲&lt;b&gt;、乙|2026年11月25日（周三）00:30"
    assert str(words_in("en").say(said)) == "A&lt;b&gt;, B|2026-11-25 (Wed) 00:30"
