"""`INSERT … ON CONFLICT`, which both databases know and SQLAlchemy spells once for each."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from models.base import Base
from models.prepared import run, table


def insert_into(session: Session, table: type[Base]) -> "SqliteInsert | PostgresInsert":
    """An insert for this session's database that takes `on_conflict_do_nothing` and `on_conflict_do_update`."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite_insert(table) if is_sqlite else postgres_insert(table)


def insert_new(session: Session, into: type[Base], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write those of the rows whose keys are not there yet; all rows give the same columns. Returns how many were new.

    Row by row and prepared: an insert of many rows is another statement for each number of rows, and making it costs
    SQLAlchemy more than the database needs for all of them.
    """
    statement = _insert_new(into, session.get_bind().dialect.name)
    return sum(run(session, statement, row).count for row in rows)


@cache
def _insert_new(into: type[Base], dialect: str) -> "SqliteInsert | PostgresInsert":
    insert = sqlite_insert if dialect == "sqlite" else postgres_insert
    return insert(table(into)).on_conflict_do_nothing()
