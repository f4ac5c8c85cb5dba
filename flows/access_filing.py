"""Access filing 统一备案: from a property company's filing to passes, through the five parties."""

from datetime import datetime

from prefect import flow

from models.clock import utcnow
from models.matter import MatterKind
from tasks.reporting import RoundReport, report
from tasks.rounds import conclude, escalate, remind, seat_parties, take_due


@flow(name="access-filing", flow_run_name="access-filing {at}", validate_parameters=True)
def access_filing(at: datetime | None = None, size: int | None = None) -> RoundReport:
    """Take every access filing that is due at `at` (aware; default: now) one step through the consultation."""
    started_at = utcnow()
    due = take_due(MatterKind.ACCESS_FILING, at or started_at, size)
    moved = seat_parties(due)
    moved += remind(due)
    moved += escalate(due)
    moved += conclude(due)
    return report(due, moved, started_at)
