"""Housekeeping: what need not be kept is not kept (PIPL art. 19)."""

from datetime import datetime

from prefect import flow

from models.clock import utcnow
from tasks.housekeeping import (
    forget_answers,
    forget_exports,
    forget_log_ins,
    forget_mail_events,
    forget_people,
    forget_uploads,
)


@flow(name="housekeeping", flow_run_name="housekeeping {at}")
def housekeeping(at: datetime | None = None) -> int:
    """Delete uploads, exports and kept answers older than a day, log-ins and terms that are over, old mail events, riders who wish it.

    Returns how many.
    """
    now = at or utcnow()
    files = forget_uploads(now) + forget_exports(now)
    return files + forget_answers(now) + forget_log_ins(now) + forget_mail_events(now) + forget_people(now)
