"""The engine in the simulation: the real steps of rounds, killed and doubled by chance, and not watched by Prefect."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from models import rounds
from models.database import Database
from models.matter import MatterKind
from models.rounds import Need
from tasks.rounds import STEPS, Taken, walk
from wufang.simulation.attempting import Command, Replaced
from wufang.simulation.chance import Chance
from wufang.simulation.clock import Clock
from wufang.simulation.faults import Counts, Fate, Killed, Rates, draw_fate, interleave
from wufang.simulation.witness import Done, LawBroken, Witness

KIND = MatterKind.ACCESS_FILING
STALE = timedelta(seconds=90)  # so old can the clock's reading be that a second worker goes by
TOLERANCE = STALE + timedelta(seconds=1)
SIZES = (200, 200, 200, 5)  # most matters of a round; a small one leaves the rest to the next


def nothing_due_is_left_behind(said: str) -> str:
    """What is due is served as soon as the faults allow, and a round that was not cut off leaves nothing due."""
    return said


def rounds_do_not_stumble(trouble: str) -> str:
    """The system's own step never fails on a matter."""
    return trouble


@dataclass(slots=True)
class Lateness:
    """By how much what is due may be late: the engine's own patience, and what faults have cost since it was last whole."""

    explained: timedelta = field(default_factory=timedelta)
    down_until: datetime | None = None
    armed_at: datetime | None = None

    def wanted_at(self, clock: Clock, alarm: datetime | None, draw: Callable[[], timedelta]) -> datetime | None:
        """When the next round is taken, in the district's time; None: nothing will be due."""
        if alarm is None:
            self.armed_at = None
            return None
        if alarm > clock.seen:
            self.armed_at = None
            return max(alarm - clock.error, self.down_until or clock.now)
        if self.armed_at is None:
            patience = draw()
            self.explained += patience
            self.armed_at = max(clock.now + patience, self.down_until or clock.now)
        return max(self.armed_at, clock.now)

    def explains(self, late: timedelta) -> bool:
        """Whether faults can have made it so late."""
        return late <= self.explained + TOLERANCE

    def excuse(self, span: timedelta) -> None:
        """So much more is explained: somebody kept the clock busy, or it was set forward."""
        self.explained += max(span, timedelta())

    def die(self, clock: Clock, downtime: timedelta) -> None:
        """The process is gone for so long."""
        self.down_until = clock.now + downtime
        self.explained += downtime
        self.armed_at = None

    def be_whole(self) -> None:
        """Everything that was due is served."""
        self.explained = timedelta()
        self.armed_at = None


class Engine:
    """Takes rounds of matters."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        witness: Witness,
        chance: Chance,
        rates: Rates,
        counts: Counts,
        replaced: Replaced,
        tell: Callable[[Sequence[Any]], None],
    ) -> None:
        self._database, self._clock, self._witness = database, clock, witness
        self._chance, self._rates, self._counts, self._replaced, self._tell = chance, rates, counts, replaced, tell
        self.lateness = Lateness()
        self._runs = 0

    def wanted_at(self) -> datetime | None:
        """When the next round is taken."""
        return self.lateness.wanted_at(self._clock, self._witness.alarms.matter, self._patience)

    def _patience(self) -> timedelta:
        """From the alarm to the round: seconds, or minutes in which more falls due, as on a busy machine."""
        return timedelta(seconds=self._chance.choice((1, 60, 600, 1200)))

    def round(self) -> None:
        """One round, or two at once. Raises `LawBroken`."""
        at, size = self._clock.seen, self._chance.choice(SIZES)
        workers = [self._work(at, size, draw_fate(self._chance, self._rates, self._counts))]
        if self._chance.happens(self._rates.two_workers):
            self._counts.add("two rounds at once")
            workers.append(
                self._work(at - self._chance.choice((timedelta(), timedelta(), STALE)), size, Fate(self._counts))
            )
        killed = interleave(self._chance, workers)
        if killed:
            self.lateness.die(self._clock, timedelta(seconds=self._chance.choice((5, 60, 900, 7200))))
            return
        self._check_nothing_left(at, size)

    def _work(self, at: datetime, size: int, fate: Fate) -> Iterator[int]:
        """One worker's round, part by part; how many matters each part moved."""
        self._runs += 1
        run = f"run-{self._runs}"
        with self._database.reading() as session:
            taken = Taken(at, rounds.due(session, KIND.value, at, size))
        self._counts.add("rounds")
        self._check_lateness(taken)
        yield 0
        write = Write(self, fate)
        for need in STEPS:
            for moved in walk(taken, need, write, run):
                yield len(moved)

    def write(self, fate: Fate, ids: Sequence[UUID], need: Need, step: Command, at: datetime, run: str) -> Any:
        """One transaction of a round, which may be cut off before it, in it, or after its commit."""
        step = self._replaced.get(step, step)
        place = fate.next()
        if place == "before":
            raise Killed()
        if place == "within":
            self._cut_off(ids, need, step, at, run)
        done = self._database.write(rounds.take_step, ids, need, step, at, run)
        looks = self._witness.step(Done(f"round: {need}", tuple(ids)), at)
        self._tell(looks)
        self._check_troubles(done, need, at)
        if place == "after":
            raise Killed()
        return done

    def _cut_off(self, ids: Sequence[UUID], need: Need, step: Command, at: datetime, run: str) -> None:
        """Half of a transaction is done, and then the process is gone: the database takes it back."""
        half = ids[: self._chance.randint(1, len(ids))]
        try:
            self._database.write(_then_die, half, need, step, at, run)
        except Killed:
            self._witness.step(Done(f"killed round: {need}", tuple(ids), refusal="Killed"), at)
            raise

    def _check_troubles(self, done: dict[UUID, str | None], need: Need, at: datetime) -> None:
        for matter_id, trouble in done.items():
            if trouble is not None:
                place = self._witness.place(f"round: {need}", at, self._witness[matter_id])
                raise LawBroken(rounds_do_not_stumble, trouble, place)

    def _check_lateness(self, taken: Taken) -> None:
        for one in taken.matters:
            wake_at = self._witness[one.matter_id].matter.wake_at
            if wake_at is None or not self.lateness.explains(taken.at - wake_at):
                said = f"due since {wake_at}; the faults explain {self.lateness.explained}"
                place = self._witness.place("round", taken.at, self._witness[one.matter_id])
                raise LawBroken(nothing_due_is_left_behind, said, place)

    def _check_nothing_left(self, at: datetime, size: int) -> None:
        """A round that took fewer than it might leaves nothing due but what its own steps have made due."""
        alarm = self._witness.alarms.matter
        if alarm is None or alarm > at:
            self.lateness.be_whole()
            return
        with self._database.reading() as session:
            left = rounds.due(session, KIND.value, at, max(SIZES))
        old = [one for one in left if self._witness[one.matter_id].matter.wake_at != at]
        if old and size == max(SIZES):
            place = self._witness.place("round", at, self._witness[old[0].matter_id])
            raise LawBroken(nothing_due_is_left_behind, f"{len(old)} are due after a whole round", place)


@dataclass(frozen=True, slots=True)
class Write:
    """The writer that one worker's round is given."""

    engine: Engine
    fate: Fate

    def __call__(self, _take_step: Command, *values: Any) -> dict[UUID, str | None]:
        """One transaction."""
        return self.engine.write(self.fate, *values)


def _then_die(session: Session, ids: Sequence[UUID], need: Need, step: Command, at: datetime, run: str) -> None:
    rounds.take_step(session, ids, need, step, at, run)
    session.flush()
    raise Killed()
