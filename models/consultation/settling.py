"""Settling: a stage that is decided closes in the same transaction as the opinion that decided it (decision 4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, update
from sqlalchemy.orm import Session

from models import matter as matters
from models.consultation import seats, telling, ties, waiting
from models.consultation.deciding import decide
from models.consultation.tables import Consultation, Opinion, Seat, SeatStatus, Stage, StageOutcome
from models.consultation.telling import Telling
from models.district import Organisation
from models.matter import Act, Matter, MatterStatus, Result
from models.notice.tables import Letter
from models.prepared import run, table
from models.protocol.schema import Mode, Protocol, StageRule
from models.record import Actor

UNANSWERED = (SeatStatus.WAITING, SeatStatus.ASKED, SeatStatus.ESCALATED)
_SEAT, _OPINION, _ORGANISATION = table(Seat).c, table(Opinion).c, table(Organisation).c
_SAID = (
    select(_SEAT.id, _SEAT.status, _OPINION.exceptions, _ORGANISATION.code)
    .join(table(Organisation), _SEAT.organisation_id == _ORGANISATION.id)
    .outerjoin(table(Opinion), _SEAT.opinion_id == _OPINION.id)
    .where(_SEAT.stage_id == bindparam("stage", type_=Uuid()))
    .order_by(_OPINION.at.desc())
)
RESULTS = {
    StageOutcome.AGREED: Result.AGREED,
    StageOutcome.REFUSED: Result.REFUSED,
    StageOutcome.RETURNED: Result.RETURNED,
}


def settle_if_decided(session: Session, matter: Matter, stage: Stage, at: datetime, actor: Actor) -> bool:
    """Close the stage where its rule says so and set the alarm for what follows. Returns whether it was decided.

    The caller holds `matter` locked. In turn, an undecided stage wakes the engine to ask the next seat.
    """
    consultation = session.get_one(Consultation, stage.consultation_id)
    protocol = seats.protocol_of(session, consultation)
    rule = protocol.stage(stage.key)
    note_late(matter, stage, at)
    outcome = decide(rule, seats.standings(session, stage.id))
    if outcome is None:
        if stage.has_added:
            freed = waiting.free(session, matter, stage, at, actor)
            tell_asked(session, matter, stage, protocol, freed, at)
        if stage.has_ties:
            ties.release(session, matter, stage, protocol, at, actor)
        _pass_the_turn(session, matter, stage, rule, at)
        return False
    close(session, matter, consultation, stage, outcome, at, actor)
    _go_on(session, matter, consultation, protocol, stage, outcome, at, actor)
    return True


def note_late(matter: Matter, stage: Stage, at: datetime) -> None:
    """Mark the matter as late where the open stage's deadline has passed; the first such deadline stays."""
    if at >= stage.due_at:
        matter.late_since = matter.late_since or stage.due_at


def _pass_the_turn(session: Session, matter: Matter, stage: Stage, rule: StageRule, at: datetime) -> None:
    if rule.mode is not Mode.IN_TURN:
        return
    table = waiting.table_of(session, stage)
    if all(table.is_heard(seat) for seat in table.silent()):
        stage.needs_asking = True
        matter.wake_at = at


def tell_asked(
    session: Session, matter: Matter, stage: Stage, protocol: Protocol, asked: Sequence[Seat], at: datetime
) -> None:
    """Invite those whom an officer's act has put to the question; in each of its versions a seat is invited once."""
    for seat in asked:
        session.flush()
        told = Telling(Letter.INVITATION, f"asked-{seat.version}")
        telling.tell_seats(session, matter, protocol, stage, [seat], told, at)


def close(
    session: Session,
    matter: Matter,
    consultation: Consultation,
    stage: Stage,
    outcome: StageOutcome,
    at: datetime,
    actor: Actor,
) -> None:
    """Close the stage and the seats that it no longer needs; excepted lines leave."""
    note_late(matter, stage, at)
    stage.settle(outcome, at)
    said = list(run(session, _SAID, {"stage": stage.id}))
    if any(one.status in UNANSWERED for one in said):  # mostly there is none
        _close_seats(session, stage, at)
    out = _exceptions(session, stage, said) if outcome is StageOutcome.AGREED else {}
    consultation.lines_out = out | consultation.lines_out
    body = {"stage": stage.key, "outcome": outcome.value, "lines_out": sorted(map(int, out))}
    matters.append(session, matter, Act("stage_settled", body), at, actor)
    ties.end_requests(session, matter, stage, at, actor)


def _close_seats(session: Session, stage: Stage, at: datetime) -> None:
    unanswered = update(Seat).where(Seat.stage_id == stage.id, Seat.status.in_(UNANSWERED))
    if at >= stage.due_at:
        missed = (Seat.status == SeatStatus.ASKED, Seat.due_at <= at, Seat.late_at.is_(None))
        session.execute(update(Seat).where(Seat.stage_id == stage.id, *missed).values(late_at=Seat.due_at))
    session.execute(unanswered.values(status=SeatStatus.CLOSED, version=Seat.version + 1))


def _exceptions(session: Session, stage: Stage, said: Sequence[Any]) -> dict[str, Any]:
    """The lines that the agreeing parties except, with who and why and in which stage; the first to say so is named.

    Who is only heard excepts nothing.
    """
    heard = _heard(session, stage)
    found: dict[str, Any] = {}
    for one in said:
        if one.status is not SeatStatus.ANSWERED or one.id in heard:
            continue
        for exception in one.exceptions:
            why = {"organisation": one.code, "reason": exception["reason"], "stage": stage.key}
            found[str(exception["line"])] = why
    return found


def _heard(session: Session, stage: Stage) -> list[UUID]:
    if not stage.has_added:
        return []
    table = waiting.table_of(session, stage)
    return [seat.id for seat in table.seats if table.is_heard(seat)]


def _go_on(
    session: Session,
    matter: Matter,
    consultation: Consultation,
    protocol: Protocol,
    stage: Stage,
    outcome: StageOutcome,
    at: datetime,
    actor: Actor,
) -> None:
    """Name the stage that the next round opens, or decide the matter."""
    conciliation = protocol.conciliation()
    if outcome is StageOutcome.CONCILIATE and conciliation is not None:
        consultation.resume_after = stage.key
        consultation.next_stage = conciliation.key
        matter.wake_at = at
        return
    if outcome is not StageOutcome.AGREED:
        end(session, matter, consultation, RESULTS[outcome], at, actor)
        return
    if 0 < matter.line_count <= len(consultation.lines_out):
        end(session, matter, consultation, Result.REFUSED, at, actor)
        return
    passed = consultation.resume_after if protocol.stage(stage.key).is_conciliation else stage.key
    following = protocol.following(passed or stage.key)
    key = consultation.skip_to or (following and following.key)
    consultation.skip_to = None
    if key is None:
        end(session, matter, consultation, Result.AGREED, at, actor)
        return
    consultation.next_stage = key
    matter.wake_at = at


def end(
    session: Session,
    matter: Matter,
    consultation: Consultation,
    result: Result,
    at: datetime,
    actor: Actor,
) -> None:
    """The parties have decided; a matter whose every line was excepted is refused. Effects follow in the next round."""
    matters.move_on(session, matter, MatterStatus.DECIDED)
    matter.result, matter.wake_at = result, at
    consultation.settled_at, consultation.skip_to = at, None
    matters.append(session, matter, Act("decided", {"result": result.value}), at, actor)


def opinions_by_seat(session: Session, listed: Sequence[Seat]) -> dict[UUID, Opinion]:
    """The current opinion of each seat that has one."""
    found = seats.opinions_of(session, [seat.opinion_id for seat in listed if seat.opinion_id])
    return {opinion.seat_id: opinion for opinion in found}
