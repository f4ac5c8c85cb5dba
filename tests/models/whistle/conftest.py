"""A street with a report on its ground, its whistle, and the officers who answer it."""

from datetime import date

import pytest
from sqlalchemy import select

from models import record, rounds
from models.calendars import district_calendar
from models.consultation.opinions import Draft
from models.consultation.tables import OpinionKind, Seat
from models.district import Organisation
from models.matter import MatterKind, fold
from models.notice import tables
from models.phone import new_phone
from models.report.categories import report_rules
from models.report.collecting import NewReport, Reporter, collect
from models.report.recording import entries
from models.report.tables import Report, ReportDuty
from models.resolution import of_matter
from models.rounds import Need
from models.whistle.blowing import Whistling, blow
from models.whistle.tables import Whistle
from tasks.rounds import STEPS

RULES, CALENDAR = report_rules(), district_calendar()
AGREE = Draft(OpinionKind.AGREE)
OBJECT = Draft(OpinionKind.OBJECT, reason="不属我局职责，请核实权属")
SETTLE_BY = date(2026, 12, 4)  # a Friday, eleven days after the tests begin
WORDS = "消防通道长期被占，请到现场会商并限期清理。"


def take_round(database, at, kind=MatterKind.STREET_WHISTLE):
    """What the flow does with matters of a kind, without Prefect."""
    with database.reading() as session:
        due = rounds.due(session, kind.value, at, 100)
    done = {}
    for need in Need:
        ids = [one.matter_id for one in due if one.need is need]
        done |= database.write(rounds.take_step, ids, need, STEPS[need], at, "test-run")
    return done


class Street:
    """A report on the street's ground in `database`, and what the street does about it."""

    def __init__(self, make, at):
        self.make, self.database, self.at = make, make.database, at
        self.world = make.neighbourhood()
        self.matter_id = self.reference = None
        self.report_id = self.collect()

    def collect(self, category="fire-exit", **changes):
        """A report comes in; in the world's compound unless told otherwise."""
        phone, _ = self.database.write(new_phone, self.world.district.id, "zh", self.at)
        new = NewReport(category, words="楼道里堆了东西。", **({"compound_id": self.world.compound.id} | changes))
        reporter = Reporter(self.world.district.id, phone.id)
        collected = self.database.write(collect, self.make.vault, RULES, reporter, new, self.at, CALENDAR)
        return collected.report_id

    @property
    def report(self):
        with self.database.reading() as session:
            return session.get_one(Report, self.report_id)

    @property
    def matter(self):
        return self.make.matter(self.matter_id)

    @property
    def whistle(self):
        with self.database.reading() as session:
            return session.get_one(Whistle, self.matter_id)

    def whistling(self, *departments, words=WORDS, settle_by=SETTLE_BY, compound=None):
        named = departments or (self.world.housing, self.world.market_supervision)
        return Whistling(tuple(one.id for one in named), words, settle_by, compound and compound.id)

    def blow(self, *departments, who=None, at=None, **changes):
        """The street whistles; the first round seats the parties."""
        who = who or self.world.who(self.world.street)
        whistling = self.whistling(*departments, **changes)
        blown = self.database.write(blow, RULES, who, self.report_id, whistling, at or self.at, CALENDAR)
        self.matter_id, self.reference = blown.matter_id, blown.reference
        return blown

    def round(self, at=None):
        return take_round(self.database, at or self.at)

    def rounds(self, at):
        """Rounds at each instant at which something is due, until `at`."""
        while (wake_at := self.matter.wake_at) is not None and wake_at <= at:
            take_round(self.database, wake_at)

    def asked(self):
        """The names of those who are asked, in the order of their seats."""
        with self.database.reading() as session:
            query = select(Organisation).join(Seat, Seat.organisation_id == Organisation.id)
            waiting = query.where(Seat.matter_id == self.matter_id, Seat.status == "asked").order_by(Seat.id)
            return [one.name_zh for one in session.scalars(waiting)]

    def seat(self, organisation):
        """The organisation's seat that is asked."""
        return next(one for one in self.make.asked(self.matter_id) if one.organisation_id == organisation.id)

    def say(self, organisation, draft=AGREE, at=None):
        return self.make.say(self.world.who(organisation), self.seat(organisation), draft, at or self.at)

    def all_say(self, draft=AGREE, at=None):
        """Everybody who is asked answers so, until the stage is settled."""
        for seat in self.make.asked(self.matter_id):
            if any(one.id == seat.id for one in self.make.asked(self.matter_id)):
                self.make.say(self.make.identity(self.world.officers[seat.organisation_id]), seat, draft, at or self.at)

    def duties(self):
        """Who is bound to settle the report, with the resolution that says so."""
        with self.database.reading() as session:
            listed = session.scalars(select(ReportDuty).where(ReportDuty.report_id == self.report_id))
            return {one.organisation_id: one.resolution for one in listed}

    def resolution(self):
        with self.database.reading() as session:
            return of_matter(session, self.matter_id)

    def kinds(self):
        """The entries of the matter's record, which is sound and tells the status."""
        with self.database.reading() as session:
            chain = list(record.entries(session, self.matter_id))
        assert record.first_broken(chain) is None
        assert fold(chain) is self.matter.status
        return [one.kind for one in chain]

    def report_kinds(self):
        with self.database.reading() as session:
            return [one.kind for one in entries(session, self.report_id)]

    def got(self, organisation):
        """The letters of the matter that the organisation's officer got, with their facts, oldest first."""
        officer = self.world.officer(organisation).id
        with self.database.reading() as session:
            listed = tables.of_matter(session, self.matter_id)
            return [(one.letter.value, one.facts) for one in listed if one.officer_id == officer]


@pytest.fixture
def street(any_make, at):
    """A street on each database."""
    return Street(any_make, at)


@pytest.fixture
def lone_street(make, at):
    """A street on SQLite, for what is the same on both."""
    return Street(make, at)
