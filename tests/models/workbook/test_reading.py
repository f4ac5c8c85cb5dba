"""Finding the list in a workbook: headers, columns, totals, blanks, limits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from models.rider_rules import FilingRules
from models.workbook import read_roster
from models.workbook.headings import WORDS, ColumnMissing, NoHeader
from models.workbook.reading import NoRiders, TooManyLines

Save = Callable[..., Path]
HEADER = ("序号", "姓名", "手机号", "平台")


def riders(count: int) -> list[tuple[object, ...]]:
    return [(place, f"骑手{place}", str(13800000000 + place), "美团") for place in range(1, count + 1)]


def test_columns_are_found_by_english_words_in_any_order(save_rows: Save, rules: FilingRules):
    header = ("Remarks", " Platform* ", "PHONE\nnumber", "", "Name (required)", "Until", "From")
    roster = read_roster(
        save_rows([["title"], [], header, ["x", "美团", "13800000001", None, "Li", "2027-02-01", "2027-01-01"]]), rules
    )
    line = roster.rows[0].line
    assert line is not None
    assert (line.name, line.phone, line.note) == ("Li", "13800000001", "x")
    assert (line.starts_on, line.ends_on) == (date(2027, 1, 1), date(2027, 2, 1))
    assert (roster.header_row, roster.rows[0].row, roster.rows[0].number) == (3, 4, "1")


@pytest.mark.parametrize(
    "words", list(zip(*(WORDS[field][:4] for field in ("name", "phone", "platform")), strict=True))
)
def test_columns_are_found_by_usual_synonyms(save_rows: Save, rules: FilingRules, words: tuple[str, ...]):
    roster = read_roster(save_rows([words, ["林伟", "13800000001", "美团"]]), rules)
    assert len(roster.good) == 1


def test_headings_in_two_languages_are_found(save_rows: Save, rules: FilingRules):
    header = ("姓名/Name", "手机号\nPhone", "平台（Platform）", "起始日期/开始日期")
    assert read_roster(save_rows([header, ["林伟", "13800000001", "美团"]]), rules).columns == {
        "name": 1, "phone": 2, "platform": 3, "starts_on": 4
    }  # fmt: skip


def test_of_two_phone_columns_the_better_word_wins(save_rows: Save, rules: FilingRules):
    rows = [["电话", "姓名", "手机号", "平台"], ["0391-3912345", "林伟", "13800000001", "美团"]]
    assert read_roster(save_rows(rows), rules).good[0].faults == ()


def test_a_missing_column_is_named(save_rows: Save, rules: FilingRules):
    path = save_rows([["title"], ["姓名", "手机号"], ["林伟", "13800000001"]])
    with pytest.raises(ColumnMissing) as caught:
        read_roster(path, rules)
    assert str(caught.value.said) == (
        "The header in row 2 of sheet 名单 lacks 平台. Add it, or start from the template."
    )
    with pytest.raises(ColumnMissing) as caught:
        read_roster(path, replace(rules, period=None))
    assert caught.value.said.values["columns"] == "平台、开始日期、结束日期"


def test_missing_dates_are_the_filings(save_rows: Save, rules: FilingRules):
    line = read_roster(save_rows([HEADER, *riders(1)]), rules).rows[0].line
    assert line is not None
    assert (line.starts_on, line.ends_on) == rules.period


def test_a_fault_without_a_cell_of_its_own_is_at_the_name(save_rows: Save, rules: FilingRules):
    long_ago = replace(rules, period=(date(2020, 1, 1), date(2020, 12, 31)))
    roster = read_roster(save_rows([HEADER, *riders(1)]), long_ago, today=date(2026, 11, 23))
    assert [(fault.cell, fault.field) for fault in roster.rows[0].faults] == [("B2", "ends_on")]


@pytest.mark.parametrize(
    "row",
    [
        [], [None, " ", None], ["合计", "2人"], ["总计：", None, 2], [None, "小计", "2"], ["共2人", "x"], ["Total", 2],
        ["合计", "=COUNTA(B2:B3)"],
        [3], ["填表人：王五"], ["示例", "张三", "13800000009", "美团"],
    ],
)  # fmt: skip
def test_what_is_no_rider_is_skipped(save_rows: Save, rules: FilingRules, row: list[object]):
    first, second = riders(2)
    roster = read_roster(save_rows([HEADER, first, row, second]), rules)
    assert [(each.row, each.number) for each in roster.good] == [(2, "1"), (4, "2")]
    assert roster.wrong == ()


def test_a_list_that_is_not_on_the_first_sheet_is_found(save_rows: Save, rules: FilingRules):
    path = save_rows([["说明"], ["请填写"]], 骑手=[HEADER, *riders(2)])
    assert (read_roster(path, rules).sheet, len(read_roster(path, rules).good)) == ("骑手", 2)


def test_a_hidden_sheet_is_not_filed(save_rows: Save, rules: FilingRules):
    path = save_rows([HEADER, *riders(3)], 可见=[HEADER, *riders(2)])
    book = load_workbook(path)
    book["名单"].sheet_state = "hidden"
    book.save(path)
    assert read_roster(path, rules).sheet == "可见"


def test_no_header_and_no_rider_are_told_apart(save_rows: Save, rules: FilingRules):
    with pytest.raises(NoHeader):
        read_roster(save_rows([["姓名"], ["林伟"]]), rules)
    with pytest.raises(NoRiders):
        read_roster(save_rows([HEADER, ["合计", 0]]), rules)


def test_the_limit_of_lines_holds_exactly(save_rows: Save, rules: FilingRules):
    assert len(read_roster(save_rows([HEADER, *riders(2000), ["合计", 2000]]), rules).good) == 2000
    with pytest.raises(TooManyLines, match="more than 2000 riders"):
        read_roster(save_rows([HEADER, *riders(2001)]), rules)


def test_a_repeat_is_wrong_whatever_its_spelling_and_also_of_a_wrong_row(save_rows: Save, rules: FilingRules):
    rows = [
        [1, None, "13800000001", "美团"],
        [2, "林伟", "+86 138-0000-0001", "美团"],
        [3, "王芳", 13800000001, "美团"],
    ]
    roster = read_roster(save_rows([HEADER, *rows]), rules)
    assert [[(fault.cell, str(fault.said)[:35]) for fault in row.faults] for row in roster.rows] == [
        [("B2", "The name is missing. Write the ride")],
        [("C3", "This phone is already in row 2 of t")],
        [("C4", "This phone is already in row 2 of t")],
    ]


def test_formulas_and_errors_are_wrong_but_may_number_the_rows(save_rows: Save, rules: FilingRules):
    rows = [["=ROW()-1", "=B3", "13800000001", "美团"], ["=ROW()-1", "林伟", "13800000002", "#REF!"]]
    roster = read_roster(save_rows([HEADER, *rows]), rules)
    assert [row.number for row in roster.rows] == ["1", "2"]
    assert [(fault.cell, str(fault.said)) for row in roster.rows for fault in row.faults] == [
        ("B2", "A value is needed here: formulas are not evaluated. Write the value itself."),
        ("D3", "This cell holds the error #REF!. Write the value itself."),
    ]


SHEET = (
    '<worksheet xmlns="{ns}"><dimension ref="A1:B2"/><sheetData>'
    '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="inlineStr"><is><t>平台</t></is></c>'
    '<c t="str"><v>开始日期</v></c></row>'
    '<row r="9"><c r="C9" t="s"><v>2</v></c><c r="A9" t="s"><v>3</v></c><c r="B9"><v>1.38E10</v></c>'
    '<c r="D9"><v>{day}</v></c></row></sheetData></worksheet>'
)
STRINGS = (
    '<sst xmlns="{ns}"><si><t>姓名</t><rPh sb="0" eb="1"><t>xing</t></rPh></si><si><t>手机_x000D_\n号</t></si>'
    "<si><r><t>美</t></r><r><t>团</t></r></si><si><t>林伟</t></si></sst>"
)
LOOSE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"


@pytest.mark.parametrize("namespace", [LOOSE, STRICT])
def test_what_other_programs_write_is_read(save_package: Save, rules: FilingRules, namespace: str):
    path = save_package(SHEET.format(ns=namespace, day=46357).encode(), STRINGS.format(ns=namespace).encode())
    row = read_roster(path, rules).rows[0]
    assert row.line is not None
    assert (row.row, row.line.name, row.line.phone, row.line.platform) == (9, "林伟", "13800000000", "美团")
    assert row.line.starts_on == date(2026, 12, 1)


def test_days_counted_from_1904_are_the_same_days(save_package: Save, rules: FilingRules):
    book = (
        f'<workbook xmlns="{LOOSE}" xmlns:r="x"><workbookPr date1904="1"/>'
        '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    path = save_package(
        SHEET.format(ns=LOOSE, day=44895).encode(),
        STRINGS.format(ns=LOOSE).encode(),
        {"xl/workbook.xml": book.encode()},
    )
    line = read_roster(path, rules).rows[0].line
    assert line is not None
    assert line.starts_on == date(2026, 12, 1)


def test_lists_are_read_side_by_side(sample: Path, rules: FilingRules):
    with ThreadPoolExecutor(8) as readers:
        rosters = list(readers.map(lambda _: read_roster(sample, rules), range(16)))
    assert all(roster == rosters[0] for roster in rosters)
