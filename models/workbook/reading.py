"""A filing list out of a workbook: its riders, each right or wrong, with the cell that is wrong."""

import dataclasses
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import file_digest
from pathlib import Path
from zipfile import ZipFile

from models.errors import RuleBroken
from models.rider_rules import (
    Checked,
    FilingRules,
    Note,
    RiderLine,
    Unreadable,
    check_rider,
    find_repeats,
    plain_text,
    read_date,
    say_repeated,
    tidy_text,
)
from models.words import N_, Sentence
from models.workbook.guarding import open_package
from models.workbook.headings import HEADER_SOUGHT_ROWS, RIDER_FIELDS, NoHeader, find_columns, is_rider, require_columns
from models.workbook.scanning import (
    DamagedWorkbook,
    SharedStrings,
    SheetRow,
    Value,
    read_shared_strings,
    scan_elements,
    scan_rows,
)

SMALL_PART_ELEMENTS = 20_000
DAYS_FROM_1900_TO_1904 = 1462  # between the two ways in which Excel counts days


class TooManyLines(RuleBroken):
    """More riders than one filing may have."""

    sentence = N_("This list has more than {limit} riders. Split it and upload the parts one by one.")
    status = 422


class NoRiders(RuleBroken):
    """A header with nothing below it."""

    sentence = N_(
        "Sheet {sheet} has a header in row {row}, but no rider below it. Fill in the list and upload it again."
    )
    status = 422


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with one cell, such as C9."""

    cell: str
    field: str
    said: Sentence = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One rider of the list; `line` where nothing is wrong."""

    row: int  # in the sheet, 1-based
    number: str  # 序号 as it stands there, else the place among the riders
    line: RiderLine | None
    faults: tuple[CellFault, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """A filing list as read. `columns`: field → column, 1-based; `last_column`: the last that holds anything."""

    rows: tuple[RosterRow, ...]
    sheet: str
    header_row: int
    columns: Mapping[str, int]
    last_column: int
    digest: str  # SHA-256 of the file, in hexadecimal

    @property
    def good(self) -> tuple[RosterRow, ...]:
        """The riders that may be filed."""
        return tuple(row for row in self.rows if row.line is not None)

    @property
    def wrong(self) -> tuple[RosterRow, ...]:
        """The riders that have faults."""
        return tuple(row for row in self.rows if row.line is None)


def read_roster(path: Path, rules: FilingRules, today: date | None = None) -> Roster:
    """Read the first visible sheet that has a header of riders. Raises a `RuleBroken` that says what to do instead."""
    with open_package(path) as package, path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
        listed = _find_list(package, rules)
    checked = [check_rider(_raw(row, listed), rules, today) for row in listed.riders]
    repeats = find_repeats(each.phone for each in checked)
    rows = tuple(
        _roster_row(listed, place, each, listed.riders[repeats[place]].row if place in repeats else None)
        for place, each in enumerate(checked)
    )
    return Roster(rows, listed.sheet, listed.header_row, listed.columns, listed.last_column, digest)


@dataclass(slots=True)
class _List:
    """The part of a sheet that is the list."""

    sheet: str
    header_row: int
    columns: dict[str, int]
    last_column: int
    counts_from_1904: bool
    riders: list[SheetRow]


def _find_list(package: ZipFile, rules: FilingRules) -> _List:
    book = read_book(package)
    for sheet in book.sheets:
        if not sheet.is_visible:  # what the filer cannot see is not filed
            continue
        with package.open(sheet.part) as stream:
            rows = scan_rows(stream, book.strings)
            for _, row in zip(range(HEADER_SOUGHT_ROWS), rows, strict=False):
                columns = find_columns(row)
                if columns:
                    require_columns(columns, sheet.title, row.row, rules.period is not None)
                    listed = _List(sheet.title, row.row, columns, max(row.values), book.counts_from_1904, [])
                    return _take_riders(listed, rows, rules.lines_limit)
    raise NoHeader


def _take_riders(listed: _List, rows: Iterator[SheetRow], limit: int) -> _List:
    for row in rows:
        if not is_rider(row, listed.columns):
            continue
        if len(listed.riders) >= limit:
            raise TooManyLines(limit=limit)
        listed.riders.append(row)
        listed.last_column = max(listed.last_column, *row.values)
    if not listed.riders:
        raise NoRiders(sheet=listed.sheet, row=listed.header_row)
    return listed


def _raw(row: SheetRow, listed: _List) -> dict[str, object]:
    raw: dict[str, object] = {name: row.values.get(listed.columns.get(name, 0)) for name in RIDER_FIELDS}
    for name in ("starts_on", "ends_on"):
        value = raw[name]
        if isinstance(value, int | float):
            raw[name] = _day(value, listed.counts_from_1904)
    return raw


def _day(serial: float, counts_from_1904: bool) -> object:
    """Give the day of a serial number: what the reader of the workbook sees; the number itself where it is none."""
    day = read_date(serial)
    return day + timedelta(days=DAYS_FROM_1900_TO_1904) if day and counts_from_1904 else day or serial


def _roster_row(listed: _List, place: int, checked: Checked, repeats_row: int | None) -> RosterRow:
    row = listed.riders[place]
    faults = checked.faults if repeats_row is None else (*checked.faults, say_repeated(repeats_row))
    cells = tuple(
        CellFault(
            f"{_letters(listed.columns.get(fault.field, listed.columns['name']))}{row.row}", fault.field, fault.said
        )
        for fault in faults
    )
    return RosterRow(row.row, _number(row, listed, place), None if cells else checked.line, cells, checked.notes)


def _number(row: SheetRow, listed: _List, place: int) -> str:
    value: Value | None = row.values.get(listed.columns.get("number", 0))
    written = "" if isinstance(value, Unreadable) else tidy_text(plain_text(value))[:20]
    return written or str(place + 1)


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of rows and the part of the package that holds it."""

    title: str
    part: str
    is_visible: bool


@dataclass(frozen=True, slots=True)
class Book:
    """What the parts of a workbook are called."""

    sheets: tuple[Sheet, ...]
    strings: SharedStrings
    counts_from_1904: bool


def read_book(package: ZipFile) -> Book:
    """Find the sheets and the shared strings. Raises `DamagedWorkbook` where the package names no workbook."""
    targets = _relations(package, "")
    main = next((part for kind, part in targets.values() if kind == "officeDocument"), None)
    if main is None:
        raise DamagedWorkbook
    parts = _relations(package, main)
    sheets: list[Sheet] = []
    counts_from_1904 = False
    for name, attributes in _elements(package, main):
        if name == "workbookPr":
            counts_from_1904 = attributes.get("date1904") in ("1", "true")
        kind, part = parts.get(attributes.get("id", ""), ("", ""))
        if name == "sheet" and kind == "worksheet":
            is_visible = attributes.get("state", "visible") == "visible"
            sheets.append(Sheet(attributes.get("name", ""), part, is_visible))
    strings = next((part for kind, part in parts.values() if kind == "sharedStrings"), None)
    if strings is None:
        return Book(tuple(sheets), SharedStrings(), counts_from_1904)
    with package.open(strings) as stream:
        return Book(tuple(sheets), read_shared_strings(stream), counts_from_1904)


def _relations(package: ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Relation id → kind and part, for the relations of `part` (empty: of the package) to parts that are there."""
    folder, name = posixpath.split(part)
    listed = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
    there = set(package.namelist())
    if listed not in there:
        raise DamagedWorkbook
    relations: dict[str, tuple[str, str]] = {}
    for tag, attributes in _elements(package, listed):
        target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
        if tag == "Relationship" and target in there:
            kind = attributes.get("Type", "").rpartition("/")[2]
            relations[attributes.get("Id", "")] = (kind, target)
    return relations


def _elements(package: ZipFile, part: str) -> list[tuple[str, dict[str, str]]]:
    with package.open(part) as stream:
        return scan_elements(stream, SMALL_PART_ELEMENTS)
