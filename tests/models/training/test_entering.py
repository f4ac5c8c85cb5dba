"""Sites, trainers and courses: who enters them, what is refused, and in which words."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.clock import local_date
from models.errors import ChangedMeanwhile, NotAllowed
from models.report.places import PositionUnclear
from models.staffing import EmailWrong
from models.training.courses import (
    CourseEntry,
    CourseInTimetable,
    CourseOver,
    LeastAboveMost,
    TrainersWrong,
    WindowWrong,
    WordsWrong,
    change_course,
    propose,
    withdraw_course,
)
from models.training.entering import HoursWrong, NameWrong, NumberWrong
from models.training.ruling import CodeUnknown, training_rules
from models.training.sites import NotOurGround, SiteEntry, SiteInUse, change_site, make_site, open_site
from models.training.tables import Course, CourseStatus
from models.training.trainers import TrainerEntry, TrainerInUse, change_trainer, keep_trainer, make_trainer

RULES = training_rules()
EVENINGS = [(day, 1140, 1320) for day in range(1, 6)]


@pytest.fixture
def hall(training):
    """What is entered about a hall of the community."""
    return SiteEntry(
        name_zh="新兴社区实训室",
        name_en="",
        address="新兴路1号",
        community_id=training.world.community.id,
        latitude=35.23,
        longitude=113.25,
        capacity=30,
        hours=EVENINGS,
        equipment=["projector"],
    )


def enter(training, organisation, entry):
    return training.make.database.write(make_site, RULES, training.world.who(organisation), entry)


def test_a_community_enters_its_hall_and_puts_it_right(training, hall):
    world, write = training.world, training.make.database.write
    site = enter(training, world.community, hall)
    assert (site.code, site.name_en, site.owner_id) == ("410811-S0001", "新兴社区实训室", world.community.id)
    who = world.who(world.community)
    changed = write(change_site, RULES, who, site.id, replace(hall, capacity=40), 1)
    assert (changed.capacity, changed.version) == (40, 2)
    with pytest.raises(ChangedMeanwhile):
        write(change_site, RULES, who, site.id, hall, 1)
    assert not write(open_site, who, site.id, 2, training.make.at, is_open=False).is_open


def test_a_property_company_enters_its_hall_where_it_manages_a_compound(training, hall):
    world = training.world
    owned = replace(hall, owner_id=world.company.id)
    assert enter(training, world.company, owned).owner_id == world.company.id
    other = training.make.neighbourhood()
    with pytest.raises(NotOurGround):
        enter(training, world.company, replace(owned, community_id=other.community.id))
    with pytest.raises(NotOurGround):
        enter(training, world.community, replace(hall, community_id=other.community.id))
    for nobody in (world.street, world.council, world.lead):
        with pytest.raises(NotAllowed):
            enter(training, nobody, hall)


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"name_zh": " "}, NameWrong),
        ({"capacity": 0}, NumberWrong),
        ({"child_places": -1}, NumberWrong),
        ({"latitude": 91.0}, PositionUnclear),
        ({"equipment": ["stage"]}, CodeUnknown),
        ({"hours": []}, HoursWrong),
        ({"hours": [(8, 0, 60)]}, HoursWrong),
        ({"hours": [(1, 60, 60)]}, HoursWrong),
        ({"hours": [(1, 0, 100), (1, 90, 200)]}, HoursWrong),
    ],
)
def test_what_is_wrong_with_a_site_is_said(training, hall, changes, broken):
    with pytest.raises(broken):
        enter(training, training.world.community, replace(hall, **changes))


def test_a_site_or_trainer_with_sessions_to_come_stays(training):
    event, write, world = training.event(), training.make.database.write, training.world
    with pytest.raises(SiteInUse, match="1 published"):
        write(open_site, world.who(world.community), event.site_id, None, training.make.at, is_open=False)
    with pytest.raises(TrainerInUse, match="1 published"):
        write(keep_trainer, world.who(world.lead), event.trainer_id, None, training.make.at, is_active=False)
    after = event.starts_at + timedelta(hours=1)
    assert not write(keep_trainer, world.who(world.lead), event.trainer_id, None, after, is_active=False).is_active


def test_departments_send_trainers(training):
    world, write = training.world, training.make.database.write
    entry = TrainerEntry("陈老师", 35.2, 113.2, EVENINGS, " Chen@Office.example ")
    trainer = write(make_trainer, world.who(world.housing), entry)
    assert (trainer.email, trainer.organisation_id) == ("chen@office.example", world.housing.id)
    with pytest.raises(NotAllowed):
        write(make_trainer, world.who(world.community), entry)
    with pytest.raises(NotAllowed):
        write(change_trainer, world.who(world.market_supervision), trainer.id, entry, None)
    with pytest.raises(EmailWrong):
        write(change_trainer, world.who(world.lead), trainer.id, replace(entry, email="chen"), None)


@pytest.fixture
def course_entry(training):
    """What a department proposes."""
    today = local_date(training.make.at)
    return CourseEntry(
        kind="course",
        topic="ebike",
        title_zh="电动车维修",
        title_en="",
        words="学会换刹车片。",
        minutes=90,
        session_count=3,
        gap_days=2,
        least=5,
        most=20,
        trainers=[training.trainer().id],
        window_from=today + timedelta(days=7),
        window_to=today + timedelta(days=30),
        equipment=["projector"],
    )


def test_a_course_is_proposed_changed_and_withdrawn(training, course_entry):
    world, write, at = training.world, training.make.database.write, training.make.at
    who = world.who(world.lead)
    course = write(propose, RULES, who, course_entry, at)
    assert (course.reference, course.status) == ("课2026-000001", CourseStatus.PROPOSED)
    assert write(change_course, RULES, who, course.id, replace(course_entry, most=25), 1, at).most == 25
    with pytest.raises(NotAllowed):
        write(withdraw_course, world.who(world.housing), course.id, None)
    assert write(withdraw_course, who, course.id, 2).status is CourseStatus.WITHDRAWN
    with pytest.raises(CourseOver):
        write(withdraw_course, who, course.id, None)


def test_a_course_whose_sessions_stand_is_not_changed(training, course_entry):
    event, world = training.event(), training.world
    who, write = world.who(world.lead), training.make.database.write
    with pytest.raises(CourseInTimetable):
        write(change_course, RULES, who, event.course_id, course_entry, None, training.make.at)
    with training.make.database.reading() as session:
        assert session.get_one(Course, event.course_id).version == 1


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"kind": "sermon"}, CodeUnknown),
        ({"topic": "magic"}, CodeUnknown),
        ({"words": ""}, WordsWrong),
        ({"minutes": 14}, NumberWrong),
        ({"least": 21}, LeastAboveMost),
        ({"trainers": []}, TrainersWrong),
        ({"gap_days": 12}, WindowWrong),
        ({"window_from": None}, WindowWrong),
    ],
)
def test_what_is_wrong_with_a_course_is_said(training, course_entry, changes, broken):
    if "window_from" in changes:
        changes = {"window_from": local_date(training.make.at) - timedelta(days=1)}
    who = training.world.who(training.world.lead)
    with pytest.raises(broken):
        training.make.database.write(propose, RULES, who, replace(course_entry, **changes), training.make.at)


def test_a_trainer_who_has_left_teaches_nothing_new(training, course_entry):
    gone = training.trainer(is_active=False)
    who = training.world.who(training.world.lead)
    with pytest.raises(TrainersWrong):
        training.make.database.write(propose, RULES, who, replace(course_entry, trainers=[gone.id]), training.make.at)
