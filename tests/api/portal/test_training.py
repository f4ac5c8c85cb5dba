"""Training in the portal: sites, trainers, courses; a draft, its wishes, the consultation; a session at its door."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.people.acts import PersonAct, PersonActKind
from models.training import check_in, needs, places
from models.training.place_tables import PlaceStatus
from models.training.ruling import training_rules
from models.training.tables import Condition, Course, CourseStatus, Event, EventStatus, Site, Timetable, Trainer
from tests.models.training.conftest import Desk
from wufang.make_people import People
from wufang.make_training import Training

HOURS = {"days-1": "2", "from-1": "08:00", "to-1": "00:00"}
TABLES = "/training/timetables"


@pytest.fixture
def training(make, world):
    return Training(make, world)


@pytest.fixture
def plan(training):
    return Desk(training)


@pytest.fixture
def lead(browse, world):
    return browse(world.lead)


@pytest.fixture
def community(browse, world):
    return browse(world.community)


def first(make, kind, *where):
    with make.database.reading() as session:
        return session.scalars(select(kind).where(*where).order_by(kind.id.desc())).first()


def test_a_community_enters_changes_and_closes_a_site(community, make, world) -> None:
    typed = HOURS | {
        "name_zh": "新兴实训点",
        "ground": f"{world.community.id}/{world.company.id}",
        "address": "新兴路1号",
        "latitude": "35.2",
        "longitude": "113.2",
        "capacity": "30",
        "equipment": "projector",
    }
    page = community.send("/training/sites", typed, page="/training/sites")
    assert "The site is entered" in page.text
    site = first(make, Site)
    assert (site.owner_id, site.hours, site.equipment) == (world.company.id, [[2, 480, 1440]], ["projector"])
    assert "Tue <span" in page.text.replace("\n", "")
    entry = f"/training/sites/{site.id}/entry"
    page = community.send(entry, typed | {"capacity": "0", "version": "1"}, page="/training/sites")
    assert page.status_code == 422
    assert 'name="capacity" type="number" min="1" max="1000" value="0"' in page.text
    community.send(entry, typed | {"capacity": "12", "version": "1"}, page="/training/sites")
    page = community.send(f"/training/sites/{site.id}/opening", {"open": "no", "version": "2"}, page="/training/sites")
    assert "No new timetable uses it" in page.text
    site = first(make, Site)
    assert (site.capacity, site.is_open) == (12, False)


def test_what_is_in_the_way_is_shown_before_it_is_made(community, make, training) -> None:
    event = training.event()
    asked = f"/training/sites?site={event.site_id}&trainer={event.trainer_id}&day={event.starts_at:%Y-%m-%d}"
    taken = community.get(f"{asked}&from=20:30&to=21:00").text
    assert "The site is taken: E-bike repair and care" in taken
    assert "The trainer teaches" in taken
    assert "nothing is in the way" in community.get(f"{asked}&from=08:30&to=09:00").text
    assert "A session ends after it begins" in community.get(f"{asked}&from=09:00&to=08:00").text


def test_a_department_enters_a_trainer_and_proposes_a_course(lead, make) -> None:
    typed = HOURS | {"name": "王老师", "email": "wang@shanyang.example", "latitude": "35.2", "longitude": "113.2"}
    assert "The trainer is entered" in lead.send("/training/trainers", typed, page="/training/trainers").text
    trainer = first(make, Trainer)
    day = make.at.date()
    course = {
        "title_zh": "急救",
        "title_en": "First aid",
        "topic": "first_aid",
        "words": "人人会急救",
        "session_count": "2",
        "minutes": "90",
        "gap_days": "2",
        "least": "5",
        "most": "20",
        "window_from": (day + timedelta(days=7)).isoformat(),
        "window_to": (day + timedelta(days=20)).isoformat(),
        "trainers": str(trainer.id),
    }
    refused = lead.send("/training/courses", course | {"least": "21"}, page="/training/courses")
    assert refused.status_code == 422
    assert "人人会急救" in refused.text
    assert "It waits for a timetable" in lead.send("/training/courses", course, page="/training/courses").text
    kept = first(make, Course)
    assert (kept.kind, kept.trainers) == ("course", [str(trainer.id)])
    changed = course | {"most": "25", "version": "1"}
    lead.send(f"/training/courses/{kept.id}/entry", changed, page="/training/courses")
    assert first(make, Course).most == 25
    lead.send(f"/training/courses/{kept.id}/withdrawal", {"version": "2"}, page="/training/courses")
    assert first(make, Course).status is CourseStatus.WITHDRAWN
    gone = lead.send(
        f"/training/trainers/{trainer.id}/opening", {"open": "no", "version": "1"}, page="/training/trainers"
    )
    assert "No new timetable names them" in gone.text


def test_a_draft_is_asked_for_wished_for_anew_and_put_before_the_parties(lead, make, plan, training) -> None:
    training.site(name_zh="东海实训点", name_en="Donghai room")
    days = [(plan.today + timedelta(days=one)).isoformat() for one in (1, 28)]
    asking = {"title_zh": "课表", "title_en": "Plan", "first_on": days[0], "last_on": days[1]}
    assert lead.send(TABLES, asking, page=TABLES).status_code == 422
    page = lead.send(TABLES, asking | {"courses": str(plan.course.id)}, page=TABLES)
    assert "The draft is being computed" in page.text
    assert 'hx-trigger="every 2s"' in page.text
    assert plan.round()
    here = page.url.path
    page = lead.get(here)
    assert "sessions placed" in page.text
    assert "This is your draft" in page.text
    table = first(make, Timetable)
    one, other = plan.events(table.id)
    assert "Xinxing training room" in page.text
    wishes = {
        "version": str(table.version),
        "keep": "1",
        "for-1": "line:2",
        "kind-1": "not_at",
        "site-1": str(other.site_id),
    }
    wrong = lead.send(f"{here}/wishes", wishes | {"site-1": ""}, page=here)
    assert wrong.status_code == 422
    assert "is not complete" in wrong.text
    page = lead.send(f"{here}/wishes", wishes, page=here)
    assert plan.round()
    again = first(make, Timetable)
    placed = plan.events(again.id)
    kept = next(event for event in placed if event.ordinal == one.ordinal)
    moved = next(event for event in placed if event.ordinal == other.ordinal)
    assert (kept.site_id, kept.starts_at) == (one.site_id, one.starts_at)
    assert moved.site_id != other.site_id
    page = lead.get(f"{TABLES}/{again.id}?by=trainer")
    assert "Against the last draft" in page.text
    assert "<b>not at " in page.text
    page = lead.send(f"{TABLES}/{again.id}/submission", {"version": str(again.version)}, page=f"{TABLES}/{again.id}")
    assert page.url.path.startswith("/filings/")
    assert 'id="sessions"' in page.text


def test_a_draft_is_discarded(lead, make, plan) -> None:
    timetable_id = plan.drafted()
    version = plan.table(timetable_id).version
    page = lead.send(f"{TABLES}/{timetable_id}/discarding", {"version": str(version)}, page=f"{TABLES}/{timetable_id}")
    assert "Its courses can be planned anew" in page.text


def test_a_community_agrees_under_a_condition_that_the_solver_takes(community, make, plan, world) -> None:
    plan.submit()
    reference = plan.matter.reference
    page = community.get("/training")
    assert "Waits for you" in page.text
    here = f"/filings/{reference}"
    page = community.get(here)
    seat = plan.seat(world.community)
    event = plan.events(first(make, Timetable).id)[0]
    typed = {
        "seat": str(seat.id),
        "version": str(seat.version),
        "kind": "agree_with_conditions",
        "conditions": "周末不行",
        "for-1": f"site:{event.site_id}",
        "kind-1": "not_on",
    }
    assert f'value="site:{event.site_id}"' in page.text
    wrong = community.send(f"{here}/opinion", typed, page=here)
    assert wrong.status_code == 422
    assert "周末不行" in wrong.text
    page = community.send(f"{here}/opinion", typed | {"weekdays-1": "6"}, page=here)
    assert "Your opinion is recorded" in page.text
    assert first(make, Condition).body["body"] == {"days": [], "weekdays": [6]}
    assert "not on Sat" in page.text


class Door:
    """A session that two riders have a place at."""

    def __init__(self, training, make, world, app):
        self.make, self.app = make, app
        riders = People(make, world)
        self.event = training.event(places=2)
        self.people = [one for one, _ in riders.crowd(3)]
        for one in self.people:
            make.database.write(places.sign_up, training_rules(), one, self.event.id, at=make.at)
        self.here = f"/training/sessions/{self.event.id}"

    def place(self, number):
        with self.make.database.reading() as session:
            return places.place_of(session, self.event.id, self.people[number].rider_id)

    def begin(self, minutes=1):
        self.app.state.clock = lambda: self.event.starts_at + timedelta(minutes=minutes)
        return self.event.starts_at + timedelta(minutes=minutes)


@pytest.fixture
def door(training, make, world, app):
    return Door(training, make, world, app)


def test_at_the_door_riders_are_checked_in_by_their_number_or_by_hand(browse, make, door, world) -> None:
    at = door.begin()
    community = browse(world.community)
    page = community.get(door.here)
    assert "<b>1</b>on the waiting list" in page.text
    wrong = community.send(f"{door.here}/check-in", {"digits": "12 34 56"}, page=door.here)
    assert wrong.status_code == 422
    digits, _ = check_in.pass_code(make.vault, door.place(0), at)
    page = community.send(f"{door.here}/check-in", {"digits": f"{digits[:3]} {digits[3:]}"}, page=door.here)
    assert "Checked in." in page.text
    assert door.place(0).status is PlaceStatus.ATTENDED
    marked = f"{door.here}/places/{door.place(1).id}"
    community.send(f"{marked}/missed", {}, page=door.here)
    assert door.place(1).status is PlaceStatus.MISSED
    page = community.send(f"{marked}/came", {}, page=door.here)
    assert "Written down: came." in page.text
    assert door.place(1).status is PlaceStatus.ATTENDED


def test_a_whole_name_is_shown_once_and_written_down(browse, make, door, world) -> None:
    community = browse(world.community)
    masked = community.get(door.here).text
    page = community.send(f"{door.here}/places/{door.place(0).id}/name", {}, page=door.here)
    name = re.search(r'role="status"><p>([^<]+)</p>', page.text)[1]
    assert name not in masked
    act = first(make, PersonAct, PersonAct.kind == PersonActKind.IDENTITY_OPENED)
    assert act.rider_id == door.people[0].rider_id


def test_the_department_calls_a_session_off_with_a_reason(lead, community, make, door, browse, world) -> None:
    assert lead.send(f"{door.here}/cancelling", {"reason": ""}, page=door.here).status_code == 422
    page = lead.send(f"{door.here}/cancelling", {"reason": "讲师生病"}, page=door.here)
    assert "讲师生病" in page.text
    assert first(make, Event).status is EventStatus.CANCELLED
    assert door.place(0) is None or door.place(0).status is PlaceStatus.CANCELLED
    assert browse(world.housing).get(door.here).status_code == 404


def test_the_desk_shows_sessions_by_week_and_needs_as_counts(browse, make, training, world) -> None:
    training.event(make.at + timedelta(days=3))
    riders = People(make, world)
    for phone, _ in riders.crowd(3):
        make.database.write(needs.ask, training_rules(), phone, "cooking", ["2-evening"], None, make.at)
    text = browse(world.lead).get("/training").text
    assert "E-bike repair and care" in text
    assert "0 of 20 places" in text
    assert '<td class="number"><b>3</b></td>' in text
    assert "no course yet" in text
    for organisation in (world.street, world.company, world.community):
        assert browse(organisation).get("/training").status_code == 200
