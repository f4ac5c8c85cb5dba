"""The workbook that goes back: red cells, reasons, everything else as it was, no formula left."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.formula import ArrayFormula

from models.rider_rules import FilingRules
from models.words import Sentence
from models.workbook import mark_roster, read_roster
from models.workbook.marking import CannotBeMarked
from models.workbook.scanning import HoldsTooMuch

Save = Callable[..., Path]
RED = "FFFFC7CE"
HEADER = ("序号", "姓名", "手机号", "平台")
GOOD_ROW = (1, "林伟", "13800000001", "美团")


def chinese(sentence: Sentence) -> str:
    return {"Reasons": "错误原因"}.get(sentence.text, f"错：{sentence}")


def marked(path: Path, rules: FilingRules, extra: dict[int, Sentence] | None = None) -> Workbook:
    return load_workbook(BytesIO(mark_roster(path, read_roster(path, rules), chinese, extra)))


def reds(book: Workbook) -> set[str]:
    return {
        cell.coordinate for row in book.worksheets[0].iter_rows() for cell in row if cell.fill.start_color.rgb == RED
    }


def test_the_wrong_cells_of_the_sample_are_red_and_have_reasons(sample: Path, rules: FilingRules):
    book = marked(sample, rules)
    sheet = book.worksheets[0]
    assert reds(book) == {"C9", "C15", "B23", "H36", "G82", "F90", "D97", "C112", "H118"}
    assert sheet["J2"].value == "错误原因"
    assert sheet["J9"].value == "错：Phone 1380013800 must be an 11-digit mobile number, such as 13800000000."
    reasons = [sheet.cell(row, 10).value for row in range(3, 125)]
    assert sum(1 for reason in reasons if reason) == 9


def test_everything_else_of_the_sample_is_kept(sample: Path, rules: FilingRules):
    before, after = load_workbook(sample).worksheets[0], marked(sample, rules).worksheets[0]
    assert [str(merge) for merge in after.merged_cells.ranges] == ["A1:I1"]
    for row in before.iter_rows():
        for cell in row:
            same = after[cell.coordinate]
            if cell.coordinate != "F90":
                assert (same.value, same.number_format) == (cell.value, cell.number_format)
            for look in ("font", "border", "alignment"):
                assert repr(getattr(same, look)) == repr(getattr(cell, look))
    for letter, dimension in before.column_dimensions.items():
        assert after.column_dimensions[letter].width == dimension.width


def test_a_right_list_comes_back_without_marks(save_rows: Save, rules: FilingRules):
    book = marked(save_rows([HEADER, GOOD_ROW]), rules)
    assert reds(book) == set()
    assert book.worksheets[0]["E2"].value is None


def test_more_reasons_are_added_by_row(save_rows: Save, rules: FilingRules):
    path = save_rows([HEADER, GOOD_ROW, (2, None, "13800000002", "美团")])
    filed = Sentence("Already filed.")
    sheet = marked(path, rules, {2: filed, 3: filed}).worksheets[0]
    assert sheet["E2"].value == "错：Already filed."
    assert sheet["E3"].value == "错：The name is missing. Write the rider's full name.\n错：Already filed."


def test_formulas_become_text_in_every_sheet(save_rows: Save, rules: FilingRules):
    path = save_rows([HEADER, ["=ROW()-1", *GOOD_ROW[1:]]], 其他=[["=1+1", '=HYPERLINK("http://a.example")']])
    book = load_workbook(path)
    book["其他"]["C1"] = ArrayFormula("C1:C2", "=SUM(A1:A2)")
    book.save(path)
    after = marked(path, rules)
    cells = [after["名单"]["A2"], *after["其他"][1]]
    assert [cell.value for cell in cells] == ["=ROW()-1", "=1+1", '=HYPERLINK("http://a.example")', "=SUM(A1:A2)"]
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in cells)


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@"])
def test_a_reason_is_never_a_formula(save_rows: Save, rules: FilingRules, beginning: str):
    path = save_rows([HEADER, (1, "林伟", "1", "美团")])
    roster = read_roster(path, rules)
    data = mark_roster(path, roster, lambda sentence: f"{beginning}cmd|{sentence.text}")
    sheet = load_workbook(BytesIO(data)).worksheets[0]
    for name in ("E1", "E2"):
        assert (sheet[name].data_type, sheet[name].quotePrefix) == ("s", True)
        assert sheet[name].value.startswith(beginning)


def test_a_corrected_workbook_is_marked_in_the_same_column(save_rows: Save, rules: FilingRules, tmp_path: Path):
    path = save_rows([HEADER, (1, "林伟", "1", "美团"), (2, None, "13800000002", "美团")])
    first = marked(path, rules)
    first.worksheets[0]["C2"] = "13800000001"
    again = tmp_path / "again.xlsx"
    first.save(again)
    second = marked(again, rules)
    assert reds(second) == {"B3"}
    sheet = second.worksheets[0]
    assert [sheet["E1"].value, sheet["E2"].value, sheet["F1"].value] == ["错误原因", None, None]


def test_the_reasons_stand_beside_merged_cells_and_look_like_the_header(save_rows: Save, rules: FilingRules):
    path = save_rows([HEADER, GOOD_ROW])
    book = load_workbook(path)
    book["名单"].merge_cells("E2:F3")
    book["名单"]["D1"].font = Font(bold=True)
    book["名单"]["D1"].fill = PatternFill("solid", start_color="FF00FF00")
    book.save(path)
    head = marked(path, rules).worksheets[0]["G1"]
    assert (head.value, head.font.bold, head.fill.start_color.rgb) == ("错误原因", True, "FF00FF00")


def raw_sheet(after: str) -> bytes:
    cells = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in ("姓名", "手机号", "平台"))
    rider = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in ("林伟", "13800000001", "美团"))
    ns = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{ns}"><sheetData><row>{cells}</row><row>{rider}</row></sheetData>{after}</worksheet>'.encode()


def test_what_would_fill_the_memory_is_read_but_not_marked(save_package: Save, rules: FilingRules):
    path = save_package(raw_sheet('<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'))
    roster = read_roster(path, rules)
    assert len(roster.good) == 1
    with pytest.raises(HoldsTooMuch):
        mark_roster(path, roster, str)
    path = save_package(raw_sheet("<x/>" * 300_000))
    with pytest.raises(HoldsTooMuch):
        mark_roster(path, read_roster(path, rules), str)


def test_what_openpyxl_cannot_load_is_said(save_package: Save, rules: FilingRules):
    path = save_package(raw_sheet('<pageSetup orientation="sideways"/>'))
    roster = read_roster(path, rules)
    assert len(roster.good) == 1
    with pytest.raises(CannotBeMarked):
        mark_roster(path, roster, str)
