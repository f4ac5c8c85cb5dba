"""Whatever bytes or values come, nothing but a broken rule is raised."""

import random
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from models.errors import RuleBroken
from models.rider_rules import FilingRules
from models.workbook import Roster, mark_roster, read_roster

IN_ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
Read = Callable[[bytes], Roster | None]


@pytest.fixture
def read(tmp_path: Path, rules: FilingRules) -> Read:
    """Read, and mark what could be read; None where a rule was broken."""

    def read_bytes(data: bytes) -> Roster | None:
        path = tmp_path / "upload"
        path.write_bytes(data)
        try:
            roster = read_roster(path, rules)
            mark_roster(path, roster, str)
        except RuleBroken as broken:
            assert str(broken)  # noqa: PT017 - either way is right, as long as it has words
            return None
        return roster

    return read_bytes


@IN_ONE_FOLDER
@given(
    data=st.binary(), head=st.sampled_from([b"", b"PK\3\4", b"PK\5\6", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-"])
)
def test_any_bytes(read: Read, data: bytes, head: bytes):
    assert read(head + data) is None


@IN_ONE_FOLDER
@given(seed=st.integers(0, 2**32), changes=st.integers(1, 30), keep=st.floats(0.5, 1))
def test_a_workbook_with_changed_bytes(read: Read, sample: Path, seed: int, changes: int, keep: float):
    chance = random.Random(seed)
    data = bytearray(sample.read_bytes())
    for _ in range(changes):
        data[chance.randrange(len(data))] = chance.randrange(256)
    roster = read(bytes(data[: int(len(data) * keep)]))
    assert roster is None or len(roster.rows) == 120  # the change was in a date or a name inside the package


@IN_ONE_FOLDER
@given(seed=st.integers(0, 2**32), changes=st.integers(1, 8))
def test_a_workbook_with_changed_xml(read: Read, sample: Path, seed: int, changes: int):
    """The package is whole, so nothing but the XML can tell that it was changed."""
    chance = random.Random(seed)
    file = BytesIO()
    with ZipFile(sample) as package, ZipFile(file, "w") as changed:
        for name in package.namelist():
            data = bytearray(package.read(name))
            for _ in range(changes):
                data[chance.randrange(len(data))] = chance.choice(b'<>/"= 019azAZr')
            changed.writestr(name, bytes(data) if chance.random() < 0.3 else package.read(name))
    read(file.getvalue())


XML_TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=50)
VALUES = (
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats() | st.dates() | st.datetimes() | XML_TEXT
)


@IN_ONE_FOLDER
@given(rows=st.lists(st.lists(VALUES, min_size=9, max_size=9), min_size=1, max_size=5))
def test_any_values_of_cells(read: Read, rows: list[list[object]]):
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["序号", "姓名", "手机号", "平台", "站点", "车牌号", "开始日期", "结束日期", "备注"])
    for row in rows:
        sheet.append(row)
    file = BytesIO()
    book.save(file)
    roster = read(file.getvalue())
    assert roster is None or len(roster.rows) <= len(rows)
