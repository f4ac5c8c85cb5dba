"""What is stored comes back the same, and its digest tells changed rules from unchanged ones."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from models.protocol.canonical import digest_of, from_data, to_data
from models.protocol.loading import load
from models.protocol.schema import (
    Answering,
    Between,
    Copy,
    CopyTime,
    Decision,
    Escalation,
    Extension,
    Lapse,
    LapseWay,
    Level,
    Mode,
    ObjectionWay,
    Party,
    Protocol,
    Reminder,
    Returns,
    Rule,
    SeatRule,
    StageAct,
    StageRule,
    Title,
    UnseenAct,
)
from models.protocol.storing import FOLDER
from models.working_time import UNITS, Span

WORDS = st.text("abc题规", min_size=1, max_size=4)
TITLES = st.builds(Title, WORDS, WORDS)
SPANS = st.builds(lambda unit, count: Span.parse({unit: count}), st.sampled_from(UNITS), st.integers(0, 99))
SEATS = st.builds(
    SeatRule, st.sampled_from(Party), st.none() | WORDS, st.booleans(), named=st.booleans(), if_any=st.booleans()
)
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
    st.booleans(),
    st.frozensets(st.sampled_from(StageAct)),
    st.none() | st.builds(Returns, st.lists(WORDS, max_size=2).map(tuple), st.sampled_from(Between)),
    st.frozensets(st.sampled_from(UnseenAct), min_size=1),
    st.none() | st.builds(Extension, SPANS, st.integers(1, 2), st.sampled_from(Level)),
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
    stored = json.dumps(to_data(whole))
    back = from_data(json.loads(stored))
    assert back == whole
    assert json.dumps(to_data(back)) == stored


@given(PROTOCOLS, PROTOCOLS)
def test_the_digest_is_the_rules(one, other):
    assert (digest_of(one).digest == digest_of(other).digest) == (one == other)


def test_the_digest_does_not_hang_on_the_one_before():
    protocol = load(FOLDER / "access_filing.v1.yaml")
    assert digest_of(replace(protocol, digest="another")) == protocol


def test_the_first_version_of_the_access_filing_says_what_it_always_said():
    protocol = load(FOLDER / "access_filing.v1.yaml")
    assert protocol.digest == "4b90e8d5539338058055c6446aac3e574d70e23fd488b225889261668304e1c3"


def test_what_came_with_later_versions_is_no_part_of_the_form_where_nothing_is_said():
    first, second = (load(FOLDER / f"access_filing.v{version}.yaml") for version in (1, 2))
    later = {"bulk", "acts", "returns"}
    assert all(not later & stage.keys() for stage in to_data(first)["stages"])
    assert [later & stage.keys() for stage in to_data(second)["stages"]] == [later, later, set()]
    plain = [replace(stage, bulk=False, acts=frozenset(), returns=None) for stage in second.stages]
    assert digest_of(replace(second, version=1, stages=tuple(plain))) == first
