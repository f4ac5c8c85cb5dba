"""100,000 events of the signed webhook, each told 46 times, shuffled: one right end for each letter, and how fast.

1,087 letters with two events each, posted through HTTP in posts of 500, four at a time, to one web process as
`wufang up` runs it. The posts are made and signed beforehand. Every post must be answered with 204.
"""

import json
import random
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.filled import Filled, fill
from benchmarks.staging import Row, percentile, row, state, web
from models.clock import utcnow
from models.mail_event.tables import MailEvent
from models.notice import receiving, writing
from models.notice.tables import Letter, Notice, NoticeStatus
from tests.sendgrid_events import PATH, Signer, event, posts, repeated

EVENTS = 100_000
TIMES = 46
A_POST = 500
AT_ONCE = 4
SEED = 20261123
ENDS = {"delivered": NoticeStatus.DELIVERED, "bounce": NoticeStatus.PERMANENT_FAILURE}


def measure(events: int = EVENTS) -> Row:
    """Events a second; an assertion stops the run where a letter has a wrong end or an event is kept twice."""
    signer = Signer()
    with state(WUFANG_DEMO="false", WUFANG_SENDGRID_WEBHOOK_KEY=signer.public) as environment:
        filled = fill(Path(environment["WUFANG_STATE_DIR"]), utcnow() - timedelta(minutes=1))
        ids = filled.database.write(_send, filled, -(-events // (2 * TIMES)))
        chance = random.Random(SEED)
        ends = {one: chance.choices(["delivered", "bounce"], (95, 5))[0] for one in ids}
        told = _told(ends, filled.at.timestamp())
        port = int(environment["PORT"])
        with web("api.app:create_app", environment, port, "/livez"):
            lasted, seconds = _post_all(f"http://127.0.0.1:{port}", signer, repeated(told, TIMES, chance))
        _look(filled, ends, len(told))
        count = len(told) * TIMES
        notes = {"events": count, "letters": len(ids), "posts": len(lasted), "seconds": round(seconds, 2)}
        notes["p95_of_a_post_ms"] = round(percentile(lasted, 0.95) * 1000)
        return row("webhook_events", [count / seconds], [], "events/s", **notes)


def _send(session: Session, filled: Filled, letters: int) -> list[UUID]:
    """Letters that the provider has taken."""
    officer = filled.world.officer(filled.world.street)
    for number in range(letters):
        writing.write(session, str(number), None, Letter.REPLY, {}, [officer], filled.at)
    ids = list(session.scalars(select(Notice.id)))
    for start in range(0, len(ids), A_POST):
        some = ids[start : start + A_POST]
        taken = [receiving.Attempt(one, NoticeStatus.SENDING, "sendgrid", "m1") for one in some]
        receiving.record(session, taken, filled.at)
    return ids


def _told(ends: dict[UUID, str], at: float) -> list[dict[str, Any]]:
    return [
        one
        for notice_id, end in ends.items()
        for one in (
            event("processed", notice_id, at, "officer@one.example"),
            event(end, notice_id, at + 5, "officer@one.example", type="bounce", reason="550 5.1.1 unknown"),
        )
    ]


def _post_all(address: str, signer: Signer, events: Sequence[dict[str, Any]]) -> tuple[list[float], float]:
    """Post them; how long each post took, and all together."""
    made: list[tuple[bytes, dict[str, str]]] = []
    for some in posts(events, A_POST):
        body = json.dumps(some).encode()
        made.append((body, signer.headers(body, utcnow())))

    def post(one: tuple[bytes, dict[str, str]]) -> float:
        begun = time.perf_counter()
        with urllib.request.urlopen(urllib.request.Request(address + PATH, *one), timeout=60) as answer:
            assert answer.status == 204, answer.status
        return time.perf_counter() - begun

    begun = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        lasted = list(pool.map(post, made))
    return lasted, time.perf_counter() - begun


def _look(filled: Filled, ends: dict[UUID, str], events: int) -> None:
    with filled.database.reading() as session:
        stood = dict(session.execute(select(Notice.id, Notice.status).where(Notice.letter == Letter.REPLY)).all())
        kept = Counter(session.scalars(select(MailEvent.kind)))
    assert stood == {one: ENDS[end] for one, end in ends.items()}, Counter(stood.values())
    assert sum(kept.values()) == events, kept
    filled.database.close()


if __name__ == "__main__":
    print(measure(*map(int, sys.argv[1:])))
