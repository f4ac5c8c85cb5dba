"""Prepared statements for the paths that people walk most: compiled once, executed by the driver itself.

SQLAlchemy's execution of a statement that it has compiled already costs ten times what SQLite needs for it (measured:
60 against 6 microseconds), and every statement of an opinion pays it. So a Core statement is compiled once for each
kind of database, with SQLAlchemy's own types converting what goes in and comes out, and then given to the driver in
the session's transaction. Statements stay Core: no SQL is written twice, and both databases are served.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Dialect, Executable, FromClause, Select, Table
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

from models.base import Base

DRIVER = "driver"  # key in a session's info
Convert = Callable[[Any], Any] | None
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A compiled statement: its SQL, what goes in (name, fixed value, conversion) and what comes out."""

    sql: str
    places: tuple[tuple[str, Any, Convert], ...]
    is_positional: bool
    row: Any  # a named tuple's class; None where nothing comes out
    conversions: tuple[tuple[int, Callable[[Any], Any]], ...]  # of those places that need one

    def bind(self, values: Values) -> Any:
        """The values as the driver wants them: a tuple by position or a mapping by name."""
        bound = [
            (name, values.get(name, fixed) if convert is None else convert(values.get(name, fixed)))
            for name, fixed, convert in self.places
        ]
        return tuple(value for _, value in bound) if self.is_positional else dict(bound)

    def convert(self, raw: Sequence[Any]) -> Any:
        """One row as a named tuple of Python values."""
        values = list(raw)
        for place, convert in self.conversions:
            values[place] = convert(values[place])
        return self.row._make(values)


class Rows:
    """The rows of one execution."""

    def __init__(self, prepared: Prepared, cursor: Any) -> None:
        self._prepared, self._cursor = prepared, cursor

    def first(self) -> Any | None:
        """The first row as a named tuple, or None."""
        raw = self._cursor.fetchone()
        return None if raw is None else self._prepared.convert(raw)

    @property
    def count(self) -> int:
        """How many rows were written."""
        return int(self._cursor.rowcount)

    def __iter__(self) -> Iterator[Any]:
        return map(self._prepared.convert, self._cursor.fetchall())


_prepared: dict[tuple[Executable, str], Prepared] = {}


def run(session: Session, statement: Executable, values: Values) -> Rows:
    """Execute in the session's transaction, after what its objects have changed; an insert only after new objects.

    `statement` is a constant of its module; an insert is always given the same columns. Errors are the driver's own.
    """
    if session.new or not statement.is_insert:
        session.flush()
    dialect, driver = _driver(session)
    key = (statement, dialect.name)
    prepared = _prepared.get(key)
    if prepared is None:
        prepared = _prepared[key] = _prepare(statement, dialect, list(values))
    return Rows(prepared, driver.execute(prepared.sql, prepared.bind(values)))


def _driver(session: Session) -> tuple[Dialect, Any]:
    """The driver's connection of the session's transaction, looked up once for each transaction."""
    known = session.info.get(DRIVER)
    if known is None or known[0] is not session.get_transaction():
        connection = session.connection()
        known = (session.get_transaction(), connection.dialect, connection.connection.driver_connection)
        session.info[DRIVER] = known
    return known[1], known[2]


def _prepare(statement: Executable, dialect: Dialect, columns: list[str]) -> Prepared:
    compiled = cast("ClauseElement", statement).compile(
        dialect=dialect, column_keys=columns if getattr(statement, "is_insert", False) else None
    )
    assert isinstance(compiled, SQLCompiler)
    assert not compiled.insert_prefetch, "every column with a default must be given"
    names = compiled.positiontup if compiled.positional else list(compiled.bind_names.values())
    converts = cast("Mapping[str, Convert]", compiled._bind_processors)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    fixed = compiled.params
    places = tuple((name, fixed.get(name), converts.get(name)) for name in names or ())
    if not isinstance(statement, Select):
        return Prepared(compiled.string, places, compiled.positional, None, ())
    selected = statement.selected_columns
    found = [_result_conversion(column.type, dialect) for column in selected]
    conversions = tuple((place, convert) for place, convert in enumerate(found) if convert is not None)
    row = namedtuple("row", selected.keys())  # noqa: PYI024  # pyright: ignore[reportUntypedNamedTuple]  # known when compiled
    return Prepared(compiled.string, places, compiled.positional, row, conversions)


def _result_conversion(kind: Any, dialect: Dialect) -> Convert:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def table(of: type[Base]) -> "Table[Any]":
    """The table of a class, to build such statements with."""
    found: FromClause = of.__table__
    assert isinstance(found, Table)
    return cast("Table[Any]", found)
