"""Squads 志愿小队, their members, shifts and who stands on them: the tables."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, only_where, uuid7
from models.rider import Rider

STAYING = "left_at IS NULL"
STANDING = "off_at IS NULL"


class Squad(Base):
    """A volunteer squad of one community; `most` riders belong to it (brief, row 10: 25)."""

    __tablename__ = "squad"
    __table_args__ = (Index("ix_squad_community", "community_id", "id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"))
    community_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str]
    most: Mapped[int]
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))


class SquadMember(Base):
    """A rider's time in a squad. One leader at a time."""

    __tablename__ = "squad_member"
    __table_args__ = (
        Index("uq_squad_member_staying", "squad_id", "rider_id", unique=True, **only_where(STAYING)),
        Index("uq_squad_member_leader", "squad_id", unique=True, **only_where("is_leader AND left_at IS NULL")),
        Index("ix_squad_member_rider", "rider_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    squad_id: Mapped[UUID] = mapped_column(ForeignKey(Squad.id))
    rider_id: Mapped[UUID] = mapped_column(ForeignKey(Rider.id))
    is_leader: Mapped[bool]
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class Shift(Base):
    """One turn of a squad's rota, half-open: `starts_at` to `ends_at`; `wanted` riders have a place on it."""

    __tablename__ = "shift"
    __table_args__ = (Index("ix_shift_squad", "squad_id", "starts_at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    squad_id: Mapped[UUID] = mapped_column(ForeignKey(Squad.id))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str]
    wanted: Mapped[int]
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    cancelled_at: Mapped[datetime | None]


class ShiftPlace(Base):
    """A rider's place on a shift. `came`: what the community writes down afterwards; None: nothing yet."""

    __tablename__ = "shift_place"
    __table_args__ = (
        Index("uq_shift_place_standing", "shift_id", "rider_id", unique=True, **only_where(STANDING)),
        Index("ix_shift_place_rider", "rider_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    shift_id: Mapped[UUID] = mapped_column(ForeignKey(Shift.id))
    rider_id: Mapped[UUID] = mapped_column(ForeignKey(Rider.id))
    on_at: Mapped[datetime]
    off_at: Mapped[datetime | None]
    came: Mapped[bool | None]
