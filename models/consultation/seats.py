"""Queries over consultations, stages and seats."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.orm import Session

from models.consultation.deciding import Standing
from models.consultation.tables import Consultation, Opinion, Seat, SeatStatus, Stage, StageStatus
from models.matter import Matter
from models.prepared import run, table
from models.protocol.schema import Protocol
from models.protocol.storing import current, load_stored


def running(session: Session, matter_id: UUID) -> Consultation | None:
    """The newest consultation of a matter, or None before the first is opened."""
    query = select(Consultation).where(Consultation.matter_id == matter_id).order_by(Consultation.number.desc())
    return session.scalars(query.limit(1)).first()


def open_stage(session: Session, matter_id: UUID) -> Stage | None:
    """The open stage of a matter: there is at most one."""
    return session.scalars(select(Stage).where(Stage.matter_id == matter_id, Stage.status == StageStatus.OPEN)).first()


def protocol_of(session: Session, consultation: Consultation) -> Protocol:
    """The protocol in the version that the consultation opened with."""
    return load_stored(session, consultation.protocol_name, consultation.protocol_version)


def protocol_of_matter(session: Session, matter: Matter) -> Protocol:
    """The protocol that a matter runs by; before its first consultation is opened, today's."""
    consultation = running(session, matter.id)
    return current(matter.kind.value) if consultation is None else protocol_of(session, consultation)


def stages_of(session: Session, consultation_id: UUID) -> Sequence[Stage]:
    """The stages that were opened, in their order."""
    return session.scalars(select(Stage).where(Stage.consultation_id == consultation_id).order_by(Stage.position)).all()


def seats_of(session: Session, stage_id: UUID) -> Sequence[Seat]:
    """The seats of a stage, in turn, as they are now: opinions are written past the session's objects."""
    query = select(Seat).where(Seat.stage_id == stage_id).order_by(Seat.turn, Seat.id)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def seats_of_matter(session: Session, matter_id: UUID) -> Sequence[Seat]:
    """All seats of all stages of a matter."""
    return session.scalars(select(Seat).where(Seat.matter_id == matter_id).order_by(Seat.turn, Seat.id)).all()


def opinions_of(session: Session, opinion_ids: Sequence[UUID]) -> Sequence[Opinion]:
    """The opinions of these ids."""
    return session.scalars(select(Opinion).where(Opinion.id.in_(opinion_ids)).order_by(Opinion.id)).all()


_SEAT = table(Seat).c
_STANDINGS = select(_SEAT.id, _SEAT.party, _SEAT.answer, _SEAT.stands_for_id, _SEAT.answered_at, _SEAT.added_as).where(
    _SEAT.stage_id == bindparam("stage", type_=Uuid()), _SEAT.status != SeatStatus.REMOVED
)


def standings(session: Session, stage_id: UUID) -> list[Standing]:
    """What the seats of a stage say, as values for `deciding.decide`."""
    rows = run(session, _STANDINGS, {"stage": stage_id})
    return [Standing(*row) for row in rows]
