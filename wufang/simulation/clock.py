"""The simulated clock, what the system sees of it, and identifiers that follow from both."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

RANDOM_BITS = 62  # of an identifier of version 7, after the 12 that follow upon the version


class Clock:
    """`now` is the time in the district; `seen` is what the system's clock says, which may be wrong by `error`."""

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)
        self.error = timedelta()
        self.latest_seen = self.now  # a clock that went ahead has left alarms there

    @property
    def seen(self) -> datetime:
        """What the system takes for the time."""
        return self.now + self.error

    def reach(self, instant: datetime) -> None:
        """Time goes on until `instant`; it never goes back."""
        self.now = max(self.now, instant.astimezone(UTC))
        self.latest_seen = max(self.latest_seen, self.seen)

    def pass_by(self, span: timedelta) -> None:
        """Time goes on for so long."""
        self.reach(self.now + span)

    def step(self, error: timedelta) -> None:
        """The system's clock is set: from now on it is wrong by `error`."""
        self.error = error
        self.latest_seen = max(self.latest_seen, self.seen)


class Identifiers:
    """Identifiers of version 7 (RFC 9562) with the milliseconds of the system's clock and a count instead of chance."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = 0

    def __call__(self) -> UUID:
        """The next one."""
        self._count += 1
        milliseconds = int(self._clock.seen.timestamp() * 1000)
        high, low = divmod(self._count, 1 << RANDOM_BITS)
        return UUID(int=milliseconds << 80 | 7 << 76 | high << 64 | 2 << RANDOM_BITS | low)
