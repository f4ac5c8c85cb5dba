"""The steps of a round over reports: what has missed a deadline goes up, what has rested goes on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE

from models.calendars import district_calendar
from models.report import climbing
from models.report.categories import report_rules
from tasks.resources import database, settings
from tasks.rounds import CHUNK, Write, this_run


@dataclass(frozen=True, slots=True)
class MovedReport:
    """What became of one report in a round; `trouble` None: it went one step further."""

    report_id: UUID
    reference: str
    trouble: str | None


@dataclass(frozen=True, slots=True)
class TakenReports:
    """The due reports of one round: ids and references, the longest due first."""

    at: datetime
    reports: Sequence[tuple[UUID, str]] = field(default=())


@task(cache_policy=NO_CACHE)
def take_due_reports(at: datetime, size: int | None = None) -> TakenReports:
    """Every report whose alarm is due at `at`, at most `size` (default: the setting `round_size`)."""
    with database().reading() as session:
        return TakenReports(at, climbing.due(session, at, size or settings().round_size))


@task(cache_policy=NO_CACHE)
def escalate_reports(taken: TakenReports) -> list[MovedReport]:
    """Community → street → department, one rung for each report; what has rested goes on."""
    return [one for part in walk_reports(taken, database().write, this_run()) for one in part]


def walk_reports(taken: TakenReports, write: Write, run: str) -> Iterator[list[MovedReport]]:
    """One step for each report, `CHUNK` of them a transaction; what came of each part, once committed."""
    for start in range(0, len(taken.reports), CHUNK):
        part = taken.reports[start : start + CHUNK]
        ids = [report_id for report_id, _ in part]
        done: dict[UUID, str | None] = write(
            climbing.take_step, report_rules(), district_calendar(), ids, taken.at, run
        )
        yield [MovedReport(one, reference, done[one]) for one, reference in part if one in done]
