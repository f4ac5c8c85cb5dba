"""The sample list: every row that its description (issue 2, sample data) decides on."""

from hashlib import sha256
from pathlib import Path

import pytest

from models.rider_rules import FilingRules
from models.workbook import Roster, RosterRow, read_roster

WRONG = {
    "7": ("C9", "Phone 1380013800 must be an 11-digit mobile number"),
    "13": ("C15", "This phone is already in row 14 of this list"),
    "21": ("B23", "The name is missing"),
    "34": ("H36", "The period ends on 2026-11-01, before it begins on 2026-12-01"),
    "80": ("G82", "Start date 12月初 is not a date"),
    "88": ("F90", "A value is needed here: formulas are not evaluated"),
    "95": (
        "D97",
        "Platform 闪送侠 is not among the district's platforms. Write one of: 美团、饿了么、UU跑腿、顺丰同城.",
    ),
    "110": ("C112", "Phone 0391-3912345 must be an 11-digit mobile number"),
    "116": ("H118", "The period has 1857 days; at most 731 may be filed at once"),
}
NORMALISED = {
    "48": ("platform", "美 团 外 卖", "美团"),
    "55": ("phone", "１７０３１８７５９１１", "17031875911"),
    "61": ("phone", "+86 153-9653-6923", "15396536923"),
    "72": ("starts_on", "2026.12.1", "2026-12-01"),
    "74": ("starts_on", "2026年12月1日", "2026-12-01"),
    "101": ("name", "  林伟 ", "林伟"),
}


@pytest.fixture(scope="module")
def roster(sample: Path, rules: FilingRules) -> Roster:
    return read_roster(sample, rules)


def rider(roster: Roster, number: str) -> RosterRow:
    [row] = [row for row in roster.rows if row.number == number]
    return row


def test_120_riders_are_read_and_the_total_is_none(roster: Roster):
    assert [row.number for row in roster.rows] == [str(number) for number in range(1, 121)]
    assert [row.row for row in roster.rows] == list(range(3, 123))
    assert (len(roster.good), len(roster.wrong)) == (111, 9)
    assert {row.number for row in roster.wrong} == WRONG.keys()


def test_the_list_is_found_below_its_title(roster: Roster):
    assert (roster.sheet, roster.header_row, roster.last_column) == ("备案名单", 2, 9)
    assert roster.columns["phone"] == 3


def test_the_same_file_has_the_same_digest(roster: Roster, sample: Path):
    assert roster.digest == sha256(sample.read_bytes()).hexdigest()


@pytest.mark.parametrize("number", WRONG)
def test_a_wrong_rider_names_its_one_cell_and_why(roster: Roster, number: str):
    cell, begins = WRONG[number]
    row = rider(roster, number)
    assert row.line is None
    [fault] = row.faults
    assert fault.cell == cell
    assert str(fault.said).startswith(begins)


@pytest.mark.parametrize("number", NORMALISED)
def test_a_normalised_rider_is_accepted_and_shown_as_such(roster: Roster, number: str):
    row = rider(roster, number)
    assert row.line is not None
    assert [(note.field, note.was, note.now) for note in row.notes] == [NORMALISED[number]]


def test_nobody_else_is_shown_as_normalised(roster: Roster):
    assert {row.number for row in roster.good if row.notes} == NORMALISED.keys()


def test_the_first_of_two_is_right(roster: Roster):
    line = rider(roster, "12").line
    assert line is not None
    assert line.phone == "13145729503"


def test_a_phone_that_is_stored_as_a_number_is_accepted(roster: Roster):
    line = rider(roster, "60").line
    assert line is not None
    assert line.phone == "18357212610"


@pytest.mark.parametrize("number", ["72", "73", "74", "1"])
def test_dates_in_every_form_are_the_same_day(roster: Roster, number: str):
    line = rider(roster, number).line
    assert line is not None
    assert (line.starts_on.isoformat(), line.ends_on.isoformat()) == ("2026-12-01", "2027-11-30")
