"""What training holds about a rider: shown, deleted as far as it goes; who leaves gives places to the next."""

import pytest

from models.people import enrolment, held
from models.people.holding import FIELDS, Whose
from models.people.training_holders import CERTIFICATES, FEEDBACK, NEEDS, PLACES
from models.training import certificates, feedback, needs, places
from models.training.place_tables import Place, PlaceStatus
from models.training.ruling import training_rules
from models.training.tables import Event, EventStatus
from wufang.make_training import Training

RULES = training_rules()
HOLDERS = (NEEDS, PLACES, FEEDBACK, CERTIFICATES)


@pytest.fixture
def training(any_people):
    return Training(any_people.make, any_people.world)


def attended(training, rider):
    """A course that is over, to which the rider came, and what followed."""
    make = training.make
    event = training.event(make.at, status=EventStatus.HELD)
    place = Place(event_id=event.id, rider_id=rider.rider_id, status=PlaceStatus.ATTENDED, asked_at=make.at)
    make.keep(place)

    def do(session):
        course = session.get_one(certificates.Course, event.course_id)
        certificates.issue(session, RULES, course, make.at)
        needs.ask(session, RULES, rider, "ebike", ["2-afternoon"], None, make.at)
        feedback.give_feedback(session, make.vault, rider, event.id, 4, "有用", event.ends_at)

    make.database.write(do)


def found(people, rider):
    whose = Whose(rider.phone_id, rider.rider_id, people.make.at)
    with people.make.database.reading() as session:
        return {one.kind: one.find(session, people.make.vault, whose) for one in HOLDERS}


def test_it_is_all_shown_in_words_and_deleted_as_far_as_it_goes(any_people, training):
    rider, make = any_people.rider(), any_people.make
    [(other, _)] = any_people.crowd(1)
    attended(training, rider)
    coming = training.event(places=1)
    for one in (rider, other):
        make.database.write(places.sign_up, RULES, one, coming.id, make.at)
    shown = found(any_people, rider)
    assert {kind: len(rows) for kind, rows in shown.items()} == {
        "needs": 1,
        "places": 2,
        "feedback": 1,
        "certificates": 1,
    }
    assert {key for rows in shown.values() for row in rows for key in row} <= set(FIELDS)
    assert shown["needs"][0]["free"].zh == "周二下午"
    make.database.write(held.erase, make.vault, Whose(rider.phone_id, rider.rider_id, make.at))
    left = found(any_people, rider)
    assert left["needs"] == []
    assert [row["status"] for row in left["places"]] == ["attended"]
    assert [row["words"] for row in left["feedback"]] == [None]
    with make.database.reading() as session:
        assert places.place_of(session, coming.id, other.rider_id).status is PlaceStatus.OFFERED
        event = session.get_one(Event, coming.id)
        assert (event.taken, event.waiting) == (1, 0)


def test_who_withdraws_the_consent_gives_places_back_and_needs_go_with_the_phone(any_people, training):
    make, phone = any_people.make, any_people.phone()
    make.database.write(needs.ask, RULES, phone, "ebike", ["2-afternoon"], None, make.at)
    enrolment_id = any_people.ask(phone)
    rider_id = any_people.confirm(enrolment_id)
    rider = type(phone)(phone.phone_id, rider_id, phone.district_id, "zh")
    assert len(found(any_people, rider)["needs"]) == 1
    coming = training.event()
    make.database.write(places.sign_up, RULES, rider, coming.id, make.at)
    make.database.write(enrolment.withdraw, rider, enrolment_id, make.at)
    assert training.get(coming.id).taken == 0
