"""`python -m benchmarks [name …]`: measure all claims or some, print one table, write benchmarks/results.json."""

import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import (
    bulk_agree,
    circle,
    click_to_effect,
    due_rounds,
    export_100k,
    hostile_photos,
    inbox_at_a_million,
    killed_rounds,
    letters_10k,
    opinions_http,
    prefect_outage,
    report_photo,
    reports_at_a_million,
    reports_month,
    sign_ups,
    simulated_year,
    start_up,
    thousand_filings,
    timetable,
    webhook_events,
)
from benchmarks.staging import Row

MEASURES: dict[str, Callable[[], Row]] = {
    "opinions_http_vs_ceiling": opinions_http.measure,
    "click_to_effect": click_to_effect.measure,
    "thousand_filings": thousand_filings.measure,
    "killed_rounds": killed_rounds.measure,
    "start_up": start_up.measure,
    "bulk_agree": bulk_agree.measure,
    "inbox_at_a_million": inbox_at_a_million.measure,
    "export_100k": export_100k.measure,
    "letters_10k": letters_10k.measure,
    "webhook_events": webhook_events.measure,
    "simulated_year": simulated_year.measure,
    "due_rounds": due_rounds.measure,
    "prefect_outage": prefect_outage.measure,
    "reports_month": reports_month.measure,
    "reports_at_a_million": reports_at_a_million.measure,
    "report_photo": report_photo.measure,
    "hostile_photos": hostile_photos.measure,
    "circle": circle.measure,
    "timetable": timetable.measure,
    "timetable_again": timetable.measure_again,
    "sign_ups": sign_ups.measure,
}
RESULTS = Path(__file__).parent / "results.json"


def main(names: list[str]) -> int:
    """Measure; 2 for an unknown name."""
    unknown = set(names) - set(MEASURES)
    if unknown:
        print(
            f"Nothing is measured under {', '.join(sorted(unknown))}. There are: {', '.join(MEASURES)}", file=sys.stderr
        )
        return 2
    rows = [MEASURES[name]() for name in (names or MEASURES)]
    table = Table("claim", "ours", "other", "ratio", "unit", "spread", "notes")
    for row in rows:
        told = (row.name, row.ours, row.other, row.ratio, row.unit, row.spread, json.dumps(row.notes))
        table.add_row(*("" if one is None else str(one) for one in told))
    Console().print(table)
    RESULTS.write_text(json.dumps({"machine": machine(), "rows": [asdict(row) for row in rows]}, indent=2))
    return 0


def machine() -> dict[str, object]:
    """What it was measured on."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("prefect", "sqlalchemy", "fastapi", "uvicorn")},
        "seed": killed_rounds.SEED,
    }


def _processor() -> str:
    """Its model as Linux names it; elsewhere what Python knows."""
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text().splitlines() if listed.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
