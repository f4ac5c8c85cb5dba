"""The district's table of reports: categories, clocks, routes and how what is late climbs. A file, checked when read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import yaml

from models.calendars import DISTRICTS, DistrictFileWrong
from models.errors import RuleBroken
from models.protocol.schema import Title
from models.report.tables import Clock, Deed, Level
from models.words import N_
from models.working_time import Span, SpanUnclear

T = TypeVar("T")
RUNGS = 3  # community → street → department: no report climbs higher; the first at the deadline itself
CLOCKS = (Clock.TRIAGE, Clock.TAKE_UP, Clock.SETTLE, Clock.CHECK)


class CategoryUnknown(RuleBroken):
    """A code that the district's table does not have."""

    sentence = N_("There is no category “{code}”. Choose one of the list.")
    status = 422


class Target(StrEnum):
    """Who is sent what is reported in a place."""

    PROPERTY = "property"
    COMMUNITY = "community"
    STREET = "street"
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class LevelRule:
    """The times of a level: one for each clock, and `again`: how often the top is told once more.

    `escalate`: how long after a missed deadline the second and the third level up are reached; the first is at once.
    """

    title: Title
    clocks: Mapping[Clock, Span]
    escalate: tuple[Span, ...]
    again: Span


@dataclass(frozen=True, slots=True)
class Category:
    """One category. `department`: the function of the one that it climbs to, None for the lead department.

    `is_deed`: something done, of which the evidence is checked. `settle`: settling times that differ from the level's.
    """

    code: str
    title: Title
    group: Title
    deed: Deed
    level: Level
    is_deed: bool
    in_compound: Target
    in_public: Target
    department: str | None
    words: tuple[str, ...]
    is_private: bool
    settle: Mapping[Level, Span] = field(default_factory=dict[Level, Span])


@dataclass(frozen=True, slots=True)
class Duplicates:
    """How near two reports of a category must be to look like the same."""

    metres: int
    hours: int


@dataclass(frozen=True, slots=True)
class ReportRules:
    """The whole table."""

    levels: Mapping[Level, LevelRule]
    categories: Mapping[str, Category]
    reopen: Span
    duplicates: Duplicates
    compound_metres: int
    community_metres: int

    def category(self, code: str) -> Category:
        """The category of that code. Raises `CategoryUnknown`."""
        found = self.categories.get(code)
        if found is None:
            raise CategoryUnknown(code=code[:60])
        return found

    def span(self, category: Category, level: Level, clock: Clock) -> Span:
        """How long a clock runs for a report of that category and level."""
        if clock is Clock.SETTLE and level in category.settle:
            return category.settle[level]
        return self.levels[level].clocks[clock]

    def suggested(self, words: str, most: int = 3) -> list[Category]:
        """The categories whose words stand in `words`, the best first: those with most and longest matches."""
        text = words.lower()
        weights = {code: sum(len(one) for one in each.words if one in text) for code, each in self.categories.items()}
        best = sorted((code for code, weight in weights.items() if weight), key=lambda code: -weights[code])
        return [self.categories[code] for code in best[:most]]


@cache
def report_rules(code: str = "410811") -> ReportRules:
    """The table of the district with this administrative code. Raises `DistrictFileWrong`."""
    return load_rules(DISTRICTS / f"{code}.reports.yaml")


def load_rules(path: Path) -> ReportRules:
    """Read a table. Raises `DistrictFileWrong`, naming file, key and reason."""
    return _Reader(path.name).rules(yaml.safe_load(path.read_text(encoding="utf-8")))


class _Reader:
    """Reads one file; every complaint names it and the key."""

    def __init__(self, file: str) -> None:
        self.file = file

    def wrong(self, key: str, why: str) -> DistrictFileWrong:
        """What is raised."""
        return DistrictFileWrong(file=self.file, key=key, why=why)

    def rules(self, data: object) -> ReportRules:
        """The whole file."""
        whole = self.mapping("file", data, {"levels", "reopen", "duplicates", "nearest", "categories"})
        levels = self.mapping("levels", whole.get("levels"), {one.value for one in Level})
        listed = whole.get("categories")
        if not isinstance(listed, list) or not listed:
            raise self.wrong("categories", "a list with at least one category is needed")
        categories = [self.category(place, one) for place, one in enumerate(cast("list[object]", listed), start=1)]
        codes = [one.code for one in categories]
        if twice := {code for code in codes if codes.count(code) > 1}:
            raise self.wrong("categories", f"{', '.join(sorted(twice))} is there more than once")
        duplicates = self.mapping("duplicates", whole.get("duplicates"), {"metres", "hours"})
        nearest = self.mapping("nearest", whole.get("nearest"), {"compound_metres", "community_metres"})
        return ReportRules(
            levels={one: self.level(f"levels.{one}", levels.get(one.value)) for one in Level},
            categories={one.code: one for one in categories},
            reopen=self.span("reopen", whole.get("reopen")),
            duplicates=Duplicates(
                self.number("duplicates.metres", duplicates.get("metres")),
                self.number("duplicates.hours", duplicates.get("hours")),
            ),
            compound_metres=self.number("nearest.compound_metres", nearest.get("compound_metres")),
            community_metres=self.number("nearest.community_metres", nearest.get("community_metres")),
        )

    def level(self, key: str, data: object) -> LevelRule:
        """One level."""
        names = {clock.value for clock in CLOCKS} | {"title", "escalate", "again"}
        said = self.mapping(key, data, names)
        rungs = said.get("escalate")
        if not isinstance(rungs, list) or len(cast("list[object]", rungs)) != RUNGS - 1:
            raise self.wrong(f"{key}.escalate", "two spans are needed: for the second and the third level up")
        return LevelRule(
            title=self.title(f"{key}.title", said.get("title")),
            clocks={clock: self.span(f"{key}.{clock}", said.get(clock.value)) for clock in CLOCKS},
            escalate=tuple(self.span(f"{key}.escalate", one) for one in cast("list[object]", rungs)),
            again=self.positive(f"{key}.again", said.get("again")),
        )

    def category(self, place: int, data: object) -> Category:
        """One category; `place` is its number in the list, from 1."""
        names = {"code", "title", "group", "deed", "level", "way", "route", "department", "words", "private", "settle"}
        key = f"categories[{place}]"
        said = self.mapping(key, data, names)
        code = self.text(f"{key}.code", said.get("code"))
        key = f"categories[{code}]"
        is_deed = said.get("way") == "deed"
        if said.get("way", "deed") != "deed":
            raise self.wrong(f"{key}.way", "it is either left out or deed")
        route = self.mapping(f"{key}.route", said.get("route", {}), {"compound", "public"})
        if not is_deed and set(route) != {"compound", "public"}:
            raise self.wrong(f"{key}.route", "it names compound and public")
        return Category(
            code=code,
            title=self.title(f"{key}.title", said.get("title")),
            group=self.title(f"{key}.group", said.get("group")),
            deed=self.one_of(f"{key}.deed", said.get("deed"), Deed),
            level=self.one_of(f"{key}.level", said.get("level"), Level),
            is_deed=is_deed,
            in_compound=self.one_of(f"{key}.route.compound", route.get("compound", Target.COMMUNITY), Target),
            in_public=self.in_public(f"{key}.route.public", route.get("public", Target.COMMUNITY)),
            department=said.get("department"),
            words=self.words(f"{key}.words", said.get("words")),
            is_private=said.get("private") is True,
            settle=self.settle(f"{key}.settle", said.get("settle", {})),
        )

    def in_public(self, key: str, data: object) -> Target:
        """Who is sent what lies outside of compounds."""
        target = self.one_of(key, data, Target)
        if target is Target.PROPERTY:
            raise self.wrong(key, "no property company looks after public ground")
        return target

    def words(self, key: str, data: object) -> tuple[str, ...]:
        """Words that suggest the category, in lower case."""
        if not isinstance(data, list):
            raise self.wrong(key, "a list of words is needed; it may be empty")
        return tuple(str(one).lower() for one in cast("list[object]", data))

    def settle(self, key: str, data: object) -> dict[Level, Span]:
        """Settling times by level."""
        said = self.mapping(key, data, {one.value for one in Level})
        return {Level(name): self.positive(f"{key}.{name}", one) for name, one in said.items()}

    def span(self, key: str, data: object) -> Span:
        """A span of time."""
        return self.told(key, lambda: Span.parse(cast("Mapping[str, Any]", data)))

    def positive(self, key: str, data: object) -> Span:
        """A span that is longer than nothing."""
        span = self.span(key, data)
        if span.is_zero:
            raise self.wrong(key, "it must be longer than nothing")
        return span

    def told(self, key: str, read: Callable[[], T]) -> T:
        """What `read` gives; what it cannot read is said with its key."""
        try:
            return read()
        except (SpanUnclear, TypeError) as error:
            raise self.wrong(key, str(error)) from error

    def number(self, key: str, data: object) -> int:
        """A whole number above 0."""
        if type(data) is not int or data <= 0:
            raise self.wrong(key, "a whole number above 0 is needed")
        return data

    def text(self, key: str, data: object) -> str:
        """A text that is not empty."""
        if not isinstance(data, str) or not data:
            raise self.wrong(key, "a text is needed")
        return data

    def title(self, key: str, data: object) -> Title:
        """A name in both languages."""
        said = self.mapping(key, data, {"zh", "en"})
        return Title(self.text(f"{key}.zh", said.get("zh")), self.text(f"{key}.en", said.get("en")))

    def one_of(self, key: str, data: object, kind: Callable[[object], T]) -> T:
        """One of the words of an enumeration."""
        try:
            return kind(data)
        except ValueError:
            named = ", ".join(str(one) for one in cast("Iterable[object]", kind))
            raise self.wrong(key, f"it is one of {named}") from None

    def mapping(self, key: str, data: object, names: set[str]) -> Mapping[str, Any]:
        """A mapping with no other keys than `names`."""
        if not isinstance(data, dict):
            raise self.wrong(key, "a mapping is needed")
        said = cast("Mapping[Any, Any]", data)
        if unknown := [str(one) for one in said if one not in names]:
            raise self.wrong(f"{key}.{unknown[0]}", f"there is no such key; known are {', '.join(sorted(names))}")
        return said
