"""Climbing the ladder: reminders, escalation and lapse, each once, each in the record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from models import matter as matters
from models.base import uuid7
from models.consultation import ladder, seats, ties, waiting
from models.consultation.ladder import Rung, RungKind
from models.consultation.settling import note_late, settle_if_decided
from models.consultation.tables import Opinion, OpinionKind, Seat, SeatStatus, Stage, StageStatus
from models.consultation.telling import Telling, facts_of, tell_organisation, tell_seats, titled
from models.district import Organisation, lead_department, superior
from models.matter import Act, Matter
from models.notice.tables import Letter
from models.protocol.schema import Answering, LapseWay, Level, Protocol, UnseenAct
from models.record import Actor
from models.working_time import Span, WorkCalendar

A_WORKING_DAY = Span(working_days=1)


@dataclass(frozen=True, slots=True)
class Climb:
    """What one rung is done with. `raised`: seats that this very climb has put in the stead of others: not late yet."""

    session: Session
    matter: Matter
    stage: Stage
    protocol: Protocol
    at: datetime
    actor: Actor
    calendar: WorkCalendar
    raised: set[UUID] = field(default_factory=set[UUID])

    def record(self, kind: str, body: dict[str, Any]) -> None:
        """One entry about this stage."""
        act = Act(kind, {"stage": self.stage.key} | body)
        matters.append(self.session, self.matter, act, self.at, self.actor)

    def silent(self) -> list[Seat]:
        """The seats that are asked and have not answered."""
        return waiting.table_of(self.session, self.stage).silent()

    def overdue(self) -> list[Seat]:
        """Those of them whose word decides something: nobody answers in the stead of one that is only heard."""
        table = waiting.table_of(self.session, self.stage)
        return [seat for seat in table.silent() if not table.is_heard(seat)]

    def rising(self) -> list[Seat]:
        """Those of them that the next level up is asked for: of a place that several answer for, the highest."""
        late = self.overdue()
        below = {seat.stands_for_id for seat in late}
        return [seat for seat in late if seat.id not in below | self.raised]

    def note_late(self) -> None:
        """The deadline has passed: mark the matter, and the seats that have missed theirs."""
        note_late(self.matter, self.stage, self.at)
        for seat in self.silent():
            if seat.due_at <= self.at:
                seat.late_at = seat.late_at or seat.due_at
        ties.lapse_request(self.session, self.matter, self.stage, self.protocol, self.at, self.actor)

    def free(self) -> None:
        """Ask those who have waited for a signer long enough; what this rung does to the late, it does to them too."""
        if self.stage.has_added:
            waiting.free(self.session, self.matter, self.stage, self.at, self.actor)
            self.session.flush()

    def tell(self, to: Sequence[Seat], letter: Letter, rung: Rung) -> None:
        """A letter that belongs to this rung."""
        telling = Telling(letter, f"{rung.kind}-{rung.at.isoformat()}")
        tell_seats(self.session, self.matter, self.protocol, self.stage, to, telling, self.at)


def climb(session: Session, matter: Matter, at: datetime, actor: Actor, calendar: WorkCalendar) -> None:
    """Do every rung that is due at `at`, in order, and set the alarm to the next one.

    Reminders that were slept through until after the deadline are passed over: an escalation says more.
    """
    stage = seats.open_stage(session, matter.id)
    consultation = seats.running(session, matter.id)
    assert stage is not None
    assert consultation is not None
    protocol = seats.protocol_of(session, consultation)
    step = Climb(session, matter, stage, protocol, at, actor, calendar)
    while stage.status is StageStatus.OPEN and stage.rung < len(stage.ladder):
        rung = Rung.of(stage.ladder[stage.rung])
        if rung.at > at:
            matter.wake_at = rung.at
            return
        stage.rung += 1
        is_before = rung.kind in {RungKind.LOOK, RungKind.REMIND}
        if not is_before and not _extends_in_time(rung, stage):
            step.note_late()
        if not is_before:
            step.free()
        if not is_before or at < stage.due_at:
            DO[rung.kind](step, rung)
    if stage.status is StageStatus.OPEN and not stage.needs_asking:
        _add_rung(step, ladder.urge(at, calendar))


def _extends_in_time(rung: Rung, stage: Stage) -> bool:
    """Whether the protocol itself moves the deadline at the very instant at which it would pass: then nobody is late."""
    return rung.way is LapseWay.EXTEND and rung.at <= stage.due_at


def _remind(step: Climb, rung: Rung) -> None:
    silent = step.silent()
    step.tell(silent, Letter.REMINDER, rung)
    step.record("reminded", {"seats": [str(seat.id) for seat in silent]})


def _remind_unseen(step: Climb, rung: Rung) -> None:
    """The other clock: those who have not even looked are reminded, and where the protocol says so, their superiors told."""
    unseen = [seat for seat in step.silent() if seat.looked_at is None]
    acts = step.protocol.stage(step.stage.key).unseen
    if unseen and UnseenAct.REMIND in acts:
        step.tell(unseen, Letter.REMINDER, rung)
        step.record("reminded", {"seats": [str(seat.id) for seat in unseen], "unseen": True})
    for seat in unseen if UnseenAct.INFORM in acts else ():
        _inform(step, seat)


def _inform(step: Climb, seat: Seat) -> None:
    """The superior learns of it and may read the matter; it is asked nothing yet."""
    unseen = step.session.get_one(Organisation, seat.organisation_id)
    above = _above(step, unseen, Level.SUPERIOR)
    if above is None:
        return
    matters.let_read(step.session, step.matter.id, [above.id], is_copy=True)
    step.record("informed", {"seat": str(seat.id), "from": unseen.code, "to": above.code})
    facts = facts_of(step.session, step.matter, step.protocol) | {
        "stage": titled(step.protocol.stage(step.stage.key).title),
        "due_at": seat.due_at.isoformat(),
        "unseen": titled(unseen.name),
    }
    cause = f"{seat.id}:unseen-{seat.version}"
    tell_organisation(step.session, step.matter, above.id, facts, Telling(Letter.UNSEEN, cause), cause, step.at)


def _mark_late(_step: Climb, _rung: Rung) -> None:
    """Nothing but what every rung after the deadline does first: the matter is marked as late."""


def _escalate(step: Climb, rung: Rung) -> None:
    for seat in step.rising():
        _escalate_seat(step, rung, seat)


def _escalate_seat(step: Climb, rung: Rung, seat: Seat) -> None:
    """The next level up is asked to answer for a late seat; above the lead department there is nobody.

    A seat that one colleague had in hand is the whole organisation's again.
    """
    seat.holder_id = seat.delegated_by_id = None
    late = step.session.get_one(Organisation, seat.organisation_id)
    above = _above(step, late, rung.to or Level.SUPERIOR)
    if above is None or _stands_already(step, seat, above):
        step.tell([seat], Letter.REMINDER, rung)
        step.record("reminded", {"seats": [str(seat.id)], "late": True})
        return
    standing = Seat(
        id=uuid7(),
        stage_id=seat.stage_id,
        matter_id=seat.matter_id,
        organisation_id=above.id,
        party=seat.party,
        turn=seat.turn,
        status=SeatStatus.ASKED,
        asked_at=step.at,
        stands_for_id=seat.id,
        due_at=_next_rung_at(step),
    )
    step.session.add(standing)
    step.raised.add(standing.id)
    seat.late_at, seat.escalated_at = seat.late_at or min(seat.due_at, step.at), step.at
    in_stead = rung.answering is not Answering.ALONGSIDE
    step.stage.has_ties = step.stage.has_ties or not in_stead
    if in_stead:
        seat.move(SeatStatus.ESCALATED)
    matters.let_read(step.session, step.matter.id, [above.id])
    step.record("escalated", {"seat": str(seat.id), "from": late.code, "to": above.code, "in_stead": in_stead})
    _tell_of_escalation(step, rung, seat, standing, late, above)


def _next_rung_at(step: Climb) -> datetime:
    """By when the superior is asked to answer: the next rung or, after the ladder's end, the next working day."""
    coming = [Rung.of(data) for data in step.stage.ladder[step.stage.rung :]]
    later = [rung.at for rung in coming if rung.at > step.at and rung.kind is not RungKind.URGE]
    return later[0] if later else step.calendar.after(step.at, A_WORKING_DAY)


def _above(step: Climb, late: Organisation, level: Level) -> Organisation | None:
    if level is Level.SUPERIOR:
        return superior(step.session, late)
    lead = lead_department(step.session, step.matter.district_id)
    return None if lead.id == late.id else lead


def _stands_already(step: Climb, seat: Seat, above: Organisation) -> bool:
    listed = seats.seats_of(step.session, step.stage.id)
    return any(other.stands_for_id == seat.id and other.organisation_id == above.id for other in listed)


def _may_rise(step: Climb, seat: Seat) -> bool:
    """Whether the district can still be asked in its stead."""
    above = _above(step, step.session.get_one(Organisation, seat.organisation_id), Level.DISTRICT)
    return above is not None and not _stands_already(step, seat, above)


def _tell_of_escalation(
    step: Climb, rung: Rung, seat: Seat, standing: Seat, late: Organisation, above: Organisation
) -> None:
    """督办 to the superior, and a word to the one who was late."""
    shared = facts_of(step.session, step.matter, step.protocol) | {
        "stage": titled(step.protocol.stage(step.stage.key).title),
        "due_at": standing.due_at.isoformat(),
        "late": titled(late.name),
        "superior": titled(above.name),
        "in_stead": rung.answering is not Answering.ALONGSIDE,
    }
    for letter, one in ((Letter.ESCALATION, standing), (Letter.LATE, seat)):
        cause = f"{one.id}:{rung.at.isoformat()}"
        tell_organisation(
            step.session, step.matter, one.organisation_id, shared, Telling(letter, cause), cause, step.at
        )


def _urge(step: Climb, rung: Rung) -> None:
    """Who was asked after the ladder's end, such as a signer added then, gets to the district by this way."""
    to_district = Rung(RungKind.ESCALATE, rung.at, Level.DISTRICT, Answering.IN_STEAD)
    silent = step.silent()
    for seat in step.rising():
        if seat.due_at <= step.at and _may_rise(step, seat):
            _escalate_seat(step, to_district, seat)
    silent = [seat for seat in silent if seat.status is SeatStatus.ASKED]
    if silent:
        step.tell(silent, Letter.REMINDER, rung)
        step.record("urged", {"seats": [str(seat.id) for seat in silent]})
    _add_rung(step, ladder.urge(step.at, step.calendar))


def _lapse(step: Climb, rung: Rung) -> None:
    """The end of the ladder: what silence means is the protocol's word."""
    LAPSES[rung.way or LapseWay.ESCALATE](step, rung)


def _lapse_to_district(step: Climb, rung: Rung) -> None:
    for seat in step.rising():
        _escalate_seat(step, Rung(RungKind.ESCALATE, rung.at, Level.DISTRICT, Answering.IN_STEAD), seat)
    _add_rung(step, ladder.urge(step.at, step.calendar))


def _extend(step: Climb, _rung: Rung) -> None:
    rule = step.protocol.stage(step.stage.key)
    due_at, rungs = ladder.extend(rule, step.stage.due_at, step.at, step.calendar)
    step.stage.ladder = [rung.to_data() for rung in rungs]
    step.stage.rung, step.stage.due_at, step.stage.is_extended = 0, due_at, True
    for seat in waiting.table_of(step.session, step.stage).seats:
        if seat.status in {SeatStatus.ASKED, SeatStatus.WAITING}:
            seat.due_at = due_at
            seat.version += 1
    step.record("extended", {"due_at": due_at.isoformat()})
    step.tell(step.silent(), Letter.REMINDER, Rung(RungKind.REMIND, due_at))


def _deem(kind: OpinionKind) -> Callable[[Climb, Rung], None]:
    def deem(step: Climb, _rung: Rung) -> None:
        while late := step.overdue():
            for seat in _lowest(late):
                opinion_id = _deemed_opinion(step, seat.id, kind)
                seat.move(SeatStatus.ANSWERED)
                seat.answer, seat.opinion_id, seat.answered_at = kind, opinion_id, step.at
                step.record("deemed", {"seat": str(seat.id), "kind": kind.value})
            step.session.flush()
            step.free()  # signers that were added after one of these
            if step.stage.has_ties:
                ties.release(step.session, step.matter, step.stage, step.protocol, step.at, step.actor)
        settle_if_decided(step.session, step.matter, step.stage, step.at, step.actor)

    return deem


def _lowest(late: Sequence[Seat]) -> list[Seat]:
    """Of those who may answer for one place, the one whose place it is: silence is one answer and not several."""
    ids = {seat.id for seat in late}
    return [seat for seat in late if seat.stands_for_id not in ids]


def _deemed_opinion(step: Climb, seat_id: UUID, kind: OpinionKind) -> UUID:
    """The system's opinion: no officer, marked so in the record and on every page."""
    opinion = Opinion(id=uuid7(), seat_id=seat_id, matter_id=step.matter.id, kind=kind, at=step.at)
    step.session.add(opinion)
    return opinion.id


def _add_rung(step: Climb, rung: Rung) -> None:
    step.stage.ladder = [*step.stage.ladder, rung.to_data()]
    step.matter.wake_at = rung.at


DO: dict[RungKind, Callable[[Climb, Rung], None]] = {
    RungKind.LOOK: _remind_unseen,
    RungKind.REMIND: _remind,
    RungKind.LATE: _mark_late,
    RungKind.ESCALATE: _escalate,
    RungKind.LAPSE: _lapse,
    RungKind.URGE: _urge,
}
LAPSES: dict[LapseWay, Callable[[Climb, Rung], None]] = {
    LapseWay.ESCALATE: _lapse_to_district,
    LapseWay.EXTEND: _extend,
    LapseWay.CONSENT: _deem(OpinionKind.AGREE),
    LapseWay.REFUSAL: _deem(OpinionKind.OBJECT),
}
