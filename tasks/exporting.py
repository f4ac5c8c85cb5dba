"""Building exports: a process of its own for each, so that no round of filings or letters waits for it.

`python -m tasks.exporting ID` builds one and exits 0; the flow starts it and looks after it.
"""

import csv
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlalchemy.orm import Session
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from models import matter as matters
from models.clock import SHANGHAI, utcnow
from models.consultation.acting import keep_act
from models.export import building
from models.export.building import folder_under, who_asked
from models.export.kinds import KINDS
from models.export.rows import Cell, Column, Line, Taking
from models.export.tables import Export, ExportForm
from models.matter import Act
from models.officer import Identity
from models.protocol.schema import Title
from models.views import states
from models.words import N_, Sentence
from tasks.resources import database, settings, vault
from templates.language import Translator, translator

log = structlog.get_logger()

MOST_MINUTES = 15
TOLD_EVERY = 2000  # rows between two figures of progress
NOTED_AT_ONCE = 50  # matters whose record is written in one command
DATES = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm"}
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@task(cache_policy=NO_CACHE)
def claim_export(at: datetime) -> UUID | None:
    """Take the oldest export that is due at `at`; None where none is."""
    return database().write(building.claim, at)


@task(cache_policy=NO_CACHE)
def build_export(export_id: UUID, at: datetime) -> bool:
    """Build one in a process of its own; returns whether it was built. What fails is tried again, then shown."""
    words = [sys.executable, "-m", "tasks.exporting", str(export_id)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            words, env=dict(os.environ), timeout=MOST_MINUTES * 60, check=False, stdout=subprocess.DEVNULL
        )
        trouble = "" if done.returncode == 0 else f"the building process ended with {done.returncode}"
    except subprocess.TimeoutExpired:
        trouble = "the building process took too long"
    if trouble:
        log.warning("export not built", export=str(export_id), trouble=trouble)
        database().write(building.put_back, export_id, trouble, at)
    return not trouble


def build(export_id: UUID) -> int:
    """Write the file of one export; returns how many rows it has. Raises what the officer's authority lacks."""
    at = utcnow()
    with database().reading() as session:
        export = session.get_one(Export, export_id)
        who = who_asked(session, export)
    path = folder_under(settings().state_dir) / export.file_name
    part = path.with_suffix(f".part-{export.tries}")  # a builder that was overtaken writes beside
    listing = KINDS[export.kind]
    taking = Taking(database(), vault(), who, at, export.is_full)
    rows = _counted(export, _noted(export, who, listing.lines(taking, listing.read(export.filters))))
    part.touch(mode=0o600)
    count = WRITERS[export.form](part, listing.columns, rows, translator(export.language))
    database().write(building.progress, export_id, export.tries, count, utcnow())
    part.replace(path)
    database().write(building.finish, export_id, export.tries, count, utcnow())
    return count


def _counted(export: Export, lines: Iterator[Line]) -> Iterator[Line]:
    """The same, telling now and then how far it is."""
    for count, line in enumerate(lines, 1):
        if count % TOLD_EVERY == 0:
            database().write(building.progress, export.id, export.tries, count, utcnow())
        yield line


def _noted(export: Export, who: Identity, lines: Iterator[Line]) -> Iterator[Line]:
    """The same; where identities are opened, each matter's record says so before its rows leave."""
    if not export.is_full:
        yield from lines
        return
    waiting: list[Line] = []
    known: set[UUID | None] = set()
    for line in lines:
        known.add(line.matter_id)
        if len(known) > NOTED_AT_ONCE:
            yield from _write_down(export, who, waiting)
            waiting, known = [], {line.matter_id}
        waiting.append(line)
    yield from _write_down(export, who, waiting)


def _write_down(export: Export, who: Identity, lines: list[Line]) -> list[Line]:
    counts: dict[UUID, int] = {}
    for line in lines:
        if line.matter_id is not None:
            counts[line.matter_id] = counts.get(line.matter_id, 0) + 1
    if counts:
        database().write(_note, export, who, counts)
    return lines


def _note(session: Session, export: Export, who: Identity, counts: dict[UUID, int]) -> None:
    for matter_id, count in sorted(counts.items()):
        matter = matters.lock(session, matter_id)
        act = Act("identities_taken_out", {"export": str(export.id), "count": count})
        keep_act(session, who, matter, act, export.reason, utcnow())


def _said(cell: Cell, words: Translator) -> Any:
    """A cell as it stands in the file: names in the reader's language, instants in Shanghai, no formula."""
    if type(cell) is str:
        return neutral(cell)
    if isinstance(cell, (Title, Sentence, tuple)):
        return neutral(str(words.value(cell)))
    if isinstance(cell, datetime):
        return cell.astimezone(SHANGHAI).replace(tzinfo=None)
    if type(cell) in states.WORDS:
        return words.gettext(states.WORDS[type(cell)][cell])
    return cell


def neutral(text: str) -> str:
    """A text that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(DANGEROUS) or text.lstrip(" ").startswith(DANGEROUS) else text


def write_workbook(path: Path, columns: Sequence[Column], lines: Iterator[Line], words: Translator) -> int:
    """A workbook with a frozen heading and a filter; returns how many rows it has.

    Row after row goes to disk, in the folder of the file itself: what is taken out lies nowhere else meanwhile.
    """
    book = Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
    sheet = book.add_worksheet(words.gettext(N_("List")))
    forms = {kind: book.add_format({"num_format": form}) for kind, form in DATES.items()}
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, words.gettext(column.head), bold)
    count = 0
    for count, line in enumerate(lines, 1):
        for place, cell in enumerate(line.cells):
            _write_cell(sheet, count, place, _said(cell, words), forms)
    sheet.autofilter(0, 0, count, len(columns) - 1)
    book.close()
    return count


def _write_cell(sheet: Worksheet, row: int, place: int, value: Any, forms: dict[type, Format]) -> None:
    """Each kind by its own writer: a text is never looked at for a formula, an address or a number."""
    if type(value) is str:
        sheet.write_string(row, place, value)
    elif type(value) is int:
        sheet.write_number(row, place, value)
    elif value is not None:
        sheet.write_datetime(row, place, value, forms[type(value)])


def write_csv(path: Path, columns: Sequence[Column], lines: Iterator[Line], words: Translator) -> int:
    """Comma-separated values with a byte order mark, as spreadsheets in China open them (RFC 4180)."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([words.gettext(column.head) for column in columns])
        for line in lines:
            values = (_said(cell, words) for cell in line.cells)
            writer.writerow([f"{one:%Y-%m-%d %H:%M}" if isinstance(one, datetime) else one for one in values])
            count += 1
    return count


WRITERS: dict[ExportForm, Callable[[Path, Sequence[Column], Iterator[Line], Translator], int]] = {
    ExportForm.XLSX: write_workbook,
    ExportForm.CSV: write_csv,
}

if __name__ == "__main__":
    build(UUID(sys.argv[1]))
