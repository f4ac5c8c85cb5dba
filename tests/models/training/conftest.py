"""A small world in which courses are held."""

from datetime import timedelta
from functools import partial

import pytest

from models.training import check_in, places, tending
from models.training.ruling import training_rules
from wufang.make_people import People
from wufang.make_training import Training


@pytest.fixture
def training(make):
    """Sites, trainers and courses on SQLite."""
    return Training(make, make.neighbourhood())


@pytest.fixture
def any_training(any_make):
    """The same on either database."""
    return Training(any_make, any_make.neighbourhood())


@pytest.fixture
def riders(training):
    """Riders of that world."""
    return People(training.make, training.world)


@pytest.fixture
def any_riders(any_training):
    """Riders of that world, on either database."""
    return People(any_training.make, any_training.world)


class Room:
    """A session with few places, and riders by number, each known on a phone of their own."""

    def __init__(self, training, riders, seats=2, **changes):
        self.training, self.riders, self.make = training, riders, training.make
        self.event = training.event(places=seats, **changes)
        self.at, self.rules = self.make.at, training_rules()
        self.people = [one for one, _ in riders.crowd(7)]

    def rider(self):
        return self.people.pop()

    def sign_up(self, rider=None, **more):
        rider = rider or self.rider()
        self.at += timedelta(minutes=1)
        self.do(places.sign_up, rider, **more)
        return rider

    def do(self, act, rider, *more, **named):
        return self.make.database.write(act, self.rules, rider, self.event.id, *more, at=self.at, **named)

    def status(self, rider):
        found = self.place(rider)
        return found and found.status

    def place(self, rider):
        with self.make.database.reading() as session:
            return places.place_of(session, self.event.id, rider.rider_id)

    def counts(self):
        event = self.training.get(self.event.id)
        return event.taken, event.waiting, event.children

    def tend(self, at=None):
        """A round at `at`."""
        self.at = at or self.at
        return self.make.database.write(tending.take_step, self.rules, [self.event.id], self.at)

    def open(self):
        """What publishing does for the places."""

        def do(session):
            event = places.lock_event(session, self.event.id)
            check_in.open_sign_up(session, self.rules, self.make.vault, event, self.at)
            return check_in.session_code(self.make.vault, event)

        return self.make.database.write(do)

    def news(self, rider):
        with self.make.database.reading() as session:
            return places.training_news(session, rider.rider_id)


@pytest.fixture
def room_of(training, riders):
    """Makes a session and its riders on SQLite."""
    return partial(Room, training, riders)


@pytest.fixture
def room(room_of):
    """A session with two places."""
    return room_of()


@pytest.fixture
def any_room(any_training, any_riders):
    """The same on either database."""
    return Room(any_training, any_riders)
