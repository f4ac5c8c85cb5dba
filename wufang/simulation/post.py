"""The post in the simulation: notices claimed, sent and received by the real functions, over a transport that fails."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from models.database import Database
from models.mailbox import Message
from models.notice import claiming, receiving
from models.notice.claiming import Addressed
from models.notice.tables import Notice, NoticeStatus
from tasks.letters import CHUNK, Posted, attempt_of
from tasks.mail.delivering import Ambiguous, Outcome, Sent, deliver
from tasks.mail.transport import Receipt, Refused, TryLater, Unclear
from wufang.simulation.attempting import Replaced
from wufang.simulation.chance import Chance
from wufang.simulation.clock import Clock
from wufang.simulation.engine import Lateness, nothing_due_is_left_behind
from wufang.simulation.faults import Counts, Fate, Killed, Rates, draw_fate, interleave
from wufang.simulation.witness import Done, LawBroken, Witness

SIZE = 200
TAKEN = frozenset({NoticeStatus.SENDING, NoticeStatus.DELIVERED})


def no_letter_leaves_twice(said: str) -> str:
    """A letter leaves once, but where a kill or an answer that never came left open whether it had."""
    return said


def a_receipt_stands_for_a_letter(said: str) -> str:
    """What the notice says became of the letter is what became of it."""
    return said


class Carrier:
    """A transport that fails by chance, and knows what it took."""

    most = 1

    def __init__(self, chance: Chance, rates: Rates, counts: Counts) -> None:
        self._chance, self._rates, self._counts = chance, rates, counts
        self.taken: Counter[UUID] = Counter()

    def close(self) -> None:
        """Nothing is kept open."""

    def send(self, messages: Sequence[Message]) -> Receipt:
        """Take a letter or not. Raises `Refused`, `TryLater`, `Unclear`."""
        message = messages[0]
        drawn, rates = self._chance.random(), self._rates
        if drawn < rates.refused:
            self._counts.add("letters refused")
            raise Refused("no such address")
        if drawn < rates.refused + rates.later:
            self._counts.add("letters to be sent later")
            raise TryLater("come back", self._chance.choice((None, 60.0)))
        if drawn < rates.refused + rates.later + rates.unclear:
            self._counts.add("letters without an answer")
            if self._chance.happens(0.5):
                self.taken[message.notice_id] += 1
            raise Unclear("no answer")
        self.taken[message.notice_id] += 1
        return Receipt("simulated", str(message.notice_id))


class Post:
    """Takes rounds of letters."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        witness: Witness,
        chance: Chance,
        rates: Rates,
        counts: Counts,
        replaced: Replaced,
    ) -> None:
        self._database, self._clock, self._witness = database, clock, witness
        self._chance, self._rates, self._counts, self._replaced = chance, rates, counts, replaced
        self.lateness = Lateness()
        self.carrier = Carrier(chance, rates, counts)
        self._excused: Counter[UUID] = Counter()

    def wanted_at(self) -> datetime | None:
        """When the next round is taken."""
        return self.lateness.wanted_at(self._clock, self._witness.alarms.notice, self._patience)

    def _patience(self) -> timedelta:
        return timedelta(minutes=self._chance.choice((1, 20, 60)))

    def round(self) -> None:
        """One round of letters, or two at once. Raises `LawBroken`."""
        at = self._clock.seen
        alarm = self._witness.alarms.notice
        if alarm is not None and not self.lateness.explains(at - alarm):
            said = f"a letter is due since {alarm}; the faults explain {self.lateness.explained}"
            raise LawBroken(nothing_due_is_left_behind, said, self._witness.place("letters", at))
        workers = [self._work(at, draw_fate(self._chance, self._rates, self._counts))]
        if self._chance.happens(self._rates.two_workers):
            workers.append(self._work(at, Fate(self._counts)))
        if interleave(self._chance, workers):
            self.lateness.die(self._clock, timedelta(seconds=self._chance.choice((5, 60, 900, 7200))))
        elif (alarm := self._witness.alarms.notice) is None or alarm > at:
            self.lateness.be_whole()

    def _work(self, at: datetime, fate: Fate) -> Iterator[int]:
        claim = self._replaced.get(claiming.claim, claiming.claim)
        claimed: Sequence[Addressed] = self._database.write(claim, at, SIZE)
        self._counts.add("rounds of letters")
        self._witness.step(Done("letters claimed", ()), at)
        yield 0
        for start in range(0, len(claimed), CHUNK):
            part = claimed[start : start + CHUNK]
            place = fate.next()
            if place == "before":
                raise Killed()
            self._send(part, at, is_cut_off=place == "within")
            yield len(part)
            if place == "after":
                raise Killed()

    def _send(self, part: Sequence[Addressed], at: datetime, *, is_cut_off: bool) -> None:
        """Send a part; where it is cut off, some have left and no receipt is written."""
        if is_cut_off:
            part = part[: self._chance.randint(0, len(part))]
        posted = [Posted(one.notice_id, one.letter, self._deliver(one, at)) for one in part]
        if is_cut_off:
            self._excused.update(one.notice_id for one in posted if isinstance(one.outcome, Sent))
            raise Killed()
        record = self._replaced.get(receiving.record, receiving.record)
        self._database.write(record, [attempt_of(one) for one in posted], at)
        self._witness.step(Done("letters sent", ()), at)
        self._check(posted, at)

    def _deliver(self, one: Addressed, at: datetime) -> Outcome:
        before = self.carrier.taken[one.notice_id]
        message = Message(one.notice_id, one.to, "", "", "", one.language, one.letter, at)
        [outcome] = deliver(self.carrier, [message])
        self._counts.add("letters")
        if isinstance(outcome, Ambiguous):
            self._excused[one.notice_id] += self.carrier.taken[one.notice_id] - before
        if self.carrier.taken[one.notice_id] > 1 + self._excused[one.notice_id]:
            said = f"notice {one.notice_id} ({one.letter}) left {self.carrier.taken[one.notice_id]} times"
            raise LawBroken(no_letter_leaves_twice, said, self._witness.place("letters", at))
        return outcome

    def _check(self, posted: Sequence[Posted], at: datetime) -> None:
        query = select(Notice.id, Notice.status, Notice.wake_at).where(Notice.id.in_([one.notice_id for one in posted]))
        with self._database.reading() as session:
            found = {row.id: row for row in session.execute(query)}
        for one in posted:
            row = found[one.notice_id]
            is_taken = isinstance(one.outcome, Sent)
            if (row.status in TAKEN) != is_taken or (is_taken and row.wake_at is not None):
                said = f"notice {one.notice_id}: {type(one.outcome).__name__}, but it is {row.status}"
                raise LawBroken(a_receipt_stands_for_a_letter, said, self._witness.place("letters", at))
