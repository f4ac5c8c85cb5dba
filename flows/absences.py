"""Absences: nobody is asked in vain. Where an organisation cannot be reached, the one above is asked beside it."""

from datetime import datetime

from prefect import flow

from models.clock import utcnow
from tasks.absences import find_unreached, step_in, tell_administrators
from tasks.reporting import RoundReport


@flow(name="absences", flow_run_name="absences {at}")
def absences(at: datetime | None = None) -> RoundReport:
    """Look once through the whole district at `at` (aware; default: now)."""
    now = at or utcnow()
    found = find_unreached(now)
    moved, failed = step_in(found, now)
    tell_administrators(now)
    return RoundReport(len(found), moved, failed)
