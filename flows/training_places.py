"""Places at sessions 培训名额: what became free goes on, riders are reminded, who came is settled, courses end."""

from datetime import datetime

from prefect import flow

from models.clock import utcnow
from tasks.reporting import RoundReport, report_events
from tasks.training_rounds import take_due_events, tend_events


@flow(name="training-places", flow_run_name="training-places {at}", validate_parameters=True)
def training_places(at: datetime | None = None, size: int | None = None) -> RoundReport:
    """Give every session that is due at `at` (aware; default: now) what it needs by itself."""
    started_at = utcnow()
    due = take_due_events(at or started_at, size)
    moved = tend_events(due)
    return report_events(due, moved, started_at)
