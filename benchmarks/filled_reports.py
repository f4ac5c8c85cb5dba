"""Reports by the hundred thousand, all over and done: what years leave in the database."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from models.base import Base, uuid7
from models.database import Database
from models.district import Compound, Organisation
from models.phone import new_phone
from models.record import GENESIS
from models.report.categories import report_rules
from models.report.places import Position, shown_to_all
from models.report.tables import Deed, Follower, Level, Report, ReportEntry, ReportStatus
from wufang import demo_district

SEED = 7
DAYS = 500  # over which the reports are spread
PART = 5_000
SOUTH, WEST, HIGH, WIDE = 35.19, 113.20, 0.08, 0.10  # degrees: the town


def fill_reports(database: Database, count: int, at: datetime) -> None:
    """Put `count` closed reports of the time before `at` into a database that has the demo district."""
    plan = demo_district.plan()
    phone, _ = database.write(new_phone, plan.district.id, "zh", at)
    rows = _rows(count, at, phone.id, plan.compounds, {one.id: one for one in plan.organisations.values()})
    while part := list(islice(rows, PART)):
        database.write(_insert, part)
    database.write(_analyse)


def _insert(session: Session, part: list[dict[str, Any]]) -> None:
    session.execute(insert(Report), part)
    kept: list[tuple[type[Base], list[dict[str, Any]]]] = [
        (ReportEntry, [_entry(one) for one in part]),
        (Follower, [_follower(one) for one in part]),
    ]
    for table, rows in kept:
        session.execute(insert(table), rows)


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "report_id": row["id"],
        "position": 1,
        "kind": "reported",
        "at": row["reported_at"],
        "body": {"category": row["category"], "way": "phone"},
        "hash": GENESIS,
    }


def _follower(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "report_id": row["id"],
        "phone_id": row["phone_id"],
        "is_reporter": True,
        "seen": 1,
        "since": row["reported_at"],
    }


def _rows(
    count: int, at: datetime, phone_id: UUID, compounds: list[Compound], organisations: dict[UUID, Organisation]
) -> Iterator[dict[str, Any]]:
    chance, codes = random.Random(SEED), [one.code for one in report_rules().categories.values()]
    for number in range(count):
        reported_at = at - timedelta(days=DAYS) * (1 - number / count) - timedelta(hours=1)
        position = Position(SOUTH + HIGH * chance.random(), WEST + WIDE * chance.random(), 10)
        compound = chance.choice(compounds)
        shown = shown_to_all(position, compound)
        street_id = organisations[compound.community_id].parent_id
        assert street_id is not None
        yield {
            "id": uuid4(),
            "district_id": compound.district_id,
            "reference": f"报2020-{number:07d}",
            "category": chance.choice(codes),
            "deed": Deed.REPORT,
            "level": Level.ORDINARY,
            "status": ReportStatus.CLOSED,
            "latitude": position.latitude,
            "longitude": position.longitude,
            "cell": position.cell,
            "shown_latitude": shown[0],
            "shown_longitude": shown[1],
            "compound_id": compound.id,
            "community_id": compound.community_id,
            "street_id": street_id,
            "handler_id": compound.property_id,
            "phone_id": phone_id,
            "reported_at": reported_at,
            "updated_at": reported_at,
            "filed_at": reported_at,
            "closed_at": reported_at,
            "told": 1,
        }


def _analyse(session: Session) -> None:
    session.execute(text("analyze"))
