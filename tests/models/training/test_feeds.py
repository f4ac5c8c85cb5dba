"""Whose calendar shows which session, for how long, and as what."""

from datetime import timedelta

import pytest
from sqlalchemy.event import listen

from models.base import uuid7
from models.errors import NotFound
from models.protocol.schema import Party
from models.training import feeds
from models.training.feeds import Standing
from models.training.place_tables import Place, PlaceStatus
from models.training.ruling import training_rules
from models.training.tables import EventStatus

DAY = timedelta(days=1)


def listed(training, find, whose, at=None):
    """The calendar's sessions: which, and how sure."""
    with training.make.database.reading() as session:
        found = find(session, training_rules(), whose, at or training.make.at)
    return [(one.event_id, one.standing) for one in found]


def place(training, event, rider_id, status, decided_at=None):
    """A place of that status."""

    def keep(session):
        kept = Place(id=uuid7(), event_id=event.id, rider_id=rider_id, status=status, asked_at=training.make.at)
        kept.decided_at = decided_at
        session.add(kept)

    training.make.database.write(keep)


def test_a_session_is_in_the_calendars_of_its_community_department_and_trainer(any_training):
    event, world = any_training.event(), any_training.world
    expected = [(event.id, Standing.CONFIRMED)]
    assert listed(any_training, feeds.community_entries, world.community.id) == expected
    assert listed(any_training, feeds.department_entries, world.lead.id) == expected
    assert listed(any_training, feeds.trainer_entries, event.trainer_id) == expected
    other = any_training.make.neighbourhood()
    assert listed(any_training, feeds.community_entries, other.community.id) == []
    assert listed(any_training, feeds.trainer_entries, any_training.trainer().id) == []


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (EventStatus.PROPOSED, None),
        (EventStatus.DROPPED, None),
        (EventStatus.PUBLISHED, Standing.CONFIRMED),
        (EventStatus.HELD, Standing.CONFIRMED),
        (EventStatus.CANCELLED, Standing.CANCELLED),
    ],
)
def test_only_what_was_published_is_shown(training, status, shown):
    event = training.event(status=status)
    expected = [] if shown is None else [(event.id, shown)]
    assert listed(training, feeds.community_entries, training.world.community.id) == expected


def test_what_is_over_or_cancelled_stays_for_thirty_days(training):
    event = training.event(status=EventStatus.CANCELLED)
    at, community = event.starts_at, training.world.community.id
    assert listed(training, feeds.community_entries, community, at + 29 * DAY)
    assert not listed(training, feeds.community_entries, community, at + 31 * DAY)


def test_a_rider_sees_places_as_sure_as_they_are(any_training, any_riders):
    rider_id = any_riders.rider().rider_id
    events = {status: any_training.event() for status in PlaceStatus}
    for status, event in events.items():
        place(any_training, event, rider_id, status)
    found = dict(listed(any_training, feeds.rider_entries, rider_id))
    assert found == {
        events[PlaceStatus.TAKEN].id: Standing.CONFIRMED,
        events[PlaceStatus.ATTENDED].id: Standing.CONFIRMED,
        events[PlaceStatus.MISSED].id: Standing.CONFIRMED,
        events[PlaceStatus.OFFERED].id: Standing.TENTATIVE,
        events[PlaceStatus.CANCELLED].id: Standing.CANCELLED,
    }
    other = any_riders.rider("李华", "17000000002").rider_id
    assert listed(any_training, feeds.rider_entries, other) == []


def test_a_place_taken_again_after_it_was_given_back_is_sure(training, riders):
    rider_id, event = riders.rider().rider_id, training.event()
    place(training, event, rider_id, PlaceStatus.CANCELLED, training.make.at)
    place(training, event, rider_id, PlaceStatus.TAKEN)
    assert listed(training, feeds.rider_entries, rider_id) == [(event.id, Standing.CONFIRMED)]


def test_giving_a_place_back_is_a_change(training, riders):
    rider_id, event, later = riders.rider().rider_id, training.event(), training.make.at + DAY
    place(training, event, rider_id, PlaceStatus.CANCELLED, later)
    with training.make.database.reading() as session:
        (found,) = feeds.rider_entries(session, training_rules(), rider_id, later)
    assert found.changed_at == later


def test_addresses_name_communities_and_departments_only(training):
    world = training.world
    with training.make.database.reading() as session:
        assert feeds.place_of_feed(session, Party.COMMUNITY, world.community.code).id == world.community.id
        for party, code in ((Party.COMMUNITY, world.company.code), (Party.DEPARTMENT, "nothing")):
            with pytest.raises(NotFound):
                feeds.place_of_feed(session, party, code)


def test_one_session_is_found_for_an_invitation(training):
    event = training.event()
    with training.make.database.reading() as session:
        found = feeds.one_entry(session, training_rules(), event.id)
        assert (found.uid, found.title.en, found.count) == (event.uid, "E-bike repair and care", 1)
        with pytest.raises(NotFound):
            feeds.one_entry(session, training_rules(), uuid7())


def test_a_calendar_is_one_question_to_the_database(training):
    for _ in range(3):
        training.event()
    asked = []
    with training.make.database.reading() as session:
        listen(session.get_bind(), "before_cursor_execute", lambda *said: asked.append(said[2]))
        found = feeds.community_entries(session, training_rules(), training.world.community.id, training.make.at)
    assert len(found) == 3
    assert sum(said.startswith("SELECT") for said in asked) == 1
    assert [one.starts_at for one in found] == sorted(one.starts_at for one in found)
