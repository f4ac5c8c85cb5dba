"""Letters: what a notice says, rendered in the reader's language as subject, text and HTML.

The templates stand in `templates/email/<letter>/`; which facts each kind has, in `templates.letter_facts`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import escape

from templates.language import Translator, translator
from templates.letter_facts import (
    ASKING,
    CHOICE,
    DECIDED_AT,
    LETTERS,
    OFFERS_CHOICE,
    PAGES,
    TO_DO,
    AskingFacts,
    DigestFacts,
    EnrolmentAskedFacts,
    Facts,
    LinkFacts,
    Named,
    ReportTaskFacts,
    SubjectFacts,
)

ROOT = Path(__file__).resolve().parent / "email"
MOST_COMPOUNDS = 6  # named in a letter; the page has all of them
REPORT_MARK = "报"  # opens the references of reports


class UnknownLetter(ValueError):
    """A letter that has no templates; there are `LETTERS`."""


class SecretMissing(ValueError):
    """A letter with a one-time link is rendered only by who can work out its secret."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in one language. `subject` is one line; `text` says all that `html` says."""

    subject: str
    text: str
    html: str


def render_letter(
    letter: str,
    language: str,
    facts: Mapping[str, Any],
    address: str,
    at: datetime,
    secret_of: Callable[[UUID], str] | None = None,
) -> Letter:
    """A letter as it is sent at `at`; `address` is the portal's, without a closing slash.

    `secret_of` works out the secret of a one-time link, for letters that carry one.

    Raises `UnknownLetter`, `templates.language.UnknownLanguage`, and `pydantic.ValidationError` for facts that lack
    something, have a wrong form, or hold what a letter of this kind has no place for.
    """
    if letter not in LETTERS:
        raise UnknownLetter(letter)
    known = LETTERS[letter].model_validate(facts)
    shown: dict[str, object] = {
        "letter": letter,
        "facts": known,
        "link": _link(known, letter, address, secret_of),
        "choice": address + CHOICE if letter in OFFERS_CHOICE else "",
        "at": at,
    }
    if isinstance(known, DigestFacts):
        shown["entries"] = _entries(known, language, address, at)
    return Letter(
        subject=_subject(language, letter, shown),
        text=_render(language, f"{letter}/body.txt", shown).strip() + "\n",
        html=_render(language, f"{letter}/body.html", shown).lstrip(),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A letter as one line: what it is about, where it leads, whom it was for, by when (None: no deadline).

    `reference`: of its matter or report, else empty.

    `asks`: something is to be done still; `is_settled`: it was, and has been done.
    """

    subject: str
    reference: str
    link: str
    organisation: Named
    as_deputy: bool
    due_at: datetime | None
    asks: bool
    is_settled: bool


def entry_of(letter: str, facts: Mapping[str, Any], language: str, address: str, at: datetime) -> Entry:
    """The line of a matter's letter. Raises what `render_letter` raises."""
    known = LETTERS[letter].model_validate(facts)
    if not isinstance(known, SubjectFacts):
        raise UnknownLetter(letter)
    return _entry(letter, known, language, address, at)


def _entries(digest: DigestFacts, language: str, address: str, at: datetime) -> list[Entry]:
    """What a digest tells: what is asked first, by its deadlines; then the rest in the order in which it came."""
    made = [_entry(one.letter, one.known, language, address, at, is_settled=one.is_settled) for one in digest.told]
    asked = sorted((one for one in made if one.asks), key=lambda one: (one.due_at is None, one.due_at or at))
    return (
        asked + [one for one in made if not one.asks and not one.is_settled] + [one for one in made if one.is_settled]
    )


def _entry(letter: str, known: Facts, language: str, address: str, at: datetime, *, is_settled: bool = False) -> Entry:
    due_at = known.due_at if isinstance(known, AskingFacts | ReportTaskFacts) else None
    shown = {"letter": letter, "facts": known, "at": at}
    return Entry(
        _subject(language, letter, shown),
        known.reference if isinstance(known, SubjectFacts) else "",
        _link(known, letter, address, None),
        known.organisation,
        isinstance(known, SubjectFacts | EnrolmentAskedFacts) and known.as_deputy,
        due_at,
        letter in TO_DO and not is_settled,
        is_settled,
    )


def _subject(language: str, letter: str, shown: Mapping[str, object]) -> str:
    return " ".join(_render(language, f"{letter}/subject.txt", shown).split())


def link_to(address: str, reference: str, letter: str) -> str:
    """Address of the page that a letter leads to."""
    place = "#opinion" if letter in ASKING else DECIDED_AT.get(letter, "")
    room = "reports" if reference.startswith(REPORT_MARK) else "filings"
    return f"{address}/{room}/{quote(reference)}{place}"


def _link(known: Facts, letter: str, address: str, secret_of: Callable[[UUID], str] | None) -> str:
    """Where the letter leads. Raises `SecretMissing`."""
    if isinstance(known, SubjectFacts):
        return link_to(address, known.reference, letter)
    if isinstance(known, LinkFacts):
        if secret_of is None:
            raise SecretMissing(letter)
        return f"{address}/link/{secret_of(known.link_id)}"
    return address + PAGES[letter]


def _render(language: str, name: str, shown: Mapping[str, object]) -> str:
    return _environment(language, name.endswith(".html")).get_template(name).render(shown)


@cache
def _environment(language: str, is_html: bool) -> Environment:
    words = translator(language)
    environment = Environment(
        loader=FileSystemLoader(ROOT),
        autoescape=is_html,  # noqa: S701 (the other form is plain text, where escaping would show)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,  # templates change with the programme: no look at their files for each letter
    )
    said = _Said(words, is_html)
    shared = cast("dict[str, object]", environment.globals)
    shared |= {
        "_": said.gettext,
        "ngettext": said.ngettext,
        "instant": words.instant,
        "day": words.day,
        "left": words.left,
        "compounds": said.compounds,
        "language": language,
    }
    return environment


class _Said:
    """Sentences in the form of a template: with their values in place, escaped where the form is HTML."""

    def __init__(self, words: Translator, is_html: bool) -> None:
        self._words = words
        self._is_html = is_html
        self._plain: dict[str, str] = {}  # sentences without places: most of a letter, the same in every one

    def gettext(self, text: str, /, **values: object) -> str:
        if values:
            return self._placed(self._words.gettext(text), values)
        if text not in self._plain:
            self._plain[text] = self._placed(self._words.gettext(text), {})
        return self._plain[text]

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        return self._placed(self._words.ngettext(one, many, count), values | {"count": count})

    def compounds(self, names: Sequence[Named]) -> str:
        """The compounds beside each other; of many only the first ones."""
        shown = self._words.listed(name.of(self._words.language) for name in names[:MOST_COMPOUNDS])
        more = len(names) - MOST_COMPOUNDS
        if more <= 0:
            return shown
        return self.ngettext("{names} and {count} more", "{names} and {count} more", more, names=shown)

    def _placed(self, text: str, values: Mapping[str, object]) -> str:
        named = {name: self._named(value) for name, value in values.items()}
        said = escape(text) if self._is_html else text
        return said.format(**named)

    def _named(self, value: object) -> object:
        if isinstance(value, Named):
            return value.of(self._words.language)
        return self._words.value(value)
