"""Filing from a workbook: refused files, the preview with its faults, importing, and the marked workbook."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from httpx import Response
from openpyxl import Workbook, load_workbook

from models.district import Organisation
from models.filing.tables import Filing
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make import Neighbourhood

Browse = Callable[[Organisation], Browser]
SAMPLE = Path(__file__).parents[3] / "models" / "samples" / "riders-2026-11.xlsx"
HEADINGS = ["序号", "姓名", "手机号", "平台", "站点", "车牌", "开始日期", "结束日期", "备注"]


@pytest.fixture
def clerk(browse: Browse, world: Neighbourhood) -> Browser:
    """The property company's clerk."""
    return browse(world.company)


def upload(clerk: Browser, world: Neighbourhood, file: Path, **fields: str) -> Response:
    """Fill in the upload form."""
    return clerk.send("/filings/new", {"compound": str(world.compound.id)} | fields, file)


def book(path: Path, *rows: list[str]) -> Path:
    """A list of riders."""
    made = Workbook()
    sheet = made.worksheets[0]
    for row in (HEADINGS, *rows):
        sheet.append(row)
    made.save(path)
    return path


def test_the_sample_is_previewed_with_cells_and_reasons(clerk: Browser, world: Neighbourhood) -> None:
    page = upload(clerk, world, SAMPLE)
    assert page.status_code == 200
    assert re.search(r"<b>120</b>\s*rows read", page.text)
    assert re.search(r"<b>9</b>\s*wrong", page.text)
    assert "<b>C9</b>" in page.text
    assert "must be an 11-digit mobile number" in page.text
    tabs = page.text[page.text.index('<nav class="tabs"') : page.text.index("<main")]
    assert re.findall(r'<a href="([^"]+)" aria-current="true"', tabs) == ["/filings/new"]


def test_all_or_nothing_files_nothing_and_only_the_right_rows_files_them(
    clerk: Browser, world: Neighbourhood, make: Maker
) -> None:
    preview = upload(clerk, world, SAMPLE)
    refused = clerk.send(preview.url.path, {"mode": "all_or_nothing"})
    assert refused.status_code == 422
    assert "9 of 120 rows are wrong" in refused.text
    assert make.count(Filing) == 0
    filed = clerk.send(preview.url.path, {"mode": "only_right"})
    assert "111 riders" in filed.text
    again = clerk.send(preview.url.path, {"mode": "only_right"})
    assert again.url.path == filed.url.path
    assert make.count(Filing) == 1


def test_riders_filed_already_are_passed_over(clerk: Browser, world: Neighbourhood, tmp_path: Path) -> None:
    one = ["1", "张伟", "13812345678", "美团", "", "", "2026-12-01", "2027-11-30", ""]
    two = ["2", "李娜", "13912345678", "美团", "", "", "2026-12-01", "2027-11-30", ""]
    first = upload(clerk, world, book(tmp_path / "a.xlsx", one))
    assert "File all 1 riders" in first.text
    clerk.send(first.url.path, {"mode": "all_or_nothing"})
    second = upload(clerk, world, book(tmp_path / "b.xlsx", one, two))
    assert re.search(r"<b>1</b>\s*filed already", second.text)
    assert re.search(r"<b>1</b>\s*ready to file", second.text)


def test_the_marked_workbook_comes_back(clerk: Browser, world: Neighbourhood) -> None:
    preview = upload(clerk, world, SAMPLE)
    sent = clerk.get(f"{preview.url.path}/marked")
    assert sent.headers["content-disposition"] == 'attachment; filename="riders-marked.xlsx"'
    texts = [str(cell.value) for row in load_workbook(BytesIO(sent.content)).worksheets[0].iter_rows() for cell in row]
    assert any("11-digit mobile number" in text for text in texts)


def test_the_template_can_be_filled_in_and_uploaded(clerk: Browser) -> None:
    sheet = load_workbook(BytesIO(clerk.get("/filings/template").content)).worksheets[0]
    assert sheet.max_column >= len(HEADINGS) - 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This file is empty."),
        (b"name,phone\n", "This is a text file"),
        (b"\x00\x01rubbish", "not an Excel workbook"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused_at_the_form(
    clerk: Browser, world: Neighbourhood, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "riders.xlsx"
    file.write_bytes(content)
    refused = upload(clerk, world, file, starts_on="2026-12-01", ends_on="2027-01-31")
    assert refused.status_code == 422
    assert said in refused.text
    assert 'value="2027-01-31"' in refused.text
    assert re.search(rf'value="{world.compound.id}" checked', refused.text)


def test_a_form_without_file_or_with_half_a_period_is_refused(clerk: Browser, world: Neighbourhood) -> None:
    assert "Choose a workbook" in clerk.send("/filings/new", {"compound": str(world.compound.id)}).text
    assert "give both days" in upload(clerk, world, SAMPLE, starts_on="2026-12-01").text
    assert "give both days" in upload(clerk, world, SAMPLE, starts_on="2026-12-02", ends_on="2026-12-01").text


def test_only_property_companies_upload_and_uploads_are_their_own(
    browse: Browse, world: Neighbourhood, clerk: Browser, make: Maker
) -> None:
    assert browse(world.street).get("/filings/new").status_code == 403
    preview = upload(clerk, world, SAMPLE)
    other = make.neighbourhood().company
    world.officers[other.id] = make.officer(other)
    assert browse(other).get(preview.url.path).status_code == 404
    assert "Only a property company files riders" in upload(browse(other), world, SAMPLE).text
