"""Chat: what is due in a room is told there as one message, and whether it was taken is written down."""

from datetime import datetime

from prefect import flow

from models.clock import utcnow
from tasks.chat import claim_rooms, tell_rooms
from tasks.reporting import RoundReport, report_chat


@flow(name="chat", flow_run_name="chat {at}")
def chat(at: datetime | None = None) -> RoundReport:
    """Tell every room what is due there at `at` (aware; default: now)."""
    now = at or utcnow()
    return report_chat(tell_rooms(claim_rooms(now), now))
