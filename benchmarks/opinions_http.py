"""Opinions through HTTP at 32 connections on SQLite, against the ceiling (see `benchmarks.ceiling`), in one run.

Every opinion is a council's on a filing of its own, so that each writes the same four rows and settles nothing.
"""

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks import load
from benchmarks.staging import Row, free_port, row, state, web
from models.calendars import district_calendar
from models.clock import utcnow
from models.consultation.opening import open_next
from models.consultation.tables import Seat
from models.crypto import open_vault
from models.database import Database
from models.matter import Matter, lock
from models.migrations import upgrade
from models.officer import issue_credential
from models.record import Actor
from models.settings import Settings
from wufang.make import Maker

CONNECTIONS = 32
RUNS = 5
OPINIONS = 1500  # a run
WARM_UP = 200
CHUNK = 50

Place = tuple[UUID, UUID, int]  # seat, matter, entries in its record


def measure() -> Row:
    """Alternating runs of ours and the ceiling over copies of one database."""
    with state() as environment:
        folder = Path(environment["WUFANG_STATE_DIR"])
        token, places = _fill(folder, (OPINIONS + WARM_UP) * RUNS)
        other = folder / "ceiling.db"
        shutil.copyfile(folder / "wufang.db", other)
        port, other_port = int(environment["PORT"]), free_port()
        with (
            web("api.app:create_app", environment, port, "/livez"),
            web("benchmarks.ceiling:create_app", environment | {"CEILING_DATABASE": str(other)}, other_port, "/docs"),
        ):
            ours, ceiling = _alternate(folder, token, places, port, other_port)
    p99 = sorted(one.p99_ms for one in ours)[RUNS // 2]
    statuses = {status: sum(one.statuses.get(status, 0) for one in ours) for status in {200, *ours[0].statuses}}
    return row(
        "opinions_http_vs_ceiling",
        [one.per_second for one in ours],
        [one.per_second for one in ceiling],
        "opinions/s",
        p50_ms=round(sorted(one.p50_ms for one in ours)[RUNS // 2], 1),
        p99_ms=round(p99, 1),
        ceiling_p99_ms=round(sorted(one.p99_ms for one in ceiling)[RUNS // 2], 1),
        statuses=statuses,
        connections=CONNECTIONS,
    )


def _alternate(
    folder: Path, token: str, places: list[Place], port: int, other_port: int
) -> tuple[list[load.Measured], list[load.Measured]]:
    ours: list[load.Measured] = []
    ceiling: list[load.Measured] = []
    for _ in range(RUNS):
        warm, part = places[:WARM_UP], places[WARM_UP : WARM_UP + OPINIONS]
        del places[: WARM_UP + OPINIONS]
        for target, listed, make in ((port, ours, _ours), (other_port, ceiling, _ceiling)):
            load.apart(folder, target, [make(token, place) for place in warm], CONNECTIONS)
            listed.append(load.apart(folder, target, [make(token, place) for place in part], CONNECTIONS))
    return ours, ceiling


def _ours(token: str, place: Place) -> load.Request:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "If-Match": '"1"'}
    return load.Request("PUT", f"/api/v1/seats/{place[0]}/opinion", headers, '{"kind": "agree"}')


def _ceiling(_token: str, place: Place) -> load.Request:
    body = json.dumps({"kind": "agree", "matter_id": place[1].hex, "position": place[2] + 1})
    return load.Request("PUT", f"/api/v1/seats/{place[0]}/opinion", {"Content-Type": "application/json"}, body)


def _fill(folder: Path, count: int) -> tuple[str, list[Place]]:
    """A database with `count` filings whose councils are asked; their officer's token."""
    settings = Settings(state_dir=folder)
    upgrade(settings.database)
    database = Database(settings.database)
    at = utcnow()
    maker = Maker(database, open_vault(folder / "keys"), at)
    world = maker.neighbourhood()
    riders = maker.rider_lines(1)
    for start in range(0, count, CHUNK):
        for _ in range(min(CHUNK, count - start)):
            maker.filing(world.clerk, [world.compound], riders)
    with database.reading() as session:
        ids = list(session.scalars(select(Matter.id)))
    for start in range(0, count, CHUNK):
        database.write(lambda session, part: [_open(session, one, at) for one in part], ids[start : start + CHUNK])
    token = database.write(issue_credential, world.officer(world.council).id, "bench", at, timedelta(days=1))
    with database.reading() as session:
        query = select(Seat.id, Matter.id, Matter.record_count).join(Matter, Seat.matter_id == Matter.id)
        places = [tuple(one) for one in session.execute(query.where(Seat.organisation_id == world.council.id))]
    database.close()
    return token, places


def _open(session: Session, matter_id: UUID, at: datetime) -> None:
    open_next(session, lock(session, matter_id), at, Actor(run="bench"), district_calendar())


if __name__ == "__main__":
    print(measure())
