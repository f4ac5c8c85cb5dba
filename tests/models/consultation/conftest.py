"""A consultation on which officers act: one stage of three neighbours, or two, under rules that allow every act."""

from dataclasses import replace
from itertools import count

import pytest

from models import matter as matters
from models import record
from models.base import uuid7
from models.consultation import seats
from models.consultation.adding import GONE, add_signer
from models.consultation.concluding import reasons
from models.consultation.opinions import Draft
from models.consultation.tables import Consultation, OpinionKind, SeatStatus, SigningPlace
from models.matter import Act, MatterStatus, fold
from models.notice import tables
from models.protocol.canonical import digest_of
from models.protocol.schema import Party, Returns, SeatRule, StageAct
from models.protocol.storing import current, store
from tests.models.consultation.test_engine import take_round

NEIGHBOURS = (SeatRule(Party.COMMUNITY), SeatRule(Party.COUNCIL), SeatRule(Party.STREET))
AGREE = Draft(OpinionKind.AGREE)
VERSIONS = count(1000)  # each test's rules are a version of their own: what was read once is known to the process


class Desk:
    """A filing under consultation in `database`, and its officers' hands."""

    def __init__(self, make, at):
        self.make, self.database, self.at = make, make.database, at
        self.world = make.neighbourhood()
        self.matter_id = None

    def consult(self, stages=1, *, lines=2, **changes):
        """Open the filing under a protocol whose ordinary stages all say `changes` and have the seats of `NEIGHBOURS`."""
        shipped = current("access_filing")
        changes = {"seats": NEIGHBOURS, "acts": frozenset(StageAct), "returns": Returns(("filer",))} | changes
        rules = [replace(shipped.first(), key=f"stage_{number}", **changes) for number in range(1, stages + 1)]
        protocol = digest_of(
            replace(shipped, version=next(VERSIONS), stages=(*rules, shipped.conciliation()), copies=())
        )
        self.matter_id = self.make.filing(self.world.clerk, [self.world.compound], lines).matter_id
        self.database.write(open_under, self.matter_id, protocol, self.at)
        self.round()
        return self

    def round(self, at=None):
        """One round of the engine."""
        return take_round(self.database, at or self.at)

    def rounds(self, at):
        """Rounds until nothing is due at `at`."""
        while (wake_at := self.matter.wake_at) is not None and wake_at <= at:
            take_round(self.database, at)

    @property
    def matter(self):
        return self.make.matter(self.matter_id)

    @property
    def stage(self):
        """The newest stage."""
        with self.database.reading() as session:
            return seats.stages_of(session, seats.running(session, self.matter_id).id)[-1]

    @property
    def consultation(self):
        with self.database.reading() as session:
            return seats.running(session, self.matter_id)

    def seats(self):
        """The seats of the newest stage."""
        stage = self.stage
        with self.database.reading() as session:
            return list(seats.seats_of(session, stage.id))

    def seat(self, organisation):
        """The organisation's seat in the newest stage: the one that still counts, where it had several."""
        own = [one for one in self.seats() if one.organisation_id == organisation.id]
        return max(own, key=lambda one: (one.status not in GONE, one.stands_for_id is None, str(one.id)))

    def status(self, organisation):
        return self.seat(organisation).status

    def asked(self):
        """The organisations that are asked."""
        names = {one.id: one for one in self.world.organisations}
        return {names[one.organisation_id].code.split("-")[1] for one in self.seats() if one.status is SeatStatus.ASKED}

    def asked_one(self):
        """The one seat that is asked."""
        (found,) = [one for one in self.seats() if one.status is SeatStatus.ASKED]
        return found

    def place_of(self, seat):
        """The organisation whose place a seat answers for in the end."""
        by_id = {one.id: one for one in self.seats()}
        while seat.stands_for_id is not None:
            seat = by_id[seat.stands_for_id]
        return seat.organisation_id

    def seat_of(self, organisation, place):
        """The organisation's seat in the place of another."""
        return next(
            one for one in self.seats() if one.organisation_id == organisation.id and self.place_of(one) == place.id
        )

    def parties(self, session):
        """What the resolution will say of each party."""
        return reasons(session, seats.running(session, self.matter_id))["parties"]

    def who(self, organisation):
        return self.world.who(organisation)

    def do(self, act, organisation, *values, who=None, version=None, at=None):
        """Act on the organisation's seat as its officer, or as `who`."""
        seat = self.seat(organisation)
        return self.database.write(act, who or self.who(organisation), seat.id, *values, version, at or self.at)

    def say(self, organisation, draft=AGREE, at=None, who=None):
        return self.make.say(who or self.who(organisation), self.seat(organisation), draft, at or self.at)

    def add(self, adder, organisation, place=SigningPlace.BESIDE, at=None, who=None):
        return self.do(add_signer, adder, organisation.id, place, "请一并看看", at=at, who=who)

    def colleague(self, organisation):
        """One more officer of the organisation, as the rules see them."""
        return self.make.identity(self.make.officer(organisation))

    def chain(self):
        with self.database.reading() as session:
            return list(record.entries(session, self.matter_id))

    def kinds(self):
        return [one.kind for one in self.chain()]

    def letters(self):
        """The letters with the officers that they go to."""
        with self.database.reading() as session:
            return [(one.letter.value, one.officer_id) for one in tables.of_matter(session, self.matter_id)]

    def got(self, organisation):
        """The letters that the organisation's officer got, oldest first."""
        officer = self.world.officer(organisation).id
        return [letter for letter, to in self.letters() if to == officer]

    def check(self):
        """The record is sound and tells the status."""
        chain = self.chain()
        assert record.first_broken(chain) is None
        assert fold(chain) is self.matter.status


def open_under(session, matter_id, protocol, at):
    """Open the filing's consultation under rules of the test's own, ready for the next round."""
    matter = matters.lock(session, matter_id)
    store(session, protocol, at)
    session.add(
        Consultation(
            id=uuid7(),
            matter_id=matter_id,
            number=1,
            protocol_name=protocol.name,
            protocol_version=protocol.version,
            next_stage=protocol.first().key,
            lines_out={},
            opened_at=at,
        )
    )
    matter.move(MatterStatus.CONSULTING)
    matters.append(session, matter, Act("opened", {}), at, record.Actor(run="test"))


@pytest.fixture
def desk(any_make, at):
    """A desk on each database."""
    return Desk(any_make, at)


@pytest.fixture
def lone_desk(make, at):
    """A desk on SQLite, for what is the same on both."""
    return Desk(make, at)
