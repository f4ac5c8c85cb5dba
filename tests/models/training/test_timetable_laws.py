"""The engine's laws hold for timetables as for filings, and what is published follows from the result alone."""

import shutil
from itertools import count

from hypothesis import HealthCheck, given, settings

from models.consultation.withdrawing import withdraw
from models.database import Database
from models.errors import RuleBroken
from models.matter import MatterStatus
from models.training.tables import EventStatus, TimetableStatus
from tests.make import Maker
from tests.models.consultation.test_laws import MONDAY_MORNING, STEPS, World
from tests.models.training.conftest import Desk
from wufang.make_training import Training

PUBLISHED, DROPPED, PROPOSED = {EventStatus.PUBLISHED}, {EventStatus.DROPPED}, {EventStatus.PROPOSED}
numbers = count()


class TimetableWorld(World):
    """The same desk with a timetable on it, by the rules that are shipped."""

    def plan(self, desk):
        """A timetable of two sessions is on this desk."""
        self.desk, self.world = desk, desk.world
        self.table_id = desk.submit()
        self.matter_id = desk.matter_id
        self.people |= {one.id: [self.who(one), self.colleague(one)] for one in desk.world.organisations}
        self.organisations = [*dict.fromkeys([*desk.world.organisations, *self.organisations])]

    def round(self, at=None):
        return self.desk.step(at or self.at)

    def rounds(self, at):
        while (wake_at := self.matter.wake_at) is not None and wake_at <= at:
            self.desk.step(at)

    def _act(self, act, seat_number, number, flag):
        if act is not withdraw:
            super()._act(act, seat_number, number, flag)
            return
        try:
            self.database.write(withdraw, self.desk.who, self.matter_id, "另行安排", None, self.now)
        except RuleBroken:
            assert self.matter.status is not MatterStatus.CONSULTING

    def check_published(self):
        """What was agreed is published or has a place elsewhere; otherwise nothing is."""
        self.rounds(self.now)
        found = {one.status for one in self.desk.events(self.table_id)}
        table = self.desk.table(self.table_id)
        match self.matter.status:
            case MatterStatus.AGREED:
                assert table.status is TimetableStatus.PUBLISHED
                assert found <= PUBLISHED | DROPPED
            case MatterStatus.REFUSED | MatterStatus.WITHDRAWN:
                assert found == DROPPED
            case _:
                assert (table.status, found) == (TimetableStatus.DRAFT, PROPOSED)


@given(steps=STEPS)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_laws_hold_after_every_act_on_a_timetable(database_template, tmp_path_factory, vault, steps):
    path = tmp_path_factory.getbasetemp() / f"timetable-laws-{next(numbers)}.db"
    shutil.copyfile(database_template, path)
    database = Database(f"sqlite:///{path}")
    try:
        make = Maker(database, vault, MONDAY_MORNING)
        world = TimetableWorld(make)
        world.plan(Desk(Training(make, make.neighbourhood())))
        world.check_laws("opened")
        for step in steps:
            if world.matter.status is not MatterStatus.CONSULTING:
                break
            world.step(*step)
        world.finish()
        world.check_published()
    finally:
        database.close()
        path.unlink()
