"""Prepared statements: Core on the session's own connection, past the object layer, which costs as much again."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import CursorResult, Executable, FromClause, Table
from sqlalchemy.orm import Session

from models.base import Base


def run(
    session: Session, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]
) -> CursorResult[Any]:
    """Execute in the session's transaction, after what its objects have changed, as `session.execute` would."""
    session.flush()
    return session.connection().execute(statement, values)


def table(of: type[Base]) -> "Table[Any]":
    """The table of a class, to build such statements with."""
    found: FromClause = of.__table__
    assert isinstance(found, Table)
    return cast("Table[Any]", found)
