"""Exports: what officers have asked for is taken out, one list after another."""

from datetime import datetime

from prefect import flow

from models.clock import utcnow
from tasks.exporting import build_export, claim_export
from tasks.reporting import RoundReport


@flow(name="exports", flow_run_name="exports {at}")
def exports(at: datetime | None = None) -> RoundReport:
    """Build the oldest export that is due at `at` (aware; default: now)."""
    now = at or utcnow()
    claimed = claim_export(now)
    if claimed is None:
        return RoundReport(0, 0, 0)
    is_built = build_export(claimed, now)
    return RoundReport(1, int(is_built), int(not is_built))
