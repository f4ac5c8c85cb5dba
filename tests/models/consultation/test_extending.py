"""More time 延期: asked for with a reason, granted or refused by the level above, lapsed at the deadline, withdrawn."""

from datetime import timedelta
from uuid import uuid4

import pytest

from models.calendars import district_calendar
from models.consultation.acting import HeardOnly, NotInProtocol, WordsMissing
from models.consultation.extending import (
    AskedAlready,
    DeniedAlready,
    ExtendedOften,
    NobodyAbove,
    RequestEnded,
    TooLateToAnswer,
    TooLateToAsk,
    answer_extension,
    ask_extension,
    requests_of,
)
from models.consultation.handing import transfer_to_organisation
from models.consultation.ladder import Rung, RungKind
from models.consultation.on_behalf import Evidence, EvidenceKind, give_on_behalf
from models.consultation.opinions import Draft
from models.consultation.returning import return_to_filer
from models.consultation.tables import ExtensionStatus, OpinionKind, SeatStatus, SigningPlace
from models.consultation.taking_back import take_back
from models.errors import ChangedMeanwhile, NotAllowed, NotFound
from models.matter import Reader
from models.officer import OnlyReads, Role
from models.protocol.schema import Extension, Level, Party, SeatRule
from models.working_time import Span

CALENDAR = district_calendar()
TWO_DAYS = Span(working_days=2)
ONCE = Extension(TWO_DAYS, 1, Level.SUPERIOR)
COUNCIL = (SeatRule(Party.COMMUNITY), SeatRule(Party.COUNCIL), SeatRule(Party.DEPARTMENT, "social_work"))


class Extending:
    """A desk under a protocol that allows more time."""

    def __init__(self, desk, **changes):
        self.desk = desk.consult(**({"extension": ONCE} | changes))
        self.world, self.database = desk.world, desk.database
        self.due_at = desk.stage.due_at
        self.until = CALENDAR.after(self.due_at, TWO_DAYS)

    def ask(self, organisation, reason="须到现场核实", at=None, version=None, who=None):
        seat = self.desk.seat(organisation)
        return self.database.write(
            ask_extension, who or self.desk.who(organisation), seat.id, reason, CALENDAR, version, at or self.desk.at
        )

    def answer(self, organisation, is_granted, words="", at=None, who=None, request=None):
        request_id = request or self.requests()[-1].id
        who = who or self.desk.who(organisation)
        return self.database.write(answer_extension, who, request_id, is_granted, words, CALENDAR, at or self.desk.at)

    def requests(self):
        with self.database.reading() as session:
            return requests_of(session, [self.desk.stage.id])

    @property
    def status(self):
        return self.requests()[-1].status


@pytest.fixture
def extending(desk):
    """On each database."""
    return Extending(desk)


@pytest.fixture
def lone(lone_desk):
    """On SQLite, for what is the same on both."""
    return Extending(lone_desk)


def test_granted_the_deadline_of_the_whole_stage_moves_and_its_ladder_with_it(extending):
    desk, world = extending.desk, extending.world
    desk.say(world.council)
    before = [Rung.of(one) for one in desk.stage.ladder]
    extending.ask(world.community)
    at = desk.at + timedelta(hours=3)
    extending.answer(world.street, True, at=at)
    stage = desk.stage
    assert (stage.due_at, stage.is_extended, stage.rung) == (extending.until, True, 0)
    assert {seat.due_at for seat in desk.seats()} == {extending.until}
    after = [Rung.of(one) for one in stage.ladder]
    assert [one.kind for one in after] == [one.kind for one in before]
    assert [one for one in after if one.kind is RungKind.LOOK] == [one for one in before if one.kind is RungKind.LOOK]
    assert next(one.at for one in after if one.kind is RungKind.ESCALATE) == extending.until
    assert all(at < one.at for one in after)
    assert desk.matter.wake_at == after[0].at
    desk.check()


def test_nothing_happens_at_the_old_deadline_and_everything_at_the_new_one(extending):
    desk, world = extending.desk, extending.world
    extending.ask(world.community)
    extending.answer(world.street, True)
    desk.rounds(extending.due_at)
    assert "escalated" not in desk.kinds()
    assert desk.matter.late_since is None
    desk.rounds(extending.until)
    assert desk.kinds().count("escalated") == 3
    assert desk.matter.late_since == extending.until


def test_the_record_and_the_letters_tell_of_each_step_once(extending):
    desk, world = extending.desk, extending.world
    extending.ask(world.community, "须到现场核实")
    assert desk.got(world.street)[-1] == "extension_asked"
    extending.answer(world.street, True, "同意延期")
    asked, granted = desk.chain()[-2:]
    assert (asked.kind, granted.kind) == ("extension_asked", "extension_granted")
    assert granted.body["due_at"] == extending.until.isoformat()
    assert "现场" not in str(asked.body)  # the record holds the digest of the words
    (request,) = extending.requests()
    assert (request.asked_position, request.answered_position) == (asked.position, granted.position)
    told = {one: desk.got(one).count("extension_answered") for one in world.organisations}
    concerned = {world.community, world.council, world.street, world.company}
    assert told == {one: int(one in concerned) for one in world.organisations}


def test_who_decides_reads_the_matter_from_then_on(lone_desk):
    extending = Extending(lone_desk, seats=COUNCIL[:2])
    extending.ask(extending.world.community)
    with extending.database.reading() as session:
        readers = session.query(Reader).filter_by(matter_id=lone_desk.matter_id)
        assert extending.world.street.id in {one.organisation_id for one in readers if one.copied_to_id is None}


def test_refused_the_deadline_stays_and_the_same_is_not_asked_twice(extending):
    desk, world = extending.desk, extending.world
    extending.ask(world.community)
    with pytest.raises(WordsMissing):
        extending.answer(world.street, False)
    extending.answer(world.street, False, "材料已齐")
    assert extending.status is ExtensionStatus.REFUSED
    assert desk.stage.due_at == extending.due_at
    assert desk.got(world.council).count("extension_answered") == 0
    with pytest.raises(DeniedAlready):
        extending.ask(world.community)
    extending.ask(world.council)  # another may still ask


def test_unanswered_it_lapses_at_the_deadline_as_refused(extending):
    desk, world = extending.desk, extending.world
    extending.ask(world.community)
    with pytest.raises(TooLateToAnswer):
        extending.answer(world.street, True, at=extending.due_at)
    desk.rounds(extending.due_at)
    desk.rounds(extending.due_at)
    assert extending.status is ExtensionStatus.LAPSED
    assert desk.kinds().count("extension_lapsed") == 1
    assert desk.kinds().index("extension_lapsed") < desk.kinds().index("escalated")
    assert desk.got(world.community).count("extension_answered") == 1
    with pytest.raises(RequestEnded):
        extending.answer(world.street, True)


def test_one_request_at_a_time_and_as_many_as_the_protocol_allows(lone_desk):
    extending = Extending(lone_desk, extension=Extension(TWO_DAYS, 2, Level.SUPERIOR))
    world = extending.world
    extending.ask(world.community)
    with pytest.raises(AskedAlready):
        extending.ask(world.council)
    extending.answer(world.street, True)
    extending.ask(world.community)
    extending.answer(world.street, True)
    assert lone_desk.stage.due_at == CALENDAR.after(extending.until, TWO_DAYS)
    with pytest.raises(ExtendedOften):
        extending.ask(world.council)


def answered(extending):
    extending.desk.say(extending.world.community)


def recorded(extending):
    desk = extending.desk
    evidence = Evidence(EvidenceKind.PHONE, "王主任", "同意", desk.at.date())
    draft = Draft(OpinionKind.AGREE)
    desk.do(give_on_behalf, extending.world.community, draft, evidence, who=desk.who(extending.world.street))


def handed_over(extending):
    other = extending.desk.make.neighbourhood()
    extending.desk.do(transfer_to_organisation, extending.world.community, other.community.id, "请代办")


def returned(extending):
    extending.desk.do(return_to_filer, extending.world.council, "补正")


@pytest.mark.parametrize("way", [answered, recorded, handed_over, returned])
def test_a_request_ends_with_the_seat_that_made_it(lone, way):
    desk = lone.desk
    lone.ask(lone.world.community)
    way(lone)
    assert lone.requests()[0].status is ExtensionStatus.WITHDRAWN
    assert desk.kinds().count("extension_withdrawn") == 1
    with pytest.raises((RequestEnded, NotFound)):
        lone.answer(lone.world.street, True, request=lone.requests()[0].id)
    desk.check()


def test_a_request_outlives_that_its_asker_waits_for_a_signer(lone):
    lone.ask(lone.world.community)
    lone.desk.add(lone.world.community, lone.world.housing, SigningPlace.BEFORE)
    assert lone.status is ExtensionStatus.ASKED
    lone.answer(lone.world.street, True)
    assert {one.due_at for one in lone.desk.seats()} == {lone.until}
    assert lone.desk.status(lone.world.community) is SeatStatus.WAITING


def test_an_answer_that_is_taken_back_after_the_extension_has_the_new_deadline(lone):
    lone.desk.say(lone.world.council)
    lone.ask(lone.world.community)
    lone.answer(lone.world.street, True)
    lone.desk.do(take_back, lone.world.council)
    assert lone.desk.seat(lone.world.council).due_at == lone.until


def test_what_others_have_open_is_not_stale_because_more_time_was_granted(lone):
    version = lone.desk.seat(lone.world.council).version
    lone.ask(lone.world.community)
    lone.answer(lone.world.street, True)
    assert lone.desk.seat(lone.world.council).version == version


def test_only_before_the_deadline_with_a_reason_and_where_the_protocol_says_so(lone):
    world = lone.world
    before = lone.desk.matter.record_count
    with pytest.raises(WordsMissing):
        lone.ask(world.community, "  ")
    with pytest.raises(TooLateToAsk):
        lone.ask(world.community, at=lone.due_at)
    with pytest.raises(NotAllowed):
        lone.ask(world.community, who=lone.desk.who(world.council))
    with pytest.raises(ChangedMeanwhile):
        lone.ask(world.community, version=99)
    with pytest.raises(OnlyReads):
        lone.ask(world.community, who=reader(lone, world.community))
    assert (lone.requests(), lone.desk.matter.record_count) == ((), before)


def reader(lone, organisation):
    return lone.desk.make.identity(lone.desk.make.officer(organisation, role=Role.READER))


def test_where_the_protocol_says_nothing_of_it_nobody_asks(lone_desk):
    with pytest.raises(NotInProtocol):
        Extending(lone_desk, extension=None).ask(lone_desk.world.community)


def test_the_lead_department_has_nobody_to_ask_and_who_is_only_heard_does_not_either(lone_desk):
    extending = Extending(lone_desk, seats=COUNCIL)
    with pytest.raises(NobodyAbove):
        extending.ask(extending.world.lead)
    lone_desk.add(extending.world.community, extending.world.housing, SigningPlace.BEFORE)
    with pytest.raises(HeardOnly):
        extending.ask(extending.world.housing)


def test_only_the_level_above_answers_and_only_who_may_act(lone):
    world = lone.world
    lone.ask(world.community)
    for who in (lone.desk.who(world.council), lone.desk.who(world.community)):
        with pytest.raises(NotAllowed):
            lone.answer(world.street, True, who=who)
    with pytest.raises(OnlyReads):
        lone.answer(world.street, True, who=reader(lone, world.street))
    with pytest.raises(NotFound):
        lone.answer(world.street, True, who=lone.desk.who(world.market_supervision))
    with pytest.raises(NotFound):
        lone.answer(world.street, True, request=uuid4())
    lone.answer(world.street, True)
    with pytest.raises(RequestEnded):
        lone.answer(world.street, False, "再想想")


@pytest.mark.parametrize(("level", "approver"), [(Level.SUPERIOR, "street"), (Level.DISTRICT, "lead")])
def test_the_protocol_says_which_level_decides(lone_desk, level, approver):
    extending = Extending(lone_desk, extension=Extension(TWO_DAYS, 1, level))
    extending.ask(extending.world.community)
    (request,) = extending.requests()
    assert request.approver_id == getattr(extending.world, approver).id


def test_a_refusal_stands_for_its_deadline_only(lone_desk):
    extending = Extending(lone_desk, extension=Extension(TWO_DAYS, 2, Level.SUPERIOR))
    world = extending.world
    extending.ask(world.community)
    extending.answer(world.street, False, "材料已齐")
    extending.ask(world.council)  # its superior is the community
    extending.answer(world.community, True)
    extending.ask(world.community)
    extending.answer(world.street, True)
    assert lone_desk.stage.due_at == CALENDAR.after(extending.until, TWO_DAYS)
