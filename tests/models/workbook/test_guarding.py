"""What is refused, each with its sentence."""

import struct
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_LZMA, ZipFile

import openpyxl
import pytest

from models.errors import RuleBroken
from models.rider_rules import FilingRules
from models.workbook import guarding as g
from models.workbook import read_roster
from models.workbook.scanning import DamagedWorkbook, HoldsTooMuch

Save = Callable[..., Path]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def refusal(path: Path, rules: FilingRules) -> type[RuleBroken]:
    with pytest.raises(RuleBroken) as caught:
        read_roster(path, rules)
    assert str(caught.value).endswith(".")
    return type(caught.value)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", g.EmptyFile),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", g.NotAWorkbook),
        (PNG, g.NotAWorkbook),
        (b"PK\3\4" + bytes(200), DamagedWorkbook),
        (b"PK\5\6" + bytes(18), g.NotAWorkbook),  # a zip of nothing
        ("姓名,手机号\n林伟,13800000000\n".encode(), g.TextInsteadOfWorkbook),
        ("姓名,手机号\r\n林伟,13800000000\r\n".encode("gbk"), g.TextInsteadOfWorkbook),
        ("姓名\t手机号\n".encode("utf-16"), g.TextInsteadOfWorkbook),
        (b"<html><table><tr><td>1</td></tr></table></html>", g.TextInsteadOfWorkbook),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), g.NotAWorkbook),
    ],
)
def test_other_files(tmp_path: Path, rules: FilingRules, data: bytes, expected: type[RuleBroken]):
    path = tmp_path / "upload"
    path.write_bytes(data)
    assert refusal(path, rules) is expected


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("EncryptedPackage", g.EncryptedWorkbook),
        ("Workbook", g.OldWorkbook),
        ("Book", g.OldWorkbook),
        ("WordDocument", g.NotAWorkbook),
    ],
)
def test_compound_files(save_compound: Save, rules: FilingRules, stream: str, expected: type[RuleBroken]):
    assert refusal(save_compound(stream), rules) is expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"word/document.xml": b"<w/>"}, g.NotAWorkbook),
        ({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}, g.OtherSpreadsheet),
        ({g.CONTENT_TYPES: b"<Types>wordprocessingml.document.main+xml</Types>"}, g.NotAWorkbook),
        ({g.CONTENT_TYPES: b"<Types>ms-excel.sheet.binary.macroEnabled.main</Types>"}, g.OtherSpreadsheet),
        ({g.CONTENT_TYPES: b"<Types>ms-excel.sheet.macroEnabled.main+xml</Types>"}, g.MacroWorkbook),
        ({g.CONTENT_TYPES: b"<Types>spreadsheetml.sheet.main+xml</Types>"}, DamagedWorkbook),
    ],
)
def test_other_packages(tmp_path: Path, rules: FilingRules, parts: dict[str, bytes], expected: type[RuleBroken]):
    path = tmp_path / "upload.zip"
    with ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    assert refusal(path, rules) is expected


@pytest.mark.parametrize("method", [ZIP_BZIP2, ZIP_LZMA])
def test_packing_without_a_bound_is_not_unpacked(save_package: Save, rules: FilingRules, method: int):
    assert refusal(save_package(b"<worksheet/>", method=method), rules) is DamagedWorkbook


def test_a_package_with_a_password_is_refused(save_package: Save, rules: FilingRules):
    path = save_package(b"<worksheet/>")
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\1\2")
    data[at + 8] |= 1
    path.write_bytes(data)
    assert refusal(path, rules) is g.EncryptedWorkbook


def test_a_lie_about_a_size_is_found(save_package: Save, rules: FilingRules):
    """The sheet says that it has 1 kB but has 60 MB: nothing of what is beyond is believed or kept."""
    path = save_package(b" " * 60_000_000 for _ in range(1))
    data = bytearray(path.read_bytes())
    for sign, place in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        at = -1
        while (at := data.find(sign, at + 1)) >= 0:
            if struct.unpack_from("<L", data, at + place)[0] > 1_000_000:
                struct.pack_into("<L", data, at + place, 1_000)
    path.write_bytes(data)
    assert refusal(path, rules) is DamagedWorkbook


def test_honest_parts_over_the_limit_are_refused_together(save_package: Save, rules: FilingRules):
    parts = {f"xl/media/{number}.bin": bytes(9_000_000) for number in range(6)}
    assert refusal(save_package(b"<worksheet/>", parts=parts), rules) is g.UnpacksTooLarge


def test_very_many_entries_are_refused_before_they_are_listed(save_package: Save, rules: FilingRules):
    parts = {f"xl/{number}": b"" for number in range(25_000)}
    assert refusal(save_package(b"<worksheet/>", parts=parts), rules) is HoldsTooMuch


BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
    b"<worksheet><sheetData><row><c><v>&c;</v></c></row></sheetData></worksheet>"
)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "_rels/.rels"])
def test_entities_are_refused_in_every_part(save_package: Save, rules: FilingRules, part: str):
    if part == "xl/worksheets/sheet1.xml":
        assert refusal(save_package(BOMB), rules) is DamagedWorkbook
    else:
        assert refusal(save_package(b"<worksheet/>", parts={part: BOMB}), rules) is DamagedWorkbook


def test_openpyxl_refuses_entities_as_well():
    assert openpyxl.DEFUSEDXML  # marking loads with it


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        (b"<worksheet>" + b"<a>" * 200, HoldsTooMuch),  # depth
        (b"<worksheet>" + b"".join(b"<a%d/>" % number for number in range(20_000)), HoldsTooMuch),  # names
        (b'<worksheet x="' + b"y" * 3_000_000 + b'"/>', HoldsTooMuch),  # a tag without end
        (b"<worksheet>" + b"<c/>" * 2_100_000, HoldsTooMuch),  # numbers
        (b"<worksheet><row", DamagedWorkbook),
        (b'<?xml version="1.0" encoding="utf-99"?><worksheet/>', DamagedWorkbook),
        (b'<worksheet><row r="x"/></worksheet>', DamagedWorkbook),
        (b'<worksheet><row r="99999999999999999999"/></worksheet>', DamagedWorkbook),
        (b'<worksheet><row><c r="9A"/></row></worksheet>', DamagedWorkbook),
        (b'<worksheet><row><c t="s"><v>7</v></c></row></worksheet>', DamagedWorkbook),
        (b"<worksheet><row><c><v>x</v></c></row></worksheet>", DamagedWorkbook),
    ],
    ids=["depth", "names", "tag", "elements", "broken", "encoding", "row", "far-row", "cell", "string", "number"],
)
def test_sheets_that_mislead_the_parser(
    save_package: Save, rules: FilingRules, sheet: bytes, expected: type[RuleBroken]
):
    assert refusal(save_package(sheet), rules) is expected


def test_a_package_cut_short_is_damaged(sample: Path, tmp_path: Path, rules: FilingRules):
    path = tmp_path / "cut.xlsx"
    path.write_bytes(sample.read_bytes()[:-100])
    assert refusal(path, rules) is DamagedWorkbook


def test_a_changed_byte_is_damaged(sample: Path, tmp_path: Path, rules: FilingRules):
    data = bytearray(sample.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path = tmp_path / "changed.xlsx"
    path.write_bytes(data)
    assert refusal(path, rules) is DamagedWorkbook
