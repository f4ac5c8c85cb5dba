"""A month of 2,000 reports a day on simulated time: every late one escalated at its minute, none twice.

People are invented with a seed: most act in time, some late, some never. The engine looks once a minute, as its alarm would
have it, and takes what is due. What a day's rounds cost is then compared between a database with 10,000 reports of the
years before and one with 1,000,000.
"""

import heapq
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.filled_reports import HIGH, SOUTH, WEST, WIDE, fill_reports
from benchmarks.staging import Row, row
from models.calendars import district_calendar
from models.clock import SHANGHAI
from models.crypto import Vault
from models.database import Database
from models.errors import RuleBroken
from models.migrations import upgrade
from models.officer import Identity
from models.phone import new_phone
from models.report import checking, climbing, handling, triaging
from models.report.categories import report_rules
from models.report.collecting import NewReport, Reporter, collect
from models.report.places import Position
from models.report.tables import Report, ReportEscalation
from models.report.triaging import Filing
from wufang import demo_district
from wufang.make import identity_of

SEED, A_DAY, DAYS = 3, 2_000, 30
FEW, MANY = 10_000, 1_000_000
START = datetime(2026, 12, 1, tzinfo=SHANGHAI)
MINUTE = timedelta(minutes=1)
BOUND = 1.3
RULES, CALENDAR = report_rules(), district_calendar()
ACTS = ("file", "answer", "close")


@dataclass(slots=True)
class Month:
    """The district with its people, and what happens next: (instant, number, act, report)."""

    database: Database
    vault: Vault
    chance: random.Random
    who: dict[UUID, Identity]
    phone: Reporter
    coming: list[tuple[datetime, int, str, UUID | None]] = field(default_factory=list)
    count: int = 0
    round_seconds: list[float] = field(default_factory=list)  # by day
    climbed: list[int] = field(default_factory=list)
    act_seconds: float = 0.0

    def plan_day(self, day: datetime, reports: int) -> None:
        """The reports of a day: more by day than by night."""
        for _ in range(reports):
            hour = self.chance.triangular(0, 24, 13)
            self.add(day + timedelta(hours=hour), "report", None)

    def add(self, at: datetime, act: str, report_id: UUID | None) -> None:
        """Something that will happen."""
        self.count += 1
        heapq.heappush(self.coming, (at, self.count, act, report_id))

    def live(self, start: datetime, days: int, a_day: int = A_DAY) -> None:
        """Minute by minute: what people do, then a round where something is due."""
        for number in range(days):
            day = start + timedelta(days=number)
            self.plan_day(day, a_day)
            self.round_seconds.append(0.0)
            self.climbed.append(0)
            for minute in range(24 * 60):
                self._minute(day + minute * MINUTE)

    def _minute(self, now: datetime) -> None:
        begun = time.perf_counter()
        due_now: list[tuple[datetime, str, UUID | None]] = []
        while self.coming and self.coming[0][0] <= now:
            at, _, act, report_id = heapq.heappop(self.coming)
            due_now.append((at, act, report_id))
        if due_now:
            made = self.database.write(self._do, due_now)
            for report_id, at in made:
                self._foresee(report_id, at)
        self.act_seconds += time.perf_counter() - begun
        begun = time.perf_counter()
        with self.database.reading() as session:
            ids = [one for one, _ in climbing.due(session, now, 5_000)] if climbing.is_due(session, now) else []
        for start in range(0, len(ids), 20):
            part = ids[start : start + 20]
            done = self.database.write(climbing.take_step, RULES, CALENDAR, part, now, "round")
            assert not [one for one in done.values() if one], done
            self.climbed[-1] += len(done)
        self.round_seconds[-1] += time.perf_counter() - begun

    def _do(self, session: Session, acts: list[tuple[datetime, str, UUID | None]]) -> list[tuple[UUID, datetime]]:
        made: list[tuple[UUID, datetime]] = []
        for at, act, report_id in acts:
            if report_id is None:
                made.append((self._collect(session, at), at))
                continue
            try:
                with session.begin_nested():
                    self._act(session, act, report_id, at)
            except RuleBroken:
                continue  # somebody above has acted before
        return made

    def _collect(self, session: Session, at: datetime) -> UUID:
        position = Position(SOUTH + HIGH * self.chance.random(), WEST + WIDE * self.chance.random(), 10)
        category = self.chance.choice([one.code for one in RULES.categories.values() if not one.is_deed])
        new = NewReport(category, "楼道里堆了东西。", position=position)
        return collect(session, self.vault, RULES, self.phone, new, at, CALENDAR).report_id

    def _foresee(self, report_id: UUID, at: datetime) -> None:
        """What people will do with it: one in five is late somewhere, one in forty is forgotten."""
        if self.chance.random() < 1 / 40:
            return
        moment = at
        for act in ACTS:
            slow = self.chance.random() < 1 / 12
            moment += timedelta(minutes=self.chance.uniform(2, 2_000 if slow else 14))
            self.add(moment, act, report_id)

    def _act(self, session: Session, act: str, report_id: UUID, at: datetime) -> None:
        report = session.get_one(Report, report_id)
        community, vault = self.who[report.community_id], self.vault
        if act == "file":
            triaging.file(session, vault, RULES, community, report_id, Filing(), None, at, CALENDAR)
        elif act == "answer":
            handler = self.who[report.handler_id]
            handling.answer(session, vault, RULES, handler, report_id, "已处理。", (), None, at, CALENDAR)
        else:
            checker = self.who[report.street_id if report.handler_id == report.community_id else report.community_id]
            checking.close(session, vault, checker, report_id, "", None, at)


def settle(folder: Path, name: str, before: int) -> Month:
    """A demo district with `before` reports of earlier years."""
    url = f"sqlite:///{folder / name}.db"
    upgrade(url)
    database = Database(url)
    demo_district.seed(database)
    if before:
        fill_reports(database, before, START)
    plan = demo_district.plan()
    organisations = {one.id: one for one in plan.organisations.values()}
    who: dict[UUID, Identity] = {}
    for officer in plan.officers:
        who.setdefault(officer.organisation_id, identity_of(officer, organisations[officer.organisation_id]))
    phone, _ = database.write(new_phone, plan.district.id, "zh", START)
    vault = Vault({"seal-1": bytes(range(32))}, "seal-1", bytes(range(32, 64)))
    return Month(database, vault, random.Random(SEED), who, Reporter(plan.district.id, phone_id=phone.id))


def laws(month: Month) -> dict[str, Any]:
    """Every late report was escalated at its minute, none twice. Raises AssertionError otherwise."""
    with month.database.reading() as session:
        rungs = session.scalars(select(ReportEscalation)).all()
        keys = {(one.report_id, one.clock_number, one.rung) for one in rungs}
        assert len(keys) == len(rungs)
        late = max((one.at - one.due_at for one in rungs), default=timedelta())
        assert late < MINUTE, late
        noticed = {(one.report_id, one.clock_number) for one in rungs}
        open_late = session.scalars(
            select(Report).where(Report.due_at <= START + timedelta(days=len(month.climbed)) - MINUTE)
        ).all()
        unnoticed = [one.reference for one in open_late if (one.id, one.clock_number) not in noticed]
        assert not unnoticed, unnoticed[:5]
        reports = session.scalar(select(func.count()).select_from(Report).where(Report.reported_at >= START))
    return {"reports": reports, "escalations": len(rungs), "latest_seconds": round(late.total_seconds(), 1)}


def replay(days: int = DAYS, a_day: int = A_DAY) -> dict[str, Any]:
    """The month alone."""
    with tempfile.TemporaryDirectory(prefix="wufang-bench-") as folder:
        month = settle(Path(folder), "month", 0)
        begun = time.perf_counter()
        month.live(START, days, a_day)
        told = laws(month) | {"seconds": round(time.perf_counter() - begun)}
        month.database.close()
    told["round_ms_a_report"] = round(1000 * sum(month.round_seconds) / told["reports"], 2)
    told["round_seconds_a_day"] = [round(one, 1) for one in month.round_seconds]
    return told


def measure(days: int = DAYS, few: int = FEW, many: int = MANY, runs: int = 3) -> Row:
    """The ratio of a day's rounds with many old reports to one with few, in alternating runs; the month in the notes."""
    ours, other = compare(few, many, runs, lambda month, number: month.live(START + timedelta(days=number), 1))
    told = replay(days)
    return row(
        "reports_month", ours, other, f"ms a rung with {many} old reports; other: {few}", bound=BOUND, month=told
    )


def compare(few: int, many: int, runs: int, live: Callable[[Month, int], None]) -> tuple[list[float], list[float]]:
    """Milliseconds for each rung that was climbed, with many and with few old reports."""
    with tempfile.TemporaryDirectory(prefix="wufang-bench-") as folder:
        months = [settle(Path(folder), name, count) for name, count in (("many", many), ("few", few))]
        for number in range(runs + 1):  # the first day warms up and leaves open reports
            for month in months:
                live(month, number)
        found = [
            [1000 * seconds / max(rungs, 1) for seconds, rungs in zip(one.round_seconds, one.climbed, strict=True)][1:]
            for one in months
        ]
        for month in months:
            laws(month)
            month.database.close()
    return found[0], found[1]


if __name__ == "__main__":
    print(measure(*map(int, sys.argv[1:])))
