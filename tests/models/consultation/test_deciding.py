"""When a stage is decided: stories for each rule, and what holds for all of them."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.consultation.deciding import Standing, Tally, decide, places, tally
from models.consultation.tables import OpinionKind, SigningPlace, StageOutcome
from models.protocol.schema import (
    Decision,
    Lapse,
    LapseWay,
    Mode,
    ObjectionWay,
    Party,
    Rule,
    StageRule,
    Title,
)
from models.working_time import Span

AGREE, WITH, OBJECT, ABSTAIN = (
    OpinionKind.AGREE,
    OpinionKind.AGREE_WITH_CONDITIONS,
    OpinionKind.OBJECT,
    OpinionKind.ABSTAIN,
)
START = datetime(2026, 11, 23, 1, tzinfo=UTC)
PARTIES = [Party.PROPERTY, Party.COMMUNITY, Party.COUNCIL, Party.STREET, Party.DEPARTMENT]


def a_stage(decision=None, mode=Mode.COUNTERSIGN, objection=ObjectionWay.REFUSE):
    return StageRule(
        key="stage",
        title=Title("环节", "Stage"),
        seats=(),
        mode=mode,
        decision=decision or Decision(Rule.ALL),
        objection=objection,
        deadline=Span(working_days=2),
        look_within=None,
        reminders=(),
        escalations=(),
        lapse=Lapse(Span(working_days=1), LapseWay.ESCALATE),
    )


def said(*answers):
    return [
        Standing(
            UUID(int=number),
            PARTIES[number % 5],
            answer,
            None,
            None if answer is None else START + timedelta(minutes=number),
        )
        for number, answer in enumerate(answers)
    ]


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ((AGREE, None), None),
        ((AGREE, WITH), StageOutcome.AGREED),
        ((AGREE, ABSTAIN), StageOutcome.AGREED),
        ((OBJECT, None), StageOutcome.REFUSED),
        ((ABSTAIN, ABSTAIN), StageOutcome.REFUSED),
    ],
)
def test_all_must_agree(answers, outcome):
    assert decide(a_stage(), said(*answers)) is outcome


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ((AGREE, AGREE, None, None, None), None),
        ((AGREE, AGREE, AGREE, None, None), StageOutcome.AGREED),
        ((OBJECT, OBJECT, None, None), StageOutcome.REFUSED),  # a tie is lost
        ((OBJECT, None, None), None),
        ((OBJECT, OBJECT, OBJECT, None, None), StageOutcome.REFUSED),
        ((AGREE, OBJECT), StageOutcome.REFUSED),
        ((AGREE, AGREE, OBJECT, ABSTAIN), StageOutcome.AGREED),
    ],
)
def test_more_agree_than_object(answers, outcome):
    assert decide(a_stage(Decision(Rule.MAJORITY)), said(*answers)) is outcome


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ((AGREE, AGREE, None), StageOutcome.AGREED),
        ((AGREE, OBJECT, None), None),
        ((ABSTAIN, OBJECT, None), StageOutcome.REFUSED),
    ],
)
def test_at_least_two_of_three(answers, outcome):
    assert decide(a_stage(Decision(Rule.AT_LEAST, 2)), said(*answers)) is outcome


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ((None, None), None),
        ((ABSTAIN, None), None),
        ((AGREE, None), StageOutcome.AGREED),
        ((OBJECT, None), StageOutcome.REFUSED),
        ((ABSTAIN, ABSTAIN), StageOutcome.REFUSED),
    ],
)
def test_the_first_side_taken_decides_an_or_sign(answers, outcome):
    assert decide(a_stage(mode=Mode.OR_SIGN), said(*answers)) is outcome


def test_a_veto_decides_against_any_majority():
    rule = a_stage(Decision(Rule.MAJORITY, vetoes=frozenset({Party.COUNCIL})))
    assert decide(rule, said(AGREE, AGREE, OBJECT, AGREE, AGREE)) is StageOutcome.REFUSED


def test_nothing_is_agreed_before_a_party_with_a_veto_has_answered():
    rule = a_stage(Decision(Rule.MAJORITY, vetoes=frozenset({Party.COUNCIL})))
    assert decide(rule, said(AGREE, AGREE, None, AGREE, AGREE)) is None


@pytest.mark.parametrize(
    ("way", "outcome"),
    [
        (ObjectionWay.REFUSE, StageOutcome.REFUSED),
        (ObjectionWay.RETURN, StageOutcome.RETURNED),
        (ObjectionWay.CONCILIATE, StageOutcome.CONCILIATE),
    ],
)
def test_an_objection_goes_the_protocols_way(way, outcome):
    assert decide(a_stage(objection=way), said(AGREE, OBJECT)) is outcome


def test_a_superior_answers_for_the_seat_it_stands_for():
    late, lead = UUID(int=1), UUID(int=2)
    seats = [
        Standing(late, Party.STREET, None),
        Standing(lead, Party.STREET, AGREE, late, START),
    ]
    assert places(seats) == [(Party.STREET, AGREE)]
    assert decide(a_stage(), seats) is StageOutcome.AGREED


def test_alongside_the_first_answer_counts():
    late, street, lead = UUID(int=1), UUID(int=2), UUID(int=3)
    seats = [
        Standing(late, Party.COMMUNITY, OBJECT, None, START + timedelta(hours=2)),
        Standing(street, Party.COMMUNITY, None, late),
        Standing(lead, Party.COMMUNITY, AGREE, street, START + timedelta(hours=1)),
    ]
    assert places(seats) == [(Party.COMMUNITY, AGREE)]


def test_who_is_heard_has_no_place_and_nor_has_who_answers_in_its_stead():
    seat, heard, successor = UUID(int=1), UUID(int=2), UUID(int=3)
    seats = [
        Standing(seat, Party.STREET, AGREE, None, START),
        Standing(heard, Party.DEPARTMENT, None, None, None, SigningPlace.BEFORE),
        Standing(successor, Party.DEPARTMENT, OBJECT, heard, START),
    ]
    assert places(seats) == [(Party.STREET, AGREE)]
    assert decide(a_stage(), seats) is StageOutcome.AGREED


@pytest.mark.parametrize("place", [SigningPlace.BESIDE, SigningPlace.AFTER])
@pytest.mark.parametrize(("answer", "outcome"), [(None, None), (AGREE, "agreed"), (OBJECT, "refused")])
def test_who_is_added_beside_or_after_has_a_place(place, answer, outcome):
    at = START if answer else None
    seats = [*said(AGREE, AGREE), Standing(UUID(int=9), Party.DEPARTMENT, answer, None, at, place)]
    assert decide(a_stage(), seats) == outcome


@given(st.lists(st.sampled_from([None, *OpinionKind]), min_size=1, max_size=5), st.lists(st.sampled_from(OpinionKind)))
def test_who_is_heard_changes_no_outcome(answers, heard):
    """However many are added before, whatever they say, and under every rule."""
    more = [
        Standing(UUID(int=100 + number), Party.DEPARTMENT, answer, None, START, SigningPlace.BEFORE)
        for number, answer in enumerate(heard)
    ]
    for rule, mode in product((Decision(Rule.ALL), Decision(Rule.MAJORITY), Decision(Rule.AT_LEAST, 2)), Mode):
        stage = a_stage(rule, mode)
        assert decide(stage, [*said(*answers), *more]) is decide(stage, said(*answers))


ANSWERS = st.lists(st.sampled_from([None, *OpinionKind]), min_size=1, max_size=6)
DECISIONS = st.one_of(
    st.just(Decision(Rule.ALL)),
    st.builds(Decision, st.just(Rule.MAJORITY), st.none(), st.frozensets(st.sampled_from(PARTIES), max_size=2)),
    st.builds(Decision, st.just(Rule.AT_LEAST), st.integers(1, 6)),
)


@given(ANSWERS, DECISIONS, st.sampled_from(list(Mode)))
def test_what_is_decided_stays_decided_whatever_the_silent_say(answers, decision, mode):
    """The heart of "settled at the click": no later answer could have changed the outcome (or-sign: the first counts)."""
    rule = a_stage(decision, mode)
    outcome = decide(rule, said(*answers))
    silent = [index for index, answer in enumerate(answers) if answer is None]
    if mode is Mode.OR_SIGN or len(silent) > 4:
        return
    ends = set()
    for filled in product(list(OpinionKind), repeat=len(silent)):
        complete = list(answers)
        for index, answer in zip(silent, filled, strict=True):
            complete[index] = answer
        ends.add(decide(rule, said(*complete)))
    assert None not in ends
    assert ends == {outcome} if outcome is not None else len(ends) == 2


@given(ANSWERS)
def test_a_tally_counts_every_place_once(answers):
    counted = tally(answers)
    assert counted.agrees + counted.objects + counted.abstains + counted.silent == len(answers)
    assert tally([]) == Tally(0, 0, 0, 0)
