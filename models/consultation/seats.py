"""Queries over consultations, stages and seats."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.orm import Session

from models.consultation.deciding import Standing
from models.consultation.tables import Consultation, Opinion, Seat, SeatStatus, Stage, StageStatus
from models.keeping import kept
from models.matter import Matter
from models.prepared import run, table
from models.protocol.schema import Protocol
from models.protocol.storing import current, load_stored

RUNNING = "running"  # what a command keeps: the newest consultation by matter
# Made once: building a statement costs SQLAlchemy as much as executing it.
_OF = bindparam("of", type_=Uuid())
_RUNNING = select(Consultation).where(Consultation.matter_id == _OF).order_by(Consultation.number.desc()).limit(1)
_OPEN_STAGE = select(Stage).where(Stage.matter_id == _OF, Stage.status == StageStatus.OPEN)
_STAGES = select(Stage).where(Stage.consultation_id == _OF).order_by(Stage.position)
_SEATS = select(Seat).where(Seat.stage_id == _OF).order_by(Seat.turn, Seat.id)


def running(session: Session, matter_id: UUID) -> Consultation | None:
    """The newest consultation of a matter, or None before the first is opened; read once in a command."""
    known = kept(session, RUNNING)
    if known.get(matter_id) is None:
        known[matter_id] = session.scalars(_RUNNING, {"of": matter_id}).first()
    return known[matter_id]


def begin(session: Session, consultation: Consultation) -> None:
    """A new consultation of its matter is the one that runs."""
    session.add(consultation)
    kept(session, RUNNING)[consultation.matter_id] = consultation


def open_stage(session: Session, matter_id: UUID) -> Stage | None:
    """The open stage of a matter: there is at most one."""
    return session.scalars(_OPEN_STAGE, {"of": matter_id}).first()


def protocol_of(session: Session, consultation: Consultation) -> Protocol:
    """The protocol in the version that the consultation opened with."""
    return load_stored(session, consultation.protocol_name, consultation.protocol_version)


def protocol_of_matter(session: Session, matter: Matter) -> Protocol:
    """The protocol that a matter runs by; before its first consultation is opened, today's."""
    consultation = running(session, matter.id)
    return current(matter.kind.value) if consultation is None else protocol_of(session, consultation)


def stages_of(session: Session, consultation_id: UUID) -> Sequence[Stage]:
    """The stages that were opened, in their order."""
    return session.scalars(_STAGES, {"of": consultation_id}).all()


def seats_of(session: Session, stage_id: UUID) -> Sequence[Seat]:
    """The seats of a stage, in turn, as they are now: opinions are written past the session's objects."""
    return session.scalars(_SEATS, {"of": stage_id}, execution_options={"populate_existing": True}).all()


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
