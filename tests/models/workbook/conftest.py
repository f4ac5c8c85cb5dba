"""Builders of workbooks, right ones and hostile ones."""

import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from models.rider_rules import FilingRules

SAMPLE = Path(__file__).parents[3] / "models" / "samples" / "riders-2026-11.xlsx"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEADER = ("序号", "姓名", "手机号", "平台", "站点", "车牌号", "开始日期", "结束日期", "备注")


@pytest.fixture(scope="session")
def sample() -> Path:
    """The list as a platform sends it."""
    return SAMPLE


@pytest.fixture(scope="session")
def rules() -> FilingRules:
    """The district's rules, for a filing with a period."""
    return FilingRules(
        ("美团", "饿了么", "UU跑腿", "顺丰同城"), {"美团外卖": "美团"}, period=(date(2026, 12, 1), date(2027, 11, 30))
    )


@pytest.fixture
def save_rows(tmp_path: Path) -> Callable[..., Path]:
    """Save rows of values as a workbook of one sheet or, by title, of several."""

    def save(rows: Iterable[Sequence[object]], **more: Iterable[Sequence[object]]) -> Path:
        book = Workbook()
        for title, sheet_rows in {"名单": rows, **more}.items():
            sheet = book.create_sheet(title)
            for row in sheet_rows:
                sheet.append(list(row))
        del book["Sheet"]
        path = tmp_path / "list.xlsx"
        book.save(path)
        return path

    return save


@pytest.fixture
def save_package(tmp_path: Path) -> Callable[..., Path]:
    """Save a package of raw parts: the sheet's XML and, if wanted, shared strings and parts by name."""

    def save(
        sheet: bytes | Iterable[bytes],
        strings: bytes | Iterable[bytes] | None = None,
        parts: dict[str, bytes] | None = None,
        method: int = ZIP_DEFLATED,
    ) -> Path:
        path = tmp_path / "raw.xlsx"
        with ZipFile(path, "w", method, compresslevel=1) as package:
            for name, data in (_skeleton(strings is not None) | (parts or {})).items():
                package.writestr(name, data)
            _stream(package, "xl/worksheets/sheet1.xml", sheet)
            if strings is not None:
                _stream(package, "xl/sharedStrings.xml", strings)
        return path

    return save


def _stream(package: ZipFile, name: str, data: bytes | Iterable[bytes]) -> None:
    with package.open(name, "w") as part:
        for piece in [data] if isinstance(data, bytes) else data:
            part.write(piece)


def _skeleton(has_strings: bool) -> dict[str, bytes]:
    strings = f'<Relationship Id="r2" Type="{KINDS}/sharedStrings" Target="sharedStrings.xml"/>' if has_strings else ""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Default Extension="xml" ContentType="{kind}.sheet.main+xml"/></Types>'
        ).encode(),
        "_rels/.rels": (
            f'<Relationships xmlns="{RELATIONS}">'
            f'<Relationship Id="r1" Type="{KINDS}/officeDocument" Target="/xl/workbook.xml"/></Relationships>'
        ).encode(),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{KINDS}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
        ).encode(),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{RELATIONS}">{strings}'
            f'<Relationship Id="r1" Type="{KINDS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
        ).encode(),
    }


@pytest.fixture
def save_compound(tmp_path: Path) -> Callable[[str], Path]:
    """Save a compound file (OLE2) with one stream of the given name, 512 bytes a sector."""

    def save(stream: str) -> Path:
        free, end, fat_sector = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
        header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
        header += struct.pack("<9L", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109L", 0, *[free] * 108)
        fat = struct.pack("<128L", fat_sector, end, *[free] * 126)
        entries = _entry("Root Entry", 5, 1) + _entry(stream, 2, free) + bytes(256)
        path = tmp_path / "compound"
        path.write_bytes(header + fat + entries)
        return path

    return save


def _entry(name: str, kind: int, child: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    nobody, end = 0xFFFFFFFF, 0xFFFFFFFE
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBB3L", len(text), kind, 1, nobody, nobody, child)
        + bytes(36)
        + struct.pack("<LQ", end, 0)
    )
