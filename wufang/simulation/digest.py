"""The digest of the final state: equal for equal arguments, whatever process, machine or hash seed."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import Base
from models.comment import Comment
from models.consultation.tables import Consultation, Opinion, Remark, Seat, Stage
from models.deputy import Absence
from models.filing.tables import Filing, FilingLine
from models.matter import Counter, Matter, MatterPlace, Reader
from models.notice.tables import Notice
from models.passes import Pass
from models.prepared import table
from models.record import RecordEntry
from models.resolution import Resolution

TABLES: tuple[type[Base], ...] = (
    Matter,
    MatterPlace,
    Reader,
    Filing,
    FilingLine,
    Consultation,
    Stage,
    Seat,
    Opinion,
    Remark,
    Comment,
    Resolution,
    Pass,
    Notice,
    Absence,
    RecordEntry,
    Counter,
)
DRAWN = frozenset({"name_sealed", "plate_sealed", "note_sealed", "plate_index", "check_word"})  # secret chance


def digest(session: Session) -> str:
    """SHA-256 in hex over every row of `TABLES`, but for what is drawn by the operating system's own chance."""
    found = hashlib.sha256()
    for line in _lines(session):
        found.update(line.encode())
    return found.hexdigest()


def _lines(session: Session) -> Iterator[str]:
    for one in TABLES:
        columns = [column for column in table(one).columns if column.name not in DRAWN]
        yield one.__tablename__
        for row in session.execute(select(*columns).order_by(*table(one).primary_key.columns)):
            yield json.dumps([_plain(value) for value in row], sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    return value if isinstance(value, dict | list | int | str | None) else str(value)
