"""Riders that come as values, not as a workbook: the same rules, and every fault with its place."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from models.errors import RuleBroken
from models.rider_rules import Fault, FilingRules, RiderLine, check_rider, find_repeats, say_repeated
from models.words import N_, Sentence
from models.workbook.reading import TooManyLines


@dataclass(frozen=True, slots=True)
class RiderFault:
    """What is wrong with one value of the rider at `place` (from 0)."""

    place: int
    field: str
    said: Sentence = dataclasses.field(repr=False)


class RidersWrong(RuleBroken):
    """Some riders are wrong, so nothing is filed."""

    sentence = N_("{wrong} of {total} riders are wrong, so nothing was filed. Correct them and send the list again.")
    status = 422

    def __init__(self, faults: Sequence[RiderFault], total: int) -> None:
        super().__init__(wrong=len({fault.place for fault in faults}), total=total)
        self.faults = tuple(faults)


def check_riders(listed: Sequence[Mapping[str, object]], rules: FilingRules, today: date) -> tuple[RiderLine, ...]:
    """The lines of these riders. Raises `RidersWrong` with every fault, and `TooManyLines`."""
    if len(listed) > rules.lines_limit:
        raise TooManyLines(limit=rules.lines_limit)
    checked = [check_rider(raw, rules, today) for raw in listed]
    faults = [_at(place, fault) for place, one in enumerate(checked) for fault in one.faults]
    repeats = find_repeats(one.phone for one in checked)
    faults += [_at(place, say_repeated(first + 1)) for place, first in repeats.items()]
    if faults:
        raise RidersWrong(sorted(faults, key=lambda fault: fault.place), len(listed))
    return tuple(one.line for one in checked if one.line is not None)


def _at(place: int, fault: Fault) -> RiderFault:
    return RiderFault(place, fault.field, fault.said)
