"""A round with 1,000 due matters among 100,000 open ones, and the same 1,000 among 2,000, on both databases.

Every matter waits for its first reminder; the due ones get it: due list, chunks of steps, letters and record written. The
runs alternate between the larger and the smaller database in one call; between them the round is undone. How many rows a
round reads is told by the database itself: PostgreSQL by its statistics of the tables, SQLite by the instructions that
its engine executes, with the plan of the look for due matters.
"""

import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import create_engine, event, select, text
from sqlalchemy.pool import Pool

from benchmarks.bulk_agree import postgres
from benchmarks.cloned import analyse, clone, set_alarms, undo_round
from benchmarks.filled import Filled, fill
from benchmarks.staging import Row, row
from models import rounds
from models.clock import utcnow
from models.consultation.tables import Stage
from models.database import Database
from models.matter import MatterKind
from models.rounds import Need
from tasks.rounds import Taken, walk

OPEN, FEW, DUE = 100_000, 2_000, 1_000
RUNS = 5
BOUND = 1.3
STEPS_COUNTED = 100  # instructions of SQLite's engine between two counts
READ = ("matter", "stage", "seat", "consultation", "matter_place", "record_entry", "notice")


@dataclass(slots=True)
class Ground:
    """A filled database with `DUE` matters that are due at `at`."""

    filled: Filled
    matter_id: UUID
    at: datetime
    due: int
    seconds: list[float] = field(default_factory=list)

    def round(self, database: Database | None = None) -> None:
        """One round, as the flow's steps take it."""
        database = database or self.filled.database
        begun = time.perf_counter()
        with database.reading() as session:
            taken = Taken(self.at, rounds.due(session, MatterKind.ACCESS_FILING.value, self.at, 5_000))
        moved = [one for need in Need for part in walk(taken, need, database.write, "bench") for one in part]
        self.seconds.append(time.perf_counter() - begun)
        assert len(moved) == len(taken.matters) == self.due, (len(moved), len(taken.matters))
        assert not [one for one in moved if one.trouble]

    def restore(self) -> None:
        """The same matters are due again."""
        self.filled.database.write(undo_round, self.matter_id)
        self.filled.database.write(set_alarms, (1, self.due), self.at, self.at + timedelta(days=30), self.matter_id)


def measure(large: int = OPEN, small: int = FEW, due: int = DUE, runs: int = RUNS) -> Row:
    """SQLite's ratio in the row; PostgreSQL's, and the rows read, in the notes."""
    with tempfile.TemporaryDirectory(prefix="wufang-bench-") as folder:
        here = Path(folder)
        sqlite = _compare(here, None, None, large, small, due, runs)
        with postgres() as one, postgres() as two:
            server = _compare(here, one, two, large, small, due, runs)
    return row(
        "due_rounds",
        sqlite["seconds"][0],
        sqlite["seconds"][1],
        f"s for {due} due of {large}; other: of {small}",
        bound=BOUND,
        sqlite=sqlite["told"],
        postgresql=server["told"] | {"ratio": server["ratio"]},
    )


def _compare(
    here: Path, one: str | None, two: str | None, large: int, small: int, due: int, runs: int
) -> dict[str, Any]:
    kind = "sqlite" if one is None else "postgresql"
    grounds = [open_ground(here / f"{kind}-{size}", url, size, due) for size, url in ((large, one), (small, two))]
    found = [read(ground) for ground in grounds]
    for ground in grounds:
        ground.seconds.clear()
    for _ in range(runs):
        for ground in grounds:
            ground.restore()
            ground.round()
    for ground in grounds:
        ground.filled.database.close()
    seconds = [ground.seconds for ground in grounds]
    medians = [round(statistics.median(one), 3) for one in seconds]
    told = {"seconds": medians, "read": found[0], "read_among_few": found[1]}
    return {"seconds": seconds, "told": told, "ratio": round(medians[0] / medians[1], 3)}


def open_ground(folder: Path, url: str | None, count: int, due: int) -> Ground:
    folder.mkdir()
    filled = fill(folder, utcnow(), url)
    matter_id = clone(filled, count - 1)
    with filled.database.reading() as session:
        stage = session.scalars(select(Stage).where(Stage.matter_id == matter_id)).one()
        at = datetime.fromisoformat(stage.ladder[0]["at"])
    ground = Ground(filled, matter_id, at, due)
    ground.restore()
    filled.database.write(analyse)
    return ground


def read(ground: Ground) -> dict[str, Any]:
    """What one round reads, as the database tells."""
    database = Database(ground.filled.database.url)
    try:
        if database.is_sqlite:
            with _instructions() as counted:
                ground.round(database)
            return {"instructions": counted["all"], "plan": _plan(database, ground.at)}
        before = _rows(database.url)
        ground.round(database)
    finally:
        database.close()  # PostgreSQL's processes tell what they read when they end
    time.sleep(1.0)
    after = _rows(database.url)
    return {
        "rows": {name: after[name] - before[name] for name in READ},
        "plan": _plan(ground.filled.database, ground.at),
    }


def _rows(url: str) -> dict[str, int]:
    """Rows of each table that were read so far, by scans of the whole or by an index."""
    engine = create_engine(url)
    query = text("select relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) from pg_stat_user_tables")
    with engine.connect() as connection:
        found = {name: int(count) for name, count in connection.execute(query)}
    engine.dispose()
    return found


@contextmanager
def _instructions() -> Generator[Counter[str]]:
    """The instructions that SQLite's engine executes meanwhile, on whichever connection."""
    counted: Counter[str] = Counter()

    def step() -> int:
        counted["all"] += STEPS_COUNTED
        return 0

    def watch(connection: Any, *_: Any) -> None:
        connection.set_progress_handler(step, STEPS_COUNTED)

    event.listen(Pool, "connect", watch)
    try:
        yield counted
    finally:
        event.remove(Pool, "connect", watch)


def _plan(database: Database, at: datetime) -> list[str]:
    """How the database looks for due matters."""
    query = rounds.WHAT_IS_DUE.params(due_kind=MatterKind.ACCESS_FILING, at=at, size=5_000)
    word = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    with database.reading() as session:
        said = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        return [str(one[-1]).strip() for one in session.execute(text(f"{word} {said}".replace(":", r"\:")))]


if __name__ == "__main__":
    print(measure(*map(int, sys.argv[1:])))
