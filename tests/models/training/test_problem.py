"""What a timetable is computed from, and what came out, are kept as plain data."""

import json
from datetime import timedelta

from models.training.problem import Answer, Busy, Problem, Rule, RuleKind, Unplaced, solved_again
from wufang.make_problem import MONDAY, at, course, instant, problem, site, trainer

PROBLEM = problem(
    sites=(site("a", equipment=frozenset({"kitchen"}), busy=(Busy(instant(0, 9), instant(0, 10), "a meeting"),)),),
    trainers=(trainer("t", busy=(Busy(instant(1, 9), instant(1, 10), "leave"),)),),
    courses=(course("k", sessions=2, equipment=frozenset({"kitchen"})),),
    days_off=frozenset({MONDAY + timedelta(days=1)}),
    rules=(Rule(RuleKind.NOT_ON, {"weekdays": [1]}, sessions=(("k", 1),), asked_by="新兴社区"),),
    before={("k", 1): at(0, 10)},
    published={("k", 2): at(1, 11)},
    moved_share=0.1,
)
ANSWER = Answer(
    {("k", 1): at(0, 10)},
    (Unplaced(("k", 2), (("No day is left in its window after session {number}.", {"number": 1}),)),),
    *(120.0, 130.0, 0.08),
    {"free": 10},
    *(6, 1, 2.5, 0.5),
    is_proven=False,
    possible=130,
    remarks=(("{count} sessions", {"count": 3}),),
)


def test_a_problem_is_the_same_after_json():
    assert Problem.from_data(json.loads(json.dumps(PROBLEM.to_data()))) == PROBLEM


def test_an_answer_is_the_same_after_json():
    assert Answer.from_data(json.loads(json.dumps(ANSWER.to_data()))) == ANSWER


def test_instants_are_in_asia_shanghai_again():
    again = Answer.from_data(json.loads(json.dumps(ANSWER.to_data())))
    assert str(again.placements["k", 1].starts_at.tzinfo) == "Asia/Shanghai"


def test_solving_again_keeps_what_was_asked_and_starts_from_the_answer():
    rule = Rule(RuleKind.NOT_BEFORE, {"minute": 600})
    again = solved_again(PROBLEM, ANSWER, [rule])
    assert again.rules == (*PROBLEM.rules, rule)
    assert (again.before, again.moved_share) == (ANSWER.placements, 0.1)
