"""Opening a consultation and its stages: the parties' seats are found from the matter's places."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models import matter as matters
from models.base import uuid7
from models.consultation import ladder, seats, telling, waiting
from models.consultation.settling import settle_if_decided
from models.consultation.stepping_in import step_in
from models.consultation.tables import Consultation, Opinion, OpinionKind, Seat, SeatStatus, Stage, StageOutcome
from models.consultation.telling import Telling
from models.district import Organisation, sitting
from models.errors import RuleBroken
from models.matter import Act, Matter, MatterStatus
from models.notice.tables import Letter
from models.protocol.schema import CopyTime, Mode, Protocol, StageRule
from models.protocol.storing import current, store
from models.record import Actor
from models.words import N_
from models.working_time import WorkCalendar


class NobodySits(RuleBroken):
    """A stage asks for a party that the matter's places do not have."""

    sentence = N_("Stage {stage} has no organisation for the party {party}. Add it to the district, then try again.")


def open_next(session: Session, matter: Matter, at: datetime, actor: Actor, calendar: WorkCalendar) -> None:
    """Take a matter one step: open its consultation, its next stage, or ask the next in turn."""
    if matter.status is MatterStatus.SUBMITTED:
        _open_consultation(session, matter, at, actor, calendar)
        return
    consultation = seats.running(session, matter.id)
    assert consultation is not None
    protocol = seats.protocol_of(session, consultation)
    if consultation.next_stage is not None:
        _open_stage(session, matter, consultation, protocol, at, actor, calendar)
    else:
        _ask_next(session, matter, protocol, at, actor, calendar)


def _open_consultation(session: Session, matter: Matter, at: datetime, actor: Actor, calendar: WorkCalendar) -> None:
    before = seats.running(session, matter.id)
    protocol = current(matter.kind.value)
    store(session, protocol, at)
    consultation = Consultation(
        id=uuid7(),
        matter_id=matter.id,
        number=1 if before is None else before.number + 1,
        protocol_name=protocol.name,
        protocol_version=protocol.version,
        next_stage=protocol.first().key,
        lines_out={} if before is None else _dropped(before),
        opened_at=at,
    )
    if before is not None and before.skip_to in {stage.key for stage in protocol.stages}:
        _resume(consultation, before)
    seats.begin(session, consultation)
    matters.move_on(session, matter, MatterStatus.CONSULTING)
    body = {"protocol": protocol.name, "version": protocol.version, "number": consultation.number}
    matters.append(session, matter, Act("opened", body), at, actor)
    _open_stage(session, matter, consultation, protocol, at, actor, calendar)
    telling.tell_copies(session, matter, protocol, CopyTime.OPENING, {}, at)


def _resume(consultation: Consultation, before: Consultation) -> None:
    """Go on at the stage that returned the matter; what the stages before it decided stands, excepted lines too."""
    consultation.next_stage, consultation.resume_after = before.skip_to, before.resume_after
    consultation.lines_out = before.lines_out


def _dropped(before: Consultation) -> dict[str, object]:
    """The lines that the filer took out before submitting again."""
    return {line: why for line, why in before.lines_out.items() if why.get("is_dropped")}


def _open_stage(
    session: Session,
    matter: Matter,
    consultation: Consultation,
    protocol: Protocol,
    at: datetime,
    actor: Actor,
    calendar: WorkCalendar,
) -> None:
    """Open `consultation.next_stage`: seats, ladder, alarm, letters."""
    rule = protocol.stage(consultation.next_stage or "")
    consultation.next_stage = None
    due_at, rungs = ladder.plan(rule, at, calendar)
    stage = Stage(
        id=uuid7(),
        consultation_id=consultation.id,
        matter_id=matter.id,
        position=len(seats.stages_of(session, consultation.id)) + 1,
        key=rule.key,
        opened_at=at,
        due_at=due_at,
        ladder=[rung.to_data() for rung in rungs],
    )
    session.add(stage)
    session.flush()
    placed = _place(session, matter, rule, stage)
    matters.let_read(session, matter.id, [seat.organisation_id for seat in placed])
    body = {"stage": rule.key, "due_at": due_at.isoformat(), "seats": _codes(session, placed)}
    matters.append(session, matter, Act("stage_opened", body), at, actor)
    matter.wake_at = rungs[0].at
    _declare(session, matter, rule, stage, placed, at)
    asked = [seat for seat in placed if seat.status is SeatStatus.ASKED]
    invitation = Telling(Letter.INVITATION, "opening", _sent_back(session, consultation, protocol, stage))
    _invite(session, matter, protocol, stage, asked, invitation, at, actor)
    if any(seat.answer for seat in placed):
        settle_if_decided(session, matter, stage, at, actor)


def _invite(
    session: Session,
    matter: Matter,
    protocol: Protocol,
    stage: Stage,
    asked: Sequence[Seat],
    invitation: Telling,
    at: datetime,
    actor: Actor,
) -> None:
    """The letters; where nobody of an organisation can be reached, the one above is asked beside it."""
    standing = step_in(session, matter, protocol, stage, asked, at, actor)
    telling.tell_seats(session, matter, protocol, stage, asked, invitation, at, standing)


def _sent_back(session: Session, consultation: Consultation, protocol: Protocol, stage: Stage) -> dict[str, object]:
    """For the invitation: the later stage that sent the matter back to this one, where one did."""
    before = [one for one in seats.stages_of(session, consultation.id) if one.position == stage.position - 1]
    if not before or before[0].outcome is not StageOutcome.SENT_BACK:
        return {}
    return {"sent_back": telling.titled(protocol.stage(before[0].key).title)}


def _place(session: Session, matter: Matter, rule: StageRule, stage: Stage) -> list[Seat]:
    """One seat for each organisation that the rule names; in turn, only the first is asked."""
    places = matters.places(session, matter.id)
    named = matters.named(session, matter.id) if any(seat_rule.named for seat_rule in rule.seats) else ()
    placed: list[Seat] = []
    taken: set[UUID] = set()
    for seat_rule in rule.seats:
        found = sitting(session, seat_rule, places, matter.organisation_id, named)
        if not found and not seat_rule.if_any:
            raise NobodySits(stage=rule.title.zh, party=seat_rule.party.value)
        for organisation in found:
            if organisation.id in taken:
                continue
            taken.add(organisation.id)
            is_asked = rule.mode is not Mode.IN_TURN or not placed
            placed.append(
                Seat(
                    id=uuid7(),
                    stage_id=stage.id,
                    matter_id=matter.id,
                    organisation_id=organisation.id,
                    party=seat_rule.party,
                    turn=len(placed),
                    status=SeatStatus.ASKED if is_asked else SeatStatus.WAITING,
                    asked_at=stage.opened_at if is_asked else None,
                    due_at=stage.due_at,
                )
            )
    session.add_all(placed)
    session.flush()
    return placed


def _codes(session: Session, placed: Sequence[Seat]) -> list[str]:
    return [session.get_one(Organisation, seat.organisation_id).code for seat in placed]


def _declare(
    session: Session, matter: Matter, rule: StageRule, stage: Stage, placed: Sequence[Seat], at: datetime
) -> None:
    """The filer's own seat answers with the declaration given at submission: it was never asked."""
    if not any(seat_rule.is_declared for seat_rule in rule.seats):
        return
    for seat in placed:
        if seat.organisation_id != matter.organisation_id or seat.status is not SeatStatus.ASKED:
            continue
        opinion = Opinion(
            id=uuid7(),
            seat_id=seat.id,
            matter_id=matter.id,
            officer_id=matter.officer_id,
            kind=OpinionKind.AGREE,
            at=matter.submitted_at,
        )
        session.add(opinion)
        seat.move(SeatStatus.ANSWERED)
        seat.answer, seat.opinion_id, seat.answered_at = OpinionKind.AGREE, opinion.id, at
        seat.asked_at = None
        actor = Actor(matter.officer_id, seat.organisation_id)
        body = {"stage": stage.key, "seat": str(seat.id), "kind": "agree", "declared": True}
        matters.append(session, matter, Act("opinion_given", body), at, actor)


def _ask_next(
    session: Session, matter: Matter, protocol: Protocol, at: datetime, actor: Actor, calendar: WorkCalendar
) -> None:
    """In turn: the next waiting seat is asked, with the stage's whole time and a ladder of its own."""
    stage = seats.open_stage(session, matter.id)
    assert stage is not None
    stage.needs_asking = False
    table = waiting.table_of(session, stage)
    seat = next(one for one in table.seats if one.status is SeatStatus.WAITING and not table.depends_on_signers(one))
    due_at, rungs = ladder.plan(protocol.stage(stage.key), at, calendar)
    stage.due_at, stage.ladder, stage.rung = due_at, [rung.to_data() for rung in rungs], 0
    seat.ask(at)
    seat.due_at = due_at
    matter.wake_at = rungs[0].at
    body = {"stage": stage.key, "seat": str(seat.id), "due_at": due_at.isoformat()}
    matters.append(session, matter, Act("turn_passed", body), at, actor)
    _invite(session, matter, protocol, stage, [seat], Telling(Letter.INVITATION, "turn"), at, actor)
