"""What is special to a street's whistle: its table."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, only_where


class Whistle(Base):
    """A matter about a report: the departments that it names (`MatterNamed`) are to settle it by the end of `settle_by`.

    `is_open`: until its matter is agreed, refused or withdrawn; a report has at most one such.
    """

    __tablename__ = "whistle"
    __table_args__ = (Index("uq_whistle_open", "report_id", unique=True, **only_where("is_open")),)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), index=True)
    settle_by: Mapped[date]
    words: Mapped[str]  # what is asked of the departments; without personal data
    is_open: Mapped[bool] = mapped_column(default=True)
