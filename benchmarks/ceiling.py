"""The ceiling: the same rows by prepared SQL in committed groups behind the same web server, and nothing else.

No authority, no rules, no reading: what any implementation on this machine could at best reach. It writes into a copy
of the same database: one opinion inserted, its seat updated, one record entry inserted, its matter updated.
"""

import asyncio
import os
import queue
import sqlite3
import threading
import uuid
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI
from pydantic import BaseModel

GROUP = 64

OPINION = (
    "INSERT INTO opinion (id, seat_id, matter_id, officer_id, kind, reason, conditions, exceptions, at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SEAT = (
    "UPDATE seat SET status = 'answered', answer = ?, opinion_id = ?, answered_at = ?, looked_at = ?, "
    "version = version + 1 WHERE id = ?"
)
RECORD = (
    "INSERT INTO record_entry (matter_id, position, kind, at, officer_id, organisation_id, run, body, hash) "
    "VALUES (?, ?, 'opinion_given', ?, ?, ?, NULL, ?, ?)"
)
MATTER = "UPDATE matter SET record_count = ?, record_hash = ?, version = version + 1 WHERE id = ?"


class OpinionIn(BaseModel):
    """The same body as the API's, with what the ceiling does not look up itself."""

    kind: str
    reason: str = ""
    conditions: str = ""
    matter_id: str
    position: int


class Writer:
    """One thread, one connection, groups of commands in one commit."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._jobs: queue.SimpleQueue[tuple[tuple[str, OpinionIn], Future[str]]] = queue.SimpleQueue()
        threading.Thread(target=self._work, daemon=True).start()

    def submit(self, seat_id: str, body: OpinionIn) -> "Future[str]":
        answer: Future[str] = Future()
        self._jobs.put(((seat_id, body), answer))
        return answer

    def _work(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=10)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        while True:
            group = [self._jobs.get()]
            while len(group) < GROUP and not self._jobs.empty():
                group.append(self._jobs.get())
            connection.execute("BEGIN IMMEDIATE")
            ids = [self._write(connection, *job) for job, _ in group]
            connection.execute("COMMIT")
            for (_, answer), opinion_id in zip(group, ids, strict=True):
                answer.set_result(opinion_id)

    def _write(self, connection: sqlite3.Connection, seat_id: str, body: OpinionIn) -> str:
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        opinion_id = uuid.uuid4().hex
        record_hash = os.urandom(32).hex()
        said = (opinion_id, seat_id, body.matter_id, None, body.kind, body.reason, body.conditions, "[]", now)
        connection.execute(OPINION, said)
        connection.execute(SEAT, (body.kind, opinion_id, now, now, seat_id))
        told = f'{{"stage":"neighbourhood","seat":"{seat_id}","kind":"{body.kind}","lines_out":[],"words":"{record_hash}"}}'
        connection.execute(RECORD, (body.matter_id, body.position, now, None, None, told, record_hash))
        connection.execute(MATTER, (body.position, record_hash, body.matter_id))
        return opinion_id


def create_app() -> FastAPI:
    """The bare application over the database file named by `CEILING_DATABASE`."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.writer = Writer(os.environ["CEILING_DATABASE"])
        yield

    app = FastAPI(lifespan=lifespan)

    @app.put("/api/v1/seats/{seat_id}/opinion")
    async def give_opinion(seat_id: uuid.UUID, body: OpinionIn) -> dict[str, str]:  # pyright: ignore[reportUnusedFunction]
        writer: Writer = app.state.writer
        opinion_id = await asyncio.wrap_future(writer.submit(seat_id.hex, body))
        return {"id": opinion_id}

    return app
