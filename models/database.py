"""The database: short read sessions, and commands that are one transaction each."""

import asyncio
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

from psycopg import DataError
from sqlalchemy import Engine, ExceptionContext, create_engine, event, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from models.errors import SignNotKept
from models.keeping import KeepingSession
from models.tables import complete_metadata
from models.writer import GroupWriter, LoneWriter

P = ParamSpec("P")
T = TypeVar("T")

BUSY_SECONDS = 10
POSTGRES_WRITERS = 8


class Database:
    """Where commands are written and rows are read, on SQLite or PostgreSQL.

    A command is `f(session, …) -> value`; it commits when it returns and leaves nothing behind when it raises.
    `is_throw_away`: of one thread that writes, and no commit waits for the disk: nothing is meant to outlive a power cut.
    """

    def __init__(self, url: str, *, is_throw_away: bool = False) -> None:
        complete_metadata()  # whichever modules a process has imported: a row may point to any table
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._engine = _sqlite(url, query_only=True) if self.is_sqlite else _postgres(url)
        self._writer = _writer(url, is_throw_away=is_throw_away) if self.is_sqlite else None
        self._threads = None if self.is_sqlite else ThreadPoolExecutor(POSTGRES_WRITERS, "writer")

    @contextmanager
    def reading(self) -> Generator[Session]:
        """A session to read with; on SQLite it cannot write, by the database's own refusal."""
        with Session(self._engine, expire_on_commit=False) as session:
            yield session

    def submit(self, command: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Queue a command; the future is done when it is committed. Its errors are the future's."""

        def run(session: Session) -> T:
            return command(session, *args, **kwargs)

        if self._writer is not None:
            return self._writer.submit(run)
        assert self._threads is not None
        return self._threads.submit(self._transact, run)

    async def write_soon(self, command: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`write` for an event loop: it goes on while the command waits for its commit."""
        if self._writer is None:
            return await asyncio.wrap_future(self.submit(command, *args, **kwargs))
        return await self._writer.submit_here(lambda session: command(session, *args, **kwargs))

    def write(self, command: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a command and wait for its commit."""
        return self.submit(command, *args, **kwargs).result()

    def is_reachable(self) -> bool:
        """Whether the database answers a trivial question."""
        try:
            with self.reading() as session:
                session.execute(text("select 1"))
        except Exception:  # noqa: BLE001 - whatever it is, the database is not reachable
            return False
        return True

    def close(self) -> None:
        """Finish queued commands, close connections."""
        if self._writer is not None:
            self._writer.close()
        if self._threads is not None:
            self._threads.shutdown()
        self._engine.dispose()

    def _transact(self, run: Callable[[Session], Any]) -> Any:
        with KeepingSession(self._engine, expire_on_commit=False) as session, session.begin():
            return run(session)


def _writer(url: str, *, is_throw_away: bool) -> GroupWriter:
    if is_throw_away:
        return LoneWriter(_sqlite(url, query_only=False, safety="OFF"))
    return GroupWriter(_sqlite(url, query_only=False))


def _postgres(url: str) -> Engine:
    engine = create_engine(url, pool_size=POSTGRES_WRITERS * 2, pool_pre_ping=True, hide_parameters=True)

    @event.listens_for(engine, "handle_error")
    def failed(context: ExceptionContext) -> None:  # pyright: ignore[reportUnusedFunction]
        found = context.original_exception
        if isinstance(found, DataError) and "NUL" in str(found):
            raise SignNotKept() from found

    return engine


def _sqlite(url: str, *, query_only: bool, safety: str = "FULL") -> Engine:
    """An engine whose transactions begin as we say: at once for the writer, lazily for readers.

    A transaction that reads first and writes later fails with "database is locked" whatever the time-out, so the
    writer takes the lock at its beginning. `FULL` because in WAL mode `NORMAL` may lose acknowledged commits.
    """
    engine = create_engine(
        url,
        poolclass=QueuePool,
        hide_parameters=True,  # an error's text must not carry what somebody filed
        pool_size=1 if not query_only else 10,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )
    begin = "BEGIN" if query_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={safety}",
            "foreign_keys=ON",
            "cache_size=-32000",
            "temp_store=MEMORY",
            f"query_only={'ON' if query_only else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql(begin)

    return engine
