"""The district's file of training and services: kinds, topics, times of day, peaks, weights, rules of places. Checked when read."""

from calendar import day_name
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from models.calendars import DISTRICTS, DistrictFileWrong
from models.errors import RuleBroken
from models.protocol.schema import Title
from models.training.problem import Hours, Weights
from models.words import N_

HOUR = 60
WEEKDAYS_ZH = "一二三四五六日"
DAY_MINUTES = 24 * HOUR
Positive = Annotated[int, Field(gt=0)]


class CodeUnknown(RuleBroken):
    """A code that the district's file does not have."""

    sentence = N_("There is no “{code}” in the district's list. Choose one of the list.")
    status = 422


def _minutes(said: object) -> object:
    """`10:30-13:30` as minutes of the day."""
    if not isinstance(said, str):
        return said
    try:
        first, last = (int(hour) * HOUR + int(minute) for hour, minute in (one.split(":") for one in said.split("-")))
    except ValueError:
        raise ValueError(f"“{said}” is not a period such as 10:30-13:30") from None
    if not 0 <= first < last <= DAY_MINUTES:
        raise ValueError(f"“{said}” does not end after it begins, within one day")
    return first, last


Period = Annotated[tuple[int, int], BeforeValidator(_minutes)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


class Words(_Said):
    """A title in both languages."""

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    @property
    def title(self) -> Title:
        """As the rest of the domain has it."""
        return Title(self.zh, self.en)


class Coded(_Said):
    """Anything that has a code and a title."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
    title: Words


class Kind(Coded):
    """A kind of service. `certificate`: who attends the whole of it is given one."""

    certificate: bool = False


class Topic(Coded):
    """What riders want, and of which kind it is."""

    kind: str


class Slot(Coded):
    """A time of day, in minutes of Asia/Shanghai, the end not included."""

    hours: Period


class TimetableRules(_Said):
    """How a timetable is looked for."""

    step_minutes: Positive
    far_metres: Positive
    trainer_kmh: Positive
    detour: Annotated[float, Field(ge=1)]
    seconds: Positive
    weights: Mapping[
        Literal["free", "whole", "near", "peak", "spread", "change", "unplaced"], Annotated[int, Field(ge=0)]
    ]

    @property
    def points(self) -> Weights:
        """As the solver takes them."""
        return Weights(**self.weights)


class PlaceRules(_Said):
    """The rules of places and waiting lists. `check_in_minutes`: before the start and after the start."""

    accept_minutes: Positive
    accept_minutes_near: Positive
    last_change_minutes: Positive
    misses_days: Positive
    group_most: Annotated[int, Field(ge=2)]
    children_most: Positive
    reminders_minutes: list[Positive]
    check_in_minutes: Annotated[list[Positive], Field(min_length=2, max_length=2)]


class Base(_Said):
    """A platform's station, from which riders set out; WGS84 degrees."""

    title: Words
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class CircleRules(_Said):
    """The 15-minute circle."""

    minutes: Positive
    detour: Annotated[float, Field(ge=1)]
    foot_kmh: Annotated[float, Field(gt=0)]
    ebike_kmh: Annotated[float, Field(gt=0)]
    bases: list[Base] = []


class TrainingRules(_Said):
    """The whole file."""

    kinds: list[Kind]
    topics: list[Topic]
    equipment: list[Coded]
    slots: list[Slot]
    peaks: list[Period]
    timetable: TimetableRules
    places: PlaceRules
    circle: CircleRules

    @model_validator(mode="after")
    def _fits(self) -> "TrainingRules":
        for name in ("kinds", "topics", "equipment", "slots"):
            codes = [one.code for one in getattr(self, name)]
            if twice := {code for code in codes if codes.count(code) > 1}:
                raise ValueError(f"{name}: {', '.join(sorted(twice))} is there more than once")
        if unknown := {one.kind for one in self.topics} - set(self.by_kind):
            raise ValueError(f"topics: there is no kind {', '.join(sorted(unknown))}")
        return self

    @cached_property
    def by_kind(self) -> dict[str, Kind]:
        """The kinds by code."""
        return {one.code: one for one in self.kinds}

    @cached_property
    def by_topic(self) -> dict[str, Topic]:
        """The topics by code."""
        return {one.code: one for one in self.topics}

    def kind(self, code: str) -> Kind:
        """The kind of that code. Raises `CodeUnknown`."""
        if code not in self.by_kind:
            raise CodeUnknown(code=code[:60])
        return self.by_kind[code]

    def topic(self, code: str) -> Topic:
        """The topic of that code. Raises `CodeUnknown`."""
        if code not in self.by_topic:
            raise CodeUnknown(code=code[:60])
        return self.by_topic[code]

    def check_equipment(self, code: str) -> None:
        """Raises `CodeUnknown` where there is no such equipment."""
        if all(one.code != code for one in self.equipment):
            raise CodeUnknown(code=code[:60])

    def hours(self, slot: str) -> Hours:
        """A rider's `2-afternoon` as weekday and minutes. Raises `CodeUnknown`."""
        weekday, _, code = slot.partition("-")
        found = next((one for one in self.slots if one.code == code), None)
        if found is None or weekday not in {"1", "2", "3", "4", "5", "6", "7"}:
            raise CodeUnknown(code=slot[:60])
        return (int(weekday), *found.hours)

    def slot_title(self, slot: str) -> Title:
        """`2-afternoon` in words: 周二下午, Tuesday afternoon. Raises `CodeUnknown`."""
        weekday = self.hours(slot)[0] - 1
        words = next(one.title for one in self.slots if one.code == slot.partition("-")[2])
        return Title(f"周{WEEKDAYS_ZH[weekday]}{words.zh}", f"{day_name[weekday]} {words.en.lower()}")


@cache
def training_rules(code: str = "410811") -> TrainingRules:
    """The file of the district with this administrative code. Raises `DistrictFileWrong`."""
    return load_training(DISTRICTS / f"{code}.training.yaml")


def load_training(path: Path) -> TrainingRules:
    """Read a file. Raises `DistrictFileWrong`, naming file, key and reason."""
    try:
        return TrainingRules.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")), strict=False)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(one) for one in first["loc"]) or "file"
        raise DistrictFileWrong(file=path.name, key=key, why=first["msg"].removeprefix("Value error, ")) from None
