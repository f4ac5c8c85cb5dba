"""Whatever officers do in whatever order, the engine's laws hold after each act, and the matter can still end."""

import shutil
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.calendars import district_calendar
from models.consultation import seats
from models.consultation.adding import add_signer, remove_signer
from models.consultation.extending import answer_extension, ask_extension
from models.consultation.handing import (
    call_back,
    delegate,
    give_back,
    transfer_to_colleague,
    transfer_to_organisation,
)
from models.consultation.ladder import Rung
from models.consultation.opinions import Draft, LineException, give_opinion
from models.consultation.returning import return_to_filer, return_to_stage
from models.consultation.tables import (
    ExtensionRequest,
    ExtensionStatus,
    OpinionKind,
    Seat,
    SeatStatus,
    SigningPlace,
    Stage,
    StageStatus,
)
from models.consultation.taking_back import take_back
from models.consultation.waiting import Table
from models.consultation.withdrawing import withdraw
from models.database import Database
from models.errors import RuleBroken
from models.matter import MatterStatus
from models.protocol.schema import (
    Answering,
    Between,
    Decision,
    Escalation,
    Extension,
    Lapse,
    LapseWay,
    Level,
    Mode,
    ObjectionWay,
    Returns,
    Rule,
)
from models.working_time import Span
from tests.make import Maker
from tests.models.consultation.conftest import Desk

MONDAY_MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
OPEN = {MatterStatus.SUBMITTED, MatterStatus.CONSULTING}
DRAFTS = [
    Draft(OpinionKind.AGREE),
    Draft(OpinionKind.AGREE, exceptions=(LineException(1, "无牌"),)),
    Draft(OpinionKind.OBJECT, reason="通道太窄"),
    Draft(OpinionKind.ABSTAIN),
]
numbers = count()


class World(Desk):
    """A desk that takes random acts and checks the laws after each."""

    def __init__(self, make):
        super().__init__(make, MONDAY_MORNING)
        self.other = make.neighbourhood()
        self.now = self.at
        self.people = {}  # by organisation: two officers
        for one in {*self.world.organisations, *self.other.organisations}:
            officers = self.other.officers
            self.people[one.id] = [make.identity(officers[one.id]), self.colleague(one)]
        self.organisations = [*dict.fromkeys([*self.world.organisations, *self.other.organisations])]
        self.versions, self.answered, self.late = {}, set(), None

    def step(self, act, seat_number, number, flag):
        """One act on one seat. A refusal leaves no trace."""
        if act == "time":
            self.now = max(self.now + timedelta(hours=1), self.matter.wake_at or self.now)
            self.rounds(self.now)
        elif act == "round":
            self.rounds(self.now)
        else:
            self._act(act, seat_number, number, flag)
        self.check_laws(act)

    def _act(self, act, seat_number, number, flag):
        listed = self.seats()
        seat = listed[seat_number % len(listed)]
        people = self.people[seat.organisation_id]
        who, colleague = (people if flag else people[::-1])[:2]
        organisation = self.organisations[number % len(self.organisations)].id
        before = self.matter.record_count
        values = {
            give_opinion: (seat.id, DRAFTS[number % 4 if flag else 0], None),
            add_signer: (seat.id, organisation, list(SigningPlace)[number % 3], "请看", None),
            transfer_to_colleague: (seat.id, colleague.officer_id, "", None),
            transfer_to_organisation: (seat.id, organisation, "转交", None),
            delegate: (seat.id, colleague.officer_id, "请提建议", None),
            give_back: (seat.id, "建议同意", None),
            call_back: (seat.id, None),
            return_to_filer: (seat.id, "退回", None),
            return_to_stage: (seat.id, "stage_1", "退回", None),
            take_back: (seat.id, None),
            withdraw: (self.matter_id, "不再申报", None),
            ask_extension: (seat.id, "需要现场核实", district_calendar(), None),
        }
        try:
            if act is remove_signer:
                adder = next((one for one in listed if one.id == seat.added_by_id), seat)
                self.database.write(act, self.people[adder.organisation_id][0], seat.id, self.now)
            elif act is answer_extension:
                request = self.requests()[-1] if self.requests() else None
                if request is not None:
                    above = self.people[request.approver_id][0]
                    self.database.write(act, above, request.id, flag, "同意或不同意", district_calendar(), self.now)
            else:
                whose = self.world.clerk if act is withdraw else who
                self.database.write(act, whose, *values[act], self.now)
        except RuleBroken:
            assert self.matter.record_count == before

    def requests(self):
        with self.database.reading() as session:
            return session.query(ExtensionRequest).order_by(ExtensionRequest.id).all()

    def check_laws(self, act):
        self.check()
        matter = self.matter
        assert self.late is None or matter.late_since == self.late
        self.late = matter.late_since
        with self.database.reading() as session:
            stages = session.query(Stage).where(Stage.matter_id == self.matter_id).all()
            listed = session.query(Seat).where(Seat.matter_id == self.matter_id).all()
            running = seats.running(session, self.matter_id)
        opened = [one for one in stages if one.status is StageStatus.OPEN]
        assert len(opened) <= 1
        self._check_versions(listed, act)
        assert all(one.asked_at is not None for one in listed if one.status is SeatStatus.ASKED)
        assert all(one.late_at is not None for one in listed if one.escalated_at is not None)
        self._check_requests(opened, listed)
        if matter.status is MatterStatus.CONSULTING:
            assert matter.wake_at is not None
            assert bool(opened) != bool(running.next_stage)
            if opened:
                self._check_open(opened[0], [one for one in listed if one.stage_id == opened[0].id])
        else:
            assert not opened
            assert not {one.status for one in listed} & {SeatStatus.ASKED, SeatStatus.WAITING}
        assert (matter.wake_at is None) == (matter.status not in {*OPEN, MatterStatus.DECIDED})

    def _check_versions(self, listed, act):
        """Versions rise with every change of status, and an answer given is only lost by being taken back."""
        for seat in listed:
            version, status = self.versions.get(seat.id, (0, None))
            assert seat.version > version if seat.status is not status else seat.version >= version
            self.versions[seat.id] = (seat.version, seat.status)
        answered = {one.id for one in listed if one.answer is not None}
        assert len(self.answered - answered) <= (act is take_back)
        self.answered = answered

    def _check_requests(self, opened, listed):
        """A request waits for an answer only while its stage is open and its seat has something to say, and before the deadline."""
        waiting = [one for one in self.requests() if one.status is ExtensionStatus.ASKED]
        assert len(waiting) <= 1
        for request in waiting:
            seat = next(one for one in listed if one.id == request.seat_id)
            assert [request.stage_id] == [one.id for one in opened]
            assert seat.status in {SeatStatus.ASKED, SeatStatus.WAITING}
            assert request.due_at == opened[0].due_at

    def _check_open(self, stage, listed):
        """One live deadline, and somebody whose answer moves the stage; nobody waits for what cannot come."""
        assert stage.needs_asking or self.matter.wake_at == Rung.of(stage.ladder[stage.rung]).at
        table = Table(listed)
        asked = table.silent()
        assert not [one for one in asked if table.has_answered(one.id)]  # of a place the first answer counts
        moving = [one for one in asked if not table.is_heard(one)]
        for seat in listed:
            if seat.status is SeatStatus.WAITING and table.depends_on_signers(seat):
                moving += self._awaited(table, seat)
        assert stage.needs_asking or moving
        assert not (stage.needs_asking and [one for one in asked if not table.is_heard(one)])

    @staticmethod
    def _awaited(table, seat):
        """Those that a waiting seat waits for: there is always one, asked or waiting itself."""
        live = {SeatStatus.ASKED, SeatStatus.WAITING}
        ids = [one.id for one in table.added_before(seat.id)]
        ids += [seat.added_by_id] if seat.added_as is SigningPlace.AFTER else []
        found = [one for awaited in ids for one in table.place(awaited) if one.status in live]
        assert found
        return [one for one in found if one.status is SeatStatus.ASKED]

    def finish(self):
        """Everybody who is asked agrees, round after round: the matter ends."""
        for _ in range(60):
            if self.matter.status not in OPEN:
                return
            self.rounds(self.now)
            for seat in self.seats():
                if seat.status is SeatStatus.ASKED:
                    self._agree(seat)
                    self.check_laws("finish")
            self.now += timedelta(days=1)
        pytest.fail("a stage that can no longer end")

    def _agree(self, seat):
        for who in self.people[seat.organisation_id]:
            for act, values in ((call_back, (None,)), (give_opinion, (DRAFTS[0], None))):
                try:
                    self.database.write(act, who, seat.id, *values, self.now)
                except RuleBroken:
                    continue


ACTS = st.sampled_from(
    [
        *[give_opinion] * 3,
        *[add_signer] * 4,
        remove_signer,
        transfer_to_colleague,
        *[transfer_to_organisation] * 2,
        delegate,
        give_back,
        call_back,
        return_to_filer,
        *[return_to_stage] * 2,
        *[take_back] * 2,
        withdraw,
        *[ask_extension] * 3,
        *[answer_extension] * 2,
        "round",
        *["time"] * 2,
    ]
)
STEPS = st.lists(st.tuples(ACTS, st.integers(0, 9), st.integers(0, 30), st.booleans()), min_size=4, max_size=16)
AT_ONCE, LATER = Span(working_minutes=0), Span(working_minutes=120)
LADDERS = [
    (),
    (Escalation(AT_ONCE, Level.SUPERIOR, Answering.IN_STEAD),),
    (Escalation(AT_ONCE, Level.SUPERIOR, Answering.ALONGSIDE), Escalation(LATER, Level.SUPERIOR, Answering.ALONGSIDE)),
    (Escalation(AT_ONCE, Level.SUPERIOR, Answering.ALONGSIDE), Escalation(LATER, Level.DISTRICT, Answering.IN_STEAD)),
]
RULES = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(Mode),
        "decision": st.sampled_from([Decision(Rule.ALL), Decision(Rule.ALL), Decision(Rule.MAJORITY)]),
        "objection": st.sampled_from(ObjectionWay),
        "lapse": st.builds(Lapse, st.just(Span(working_days=1)), st.sampled_from(LapseWay)),
        "escalations": st.sampled_from(LADDERS),
        "extension": st.none()
        | st.builds(Extension, st.just(Span(working_days=1)), st.just(2), st.sampled_from(Level)),
        "returns": st.builds(Returns, st.just(("filer", "stage_1")), st.sampled_from(Between)),
    }
)


@given(rules=RULES, steps=STEPS)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_laws_hold_after_every_act(database_template, tmp_path_factory, vault, rules, steps):
    path = tmp_path_factory.getbasetemp() / f"laws-{next(numbers)}.db"
    shutil.copyfile(database_template, path)
    database = Database(f"sqlite:///{path}")
    try:
        world = World(Maker(database, vault, MONDAY_MORNING))
        world.consult(2, **rules)
        world.check_laws("opened")
        for step in steps:
            if world.matter.status is not MatterStatus.CONSULTING:
                break
            world.step(*step)
        world.finish()
    finally:
        database.close()
        path.unlink()
