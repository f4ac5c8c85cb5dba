"""One writer thread a process: it commits together what has queued up (decision 6 of the design).

Each command runs in a savepoint of its own, so that one that fails takes nothing else with it. When the common
commit fails, the commands are done again one by one, and only those that fail alone report an error.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from models.errors import DatabaseBusy
from models.keeping import KeepingSession

GROUP = 64  # commands in one commit; more would make the first of them wait

Command = Callable[[Session], Any]


@dataclass(slots=True)
class Job:
    """A command and where its answer goes, after the commit: a waiting thread or, with `loop`, an event loop."""

    command: Command
    answer: "Future[Any] | asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop | None = None
    result: Any = None
    error: BaseException | None = None

    def deliver(self) -> None:
        """Hand result or error to whoever still waits."""
        if self.answer.done():
            return
        if self.error is not None:
            self.answer.set_exception(self.error)
        else:
            self.answer.set_result(self.result)


class GroupWriter:
    """Owns all writes of this process to one SQLite database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def submit(self, command: Command) -> "Future[Any]":
        """Queue `command`; the future is done after the commit that holds it, on the writer's thread."""
        answer: Future[Any] = Future()
        self._jobs.put(Job(command, answer))
        return answer

    def submit_here(self, command: Command) -> "asyncio.Future[Any]":
        """The same from a running event loop, which is woken once for all the answers of a group."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        self._jobs.put(Job(command, answer, loop))
        return answer

    def close(self) -> None:
        """Finish what is queued, then stop."""
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        """Do what is queued until there is no more to come."""
        while True:
            jobs, is_last = self._take()
            if jobs:
                self._do(jobs)
            if is_last:
                return

    def _take(self) -> tuple[list[Job], bool]:
        """Wait for one job, then take what else is there, up to `GROUP`."""
        first = self._jobs.get()
        if first is None:
            return [], True
        jobs = [first]
        while len(jobs) < GROUP:
            try:
                following = self._jobs.get_nowait()
            except queue.Empty:
                break
            if following is None:
                return jobs, True
            jobs.append(following)
        return jobs, False

    def _do(self, jobs: list[Job]) -> None:
        try:
            self._commit(jobs)
        except Exception as error:  # noqa: BLE001 - delivered to whoever waits
            if len(jobs) == 1:
                jobs[0].error = _told(error)
            else:
                self._redo(jobs)
        _deliver(jobs)

    def _redo(self, jobs: list[Job]) -> None:
        """The group failed: each job alone, so that only the guilty one fails."""
        for job in jobs:
            job.result, job.error = None, None
            try:
                self._commit([job])
            except Exception as error:  # noqa: BLE001 - delivered to whoever waits
                job.error = _told(error)

    def _commit(self, jobs: list[Job]) -> None:
        with self._engine.begin() as connection:
            for job in jobs:
                _run(job, connection)


class LoneWriter(GroupWriter):
    """The same for a process in which nobody writes at once with another: each command in its caller's thread."""

    def __init__(self, engine: Engine) -> None:  # pyright: ignore[reportMissingSuperCall]
        self._engine = engine

    def submit(self, command: Command) -> "Future[Any]":
        """Do `command` at once."""
        job = Job(command, Future())
        self._do([job])
        return job.answer  # pyright: ignore[reportReturnType]

    def close(self) -> None:
        """Nothing is queued."""


def _deliver(jobs: list[Job]) -> None:
    """Answer all: threads one by one, each event loop with one wake-up."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in jobs:
        if job.loop is None:
            job.deliver()
        else:
            by_loop.setdefault(job.loop, []).append(job)
    for loop, waiting in by_loop.items():
        with suppress(RuntimeError):  # a loop that is closed waits for nothing
            loop.call_soon_threadsafe(_deliver_here, waiting)


def _deliver_here(jobs: list[Job]) -> None:
    for job in jobs:
        job.deliver()


def _run(job: Job, connection: Connection) -> None:
    """Run one job in a savepoint; its own error stays its own.

    The savepoint is said to the driver directly: SQLAlchemy's bookkeeping of one costs as much as a statement.
    """
    raw = connection.connection.cursor()
    raw.execute("SAVEPOINT command")
    try:
        with KeepingSession(connection, join_transaction_mode="rollback_only", expire_on_commit=False) as session:
            job.result = job.command(session)
            session.flush()
    except Exception as error:
        if not raw.connection.in_transaction:
            raise  # a failed flush has rolled back the whole group, savepoint included: it is redone one by one
        raw.execute("ROLLBACK TO command")
        job.error = error
    raw.execute("RELEASE command")
    raw.close()


def _told(error: Exception) -> BaseException:
    """A lock held too long becomes the rule that the API answers with 503 and Retry-After."""
    if isinstance(error, OperationalError) and "locked" in str(error.orig):
        return DatabaseBusy()
    return error
