"""What was done about riders as people: who, what, whom, when. Rows are never changed and hold no personal data."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, uuid7


class PersonActKind(StrEnum):
    """What was done."""

    ENROLMENT_ASKED = "enrolment_asked"
    ENROLMENT_CONFIRMED = "enrolment_confirmed"
    ENROLMENT_DECLINED = "enrolment_declined"
    ENROLMENT_WITHDRAWN = "enrolment_withdrawn"
    ENROLMENT_ENDED = "enrolment_ended"
    IDENTITY_OPENED = "identity_opened"  # an officer read the whole name and number
    CODE_MADE = "code_made"
    CODE_ISSUED = "code_issued"  # by an officer, to the person who stood there
    PHONE_JOINED = "phone_joined"
    PHONE_SIGNED_OFF = "phone_signed_off"
    NUMBER_RELEASED = "number_released"  # the number is another person's now
    MEMBER_APPOINTED = "member_appointed"
    MEMBER_ENDED = "member_ended"
    SQUAD_MADE = "squad_made"
    SQUAD_JOINED = "squad_joined"
    SQUAD_LEFT = "squad_left"
    SQUAD_LED = "squad_led"
    SHIFT_MADE = "shift_made"
    SHIFT_CANCELLED = "shift_cancelled"
    TAKEN_AWAY = "taken_away"
    ERASURE_ASKED = "erasure_asked"
    ERASED = "erased"


class PersonAct(Base):
    """One act. `officer_id` None: the rider's own, or the system's."""

    __tablename__ = "person_act"
    __table_args__ = (
        Index("ix_person_act_community", "community_id", "id"),
        Index("ix_person_act_rider", "rider_id", "id"),
        Index("ix_person_act_enrolment", "enrolment_id", "id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[PersonActKind]
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    rider_id: Mapped[UUID | None] = mapped_column(ForeignKey("rider.id"))
    enrolment_id: Mapped[UUID | None] = mapped_column(ForeignKey("enrolment.id"))
    details: Mapped[dict[str, Any]]
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom an act is about and by which officer. `details` hold codes, counts and days."""

    rider_id: UUID | None = None
    community_id: UUID | None = None
    enrolment_id: UUID | None = None
    officer_id: UUID | None = None
    details: dict[str, Any] = field(default_factory=dict[str, Any])


def write_down(session: Session, kind: PersonActKind, whom: Whom, at: datetime) -> None:
    """Write one act down, in the transaction that does it."""
    session.add(
        PersonAct(
            kind=kind,
            officer_id=whom.officer_id,
            community_id=whom.community_id,
            rider_id=whom.rider_id,
            enrolment_id=whom.enrolment_id,
            details=whom.details,
            at=at,
        )
    )


def acts_about(session: Session, rider_id: UUID | None, enrolment_ids: Sequence[UUID]) -> Sequence[PersonAct]:
    """What was done about a rider, or about what was asked from their phones, the oldest first."""
    wanted: list[ColumnElement[bool]] = [PersonAct.enrolment_id.in_(enrolment_ids)]
    if rider_id is not None:
        wanted.append(PersonAct.rider_id == rider_id)
    return session.scalars(select(PersonAct).where(or_(*wanted)).order_by(PersonAct.id)).all()
