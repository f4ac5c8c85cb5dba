"""The template: what is in it, and that a list made from it has no faults."""

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from models.rider_rules import FilingRules
from models.words import Sentence
from models.workbook import read_roster, roster_template
from models.workbook.reading import NoRiders

PLATFORMS = ("美团", "饿了么", "UU跑腿", "顺丰同城")
CHINESE = {
    "No.": "序号", "Name": "姓名", "Phone": "手机号", "Platform": "平台", "Station": "站点", "Plate": "车牌号",
    "Start date": "开始日期", "End date": "结束日期", "Note": "备注", "Example": "示例", "Riders": "备案名单",
    "How to fill in": "填写说明",
}  # fmt: skip


def english(sentence: Sentence) -> str:
    return str(sentence)


def chinese(sentence: Sentence) -> str:
    return CHINESE.get(sentence.text, "说明文字")


@pytest.fixture(params=[english, chinese])
def template(request: pytest.FixtureRequest) -> Workbook:
    return load_workbook(BytesIO(roster_template(PLATFORMS, request.param)))


def test_a_list_made_from_the_template_has_no_faults(template: Workbook, tmp_path: Path, rules: FilingRules):
    sheet = template.worksheets[0]
    sheet.append([1, "林伟", "13800000001", "美团", "橙诺山阳站", "豫H34135电", "2026-12-01", "2027-11-30", "夜班"])
    sheet.append([2, "王芳", "13800000002", "饿了么"])
    template.save(tmp_path / "list.xlsx")
    roster = read_roster(tmp_path / "list.xlsx", rules)
    assert [(row.row, row.number, row.faults, row.notes[:0]) for row in roster.rows] == [
        (4, "1", (), ()),
        (5, "2", (), ()),
    ]
    assert roster.columns.keys() == {
        "number", "name", "phone", "platform", "station", "plate", "starts_on", "ends_on", "note"
    }  # fmt: skip


def test_the_example_alone_is_no_rider(template: Workbook, tmp_path: Path, rules: FilingRules):
    template.save(tmp_path / "list.xlsx")
    with pytest.raises(NoRiders):
        read_roster(tmp_path / "list.xlsx", rules)


def test_the_template_keeps_phones_as_text_and_offers_the_platforms(template: Workbook):
    sheet, notes = template.worksheets
    assert (sheet.column_dimensions["C"].number_format, sheet.column_dimensions["F"].number_format) == ("@", "@")
    assert sheet.column_dimensions["G"].number_format == "yyyy-mm-dd"
    [choice] = sheet.data_validations.dataValidation
    assert str(choice.sqref) == "D3:D2003"
    places = choice.formula1.rpartition("!")[2].replace("$", "")
    assert tuple(row[0].value for row in notes[places]) == PLATFORMS
    assert [notes.cell(row, 1).value for row in range(2, 11)] == [
        sheet.cell(2, column).value for column in range(1, 10)
    ]


def test_a_platform_is_never_a_formula():
    sheet = load_workbook(BytesIO(roster_template(["=1+1"], english))).worksheets[0]
    assert (sheet["D3"].value, sheet["D3"].data_type) == ("=1+1", "s")
