"""The district's calendar: its hours, and the years that the national calendar does not know yet, from its file."""

from collections.abc import Mapping
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from models.errors import RuleBroken
from models.words import N_
from models.working_time import Hours, WorkCalendar, Year

DISTRICTS = Path(__file__).parent / "districts"


class DistrictFileWrong(RuleBroken):
    """The district's file says something that cannot be used."""

    sentence = N_("{file}: {key} is wrong: {why}.")


@cache
def district_calendar(code: str = "410811") -> WorkCalendar:
    """The calendar of the district with this administrative code. Raises `DistrictFileWrong`."""
    return load_calendar(DISTRICTS / f"{code}.yaml")


def load_calendar(path: Path) -> WorkCalendar:
    """The calendar that a district's file describes: `hours` and `years`. Raises `DistrictFileWrong`, naming the key."""
    data = _mapping(path, "file", yaml.safe_load(path.read_text(encoding="utf-8")))
    years = _mapping(path, "years", data.get("years") or {})
    return WorkCalendar(
        Hours(tuple(_period(path, one) for one in data.get("hours", ()))) if data.get("hours") else Hours(),
        {int(year): _year(path, int(year), days) for year, days in years.items()},
    )


def _mapping(path: Path, key: str, value: object) -> Mapping[Any, Any]:
    if not isinstance(value, dict):
        raise DistrictFileWrong(file=path.name, key=key, why="a mapping is needed")
    return cast("Mapping[Any, Any]", value)


def _period(path: Path, said: object) -> tuple[time, time]:
    """`"08:30-12:00"` as a half-open period."""
    try:
        begins, ends = (time.fromisoformat(part.strip()) for part in str(said).split("-"))
    except ValueError:
        raise DistrictFileWrong(file=path.name, key="hours", why=f"{said} is not like 08:30-12:00") from None
    if begins >= ends:
        raise DistrictFileWrong(file=path.name, key="hours", why=f"{said} ends before it begins")
    return begins, ends


def _year(path: Path, year: int, days: object) -> Year:
    key = f"years.{year}"
    listed = _mapping(path, key, days)
    return Year(_dates(path, year, f"{key}.holidays", listed), _dates(path, year, f"{key}.working", listed))


def _dates(path: Path, year: int, key: str, listed: Mapping[Any, Any]) -> frozenset[date]:
    found = listed.get(key.rsplit(".", 1)[1], [])
    if not isinstance(found, list) or any(
        type(one) is not date or one.year != year for one in cast("list[object]", found)
    ):
        raise DistrictFileWrong(file=path.name, key=key, why=f"a list of days of {year}, like {year}-01-01, is needed")
    return frozenset(cast("list[date]", found))
