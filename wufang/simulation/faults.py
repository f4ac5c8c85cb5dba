"""Faults by chance: rounds that are killed, letters that fail, clocks that are set, two workers at once."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from wufang.simulation.chance import Chance

Place = Literal["before", "within", "after"]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLOCK_ERRORS = (HOUR, -HOUR, DAY, -DAY)
LASTS = (timedelta(minutes=20), timedelta(hours=3), timedelta(hours=30))  # how long a clock stays wrong


class Killed(Exception):
    """The process is gone."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How often things go wrong: shares of rounds, of letters, and clock steps a year."""

    killed: float = 0.03
    two_workers: float = 0.06
    refused: float = 0.002
    later: float = 0.02
    unclear: float = 0.01
    clock_steps: float = 24.0
    trespasses: float = 0.04


class Counts(Counter[str]):
    """How often what happened."""

    def add(self, what: str) -> None:
        """Once more."""
        self[what] += 1


@dataclass(slots=True)
class Fate:
    """Where a round is cut off: at its `left`-th transaction from now; `place` None: nowhere."""

    counts: Counts
    place: Place | None = None
    left: int = 0

    def next(self) -> Place | None:
        """What happens to the next transaction."""
        self.left -= 1
        if self.place is None or self.left != 0:
            return None
        self.counts.add(f"kills {self.place} a commit")
        return self.place


def draw_fate(chance: Chance, rates: Rates, counts: Counts) -> Fate:
    """Whether this round will be killed, and where."""
    if not chance.happens(rates.killed):
        return Fate(counts)
    return Fate(counts, chance.choice(("before", "within", "after")), chance.choice((1, 1, 2)))


def interleave(chance: Chance, workers: list[Iterator[int]]) -> bool:
    """Let the workers go on in turns drawn by chance until all have ended. Returns whether one was killed."""
    killed = False
    while workers:
        worker = chance.choice(workers)
        try:
            next(worker)
        except StopIteration:
            workers.remove(worker)
        except Killed:
            workers.remove(worker)
            killed = True
    return killed
