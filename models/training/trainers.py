"""Trainers 师资: entered, changed and let go by the department that sends them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import uuid7
from models.errors import NotAllowed, NotFound, RuleBroken, check_version
from models.officer import Identity
from models.report.places import Position
from models.staffing import EMAIL, EmailWrong
from models.training.entering import check_hours, check_name, department_of, is_of
from models.training.problem import Hours
from models.training.tables import Event, EventStatus, Trainer
from models.words import N_


class TrainerInUse(RuleBroken):
    """Riders expect them."""

    sentence = N_("This trainer has {count} published sessions to come. Cancel or move them first.")


@dataclass(frozen=True, slots=True)
class TrainerEntry:
    """What is entered about a trainer. `email` empty: letters go to the department alone."""

    name: str
    latitude: float
    longitude: float
    hours: Sequence[Hours]
    email: str = ""


def make_trainer(session: Session, who: Identity, entry: TrainerEntry) -> Trainer:
    """A new trainer of the own department. Raises `OnlyReads`, `NotAllowed`, and what is wrong with the entry."""
    own = department_of(session, who)
    trainer = Trainer(id=uuid7(), district_id=own.district_id, organisation_id=own.id)
    _fill(trainer, entry)
    session.add(trainer)
    session.flush()
    return trainer


def change_trainer(
    session: Session, who: Identity, trainer_id: UUID, entry: TrainerEntry, expected_version: int | None
) -> Trainer:
    """Put it right. Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, and what is wrong with the entry."""
    trainer = _ours(session, who, trainer_id, expected_version)
    _fill(trainer, entry)
    trainer.version += 1
    return trainer


def keep_trainer(
    session: Session, who: Identity, trainer_id: UUID, expected_version: int | None, at: datetime, *, is_active: bool
) -> Trainer:
    """Let a trainer go, or have them back: one who is gone is in no new timetable.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `TrainerInUse`.
    """
    trainer = _ours(session, who, trainer_id, expected_version)
    coming = select(Event.id).where(
        Event.trainer_id == trainer.id, Event.status == EventStatus.PUBLISHED, Event.starts_at > at
    )
    if not is_active and (count := len(session.scalars(coming).all())):
        raise TrainerInUse(count=count)
    if trainer.is_active != is_active:
        trainer.is_active = is_active
        trainer.version += 1
    return trainer


def _ours(session: Session, who: Identity, trainer_id: UUID, expected_version: int | None) -> Trainer:
    own = department_of(session, who)
    trainer = session.get(Trainer, trainer_id, with_for_update=True)
    if trainer is None:
        raise NotFound()
    if not is_of(own, trainer.organisation_id, trainer.district_id):
        raise NotAllowed()
    check_version(trainer.version, expected_version)
    return trainer


def _fill(trainer: Trainer, entry: TrainerEntry) -> None:
    Position(entry.latitude, entry.longitude)
    email = entry.email.strip().lower()
    if email and not EMAIL.fullmatch(email):
        raise EmailWrong()
    trainer.name, _ = check_name(entry.name, "")
    trainer.email = email or None
    trainer.latitude, trainer.longitude = entry.latitude, entry.longitude
    trainer.hours = check_hours(entry.hours)
