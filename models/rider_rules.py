"""What a rider's filing line must say, and how common spellings of it are made one.

Used by the spreadsheet and by the JSON submission alike. Values, rules and dates are handed in; nothing is looked up.
A fault names the value that was wrong, so faults, notes and lines keep people's data: they are shown to the filer and
never logged (their `repr` leaves it out).
"""

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Literal

from models.words import N_, Sentence

Field = Literal["name", "phone", "platform", "station", "plate", "starts_on", "ends_on", "note"]

NAME_LONGEST = 40
STATION_LONGEST = 60
NOTE_LONGEST = 200
SHOWN_LONGEST = 40  # characters of a wrong value that its fault repeats

NAME_MISSING = N_("The name is missing. Write the rider's full name.")
NAME_WRONG = N_("Name {value} has no letters. Write the rider's full name.")
NAME_LONG = N_("The name is longer than {longest} characters. Write the rider's name only.")
PHONE_MISSING = N_("The phone is missing. Write an 11-digit mobile number, such as 13800000000.")
PHONE_WRONG = N_("Phone {value} must be an 11-digit mobile number, such as 13800000000.")
PLATFORM_MISSING = N_("The platform is missing. Write one of: {platforms}.")
PLATFORM_WRONG = N_("Platform {value} is not among the district's platforms. Write one of: {platforms}.")
STATION_LONG = N_("The station is longer than {longest} characters. Shorten it.")
PLATE_WRONG = N_("Plate {value} is not a number plate. Write it like 豫H34135电, or leave it empty if there is none.")
START_MISSING = N_("The start date is missing. Write a date such as 2026-12-01.")
START_WRONG = N_("Start date {value} is not a date. Write it like 2026-12-01.")
END_MISSING = N_("The end date is missing. Write a date such as 2027-11-30.")
END_WRONG = N_("End date {value} is not a date. Write it like 2027-11-30.")
ENDS_BEFORE_IT_BEGINS = N_("The period ends on {ends_on}, before it begins on {starts_on}. Correct one of the dates.")
PERIOD_LONG = N_("The period has {days} days; at most {longest_days} may be filed at once. Choose an earlier end date.")
PERIOD_PAST = N_("The period ended on {ends_on}, which is past. Write a later end date.")
NOTE_LONG = N_("The note is longer than {longest} characters. Shorten it.")
PHONE_REPEATED = N_("This phone is already in row {row} of this list. Remove one of the two, or correct the phone.")


@dataclass(frozen=True, slots=True)
class RiderLine:
    """One rider as filed, every value in its one spelling; the period includes both ends."""

    name: str = dataclasses.field(repr=False)
    phone: str = dataclasses.field(repr=False)  # 11 digits
    platform: str  # the district's name for it
    station: str  # may be empty
    plate: str = dataclasses.field(repr=False)  # upper-case, such as 豫H34135电; empty when the rider has none
    starts_on: date
    ends_on: date  # inclusive
    note: str = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value, and what to do."""

    field: Field
    said: Sentence = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class Note:
    """A value that was accepted in another spelling."""

    field: Field
    was: str = dataclasses.field(repr=False)
    now: str = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A value that could not even be read, such as a formula; `said` is its fault."""

    said: Sentence


@dataclass(frozen=True, slots=True)
class FilingRules:
    """What the protocol and the filing say about lines. `period` (both ends included) fills missing dates."""

    platforms: tuple[str, ...]
    aliases: Mapping[str, str] = dataclasses.field(
        default_factory=lambda: MappingProxyType({})
    )  # other spelling → platform
    longest_days: int = 731  # two years, one of them a leap year; both ends count
    lines_limit: int = 2000
    period: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of one line: `line` where nothing is wrong. `phone` is empty where the phone is wrong."""

    line: RiderLine | None
    faults: tuple[Fault, ...]
    notes: tuple[Note, ...]
    phone: str = dataclasses.field(default="", repr=False)


def check_rider(raw: Mapping[str, object], rules: FilingRules, today: date | None = None) -> Checked:
    """Normalise and check the values of one rider, keyed by field name. `today` also refuses periods that are past."""
    found = _Found()
    name = found.take("name", raw, _read_name)
    phone = found.take("phone", raw, _read_phone)
    platform = found.take("platform", raw, lambda value: _read_platform(value, rules))
    station = found.take("station", raw, lambda value: _read_text(value, STATION_LONGEST, STATION_LONG))
    plate = found.take("plate", raw, _read_plate)
    starts_on = found.take_date("starts_on", raw, rules)
    ends_on = found.take_date("ends_on", raw, rules)
    note = found.take("note", raw, lambda value: _read_text(value, NOTE_LONGEST, NOTE_LONG))
    if starts_on and ends_on:
        found.wrong("ends_on", _check_period(starts_on, ends_on, rules, today))
    if found.faults or starts_on is None or ends_on is None:
        return Checked(None, tuple(found.faults), tuple(found.notes), phone)
    line = RiderLine(name, phone, platform, station, plate, starts_on, ends_on, note)
    return Checked(line, (), tuple(found.notes), phone)


@dataclass(frozen=True, slots=True)
class Person:
    """A rider as such, without any filing."""

    name: str = dataclasses.field(repr=False)
    phone: str = dataclasses.field(repr=False)  # 11 digits
    platform: str


def check_person(raw: Mapping[str, object], rules: FilingRules) -> Person | Sentence:
    """Normalise name, phone and platform of somebody who says who they are; the first fault where one is wrong."""
    found = _Found()
    name = found.take("name", raw, _read_name)
    phone = found.take("phone", raw, _read_phone)
    platform = found.take("platform", raw, lambda value: _read_platform(value, rules))
    return found.faults[0].said if found.faults else Person(name, phone, platform)


def find_repeats(phones: Iterable[str]) -> dict[int, int]:
    """Which places of a list repeat a phone, each with the first place of it (0-based); empty phones repeat nothing."""
    first: dict[str, int] = {}
    repeats: dict[int, int] = {}
    for place, phone in enumerate(phones):
        if phone and first.setdefault(phone, place) != place:
            repeats[place] = first[phone]
    return repeats


def say_repeated(row: int) -> Fault:
    """The fault of a phone that an earlier `row` of the same list has."""
    return Fault("phone", Sentence(PHONE_REPEATED, {"row": row}))


class _Found:
    """Faults and notes of one line, gathered field by field."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.notes: list[Note] = []

    def wrong(self, name: Field, said: Sentence | None) -> None:
        if said is not None:
            self.faults.append(Fault(name, said))

    def take(self, name: Field, raw: Mapping[str, object], read: Callable[[str], str | Sentence]) -> str:
        """The field in its one spelling; empty where it is wrong."""
        value = raw.get(name)
        if isinstance(value, Unreadable):
            self.wrong(name, value.said)
            return ""
        was = plain_text(value)
        now = read(was)
        if isinstance(now, Sentence):
            self.wrong(name, now)
            return ""
        if isinstance(value, str) and value != now:
            self.notes.append(Note(name, _shown(value), now))
        return now

    def take_date(
        self, name: Literal["starts_on", "ends_on"], raw: Mapping[str, object], rules: FilingRules
    ) -> date | None:
        """The date of the line, or of the filing's period where the line has none; None where it is wrong."""
        value = raw.get(name)
        is_start = name == "starts_on"
        if isinstance(value, Unreadable):
            self.wrong(name, value.said)
            return None
        if not clean_text(plain_text(value)):
            if rules.period is not None:
                return rules.period[0 if is_start else 1]
            self.wrong(name, Sentence(START_MISSING if is_start else END_MISSING))
            return None
        day = read_date(value)
        if day is None:
            said = START_WRONG if is_start else END_WRONG
            self.wrong(name, Sentence(said, {"value": _shown(plain_text(value))}))
        elif not isinstance(value, date) and plain_text(value) != day.isoformat():
            self.notes.append(Note(name, _shown(plain_text(value)), day.isoformat()))
        return day


def plain_text(value: object) -> str:
    """A cell's or a JSON value as text; whole numbers without a fraction, since Excel stores phones as floats."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        return str(value)
    except ValueError:  # an integer of more than 4,300 digits
        return "…"


def clean_text(text: str) -> str:
    """One spelling of the same characters: full-width made half-width, spaces single, invisible characters gone."""
    # Contacts pasted from phones carry direction marks (Cf); control characters and lone surrogates cannot be stored.
    # NFKC last and first: dropping a mark can bring two characters together that compose.
    text = unicodedata.normalize("NFKC", text)
    text = "".join(" " if mark.isspace() else mark for mark in text if _is_kept(mark))
    return " ".join(unicodedata.normalize("NFKC", text).split())


def tidy_text(text: str) -> str:
    """Free text as it was written, without invisible characters and doubled spaces; Chinese punctuation stays."""
    return " ".join("".join(mark for mark in text if _is_kept(mark)).split())


def _is_kept(mark: str) -> bool:
    return mark.isspace() or unicodedata.category(mark) not in ("Cc", "Cf", "Cs")


def _shown(text: str) -> str:
    text = "".join(" " if mark.isspace() else mark for mark in text if _is_kept(mark))
    return text if len(text) <= SHOWN_LONGEST else text[: SHOWN_LONGEST - 1] + "…"


def _squeezed(text: str) -> str:
    return clean_text(text).replace(" ", "")


_HAN = r"\u3400-\u9fff\U00020000-\U0003ffff"
_SPACE_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}·]) (?=[{_HAN}·])")
_DOTS = str.maketrans(dict.fromkeys("•‧∙⋅・", "·"))  # the dot in names such as 阿不都·热西提


def _read_name(text: str) -> str | Sentence:
    name = _SPACE_BETWEEN_HAN.sub("", clean_text(text.translate(_DOTS)).translate(_DOTS))
    if not name:
        return Sentence(NAME_MISSING)
    # Rare characters of names may lie in a private area or be newer than this Python's tables (Co, Cn).
    if not any(mark.isalpha() or unicodedata.category(mark) in ("Co", "Cn") for mark in name):
        return Sentence(NAME_WRONG, {"value": _shown(name)})
    if len(name) > NAME_LONGEST:
        return Sentence(NAME_LONG, {"longest": NAME_LONGEST})
    return name


_BETWEEN_DIGITS = re.compile(r"[\s\-\u2010-\u2015\u2212()._'·]")
_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[3-9][0-9]{9})")


def _read_phone(text: str) -> str | Sentence:
    squeezed = _squeezed(text)
    if not squeezed:
        return Sentence(PHONE_MISSING)
    mobile = _MOBILE.fullmatch(_BETWEEN_DIGITS.sub("", re.sub(r"(?<=[0-9]{11})\.0+$", "", squeezed)))
    return mobile[1] if mobile else Sentence(PHONE_WRONG, {"value": _shown(text)})


def _read_platform(text: str, rules: FilingRules) -> str | Sentence:
    named = "、".join(rules.platforms)
    key = _squeezed(text).casefold()
    if not key:
        return Sentence(PLATFORM_MISSING, {"platforms": named})
    for platform in rules.platforms:
        if _squeezed(platform).casefold() == key:
            return platform
    for alias, platform in rules.aliases.items():
        if _squeezed(alias).casefold() == key:
            return platform
    return Sentence(PLATFORM_WRONG, {"value": _shown(text), "platforms": named})


def _read_text(text: str, longest: int, too_long: str) -> str | Sentence:
    cleaned = tidy_text(text)
    return cleaned if len(cleaned) <= longest else Sentence(too_long, {"longest": longest})


# Plates of e-bikes differ from city to city: a place in Chinese, letters and digits, and perhaps one word at the end.
_PLATE = re.compile(r"(?=.*[0-9])[\u4e00-\u9fff]{0,4}[A-Z0-9]{4,8}[\u4e00-\u9fff]?")
_BETWEEN_PLATE_PARTS = re.compile(r"[\s\-\u2010-\u2015\u2212·•.・]")
_NO_PLATE = frozenset({"", "无", "无牌", "暂无", "没有", "未上牌", "NONE", "N/A", "NA", "/"})


def _read_plate(text: str) -> str | Sentence:
    plate = _BETWEEN_PLATE_PARTS.sub("", _squeezed(text)).upper()
    if plate in _NO_PLATE:
        return ""
    return plate if _PLATE.fullmatch(plate) else Sentence(PLATE_WRONG, {"value": _shown(text)})


_WRITTEN_DATE = re.compile(r"([0-9]{4})[.\-/年]([0-9]{1,2})[.\-/月]([0-9]{1,2})日?(?:[T ][0-9:.]*)?")
_PACKED_DATE = re.compile(r"(20[0-9]{2})([0-9]{2})([0-9]{2})")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_SERIAL_ZERO = date(1899, 12, 30)  # of Excel's 1900 system, from March 1900 on
_SERIALS = range(36526, 73051)  # 2000-01-01 to 2099-12-31: other numbers are no dates that a filer meant


def read_date(value: object) -> date | None:
    """Read the day that a cell or a JSON value means, however it is written; None where it means none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _read_date_number(value)
    text = _DASHES.sub("-", clean_text(plain_text(value)))
    text = re.sub(r" ?([.\-/年月日]) ?", r"\1", text)
    written = _WRITTEN_DATE.fullmatch(text) or _PACKED_DATE.fullmatch(text)
    if written is None:
        return _read_date_number(int(text)) if re.fullmatch(r"[0-9]{5}", text) else None
    return _make_date(*written.groups())


def _read_date_number(number: float) -> date | None:
    """Read an Excel serial (its fraction is the time of day) or digits such as 20261201."""
    if _SERIALS.start <= number < _SERIALS.stop:
        return _SERIAL_ZERO + timedelta(days=int(number))
    packed = _PACKED_DATE.fullmatch(plain_text(number))
    return _make_date(*packed.groups()) if packed else None


def _make_date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _check_period(starts_on: date, ends_on: date, rules: FilingRules, today: date | None) -> Sentence | None:
    if ends_on < starts_on:
        return Sentence(ENDS_BEFORE_IT_BEGINS, {"starts_on": str(starts_on), "ends_on": str(ends_on)})
    days = (ends_on - starts_on).days + 1
    if days > rules.longest_days:
        return Sentence(PERIOD_LONG, {"days": days, "longest_days": rules.longest_days})
    if today is not None and ends_on < today:
        return Sentence(PERIOD_PAST, {"ends_on": str(ends_on)})
    return None


def spelled(field: Literal["name", "phone", "plate"], text: str) -> str | None:
    """The one spelling of a value that somebody looks for, as it is filed; None where it is no such value."""
    value = {"name": _read_name, "phone": _read_phone, "plate": _read_plate}[field](text)
    return value if isinstance(value, str) and value else None
