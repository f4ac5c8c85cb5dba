"""Click to effect while idle: from the answer to the deciding opinion until the passes are in the database.

All processes as `wufang up` starts them; 200 clicks one after another, each the last of five on its filing.
"""

import json
import sqlite3
import sys
import time
import urllib.request
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from benchmarks.filled import fill
from benchmarks.staging import Row, percentile, process, row, state
from models.clock import utcnow

CLICKS = 200
WARM_UP = 5
PAUSE_SECONDS = 0.3  # so that the system is idle again
LONGEST_SECONDS = 20.0
LONGEST_LETTERS_SECONDS = 120.0
REST_SECONDS = 5.0


def measure() -> Row:
    """Median, 95th percentile and worst of the clicks, in seconds."""
    with state(WUFANG_DEMO="false") as environment:
        folder = Path(environment["WUFANG_STATE_DIR"])
        places, token = _prepare(folder)
        port = int(environment["PORT"])
        words = [sys.executable, "-m", "wufang.supervisor"]
        with process(words, environment, f"http://127.0.0.1:{port}/readyz", 90):
            _wait_until_idle(folder)
            times = [_click(folder, port, token, *place) for place in places]
    times = times[WARM_UP:]
    return row(
        "click_to_effect",
        [percentile(times, 0.5)],
        [],
        "s, median",
        p95=round(percentile(times, 0.95), 3),
        worst=round(max(times), 3),
        clicks=len(times),
    )


def _prepare(folder: Path) -> tuple[list[tuple[UUID, UUID]], str]:
    filled = fill(folder, utcnow() - timedelta(seconds=1))
    world = filled.world
    matters = filled.submit(CLICKS + WARM_UP, lines=3)
    filled.open(matters)
    filled.answer(world.community, world.council)
    filled.open(matters)
    filled.answer(world.housing)
    token = filled.token(world.officer(world.street))
    places = filled.asked(world.street)
    filled.database.close()
    return places, token


def _wait_until_idle(folder: Path) -> None:
    """The letters of the preparation leave first; then the processes come to rest."""
    until = time.monotonic() + LONGEST_LETTERS_SECONDS
    while _count(folder, "select count(*) from notice where wake_at is not null"):
        if time.monotonic() > until:
            raise TimeoutError(f"letters still wait after {LONGEST_LETTERS_SECONDS} s")
        time.sleep(0.5)
    time.sleep(REST_SECONDS)


def _count(folder: Path, query: str) -> int:
    with closing(sqlite3.connect(f"file:{folder / 'wufang.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchone()[0]


def _click(folder: Path, port: int, token: str, seat_id: UUID, matter_id: UUID) -> float:
    time.sleep(PAUSE_SECONDS)
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/seats/{seat_id}/opinion",
        data=json.dumps({"kind": "agree"}).encode(),
        method="PUT",
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json", "If-Match": "*"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.load(answer)["is_stage_settled"]
    begun = time.perf_counter()
    connection = sqlite3.connect(f"file:{folder / 'wufang.db'}?mode=ro", uri=True)
    try:
        while connection.execute('select count(*) from "pass" where matter_id = ?', (matter_id.hex,)).fetchone()[0] < 3:
            if time.perf_counter() - begun > LONGEST_SECONDS:
                raise TimeoutError(f"no passes after {LONGEST_SECONDS} s")
            time.sleep(0.002)
        return time.perf_counter() - begun
    finally:
        connection.close()


if __name__ == "__main__":
    print(measure())
