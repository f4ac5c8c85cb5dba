"""Report escalation 上报升级督办: who is late is escalated, and what the street has whistled for is consulted on."""

from datetime import datetime

from prefect import flow

from models.clock import utcnow
from models.matter import MatterKind
from tasks.report_rounds import escalate_reports, take_due_reports
from tasks.reporting import RoundReport, report, report_reports
from tasks.rounds import conclude, escalate, remind, seat_parties, take_due


@flow(name="report-escalation", flow_run_name="report-escalation {at}", validate_parameters=True)
def report_escalation(at: datetime | None = None, size: int | None = None) -> RoundReport:
    """Take every report that is due at `at` (aware; default: now) one rung up, and every whistle one step further."""
    started_at = utcnow()
    late = take_due_reports(at or started_at, size)
    climbed = report_reports(late, escalate_reports(late), started_at)
    due = take_due(MatterKind.STREET_WHISTLE, at or started_at, size)
    moved = seat_parties(due)
    moved += remind(due)
    moved += escalate(due)
    moved += conclude(due)
    return climbed + report(due, moved, started_at)
