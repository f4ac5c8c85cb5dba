"""Click to effect while idle: from the answer to the deciding opinion until the passes are in the database.

All processes as `wufang up` starts them; 200 clicks one after another, each the last of five on its filing.
"""

import json
import sqlite3
import sys
import time
import urllib.request
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


def measure() -> Row:
    """Median, 95th percentile and worst of the clicks, in seconds."""
    with state(WUFANG_DEMO="false") as environment:
        folder = Path(environment["WUFANG_STATE_DIR"])
        places, token = _prepare(folder)
        port = int(environment["PORT"])
        words = [sys.executable, "-m", "wufang.supervisor"]
        with process(words, environment, f"http://127.0.0.1:{port}/readyz", 90):
            time.sleep(15)  # the letters of the preparation leave first
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
