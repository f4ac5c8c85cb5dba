"""Uploading a workbook: kept sealed, previewed, filed, filed only once."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine, event

import models
from models.errors import NotFound
from models.filing import uploading
from models.filing.previewing import Preview
from models.filing.submitting import OnlyPropertyCompaniesFile, Submitted
from models.filing.tables import FilingLine
from models.filing.uploading import (
    EverythingFiledAlready,
    ImportMode,
    NoRowRight,
    RowsWrong,
    Upload,
    UploadGone,
)
from models.officer import Identity
from models.rider_rules import RiderLine
from models.workbook.guarding import NotAWorkbook
from tests.make import Maker, Neighbourhood

SAMPLE = Path(models.__file__).parent / "samples" / "riders-2026-11.xlsx"
ONLY_RIGHT, ALL_OR_NOTHING = ImportMode.ONLY_RIGHT, ImportMode.ALL_OR_NOTHING
YEAR = (date(2026, 12, 1), date(2027, 11, 30))


@dataclass
class Desk:
    """A clerk's desk: the steps of an upload with everything else filled in."""

    make: Maker
    world: Neighbourhood
    folder: Path
    clerk: Identity

    def keep(self, path: Path, period: tuple[date, date] | None = None) -> UUID:
        places = [self.world.compound.id]
        make = self.make
        return uploading.keep(make.database, self.clerk, make.vault, self.folder, path, places, period, make.at)

    def preview(self, upload_id: UUID, at: datetime | None = None) -> Preview:
        with self.make.database.reading() as session:
            at = at or self.make.at
            return uploading.preview(session, self.clerk, self.make.vault, self.folder, upload_id, at)

    def file(self, upload_id: UUID, mode: ImportMode = ONLY_RIGHT) -> Submitted:
        make = self.make
        return uploading.import_upload(make.database, self.clerk, make.vault, self.folder, upload_id, mode, make.at)

    def marked(self, upload_id: UUID) -> Workbook:
        with self.make.database.reading() as session:
            made = uploading.marked(session, self.clerk, self.make.vault, self.folder, upload_id, str, self.make.at)
        return load_workbook(BytesIO(made))

    def workbook(self, *lines: RiderLine, name: str = "list.xlsx") -> Path:
        """A list of these riders, without dates; another name is another file."""
        book = Workbook()
        sheet = book.worksheets[0]
        sheet.title = name.removesuffix(".xlsx")
        sheet.append(["姓名", "手机号", "平台", "车牌号"])
        for line in lines:
            sheet.append([line.name, line.phone, line.platform, line.plate])
        path = self.folder.parent / name
        book.save(path)
        return path


@pytest.fixture
def desk(make: Maker, tmp_path: Path) -> Desk:
    """A desk on SQLite."""
    world = make.neighbourhood()
    return Desk(make, world, tmp_path / "uploads", world.clerk)


@pytest.fixture
def any_desk(any_make: Maker, tmp_path: Path) -> Desk:
    """A desk on either database."""
    world = any_make.neighbourhood()
    return Desk(any_make, world, tmp_path / "uploads", world.clerk)


class TestTheSample:
    def test_120_are_read_111_are_good_9_are_wrong(self, any_desk: Desk) -> None:
        shown = any_desk.preview(any_desk.keep(SAMPLE))
        assert shown.counts == (120, 111, 9, 0)
        assert shown.counts.fresh == 111
        assert [one.id for one in shown.compounds] == [any_desk.world.compound.id]
        wrong = ["7", "13", "21", "34", "80", "88", "95", "110", "116"]
        assert [row.number for row in shown.rows if row.is_wrong] == wrong

    def test_only_the_right_rows_are_filed_and_a_second_time_nothing_is(self, any_desk: Desk) -> None:
        filed = any_desk.file(any_desk.keep(SAMPLE))
        assert filed.is_new
        assert any_desk.make.matter(filed.matter_id).line_count == 111
        again = any_desk.keep(SAMPLE)
        shown = any_desk.preview(again)
        assert shown.counts == (120, 111, 9, 111)
        assert {row.already for row in shown.rows if not row.is_wrong} == {filed.reference}
        for mode in ImportMode:
            assert any_desk.file(again, mode) == replace(filed, is_new=False)
        assert any_desk.make.count(FilingLine) == 111

    def test_all_or_nothing_files_nothing_and_says_how_many_are_wrong(self, desk: Desk) -> None:
        with pytest.raises(RowsWrong, match=r"^9 of 120 rows are wrong"):
            desk.file(desk.keep(SAMPLE), ALL_OR_NOTHING)
        assert desk.make.count(FilingLine) == 0

    def test_people_are_masked_and_normalised_values_are_shown(self, desk: Desk) -> None:
        rows = {row.number: row for row in desk.preview(desk.keep(SAMPLE)).rows}
        first = rows["1"]
        assert (first.name, first.phone, first.plate) == ("朱*", "170****3948", "豫H***135")
        assert [(note.field, note.now) for note in rows["48"].notes] == [("platform", "美团")]
        assert [fault.cell for fault in rows["7"].faults] == ["C9"]

    def test_the_workbook_comes_back_marked(self, desk: Desk) -> None:
        sheet = desk.marked(desk.keep(SAMPLE)).worksheets[0]
        reasons = {row: sheet.cell(row, 10).value for row in range(3, 123)}
        assert "11-digit" in str(reasons[9])
        assert sum(bool(said) for said in reasons.values()) == 9

    def test_rows_filed_already_say_so_in_the_marked_workbook(self, desk: Desk) -> None:
        filed = desk.file(desk.keep(SAMPLE))
        sheet = desk.marked(desk.keep(SAMPLE)).worksheets[0]
        assert sheet.cell(3, 10).value == f"Filed already: {filed.reference}. This row is not filed again."


class TestWhoIsKnownAlready:
    def test_the_same_rider_in_another_file_and_spelling_is_not_filed_again(self, any_desk: Desk) -> None:
        old, new = any_desk.make.rider_lines(2)
        filed = any_desk.file(any_desk.keep(any_desk.workbook(old, name="a.xlsx"), YEAR))
        spelt = replace(old, phone=f"+86 {old.phone[:3]}-{old.phone[3:7]}-{old.phone[7:]}")
        upload = any_desk.keep(any_desk.workbook(spelt, new, name="b.xlsx"), YEAR)
        rows = any_desk.preview(upload).rows
        assert [row.already for row in rows] == [filed.reference, None]
        second = any_desk.file(upload, ALL_OR_NOTHING)
        assert any_desk.make.matter(second.matter_id).line_count == 1

    def test_a_rider_of_another_company_is_recognised_and_may_be_filed(self, any_desk: Desk) -> None:
        line = any_desk.make.rider_lines(1)[0]
        any_desk.file(any_desk.keep(any_desk.workbook(line), YEAR))
        other = any_desk.make.neighbourhood()
        theirs = Desk(any_desk.make, other, any_desk.folder, other.clerk)
        upload = theirs.keep(theirs.workbook(replace(line, name="另一名", plate="")), YEAR)
        [row] = theirs.preview(upload).rows
        assert row.already is None
        assert row.known is not None
        assert (row.known.company, row.known.reference) == (any_desk.world.company.name, "")
        assert row.known.is_other_name
        assert theirs.file(upload).is_new

    def test_the_own_company_is_told_which_filing(self, desk: Desk) -> None:
        line = desk.make.rider_lines(1)[0]
        filed = desk.file(desk.keep(desk.workbook(line), YEAR))
        later = (date(2027, 12, 1), date(2028, 11, 30))
        [row] = desk.preview(desk.keep(desk.workbook(line), later)).rows
        assert row.already is None
        assert row.known is not None
        assert (row.known.reference, row.known.is_other_name) == (filed.reference, False)

    def test_another_period_of_the_same_file_is_another_filing(self, desk: Desk) -> None:
        path = desk.workbook(*desk.make.rider_lines(2))
        first = desk.file(desk.keep(path, YEAR))
        second = desk.file(desk.keep(path, (date(2027, 12, 1), date(2028, 11, 30))))
        assert second.is_new
        assert second.matter_id != first.matter_id

    def test_everything_filed_by_other_files_leaves_nothing_to_file(self, desk: Desk) -> None:
        lines = desk.make.rider_lines(2)
        filed = desk.file(desk.keep(desk.workbook(*lines), YEAR))
        upload = desk.keep(desk.workbook(lines[1]), YEAR)
        with pytest.raises(EverythingFiledAlready, match=re.escape(f"({filed.reference})")):
            desk.file(upload)

    @pytest.mark.parametrize(
        "change",
        [
            "update matter set status = 'refused', result = 'refused'",
            "update matter set status = 'returned', result = 'returned'",
            "update filing_line set status = 'excepted'",
            "update filing_line set status = 'dropped'",
        ],
    )
    def test_what_is_no_longer_live_may_be_filed_again(self, desk: Desk, change: str) -> None:
        lines = desk.make.rider_lines(2)
        desk.file(desk.keep(desk.workbook(*lines), YEAR))
        desk.make.tamper(change)
        upload = desk.keep(desk.workbook(lines[1]), YEAR)
        [row] = desk.preview(upload).rows
        assert row.already is None
        assert row.known is not None
        assert desk.file(upload).is_new

    def test_a_filing_for_one_of_two_compounds_does_not_cover_both(self, desk: Desk) -> None:
        line = desk.make.rider_lines(1)[0]
        desk.file(desk.keep(desk.workbook(line), YEAR))
        second = desk.make.compound(desk.world.community, desk.world.company)
        places = [desk.world.compound.id, second.id]
        make = desk.make
        path = desk.workbook(line)
        upload = uploading.keep(make.database, desk.clerk, make.vault, desk.folder, path, places, YEAR, make.at)
        [row] = desk.preview(upload).rows
        assert row.already is None


class TestWhatIsKept:
    def test_the_file_is_sealed_and_nothing_plain_stays(self, desk: Desk) -> None:
        upload = desk.keep(SAMPLE)
        desk.preview(upload)
        [kept] = list(desk.folder.iterdir())
        assert kept.name == str(upload)
        assert not kept.read_bytes().startswith(b"PK")
        assert desk.make.vault.open_bytes(kept.read_bytes()) == SAMPLE.read_bytes()
        assert kept.stat().st_mode & 0o077 == 0

    def test_what_is_no_workbook_is_refused_and_not_kept(self, desk: Desk) -> None:
        path = desk.folder.parent / "photo.xlsx"
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
        with pytest.raises(NotAWorkbook):
            desk.keep(path)
        assert desk.make.count(Upload) == 0
        assert not desk.folder.exists()

    def test_only_the_company_that_manages_the_compound_uploads(self, desk: Desk) -> None:
        other = desk.make.neighbourhood()
        for who in (other.clerk, desk.world.who(desk.world.community)):
            desk.clerk = who
            with pytest.raises(OnlyPropertyCompaniesFile):
                desk.keep(SAMPLE)

    def test_another_company_does_not_see_the_upload(self, desk: Desk) -> None:
        upload = desk.keep(SAMPLE)
        desk.clerk = desk.make.neighbourhood().clerk
        with pytest.raises(NotFound):
            desk.preview(upload)
        with pytest.raises(NotFound):
            desk.file(upload)

    def test_a_list_without_a_right_row_files_nothing(self, desk: Desk) -> None:
        line = replace(desk.make.rider_lines(1)[0], phone="110")
        with pytest.raises(NoRowRight):
            desk.file(desk.keep(desk.workbook(line), YEAR))

    def test_after_a_day_it_is_gone(self, any_desk: Desk) -> None:
        make, folder = any_desk.make, any_desk.folder
        old = any_desk.keep(SAMPLE)
        make.at += timedelta(hours=23, minutes=59)
        any_desk.preview(old)
        young = any_desk.keep(SAMPLE)
        left_open = folder / "opened-by-a-crash.xlsx"
        left_open.touch()
        os.utime(left_open, (0, datetime(2026, 11, 20, tzinfo=UTC).timestamp()))
        make.at += timedelta(minutes=1)
        with pytest.raises(UploadGone):
            any_desk.preview(old)
        assert make.database.write(uploading.purge, folder, make.at) == 1
        assert [path.name for path in folder.iterdir()] == [str(young)]
        with pytest.raises(NotFound):
            any_desk.preview(old)
        assert any_desk.preview(young).counts.total == 120


def test_two_lists_at_once_file_a_rider_once(any_desk: Desk) -> None:
    line = any_desk.make.rider_lines(1)[0]
    uploads = [any_desk.keep(any_desk.workbook(line, name=f"{name}.xlsx"), YEAR) for name in "abcd"]
    with ThreadPoolExecutor(4) as clerks:
        answers = [clerks.submit(any_desk.file, upload) for upload in uploads]
    errors = [answer.exception() for answer in answers]
    assert [type(error) for error in errors if error] == [EverythingFiledAlready] * 3
    assert any_desk.make.count(FilingLine) == 1


def test_two_thousand_known_riders_are_recognised_in_few_queries(desk: Desk) -> None:
    lines = desk.make.rider_lines(2000)
    desk.file(desk.keep(desk.workbook(*lines), YEAR))
    upload = desk.keep(desk.workbook(*lines), YEAR)
    statements: list[object] = []

    def count(*said: object) -> None:
        statements.append(said[2])

    event.listen(Engine, "before_cursor_execute", count)
    try:
        assert desk.preview(upload).counts == (2000, 2000, 0, 2000)
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert 0 < len(statements) < 20
