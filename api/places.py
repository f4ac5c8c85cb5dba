"""Positions and boxes as requests carry them."""

from collections.abc import Mapping
from typing import Any

from models.errors import RuleBroken
from models.report.places import Box, Position, PositionUnclear
from models.words import N_

FARTHEST_METRES = 100_000  # a device that is less sure than that knows nothing


class BoxUnclear(RuleBroken):
    """Not a box on earth."""

    sentence = N_("A box is four numbers with commas: west, south, east, north, in degrees (WGS84).")
    status = 422


def position_in(fields: Mapping[str, Any]) -> Position | None:
    """The position in `latitude`, `longitude` and `accuracy`; None where nothing is said. Raises `PositionUnclear`."""
    latitude, longitude, accuracy = (str(fields.get(name) or "") for name in ("latitude", "longitude", "accuracy"))
    if not latitude and not longitude:
        return None
    try:
        return Position(float(latitude), float(longitude), _metres(accuracy))
    except (ValueError, OverflowError):
        raise PositionUnclear() from None


def _metres(accuracy: str) -> int | None:
    """How sure a device is; None where it does not say, or says what no device means."""
    metres = round(float(accuracy)) if accuracy else None
    return metres if metres is not None and 0 <= metres <= FARTHEST_METRES else None


def box_in(text: str) -> Box | None:
    """A box as GeoJSON writes it: `west,south,east,north`; None for nothing. Raises `BoxUnclear`."""
    if not text:
        return None
    try:
        west, south, east, north = (float(one) for one in text.split(","))
        corner, other = Position(south, west), Position(north, east)
    except (ValueError, PositionUnclear):
        raise BoxUnclear() from None
    if corner.latitude > other.latitude or corner.longitude > other.longitude:
        raise BoxUnclear()
    return Box(south, west, north, east)
