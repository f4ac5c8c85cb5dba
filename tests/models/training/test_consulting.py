"""From a draft to published sessions, to a department that has it back, or to nothing."""

from datetime import timedelta

import pytest

from models.clock import local_date
from models.consultation.opinions import Draft, LineException
from models.consultation.returning import return_to_filer
from models.consultation.tables import OpinionKind, SeatStatus
from models.consultation.withdrawing import withdraw
from models.errors import NotAllowed
from models.matter import MatterStatus
from models.notice.tables import Letter
from models.resolution import of_matter
from models.training.consulting import BegunAlready, NotThisTimetable, submit, submit_again
from models.training.drafting import NoDraft, ask_again
from models.training.ruling import training_rules
from models.training.speaking import NotYourSession
from models.training.tables import Course, CourseStatus, EventStatus, TimetableStatus
from tests.models.training.conftest import OBJECT

RULES = training_rules()


def statuses(desk, timetable_id):
    return [one.status for one in desk.events(timetable_id)]


def test_what_all_agree_to_is_published_and_everybody_concerned_hears_of_it(any_desk):
    desk, world = any_desk, any_desk.world
    table_id = desk.submit()
    assert desk.matter.reference == "训2026-000001"
    assert desk.asked() == {world.community.name_zh, world.street.name_zh, world.council.name_zh}
    desk.all_agree()
    desk.step()
    assert desk.matter.status is MatterStatus.AGREED
    assert statuses(desk, table_id) == [EventStatus.PUBLISHED] * 2
    table, events = desk.table(table_id), desk.events(table_id)
    assert len({one.code_digest for one in events} - {None}) == 2
    assert (table.status, table.published_at) == (TimetableStatus.PUBLISHED, desk.at)
    first = max(RULES.places.reminders_minutes)
    assert [one.wake_at for one in events] == [one.starts_at - timedelta(minutes=first) for one in events]
    assert desk.kinds()[-3:] == ["decided", "agreed", "sessions_published"]
    told = dict(desk.letters(world.community))
    assert told[Letter.TRAINING_PUBLISHED]["sessions"] == 2
    assert told[Letter.RESULT]["outcome"] == {"published": 2, "moved": 0, "dropped": 0}
    with desk.make.database.reading() as session:
        body = of_matter(session, desk.matter_id).body["training"]
    assert (body["sessions"], body["published"]) == (2, 2)
    desk.steps(desk.at + timedelta(days=30))  # and nothing follows twice
    assert statuses(desk, table_id) == [EventStatus.PUBLISHED] * 2


def test_a_property_company_is_asked_where_the_hall_is_its_own(desk):
    desk.write(lambda session: setattr(session.merge(desk.site), "owner_id", desk.world.company.id))
    desk.submit()
    assert desk.world.company.name_zh in desk.asked()
    desk.all_agree()
    desk.step()
    assert Letter.TRAINING_PUBLISHED in dict(desk.letters(desk.world.company))


def test_only_the_places_of_its_sessions_are_asked(desk):
    other = desk.make.neighbourhood()
    desk.training.site(community=other.community, is_open=False)
    desk.submit()
    assert other.community.name_zh not in desk.asked()


def test_an_objection_opens_the_conciliation_with_the_proposing_department(desk):
    world = desk.world
    desk.who = world.who(world.housing)
    desk.course = desk.training.course([desk.trainer], world.housing)
    table_id = desk.submit()
    desk.say(world.community, OBJECT)
    desk.step()
    assert desk.asked() == {
        one.name_zh for one in (world.lead, world.housing, world.community, world.street, world.council)
    }
    for one in (world.lead, world.housing, world.street):
        desk.say(one)
    desk.step()
    assert desk.matter.status is MatterStatus.AGREED
    assert statuses(desk, table_id) == [EventStatus.PUBLISHED] * 2


def test_what_is_refused_frees_its_courses(desk):
    world, table_id = desk.world, desk.submit()
    desk.say(world.community, OBJECT)
    desk.step()
    while desk.make.asked(desk.matter_id):
        desk.say(next(one for one in world.organisations if one.name_zh in desk.asked()), OBJECT)
    desk.step()
    assert desk.matter.status is MatterStatus.REFUSED
    assert desk.table(table_id).status is TimetableStatus.REFUSED
    assert statuses(desk, table_id) == [EventStatus.DROPPED] * 2
    assert desk.get(Course, desk.course.id).status is CourseStatus.PROPOSED
    assert desk.drafted()


def test_what_is_returned_is_a_draft_again_and_goes_out_anew(desk):
    world, table_id = desk.world, desk.submit()
    seat = desk.seat(world.community)
    desk.write(return_to_filer, world.who(world.community), seat.id, "请避开周末", None, desk.at)
    desk.step()
    assert (desk.matter.status, desk.table(table_id).status) == (MatterStatus.RETURNED, TimetableStatus.DRAFT)
    again = desk.write(ask_again, desk.who, table_id, (), None, desk.at).id
    assert desk.round()
    with pytest.raises(NoDraft):
        desk.write(submit_again, desk.who, desk.matter_id, table_id, None, desk.at)
    desk.course = desk.training.course([desk.trainer])
    with pytest.raises(NotThisTimetable):
        desk.write(submit_again, desk.who, desk.matter_id, desk.drafted(), None, desk.at)
    desk.write(submit_again, desk.who, desk.matter_id, again, None, desk.at)
    desk.step()
    desk.all_agree()
    desk.step()
    assert desk.matter.status is MatterStatus.AGREED
    assert statuses(desk, again) == [EventStatus.PUBLISHED] * 2


def test_what_is_withdrawn_frees_its_courses(desk):
    table_id = desk.submit()
    desk.write(withdraw, desk.who, desk.matter_id, "另行安排", None, desk.at)
    assert desk.table(table_id).status is TimetableStatus.WITHDRAWN
    assert desk.get(Course, desk.course.id).status is CourseStatus.PROPOSED


def test_who_cannot_submit_what(desk):
    table_id = desk.drafted()
    with pytest.raises(NotAllowed):
        desk.write(submit, desk.world.who(desk.world.community), table_id, None, desk.at)
    late = desk.events(table_id)[0].starts_at
    with pytest.raises(BegunAlready):
        desk.write(submit, desk.who, table_id, None, late)
    desk.write(submit, desk.who, table_id, None, desk.at)
    with pytest.raises(NoDraft):
        desk.write(submit, desk.who, table_id, None, desk.at)


def test_a_party_excepts_sessions_at_its_own_sites_only(desk):
    other = desk.make.neighbourhood()
    desk.world.officers.update(other.officers)
    desk.training.site(community=other.community)
    desk.write(lambda session: setattr(session.merge(desk.site), "hours", [[1, 480, 570]]))
    ours = {one.line for one in desk.events(desk.submit()) if one.site_id == desk.site.id}
    theirs = ({1, 2} - ours).pop()
    draft = Draft(OpinionKind.AGREE, exceptions=(LineException(theirs, "不合适"),))
    with pytest.raises(NotYourSession, match=str(theirs)):
        desk.say(desk.world.council, draft)


def test_a_late_community_is_escalated_to_its_street_and_then_to_the_district(desk):
    desk.submit()
    world, due_at = desk.world, desk.seat(desk.world.community).due_at
    assert local_date(due_at) == desk.today + timedelta(days=2)
    desk.say(world.street)
    desk.steps(due_at)
    late = [one for one in desk.make.seats(desk.matter.reference) if one.late_at is not None]
    assert {one.organisation_id for one in late} == {world.community.id, world.council.id}
    assert Letter.ESCALATION in dict(desk.letters(world.street))
    desk.steps(due_at + timedelta(days=8))
    assert any(one.status is SeatStatus.ESCALATED for one in desk.make.seats(desk.matter.reference))
    assert desk.asked() == {world.lead.name_zh}
    assert "escalated" in desk.kinds()
    desk.say(world.lead, at=due_at + timedelta(days=8))
    while desk.make.asked(desk.matter_id):
        desk.say(world.lead, at=due_at + timedelta(days=8))
    assert desk.matter.status is MatterStatus.DECIDED
