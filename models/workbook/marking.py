"""The same workbook back, with its wrong cells in red and the reasons in a column of their own."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from io import BytesIO
from pathlib import Path
from typing import cast

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from models.errors import RuleBroken
from models.rider_rules import tidy_text
from models.words import N_, Sentence
from models.workbook.guarding import open_package
from models.workbook.reading import Roster, read_book
from models.workbook.scanning import (
    ROWS_LIMIT,
    DamagedWorkbook,
    HoldsTooMuch,
    column_number,
    read_number,
    scan,
)

Translate = Callable[[Sentence], str]

REASONS = Sentence(N_("Reasons"))
RED = "FFFFC7CE"  # the red in which Excel itself shows bad values
REASONS_WIDTH = 48  # characters
# openpyxl makes about half a kilobyte of each element and a cell of each place that a merge covers.
ELEMENTS_LIMIT = 250_000
MERGED_LIMIT = 100_000


class CannotBeMarked(RuleBroken):
    """The workbook could be read, but not written back as it was."""

    sentence = N_(
        "This workbook cannot be sent back with marks. Correct it by the list of faults, or use the template."
    )
    status = 422


def mark_roster(path: Path, roster: Roster, translate: Translate, extra: Mapping[int, Sentence] | None = None) -> bytes:
    """Mark the workbook at `path` that `roster` was read from; `extra`: more reasons by sheet row (already filed).

    Titles, merged cells, widths and styles stay. Every formula becomes text, in every sheet. A reasons column from an
    earlier marking is used again. Raises `CannotBeMarked`, `HoldsTooMuch` or what reading raises.
    """
    formulas = _find_formulas(path)
    try:
        with path.open("rb") as file:  # openpyxl leaves the file open where it fails
            book = load_workbook(file, keep_links=False)
        for sheet in book.worksheets:
            _neutralise(sheet, formulas.get(sheet.title, ()))
        _mark_sheet(book[roster.sheet], roster, translate, extra or {})
        return save(book)
    except Exception as error:  # openpyxl raises anything on parts it does not know; the reading has said all faults
        raise CannotBeMarked from error


def save(book: Workbook) -> bytes:
    """Give the workbook's bytes."""
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def write_text(cell: Cell | MergedCell, text: str) -> None:
    """Write `text` as text, also when it begins like a formula."""
    if isinstance(cell, MergedCell):
        raise CannotBeMarked
    cell.value = "\n".join(tidy_text(line) for line in text.splitlines())
    cell.data_type = "s"
    if text.startswith(("=", "+", "-", "@")):
        cell.number_format = "@"
        cell.quotePrefix = True


def _mark_sheet(sheet: Worksheet, roster: Roster, translate: Translate, extra: Mapping[int, Sentence]) -> None:
    column = roster.columns.get("reasons") or _free_column(sheet, roster)
    head = sheet.cell(roster.header_row, column)
    if "reasons" not in roster.columns:
        beside = sheet.cell(roster.header_row, max(roster.columns.values()))
        head.font, head.fill = cast("Font", copy(beside.font)), cast("PatternFill", copy(beside.fill))
        head.border, head.alignment = cast("Border", copy(beside.border)), cast("Alignment", copy(beside.alignment))
        sheet.column_dimensions[get_column_letter(column)].width = REASONS_WIDTH
    write_text(head, translate(REASONS))
    for row in roster.rows:
        reasons = [fault.said for fault in row.faults]
        reasons += [extra[row.row]] if row.row in extra else []
        _forget_marks(sheet, row.row, column)
        for fault in row.faults:
            sheet[fault.cell].fill = _red()
        cell = sheet.cell(row.row, column)
        write_text(cell, "\n".join(translate(said) for said in reasons))
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _free_column(sheet: Worksheet, roster: Roster) -> int:
    """Find the first column to the right of everything in the list, merged cells too."""
    last_row = roster.rows[-1].row
    merged = (
        merge.max_col
        for merge in sheet.merged_cells.ranges
        if merge.max_row >= roster.header_row and merge.min_row <= last_row
    )
    return max(roster.last_column, *merged, 1) + 1


def _forget_marks(sheet: Worksheet, row: int, reasons_column: int) -> None:
    """Take the red of an earlier marking off a row."""
    for column in range(1, reasons_column):
        cell = sheet.cell(row, column)
        if cast("PatternFill", copy(cell.fill)) == _red():
            cell.fill = PatternFill()


def _red() -> PatternFill:
    return PatternFill("solid", start_color=RED, end_color=RED)


def _neutralise(sheet: Worksheet, cells: Iterable[str]) -> None:
    for name in cells:
        cell = sheet[name]
        if not isinstance(cell, Cell) or cell.data_type != "f":
            continue
        formula = cell.value
        text = formula.text if isinstance(formula, ArrayFormula) else formula
        write_text(cell, text if isinstance(text, str) else "=")


class _CellListener:
    """Counts what a part holds and finds its formulas."""

    def __init__(self, elements_left: int) -> None:
        self.formulas: list[str] = []
        self.elements_left = elements_left
        self._merged_left = MERGED_LIMIT
        self._row = self._column = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements_left -= 1
        if self.elements_left < 0:
            raise HoldsTooMuch
        if name == "row":
            self._row = read_number(attributes.get("r"), self._row + 1, ROWS_LIMIT)
            self._column = 0
        elif name == "c":
            self._column = column_number(attributes.get("r"), self._column + 1)
        elif name == "f":
            self.formulas.append(f"{get_column_letter(self._column)}{self._row}")
        elif name == "mergeCell":
            self._merged_left -= _area(attributes.get("ref", ""))
            if self._merged_left < 0:
                raise HoldsTooMuch

    def end(self, name: str) -> None:
        pass

    def text(self, data: str) -> None:
        pass


def _area(ref: str) -> int:
    try:
        left, top, right, bottom = range_boundaries(ref)
    except (ValueError, TypeError) as error:
        raise DamagedWorkbook from error
    if left is None or top is None or right is None or bottom is None:
        raise DamagedWorkbook
    return (right - left + 1) * (bottom - top + 1)


def _find_formulas(path: Path) -> dict[str, list[str]]:
    """Sheet title → names of its formula cells; refuses what would fill the memory when loaded whole."""
    formulas: dict[str, list[str]] = {}
    elements_left = ELEMENTS_LIMIT
    with open_package(path) as package:
        titles = {sheet.part: sheet.title for sheet in read_book(package).sheets}
        for part in package.namelist():
            if not part.endswith((".xml", ".rels")):
                continue
            listener = _CellListener(elements_left)
            with package.open(part) as stream:
                for _ in scan(stream, listener):
                    pass
            elements_left = listener.elements_left
            if part in titles:
                formulas[titles[part]] = listener.formulas
    return formulas
