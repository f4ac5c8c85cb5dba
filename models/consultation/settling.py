"""Settling: a stage that is decided closes in the same transaction as the opinion that decided it (decision 4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import matter as matters
from models.consultation import seats
from models.consultation.deciding import decide
from models.consultation.tables import Consultation, Opinion, Seat, SeatStatus, Stage, StageOutcome
from models.district import Organisation
from models.matter import Act, Matter, MatterStatus, Result
from models.protocol.schema import Mode, Protocol, StageRule
from models.record import Actor

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
    outcome = decide(rule, seats.standings(session, stage.id))
    if outcome is None:
        _pass_the_turn(session, matter, stage, rule, at)
        return False
    _close(session, matter, consultation, stage, outcome, at, actor)
    _go_on(session, matter, consultation, protocol, stage, outcome, at, actor)
    return True


def _pass_the_turn(session: Session, matter: Matter, stage: Stage, rule: StageRule, at: datetime) -> None:
    if rule.mode is not Mode.IN_TURN:
        return
    asked = select(Seat.id).where(Seat.stage_id == stage.id, Seat.status == SeatStatus.ASKED)
    if session.execute(asked.limit(1)).first() is None:
        stage.needs_asking = True
        matter.wake_at = at


def _close(
    session: Session,
    matter: Matter,
    consultation: Consultation,
    stage: Stage,
    outcome: StageOutcome,
    at: datetime,
    actor: Actor,
) -> None:
    """Close the stage and the seats that it no longer needs; excepted lines leave."""
    stage.settle(outcome, at)
    session.flush()
    session.execute(
        update(Seat)
        .where(Seat.stage_id == stage.id, Seat.status != SeatStatus.ANSWERED)
        .values(status=SeatStatus.CLOSED, version=Seat.version + 1)
    )
    out = _exceptions(session, stage.id) if outcome is StageOutcome.AGREED else {}
    consultation.lines_out = out | consultation.lines_out
    body = {"stage": stage.key, "outcome": outcome.value, "lines_out": sorted(map(int, out))}
    matters.append(session, matter, Act("stage_settled", body), at, actor)


def _exceptions(session: Session, stage_id: UUID) -> dict[str, Any]:
    """The lines that the agreeing parties except, with who and why; the first to say so is named."""
    query = (
        select(Opinion, Organisation)
        .join(Seat, Seat.opinion_id == Opinion.id)
        .join(Organisation, Seat.organisation_id == Organisation.id)
        .where(Seat.stage_id == stage_id, Seat.status == SeatStatus.ANSWERED)
        .order_by(Opinion.at.desc())
    )
    found: dict[str, Any] = {}
    for opinion, organisation in session.execute(query):
        for exception in opinion.exceptions:
            found[str(exception["line"])] = {"organisation": organisation.code, "reason": exception["reason"]}
    return found


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
        _decide(session, matter, consultation, RESULTS[outcome], at, actor)
        return
    if len(consultation.lines_out) >= matter.line_count:
        _decide(session, matter, consultation, Result.REFUSED, at, actor)
        return
    passed = consultation.resume_after if protocol.stage(stage.key).is_conciliation else stage.key
    following = protocol.following(passed or stage.key)
    if following is None:
        _decide(session, matter, consultation, Result.AGREED, at, actor)
        return
    consultation.next_stage = following.key
    matter.wake_at = at


def _decide(
    session: Session,
    matter: Matter,
    consultation: Consultation,
    result: Result,
    at: datetime,
    actor: Actor,
) -> None:
    """The parties have decided; a matter whose every line was excepted is refused. Effects follow in the next round."""
    matter.move(MatterStatus.DECIDED)
    matter.result, matter.wake_at = result, at
    consultation.settled_at = at
    matters.append(session, matter, Act("decided", {"result": result.value}), at, actor)


def opinions_by_seat(session: Session, listed: Sequence[Seat]) -> dict[UUID, Opinion]:
    """The current opinion of each seat that has one."""
    found = seats.opinions_of(session, [seat.opinion_id for seat in listed if seat.opinion_id])
    return {opinion.seat_id: opinion for opinion in found}
