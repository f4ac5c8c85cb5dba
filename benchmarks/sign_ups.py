"""10,000 riders sign up for 30 places over 64 connections, through HTTP: who gets a place, who waits in which order."""

import random
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from benchmarks import load
from benchmarks.staging import Row, row, state, web
from models.base import uuid7
from models.clock import utcnow
from models.crypto import open_vault
from models.database import Database
from models.migrations import upgrade
from models.settings import Settings
from models.training.place_tables import Place, PlaceStatus
from models.training.queue import key_of
from models.training.tables import Event, EventStatus
from wufang.make import Maker
from wufang.make_people import People
from wufang.make_training import Training

RIDERS, PLACES, CONNECTIONS = 10_000, 30, 64
SEED, PART = 7, 2_000
MISSED, CAME = 0.1, 0.3  # of the riders: did not come, came to a session before


def measure(riders: int = RIDERS, connections: int = CONNECTIONS) -> Row:
    """Sign-ups a second; the laws are checked in the database afterwards."""
    with state() as environment:
        folder = Path(environment["WUFANG_STATE_DIR"])
        url = Settings(state_dir=folder).database
        upgrade(url)
        event_id, requests = _fill(folder, url, riders)
        port = int(environment["PORT"])
        with web("api.app:create_app", environment, port, "/livez"):
            fired = load.apart(folder, port, requests, connections)
        database = Database(url)
        with database.reading() as session:
            _check(session, event_id, riders)
        database.close()
    assert fired.statuses == {303: riders}, fired.statuses
    return row(
        "sign_ups",
        [fired.per_second],
        [],
        f"sign-ups/s of {riders} riders for {PLACES} places at {connections} connections",
        taken=PLACES,
        waiting_in_rule_order=riders - PLACES,
        p50_ms=round(fired.p50_ms),
        p99_ms=round(fired.p99_ms),
        statuses={str(key): value for key, value in fired.statuses.items()},
    )


def _fill(folder: Path, url: str, count: int) -> tuple[UUID, list[load.Request]]:
    """A session, riders of whom some have come or missed before, and what each of them sends, in any order."""
    database, at = Database(url), utcnow()
    make = Maker(database, open_vault(folder / "keys"), at)
    world = make.neighbourhood()
    training, people = Training(make, world), People(make, world)
    known = [one for start in range(0, count, PART) for one in people.crowd(min(PART, count - start))]
    past = training.event(at - timedelta(days=9), status=EventStatus.HELD)
    chance = random.Random(SEED)
    database.write(_remember, past.id, [phone.rider_id for phone, _ in known], chance)
    event = training.event(places=PLACES)
    database.close()
    requests = [
        load.Request(
            "POST",
            f"/m/courses/{event.id}/sign-up",
            {
                "Cookie": f"wufang_phone={secret}",
                "Wufang-Phone": "1",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            "children=0",
        )
        for _, secret in known
    ]
    chance.shuffle(requests)
    return event.id, requests


def _remember(session: Session, event_id: UUID, riders: list[UUID], chance: random.Random) -> None:
    at, rows = utcnow(), []
    for rider_id in riders:
        drawn = chance.random()
        if drawn < MISSED + CAME:
            status = PlaceStatus.MISSED if drawn < MISSED else PlaceStatus.ATTENDED
            rows.append({"id": uuid7(), "event_id": event_id, "rider_id": rider_id, "status": status, "asked_at": at})
    session.execute(insert(Place), rows)


def _check(session: Session, event_id: UUID, riders: int) -> None:
    """Exactly the places are taken, by those who asked first; the rest waits, in the order that the rule's keys give."""
    event = session.get_one(Event, event_id)
    assert (event.taken, event.waiting, event.children) == (PLACES, riders - PLACES, 0)
    mine = select(Place).where(Place.event_id == event_id)
    taken = session.scalars(mine.where(Place.status == PlaceStatus.TAKEN)).all()
    order = (Place.misses, Place.has_come.desc(), Place.asked_at, Place.id)
    waiting = session.scalars(mine.where(Place.status == PlaceStatus.WAITING).order_by(*order)).all()
    assert (len(taken), len(waiting)) == (PLACES, riders - PLACES)
    assert len({one.rider_id for one in (*taken, *waiting)}) == riders
    assert list(waiting) == sorted(waiting, key=key_of)
    assert {(one.misses, one.has_come) for one in waiting} == {(0, False), (0, True), (1, False)}
    assert sum(one.misses for one in (*taken, *waiting)) > riders * MISSED / 2


if __name__ == "__main__":
    print(measure(*map(int, sys.argv[1:])))
