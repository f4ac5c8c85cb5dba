"""A hostile workbook is refused by a process that stays under 300 MB."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Save = Callable[..., Path]
ROOT = Path(__file__).parents[3]
LIMIT_MB = 300

READ = """
import sys
from datetime import date
from pathlib import Path
from models.errors import RuleBroken
from models.rider_rules import FilingRules
from models.workbook import mark_roster, read_roster
path = Path(sys.argv[1])
rules = FilingRules(("美团",), period=(date(2026, 12, 1), date(2027, 11, 30)))
try:
    marked = mark_roster(path, read_roster(path, rules), str)
    print(len(marked) > 1000)
except RuleBroken as broken:
    print(broken.code)
status = Path("/proc/self/status").read_text()  # ru_maxrss would carry over what the process was forked from
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


def read_apart(path: Path) -> tuple[str, int]:
    """Read and mark in a process of its own; what came of it, and the most memory it ever had, in MB."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=100, check=True
    )
    outcome, memory = done.stdout.split()
    return outcome, int(memory)


def cell(text: str) -> bytes:
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'.encode()


HEAD = b"<worksheet><sheetData><row>" + cell("姓名") + cell("手机号") + cell("平台") + b"</row>"
NS = b' xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def rows(count: int) -> Iterator[bytes]:
    yield HEAD
    for number in range(count):
        yield b"<row>" + cell(f"骑手{number}") + cell(str(13800000000 + number)) + cell("美团") + b"</row>"
    yield b"</sheetData></worksheet>"


def test_a_hundred_thousand_rows(save_package: Save):
    outcome, memory = read_apart(save_package(rows(100_000)))
    assert outcome == "TooManyLines"
    assert memory < LIMIT_MB


def test_a_gigabyte_of_zeros(save_package: Save):
    outcome, memory = read_apart(save_package(bytes(1_000_000) for _ in range(1_000)))
    assert outcome == "UnpacksTooLarge"
    assert memory < LIMIT_MB


@pytest.mark.parametrize("piece", [b"<si><t>ab</t></si>", b"<si/>", b"<si><t>" + b"x" * 30_000 + b"</t></si>"])
def test_shared_strings_without_end(save_package: Save, piece: bytes):
    many = 45_000_000 // len(piece)
    strings = (piece * (many // 10) for _ in range(10))
    wrapped = (part for whole in ([b"<sst>"], strings, [b"</sst>"]) for part in whole)
    outcome, memory = read_apart(save_package([HEAD, b"</sheetData></worksheet>"], wrapped))
    assert outcome in {"HoldsTooMuch", "NoRiders"}
    assert memory < LIMIT_MB


@pytest.mark.parametrize(
    "piece", [b"<c/>", b"<a><b>", b"<row><c><v>1</v></c></row>", b"<c><v>" + b"7" * 1_000_000 + b"</v></c>"]
)
def test_sheets_without_end(save_package: Save, piece: bytes):
    many = 45_000_000 // len(piece)
    outcome, memory = read_apart(save_package([b"<worksheet>", piece * many, b"</worksheet>"]))
    assert outcome in {"HoldsTooMuch", "NoHeader", "DamagedWorkbook"}
    assert memory < LIMIT_MB


def test_a_full_list_with_as_much_beside_it_as_marking_allows(save_package: Save):
    """2,000 riders with styled blanks below them: the most that is loaded whole."""
    pieces = [*rows(2_000)][:-1]
    blanks = b"".join(b'<row r="%d">' % row + b'<c s="0"/>' * 12 + b"</row>" for row in range(3_000, 20_000))
    sheet = b"".join([*pieces, blanks, b"</sheetData></worksheet>"]).replace(b"<worksheet>", b"<worksheet" + NS + b">")
    styles = b"<styleSheet" + NS + b"><cellXfs><xf/></cellXfs></styleSheet>"
    outcome, memory = read_apart(save_package(sheet, parts={"xl/styles.xml": styles}))
    assert outcome == "True"
    assert memory < LIMIT_MB
