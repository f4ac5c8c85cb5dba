"""The witness: looks at every matter that a step has touched, asks the laws, and remembers."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from models.database import Database
from models.officer import Identity
from models.record import RecordEntry, entries
from wufang.simulation.clock import Clock
from wufang.simulation.laws import AT_THE_END, LAWS, Law, Look, Memory, Said, Shared, Step, broken, remember
from wufang.simulation.looking import Alarms, Snapshot, alarms, look

LAST_ENTRIES = 8  # of the record, shown with a broken law


@dataclass(frozen=True, slots=True)
class Done:
    """What a step did, as those who did it say. `matter_ids`: every matter that it may have touched."""

    what: str
    matter_ids: tuple[UUID, ...]
    by: Identity | None = None
    refusal: str | None = None
    seat_id: UUID | None = None
    expected_version: int | None = None
    said: tuple[Said, ...] = ()
    taken_back: UUID | None = None


class LawBroken(Exception):
    """A law does not hold. `law` is the function that says so, `said` what is wrong."""

    def __init__(self, law: Callable[..., object], said: str, place: "Place") -> None:
        super().__init__(f"{law.__name__}: {said}")
        self.law, self.said, self.place = law, said, place

    def lines(self, seed: int) -> list[str]:
        """Everything that is needed to look into it."""
        place = self.place
        sentence = (self.law.__doc__ or "").strip().splitlines()[0]
        return [
            f"Broken: {self.law.__name__}. {sentence}",
            f"  {self.said}",
            f"  seed {seed}, step {place.step} ({place.what}), {place.now:%Y-%m-%d %H:%M:%S} UTC",
            f"  on the system's clock {place.at:%Y-%m-%d %H:%M:%S} UTC",
            f"  matter {place.reference}",
            *(f"    {entry.position:4} {entry.at:%m-%d %H:%M:%S} {entry.kind} {entry.body}" for entry in place.entries),
        ]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a law was broken: the step, the instants, the matter and the end of its record."""

    step: int
    what: str
    now: datetime
    at: datetime
    reference: str = "–"
    entries: tuple[RecordEntry, ...] = ()


@dataclass(slots=True)
class Seen:
    """A matter's last look, and what is remembered of it."""

    snapshot: Snapshot | None = None
    memory: Memory = field(default_factory=Memory)


def whatever_changes_was_seen(said: str) -> str:
    """Nothing changes a matter but the steps that are about it."""
    return said


class Witness:
    """Sees every step. What it knows of matters is what people in the simulation see on their pages."""

    def __init__(self, database: Database, clock: Clock, readers: frozenset[UUID]) -> None:
        self._database, self._clock = database, clock
        self._open = ExitStack()
        self._session = self._open.enter_context(database.reading())  # one for all steps; each sees the newest state
        self._seen: dict[UUID, Seen] = {}
        self.shared = Shared(readers=readers)
        self.steps = 0
        self.alarms = Alarms(None, None)

    def __getitem__(self, matter_id: UUID) -> Snapshot:
        """The matter as it was after the last step that touched it."""
        snapshot = self._seen[matter_id].snapshot
        assert snapshot is not None
        return snapshot

    def matters(self) -> tuple[UUID, ...]:
        """All matters that were ever seen, in that order."""
        return tuple(self._seen)

    def step(self, done: Done, at: datetime) -> list[Look]:
        """Count a step, look at what it touched. Raises `LawBroken`."""
        self.steps += 1
        self.shared.latest_seen = self._clock.latest_seen
        step = Step(
            self.steps, done.what, at, done.by, done.refusal, done.seat_id, done.expected_version, (), done.taken_back
        )
        looks = [self._look(matter_id, step, done.said) for matter_id in done.matter_ids]
        self.alarms = alarms(self._session)
        self._session.rollback()
        return looks

    def _look(self, matter_id: UUID, step: Step, said: tuple[Said, ...]) -> Look:
        seen = self._seen.setdefault(matter_id, Seen())
        now = look(self._session, matter_id, seen.memory.position)
        own = tuple(one for one in said if one.seat_id in now.seats)
        found = Look(_with(step, own), seen.snapshot, now, seen.memory, self.shared)
        self._judge(found)
        seen.snapshot = now
        return found

    def close(self) -> None:
        """Look no more."""
        self._open.close()

    def _judge(self, look: Look, laws: tuple[Law, ...] = LAWS) -> None:
        for law, said in broken(look, laws):
            raise LawBroken(law, said, self.place(look.step.what, look.step.at, look.now))
        remember(look)

    def look_again(self, at: datetime) -> None:
        """Look at every matter as if for the first time, its whole record included. Raises `LawBroken`."""
        shared = Shared(readers=self.shared.readers, latest_seen=self.shared.latest_seen)
        step = Step(self.steps, "the end", at)
        with self._database.reading() as session:
            for matter_id, seen in self._seen.items():
                fresh = Memory(said=seen.memory.said, standing=seen.memory.standing)
                now = look(session, matter_id, 0)
                if now.matter != self[matter_id].matter or now.seats != self[matter_id].seats:
                    raise LawBroken(whatever_changes_was_seen, "it changed unseen", self.place("the end", at, now))
                self._judge(Look(step, None, now, fresh, shared), AT_THE_END)

    def place(self, what: str, at: datetime, snapshot: Snapshot | None = None) -> Place:
        """Where we are now, for a law that is broken."""
        if snapshot is None:
            return Place(self.steps, what, self._clock.now, at)
        with self._database.reading() as session:
            chain = tuple(entries(session, snapshot.matter.id)[-LAST_ENTRIES:])
        return Place(self.steps, what, self._clock.now, at, snapshot.matter.reference, chain)


def _with(step: Step, said: tuple[Said, ...]) -> Step:
    """The step as far as one matter is concerned: of a bulk, each has its own opinion."""
    if not said:
        return step
    return Step(
        step.number,
        step.what,
        step.at,
        step.by,
        step.refusal,
        step.seat_id,
        step.expected_version,
        said,
        step.taken_back,
    )
