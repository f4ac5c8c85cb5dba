"""What hangs on a seat's answer beyond its own place in the count: superiors asked alongside, and requests for more time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import matter as matters
from models.consultation import telling, waiting
from models.consultation.tables import ExtensionRequest, ExtensionStatus, Seat, SeatStatus, Stage
from models.consultation.telling import Telling, titled
from models.consultation.waiting import Table
from models.district import get_organisation
from models.matter import Act, Matter
from models.notice.tables import Letter
from models.protocol.schema import Protocol
from models.record import Actor

LIVE = frozenset({SeatStatus.ASKED, SeatStatus.WAITING})  # seats that still have something to do


def release(session: Session, matter: Matter, stage: Stage, protocol: Protocol, at: datetime, actor: Actor) -> None:
    """After an answer that left the stage open: free those whom it makes unnecessary, and end requests without a seat."""
    table = waiting.table_of(session, stage)
    _release_alongside(session, matter, stage, protocol, table, at, actor)
    request = open_request(session, stage.id)
    if request is not None and not any(one.id == request.seat_id and one.status in LIVE for one in table.seats):
        end_request(session, matter, stage, request, ExtensionStatus.WITHDRAWN, at, actor)


def _release_alongside(
    session: Session, matter: Matter, stage: Stage, protocol: Protocol, table: Table, at: datetime, actor: Actor
) -> None:
    """Of a late seat and its superiors the first answer counts: nobody else of that place is asked any longer."""
    freed: list[Seat] = []
    for seat in sorted(table.silent(), key=table.height, reverse=True):
        if not table.has_answered(seat.id):
            continue
        has_others_above = any(one.status is not SeatStatus.REMOVED for one in table.standing_for(seat.id))
        seat.move(SeatStatus.ESCALATED if has_others_above else SeatStatus.REMOVED)
        freed.append(seat)
    if not freed:
        return
    body = {"stage": stage.key, "seats": [str(seat.id) for seat in freed]}
    matters.append(session, matter, Act("released", body), at, actor)
    for seat in freed:
        _tell_released(session, matter, stage, protocol, table, seat, at)


def _tell_released(
    session: Session, matter: Matter, stage: Stage, protocol: Protocol, table: Table, seat: Seat, at: datetime
) -> None:
    answered = next(one for one in table.place(seat.id) if one.status is SeatStatus.ANSWERED)
    facts = telling.facts_of(session, matter, protocol) | {
        "stage": titled(protocol.stage(stage.key).title),
        "way": "place",
        "answered_by": titled(get_organisation(session, answered.organisation_id).name),
    }
    cause = f"{seat.id}:released-{seat.version}"
    telling.tell_organisation(session, matter, seat.organisation_id, facts, Telling(Letter.RELEASED, cause), cause, at)


def open_request(session: Session, stage_id: UUID) -> ExtensionRequest | None:
    """The request for more time that waits for an answer: a stage has at most one."""
    query = select(ExtensionRequest).where(
        ExtensionRequest.stage_id == stage_id, ExtensionRequest.status == ExtensionStatus.ASKED
    )
    return session.scalars(query).first()


def end_request(
    session: Session,
    matter: Matter,
    stage: Stage,
    request: ExtensionRequest,
    status: ExtensionStatus,
    at: datetime,
    actor: Actor,
) -> None:
    """End a request that nobody has answered; in the record."""
    request.move(status, at)
    body = {"stage": stage.key, "seat": str(request.seat_id), "request": str(request.id)}
    matters.append(session, matter, Act(f"extension_{status.value}", body), at, actor)
    request.answered_position = matter.record_count


def end_requests(session: Session, matter: Matter, stage: Stage, at: datetime, actor: Actor) -> None:
    """The stage is settled: a request that is still open has come to nothing."""
    request = open_request(session, stage.id) if stage.has_ties else None
    if request is not None:
        end_request(session, matter, stage, request, ExtensionStatus.WITHDRAWN, at, actor)


def lapse_request(
    session: Session, matter: Matter, stage: Stage, protocol: Protocol, at: datetime, actor: Actor
) -> None:
    """The deadline has passed: a request that nobody answered counts as refused, and its asker is told."""
    request = open_request(session, stage.id) if stage.has_ties else None
    if request is None or at < request.due_at:
        return
    end_request(session, matter, stage, request, ExtensionStatus.LAPSED, at, actor)
    tell_answered(session, matter, stage, protocol, request, at)


def tell_answered(
    session: Session, matter: Matter, stage: Stage, protocol: Protocol, request: ExtensionRequest, at: datetime
) -> None:
    """What became of a request: to who asked; of one that was granted, to everybody whose deadline it moves and the filer."""
    table = waiting.table_of(session, stage)
    told = {request.organisation_id}
    if request.status is ExtensionStatus.GRANTED:
        told |= {seat.organisation_id for seat in table.seats if seat.status in LIVE} | {matter.organisation_id}
    facts = telling.facts_of(session, matter, protocol) | {
        "stage": titled(protocol.stage(stage.key).title),
        "due_at": stage.due_at.isoformat(),
        "asker": titled(get_organisation(session, request.organisation_id).name),
        "by": titled(get_organisation(session, request.approver_id).name),
        "answer": request.status.value,
    }
    cause = f"{request.id}:answered"
    for organisation_id in sorted(told):
        told_of = Telling(Letter.EXTENSION_ANSWERED, cause)
        telling.tell_organisation(session, matter, organisation_id, facts, told_of, cause, at)
