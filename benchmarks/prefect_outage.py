"""Prefect's server is gone for an hour in which 10,000 alarms fall due; it returns, and everything is served.

All processes as `wufang up` starts them: server, engine, web application. The hour is a simulated one: once the server is
stopped, the matters' first reminders are set due over the hour that has just passed. While it is gone, `/readyz` must name
Prefect, pages must open and opinions be taken, and no round may run. After its return every alarm must be served within
five minutes, each once, those that had waited longest first: read from the record and from what the rounds wrote down.
"""

import json
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from benchmarks.cloned import clone
from benchmarks.filled import Filled, fill
from benchmarks.staging import Row, process, row, state, web
from benchmarks.thousand_filings import environments
from models.authority.sessions import Limits, Origin, open_session
from models.clock import utcnow
from models.consultation.tables import Seat, SeatStatus, Stage
from models.matter import Matter
from models.notice.tables import Notice
from models.record import RecordEntry
from models.rounds import Round

ALARMS = 10_000
HOUR = timedelta(hours=1)
BOUND_SECONDS = 300.0
OUTAGE_SECONDS = 15.0  # of ours, in which the pages are asked
NOTICED_SECONDS = 5.0
ANSWERED = 20  # opinions given while the server is gone
LONGEST_SECONDS = 1_200.0


@dataclass(frozen=True, slots=True)
class Scene:
    """Where it happens: the filled database, addresses and secrets."""

    filled: Filled
    address: str
    token: str
    cookie: str


def measure(alarms: int = ALARMS, outage_seconds: float = OUTAGE_SECONDS) -> Row:
    """Seconds from the server's return until nothing is due any more."""
    with state(WUFANG_DEMO="false") as environment, ExitStack() as running:
        folder = Path(environment["WUFANG_STATE_DIR"])
        filled = fill(folder, utcnow() - timedelta(minutes=1))
        clone(filled, alarms)
        place = _place(filled, f"http://127.0.0.1:{environment['PORT']}")
        found = environments(environment, folder, int(environment["WUFANG_PREFECT_PORT"]))
        health = f"http://127.0.0.1:{environment['WUFANG_PREFECT_PORT']}/api/health"
        server = running.enter_context(ExitStack())
        server.enter_context(process(_server(environment), found["server"], health, 90))
        running.enter_context(web("api.app:create_app", environment, int(environment["PORT"]), "/livez"))
        ready = f"{place.address}/readyz"
        running.enter_context(process([sys.executable, "-m", "wufang.engine"], found["client"], ready, 90))
        server.close()  # Prefect is gone
        alarms_at = filled.database.write(_spread_alarms, utcnow() - HOUR, utcnow())
        said = _look_meanwhile(place, outage_seconds)
        with process(_server(environment), found["server"], health, 90):
            begun = time.monotonic()
            seconds, letters = _until_served(filled, begun)
            said |= _check(filled, alarms_at, place)
        filled.database.close()
    return row("prefect_outage", [seconds], [BOUND_SECONDS], "s until all are served", letters_left=letters, **said)


def _server(environment: dict[str, str]) -> list[str]:
    return [
        *(sys.executable, "-m", "uvicorn", "--factory", "wufang.prefect_server:create_app"),
        *("--port", environment["WUFANG_PREFECT_PORT"], "--no-access-log", "--log-level", "warning"),
        *("--timeout-graceful-shutdown", "1"),
    ]


def _place(filled: Filled, address: str) -> Scene:
    officer = filled.world.officer(filled.world.community)
    cookie = filled.database.write(
        open_session, officer.id, Origin(), Limits(timedelta(hours=12), timedelta(hours=2)), utcnow()
    )
    return Scene(filled, address, filled.token(officer), cookie)


def _spread_alarms(session: Session, first: datetime, last: datetime) -> dict[UUID, datetime]:
    """The first rungs of all open stages, evenly over the hour; returns when each matter is due."""
    stages = session.scalars(select(Stage).order_by(Stage.matter_id)).all()
    every = (last - first) / len(stages)
    found: dict[UUID, datetime] = {}
    for number, stage in enumerate(stages):
        # Neighbours in the table are not neighbours in time: the order of service is to come from the alarms alone.
        at = first + every * (number * 7919 % len(stages))
        stage.ladder = [stage.ladder[0] | {"at": at.isoformat()}, *stage.ladder[1:]]
        found[stage.matter_id] = at
    session.flush()
    session.execute(update(Matter), [{"id": matter_id, "wake_at": at} for matter_id, at in found.items()])
    return found


def _look_meanwhile(place: Scene, outage_seconds: float) -> dict[str, Any]:
    """Readiness, pages and opinions while the server is gone; the longest page in milliseconds."""
    until, longest, asked = time.monotonic() + outage_seconds, 0.0, 0
    seats = place.filled.asked(place.filled.world.community)[:ANSWERED]
    named: Counter[str] = Counter()
    noticed_by = time.monotonic() + NOTICED_SECONDS  # the probe asks the server once a second
    while _get(f"{place.address}/readyz", {})[0] != 503:
        assert time.monotonic() < noticed_by, "/readyz does not say that Prefect's server is gone"
        time.sleep(0.1)
    while time.monotonic() < until:
        status, ready = _get(f"{place.address}/readyz", {})
        named[f"{status} {','.join(json.loads(ready)['waiting_for'])}"] += 1
        for address in ("/", "/filings", f"/filings/{_reference(place, seats[0][1])}"):
            begun = time.perf_counter()
            status, _ = _get(place.address + address, {"Cookie": f"wufang_session={place.cookie}"})
            longest, asked = max(longest, time.perf_counter() - begun), asked + 1
            assert status == 200, (address, status)
        time.sleep(0.5)
    for seat_id, _ in seats:
        _answer(place, seat_id)
    assert named["503 prefect"] > 0 and not named["200 "], named
    assert _moved(place.filled) == 0, "a round ran without Prefect's server"
    return {"readyz": dict(named), "pages": asked, "longest_page_ms": round(longest * 1000), "opinions": len(seats)}


def _reference(place: Scene, matter_id: UUID) -> str:
    with place.filled.database.reading() as session:
        return quote(session.get_one(Matter, matter_id).reference)


def _get(url: str, headers: dict[str, str]) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def _answer(place: Scene, seat_id: UUID) -> None:
    request = urllib.request.Request(
        f"{place.address}/api/v1/seats/{seat_id}/opinion",
        data=json.dumps({"kind": "agree"}).encode(),
        method="PUT",
        headers={"Authorization": f"Bearer {place.token}", "Content-Type": "application/json", "If-Match": "*"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def _moved(filled: Filled) -> int:
    query = select(func.count()).select_from(RecordEntry).where(RecordEntry.kind == "reminded")
    with filled.database.reading() as session:
        return session.scalar(query) or 0


def _until_served(filled: Filled, begun: float) -> tuple[float, int]:
    """Seconds until no matter is due, and the letters that are still to leave then."""
    while True:
        with filled.database.reading() as session:
            due = session.scalar(select(func.count()).select_from(Matter).where(Matter.wake_at <= utcnow()))
            letters = session.scalar(select(func.count()).select_from(Notice).where(Notice.wake_at <= utcnow()))
        seconds = time.monotonic() - begun
        if not due:
            return round(seconds, 1), letters or 0
        assert seconds < LONGEST_SECONDS, f"{due} alarms are due after {seconds:.0f} s"
        time.sleep(0.2)


def _wait_for_the_last_round(filled: Filled) -> None:
    """A round writes down what it did after its last step: a moment after nothing is due any more."""
    unwritten = select(RecordEntry.run).where(RecordEntry.kind == "reminded", RecordEntry.run.not_in(select(Round.run)))
    until = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < until:
        with filled.database.reading() as session:
            if session.execute(unwritten.limit(1)).first() is None:
                return
        time.sleep(0.1)


def _check(filled: Filled, alarms_at: dict[UUID, datetime], place: Scene) -> dict[str, Any]:
    """Each alarm was served once, and no round took one that was due later than one that a later round took."""
    reminded = select(RecordEntry.matter_id, RecordEntry.run).where(RecordEntry.kind == "reminded")
    _wait_for_the_last_round(filled)
    with filled.database.reading() as session:
        listed = session.execute(reminded).all()
        order = list(session.scalars(select(Round.run).order_by(Round.started_at)))
        asked = select(func.count()).select_from(Seat).where(Seat.status == SeatStatus.ASKED)
        assert session.scalar(asked)
    times = Counter(matter_id for matter_id, _ in listed)
    assert set(times) == set(alarms_at) and set(times.values()) == {1}, "an alarm was not served, or twice"
    by_run: dict[str, list[datetime]] = {run: [] for run in order}
    for matter_id, run in listed:
        by_run[run].append(alarms_at[matter_id])
    served = [by_run[run] for run in order if by_run[run]]
    for earlier, later in pairwise(served):
        assert max(earlier) <= min(later), "a later round took what had waited longer"
    status, _ = _get(f"{place.address}/readyz", {})
    return {"alarms": len(alarms_at), "rounds": len(served), "readyz_afterwards": status}


if __name__ == "__main__":
    print(measure(*map(int, sys.argv[1:])))
