"""Report escalation 上报升级督办: who is late is escalated; what the street has whistled for is consulted on."""

from datetime import datetime

from prefect import flow

from models.clock import utcnow
from models.matter import MatterKind
from tasks.report_rounds import escalate_reports, take_due_reports
from tasks.reporting import RoundReport, report_reports
from tasks.rounds import conclude, escalate, remind, seat_parties, take_due


@flow(name="report-escalation", flow_run_name="report-escalation {at}", validate_parameters=True)
def report_escalation(at: datetime | None = None, size: int | None = None) -> RoundReport:
    """Take every report that is due at `at` (aware; default: now) one rung up, and every whistle one step further."""
    started_at = utcnow()
    due = take_due_reports(at or started_at, size)
    climbed = escalate_reports(due)
    whistles = take_due(MatterKind.STREET_WHISTLE, at or started_at, size)
    moved = seat_parties(whistles)
    moved += remind(whistles)
    moved += escalate(whistles)
    moved += conclude(whistles)
    return report_reports(due, climbed, whistles, moved, started_at)
