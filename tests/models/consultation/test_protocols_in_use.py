"""Other protocols than the shipped one: modes, vetoes, objection ways, ladders and lapses, as rounds take them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models import record
from models.consultation import seats
from models.consultation.opinions import (
    AnsweredInYourStead,
    ConditionsMissing,
    Draft,
    ExceptionOutOfPlace,
    LineException,
    NoSuchLine,
    NotAskedYet,
    ReasonMissing,
    StageSettled,
    give_opinion,
)
from models.consultation.tables import OpinionKind, SeatStatus
from models.errors import ChangedMeanwhile, NotAllowed
from models.matter import MatterStatus, Result
from models.protocol.canonical import digest_of
from models.protocol.schema import (
    Answering,
    Decision,
    Escalation,
    Lapse,
    LapseWay,
    Level,
    Mode,
    ObjectionWay,
    Party,
    Rule,
    SeatRule,
)
from models.protocol.storing import current
from models.working_time import Span
from tests.models.consultation.conftest import open_under
from tests.models.consultation.test_engine import letters, take_round

NEIGHBOURS = (SeatRule(Party.COMMUNITY), SeatRule(Party.COUNCIL), SeatRule(Party.STREET))
OBJECT = Draft(OpinionKind.OBJECT, reason="噪声扰民")


@pytest.fixture
def world(make):
    return make.neighbourhood()


@pytest.fixture
def consult(make, world, at):
    """Opens a filing under a protocol of one stage (or with a conciliation) that differs from the shipped one."""

    def consult(lines=2, *, conciliation=False, **changes):
        shipped = current("access_filing")
        stage = replace(shipped.first(), seats=NEIGHBOURS, **changes)
        stages = (stage, shipped.conciliation()) if conciliation else (stage,)
        protocol = digest_of(replace(shipped, version=99, stages=stages, copies=()))
        filing = make.filing(world.clerk, [world.compound], lines)
        make.database.write(open_under, filing.matter_id, protocol, at)
        take_round(make.database, at)
        return filing.matter_id

    return consult


def asked(make, matter_id):
    return {seat.organisation_id: seat for seat in make.asked(matter_id)}


def say(make, world, matter_id, organisation, draft=None, at=None):
    seat = asked(make, matter_id)[organisation.id]
    return make.say(world.who(organisation), seat, draft or Draft(OpinionKind.AGREE), at)


def stage_of(make, matter_id):
    with make.database.reading() as session:
        consultation = seats.running(session, matter_id)
        return seats.stages_of(session, consultation.id)[-1]


def test_in_turn_each_is_asked_after_the_one_before(make, world, consult, at):
    matter_id = consult(mode=Mode.IN_TURN)
    for organisation in (world.community, world.council, world.street):
        assert set(asked(make, matter_id)) == {organisation.id}
        say(make, world, matter_id, organisation)
        take_round(make.database, at)
    assert make.matter(matter_id).status is MatterStatus.AGREED


def test_in_turn_nobody_answers_before_being_asked(make, world, consult):
    matter_id = consult(mode=Mode.IN_TURN)
    with make.database.reading() as session:
        waiting = [one for one in seats.seats_of_matter(session, matter_id) if one.status is SeatStatus.WAITING]
    with pytest.raises(NotAskedYet):
        make.say(world.who(world.council), waiting[0])


def test_in_turn_a_new_turn_has_the_whole_time(make, world, consult, at):
    matter_id = consult(mode=Mode.IN_TURN)
    first = stage_of(make, matter_id).due_at
    later = at + timedelta(days=1)
    say(make, world, matter_id, world.community, at=later)
    take_round(make.database, later)
    assert stage_of(make, matter_id).due_at > first


def test_or_sign_the_first_answer_decides_and_closes_the_others(make, world, consult):
    matter_id = consult(mode=Mode.OR_SIGN)
    others = asked(make, matter_id)
    assert say(make, world, matter_id, world.council).is_stage_settled
    assert make.matter(matter_id).result is Result.AGREED
    with pytest.raises(StageSettled):
        make.say(world.who(world.street), others[world.street.id])


def test_a_veto_outweighs_a_majority(make, world, consult):
    decision = Decision(Rule.MAJORITY, vetoes=frozenset({Party.COUNCIL}))
    matter_id = consult(decision=decision, objection=ObjectionWay.REFUSE)
    say(make, world, matter_id, world.community)
    say(make, world, matter_id, world.street)
    assert not stage_of(make, matter_id).settled_at
    say(make, world, matter_id, world.council, OBJECT)
    assert make.matter(matter_id).result is Result.REFUSED


def test_an_objection_is_answered_in_a_conciliation(make, world, consult, at):
    matter_id = consult(objection=ObjectionWay.CONCILIATE, conciliation=True)
    say(make, world, matter_id, world.council, OBJECT)
    take_round(make.database, at)
    assert stage_of(make, matter_id).key == "conciliation"
    for organisation in (world.company, world.community, world.street):
        say(make, world, matter_id, organisation)
    take_round(make.database, at)
    assert make.matter(matter_id).status is MatterStatus.AGREED


def test_a_filing_without_any_line_left_is_refused(make, world, consult):
    matter_id = consult(lines=1, mode=Mode.OR_SIGN)
    draft = Draft(OpinionKind.AGREE, exceptions=(LineException(1, "无牌"),))
    say(make, world, matter_id, world.council, draft)
    assert make.matter(matter_id).result is Result.REFUSED


@pytest.mark.parametrize(("way", "result"), [(LapseWay.CONSENT, Result.AGREED), (LapseWay.REFUSAL, Result.REFUSED)])
def test_silence_is_deemed_only_at_the_ladders_end_and_marked(make, world, consult, way, result):
    lapse = Lapse(Span(working_days=1), way)
    matter_id = consult(escalations=(), lapse=lapse, objection=ObjectionWay.REFUSE)
    due_at = stage_of(make, matter_id).due_at
    take_round(make.database, due_at)
    assert make.matter(matter_id).status is MatterStatus.CONSULTING
    take_round(make.database, due_at + timedelta(days=2))
    assert make.matter(matter_id).result is result
    with make.database.reading() as session:
        listed = seats.seats_of_matter(session, matter_id)
        said = seats.opinions_of(session, [one.opinion_id for one in listed if one.opinion_id])
        kinds = [entry.kind for entry in record.entries(session, matter_id)]
    assert {one.officer_id for one in said} == {None}
    assert kinds.count("deemed") == len(said)


def test_the_deadline_is_extended_once_and_then_goes_to_the_district(make, world, consult):
    matter_id = consult(escalations=(), lapse=Lapse(Span(working_minutes=0), LapseWay.EXTEND))
    first = stage_of(make, matter_id).due_at
    take_round(make.database, first)
    extended = stage_of(make, matter_id)
    assert extended.is_extended
    assert extended.due_at > first
    assert {seat.due_at for seat in make.asked(matter_id)} == {extended.due_at}
    take_round(make.database, extended.due_at)
    assert {seat.organisation_id for seat in make.asked(matter_id)} == {world.lead.id}
    assert stage_of(make, matter_id).due_at == extended.due_at


def test_alongside_the_late_and_the_superior_may_both_answer(make, world, consult):
    ladder = (Escalation(Span(working_minutes=0), Level.SUPERIOR, Answering.ALONGSIDE),)
    matter_id = consult(escalations=ladder)
    due_at = stage_of(make, matter_id).due_at
    take_round(make.database, due_at)
    assert {world.community.id, world.council.id, world.street.id, world.lead.id} == set(asked(make, matter_id))


def test_in_stead_the_late_one_can_no_longer_answer(make, world, consult):
    matter_id = consult()
    late = asked(make, matter_id)[world.community.id]
    take_round(make.database, stage_of(make, matter_id).due_at)
    with pytest.raises(AnsweredInYourStead):
        make.say(world.who(world.community), late)


def test_the_district_is_urged_every_working_day_and_nothing_fires_twice(make, world, consult):
    matter_id = consult()
    at = stage_of(make, matter_id).due_at + timedelta(days=30)
    take_round(make.database, at)
    before = letters(make.database, matter_id).count("reminder")
    wake_at = make.matter(matter_id).wake_at
    assert at < wake_at <= at + timedelta(days=4)
    take_round(make.database, wake_at)
    take_round(make.database, wake_at)
    assert letters(make.database, matter_id).count("reminder") > before
    assert make.matter(matter_id).wake_at > wake_at


def test_an_opinion_may_be_changed_until_the_stage_settles(make, world, consult):
    matter_id = consult(decision=Decision(Rule.MAJORITY), objection=ObjectionWay.REFUSE)
    seat = asked(make, matter_id)[world.council.id]
    make.say(world.who(world.council), seat, OBJECT)
    given = make.say(world.who(world.council), seat)
    assert given.seat_version == 3
    say(make, world, matter_id, world.community)
    assert make.matter(matter_id).result is Result.AGREED
    with make.database.reading() as session:
        chain = list(record.entries(session, matter_id))
    assert [one.kind for one in chain].count("opinion_changed") == 1
    assert record.first_broken(chain) is None


@pytest.mark.parametrize(
    ("draft", "refusal"),
    [
        (Draft(OpinionKind.OBJECT, reason=" "), ReasonMissing),
        (Draft(OpinionKind.AGREE_WITH_CONDITIONS), ConditionsMissing),
        (Draft(OpinionKind.ABSTAIN, exceptions=(LineException(1, "x"),)), ExceptionOutOfPlace),
        (Draft(OpinionKind.AGREE, exceptions=(LineException(3, "x"),)), NoSuchLine),
        (Draft(OpinionKind.AGREE, exceptions=(LineException(1, ""),)), ReasonMissing),
    ],
)
def test_a_draft_that_lacks_something_is_refused_and_leaves_no_trace(make, world, consult, draft, refusal):
    matter_id = consult()
    before = make.matter(matter_id).record_count
    with pytest.raises(refusal):
        say(make, world, matter_id, world.council, draft)
    assert make.matter(matter_id).record_count == before


def test_authority_and_version_are_checked_in_the_transaction_that_writes(make, world, consult, at):
    matter_id = consult()
    seat = asked(make, matter_id)[world.council.id]
    with pytest.raises(NotAllowed):
        make.say(world.who(world.community), seat)
    make.say(world.who(world.council), seat)
    with pytest.raises(ChangedMeanwhile):
        make.database.write(give_opinion, world.who(world.council), seat.id, OBJECT, seat.version, at)
