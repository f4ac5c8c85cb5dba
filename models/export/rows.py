"""What stands in an export: columns, rows of plain values, and how a list is walked so that memory stays small."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from models.consultation.tables import OpinionKind
from models.crypto import Vault
from models.database import Database
from models.filing.tables import LineStatus
from models.matter import MatterStatus
from models.notice.tables import Letter, NoticeStatus
from models.officer import Identity, Role
from models.protocol.schema import Party, Title
from models.views.paging import Page, Turn
from models.words import N_, Sentence

CHUNK = 1000  # matters, seats or officers in one query
Row = TypeVar("Row")
Key = TypeVar("Key")
State = MatterStatus | LineStatus | OpinionKind | Party | Role | Letter | NoticeStatus
Cell = str | int | date | datetime | Title | tuple[Title, ...] | Sentence | State | None
YES, NO = Sentence(N_("yes")), Sentence(N_("no"))


@dataclass(frozen=True, slots=True)
class Column:
    """A heading (a msgid) and how wide it is, in characters."""

    head: str
    width: int


@dataclass(frozen=True, slots=True)
class Line:
    """One row, and the matter that it belongs to (None: it is about no matter)."""

    matter_id: UUID | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Taking:
    """Who takes out, from where and when; `is_full`: with whole identities."""

    database: Database
    vault: Vault
    who: Identity
    at: datetime
    is_full: bool = False


def walked(database: Database, read: Callable[[Session, Turn[Key]], Page[Row, Key]]) -> Iterator[Row]:
    """Every row of a list, read a chunk at a time."""
    for page in pages(database, read):
        yield from page.rows


def pages(database: Database, read: Callable[[Session, Turn[Key]], Page[Row, Key]]) -> Iterator[Page[Row, Key]]:
    """Every page of a list, each in a transaction of its own."""
    turn: Turn[Key] | None = Turn(limit=CHUNK)
    while turn is not None:
        with database.reading() as session:
            page = read(session, turn)
        yield page
        turn = Turn(page.next, limit=CHUNK) if page.next else None
