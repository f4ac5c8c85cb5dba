"""Protocol files: what is read, and each mistake with its line and reason."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.protocol.loading import load, parse
from models.protocol.reading import ProtocolWrong
from models.protocol.schema import Between, Extension, Level, Party, Returns, StageAct, UnseenAct
from models.protocol.storing import FOLDER
from models.working_time import Span

FILE = "access_filing.v1.yaml"
TEXT = (FOLDER / FILE).read_text(encoding="utf-8")


def changed(old, new):
    """The file with one place changed, and the line of that place."""
    assert old in TEXT
    begins = TEXT.index(old) + len(old) - len(old.lstrip())
    return TEXT.replace(old, new, 1), TEXT.count("\n", 0, begins) + 1


def faults_of(text, file=FILE, **given):
    with pytest.raises(ProtocolWrong) as raised:
        parse(file, text, **given)
    for fault in raised.value.faults:
        assert f"{file}, line {fault.line}: {fault.said}" in str(raised.value)
    return raised.value.faults


def test_the_access_filing_seats_five_parties_in_two_stages():
    protocol = load(FOLDER / FILE)
    parties = [seat.party for stage in protocol.stages if not stage.is_conciliation for seat in stage.seats]
    assert parties == [Party.PROPERTY, Party.COMMUNITY, Party.COUNCIL, Party.STREET, Party.DEPARTMENT]
    assert [stage.key for stage in protocol.stages] == ["neighbourhood", "district", "conciliation"]
    assert protocol.first().seats[0].is_declared
    assert [rung.to for rung in protocol.first().escalations] == [Level.SUPERIOR, Level.DISTRICT]
    assert protocol.following("neighbourhood") == protocol.stage("district")
    assert protocol.following("district") is None
    assert protocol.conciliation() == protocol.stage("conciliation")


HALF = "{share: 0.5}                      #"
TWO_HOURS = "{before: {working_minutes: 120}}  #"
TWO_DAYS = "{working_days: 2}    #"
MAJORITY = "decision: {rule: majority}"
TITLE = "title: {zh: 协商会, en: Conciliation}"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("mode: countersign  ", "mode: countersing  ", r"countersing is none of: .*did you mean countersign\?"),
        ("mode: countersign  ", "mode: [countersign]  ", "none of: countersign"),
        ("    objection: return", "    objection: return\n    mood: x", r"unknown key mood \(did you mean mode\?\)"),
        ("key: neighbourhood", "key: Neighbourhood", "small letters"),
        ("version: 1\n", "version: 0\n", "a whole number from 1 to"),
        ("version: 1\n", "version: true\n", "a whole number from 1 to"),
        ("version: 1\n", "version: '1'\n", "a whole number from 1 to"),
        ("version: 1\n", "version: !!python/object/apply:os.getcwd []\n", "a whole number from 1 to"),
        ("lines_limit: 2000", "lines_limit: many", "a whole number"),
        ("lines_limit: 2000", "lines_limit: 2026-99-99", "a whole number"),
        ("lines_limit: 2000", "lines_limit: 010", "a whole number"),
        ("lines_limit: 2000", "lines_limit: 2:30", "a whole number"),
        ("lines_limit: 2000", "lines_limit: " + "9" * 5000, "a whole number"),
        ("longest_days: 731", "longest_days: 99999", "a whole number from 1 to 3660"),
        ("lines_limit: 2000", "lines_limit: {a: 1}", "a whole number"),
        (HALF, "{share: 1.5} #", "between 0 and 1"),
        (HALF, "{share: 0.0} #", "between 0 and 1"),
        (HALF, "{share: 1} #", "between 0 and 1"),
        (HALF, "{share: .nan} #", "between 0 and 1"),
        (HALF, "{share: half} #", "between 0 and 1"),
        (HALF, "{share: 0.5, before: {days: 1}} #", "either before or share"),
        (HALF, "{} #", "either before or share"),
        (TWO_HOURS, "{before: {working_days: 3}}  #", "before its stage opens"),
        (TWO_HOURS, "{before: {working_minutes: 1261}}  #", "before its stage opens"),
        ("look_within: {working_minutes: 240}   #", "look_within: {working_days: 9} #", "longer than the deadline"),
        ("look_within: {working_minutes: 240}   #", "look_within: {minutes: 0} #", "within no time"),
        (TWO_DAYS, "{working_days: 0}    #", "a deadline of nothing"),
        (TWO_DAYS, "{weeks: 2, days: 2}    #", "unknown key weeks"),
        (TWO_DAYS, "{working_days: 2, days: 3}    #", "exactly one of"),
        (TWO_DAYS, "{working_days: -2}    #", "a whole number from 0"),
        (TWO_DAYS, "{working_days: 2, working_days: 3}    #", "working_days stands here twice"),
        ("working_days: 1}, to: district", "working_minutes: 0}, to: district", "must come after the one before"),
        ("lapse: {after: {working_days: 2}", "lapse: {after: {working_days: 0}", "lapse comes before"),
        ("lapse: {after: {working_days: 1}, way: refusal}", "lapse: soon", "a mapping is needed"),
        ("vetoes: [street]", "vetoes: [council]", "council has a veto but no seat"),
        ("vetoes: [street]", "vetoes: [street, street]", "street stands here twice"),
        ("vetoes: [street]", "vetoes: street", "a list is needed here"),
        ("function: housing", "function: houzing", r"houzing is none of: social_work.*did you mean housing\?"),
        ("{party: department, function: housing}", "{party: department}", "a department needs its function"),
        ("      - {party: community}\n", "      - {party: community, function: health}\n", "only a department"),
        ("      - {party: council}\n", "      - {party: community}\n", "community stands here twice"),
        ("      - {party: street}\n", "      - {party: street, is_declared: true}\n", "first stage only"),
        ("      - {party: community}\n", "      - {party: community, is_declared: true}\n", "first stage only"),
        ("is_conciliation: true", "is_conciliation: maybe", "true or false"),
        (MAJORITY, "decision: {rule: at_least}", "at_least goes with"),
        (MAJORITY, "decision: {rule: majority, at_least: 2}", "at_least goes with"),
        (MAJORITY, "decision: {rule: at_least, at_least: 0}", "a whole number from 1"),
        (MAJORITY, "decision: {rule: at_least, at_least: 5}", "at_least is 5, but there are 4"),
        (TITLE, "title: {zh: 协商会}", "key en is missing"),
        (TITLE, "title: {zh: '  ', en: C}", "a text is needed"),
        (TITLE, "title: {zh: , en: C}", "a text is needed"),
        (TITLE, "title: {zh: 12, en: C}", "12 is no text to YAML; put it in quotes"),
        (TITLE, "title: {[zh]: 12, zh: 协商会, en: C}", "a key is a plain word"),
        ("key: district", "key: neighbourhood", "two stages have the key neighbourhood"),
        ("objection: refuse", "objection: conciliate", "cannot go to conciliation again"),
        ("name: access_filing", "name: acces", "must be named acces.v1.yaml"),
        ("objection: return ", "mode: or_sign\n    objection: return ", "mode stands here twice"),
        ("times: [opening]", "times: []", "at the opening, at the end, or both"),
        ("party: department, function: market_supervision", "party: street", "street stands here twice"),
        ("version: 1\n", "version: &v 1\n", "anchors"),
        ("title: {zh: 骑手通行备案", "title: {zh: \x07骑手通行备案", "this is no YAML"),
        ("    objection: return", "\tobjection: return", "this is no YAML"),
    ],
)
def test_a_mistake_is_told_with_its_line(old, new, reason):
    text, line = changed(old, new)
    faults = faults_of(text)
    assert [fault.line for fault in faults] in ([line], [line + new.strip().count("\n")])
    assert re.search(reason, str(faults[0].said))


def test_an_objection_needs_a_conciliation_to_go_to():
    text, _ = changed("    is_conciliation: true\n", "")
    _, line = changed("objection: conciliate", "")
    (fault,) = faults_of(text)
    assert (fault.line, str(fault.said)[:25]) == (line, "an objection goes to conc")


def test_there_is_one_conciliation():
    text, _ = changed("  - key: district\n", "  - key: district\n    is_conciliation: true\n    objection: return\n")
    text = text.replace("    objection: conciliate ", "   # ").replace("vetoes: [street]", "vetoes: []")
    (fault,) = faults_of(text)
    assert str(fault.said) == "there is more than one conciliation stage"
    assert text.splitlines()[fault.line - 1].strip() == "is_conciliation: true"
    assert "key: conciliation" in text.splitlines()[fault.line - 3]


def test_there_is_an_ordinary_stage():
    text = re.sub(r"stages:\n.*\n(?=copies:)", "stages: []\n", TEXT, flags=re.DOTALL)
    assert [str(fault.said) for fault in faults_of(text)] == ["there is no ordinary stage"]


def test_a_stage_has_a_seat():
    text, line = changed("seats:\n      - {party: street}\n      - {party: department, function: housing}", "seats: []")
    said = [(fault.line, str(fault.said)) for fault in faults_of(text)]
    assert (line, "a stage needs at least one seat") in said


def test_an_or_sign_has_no_vetoes():
    text, line = changed("mode: countersign\n    decision: {rule: all, v", "mode: or_sign\n    decision: {rule: all, v")
    assert [fault.line for fault in faults_of(text)] == [line + 1]


def test_the_caller_says_which_departments_there_are():
    (fault,) = faults_of(TEXT, functions=("housing", "health"))
    assert str(fault.said).startswith("market_supervision is none of: housing, health")


def test_all_mistakes_of_a_file_are_told_at_once():
    text = TEXT.replace("lines_limit: 2000", "").replace("mode: countersign  ", "mode: x  ", 1)
    text = text.replace("objection: return", "objection: y").replace("vetoes: [street]", "vetoes: [council]")
    text = text.replace("times: [end]", "times: [never]")
    lines = [fault.line for fault in faults_of(text)]
    assert len(set(lines)) == 5
    assert lines == sorted(lines)


PIECES = st.sampled_from(
    ["", " ", "\n", "\t", "-", ": ", "[", "]", "{", "}", "&a", "*a", "!!", "~", "'", "0", "9.9", "街"]
)


@given(st.integers(0, len(TEXT)), st.integers(0, 30), PIECES, PIECES)
def test_whatever_is_changed_the_file_is_read_or_its_mistakes_told(begin, length, first, then):
    text = TEXT[:begin] + first + then + TEXT[begin + length :]
    try:
        parse(FILE, text)
    except ProtocolWrong as wrong:
        lines = [fault.line for fault in wrong.faults]
        assert lines
        assert all(1 <= line <= text.count("\n") + 1 for line in lines)


SECOND = (FOLDER / "access_filing.v2.yaml").read_text(encoding="utf-8")


def test_from_the_second_version_on_officers_may_act_and_the_district_gets_its_matter_straight_back():
    protocol = load(FOLDER / "access_filing.v2.yaml")
    ordinary = [stage for stage in protocol.stages if not stage.is_conciliation]
    assert all(stage.bulk and stage.acts == frozenset(StageAct) for stage in ordinary)
    assert [stage.returns for stage in ordinary] == [
        Returns(("filer",), Between.RERUN),
        Returns(("filer", "neighbourhood"), Between.SKIP),
    ]
    assert protocol.conciliation().acts == frozenset()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("bulk: true", "bulk: often", "true or false"),
        (
            "acts: [add, transfer, delegate, return]",
            "acts: [add, hand_on, return]",
            "hand_on is none of: add, transfer",
        ),
        ("acts: [add, transfer, delegate, return]", "acts: [add, add, return]", "add stands here twice"),
        ("acts: [add, transfer, delegate, return]", "acts: [add]", "returns goes with the act return"),
        ("    returns: {to: [filer], between: rerun} ", "    # ", "returns goes with the act return"),
        ("{to: [filer], between: rerun}", "{between: rerun}", "key to is missing"),
        ("{to: [filer], between: rerun}", "{to: []}", "say where the matter may be returned to: filer"),
        ("{to: [filer], between: rerun}", "{to: [filer, filer]}", "filer stands here twice"),
        ("{to: [filer], between: rerun}", "{to: [district]}", "district is none of: filer"),
        ("{to: [filer], between: rerun}", "{to: [filer], between: jump}", "jump is none of: rerun, skip"),
        ("[filer, neighbourhood]", "[district]", "district is none of: filer, neighbourhood"),
        (
            "    is_conciliation: true",
            "    is_conciliation: true\n    acts: [return]\n    returns: {to: [district]}",
            "district",
        ),
        ("key: neighbourhood", "key: filer", "filer is no stage"),
    ],
)
def test_what_officers_may_do_is_checked(old, new, reason):
    assert SECOND.count(old)
    with pytest.raises(ProtocolWrong, match=reason):
        parse("access_filing.v2.yaml", SECOND.replace(old, new, 1))


def test_stages_between_run_again_where_nothing_is_said():
    protocol = parse("access_filing.v2.yaml", SECOND.replace(", between: skip}", "}"))
    assert protocol.stage("district").returns == Returns(("filer", "neighbourhood"), Between.RERUN)


THIRD = (FOLDER / "access_filing.v3.yaml").read_text(encoding="utf-8")
EXTENSION = "extension: {by: {working_days: 2}, most: 1, approved_by: superior}"
LOOK = "    look_within: {working_minutes: 240}   #"


def test_from_the_third_version_on_the_next_level_up_may_grant_more_time_once():
    protocol = load(FOLDER / "access_filing.v3.yaml")
    granted = Extension(Span(working_days=2), 1, Level.SUPERIOR)
    assert [stage.extension for stage in protocol.stages] == [granted, granted, None]
    assert {stage.unseen for stage in protocol.stages} == {frozenset({UnseenAct.REMIND})}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (EXTENSION, "extension: {by: {working_days: 0}, most: 1, approved_by: superior}", "extension by nothing"),
        (EXTENSION, "extension: {by: {working_days: 2}, most: 3, approved_by: superior}", "a whole number from 1 to 2"),
        (EXTENSION, "extension: {by: {working_days: 2}, most: 1, approved_by: filer}", "filer is none of: superior"),
        (EXTENSION, "extension: {by: {working_days: 2}, most: 1}", "key approved_by is missing"),
        (EXTENSION, "extension: {working_days: 2}", "unknown key working_days"),
        (LOOK, "    unseen: []\n" + LOOK, "unseen says what follows"),
        (LOOK, "    unseen: [remind, ask]\n" + LOOK, "ask is none of: remind, inform"),
        (LOOK, "    unseen: [inform]\n    #", "unseen goes with look_within"),
    ],
)
def test_the_two_clocks_and_more_time_are_checked(old, new, reason):
    assert THIRD.count(old)
    text = THIRD.replace(old, new, 1)
    with pytest.raises(ProtocolWrong, match=reason) as raised:
        parse("access_filing.v3.yaml", text)
    lines = text.splitlines()
    assert all(re.search("extension|unseen", lines[fault.line - 1]) for fault in raised.value.faults)


def test_a_protocol_may_say_that_the_superior_learns_of_what_nobody_looks_at():
    protocol = parse("access_filing.v3.yaml", THIRD.replace(LOOK, "    unseen: [inform, remind]\n" + LOOK, 1))
    assert protocol.first().unseen == frozenset(UnseenAct)
