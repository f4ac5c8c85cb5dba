"""The engine's laws hold for whistles as for filings, and who is bound follows from the result alone."""

import shutil
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.consultation.withdrawing import withdraw
from models.database import Database
from models.errors import RuleBroken
from models.matter import MatterStatus
from models.whistle.saying import open_whistle
from tests.make import Maker
from tests.models.consultation.test_laws import MONDAY_MORNING, STEPS, World
from tests.models.whistle.conftest import Street, take_round

ENDED = {MatterStatus.AGREED, MatterStatus.REFUSED, MatterStatus.WITHDRAWN}
numbers = count()


class WhistleWorld(World):
    """The same desk with a whistle on it, by the rules that are shipped."""

    def whistle(self, street):
        """A street's whistle for both departments is on this desk."""
        self.street = street
        self.world, self.matter_id = street.world, street.blow().matter_id
        self.people |= {one.id: [self.who(one), self.colleague(one)] for one in street.world.organisations}
        self.organisations = [*dict.fromkeys([*street.world.organisations, *self.organisations])]
        self.rounds(self.now)

    def round(self, at=None):
        return take_round(self.database, at or self.at)

    def rounds(self, at):
        while (wake_at := self.matter.wake_at) is not None and wake_at <= at:
            take_round(self.database, at)

    def _act(self, act, seat_number, number, flag):
        if act is not withdraw:
            super()._act(act, seat_number, number, flag)
            return
        try:
            self.database.write(withdraw, self.who(self.world.street), self.matter_id, "已自行解决", None, self.now)
        except RuleBroken:
            assert self.matter.status is not MatterStatus.CONSULTING

    def check_bound(self):
        """Bound are those who were named where it was agreed, and nobody where it was not; then it may be tried anew."""
        self.rounds(self.now)
        named = {self.world.housing.id, self.world.market_supervision.id}
        assert set(self.street.duties()) == (named if self.matter.status is MatterStatus.AGREED else set())
        with self.database.reading() as session:
            assert (open_whistle(session, self.street.report_id) is None) == (self.matter.status in ENDED)


@given(steps=STEPS, is_outside=st.booleans())
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_laws_hold_after_every_act_on_a_whistle(database_template, tmp_path_factory, vault, steps, is_outside):
    path = tmp_path_factory.getbasetemp() / f"whistle-laws-{next(numbers)}.db"
    shutil.copyfile(database_template, path)
    database = Database(f"sqlite:///{path}")
    try:
        make = Maker(database, vault, MONDAY_MORNING)
        world, street = WhistleWorld(make), Street(make, MONDAY_MORNING)
        if is_outside:
            community = street.world.community.id
            street.report_id = street.collect("lamp", compound_id=None, community_id=community)
        world.whistle(street)
        world.check_laws("opened")
        for step in steps:
            if world.matter.status is not MatterStatus.CONSULTING:
                break
            world.step(*step)
        world.finish()
        world.check_bound()
    finally:
        database.close()
        path.unlink()
