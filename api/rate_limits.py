"""How often anybody may ask for what is dear: log-ins, searches, uploads. On top of what guards each account.

Counted in this process, or in Redis where several web processes stand behind one address (`WUFANG_LIMITS_URL`). A
counter that does not answer holds nobody back: it is logged, and people go on working.
"""

import time
from enum import Enum
from math import ceil
from typing import Any

import structlog
from fastapi import Request
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from api.addresses import client_of
from models.errors import RuleBroken
from models.words import N_

log = structlog.get_logger()

# A counter that is away must not keep people waiting: no second try, and half a second at most.
QUICK: dict[str, Any] = {"retry": Retry(NoBackoff(), 0), "socket_connect_timeout": 0.5, "socket_timeout": 0.5}


class Often(Enum):
    """What is counted, and how much of it is let through."""

    LOG_IN = "60/minute"  # of one address: an office behind one router logs in at nine
    FORGOTTEN = "10/hour"  # of one address
    SEARCH = "120/minute"  # of one officer
    UPLOAD = "60/hour"  # of one officer
    REPORT = "40/hour"  # of one phone
    REPORT_FROM = "600/hour"  # of one address: many phones stand behind one
    PROGRAM = "3000/hour"  # of one key of Open311
    ENROL_FROM = "90/hour"  # of one address: a station enrols together
    FEED = "240/minute"  # of one address: open data
    CALENDAR = "100/minute"  # of one address: secret words are tried no faster; calendar programs read for many

    @property
    def item(self) -> RateLimitItem:
        """As the library has it."""
        return parse(self.value)


class TooOften(RuleBroken):
    """More than anybody does by hand."""

    sentence = N_("That was too often in a short time. Try again in {seconds} seconds.")
    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds=seconds)
        self.seconds = seconds


def _counter(request: Request) -> MovingWindowRateLimiter:
    """The application's one counter, made at the first question."""
    state = request.app.state
    if not hasattr(state, "limiter"):
        url: str = state.settings.limits_url
        state.limiter = MovingWindowRateLimiter(storage_from_string(url, **(QUICK if "redis" in url else {})))
    return state.limiter


def hold_back(request: Request, often: Often, who: str = "") -> None:
    """Count one request of `who` (empty: of the address it comes from). Raises `TooOften`."""
    key = who or client_of(request)
    try:
        counter = _counter(request)
        if counter.hit(often.item, often.name, key):
            return
        reset_at = counter.get_window_stats(often.item, often.name, key).reset_time
    except Exception as error:  # noqa: BLE001 - whatever keeps the counter from counting
        log.warning("rate limit not counted", what=often.name, error=type(error).__name__)
        return
    raise TooOften(max(1, ceil(reset_at - time.time())))
