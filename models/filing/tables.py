"""A filing and its lines: their tables and statuses."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, move, uuid7
from models.rider import Rider


class LineStatus(StrEnum):
    """Where one line of a filing stands."""

    FILED = "filed"
    DROPPED = "dropped"  # taken out by the filer before submitting again
    EXCEPTED = "excepted"  # by a party that agreed to the rest
    REFUSED = "refused"
    PASSED = "passed"  # a pass was issued
    WITHDRAWN = "withdrawn"  # with its filing, by the filer


LINE_MOVES: dict[LineStatus, frozenset[LineStatus]] = {
    LineStatus.FILED: frozenset(
        {LineStatus.DROPPED, LineStatus.EXCEPTED, LineStatus.REFUSED, LineStatus.PASSED, LineStatus.WITHDRAWN}
    ),
    LineStatus.DROPPED: frozenset(),
    LineStatus.EXCEPTED: frozenset(),
    LineStatus.REFUSED: frozenset(),
    LineStatus.PASSED: frozenset(),
    LineStatus.WITHDRAWN: frozenset(),
}


class Filing(Base):
    """What is special to an access filing. `source_key` names file, filer and compounds: the same is not filed twice.

    It is cleared when the filing is refused or withdrawn, so that the same file may then be tried again.
    """

    __tablename__ = "filing"
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    starts_on: Mapped[date]  # the earliest line; inclusive
    ends_on: Mapped[date]  # the latest line; inclusive
    note: Mapped[str] = mapped_column(default="")
    source_key: Mapped[str | None] = mapped_column(unique=True)
    source_digest: Mapped[str | None]  # SHA-256 of the workbook


class FilingLine(Base):
    """One rider in a filing, as filed. Name, plate and note are sealed; both days are inclusive."""

    __tablename__ = "filing_line"
    __table_args__ = (
        UniqueConstraint("matter_id", "number"),
        Index("ix_filing_line_rider", "rider_id"),
        Index("ix_filing_line_plate", "plate_index"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    number: Mapped[int]  # from 1
    rider_id: Mapped[UUID] = mapped_column(ForeignKey(Rider.id))  # the class: rounds alone would not import its table
    name_sealed: Mapped[str]
    plate_sealed: Mapped[str | None]
    plate_index: Mapped[str | None]
    platform: Mapped[str]
    station: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    note_sealed: Mapped[str | None]
    photo: Mapped[str | None]  # content hash of the picture, None without one
    status: Mapped[LineStatus] = mapped_column(default=LineStatus.FILED)
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str | None]  # code of the organisation that excepted the line

    def move(self, to: LineStatus, reason: str = "") -> None:
        """Move to `to`. Raises `IllegalMove` where `LINE_MOVES` has no such way."""
        self.status = move(f"line {self.number}", LINE_MOVES, self.status, to)
        self.reason = reason
