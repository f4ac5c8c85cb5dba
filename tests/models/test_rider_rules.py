"""Rider rules: what is accepted and in which spelling, what is wrong and what is said."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rider_rules import (
    Checked,
    FilingRules,
    RiderLine,
    Unreadable,
    check_rider,
    clean_text,
    find_repeats,
    read_date,
    tidy_text,
)
from models.words import Sentence

PERIOD = (date(2026, 12, 1), date(2027, 11, 30))
RULES = FilingRules(("美团", "饿了么", "UU跑腿"), {"美团外卖": "美团", "ELE.ME": "饿了么"})
WITH_PERIOD = FilingRules(RULES.platforms, RULES.aliases, period=PERIOD)
GOOD: dict[str, object] = {
    "name": "林伟",
    "phone": "13800000000",
    "platform": "美团",
    "station": "橙诺山阳站",
    "plate": "豫H34135电",
    "starts_on": PERIOD[0],
    "ends_on": PERIOD[1],
    "note": None,
}


def check(rules: FilingRules = RULES, today: date | None = None, **changed: object) -> Checked:
    return check_rider(GOOD | changed, rules, today)


def said(checked: Checked) -> list[tuple[str, str]]:
    return [(fault.field, str(fault.said)) for fault in checked.faults]


def good(checked: Checked) -> RiderLine:
    assert checked.line is not None, said(checked)
    return checked.line


def test_a_plain_line_is_taken_as_it_is():
    checked = check()
    assert good(checked) == RiderLine("林伟", "13800000000", "美团", "橙诺山阳站", "豫H34135电", *PERIOD, "")
    assert checked.notes == ()


@pytest.mark.parametrize(
    "spelling",
    [
        13800000000,
        13800000000.0,
        "13800000000.0",
        "１３８００００００００",
        "+86 138-0000-0000",
        "＋86 138 0000 0000",
        "0086-13800000000",
        "8613800000000",
        "(+86)138.0000.0000",
        "\u202d138 0000 0000\u202c",
        "'13800000000",
        " 138—0000—0000\n",
    ],
)
def test_spellings_of_a_phone(spelling: object):
    assert good(check(phone=spelling)).phone == "13800000000"


@pytest.mark.parametrize(
    "wrong",
    ["1380013800", "0391-3912345", "12800000000", "138000000000", "1.38E+10", "电话", True, 1e300, float("nan")],
)
def test_other_phones_are_wrong(wrong: object):
    checked = check(phone=wrong)
    assert checked.line is None
    assert checked.phone == ""
    [(field, sentence)] = said(checked)
    assert field == "phone"
    assert sentence.endswith("must be an 11-digit mobile number, such as 13800000000.")


def test_a_wrong_value_is_shown_and_a_long_one_is_cut():
    assert said(check(phone="1380013800")) == [
        ("phone", "Phone 1380013800 must be an 11-digit mobile number, such as 13800000000.")
    ]
    assert len(said(check(phone="9" * 5000))[0][1]) < 120


@pytest.mark.parametrize(
    ("spelling", "platform"),
    [("美 团 外 卖", "美团"), ("ｕｕ跑腿", "UU跑腿"), ("ele.me", "饿了么"), (" 美团\u3000", "美团")],
)
def test_spellings_of_a_platform_are_noted(spelling: str, platform: str):
    checked = check(platform=spelling)
    assert good(checked).platform == platform
    assert [(note.field, note.was, note.now) for note in checked.notes] == [
        ("platform", spelling.replace("\u3000", " "), platform)
    ]


def test_an_unknown_platform_is_answered_with_the_known_ones():
    assert said(check(platform="闪送侠")) == [
        (
            "platform",
            "Platform 闪送侠 is not among the district's platforms. Write one of: 美团、饿了么、UU跑腿.",
        )
    ]


@pytest.mark.parametrize(
    "spelling",
    ["2026.12.1", "2026-12-01", "2026/12/1", "2026年12月1日", "２０２６－１２－０１", "2026 年 12 月 1 日", "20261201",
     20261201, 46357, 46357.5, "46357", "2026-12-01T00:00:00", "2026-12-01 08:30",
     datetime(2026, 12, 1, 8, tzinfo=UTC), date(2026, 12, 1)],
)  # fmt: skip
def test_spellings_of_a_date(spelling: object):
    assert good(check(starts_on=spelling)).starts_on == date(2026, 12, 1)


@pytest.mark.parametrize(
    "wrong", ["12月初", "2026-13-01", "2026-02-30", "明年", 12, -1, float("inf"), float("nan"), True]
)
def test_other_dates_are_wrong(wrong: object):
    assert read_date(wrong) is None
    assert [field for field, _ in said(check(ends_on=wrong))] == ["ends_on"]


def test_a_missing_date_is_the_filings():
    assert [field for field, _ in said(check(starts_on=None, ends_on=" "))] == ["starts_on", "ends_on"]
    line = good(check(WITH_PERIOD, starts_on=None, ends_on=" "))
    assert (line.starts_on, line.ends_on) == PERIOD
    assert good(check(WITH_PERIOD, starts_on="2027-01-01", ends_on=None)).starts_on == date(2027, 1, 1)


def test_a_period_includes_both_ends_and_has_a_longest():
    one_day = check(starts_on=PERIOD[0], ends_on=PERIOD[0])
    assert good(one_day).ends_on == PERIOD[0]
    assert good(check(ends_on=date(2028, 11, 30))).ends_on == date(2028, 11, 30)  # 731 days
    assert said(check(ends_on=date(2028, 12, 1))) == [
        ("ends_on", "The period has 732 days; at most 731 may be filed at once. Choose an earlier end date.")
    ]


def test_a_period_that_ends_before_it_begins_is_wrong():
    [(field, sentence)] = said(check(ends_on=date(2026, 11, 1)))
    assert field == "ends_on"
    assert sentence.startswith("The period ends on 2026-11-01, before it begins on 2026-12-01.")


def test_a_period_that_is_past_is_wrong_where_today_is_told():
    assert check(today=PERIOD[1]).faults == ()
    assert [field for field, _ in said(check(today=date(2027, 12, 1)))] == ["ends_on"]


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("  林伟 ", "林伟"),
        ("林 伟", "林伟"),
        ("阿不都•热西提", "阿不都·热西提"),
        ("Ｌｉ  Wei", "Li Wei"),
        ("王\u200b芳", "王芳"),
    ],
)
def test_spellings_of_a_name(spelling: str, name: str):
    assert good(check(name=spelling)).name == name


@pytest.mark.parametrize(
    ("wrong", "begins"),
    [
        (None, "The name is missing"),
        ("  ", "The name is missing"),
        (120, "Name 120 has no"),
        ("王" * 41, "The name is longer"),
    ],
)
def test_other_names_are_wrong(wrong: object, begins: str):
    [(field, sentence)] = said(check(name=wrong))
    assert field == "name"
    assert sentence.startswith(begins)


@pytest.mark.parametrize(
    ("spelling", "plate"),
    [
        ("豫h34135 电", "豫H34135电"),
        ("豫H·34135", "豫H34135"),
        ("Ｈ０１２３４５", "H012345"),
        ("无", ""),
        ("-", ""),
        (None, ""),
    ],
)
def test_spellings_of_a_plate(spelling: object, plate: str):
    assert good(check(plate=spelling)).plate == plate


@pytest.mark.parametrize("wrong", ["电动车", "=1+1", "豫H", "豫H34135电动自行车"])
def test_other_plates_are_wrong(wrong: str):
    assert [field for field, _ in said(check(plate=wrong))] == ["plate"]


def test_free_text_keeps_its_punctuation_and_has_a_longest():
    checked = check(note="请走东门，谢谢。", station="橙诺（东）站")
    assert (good(checked).note, good(checked).station, checked.notes) == ("请走东门，谢谢。", "橙诺（东）站", ())
    assert [field for field, _ in said(check(note="长" * 201, station="站" * 61))] == ["station", "note"]


def test_a_value_that_could_not_be_read_has_its_own_fault():
    formula = Unreadable(Sentence("A formula."))
    assert said(check(plate=formula, starts_on=formula)) == [("plate", "A formula."), ("starts_on", "A formula.")]


def test_every_fault_of_a_line_is_said_at_once():
    checked = check_rider({}, RULES)
    assert [field for field, _ in said(checked)] == ["name", "phone", "platform", "starts_on", "ends_on"]


def test_a_repeated_phone_names_its_first_place():
    assert find_repeats(["1", "2", "", "1", "", "2", "1"]) == {3: 0, 5: 1, 6: 0}


def test_what_is_printed_of_a_line_names_nobody():
    checked = check(phone=" 13800000000 ", name="林 伟", plate="豫h34135")
    printed = repr(checked) + repr(check(phone="1380013800", name="17"))
    assert not any(secret in printed for secret in ("林", "138", "34135", "17"))


valid_phones = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True).filter(str.isascii)
FULL_WIDTH = str.maketrans("0123456789+-", "０１２３４５６７８９＋－")


@given(
    phone=valid_phones,
    prefix=st.sampled_from(["", "+86", "0086", "86", "+86 ", "+86-", " "]),
    cuts=st.lists(st.tuples(st.integers(0, 11), st.sampled_from([" ", "-", "—", "\u200b", "\u3000"])), max_size=4),
    is_wide=st.booleans(),
)
def test_every_spelling_of_a_valid_phone_is_that_phone(
    phone: str, prefix: str, cuts: list[tuple[int, str]], is_wide: bool
):
    spelling = phone
    for place, mark in sorted(cuts, reverse=True):
        spelling = spelling[:place] + mark + spelling[place:]
    spelling = prefix + spelling
    assert good(check(phone=spelling.translate(FULL_WIDTH) if is_wide else spelling)).phone == phone
    assert good(check(phone=int(phone))).phone == phone
    assert good(check(phone=float(phone))).phone == phone


anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes()
values = st.fixed_dictionaries(
    {},
    optional={
        "name": anything,
        "phone": anything | valid_phones,
        "platform": anything | st.sampled_from(["美 团", "ele.me"]),
        "station": anything,
        "plate": anything | st.sampled_from(["豫h34135 电", "无"]),
        "starts_on": anything | st.dates(date(2026, 1, 1), date(2027, 1, 1)).map(str),
        "ends_on": anything | st.dates(date(2027, 1, 1), date(2027, 12, 1)).map(str),
        "note": anything,
    },
)


@given(raw=values, is_filled_up=st.booleans())
def test_any_values_are_right_or_have_faults_and_right_ones_stay_as_they_are(
    raw: dict[str, object], is_filled_up: bool
):
    checked = check_rider(GOOD | raw if is_filled_up else raw, WITH_PERIOD)
    assert (checked.line is None) == bool(checked.faults)
    assert all(str(fault.said) for fault in checked.faults)
    if checked.line is not None:
        line = checked.line
        again = check_rider({name: getattr(line, name) for name in RiderLine.__dataclass_fields__}, WITH_PERIOD)
        assert again.line == line
        assert again.notes == ()


@given(text=st.text())
def test_cleaning_twice_equals_once(text: str):
    assert clean_text(clean_text(text)) == clean_text(text)
    assert tidy_text(tidy_text(text)) == tidy_text(text)
    clean_text(text).encode()  # can be stored


@given(raw=values)
def test_every_fault_can_be_kept_as_json(raw: dict[str, object]):
    for fault in check_rider(raw, RULES).faults:
        assert json.loads(json.dumps(fault.said.values)) == fault.said.values
