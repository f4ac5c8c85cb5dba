"""From a department's wish for a timetable to a draft that is kept, wished for anew or thrown away."""

from datetime import date

import pytest

from models.base import uuid7
from models.calendars import district_calendar
from models.clock import SHANGHAI, local_date
from models.errors import ChangedMeanwhile, NotAllowed
from models.phone import new_phone
from models.training import drafting
from models.training.checking import broken
from models.training.conditions import ConditionUnclear, NotInThisTimetable, Stated
from models.training.courses import CourseInTimetable, withdraw_course
from models.training.drafting import (
    CourseNotToPlan,
    CoursesWrong,
    NoDraft,
    PeriodWrong,
    ask_again,
    discard,
)
from models.training.problem import Answer, Problem, RuleKind
from models.training.proposing import days_off, pose
from models.training.ruling import training_rules
from models.training.tables import Course, CourseStatus, EventStatus, Need, TimetableStatus
from models.views.training import timetable_view
from tasks.timetable_drafting import claim, draft
from templates.language import translator

RULES, CALENDAR = training_rules(), district_calendar()


def test_a_draft_is_asked_for_and_made_in_a_round(any_desk):
    desk = any_desk
    timetable_id = desk.ask()
    assert desk.table(timetable_id).status is TimetableStatus.ASKED
    assert desk.round()
    assert desk.round() is None
    table, events = desk.table(timetable_id), desk.events(timetable_id)
    assert (table.status, table.wake_at, table.title_en) == (TimetableStatus.DRAFT, None, "十二月课表")
    assert [(one.line, one.ordinal, one.status) for one in events] == [
        (1, 1, EventStatus.PROPOSED),
        (2, 2, EventStatus.PROPOSED),
    ]
    assert [one.places for one in events] == [20, 20]
    problem, answer = Problem.from_data(table.problem), Answer.from_data(table.answer)
    assert broken(problem, answer.placements) == []
    assert desk.get(Course, desk.course.id).status is CourseStatus.SCHEDULED


def test_what_is_published_or_consulted_on_is_taken_and_what_riders_need_is_known(desk):
    event = desk.training.event()
    rows = [("2-evening", desk.world.community.id), ("2-evening", desk.world.community.id), ("3-morning", None)]
    for slot, community_id in rows:
        phone, _ = desk.write(new_phone, desk.world.district.id, "zh", desk.at)
        need = Need(
            id=uuid7(),
            district_id=desk.world.district.id,
            phone_id=phone.id,
            topic="ebike",
            slots=[slot],
            community_id=community_id,
            asked_at=desk.at,
        )
        desk.make.keep(need)
    table = desk.table(desk.ask())
    with desk.make.database.reading() as session:
        problem = pose(session, RULES, CALENDAR, table, desk.at)
    busy = {one.id: one.busy for one in problem.sites}
    assert [one.starts_at for one in busy[str(event.site_id)]] == [event.starts_at]
    assert busy[str(desk.site.id)] == ()
    assert [(one.count, one.community, one.free) for one in problem.wanted] == [
        (2, str(desk.world.community.id), ((2, 1200, 1320),)),
        (1, "", ((3, 480, 630),)),
    ]
    assert Problem.from_data(problem.to_data()) == problem


def test_statutory_holidays_are_days_off_and_plain_weekends_are_not():
    found = days_off(CALENDAR, date(2026, 9, 21), date(2026, 10, 18))
    assert date(2026, 10, 1) in found
    assert date(2026, 10, 3) in found  # a Saturday within the holiday
    assert date(2026, 10, 17) not in found
    assert date(2026, 10, 18) not in found


def test_a_wish_is_honoured_and_the_draft_before_is_replaced(desk):
    first = desk.drafted()
    before = desk.events(first)
    wishes = (
        Stated(RuleKind.KEEP, lines=(1,)),
        Stated(RuleKind.NOT_BEFORE, courses=(desk.course.id,), minute=8 * 60),
        Stated(RuleKind.NOT_ON, lines=(2,), days=(local_date(before[1].starts_at),)),
    )
    again = desk.write(ask_again, desk.who, first, wishes, None, desk.at).id
    assert desk.round()
    events = desk.events(again)
    assert events[0].starts_at == before[0].starts_at
    assert local_date(events[1].starts_at) != local_date(before[1].starts_at)
    assert desk.table(first).status is TimetableStatus.REPLACED
    assert {one.status for one in desk.events(first)} == {EventStatus.DROPPED}
    assert desk.get(Course, desk.course.id).status is CourseStatus.SCHEDULED


@pytest.mark.parametrize(
    ("stated", "wrong"),
    [
        (Stated(RuleKind.KEEP), ConditionUnclear),
        (Stated(RuleKind.NOT_BEFORE, lines=(1,)), ConditionUnclear),
        (Stated(RuleKind.NOT_ON, lines=(1,), weekdays=(8,)), ConditionUnclear),
        (Stated(RuleKind.NOT_ON, weekdays=(1,)), ConditionUnclear),
        (Stated(RuleKind.KEEP, lines=(3,)), NotInThisTimetable),
        (Stated(RuleKind.NOT_AT, lines=(1,), at_sites=(uuid7(),)), NotInThisTimetable),
        (Stated(RuleKind.BY, lines=(1,), trainers=(uuid7(),)), NotInThisTimetable),
    ],
)
def test_a_wish_that_says_too_little_is_refused(desk, stated, wrong):
    first = desk.drafted()
    with pytest.raises(wrong):
        desk.write(ask_again, desk.who, first, (stated,), None, desk.at)


def test_a_draft_is_thrown_away_and_its_course_planned_anew(desk):
    first = desk.drafted()
    with pytest.raises(CourseInTimetable):
        desk.write(withdraw_course, desk.who, desk.course.id, None)
    with pytest.raises(CourseNotToPlan):
        desk.ask()
    with pytest.raises(ChangedMeanwhile):
        desk.write(discard, desk.who, first, 1, desk.at)
    desk.write(discard, desk.who, first, None, desk.at)
    assert desk.get(Course, desk.course.id).status is CourseStatus.PROPOSED
    with pytest.raises(NoDraft):
        desk.write(discard, desk.who, first, None, desk.at)
    assert desk.drafted()


def test_what_cannot_be_asked_for_is_said(desk):
    with pytest.raises(PeriodWrong):
        desk.ask(first=0)
    with pytest.raises(PeriodWrong):
        desk.ask(last=200)
    with pytest.raises(CourseNotToPlan, match=r"课2026"):
        desk.ask(first=1, last=3)  # its window opens later
    with pytest.raises(CoursesWrong):
        desk.ask(who=desk.world.who(desk.world.housing))
    with pytest.raises(NotAllowed):
        desk.ask(who=desk.world.who(desk.world.community))


def test_two_that_want_one_course_do_not_both_get_it(desk):
    first, second = desk.ask(), desk.ask()
    assert desk.round()
    assert desk.round() is False
    table = desk.table(second)
    assert (desk.table(first).status, table.status) == (TimetableStatus.DRAFT, TimetableStatus.ASKED)
    assert "PosedTooEarly" in table.trouble
    for _ in range(drafting.MOST_TRIES - 1):
        assert desk.round(desk.table(second).wake_at) is False
    assert desk.table(second).wake_at is None
    desk.write(discard, desk.who, second, None, desk.at)
    assert desk.get(Course, desk.course.id).status is CourseStatus.SCHEDULED


def test_one_who_computes_too_long_is_overtaken(desk):
    timetable_id = desk.ask()
    slow = claim(desk.make.database, desk.at)
    assert claim(desk.make.database, desk.at) is None
    later = desk.at + drafting.LEASE
    assert desk.round(later)
    assert draft(desk.make.database, slow, later) is False
    assert len(desk.events(timetable_id)) == 2
    assert desk.table(timetable_id).trouble is None


def test_sessions_are_told_in_shanghai_s_time(desk):
    event = desk.events(desk.drafted())[0]
    assert 8 <= event.starts_at.astimezone(SHANGHAI).hour < 22


def test_what_no_site_has_is_told_by_its_name(desk):
    desk.make.tamper("UPDATE course SET equipment = '[\"kitchen\"]'")
    timetable_id = desk.drafted()
    with desk.make.database.reading() as session:
        view = timetable_view(session, desk.who, timetable_id)
    said = translator("zh").say(view.unplaced[0].why[0])
    assert "厨房" in said
    assert "kitchen" not in said
