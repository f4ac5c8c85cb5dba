"""`INSERT … ON CONFLICT`, which both databases know and SQLAlchemy spells once for each."""

from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from models.base import Base


def insert_into(session: Session, table: type[Base]) -> "SqliteInsert | PostgresInsert":
    """An insert for this session's database that takes `on_conflict_do_nothing` and `on_conflict_do_update`."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite_insert(table) if is_sqlite else postgres_insert(table)
