"""An export: its row, its kinds and forms, and where it stands.

`wake_at` is alarm and lease at once: who builds one moves it ahead, and a builder that dies leaves it due again.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, move, uuid7

KEPT = timedelta(hours=24)


class ExportKind(StrEnum):
    """What is taken out."""

    WAITING = "waiting"  # 待办
    ANSWERED = "answered"  # 已办
    FILINGS = "filings"
    RIDERS = "riders"  # every line of the filings
    RECORD = "record"  # 办理进度 of chosen matters
    OFFICERS = "officers"
    ORGANISATIONS = "organisations"
    ABSENCES = "absences"
    LOG = "log"  # what was done about people
    LETTERS = "letters"


class ExportForm(StrEnum):
    """As what."""

    XLSX = "xlsx"
    CSV = "csv"


class ExportStatus(StrEnum):
    """Where an export stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


MOVES: dict[ExportStatus, frozenset[ExportStatus]] = {
    ExportStatus.WAITING: frozenset({ExportStatus.RUNNING}),
    ExportStatus.RUNNING: frozenset({ExportStatus.RUNNING, ExportStatus.DONE, ExportStatus.FAILED}),
    ExportStatus.DONE: frozenset(),
    ExportStatus.FAILED: frozenset(),
}


class Export(Base):
    """One list taken out. `rows_done`: how many are written so far. The file is there from `DONE` until `expires_at`."""

    __tablename__ = "export"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    deputy_for: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    kind: Mapped[ExportKind]
    form: Mapped[ExportForm]
    filters: Mapped[dict[str, Any]]
    is_full: Mapped[bool]
    reason: Mapped[str]
    language: Mapped[str]
    status: Mapped[ExportStatus] = mapped_column(default=ExportStatus.WAITING)
    rows_done: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None]
    wake_at: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    def move(self, to: ExportStatus) -> None:
        """Move to `to`. Raises `IllegalMove` where `MOVES` has no such way."""
        self.status = move("export", MOVES, self.status, to)

    @property
    def file_name(self) -> str:
        """The name of its file under the folder of exports, and of the download."""
        return f"{self.kind.value}-{self.id}.{self.form.value}"
