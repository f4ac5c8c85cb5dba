"""Agreeing in bulk on 200 filings, settling included, on SQLite and on PostgreSQL; the limit is 2 s.

The community agrees first, one filing after another, and is not measured. Then the council agrees on all of them in one
go, in the parts in which the pages and the API do it, and each of its agreements settles the first stage. Every run has
filings of its own. PostgreSQL: the server of `WUFANG_BENCH_POSTGRES`, in which a database is made and dropped.
"""

import os
import statistics
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from benchmarks.filled import Filled, fill
from benchmarks.staging import Row, row, state
from models.clock import utcnow
from models.consultation.in_bulk import agree_in_bulk, parts

FILINGS = 200
RUNS = 5
LIMIT_SECONDS = 2.0
POSTGRES = "postgresql://root@127.0.0.1:5432"  # trusts this machine, as the tests' does


@dataclass(frozen=True, slots=True)
class Agreed:
    """One run: seconds for all, and for the part that others had to wait for longest."""

    seconds: float
    longest_part: float


def measure() -> Row:
    """SQLite against the limit; PostgreSQL in the notes."""
    with state() as environment, postgres() as url:
        folder = Path(environment["WUFANG_STATE_DIR"])
        sqlite, server = _runs(folder / "sqlite"), _runs(folder / "postgresql", url)
    return row(
        "bulk_agree",
        [one.seconds for one in sqlite],
        [LIMIT_SECONDS] * RUNS,
        f"s for {FILINGS} filings",
        postgresql_seconds=round(statistics.median(one.seconds for one in server), 3),
        postgresql_worst=round(max(one.seconds for one in server), 3),
        longest_part_ms={
            "sqlite": round(max(one.longest_part for one in sqlite) * 1000),
            "postgresql": round(max(one.longest_part for one in server) * 1000),
        },
        filings=FILINGS,
    )


@contextmanager
def postgres() -> Generator[str]:
    """The address of an empty database of our own, dropped afterwards."""
    address = os.environ.get("WUFANG_BENCH_POSTGRES", POSTGRES)
    name = f"wufang_bench_{uuid4().hex[:12]}"
    with psycopg.connect(f"{address}/postgres", autocommit=True, connect_timeout=3) as server:
        server.execute(f'create database "{name}"'.encode())
        try:
            yield f"{address.replace('postgresql:', 'postgresql+psycopg:')}/{name}"
        finally:
            server.execute(f'drop database "{name}" with (force)'.encode())


def _runs(folder: Path, url: str | None = None) -> list[Agreed]:
    folder.mkdir()
    filled = fill(folder, utcnow(), url)
    try:
        _run(filled, 20)  # statements are prepared once in a process
        return [_run(filled, FILINGS) for _ in range(RUNS)]
    finally:
        filled.database.close()


def _run(filled: Filled, count: int) -> Agreed:
    """File, open, let the community agree; then what is measured."""
    world = filled.world
    filled.open(filled.submit(count))
    filled.answer(world.community)
    seats: list[tuple[UUID, int | None]] = [(seat_id, 1) for seat_id, _ in filled.asked(world.council)]
    assert len(seats) == count, len(seats)
    who, lasted, settled = world.who(world.council), [], 0
    for part in parts(seats):
        begun = time.perf_counter()
        told = filled.database.write(agree_in_bulk, who, part, filled.at)
        lasted.append(time.perf_counter() - begun)
        settled += sum(one.is_agreed and one.is_stage_settled for one in told)
    assert settled == count, settled
    return Agreed(sum(lasted), max(lasted))


if __name__ == "__main__":
    print(measure())
