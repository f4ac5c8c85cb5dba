"""Clerks of property companies: they file riders, put right what comes back, and now and then think better of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from models.clock import SHANGHAI, local_date
from models.consultation.urging import urge
from models.consultation.withdrawing import withdraw
from models.crypto import Vault
from models.district import Compound
from models.filing.submitting import Submission, Submitted, submit, submit_again
from models.matter import MatterStatus
from models.officer import Identity
from models.rider_rules import RiderLine
from models.working_time import Span, WorkCalendar
from wufang.make import GIVEN, PLATFORMS, SURNAMES
from wufang.simulation.attempting import Attempt
from wufang.simulation.chance import Chance
from wufang.simulation.clock import Clock
from wufang.simulation.diary import Diary, Event
from wufang.simulation.laws import Look
from wufang.simulation.people import CALENDAR, Do
from wufang.simulation.tempers import Person
from wufang.simulation.witness import Witness

RIDERS = 4000  # people whom the companies file, again and again
MOST_LINES = 4


@dataclass(slots=True)
class Filers:
    """The clerks."""

    clerks: dict[UUID, Person]  # by property company
    compounds: Sequence[Compound]
    vault: Vault
    clock: Clock
    diary: Diary
    witness: Witness
    chance: Chance
    do: Do

    def plan(self, count: int, first: date, days: int) -> None:
        """`count` filings at chance moments of the working time of so many days."""
        worked = _working_days(first, days)
        for _ in range(count if worked else 0):
            self.diary.plan(_moment(self.chance, CALENDAR, self.chance.choice(worked)), self._file)

    def _file(self) -> None:
        place = self.chance.choice(self.compounds)
        own = [one for one in self.compounds if one.property_id == place.property_id]
        places = {place.id} | ({self.chance.choice(own).id} if self.chance.happens(0.15) else set())
        lines = self._riders()
        digest = self.chance.randbytes(32).hex()
        submission = Submission(tuple(sorted(places)), lines, "", digest)
        who = self.clerks[place.property_id].who
        attempt = Attempt(submit, (self.vault, submission), ())
        filed: Submitted = self.do(who, attempt).result
        if self.chance.happens(0.03):  # the button is pressed twice
            self.do(who, Attempt(submit, (self.vault, submission), (filed.matter_id,)))
        if self.chance.happens(0.03):
            self._later(lambda: self._withdraw(who, filed.matter_id), 1500)
        if self.chance.happens(0.1):
            self._later(lambda: self._urge(who, filed.matter_id), 1500)

    def _riders(self) -> tuple[RiderLine, ...]:
        starts_on = local_date(self.clock.seen)
        people = self.chance.sample(range(RIDERS), self.chance.randint(1, MOST_LINES))
        return tuple(
            RiderLine(
                name=SURNAMES[one % len(SURNAMES)] + GIVEN[one % len(GIVEN)],
                phone=f"170{one:08d}",
                platform=PLATFORMS[one % len(PLATFORMS)],
                station="定和站",
                plate=f"豫H{one:05d}",
                starts_on=starts_on,
                ends_on=starts_on + timedelta(days=self.chance.randint(20, 364)),
                note="",
            )
            for one in people
        )

    def hear(self, looks: Sequence[Look]) -> None:
        """What was returned is put right some days later, withdrawn, or left to rest."""
        for look in looks:
            before = look.before.matter.status if look.before else None
            if look.now.matter.status is MatterStatus.RETURNED and before is not MatterStatus.RETURNED:
                who = self.clerks[look.now.matter.organisation_id].who
                matter_id = look.now.matter.id
                if self.chance.happens(0.75):
                    self._later(lambda who=who, matter_id=matter_id: self._submit_again(who, matter_id), 900)
                elif self.chance.happens(0.6):
                    self._later(lambda who=who, matter_id=matter_id: self._withdraw(who, matter_id), 900)

    def _later(self, event: Event, minutes: int) -> None:
        span = Span(working_minutes=self.chance.randint(5, minutes))
        self.diary.plan(CALENDAR.after(self.clock.now, span), event)

    def _submit_again(self, who: Identity, matter_id: UUID) -> None:
        matter = self.witness[matter_id].matter
        lines = range(1, matter.line_count + 1)
        drop = frozenset({self.chance.choice(lines)}) if self.chance.happens(0.3) else frozenset[int]()
        version = self._version(matter.version)
        self.do(who, Attempt(submit_again, (matter_id, drop, "已补充停放方案", version), (matter_id,)))

    def _withdraw(self, who: Identity, matter_id: UUID) -> None:
        version = self._version(self.witness[matter_id].matter.version)
        self.do(who, Attempt(withdraw, (matter_id, "不再申报", version), (matter_id,)))

    def _urge(self, who: Identity, matter_id: UUID) -> None:
        self.do(who, Attempt(urge, (matter_id,), (matter_id,)))

    def _version(self, newest: int) -> int | None:
        return self.chance.choices((newest, newest - 1, None), weights=(50, 5, 45))[0]


def _working_days(first: date, days: int) -> list[date]:
    return [day for one in range(days) if CALENDAR.is_working_day(day := first + timedelta(days=one))]


def _moment(chance: Chance, calendar: WorkCalendar, day: date) -> datetime:
    """A second of a day's working time."""
    begins, ends = chance.choice(calendar.hours.periods)
    span = datetime.combine(day, ends, SHANGHAI) - datetime.combine(day, begins, SHANGHAI)
    return datetime.combine(day, begins, SHANGHAI) + timedelta(seconds=chance.randrange(int(span.total_seconds())))
