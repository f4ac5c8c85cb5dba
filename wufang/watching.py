"""Watching the alarms: one indexed look, several times a second, and the flow called when something is due."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Protocol

import structlog
from prefect import tags
from prefect.exceptions import PrefectSignal
from sqlalchemy.orm import Session

from models.clock import Clock, utcnow
from models.database import Database

log = structlog.get_logger()

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
SERVER_DELAY_SECONDS = 0.5  # until the next question to a Prefect server that did not answer


class Told(Protocol):
    """What a round says about itself."""

    @property
    def moved(self) -> int:
        """Rows that went one step further."""
        ...

    @property
    def failed(self) -> int:
        """Rows that were put back."""
        ...


@dataclass(frozen=True, slots=True)
class Alarm:
    """One flow and the look that tells whether it has anything to do."""

    name: str
    is_due: Callable[[Session, datetime], bool]
    call: Callable[[], Told]


class Watcher:
    """Watches one alarm in a thread of its own. Nothing that a round does ends it."""

    def __init__(
        self,
        alarm: Alarm,
        database: Database,
        is_server_there: Callable[[], bool],
        look_seconds: float,
        run_tag: str,
        clock: Clock = utcnow,
    ) -> None:
        self.alarm = alarm
        self.trouble = ""  # one English sentence, without anything personal; empty: all is well
        self._database = database
        self._is_server_there = is_server_there
        self._look_seconds = look_seconds
        self._run_tag = run_tag
        self._clock = clock
        self._failures = 0

    def run(self, stopping: Event) -> None:
        """Look and call until `stopping`; a round that has begun is finished."""
        while not stopping.is_set():
            stopping.wait(self.look())

    def look(self) -> float:
        """Look once, and take a round where something is due. Returns the seconds until the next look."""
        try:
            with self._database.reading() as session:
                if not self.alarm.is_due(session, self._clock()):
                    return self._rested()
            if not self._is_server_there():
                return SERVER_DELAY_SECONDS
            with tags(self._run_tag):
                told = self.alarm.call()
        except (Exception, PrefectSignal) as error:
            log.exception("round failed", flow=self.alarm.name)
            return self._delayed(f"A round of {self.alarm.name} failed: {type(error).__name__}.")
        if told.moved + told.failed == 0:
            return self._delayed("")  # due, but another has it, or it cannot move yet: do not spin
        self._failures, self.trouble = 0, ""
        return 0.0  # what came meanwhile is taken at once: the busier, the larger the round

    def _rested(self) -> float:
        self._failures, self.trouble = 0, ""
        return self._look_seconds

    def _delayed(self, trouble: str) -> float:
        self.trouble = trouble
        self._failures += 1
        return min(FIRST_DELAY_SECONDS * 2 ** (self._failures - 1), LONGEST_DELAY_SECONDS)
