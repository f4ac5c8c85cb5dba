"""The diary: what people and chance will do, and when; in order of time, and of entry where the time is the same."""

import heapq
from collections.abc import Callable
from datetime import datetime

Event = Callable[[], None]


class Diary:
    """Events to come."""

    def __init__(self) -> None:
        self._events: list[tuple[datetime, int, Event]] = []
        self._count = 0

    def plan(self, at: datetime, event: Event) -> None:
        """`event` will happen at `at`."""
        self._count += 1
        heapq.heappush(self._events, (at, self._count, event))

    @property
    def next_at(self) -> datetime | None:
        """When the next one happens; None: nothing is planned."""
        return self._events[0][0] if self._events else None

    def take(self) -> Event:
        """The next event, which is then no longer planned."""
        return heapq.heappop(self._events)[2]
