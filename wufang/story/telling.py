"""Telling: one line a step with its time, and nothing said that was not seen to be so."""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from models.clock import SHANGHAI


class NotSo(Exception):
    """Something the story tells was not seen to be so."""


class Clock:
    """The story's clock: it begins at a fixed Monday and goes with the real one, except where it is set ahead."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._begun = time.monotonic()

    def __call__(self) -> datetime:
        """The story's instant, UTC."""
        return self._start + timedelta(seconds=time.monotonic() - self._begun)

    def set_ahead(self, to: datetime) -> None:
        """Go to `to`; the story's clock never goes back."""
        self._start = max(self(), to)
        self._begun = time.monotonic()


class Teller:
    """Prints steps and details. Times: real seconds since the beginning, and the story's own hour in Shanghai."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun = time.monotonic()

    def step(self, zh: str, en: str) -> None:
        """A step of the story, in both languages."""
        hour = self._clock().astimezone(SHANGHAI).strftime("%m-%d %H:%M")
        print(f"{time.monotonic() - self._begun:6.2f} s  {hour}  {zh} · {en}", flush=True)

    def detail(self, *lines: str) -> None:
        """What was seen."""
        for line in lines:
            print(f"{'':22} {line}", flush=True)


def see(what: str, seen: object, expected: object) -> None:
    """Raise `NotSo` where what was seen is not what the story says."""
    if seen != expected:
        raise NotSo(f"{what}: the story says {expected!r}, seen was {seen!r}")


def see_all(what: str, seen: Iterable[object], expected: Iterable[object]) -> None:
    """The same for things in any order."""
    see(what, sorted(map(str, seen)), sorted(map(str, expected)))
