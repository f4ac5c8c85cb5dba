"""Protocol files: what is read, and each mistake with its line and reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.protocol.canonical import digest_of, from_data, to_data
from models.protocol.loading import load, parse
from models.protocol.reading import ProtocolWrong
from models.protocol.schema import (
    Answering,
    Copy,
    CopyTime,
    Decision,
    Escalation,
    Lapse,
    LapseWay,
    Level,
    Mode,
    ObjectionWay,
    Party,
    Protocol,
    Reminder,
    Rule,
    SeatRule,
    StageRule,
    Title,
)
from models.protocol.storing import FOLDER
from models.working_time import UNITS, Span

FILE = "access_filing.v1.yaml"
TEXT = (FOLDER / FILE).read_text(encoding="utf-8")


def line_of(text, part):
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def test_the_access_filing_seats_five_parties_in_two_stages():
    protocol = load(FOLDER / FILE)
    parties = [seat.party for stage in protocol.stages if not stage.is_conciliation for seat in stage.seats]
    assert parties == [Party.PROPERTY, Party.COMMUNITY, Party.COUNCIL, Party.STREET, Party.DEPARTMENT]
    assert [stage.key for stage in protocol.stages] == ["neighbourhood", "district", "conciliation"]
    assert protocol.first().seats[0].is_declared
    assert protocol.following("neighbourhood") == protocol.stage("district")
    assert protocol.following("district") is None


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("mode: countersign  ", "mode: countersing  ", r"countersing is none of: .*did you mean countersign\?"),
        ("    objection: return", "    objektion: return", r"unknown key objektion \(did you mean objection\?\)"),
        ("version: 1\n", "version: 0\n", "a whole number from 1 on"),
        ("lines_limit: 2000", "lines_limit: many", "a whole number"),
        ("{share: 0.5}                      #", "{share: 1.5} #", "between 0 and 1"),
        ("{share: 0.5}                      #", "{share: 0.5, before: {days: 1}} #", "either before or share"),
        ("{before: {working_minutes: 120}}  #", "{before: {working_days: 3}}  #", "before its stage opens"),
        ("look_within: {working_minutes: 240}   #", "look_within: {working_days: 9} #", "longer than the deadline"),
        ("{working_days: 2}    #", "{weeks: 2}    #", "unknown key weeks"),
        ("{working_days: 2}    #", "{working_days: 2, days: 3}    #", "exactly one of"),
        ("vetoes: [street]", "vetoes: [council]", "council has a veto but no seat"),
        ("function: housing", "function: fire", "fire is none of: social_work"),
        ("{party: department, function: housing}", "{party: department}", "a department needs its function"),
        ("      - {party: community}\n", "      - {party: community, function: health}\n", "only a department"),
        ("is_conciliation: true", "is_conciliation: maybe", "true or false"),
        ("decision: {rule: majority}", "decision: {rule: at_least}", "at_least goes with"),
        ("decision: {rule: majority}", "decision: {rule: at_least, at_least: 5}", "at_least is 5, but there are 4"),
        ("title: {zh: 协商会, en: Conciliation}", "title: {zh: 协商会}", "key en is missing"),
        ("title: {zh: 协商会, en: Conciliation}", "title: {zh: '', en: C}", "a text is needed"),
        ("lapse: {after: {working_days: 1}, way: refusal}", "lapse: soon", "a mapping is needed"),
    ],
)
def test_a_mistake_is_told_with_its_line(old, new, reason):
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    with pytest.raises(ProtocolWrong, match=reason) as raised:
        parse(FILE, text)
    lines = {fault.line for fault in raised.value.faults}
    near = line_of(text, new.strip().splitlines()[0])
    assert min(abs(line - near) for line in lines) <= 1


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("key: district", "key: neighbourhood", "two stages have the key neighbourhood"),
        ("    is_conciliation: true\n", "", "no stage with is_conciliation"),
        ("  - key: district\n", "  - key: district\n    is_conciliation: true\n", "more than one conciliation"),
        ("      - {party: street}\n", "      - {party: street, is_declared: true}\n", "first stage only"),
        ("{working_days: 1}, to: district", "{working_minutes: 0}, to: district", "must come after the one before"),
        (
            "{after: {working_days: 2}, way: escalate}",
            "{after: {working_minutes: 0}, way: escalate}",
            "lapse comes before",
        ),
        ("objection: refuse", "objection: conciliate", "cannot go to conciliation again"),
        ("name: access_filing", "name: acces", "must be named acces.v1.yaml"),
        ("version: 1\n", "version: 1\nversion: 2\n", "stands here twice"),
        ("objection: return ", "mode: or_sign\n    objection: return ", "mode stands here twice"),
        ("lines_limit: 2000", "lines_limit: [", "this is no YAML"),
        ("seats:\n      - {party: street}", "seats: &a\n      - *a\n      - {party: street}", "aliases"),
    ],
)
def test_what_does_not_fit_together_is_told(old, new, reason):
    assert old in TEXT
    with pytest.raises(ProtocolWrong, match=reason):
        parse(FILE, TEXT.replace(old, new, 1))


def test_all_mistakes_of_a_file_are_told_at_once():
    text = TEXT.replace("mode: countersign  ", "mode: x  ", 1).replace("vetoes: [street]", "vetoes: [council]")
    with pytest.raises(ProtocolWrong) as raised:
        parse(FILE, text)
    assert len(raised.value.faults) == 2
    assert [fault.line for fault in raised.value.faults] == sorted(fault.line for fault in raised.value.faults)


@pytest.mark.parametrize("text", ["", "- 1", "x", "a: &b 1\nc: *b", "\t", "a" * 300_000, "\x00"])
def test_what_is_no_protocol_gets_a_sentence(text):
    with pytest.raises(ProtocolWrong):
        parse(FILE, text)


def test_an_or_sign_has_no_vetoes():
    text = TEXT.replace(
        "    mode: countersign\n    decision: {rule: all, v", "    mode: or_sign\n    decision: {rule: all, v", 1
    )
    with pytest.raises(ProtocolWrong, match="first answer decides"):
        parse(FILE, text)


WORDS = st.text("abc题规", min_size=1, max_size=4)
TITLES = st.builds(Title, WORDS, WORDS)
SPANS = st.builds(lambda unit, count: Span.parse({unit: count}), st.sampled_from(UNITS), st.integers(0, 99))
SEATS = st.builds(SeatRule, st.sampled_from(Party), st.none() | WORDS, st.booleans())
DECISIONS = st.builds(
    Decision, st.sampled_from(Rule), st.none() | st.integers(1, 5), st.frozensets(st.sampled_from(Party))
)
REMINDERS = st.one_of(st.builds(Reminder, before=SPANS), st.builds(Reminder, share=st.floats(0.1, 0.9)))
STAGES = st.builds(
    StageRule,
    WORDS,
    TITLES,
    st.lists(SEATS, max_size=3).map(tuple),
    st.sampled_from(Mode),
    DECISIONS,
    st.sampled_from(ObjectionWay),
    SPANS,
    st.none() | SPANS,
    st.lists(REMINDERS, max_size=2).map(tuple),
    st.lists(st.builds(Escalation, SPANS, st.sampled_from(Level), st.sampled_from(Answering)), max_size=2).map(tuple),
    st.builds(Lapse, SPANS, st.sampled_from(LapseWay)),
    st.booleans(),
)
PROTOCOLS = st.builds(
    Protocol,
    WORDS,
    st.integers(1, 9),
    TITLES,
    st.lists(STAGES, max_size=2).map(tuple),
    st.lists(
        st.builds(Copy, st.sampled_from(Party), st.none() | WORDS, st.frozensets(st.sampled_from(CopyTime))), max_size=2
    ).map(tuple),
    st.integers(1, 2000),
    st.integers(1, 800),
    st.just(""),
)


@given(PROTOCOLS)
def test_what_is_stored_comes_back_the_same(protocol):
    whole = digest_of(protocol)
    assert from_data(to_data(whole)) == whole
