"""Report escalation 上报升级督办: who is late is escalated, and what the street has whistled for is consulted on."""

from datetime import datetime

from prefect import flow

from models.clock import utcnow
from tasks.report_rounds import escalate_reports, take_due_reports
from tasks.reporting import RoundReport, report_reports


@flow(name="report-escalation", flow_run_name="report-escalation {at}", validate_parameters=True)
def report_escalation(at: datetime | None = None, size: int | None = None) -> RoundReport:
    """Take every report that is due at `at` (aware; default: now) one rung up."""
    started_at = utcnow()
    due = take_due_reports(at or started_at, size)
    moved = escalate_reports(due)
    return report_reports(due, moved, started_at)
