"""Why a session has no place is told in sentences, each for its kind."""

from datetime import timedelta

import pytest

from models.training.problem import Busy, Rule, RuleKind, Weights
from tasks.timetable import solve
from tasks.timetabling import reasons
from wufang.make_problem import MONDAY, at, course, every_day, instant, problem, site, trainer, wanted

SECONDS = 30
ONE_START = every_day(540, 600)
TWO = (course("k"), course("l"))
ASKED = (wanted("k", 20), wanted("l", 6))


def told(**changes):
    """The reasons, by the session."""
    answer = solve(problem(**changes), SECONDS)
    return {one.session: list(one.reasons) for one in answer.unplaced}


def only(**changes):
    """The reasons of the first session."""
    return told(**changes)["k", 1]


NEVER = [
    ({"courses": (course("k", "nobody"),)}, reasons.NO_TRAINER, {}),
    (
        {"courses": (course("k", equipment=frozenset({"kitchen"})),)},
        reasons.NO_EQUIPMENT,
        {"equipment": "kitchen"},
    ),
    ({"sites": (site("a", capacity=4),)}, reasons.NO_CAPACITY, {"least": 5, "largest": 4}),
    ({"courses": (course("k", with_children=True),)}, reasons.NO_CHILDREN, {}),
    ({"courses": (course("k", minutes=300),)}, reasons.NO_HOURS, {"minutes": 300}),
    ({"trainers": (trainer("t", hours=every_day(1200, 1320)),)}, reasons.NO_COMMON_HOURS, {"trainers": "Trainer t"}),
    (
        {"days_off": frozenset({MONDAY, MONDAY + timedelta(days=1)})},
        reasons.NO_DAY,
        {"first": "2026-03-02", "last": "2026-03-03"},
    ),
    (
        {"rules": (Rule(RuleKind.NOT_ON, {"weekdays": [1, 2]}, asked_by="新兴社区"),)},
        reasons.CONDITION,
        {"organisation": "新兴社区"},
    ),
    ({"rules": (Rule(RuleKind.AT, {"sites": ["b"]}),)}, reasons.WISH, {}),
]


@pytest.mark.parametrize(("changes", "sentence", "values"), NEVER, ids=[one[1] for one in NEVER])
def test_what_leaves_no_place_at_all_is_told(changes, sentence, values):
    assert only(**changes) == [(sentence, values)]


def test_a_session_after_one_without_a_place_says_so():
    found = told(courses=(course("k", "nobody", sessions=2),))
    assert found["k", 2] == [(reasons.EARLIER, {"number": 1})]


def test_no_day_is_left_after_the_session_before():
    found = told(courses=(course("k", sessions=2, gap_days=5),))
    assert found == {("k", 2): [(reasons.NO_DAY_LEFT, {"number": 1})]}


def test_a_hall_that_others_fill_is_told_with_its_days():
    trainers = (trainer("t"), trainer("u"), trainer("v"))
    courses = (course("k", "t"), course("l", "u"), course("m", "v"))
    found = told(courses=courses, trainers=trainers, wanted=ASKED, sites=(site("a", hours=ONE_START),))
    assert found == {("m", 1): [(reasons.HALL_FULL, {"site": "Hall a", "count": 2})]}


def test_a_hall_that_is_busy_anyway_is_told_with_its_days():
    busy = tuple(Busy(instant(day, 8), instant(day, 12), "a meeting") for day in (0, 1))
    found = only(sites=(site("a", hours=ONE_START, busy=busy),))
    assert found == [(reasons.HALL_FULL, {"site": "Hall a", "count": 2})]


def test_a_trainer_who_is_elsewhere_is_told_with_the_place():
    sites = (site("a", hours=ONE_START), site("b", 1, hours=ONE_START, equipment=frozenset({"kitchen"})))
    courses = (course("k"), course("l", equipment=frozenset({"kitchen"})))
    found = told(courses=courses, sites=sites, wanted=ASKED, last_on=MONDAY)
    assert found == {("l", 1): [(reasons.TRAINER_ELSEWHERE, {"trainer": "Trainer t", "site": "Hall a"})]}


def test_a_trainer_on_the_way_is_told():
    sites = (
        site("a", hours=ONE_START),
        site("b", 5, hours=every_day(600, 660), equipment=frozenset({"kitchen"})),
    )
    courses = (course("k"), course("l", equipment=frozenset({"kitchen"})))
    found = told(courses=courses, sites=sites, wanted=ASKED, last_on=MONDAY)
    assert found == {("l", 1): [(reasons.TRAINER_ON_WAY, {"trainer": "Trainer t", "count": 1})]}


def test_a_trainer_with_other_things_to_do_is_told():
    busy = tuple(Busy(instant(day, 8), instant(day, 14), "leave") for day in (0, 1))
    found = only(trainers=(trainer("t", busy=busy),), step_minutes=60)
    assert found == [(reasons.TRAINER_BUSY, {"trainer": "Trainer t", "count": 8})]


def test_a_trainer_who_teaches_elsewhere_as_published_is_told():
    sites = (site("a", hours=ONE_START), site("b", 1, hours=ONE_START))
    found = told(courses=TWO, sites=sites, published={("l", 1): at(0, 9, site="b")}, last_on=MONDAY)
    full = (reasons.HALL_FULL, {"site": "Hall b", "count": 1})
    assert found == {("k", 1): [full, (reasons.TRAINER_ELSEWHERE, {"trainer": "Trainer t", "site": "Hall b"})]}


def test_a_week_that_is_full_by_condition_is_told_with_who_asked():
    rule = Rule(RuleKind.MOST_A_WEEK, {"count": 1}, sites=("a",), asked_by="新兴社区")
    found = told(courses=TWO, wanted=ASKED, rules=(rule,))
    assert found == {("l", 1): [(reasons.WEEK_FULL, {"site": "Hall a", "organisation": "新兴社区"})]}


def test_a_session_that_fewer_would_come_to_is_told_so():
    sites = (site("a", hours=((1, 540, 600),)), site("b", 1, hours=((1, 540, 600), (2, 540, 600))))
    people = (wanted("k", 20),)
    weights = Weights(free=0, whole=0, near=0, peak=9, unplaced=1)
    found = told(sites=sites, wanted=people, weights=weights, peaks=((0, 1440),))
    assert found == {("k", 1): [(reasons.OTHERS, {})]}


def test_every_sentence_takes_the_values_that_it_is_given():
    sentences = {name: text for name, text in vars(reasons).items() if name.isupper() and isinstance(text, str)}
    assert len(sentences) == 18
    assert all(text.endswith(".") for text in sentences.values())
