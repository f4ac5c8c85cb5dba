"""Instants: stored in UTC, shown in Asia/Shanghai."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
Clock = Callable[[], datetime]


def utcnow() -> datetime:
    """The instant, aware, UTC. Rules never call this: they take `at`."""
    return datetime.now(UTC)


def local_date(at: datetime) -> date:
    """The calendar day in Shanghai on which `at` (aware) falls."""
    return at.astimezone(SHANGHAI).date()
