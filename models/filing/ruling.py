"""The rules that filing lines are checked against: the protocol's limits and the district's platforms."""

from datetime import date
from functools import cache
from pathlib import Path

import yaml

from models.matter import MatterKind
from models.protocol.storing import current
from models.rider_rules import FilingRules

PLATFORMS = Path(__file__).parents[1] / "districts" / "platforms.yaml"


def current_rules(period: tuple[date, date] | None = None) -> FilingRules:
    """The rules of today's protocol; `period` (both ends included) fills in where a line has no dates."""
    protocol = current(MatterKind.ACCESS_FILING.value)
    platforms, aliases = _platforms()
    return FilingRules(platforms, aliases, protocol.longest_days, protocol.lines_limit, period)


def platforms() -> tuple[str, ...]:
    """The district's platforms by name, as forms and the template offer them."""
    return _platforms()[0]


@cache
def _platforms() -> tuple[tuple[str, ...], dict[str, str]]:
    listed = yaml.safe_load(PLATFORMS.read_text(encoding="utf-8"))
    aliases = {alias: one["name"] for one in listed for alias in one["aliases"]}
    return tuple(one["name"] for one in listed), aliases
