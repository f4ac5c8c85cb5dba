"""Every hard rule of a timetable is told when it is broken, and only then."""

from datetime import timedelta

import pytest

from models.training.checking import Hard, broken
from models.training.problem import Busy, Rule, RuleKind
from wufang.make_problem import MONDAY, at, course, every_day, instant, problem, site, trainer

K1, K2, L1 = ("k", 1), ("k", 2), ("l", 1)
TWO_SITES = (site("a"), site("b", 5))
TWO_COURSES = (course("k"), course("l"))
PAIR = (course("k", sessions=2),)
BUSY = (Busy(instant(0, 9, 30), instant(0, 9, 45), "a meeting"),)


def rule(kind, body, **scope):
    return {"rules": (Rule(kind, body, **scope),)}


BREAKS = [
    (Hard.UNKNOWN, {}, {("x", 1): at(0, 9)}),
    (Hard.UNKNOWN, {}, {("k", 2): at(0, 9)}),
    (Hard.STEP, {}, {K1: at(0, 9, 10)}),
    (Hard.WINDOW, {}, {K1: at(2, 9)}),
    (Hard.WINDOW, {"courses": (course("k", window=(MONDAY + timedelta(days=1),) * 2),)}, {K1: at(0, 9)}),
    (Hard.DAY_OFF, {"days_off": frozenset({MONDAY})}, {K1: at(0, 9)}),
    (Hard.SITE_HOURS, {}, {K1: at(0, 12, 30)}),
    (Hard.SITE_BUSY, {"sites": (site("a", busy=BUSY),)}, {K1: at(0, 9)}),
    (Hard.CAPACITY, {"sites": (site("a", capacity=4),)}, {K1: at(0, 9)}),
    (Hard.EQUIPMENT, {"courses": (course("k", equipment=frozenset({"kitchen"})),)}, {K1: at(0, 9)}),
    (Hard.CHILDREN, {"courses": (course("k", with_children=True),)}, {K1: at(0, 9)}),
    (Hard.NOT_THEIRS, {"trainers": (trainer("t"), trainer("u"))}, {K1: at(0, 9, trainer="u")}),
    (Hard.TRAINER_HOURS, {"trainers": (trainer("t", hours=every_day(600, 720)),)}, {K1: at(0, 9)}),
    (Hard.TRAINER_BUSY, {"trainers": (trainer("t", busy=BUSY),)}, {K1: at(0, 9)}),
    (Hard.RULE, rule(RuleKind.NOT_ON, {"weekdays": [1]}), {K1: at(0, 9)}),
    (Hard.RULE, rule(RuleKind.NOT_ON, {"days": ["2026-03-02"]}), {K1: at(0, 9)}),
    (Hard.RULE, rule(RuleKind.NOT_BEFORE, {"minute": 570}, courses=("k",)), {K1: at(0, 9)}),
    (Hard.RULE, rule(RuleKind.NOT_AFTER, {"minute": 570}, sessions=(K1,)), {K1: at(0, 9)}),
    (Hard.RULE, rule(RuleKind.NOT_AT, {"sites": ["a"]}), {K1: at(0, 9)}),
    (Hard.RULE, rule(RuleKind.AT, {"sites": ["b"]}), {K1: at(0, 9)}),
    (Hard.RULE, rule(RuleKind.BY, {"trainers": ["u"]}), {K1: at(0, 9)}),
    (Hard.RULE, rule(RuleKind.KEEP, {}) | {"before": {K1: at(0, 10)}}, {K1: at(0, 9)}),
    (
        Hard.RULE,
        rule(RuleKind.MOST_A_WEEK, {"count": 1}, sites=("a",)) | {"courses": TWO_COURSES},
        {K1: at(0, 9), L1: at(1, 9)},
    ),
    (
        Hard.SITE_TWICE,
        {"courses": (course("k", "t"), course("l", "u")), "trainers": (trainer("t"), trainer("u"))},
        {K1: at(0, 9), L1: at(0, 9, 30, trainer="u")},
    ),
    (Hard.TRAINER_TWICE, {"courses": TWO_COURSES, "sites": TWO_SITES}, {K1: at(0, 9), L1: at(0, 9, 30, site="b")}),
    (Hard.TRAVEL, {"courses": TWO_COURSES, "sites": TWO_SITES}, {K1: at(0, 9), L1: at(0, 10, site="b")}),
    (Hard.ORDER, {"courses": PAIR}, {K1: at(1, 9), K2: at(0, 9)}),
    (Hard.ORDER, {"courses": PAIR}, {K2: at(0, 9)}),
    (Hard.GAP, {"courses": (course("k", sessions=2, gap_days=2),)}, {K1: at(0, 9), K2: at(1, 9)}),
    (Hard.PUBLISHED, {"published": {K1: at(0, 10)}}, {K1: at(0, 9)}),
    (Hard.MOVED, {"before": {K1: at(0, 10)}, "moved_share": 0.1}, {K1: at(0, 9)}),
]


@pytest.mark.parametrize(("hard", "changes", "placements"), BREAKS)
def test_what_is_broken_is_told(hard, changes, placements):
    assert [one.hard for one in broken(problem(**changes), placements)] == [hard]


def test_every_rule_is_among_these():
    assert {hard for hard, _, _ in BREAKS} == set(Hard)


GOOD = [
    ({}, {K1: at(0, 9)}),
    ({"courses": TWO_COURSES}, {K1: at(0, 9), L1: at(0, 10)}),  # one after the other, at one site
    ({"courses": TWO_COURSES, "sites": TWO_SITES}, {K1: at(0, 9), L1: at(0, 10, 30, site="b")}),  # 20 minutes' way
    ({"courses": PAIR}, {K1: at(0, 9), K2: at(1, 9)}),
    ({"courses": (course("k", sessions=2, gap_days=0),)}, {K1: at(0, 9), K2: at(0, 10)}),
    (rule(RuleKind.NOT_ON, {"weekdays": [1]}, courses=("l",)), {K1: at(0, 9)}),  # a rule about others
    (rule(RuleKind.NOT_ON, {"weekdays": [1]}, sites=("b",)), {K1: at(0, 9)}),
    (rule(RuleKind.NOT_ON, {"weekdays": [1]}, sessions=(K2,)), {K1: at(0, 9)}),
    (rule(RuleKind.KEEP, {}), {K1: at(0, 9)}),  # it was nowhere before
    ({"published": {K1: at(0, 3)}, "sites": (site("a", capacity=1),)}, {K1: at(0, 3)}),  # published is published
    ({}, {}),
]


@pytest.mark.parametrize(("changes", "placements"), GOOD)
def test_what_keeps_the_rules_is_not_told(changes, placements):
    assert broken(problem(**changes), placements) == []


def test_a_condition_is_told_with_who_asked_for_it():
    asked = problem(rules=(Rule(RuleKind.NOT_ON, {"weekdays": [1]}, asked_by="新兴社区"),))
    assert broken(asked, {K1: at(0, 9)})[0].asked_by == "新兴社区"


def test_hours_that_adjoin_are_one():
    hours = ((1, 540, 570), (1, 570, 600))
    assert broken(problem(sites=(site("a", hours=hours),)), {K1: at(0, 9)}) == []
