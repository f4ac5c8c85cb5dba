"""Watching an alarm: what is due is called, nothing ends the watcher, nothing makes it spin."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread

import pytest
from prefect.exceptions import Abort
from sqlalchemy.orm import Session

from models.database import Database
from wufang.watching import Alarm, Watcher

LOOK_SECONDS = 0.01


@dataclass
class Told:
    """What a round says."""

    moved: int = 0
    failed: int = 0


@dataclass
class Rounds:
    """A queue of due things, and rounds over it that end as the test wants."""

    waiting: int = 0
    errors: list[BaseException] = field(default_factory=list)
    calls: int = 0

    def is_due(self, session: Session, at: datetime) -> bool:
        return self.waiting > 0

    def call(self) -> Told:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        moved, self.waiting = self.waiting, 0
        return Told(moved)


class TakenByAnother(Rounds):
    """Due, but nothing can be moved."""

    def call(self) -> Told:
        return Told()


@dataclass
class Slow(Rounds):
    """A round that lasts until the watcher is told to stop."""

    stopping: Event = field(default_factory=Event)
    begun: Event = field(default_factory=Event)

    def call(self) -> Told:
        self.begun.set()
        self.stopping.wait(5)
        return super().call()


Watch = Callable[..., Watcher]


@pytest.fixture
def watch(database: Database) -> Watch:
    def make(rounds: Rounds, is_server_there: Callable[[], bool] = lambda: True) -> Watcher:
        alarm = Alarm("trial", rounds.is_due, rounds.call)
        return Watcher(
            alarm, database, is_server_there, LOOK_SECONDS, "test", lambda: datetime(2026, 11, 23, tzinfo=UTC)
        )

    return make


def test_nothing_due_means_no_round_and_the_next_look_soon(watch: Watch) -> None:
    rounds = Rounds()
    assert watch(rounds).look() == LOOK_SECONDS
    assert rounds.calls == 0


def test_what_is_due_is_called_and_looked_at_again_at_once(watch: Watch) -> None:
    rounds = Rounds(waiting=3)
    watcher = watch(rounds)
    assert watcher.look() == 0
    assert (rounds.calls, rounds.waiting) == (1, 0)
    assert watcher.look() == LOOK_SECONDS


def test_a_failing_round_is_tried_again_after_delays_that_grow_to_half_a_minute(watch: Watch) -> None:
    rounds = Rounds(waiting=1, errors=[RuntimeError("no") for _ in range(8)])
    watcher = watch(rounds)
    assert [watcher.look() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert watcher.trouble == "A round of trial failed: RuntimeError."
    assert watcher.look() == 0
    assert watcher.trouble == ""
    rounds.waiting, rounds.errors = 1, [RuntimeError("again")]
    assert watcher.look() == 0.5


def test_an_abort_by_prefect_does_not_end_the_watcher(watch: Watch) -> None:
    rounds = Rounds(waiting=1, errors=[Abort("not this run")])
    watcher = watch(rounds)
    assert watcher.look() == 0.5
    assert watcher.look() == 0


def test_without_prefects_server_no_round_is_begun(watch: Watch) -> None:
    rounds = Rounds(waiting=1)
    there = [False, False, True]
    watcher = watch(rounds, lambda: there.pop(0))
    assert watcher.look() == watcher.look() == 0.5
    assert rounds.calls == 0
    assert watcher.look() == 0
    assert rounds.waiting == 0


def test_a_round_that_can_move_nothing_does_not_spin(watch: Watch) -> None:
    watcher = watch(TakenByAnother(waiting=1))
    assert [watcher.look() for _ in range(3)] == [0.5, 1, 2]
    assert watcher.trouble == ""


def test_a_round_that_has_begun_is_finished_before_the_watcher_stops(watch: Watch) -> None:
    rounds = Slow(waiting=1)
    thread = Thread(target=watch(rounds).run, args=(rounds.stopping,))
    thread.start()
    assert rounds.begun.wait(5)
    rounds.stopping.set()
    thread.join(5)
    assert not thread.is_alive()
    assert rounds.waiting == 0
