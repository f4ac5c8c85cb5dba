"""Training schedule 培训课表: from a proposed timetable through the five parties to published sessions."""

from datetime import datetime

from prefect import flow

from models.clock import utcnow
from models.matter import MatterKind
from tasks.reporting import RoundReport, report
from tasks.rounds import conclude, escalate, remind, seat_parties, take_due
from tasks.timetable_again import solve_again


@flow(name="training-schedule", flow_run_name="training-schedule {at}", validate_parameters=True)
def training_schedule(at: datetime | None = None, size: int | None = None) -> RoundReport:
    """Take every timetable that is due at `at` (aware; default: now) one step through the consultation.

    What was agreed to under conditions is solved again with them before it is concluded.
    """
    started_at = utcnow()
    due = take_due(MatterKind.TRAINING_SCHEDULE, at or started_at, size)
    moved = seat_parties(due)
    moved += remind(due)
    moved += escalate(due)
    solve_again(due)
    moved += conclude(due)
    return report(due, moved, started_at)
