"""Concluding: the resolution of a decided matter, with the reasons party by party."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import matter as matters
from models import resolution
from models.consultation import seats, telling
from models.consultation.settling import opinions_by_seat
from models.consultation.tables import Consultation, Opinion, Seat, SeatStatus, Stage
from models.consultation.telling import Telling
from models.district import Organisation
from models.matter import Act, Matter, MatterStatus, Result
from models.notice import writing
from models.notice.tables import Letter
from models.officer import get_officer
from models.protocol.schema import CopyTime, Protocol
from models.record import Actor
from models.resolution import Resolution

ENDS = {
    Result.AGREED: MatterStatus.AGREED,
    Result.REFUSED: MatterStatus.REFUSED,
    Result.RETURNED: MatterStatus.RETURNED,
}

PASSED_ON = frozenset({SeatStatus.REMOVED, SeatStatus.TRANSFERRED})  # nothing was left for them to say


def resolve(
    session: Session, matter: Matter, at: datetime, actor: Actor, more: Mapping[str, Any] | None = None
) -> Resolution | None:
    """Give a decided matter its resolution and its last status. A returned one gets no number: it is not over.

    `more`: what the resolution says besides the parties' words, by the kind of matter.
    """
    consultation = seats.running(session, matter.id)
    assert consultation is not None
    assert matter.result is not None
    reached = None
    if matter.result is not Result.RETURNED:
        body = reasons(session, consultation) | dict(more or {})
        reached = resolution.pass_resolution(session, matter, consultation.id, body, at)
    matters.move_on(session, matter, ENDS[matter.result])
    matter.wake_at = None
    said = {"number": reached.number} if reached else {}
    matters.append(session, matter, Act(matter.result.value, said), at, actor)
    return reached


def reasons(session: Session, consultation: Consultation) -> dict[str, Any]:
    """What each party said, stage by stage, and which lines left why; the shape of `Resolution.body`."""
    parties: list[dict[str, Any]] = []
    for stage in seats.stages_of(session, consultation.id):
        listed = seats.seats_of(session, stage.id)
        said = opinions_by_seat(session, listed)
        parties += [_said(session, stage, seat, said.get(seat.id)) for seat in listed if seat.status not in PASSED_ON]
    return {"parties": parties, "lines_out": consultation.lines_out}


def _said(session: Session, stage: Stage, seat: Seat, opinion: Opinion | None) -> dict[str, Any]:
    organisation = session.get_one(Organisation, seat.organisation_id)
    return {
        "stage": stage.key,
        "party": seat.party.value,
        "organisation": organisation.code,
        "name": telling.titled(organisation.name),
        "answer": seat.answer.value if seat.answer else None,
        "reason": opinion.reason if opinion else "",
        "conditions": opinion.conditions if opinion else "",
        "at": seat.answered_at.isoformat() if seat.answered_at else None,
        "added_as": seat.added_as.value if seat.added_as else None,
        "deemed": opinion is not None and opinion.officer_id is None,
        "stands_for": str(seat.stands_for_id) if seat.stands_for_id else None,
        "late": seat.late_at is not None,
    }


def tell_result(
    session: Session, matter: Matter, reached: Resolution | None, more: dict[str, Any], at: datetime
) -> None:
    """The result to the filer, to every party that sat, and to those who get a copy at the end."""
    consultation = seats.running(session, matter.id)
    assert consultation is not None
    assert matter.result is not None
    protocol = seats.protocol_of(session, consultation)
    facts = _result_facts(session, matter, protocol, reached) | more
    cause = f"{consultation.id}:result"
    filer = get_officer(session, matter.officer_id)
    own = session.get_one(Organisation, matter.organisation_id)
    writing.write(
        session, cause, matter.id, Letter.RESULT, facts | {"organisation": telling.titled(own.name)}, [filer], at
    )
    sat = {seat.organisation_id for seat in _sat(session, consultation)}
    telling.meet(session, sat, at)
    for organisation_id in sat:
        told = Telling(Letter.RESULT, cause)
        telling.tell_organisation(session, matter, organisation_id, facts, told, cause, at)
    if matter.result is not Result.RETURNED:
        telling.tell_copies(session, matter, protocol, CopyTime.END, facts, at)


def _sat(session: Session, consultation: Consultation) -> list[Seat]:
    stages = seats.stages_of(session, consultation.id)
    listed = [seat for stage in stages for seat in seats.seats_of(session, stage.id)]
    return [seat for seat in listed if seat.status is not SeatStatus.REMOVED]


def _result_facts(session: Session, matter: Matter, protocol: Protocol, reached: Resolution | None) -> dict[str, Any]:
    assert matter.result is not None
    return telling.facts_of(session, matter, protocol) | {
        "result": matter.result.value,
        "resolution": reached.number if reached else "",
    }
