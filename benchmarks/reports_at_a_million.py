"""Searching duplicates, the public map feed and a community's board among 1,000,000 reports: p95 against 50 ms."""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from benchmarks.filled_reports import HIGH, SOUTH, WEST, WIDE
from benchmarks.reports_month import MANY, RULES, START, Month, settle
from benchmarks.staging import Row, percentile, row
from models.district import only_district
from models.report.merging import find_alike
from models.report.places import Box, Position, around
from models.views.report_lists import ReportList, count_reports, list_reports
from models.views.report_map import public_points

ASKED = 300  # of each kind
BOUND_MS = 50.0
SPANS_METRES = (300, 1_000, 3_000, 8_000)  # half of the map's edge: from a street corner to the whole town


def measure(count: int = MANY) -> Row:
    """The worst p95 of the three kinds in the row, each kind in the notes."""
    with tempfile.TemporaryDirectory(prefix="wufang-bench-") as folder:
        month = settle(Path(folder), "many", count)
        month.live(START, 1, 500)  # a day's worth of open ones
        kinds: dict[str, Callable[[Session, random.Random], object]] = {
            "duplicates": _duplicates,
            **{f"map {2 * span} m": _feed(span) for span in SPANS_METRES},
            "board": _board(month),
        }
        told = {name: _timed(month, ask) for name, ask in kinds.items()}
        month.database.close()
    worst = max(one["p95_ms"] for one in told.values())
    return row("reports_at_a_million", [worst], [BOUND_MS], f"ms, worst p95 among {count} reports", kinds=told)


def _timed(month: Month, ask: Callable[[Session, random.Random], object]) -> dict[str, Any]:
    chance = random.Random(1)
    taken: list[float] = []
    for _ in range(ASKED):
        with month.database.reading() as session:
            begun = time.perf_counter()
            ask(session, chance)
            taken.append(1000 * (time.perf_counter() - begun))
    return {"p50_ms": round(statistics.median(taken), 2), "p95_ms": round(percentile(taken, 0.95), 2)}


def _somewhere(chance: random.Random) -> Position:
    return Position(SOUTH + HIGH * chance.random(), WEST + WIDE * chance.random())


def _duplicates(session: Session, chance: random.Random) -> object:
    category = chance.choice(list(RULES.categories))
    at = START - timedelta(days=500 * chance.random())
    return find_alike(session, RULES, category, _somewhere(chance), None, at)


def _feed(span: int) -> Callable[[Session, random.Random], object]:
    def ask(session: Session, chance: random.Random) -> object:
        box: Box = around(_somewhere(chance), span)
        district_id = _district_id(session)
        return public_points(session, RULES, district_id, box, START - timedelta(days=30))

    return ask


def _district_id(session: Session) -> UUID:
    district = only_district(session)
    assert district is not None
    return district.id


def _board(month: Month) -> Callable[[Session, random.Random], object]:
    officers = [one for one in month.who.values() if one.party == "community"]

    def ask(session: Session, chance: random.Random) -> object:
        who = chance.choice(officers)
        at = START + timedelta(days=1)
        for which in ReportList:
            if which is not ReportList.PAST:
                count_reports(session, who, which, at)
        return list_reports(session, RULES, who, chance.choice(list(ReportList)), at)

    return ask


if __name__ == "__main__":
    print(measure(*map(int, sys.argv[1:])))
