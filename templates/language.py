"""Languages: English sentences in the reader's tongue, and instants, days and spans as each tongue writes them.

The catalogues `locale/<language>/LC_MESSAGES/wufang.po` are read once a process; English needs none.
"""

import gettext
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from models.clock import SHANGHAI
from models.protocol.schema import Title
from models.words import N_, Sentence

LANGUAGES = ("zh", "en")
LOCALE = Path(__file__).resolve().parent / "locale"
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
INSTANT = N_("{year}-{month:02}-{day:02} ({weekday}) {hour:02}:{minute:02}")
MOMENT = N_("{month:02}-{day:02} {hour:02}:{minute:02}")
DAY = N_("{year}-{month:02}-{day:02} ({weekday})")
PERIOD = N_("{starts} to {ends}")
COMMA = N_(", ")
MINUTE, HOUR, DAY_LONG = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class UnknownLanguage(ValueError):
    """A language that nothing is written in; there are `LANGUAGES`."""


def catalogue_path(language: str) -> Path:
    """The file of a language's translations."""
    return LOCALE / language / "LC_MESSAGES" / "wufang.po"


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; what it lacks stays English. Raises `UnknownLanguage`."""
    if language not in LANGUAGES:
        raise UnknownLanguage(language)
    if language == "en":
        return gettext.NullTranslations()
    with catalogue_path(language).open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Translator:
    """One language: sentences, and how instants (shown in Asia/Shanghai), days and spans are written."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = translations(language)

    def gettext(self, text: str) -> str:
        """`text` (English) in this language, its places still open."""
        return self._catalogue.gettext(text) if text else ""  # the empty msgid is the catalogue's header

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The form that `count` takes, its places still open."""
        return self._catalogue.ngettext(one, many, count)

    def say(self, sentence: Sentence) -> str:
        """A sentence of the domain with its values in their places."""
        text = self.gettext(sentence.text)
        return text.format(**{name: self.value(value) for name, value in sentence.values.items()})

    def value(self, value: object) -> object:
        """A sentence's value as it is written: names, sentences, instants, days and lists."""
        if isinstance(value, Title):
            return value.of(self.language)
        if isinstance(value, Sentence):
            return self.say(value)
        if isinstance(value, datetime):
            return self.instant(value)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, (list, tuple)):
            return self.listed(value)  # pyright: ignore[reportUnknownArgumentType]
        return value

    def listed(self, values: Iterable[object]) -> str:
        """Several values beside each other."""
        return self.gettext(COMMA).join(str(self.value(one)) for one in values)

    def instant(self, at: datetime) -> str:
        """An instant (aware) in Shanghai with its weekday."""
        local = at.astimezone(SHANGHAI)
        return self.gettext(INSTANT).format(
            year=local.year,
            month=local.month,
            day=local.day,
            weekday=self.gettext(WEEKDAYS[local.weekday()]),
            hour=local.hour,
            minute=local.minute,
        )

    def moment(self, at: datetime) -> str:
        """An instant (aware) in Shanghai, short, for where the year is plain."""
        local = at.astimezone(SHANGHAI)
        return self.gettext(MOMENT).format(month=local.month, day=local.day, hour=local.hour, minute=local.minute)

    def hours(self, starts_at: datetime, ends_at: datetime) -> str:
        """From one instant to another (aware) in Shanghai, short; the day stands once where it is the same."""
        starts, ends = starts_at.astimezone(SHANGHAI), ends_at.astimezone(SHANGHAI)
        until = f"{ends:%H:%M}" if starts.date() == ends.date() else self.moment(ends_at)
        return f"{self.moment(starts_at)} – {until}"

    def day(self, on: date) -> str:
        """A day with its weekday."""
        weekday = self.gettext(WEEKDAYS[on.weekday()])
        return self.gettext(DAY).format(year=on.year, month=on.month, day=on.day, weekday=weekday)

    def period(self, starts_on: date, ends_on: date) -> str:
        """A period; both days are inclusive."""
        return self.gettext(PERIOD).format(starts=self.day(starts_on), ends=self.day(ends_on))

    def left(self, at: datetime, due_at: datetime) -> str:
        """What is left at `at` until `due_at` (exclusive), or how long that has passed; whole units, rounded down."""
        span = due_at - at
        if span > timedelta(0):
            return self.gettext(N_("{span} left")).format(span=self.span(span))
        return self.gettext(N_("overdue by {span}")).format(span=self.span(-span))

    def span(self, span: timedelta) -> str:
        """A span (not negative) in its largest sensible unit: minutes below an hour, hours below two days, then days."""
        if span < HOUR:
            count = span // MINUTE
            text = self.ngettext("{count} minute", "{count} minutes", count)
        elif span < 2 * DAY_LONG:
            count = span // HOUR
            text = self.ngettext("{count} hour", "{count} hours", count)
        else:
            count = span // DAY_LONG
            text = self.ngettext("{count} day", "{count} days", count)
        return text.format(count=count)


@cache
def translator(language: str) -> Translator:
    """The one translator of a language ("zh" or "en"). Raises `UnknownLanguage`."""
    return Translator(language)
