"""One run of the simulation: a district, its people and its faults, from one event to the next."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from models.base import identifiers_from
from models.clock import SHANGHAI
from models.crypto import Vault
from models.database import Database
from models.district import Compound
from models.matter import Matter
from models.officer import Identity
from models.verifying import verify
from wufang.demo_district import seed as seed_district
from wufang.simulation.attempting import Attempt, Came, Replaced, attempt
from wufang.simulation.chance import Chance
from wufang.simulation.clock import Clock, Identifiers
from wufang.simulation.diary import Diary
from wufang.simulation.digest import digest
from wufang.simulation.engine import Engine
from wufang.simulation.faults import CLOCK_ERRORS, LASTS, Counts, Rates
from wufang.simulation.filers import Filers
from wufang.simulation.laws import Look
from wufang.simulation.people import People
from wufang.simulation.post import Post
from wufang.simulation.tempers import clerks, settle
from wufang.simulation.witness import LawBroken, Witness

FIRST_DAY = date(2026, 1, 1)  # the last year whose holidays are known
MATTERS_A_YEAR = 2000
YEAR_DAYS = 365
VAULT = Vault({"seal-1": bytes(range(32))}, "seal-1", bytes(range(32, 64)))  # nobody real is in it


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a run is made from; equal arguments, equal runs."""

    seed: int
    days: int = YEAR_DAYS
    matters: int | None = None  # None: as many as a district has in so many days
    rates: Rates = field(default_factory=Rates)

    @property
    def filings(self) -> int:
        """How many matters are filed."""
        return round(MATTERS_A_YEAR * self.days / YEAR_DAYS) if self.matters is None else self.matters


@dataclass(frozen=True, slots=True)
class Told:
    """What a run came to."""

    digest: str
    steps: int
    statuses: dict[str, int]
    counts: Counts


def every_record_is_whole(said: str) -> str:
    """At the end every record's chain, status and opinions are what the tables say."""
    return said


class Year:
    """A run over an empty database that has all its tables."""

    def __init__(self, database: Database, arguments: Arguments, replaced: Replaced | None = None) -> None:
        self._database, self._arguments, self._replaced = database, arguments, replaced or {}
        self._chance = Chance(arguments.seed)
        self._clock = Clock(datetime.combine(FIRST_DAY, time(), SHANGHAI))
        self._end = self._clock.now + timedelta(days=arguments.days)
        self._diary = Diary()
        self.counts = Counts()

    def run(self, say: Callable[[str], None] = lambda _: None) -> Told:
        """Until the last day is over. Raises `LawBroken`."""
        with identifiers_from(Identifiers(self._clock)):
            self._settle()
            try:
                self._go_on(say)
                return self._end_well()
            finally:
                self.witness.close()

    def _settle(self) -> None:
        database, chance, rates = self._database, self._chance, self._arguments.rates
        seed_district(database)
        with database.reading() as session:
            town = settle(session, chance)
            compounds = session.scalars(select(Compound).order_by(Compound.code)).all()
        readers = frozenset(one.who.officer_id for one in town.readers.values())
        self.witness = Witness(database, self._clock, readers)
        shared = (database, self._clock, self.witness, chance, rates, self.counts, self._replaced)
        self._engine, self._post = Engine(*shared, self._hear), Post(*shared)
        self._people = People(
            town, self._clock, self._diary, self.witness, chance, rates, self.counts, database, self._do
        )
        self._filers = Filers(clerks(town), compounds, VAULT, self._clock, self._diary, self.witness, chance, self._do)
        self._filers.plan(self._arguments.filings, FIRST_DAY, self._arguments.days)
        self._people.plan_absences(self._arguments.days)
        self._plan_clock_steps(rates.clock_steps)

    def _plan_clock_steps(self, a_year: float) -> None:
        """The system's clock is wrong for a while, by an hour or a day, now one way and now the other."""
        count = max(len(CLOCK_ERRORS), round(a_year * self._arguments.days / YEAR_DAYS))
        every = (self._end - self._clock.now) / (count + 1)
        for place in range(count):
            error = CLOCK_ERRORS[place % len(CLOCK_ERRORS)]
            at = self._clock.now + every * (place + self._chance.random())
            self._diary.plan(at, lambda error=error: self._set_clock(error))
            self._diary.plan(at + min(self._chance.choice(LASTS), every), lambda: self._set_clock(timedelta()))

    def _set_clock(self, error: timedelta) -> None:
        ahead = error - self._clock.error
        if ahead:
            self.counts.add(f"clock steps of {'a day' if abs(ahead) >= timedelta(days=1) else 'an hour'}")
        self._clock.step(error)
        for part in (self._engine, self._post):
            part.lateness.excuse(ahead)

    def _do(self, who: Identity, one: Attempt) -> Came:
        came = attempt(self.witness, self._database.write, who, one, self._clock.seen, self._replaced)
        self.counts.add("acts")
        self.counts.add(f"refused: {came.refusal}" if came.refusal else f"done: {one.name}")
        self._hear(came.looks)
        return came

    def _hear(self, looks: Sequence[Look]) -> None:
        self._people.hear(looks)
        self._filers.hear(looks)

    def _go_on(self, say: Callable[[str], None]) -> None:
        month = 0
        while (event := self._next()) is not None:
            at, act = event
            self._clock.reach(at)
            began = self._clock.now
            act()
            for part in (self._engine, self._post):
                part.lateness.excuse(self._clock.now - began)
            today = self._clock.now.astimezone(SHANGHAI)
            if today.month != month:
                month = today.month
                say(f"{today:%Y-%m}: {len(self.witness.matters())} matters, {self.witness.steps} steps")

    def _next(self) -> tuple[datetime, Callable[[], None]] | None:
        """What comes next: an event of the diary, a round, or letters; None at the end."""
        wanted = [(self._diary.next_at, self._happen), (self._engine.wanted_at(), self._engine.round)]
        wanted.append((self._post.wanted_at(), self._post.round))
        coming = [(at, act) for at, act in wanted if at is not None and at < self._end]
        return min(coming, key=lambda one: one[0]) if coming else None

    def _happen(self) -> None:
        self._diary.take()()

    def _end_well(self) -> Told:
        """The last, full look: by the domain's own verification, and once more by every law over every matter."""
        with self._database.reading() as session:
            found = verify(session)
            statuses = Counter(one.value for one in session.scalars(select(Matter.status)))
            made = digest(session)
            known: Sequence[UUID] = session.scalars(select(Matter.id).order_by(Matter.id)).all()
        if found.broken or set(known) != set(self.witness.matters()):
            said = "; ".join(str(one) for one in found.broken) or "a matter came from nowhere"
            raise LawBroken(every_record_is_whole, said, self.witness.place("the end", self._clock.seen))
        self.witness.look_again(self._clock.seen)
        return Told(made, self.witness.steps, dict(sorted(statuses.items())), self.counts)


def lines_of(told: Told, arguments: Arguments, laws: int) -> list[str]:
    """The summary, but for the digest."""
    faults: dict[str, Any] = {
        name: told.counts[name]
        for name in sorted(told.counts)
        if name.startswith(("kills", "clock", "two", "letters "))
    }
    done = {name[6:]: count for name, count in sorted(told.counts.items()) if name.startswith("done: ")}
    refused = {name[9:]: count for name, count in sorted(told.counts.items()) if name.startswith("refused: ")}
    return [
        f"Seed {arguments.seed}: {sum(told.statuses.values())} matters in {arguments.days} days from {FIRST_DAY}.",
        f"Matters: {_listed(told.statuses)}",
        f"Acts done: {_listed(done)}",
        f"Acts refused: {_listed(refused)}",
        f"Rounds: {told.counts['rounds']}, of letters {told.counts['rounds of letters']}; letters {told.counts['letters']}",
        f"Faults: {_listed(faults)}",
        f"All {laws} laws held after each of {told.steps} steps.",
    ]


def _listed(counted: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counted.items()) or "none"
