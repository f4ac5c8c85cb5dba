"""The laws of places, whatever happens in whichever order: compared after every step with a model that is plain to read.

The model: a list of turns in the order of the rule, and one sentence, "the first who fits whole is next".
"""

import shutil
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from models.database import Database
from models.training import places, tending
from models.training.place_tables import Place, PlaceStatus
from models.training.ruling import training_rules
from models.training.tables import Event, EventStatus
from tests.make import Maker
from wufang.make_people import People
from wufang.make_training import Training

RULES = training_rules()
CROWD, SEATS, CHILDREN = 10, 3, 2
DAY = timedelta(days=1)
WAITING, OFFERED, TAKEN = PlaceStatus.WAITING, PlaceStatus.OFFERED, PlaceStatus.TAKEN


@pytest.fixture
def places_on(database_template, tmp_path, vault, at):
    """A machine's world on a database for which no step waits for the disk."""
    path = tmp_path / "laws.db"
    shutil.copyfile(database_template, path)
    database = Database(f"sqlite:///{path}", is_throw_away=True)
    make = Maker(database, vault, at)
    world = make.neighbourhood()
    yield Training(make, world), People(make, world)
    database.close()


class Turn:
    """What the model knows of one rider's place or turn."""

    def __init__(self, key, children, group=None):
        self.key, self.children, self.group, self.status, self.until = key, children, group, WAITING, None


class Places(RuleBasedStateMachine):
    """Riders who sign up, leave, join, answer or let time pass, at one session of three places."""

    training: Training
    people: People

    @initialize(near=st.booleans())
    def open(self, near):
        make = self.training.make
        self.write, self.make, self.at = make.database.write, make, make.at
        self.phones = [one for one, _ in self.people.crowd(CROWD)]
        self.merits = [(0, False)] * CROWD
        for who, status, merit in ((0, PlaceStatus.MISSED, (1, False)), (1, PlaceStatus.ATTENDED, (0, True))):
            past = self.training.event(make.at - 2 * DAY, status=EventStatus.HELD)
            make.keep(Place(event_id=past.id, rider_id=self.phones[who].rider_id, status=status, asked_at=make.at))
            self.merits[who] = merit
        starts_at = make.at + (timedelta(hours=20) if near else 3 * DAY)
        self.event = self.training.event(starts_at, places=SEATS, child_places=CHILDREN)
        self.closes_at = starts_at - timedelta(minutes=RULES.places.last_change_minutes)
        self.turns, self.sizes, self.words = {}, {}, {}
        for who in (*range(CROWD - SEATS, CROWD), 2, 0, 1):
            self.sign_up_as(who, 0)

    def one_of(self, data, wanted):
        """One of the riders whom `wanted` names."""
        found = [who for who in range(CROWD) if wanted(who)]
        return data.draw(st.sampled_from(found)) if found else None

    def stands(self, *statuses):
        return lambda who: (turn := self.live(who)) is not None and turn.status in statuses

    # What the model expects.

    def fits(self, turns):
        seated = [one for one in self.turns.values() if one.status in {OFFERED, TAKEN}]
        children = sum(one.children for one in turns)
        room = CHILDREN - sum(one.children for one in seated)
        return len(turns) <= SEATS - len(seated) and (children == 0 or children <= room)

    def waiting(self):
        """Those who could be placed together, by the rule's order."""
        alone = [[one] for one in self.turns.values() if one.status is WAITING and one.group is None]
        groups = [
            [one for one in self.turns.values() if one.status is WAITING and one.group == group] for group in self.sizes
        ]
        is_whole = self.at >= self.event.starts_at - DAY
        whole = [one for one in groups if one and (is_whole or len(one) >= self.sizes[one[0].group])]
        return sorted(alone + whole, key=lambda turns: max(one.key for one in turns))

    def settle(self, asking=None):
        for turn in self.turns.values():
            if turn.status is OFFERED and turn.until <= self.at:
                turn.status = PlaceStatus.LAPSED
        if self.at >= self.closes_at:
            return
        near = self.event.starts_at - self.at <= DAY
        minutes = RULES.places.accept_minutes_near if near else RULES.places.accept_minutes
        while found := next((turns for turns in self.waiting() if self.fits(turns)), None):
            for turn in found:
                turn.status = TAKEN if asking in found else OFFERED
                turn.until = min(self.at + timedelta(minutes=minutes), self.closes_at)

    def live(self, who):
        """The rider's turn, where there is one."""
        found = self.turns.get(who)
        if found and found.status is OFFERED and found.until <= self.at:
            return None
        return found if found and found.status in {WAITING, OFFERED, TAKEN} else None

    def is_open(self):
        return self.at < self.closes_at

    # What people do.

    def do(self, act, who, *more, broken=None):
        self.at += timedelta(seconds=1)
        if broken is None:
            return self.write(act, RULES, self.phones[who], self.event.id, *more)
        with pytest.raises(broken):
            self.write(act, RULES, self.phones[who], self.event.id, *more)
        return None

    def asked(self, who, children, group=None):
        misses, has_come = self.merits[who]
        self.turns[who] = Turn((misses, not has_come, self.at, who), children, group)
        self.settle(self.turns[who])

    def sign_up_as(self, who, children):
        self.do(places.sign_up, who, self.at + timedelta(seconds=1), children)
        self.settle()
        self.asked(who, children)

    @precondition(is_open)
    @rule(data=st.data(), children=st.sampled_from([0, 0, 0, 1, 2]))
    def sign_up(self, data, children):
        who = self.one_of(data, lambda who: not self.live(who))
        if who is not None:
            self.sign_up_as(who, children)

    @precondition(is_open)
    @rule(data=st.data())
    def sign_up_twice(self, data):
        who = self.one_of(data, self.live)
        if who is not None:
            self.do(places.sign_up, who, self.at + timedelta(seconds=1), broken=places.AlreadySignedUp)

    @precondition(is_open)
    @rule(data=st.data(), size=st.integers(2, 3), joining=st.integers(0, 2))
    def start_group(self, data, size, joining):
        who = self.one_of(data, lambda who: not self.live(who))
        if who is None:
            return
        made = self.do(places.start_group, who, size, self.at + timedelta(seconds=1))
        self.settle()
        self.words[made.id], self.sizes[made.id] = made.word, size
        self.asked(who, 0, made.id)
        for _ in range(joining):
            self.join(data, made.id)

    @precondition(lambda self: self.is_open() and self.words)
    @rule(data=st.data())
    def join_group(self, data):
        self.join(data, data.draw(st.sampled_from(sorted(self.words))))

    def join(self, data, group):
        who = self.one_of(data, lambda who: not self.live(who))
        if who is None:
            return
        members = [turn for turn in map(self.live, range(CROWD)) if turn and turn.group == group]
        is_full = len(members) >= self.sizes[group] or any(one.status is not WAITING for one in members)
        broken = places.GroupFull if is_full else None
        self.do(places.sign_up, who, self.at + timedelta(seconds=1), 0, self.words[group], broken=broken)
        if not is_full:
            self.settle()
            self.asked(who, 0, group)

    @rule(data=st.data(), statuses=st.sampled_from([(TAKEN,), (TAKEN,), (WAITING, OFFERED)]))
    def cancel(self, data, statuses):
        who = self.one_of(data, self.stands(*statuses))
        if who is not None:
            self.do(places.cancel, who, self.at + timedelta(seconds=1))
            self.leave_group(self.turns[who])
            self.turns[who].status = PlaceStatus.CANCELLED
            self.settle()

    @rule(data=st.data())
    def go_alone(self, data):
        who = self.one_of(data, lambda who: self.stands(WAITING)(who) and self.turns[who].group)
        if who is not None:
            self.do(places.go_alone, who, self.at + timedelta(seconds=1))
            self.leave_group(self.turns[who])
            self.settle(self.turns[who])

    def leave_group(self, turn):
        if turn.status is WAITING and turn.group:
            self.sizes[turn.group] -= 1
            turn.group = None

    @rule(data=st.data(), takes=st.booleans())
    def answer(self, data, takes):
        who = self.one_of(data, self.stands(OFFERED))
        if who is not None:
            self.do(places.accept if takes else places.decline, who, self.at + timedelta(seconds=1))
            self.turns[who].status = TAKEN if takes else PlaceStatus.CANCELLED
            self.settle()

    @precondition(is_open)
    @rule(minutes=st.sampled_from([1, 10, 29, 119, 1440]))
    def time_passes(self, minutes):
        self.at = min(self.at + timedelta(minutes=minutes), self.event.starts_at - timedelta(minutes=30))
        self.write(tending.take_step, RULES, [self.event.id], self.at)
        self.settle()

    # What always holds.

    @invariant()
    def it_is_as_the_model_says(self):
        with self.make.database.reading() as session:
            event = session.get_one(Event, self.event.id)
            found = [places.place_of(session, event.id, phone.rider_id) for phone in self.phones]
            query = select(Place.rider_id).where(
                Place.event_id == event.id, Place.status.in_([WAITING, OFFERED, TAKEN])
            )
            twice = session.execute(query.group_by(Place.rider_id).having(func.count() > 1)).all()
        live = {who: self.turns[who] for who in range(CROWD) if self.live(who)}
        assert {who: one.status for who, one in enumerate(found) if one} == {
            who: one.status for who, one in live.items()
        }
        seated = [one for one in live.values() if one.status is not WAITING]
        counts = (event.taken, event.waiting, event.children)
        assert counts == (len(seated), len(live) - len(seated), sum(one.children for one in seated))
        assert event.taken <= SEATS
        assert event.children <= CHILDREN
        assert twice == []
        if self.is_open():
            assert not [turns for turns in self.waiting() if self.fits(turns)], (
                "a place is free, and somebody waits for it"
            )
        offers = [one for one in found if one and one.status is OFFERED]
        assert all(one.offered_until == live[who].until for who, one in enumerate(found) if one in offers)
        assert all(event.wake_at <= one.offered_until <= self.closes_at for one in offers)


def test_no_place_is_free_while_somebody_could_take_it(places_on):
    class OnThis(Places):
        training, people = places_on

    run_state_machine_as_test(
        OnThis,
        settings=settings(
            max_examples=8,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
