"""Pages: the environment in which `templates/pages` and `templates/print` are rendered, one for each language."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from models.protocol.schema import Title
from models.words import Sentence
from templates.language import translator

ROOT = Path(__file__).resolve().parent


class Words:
    """One language for pages: what the translator says, with every value escaped."""

    def __init__(self, language: str) -> None:
        self._translator = translator(language)

    def gettext(self, text: str, /, **values: object) -> Markup:
        """`text` in this language, with its values escaped in their places."""
        said = escape(self._translator.gettext(text))
        written = {name: self._translator.value(value) for name, value in values.items()}
        return said.format(**written) if written else said

    def say(self, sentence: Sentence) -> Markup:
        """A sentence of the domain in this language."""
        return self.gettext(sentence.text, **sentence.values)

    def brief(self, sentence: Sentence) -> Markup:
        """The same with its instants short, for a picture."""
        values = sentence.values.items()
        short = {name: self.moment(one) if isinstance(one, datetime) else one for name, one in values}
        return self.gettext(sentence.text, **short)

    def plain(self, sentence: Sentence) -> str:
        """The same as plain text, for what is no web page."""
        return self._translator.say(sentence)

    def titles(self, values: Iterable[Title]) -> str:
        """Several names beside each other."""
        return self._translator.listed(values)

    def instant(self, at: datetime) -> str:
        """An instant (aware) in Shanghai with its weekday."""
        return self._translator.instant(at)

    def moment(self, at: datetime) -> str:
        """An instant (aware) in Shanghai, short."""
        return self._translator.moment(at)

    def hours(self, starts_at: datetime, ends_at: datetime) -> str:
        """From one instant to another (aware) in Shanghai, short."""
        return self._translator.hours(starts_at, ends_at)

    def day(self, on: date) -> str:
        """A day with its weekday."""
        return self._translator.day(on)

    def period(self, starts_on: date, ends_on: date) -> str:
        """A period, short as tables need it; both days are inclusive."""
        return f"{starts_on.isoformat()} – {ends_on.isoformat()}"


@cache
def words_in(language: str) -> Words:
    """The words of one language ("zh" or "en")."""
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
    shared = cast("dict[str, object]", environment.globals)
    shared |= {
        "_": words.gettext,
        "say": words.say,
        "brief": words.brief,
        "instant": words.instant,
        "moment": words.moment,
        "hours": words.hours,
        "day": words.day,
        "period": words.period,
        "titles": words.titles,
        "language": language,
    }
    return environment


def page_in(language: str, name: str) -> Template:
    """The template `name` (below `templates/`) in a language ("zh" or "en")."""
    return _environment(language).get_template(name)
