"""People at their desks: who sits down when to what waits for them, and what they do there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from models import deputy, hats
from models.calendars import district_calendar
from models.consultation.in_bulk import agree_in_bulk
from models.consultation.tables import SeatStatus
from models.database import Database
from models.errors import RuleBroken
from models.officer import Identity
from models.working_time import Span
from wufang.simulation.attempting import Attempt, Came
from wufang.simulation.chance import Chance
from wufang.simulation.choosing import FIRST, HELD, LATER, Desk, choose, on_behalf, trespass
from wufang.simulation.clock import Clock
from wufang.simulation.diary import Diary
from wufang.simulation.faults import Counts, Rates
from wufang.simulation.laws import Look
from wufang.simulation.looking import Row
from wufang.simulation.tempers import AWAY, Person, Town
from wufang.simulation.witness import Witness

MOST_AT_ONCE = 12  # seats of one sitting
BULK_FROM = 3  # seats that wait, for agreeing in bulk to come to mind
CALENDAR = district_calendar()
Do = Callable[[Identity, Attempt], Came]


@dataclass(slots=True)
class People:
    """The officers who answer. `do` is how anything is done: an attempt that the witness sees."""

    town: Town
    clock: Clock
    diary: Diary
    witness: Witness
    chance: Chance
    rates: Rates
    counts: Counts
    database: Database
    do: Do
    inbox: dict[UUID, dict[UUID, UUID]] = field(default_factory=dict[UUID, dict[UUID, UUID]])  # seats by organisation

    def hear(self, looks: Sequence[Look]) -> None:
        """What a step has changed on people's lists; those who are newly asked, or reminded, will sit down to it."""
        for look in looks:
            reminded = {str(one) for entry in look.now.entries for one in entry.body.get("seats", ())}
            for seat in look.now.seats.values():
                listed = self.inbox.setdefault(seat.organisation_id, {})
                is_new = seat.status is SeatStatus.ASKED and seat.id not in listed
                if seat.status is not SeatStatus.ASKED:
                    listed.pop(seat.id, None)
                elif is_new or str(seat.id) in reminded:
                    listed[seat.id] = look.now.matter.id
                    self._call(seat.organisation_id)

    def _call(self, organisation_id: UUID) -> None:
        """Everybody there who is not about to sit down anyway thinks of it."""
        for person in self.town.people[organisation_id]:
            is_away = person.is_away(self.clock.now)
            sitting = person.deputy if is_away else person
            if sitting is None or organisation_id in sitting.sits_at:
                continue
            if self.chance.happens(sitting.temper.answers):
                self._plan(sitting, person if is_away else None, organisation_id)

    def _plan(self, sitting: Person, absent: Person | None, organisation_id: UUID) -> None:
        minutes = self.chance.randint(sitting.temper.soonest, sitting.temper.latest)
        at = CALENDAR.after(self.clock.now, Span(working_minutes=minutes))
        sitting.sits_at[organisation_id] = at
        self.diary.plan(at, lambda: self._sit(sitting, absent, organisation_id))

    def _sit(self, person: Person, absent: Person | None, organisation_id: UUID) -> None:
        person.sits_at.pop(organisation_id, None)
        if person.is_away(self.clock.now):
            return
        who = self._hat(person, absent)
        waiting = list(self.inbox.get(organisation_id, {}).items())
        if who is None or not waiting:
            return
        if len(waiting) >= BULK_FROM and self.chance.happens(0.4):
            self._agree_in_bulk(who, waiting)
            waiting = list(self.inbox[organisation_id].items())
        for seat_id, matter_id in waiting[:MOST_AT_ONCE]:
            if seat_id in self.inbox[organisation_id]:
                self._answer(person, who, matter_id, seat_id)
        if self.inbox[organisation_id]:
            self._call(organisation_id)

    def _hat(self, person: Person, absent: Person | None) -> Identity | None:
        """Who they act as: themselves, or as the deputy of one who is away."""
        if absent is None:
            return person.who
        try:
            with self.database.reading() as session:
                return hats.as_deputy(session, person.who, absent.who.officer_id, self.clock.seen)
        except RuleBroken as broken:
            self.counts.add(f"refused: {broken.code}")
            return None

    def _agree_in_bulk(self, who: Identity, waiting: list[tuple[UUID, UUID]]) -> None:
        chosen = waiting[:20]
        seats = [(seat_id, self.witness[matter_id].seats[seat_id].version) for seat_id, matter_id in chosen]
        self.do(who, Attempt(agree_in_bulk, (seats,), tuple(dict.fromkeys(matter_id for _, matter_id in chosen))))

    def _answer(self, person: Person, who: Identity, matter_id: UUID, seat_id: UUID) -> None:
        desk = self._desk(person, who, matter_id, seat_id)
        holder = desk.seat.holder_id
        if holder is not None and holder != who.officer_id and self.chance.happens(0.8):
            return  # a colleague has it
        is_advice = holder == who.officer_id and desk.seat.delegated_by_id is not None
        self.do(who, choose(desk, HELD if is_advice else FIRST))
        self.clock.pass_by(timedelta(seconds=self.chance.randint(5, 40)))
        if self.chance.happens(self.rates.trespasses):
            self._trespass(matter_id, seat_id)
        if self.chance.happens(0.12):
            self._think_again(person, who, matter_id, seat_id)

    def _desk(self, person: Person, who: Identity, matter_id: UUID, seat_id: UUID) -> Desk:
        snapshot = self.witness[matter_id]
        return Desk(self.chance, self.clock, self.town, person, who, snapshot, snapshot.seats[seat_id])

    def _think_again(self, person: Person, who: Identity, matter_id: UUID, seat_id: UUID) -> None:
        """Later on the same day, or the next, somebody has second thoughts, or speaks for one who does not answer."""

        def later() -> None:
            desk = self._desk(person, who, matter_id, seat_id)
            silent = [seat for seat in desk.snapshot.seats.values() if seat.status is SeatStatus.ASKED]
            if silent and self.chance.happens(0.3):
                seat: Row = self.chance.choice(silent)
                self.do(who, on_behalf(self._desk(person, who, matter_id, seat.id)))
            else:
                self.do(who, choose(desk, LATER))

        minutes = self.chance.randint(1, 400)
        self.diary.plan(CALENDAR.after(self.clock.now, Span(working_minutes=minutes)), later)

    def _trespass(self, matter_id: UUID, seat_id: UUID) -> None:
        """Somebody without authority tries the same seat: a stranger, or one of its organisation who may only read."""
        seat = self.witness[matter_id].seats[seat_id]
        reader = self.town.readers.get(seat.organisation_id)
        filer = self.witness[matter_id].matter.organisation_id
        strangers = [
            one for one in self.town.everybody() if one.who.organisation_id not in {seat.organisation_id, filer}
        ]
        person = reader if reader is not None and self.chance.happens(0.5) else self.chance.choice(strangers)
        self.do(person.who, trespass(self._desk(person, person.who, matter_id, seat_id)))

    def plan_absences(self, days: int) -> None:
        """Those who are often away go a few times, each time with a deputy."""
        for person in self.town.everybody():
            if person.temper is AWAY:
                for first in range(self.chance.randint(2, 20), days, 30):
                    at = self.clock.now + timedelta(days=first, hours=self.chance.randint(1, 12))
                    self.diary.plan(at, lambda person=person: self._leave(person))

    def _leave(self, person: Person) -> None:
        """Appoint a deputy from now on, or from a little later, and go; now and then without anybody."""
        if person.is_away(self.clock.now):
            return
        own = [one for one in self.town.people[person.who.organisation_id] if one is not person]
        second = self.chance.choice(own or self.town.everybody())
        until = self.clock.now + timedelta(days=self.chance.randint(2, 12))
        values = (person.who.officer_id, second.who.officer_id, self.clock.seen, until + self.clock.error)
        came = self.do(person.who, Attempt(deputy.appoint, values, ()))
        if came.refusal is None or self.chance.happens(0.3):
            person.away_until, person.deputy = until, second if came.refusal is None else None
