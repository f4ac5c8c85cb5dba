"""Pages: the environment in which `templates/pages` and `templates/print` are rendered, one for each language."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import cast

from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from models.clock import SHANGHAI
from models.protocol.schema import Title
from models.words import N_, Sentence

ROOT = Path(__file__).resolve().parent
LOCALE = ROOT / "locale"
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
INSTANT = N_("{year}-{month:02}-{day:02} ({weekday}) {hour:02}:{minute:02}")
COMMA = N_(", ")


def _catalogue(language: str) -> dict[str, str]:
    """The translations into a language; the sentences themselves are English."""
    path = LOCALE / language / "LC_MESSAGES" / "wufang.po"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file, language) if one.id and one.string}


class Words:
    """One language for pages: sentences with their values, and how instants, days and names are written."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = _catalogue(language)

    def translate(self, text: str) -> str:
        """`text` in this language, its places as they are; itself where there is no translation."""
        return self._catalogue.get(text, text)

    def gettext(self, text: str, /, **values: object) -> Markup:
        """`text` in this language, with its values escaped in their places."""
        said = escape(self.translate(text))
        return said.format(**{name: self.value(value) for name, value in values.items()}) if values else said

    def say(self, sentence: Sentence) -> Markup:
        """A sentence of the domain in this language."""
        return self.gettext(sentence.text, **sentence.values) if sentence.values else self.gettext(sentence.text)

    def plain(self, sentence: Sentence) -> str:
        """The same as plain text, for files that are no web pages."""
        values = {name: self.value(value) for name, value in sentence.values.items()}
        return self.translate(sentence.text).format(**values)

    def value(self, value: object) -> object:
        """A sentence's value as it is written: names, instants, days and lists by the language's custom."""
        if isinstance(value, Title):
            return value.of(self.language)
        if isinstance(value, Sentence):
            return self.say(value)
        if isinstance(value, datetime):
            return self.instant(value)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, (list, tuple)):
            return self.listed(value)  # pyright: ignore[reportUnknownArgumentType]
        return value

    def listed(self, values: Iterable[object]) -> str:
        """Several values beside each other."""
        return self.gettext(COMMA).join(str(self.value(one)) for one in values)

    def titles(self, values: Iterable[Title]) -> str:
        """Several names beside each other."""
        return self.listed(values)

    def instant(self, at: datetime) -> Markup:
        """An instant in Shanghai with its weekday."""
        local = at.astimezone(SHANGHAI)
        parts = {name: getattr(local, name) for name in ("year", "month", "day", "hour", "minute")}
        return self.gettext(INSTANT, weekday=self.gettext(WEEKDAYS[local.weekday()]), **parts)

    def period(self, starts_on: date, ends_on: date) -> str:
        """A period; both days are inclusive."""
        return f"{starts_on.isoformat()} – {ends_on.isoformat()}"


@cache
def words_in(language: str) -> Words:
    """The words of one language."""
    return Words(language)


@cache
def _environment(language: str) -> Environment:
    words = words_in(language)
    environment = Environment(
        loader=FileSystemLoader(ROOT),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shared = cast(dict[str, object], environment.globals)
    shared |= {
        "_": words.gettext,
        "say": words.say,
        "instant": words.instant,
        "period": words.period,
        "titles": words.titles,
        "language": language,
    }
    return environment


def page_in(language: str, name: str) -> Template:
    """The template `name` (below `templates/`) in a language ("zh" or "en")."""
    return _environment(language).get_template(name)
