"""A small world in which courses are held, and a department's desk at which timetables are made."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from models import record, rounds
from models.calendars import district_calendar
from models.clock import local_date
from models.consultation.opinions import Draft
from models.consultation.tables import OpinionKind
from models.district import Organisation
from models.matter import MatterKind, fold
from models.notice.tables import Notice
from models.rounds import Need
from models.training import check_in, places, tending
from models.training.concluding import Means, conclude
from models.training.conditions import agree_under
from models.training.consulting import submit
from models.training.drafting import Asking, ask
from models.training.ruling import training_rules
from models.training.tables import Event, Timetable
from tasks.rounds import STEPS
from tasks.timetable import solve
from tasks.timetable_again import resolve as solve_again
from tasks.timetable_drafting import claim, draft
from wufang.make_people import People
from wufang.make_training import Training

RULES, CALENDAR = training_rules(), district_calendar()
AGREE = Draft(OpinionKind.AGREE)
OBJECT = Draft(OpinionKind.OBJECT, reason="与居民活动冲突，请另选场地")


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


@pytest.fixture
def desk(training):
    """A department's desk with a course of two sessions, a site and a trainer."""
    return Desk(training)


@pytest.fixture
def any_desk(any_training):
    """The same on either database."""
    return Desk(any_training)


class Desk:
    """What the lead department does about its timetables."""

    def __init__(self, training):
        self.training, self.make, self.world = training, training.make, training.world
        self.write, self.at = training.make.database.write, training.make.at
        self.who = self.world.who(self.world.lead)
        self.site, self.trainer = training.site(), training.trainer()
        self.course = training.course([self.trainer])
        self.today = local_date(self.at)
        self.matter_id = None

    def ask(self, *courses, who=None, first=1, last=28, at=None):
        days = (self.today + timedelta(days=one) for one in (first, last))
        asking = Asking("十二月课表", "", *days, tuple(one.id for one in courses or (self.course,)))
        return self.write(ask, who or self.who, asking, at or self.at).id

    def round(self, at=None):
        """One round: the oldest that is due is computed."""
        claimed = claim(self.make.database, at or self.at)
        return claimed and draft(self.make.database, claimed, at or self.at, solve)

    def drafted(self, *courses):
        timetable_id = self.ask(*courses)
        assert self.round()
        return timetable_id

    def table(self, timetable_id):
        return self.get(Timetable, timetable_id)

    def get(self, kind, key):
        with self.make.database.reading() as session:
            return session.get_one(kind, key)

    def events(self, timetable_id):
        with self.make.database.reading() as session:
            query = select(Event).where(Event.timetable_id == timetable_id).order_by(Event.line)
            return session.scalars(query).all()

    def submit(self, timetable_id=None, at=None):
        """The draft goes to the parties, who are seated by a round."""
        timetable_id = timetable_id or self.drafted()
        submitted = self.write(submit, self.who, timetable_id, None, at or self.at)
        self.matter_id = submitted.matter_id
        self.step(at)
        return timetable_id

    def step(self, at=None):
        """What the flow does with timetables at one instant, without Prefect."""
        at = at or self.at
        with self.make.database.reading() as session:
            due = rounds.due(session, MatterKind.TRAINING_SCHEDULE.value, at, 100)
        done = {}
        for need in Need:
            ids = [one.matter_id for one in due if one.need is need]
            if need is Need.CONCLUDING:
                for matter_id in ids:
                    solve_again(self.make.database, matter_id, at, solve)
            step = self._conclude if need is Need.CONCLUDING else STEPS[need]
            done |= self.write(rounds.take_step, ids, need, step, at, "test-run")
        assert not any(done.values()), done
        return done

    def _conclude(self, session, matter, at, actor):
        conclude(session, Means(RULES, CALENDAR, self.make.vault), matter, at, actor)

    def steps(self, at):
        """Rounds at each instant at which something is due, until `at`."""
        while (wake_at := self.matter.wake_at) is not None and wake_at <= at:
            self.step(wake_at)

    @property
    def matter(self):
        return self.make.matter(self.matter_id)

    def asked(self, matter_id=None):
        """The names of those who are asked."""
        with self.make.database.reading() as session:
            ids = [one.organisation_id for one in self.make.asked(matter_id or self.matter_id)]
            return {session.get_one(Organisation, one).name_zh for one in ids}

    def seat(self, organisation, matter_id=None):
        listed = self.make.asked(matter_id or self.matter_id)
        return next(one for one in listed if one.organisation_id == organisation.id)

    def say(self, organisation, draft=AGREE, at=None, matter_id=None):
        seat = self.seat(organisation, matter_id)
        return self.make.say(self.world.who(organisation), seat, draft, at or self.at)

    def agree_under(self, organisation, *stated, words="附条件", exceptions=()):
        """The organisation agrees under these conditions."""
        who, seat = self.world.who(organisation), self.seat(organisation)
        return self.write(agree_under, who, seat.id, words, stated, None, self.at, exceptions)

    def all_agree(self, at=None, matter_id=None):
        """Everybody who is still asked agrees, until the stage is settled."""
        while listed := self.make.asked(matter_id or self.matter_id):
            with self.make.database.reading() as session:
                organisation = session.get_one(Organisation, listed[0].organisation_id)
            self.say(organisation, at=at, matter_id=matter_id)

    def kinds(self, matter_id=None):
        """The entries of the matter's record, which is sound and tells the status."""
        with self.make.database.reading() as session:
            chain = list(record.entries(session, matter_id or self.matter_id))
        assert record.first_broken(chain) is None
        assert fold(chain) is self.make.matter(matter_id or self.matter_id).status
        return [one.kind for one in chain]

    def letters(self, organisation):
        """The letters that the organisation's officer got, with their facts, oldest first."""
        officer = self.world.officer(organisation).id
        with self.make.database.reading() as session:
            query = select(Notice).where(Notice.officer_id == officer).order_by(Notice.id)
            return [(one.letter, one.facts) for one in session.scalars(query)]


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
