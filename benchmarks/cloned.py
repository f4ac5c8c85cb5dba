"""Open matters in bulk: one matter that the engine itself has opened, and copies of all its rows made by the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Table,
    Uuid,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from benchmarks.filled import Filled
from models.base import Base
from models.consultation.tables import Consultation, Opinion, Seat, Stage
from models.filing.tables import Filing, FilingLine
from models.matter import Matter, MatterPlace, Reader
from models.notice.tables import Notice
from models.prepared import table
from models.record import RecordEntry

TABLES: tuple[type[Base], ...] = (
    Matter, Filing, FilingLine, MatterPlace, Reader, Consultation, Stage, Seat, Opinion, RecordEntry,
)  # fmt: skip
COPIED = frozenset(one.__tablename__ for one in TABLES)
KEPT_DIGITS = 24  # of the 32 of an identifier; the last 8 are the copy's number


def clone(filled: Filled, count: int) -> UUID:
    """`count` copies of a matter that waits for its first reminder. Returns the matter that was copied."""
    matter_id = filled.submit(1)[0]
    filled.open([matter_id])
    filled.database.write(_copy, matter_id, count)
    return matter_id


def _copy(session: Session, matter_id: UUID, count: int) -> None:
    for one in TABLES:
        session.execute(_copies(session, table(one), _counted(count), matter_id))


def _counted(count: int) -> Any:
    """The numbers from 1 to `count`."""
    numbers = select(literal(1).label("value")).cte("numbers", recursive=True)
    return numbers.union_all(select(numbers.c.value + 1).where(numbers.c.value < count))


def _copies(session: Session, of: "Table[Any]", numbers: Any, matter_id: UUID) -> Any:
    named = list(of.columns)
    values: list[ColumnElement[Any]] = [_copied(session, column, numbers.c.value) for column in named]
    owner = of.c.id if of.name == "matter" else of.c.matter_id
    rows: Select[Any] = select(*values).select_from(of).join(numbers, literal(value=True)).where(owner == matter_id)
    return insert(of).from_select([column.name for column in named], rows, include_defaults=False)


def _copied(session: Session, column: Any, number: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column of the copy: identifiers of what is copied get the copy's number, the reference too, the rest stays."""
    if column.name == "reference":
        return column.concat("-").concat(cast(number, String))
    names = {key.column.table.name for key in column.foreign_keys}
    is_own = (column.name == "id" and not names) or names & COPIED or column.name == "opinion_id"
    return _numbered(session, column, number) if is_own else column


def _numbered(session: Session, column: Any, number: ColumnElement[Any]) -> ColumnElement[Any]:
    if _is_postgres(session):
        digits = func.replace(cast(column, String), "-", "")
        made = func.substr(digits, 1, KEPT_DIGITS).concat(func.lpad(func.to_hex(number), 8, "0"))
        return case((column.is_(None), None), else_=cast(made, Uuid()))
    return func.substr(column, 1, KEPT_DIGITS).concat(func.printf("%08x", number))


def _is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def set_alarms(session: Session, numbers: Sequence[int], due_at: datetime, else_at: datetime, matter_id: UUID) -> None:
    """Copies with these numbers (first and last) are due at `due_at`, all others later."""
    session.execute(update(Matter).values(wake_at=else_at))
    low, high = (_number(matter_id, one) for one in numbers)
    session.execute(update(Matter).where(Matter.id.between(low, high)).values(wake_at=due_at))


def _number(matter_id: UUID, number: int) -> UUID:
    return UUID(hex=f"{matter_id.hex[:KEPT_DIGITS]}{number:08x}")


def undo_round(session: Session, matter_id: UUID) -> None:
    """Everything is as before the round: the copies' heads, versions and rungs, and neither entries nor letters of it."""
    first = session.get_one(Matter, matter_id)
    head = {"record_count": first.record_count, "record_hash": first.record_hash, "version": first.version}
    session.execute(update(Matter).where(Matter.id != matter_id).values(**head))
    session.execute(update(Stage).values(rung=0))
    session.execute(RecordEntry.__table__.delete().where(RecordEntry.position > first.record_count))
    session.execute(Notice.__table__.delete())


def analyse(session: Session) -> None:
    """Let the database count what is there, for its plans."""
    session.execute(text("ANALYZE"))
