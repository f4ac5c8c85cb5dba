"""Timetables: what departments have asked for is computed, one draft after another."""

from datetime import datetime

from prefect import flow

from models.clock import utcnow
from tasks.reporting import RoundReport
from tasks.timetable_drafting import claim_timetable, draft_timetable


@flow(name="timetable-drafting", flow_run_name="timetable-drafting {at}")
def timetable_drafting(at: datetime | None = None) -> RoundReport:
    """Compute the oldest timetable that is asked for at `at` (aware; default: now)."""
    now = at or utcnow()
    claimed = claim_timetable(now)
    if claimed is None:
        return RoundReport(0, 0, 0)
    is_drafted = draft_timetable(claimed, now)
    return RoundReport(1, int(is_drafted), int(not is_drafted))
