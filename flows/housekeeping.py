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
    forget_photos,
    forget_uploads,
)


@flow(name="housekeeping", flow_run_name="housekeeping {at}")
def housekeeping(at: datetime | None = None) -> int:
    """Delete what is over: uploads, exports and kept answers a day old, log-ins, terms, old mail events, unnamed photos.

    Riders who wish it, and those who asked to be enrolled and did not come, are forgotten. Returns how many.
    """
    now = at or utcnow()
    files = forget_uploads(now) + forget_exports(now) + forget_photos(now)
    return files + forget_answers(now) + forget_log_ins(now) + forget_mail_events(now) + forget_people(now)
