"""The empty list that a filer downloads: it reads back without a fault."""

from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from models.words import N_, Sentence
from models.workbook.marking import Translate, save, write_text

HEADER_ROW = 2
EXAMPLE_ROW = 3
LAST_ROW = 2003  # of the list offered: 2,000 riders, the most that one filing may have

TITLE = Sentence(N_("List of riders to be filed for access"))
LIST_SHEET = Sentence(N_("Riders"))
NOTES_SHEET = Sentence(N_("How to fill in"))
EXAMPLE = Sentence(N_("Example"))
NOTES_HEADINGS = (Sentence(N_("Column")), Sentence(N_("Needed")), Sentence(N_("What to write")))
PLATFORMS = Sentence(N_("Platforms of this district"))
NEEDED, OPTIONAL = Sentence(N_("yes")), Sentence(N_("no"))


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of the template; `form` is an Excel number format."""

    head: Sentence
    width: float  # characters
    is_needed: bool
    hint: Sentence
    example: str
    form: str = "General"


# The translated heads must be among `headings.WORDS`, else the template could not be read back.
_NUMBER = _Column(Sentence(N_("No.")), 8, False, Sentence(N_("A number of your own.")), "")
_COLUMNS = (
    _NUMBER,
    _Column(Sentence(N_("Name")), 14, True, Sentence(N_("The rider's full name.")), "张三"),
    _Column(Sentence(N_("Phone")), 18, True, Sentence(N_("An 11-digit mobile number.")), "13800000000", "@"),
    _Column(Sentence(N_("Platform")), 14, True, Sentence(N_("One of the platforms listed below.")), ""),
    _Column(Sentence(N_("Station")), 20, False, Sentence(N_("The rider's delivery station.")), ""),
    _Column(
        Sentence(N_("Plate")), 16, False, Sentence(N_("The vehicle's number plate; empty if there is none.")),
        "豫H00000电", "@",
    ),
    _Column(
        Sentence(N_("Start date")), 14, False,
        Sentence(N_("The first day, such as 2026-12-01; empty for the period of the filing.")), "", "yyyy-mm-dd",
    ),
    _Column(
        Sentence(N_("End date")), 14, False,
        Sentence(N_("The last day, such as 2027-11-30; empty for the period of the filing.")), "", "yyyy-mm-dd",
    ),
    _Column(Sentence(N_("Note")), 28, False, Sentence(N_("Anything the parties should know.")), ""),
)  # fmt: skip
_PLATFORM_PLACE = 4  # column, 1-based


def roster_template(platforms: Sequence[str], translate: Translate) -> bytes:
    """Make the template: title, header, an example that is skipped on upload, and a second sheet that explains."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = translate(LIST_SHEET)
    notes = book.create_sheet(translate(NOTES_SHEET))
    _fill_list(sheet, platforms, translate)
    first, last = _fill_notes(notes, platforms, translate)
    _offer(sheet, f"{quote_sheetname(notes.title)}!$A${first}:$A${last}")
    return save(book)


def _fill_list(sheet: Worksheet, platforms: Sequence[str], translate: Translate) -> None:
    write_text(sheet.cell(1, 1), translate(TITLE))
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(_COLUMNS))
    for place, column in enumerate(_COLUMNS, start=1):
        width = sheet.column_dimensions[get_column_letter(place)]
        width.width = column.width
        width.number_format = column.form
        _write_head(sheet, HEADER_ROW, place, translate(column.head))
        example = sheet.cell(EXAMPLE_ROW, place)
        write_text(example, column.example)
        example.number_format = column.form
        example.font = Font(italic=True, color="FF808080")
    write_text(sheet.cell(EXAMPLE_ROW, 1), translate(EXAMPLE))
    write_text(sheet.cell(EXAMPLE_ROW, _PLATFORM_PLACE), platforms[0])
    sheet.freeze_panes = f"A{EXAMPLE_ROW}"


def _fill_notes(sheet: Worksheet, platforms: Sequence[str], translate: Translate) -> tuple[int, int]:
    """Explain each column and list the platforms; give the first and last row of that list."""
    for place, head in enumerate(NOTES_HEADINGS, start=1):
        _write_head(sheet, 1, place, translate(head))
    for row, column in enumerate(_COLUMNS, start=2):
        said = (column.head, NEEDED if column.is_needed else OPTIONAL, column.hint)
        for place, sentence in enumerate(said, start=1):
            write_text(sheet.cell(row, place), translate(sentence))
    for letter, width in zip("ABC", (22, 12, 64), strict=True):
        sheet.column_dimensions[letter].width = width
    head_row = len(_COLUMNS) + 3
    _write_head(sheet, head_row, 1, translate(PLATFORMS))
    for row, platform in enumerate(platforms, start=head_row + 1):
        write_text(sheet.cell(row, 1), platform)
    return head_row + 1, head_row + len(platforms)


def _write_head(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = sheet.cell(row, column)
    write_text(cell, text)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", start_color="FFE7EEF7", end_color="FFE7EEF7")
    cell.alignment = Alignment(horizontal="center", vertical="center")


def _offer(sheet: Worksheet, platforms: str) -> None:
    """Let the platform be chosen from the list at the reference `platforms`."""
    letter = get_column_letter(_PLATFORM_PLACE)
    places = MultiCellRange(f"{letter}{EXAMPLE_ROW}:{letter}{LAST_ROW}")
    choice = DataValidation(type="list", formula1=platforms, allow_blank=True, showErrorMessage=True, sqref=places)
    sheet.add_data_validation(choice)
