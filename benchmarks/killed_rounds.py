"""Rounds killed with `kill -9` half way, 50 times: nothing lost, nothing twice.

A process runs rounds of filings and of letters as Prefect runs; it is killed at a moment drawn by chance after its first
small rounds (before those it only loads things), and another takes its place, until so many rounds were cut off: Prefect
shows those as running for ever. Rounds are larger than one transaction takes, so that many had committed a part already.
At the end every filing must be agreed with one pass a line and one resolution, the numbers without gaps, every record
sound, and every letter in the mailbox once.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks.staging import ROOT, Row, row, state
from benchmarks.thousand_filings import with_prefect

KILLS = 50
MOST_TRIES = 3  # kills for each round that is cut off: some fall between two rounds
FILINGS = 3600  # half of them to be opened, half to be concluded
ROUND = 50  # more than one transaction takes, so that a round can be cut between two
LONGEST_SECONDS = 1.0  # after the first rounds
SEED = 20261123


def measure(kills: int = KILLS, filings: int = FILINGS) -> Row:
    """How many rounds were cut off and all is whole; an assertion stops the run where anything was lost or came twice."""
    with state(WUFANG_DEMO="false") as environment:
        said = with_prefect(environment, "benchmarks.killed_rounds", str(kills), str(filings))
    return row("killed_rounds", [said.pop("cut_off")], [], f"of {kills}", **said)


def run(kills: int, filings: int) -> dict[str, Any]:
    """Fill, kill, let the rest be done, and look."""
    from benchmarks.filled import fill
    from models.clock import utcnow
    from models.settings import Settings

    settings = Settings()
    folder = settings.state_dir
    filled = fill(folder, utcnow())
    world = filled.world
    decided = filled.submit(filings // 2, lines=2)
    filled.open(decided)
    filled.answer(world.community, world.council)
    filled.open(decided)
    filled.answer(world.street, world.housing)
    filled.submit(filings // 2, lines=2)
    tries = _kill(filled, kills, settings.prefect_api)
    seen = _half_way(filled, _cut_off(settings.prefect_api))
    assert seen["due_left"] and seen["cut_after_a_commit"], seen
    _work_until_done(filled)
    return {"kills": tries, "filings": filings} | seen | _look(folder, filled, filings)


def _kill(filled: Any, rounds: int, prefect_api: str) -> int:
    """Kill workers until so many rounds were cut off, one of them at least after a commit. Returns how many were killed."""
    chance = random.Random(SEED)
    for tries in range(1, rounds * MOST_TRIES + 1):
        _kill_one(chance)
        cut_off = _cut_off(prefect_api)
        if len(cut_off) >= rounds and _half_way(filled, cut_off)["cut_after_a_commit"]:
            return tries
    raise AssertionError(f"fewer than {rounds} rounds were cut off by {rounds * MOST_TRIES} kills")


def _kill_one(chance: random.Random) -> None:
    """Start a worker and kill it at work."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.killed_rounds", "work"], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert worker.stdout is not None
    with worker.stdout:
        worker.stdout.readline()
        time.sleep(chance.uniform(0.0, LONGEST_SECONDS))
    assert worker.poll() is None, "the worker ended before it was killed"
    worker.send_signal(signal.SIGKILL)
    worker.wait()


def _cut_off(prefect_api: str) -> list[str]:
    """The ids of the runs that Prefect still shows as running, while no worker is; at most 200."""
    asked = {"flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}}}
    request = urllib.request.Request(
        f"{prefect_api}/flow_runs/filter", json.dumps(asked).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return [one["id"] for one in json.load(answer)]


def _half_way(filled: Any, cut_off: list[str]) -> dict[str, int]:
    """What is seen after the last kill: work left, rounds cut off after a commit of theirs, letters caught in sending."""
    from sqlalchemy import distinct, func, select

    from models import rounds
    from models.clock import utcnow
    from models.matter import MatterKind
    from models.notice.tables import Notice, NoticeStatus
    from models.record import RecordEntry

    wrote = select(func.count(distinct(RecordEntry.run))).where(RecordEntry.run.in_(cut_off))
    caught = select(func.count()).where(Notice.tries > 0, Notice.status == NoticeStatus.CREATED)
    with filled.database.reading() as session:
        return {
            "cut_off": len(cut_off),
            "cut_after_a_commit": session.scalar(wrote) or 0,
            "letters_caught": session.scalar(caught) or 0,
            "due_left": len(rounds.due(session, MatterKind.ACCESS_FILING.value, utcnow(), 5000)),
        }


def work() -> None:
    """Rounds until nothing is due: what the killed process does."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    from flows.access_filing import access_filing
    from flows.letters import letters
    from models.clock import utcnow

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        access_filing(at=utcnow(), size=1)
        letters(at=utcnow(), size=1)
        print("working", flush=True)
        while access_filing(at=utcnow(), size=ROUND).taken + letters(at=utcnow(), size=ROUND).taken:
            pass


def _work_until_done(filled: Any) -> None:
    """Let the parties answer what is open, run rounds to their end; leases of killed rounds are taken as over."""
    from datetime import timedelta

    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    from flows.access_filing import access_filing
    from flows.letters import letters
    from models.clock import utcnow

    world = filled.world
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        for answering in ((world.community, world.council), (world.street, world.housing), ()):
            while access_filing(at=utcnow()).taken:
                pass
            filled.answer(*answering)
        while access_filing(at=utcnow()).taken:
            pass
        while letters(at=utcnow() + timedelta(minutes=11)).taken:
            pass


def _look(folder: Path, filled: Any, filings: int) -> dict[str, Any]:
    from collections import Counter

    from sqlalchemy import select

    from models.mailbox import folder_under
    from models.matter import Matter, MatterStatus
    from models.notice.tables import Notice, NoticeStatus
    from models.passes import Pass
    from models.resolution import Resolution
    from models.verifying import verify

    with filled.database.reading() as session:
        statuses = Counter(session.scalars(select(Matter.status)))
        lines = Counter(session.scalars(select(Pass.line_id)))
        numbers = sorted(session.scalars(select(Resolution.sequence)))
        notices = Counter(session.scalars(select(Notice.status)))
        found = verify(session)
    posted = len(list(folder_under(folder).glob("*.json")))
    assert statuses == {MatterStatus.AGREED: filings}, statuses
    assert len(lines) == filings * 2 and set(lines.values()) == {1}, "a pass is missing or came twice"
    assert numbers == list(range(1, filings + 1)), "a number is missing or came twice"
    assert not found.broken, [str(one) for one in found.broken]
    assert set(notices) == {NoticeStatus.DELIVERED}, notices
    assert posted == notices[NoticeStatus.DELIVERED], (posted, notices)
    return {"passes": len(lines), "letters": posted, "entries": found.entries}


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        work()
        os._exit(0)
    if sys.argv[1:2] == ["run"]:
        print(json.dumps(run(int(sys.argv[2]), int(sys.argv[3]))))
        sys.stdout.flush()
        os._exit(0)
    print(measure())
