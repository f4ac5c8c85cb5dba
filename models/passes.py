"""Passes 通行码: a rider's right to enter the compounds of a filing for a period."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, uuid7


class PassStatus(StrEnum):
    """Where a pass stands; a period that is over needs no status."""

    VALID = "valid"


class Pass(Base):
    """One pass for one line of an agreed filing: never two (`line_id` is unique). Both days are inclusive."""

    __tablename__ = "pass"
    __table_args__ = (Index("ix_pass_matter", "matter_id"), Index("ix_pass_rider", "rider_id"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("filing_line.id"), unique=True)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    rider_id: Mapped[UUID] = mapped_column(ForeignKey("rider.id"))
    status: Mapped[PassStatus] = mapped_column(default=PassStatus.VALID)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    issued_at: Mapped[datetime]


def of_matter(session: Session, matter_id: UUID) -> Sequence[Pass]:
    """The passes that a matter brought."""
    return session.scalars(select(Pass).where(Pass.matter_id == matter_id).order_by(Pass.id)).all()
