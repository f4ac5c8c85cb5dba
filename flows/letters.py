"""Letters: what is due to be told leaves, and whether it was taken is written down."""

from datetime import datetime

from prefect import flow

from models.clock import utcnow
from tasks.letters import claim_notices, send_letters, whole
from tasks.reporting import RoundReport, report_letters


@flow(name="letters", flow_run_name="letters {at}")
def letters(at: datetime | None = None, size: int | None = None) -> RoundReport:
    """Send every letter that is due at `at` (aware; default: now)."""
    now = at or utcnow()
    posted = send_letters(whole(claim_notices(now, size)), now)
    return report_letters(whole(posted))
