"""Conditions as the solver understands them: what stays is published, what moves is asked about anew, the rest is dropped."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.clock import SHANGHAI, local_date
from models.consultation.opinions import ConditionsMissing, LineException
from models.errors import NotFound
from models.matter import MatterStatus
from models.notice.tables import Letter
from models.training.conditions import (
    ConditionUnclear,
    NotInThisTimetable,
    Stated,
    TooManyConditions,
    agree_under,
    conditions_of,
)
from models.training.problem import RuleKind
from models.training.speaking import NotYourSite
from models.training.tables import Course, CourseStatus, EventStatus, Timetable, TimetableStatus


def amendment(desk, table_id):
    with desk.make.database.reading() as session:
        return session.scalars(select(Timetable).where(Timetable.after_id == table_id)).one_or_none()


def not_on(event):
    return Stated(RuleKind.NOT_ON, lines=(event.line,), days=(local_date(event.starts_at),))


def test_one_condition_moves_one_session_and_the_rest_is_published_at_once(any_desk):
    desk = any_desk
    table_id = desk.submit()
    last = desk.events(table_id)[1]
    desk.agree_under(desk.world.community, not_on(last))
    desk.all_agree()
    desk.step()
    assert desk.matter.status is MatterStatus.AGREED
    assert [one.status for one in desk.events(table_id)] == [EventStatus.PUBLISHED, EventStatus.DROPPED]
    amended = amendment(desk, table_id)
    (moved,) = desk.events(amended.id)
    assert (amended.status, moved.ordinal, moved.status) == (TimetableStatus.CONSULTING, 2, EventStatus.PROPOSED)
    assert local_date(moved.starts_at) != local_date(last.starts_at)
    reference = desk.make.matter(amended.matter_id).reference
    told = dict(desk.letters(desk.world.community))[Letter.RESULT]["outcome"]
    assert told == {"published": 1, "moved": 1, "dropped": 0, "amends": reference}
    assert desk.get(Course, desk.course.id).status is CourseStatus.SCHEDULED
    desk.matter_id = amended.matter_id
    desk.step()
    assert desk.world.community.name_zh in desk.asked()
    desk.all_agree()
    desk.step()
    assert [one.status for one in desk.events(amended.id)] == [EventStatus.PUBLISHED]
    assert amendment(desk, amended.id) is None


def test_what_has_no_place_under_a_condition_is_dropped_and_said_so(desk):
    table_id = desk.submit()
    desk.agree_under(desk.world.community, Stated(RuleKind.NOT_BEFORE, lines=(2,), minute=22 * 60))
    desk.all_agree()
    desk.step()
    assert [one.status for one in desk.events(table_id)] == [EventStatus.PUBLISHED, EventStatus.DROPPED]
    assert amendment(desk, table_id) is None
    kept = desk.table(table_id).again["answer"]["unplaced"]
    assert [tuple(one["session"]) for one in kept] == [(str(desk.course.id), 2)]


def test_an_excepted_session_finds_another_hall(desk):
    other = desk.training.site(name_zh="另一实训室")
    table_id = desk.submit()
    last = desk.events(table_id)[1]
    seat_of = desk.world.community
    desk.agree_under(seat_of, not_on(last), exceptions=(LineException(2, "当日另有活动"),))
    desk.all_agree()
    desk.step()
    (moved,) = desk.events(amendment(desk, table_id).id)
    assert {moved.site_id, last.site_id} == {desk.site.id, other.id}


def test_what_was_published_meanwhile_is_in_the_way(desk):
    table_id = desk.submit()
    first = desk.events(table_id)[0]
    event = desk.training.event(first.starts_at)
    desk.write(lambda session: setattr(session.merge(desk.training.get(event.id)), "site_id", desk.site.id))
    desk.all_agree()
    desk.step()
    (moved,) = desk.events(amendment(desk, table_id).id)
    assert moved.ordinal == 1
    is_clear = event.ends_at <= moved.starts_at or moved.ends_at <= event.starts_at
    assert is_clear or moved.site_id != desk.site.id


def test_more_than_a_tenth_waits_for_its_department_as_a_draft(desk):
    desk.course = desk.training.course([desk.trainer], session_count=3, gap_days=0)
    table_id = desk.submit()
    hours = Stated(RuleKind.NOT_BEFORE, sites=(desk.site.id,), minute=13 * 60)
    desk.agree_under(desk.world.street, hours)
    desk.all_agree()
    desk.step()
    amended = amendment(desk, table_id)
    assert (amended.status, amended.matter_id) == (TimetableStatus.DRAFT, None)
    assert all(one.starts_at.astimezone(SHANGHAI).hour >= 13 for one in desk.events(amended.id))
    assert desk.matter.status is MatterStatus.AGREED


def test_conditions_of_who_changed_their_mind_do_not_hold(desk):
    table_id = desk.submit()
    world = desk.world
    desk.agree_under(world.community, not_on(desk.events(table_id)[1]))
    seat = next(one for one in desk.make.seats(desk.matter.reference) if one.organisation_id == world.community.id)
    desk.make.say(world.who(world.community), seat, at=desk.at + timedelta(minutes=1))
    desk.all_agree()
    desk.step()
    assert [one.status for one in desk.events(table_id)] == [EventStatus.PUBLISHED] * 2


def test_stating_again_replaces_what_was_stated(desk):
    table_id = desk.submit()
    events = desk.events(table_id)
    who, seat = desk.world.who(desk.world.community), desk.seat(desk.world.community)
    for event in events:
        desk.write(agree_under, who, seat.id, "附条件", (not_on(event),), None, desk.at)
    with desk.make.database.reading() as session:
        (kept,) = conditions_of(session, table_id)
    assert kept.body["sessions"] == [[str(desk.course.id), 2]]


def test_a_party_speaks_for_its_own_ground_only(desk):
    other = desk.make.neighbourhood()
    theirs = desk.training.site(community=other.community)
    table_id = desk.submit()
    world, event = desk.world, desk.events(table_id)[0]
    with pytest.raises(NotYourSite):
        desk.agree_under(world.council, Stated(RuleKind.NOT_ON, sites=(theirs.id,), weekdays=(1,)))
    wrong = [
        (Stated(RuleKind.NOT_ON, sites=(world.community.id,), weekdays=(1,)), NotInThisTimetable),
        (Stated(RuleKind.NOT_ON, weekdays=(1,)), ConditionUnclear),
    ]
    for stated, broken in wrong:
        with pytest.raises(broken):
            desk.agree_under(world.council, stated)
    with pytest.raises(TooManyConditions):
        desk.agree_under(world.council, *[not_on(event)] * 21)
    with pytest.raises(ConditionsMissing):
        desk.agree_under(world.council, not_on(event), words=" ")
    with desk.make.database.reading() as session:
        assert conditions_of(session, table_id) == []  # what was refused left nothing


def test_only_timetables_take_such_conditions(desk, make):
    filed = make.filing(desk.world.clerk, [desk.world.compound])
    make.open(filed.matter_id)
    desk.matter_id = filed.matter_id
    with pytest.raises(NotFound):
        desk.agree_under(desk.world.community, Stated(RuleKind.KEEP, lines=(1,)))
