"""Taking out 100,000 riders: seconds, and the memory of the building process above its own idle."""

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks.million import fill
from benchmarks.staging import ROOT, Row, row
from models.crypto import open_vault
from models.database import Database
from models.export import asking, building
from models.export.asking import Wanted
from models.export.tables import Export, ExportForm, ExportKind
from models.officer import Identity, officer_by_email
from models.protocol.schema import Party
from models.views.matters import ALL

LINES = 100_000
MOST_SECONDS, MOST_MEGABYTES = 30.0, 200.0
IDLE = "import time, tasks.exporting as e; e.database(); print('ready', flush=True); time.sleep(60)"


def measure() -> Row:
    """The workbook's seconds against the bound; CSV and memory in the notes."""
    with tempfile.TemporaryDirectory(prefix="wufang-export-") as folder:
        state = Path(folder)
        at = datetime.now(UTC)
        fill(f"sqlite:///{state / 'wufang.db'}", open_vault(state / "keys"), LINES, at)
        environment = os.environ | {"WUFANG_STATE_DIR": folder}
        idle = _idle_megabytes(environment)
        notes: dict[str, object] = {"idle_mb": round(idle, 1)}
        seconds = {form: _build(state, environment, form, idle, notes) for form in ExportForm}
    notes["csv_seconds"] = round(seconds[ExportForm.CSV], 1)
    return row("export_100k", [seconds[ExportForm.XLSX]], [MOST_SECONDS], "s", bound_mb=MOST_MEGABYTES, **notes)


def _idle_megabytes(environment: dict[str, str]) -> float:
    """What the building process holds before it builds anything."""
    process = subprocess.Popen([sys.executable, "-c", IDLE], env=environment, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        return psutil.Process(process.pid).memory_info().rss / 1e6
    finally:
        process.kill()
        process.wait()


def _build(state: Path, environment: dict[str, str], form: ExportForm, idle: float, notes: dict[str, object]) -> float:
    database = Database(f"sqlite:///{state / 'wufang.db'}")
    with database.reading() as session:
        officer = officer_by_email(session, "market-supervision@shanyang.example")
    who = Identity(officer.id, officer.organisation_id, Party.DEPARTMENT, is_administrator=False, language="zh")
    now = datetime.now(UTC)
    export_id = database.write(asking.ask, who, Wanted(ExportKind.RIDERS, form, ALL), now)
    assert database.write(building.claim, now) == export_id
    begun, most = time.monotonic(), 0.0
    process = subprocess.Popen([sys.executable, "-m", "tasks.exporting", str(export_id)], env=environment, cwd=ROOT)
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            most = max(most, watched.memory_info().rss / 1e6)
        except psutil.Error:
            break
        time.sleep(0.05)
    took = time.monotonic() - begun
    assert process.wait() == 0
    with database.reading() as session:
        made = session.get_one(Export, export_id)
        assert made.rows_done == LINES, made.rows_done
        size = (building.folder_under(state) / made.file_name).stat().st_size
    database.close()
    notes |= {f"{form}_mb_above_idle": round(most - idle, 1), f"{form}_file_mb": round(size / 1e6, 1)}
    return took


if __name__ == "__main__":
    print(measure())
