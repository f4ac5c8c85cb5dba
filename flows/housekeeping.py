"""Housekeeping: what need not be kept is not kept (PIPL art. 19)."""

from datetime import datetime

from prefect import flow

from models.clock import utcnow
from tasks.housekeeping import forget_answers, forget_exports, forget_log_ins, forget_uploads


@flow(name="housekeeping", flow_run_name="housekeeping {at}")
def housekeeping(at: datetime | None = None) -> int:
    """Delete uploads, exports and kept answers older than a day, and log-ins that are over. Returns how many."""
    now = at or utcnow()
    return forget_uploads(now) + forget_exports(now) + forget_answers(now) + forget_log_ins(now)
