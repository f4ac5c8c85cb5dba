"""The whole way of a matter through the engine, as rounds take it, on both databases."""

from datetime import timedelta

import pytest

from models import passes, record, rounds
from models.calendars import district_calendar
from models.consultation import seats
from models.consultation.climbing import climb
from models.consultation.opening import open_next
from models.consultation.opinions import Draft, LineException
from models.consultation.tables import OpinionKind, SeatStatus
from models.database import Database
from models.filing.concluding import conclude
from models.matter import MatterStatus, fold
from models.notice import tables
from models.rounds import Need

OBJECT = Draft(OpinionKind.OBJECT, reason="电动车太多")


def take_round(database: Database, at):
    """What `flows.access_filing` does, without Prefect."""
    calendar = district_calendar()
    steps = {
        Need.SEATING: lambda s, m, when, actor: open_next(s, m, when, actor, calendar),
        Need.REMINDING: lambda s, m, when, actor: climb(s, m, when, actor, calendar),
        Need.ESCALATING: lambda s, m, when, actor: climb(s, m, when, actor, calendar),
        Need.CONCLUDING: conclude,
    }
    with database.reading() as session:
        due = rounds.due(session, "access_filing", at, 100)
    done = {}
    for need in Need:
        ids = [one.matter_id for one in due if one.need is need]
        done |= database.write(rounds.take_step, ids, need, steps[need], at, "test-run")
    return done


def letters(database, matter_id):
    with database.reading() as session:
        return [one.letter.value for one in tables.of_matter(session, matter_id)]


def test_five_parties_agree_and_every_rider_gets_a_pass(any_make, any_database, at):
    world = any_make.neighbourhood()
    filing = any_make.filing(world.clerk, [world.compound], 3)
    take_round(any_database, at)
    for organisation in (world.community, world.council):
        seat = next(one for one in any_make.asked(filing.matter_id) if one.organisation_id == organisation.id)
        any_make.say(world.who(organisation), seat)
    take_round(any_database, at)
    asked = {seat.organisation_id for seat in any_make.asked(filing.matter_id)}
    assert asked == {world.street.id, world.housing.id}
    for seat in any_make.asked(filing.matter_id):
        any_make.say(any_make.identity(world.officers[seat.organisation_id]), seat)
    assert any_make.matter(filing.matter_id).status is MatterStatus.DECIDED
    take_round(any_database, at)
    assert any_make.matter(filing.matter_id).status is MatterStatus.AGREED
    with any_database.reading() as session:
        assert len(passes.of_matter(session, filing.matter_id)) == 3
        chain = list(record.entries(session, filing.matter_id))
        assert record.first_broken(chain) is None
        assert fold(chain) is MatterStatus.AGREED
    assert take_round(any_database, at + timedelta(days=400)) == {}


def test_an_objection_of_the_council_returns_the_filing(any_make, any_database, at):
    world = any_make.neighbourhood()
    filing = any_make.filing(world.clerk, [world.compound], 2)
    take_round(any_database, at)
    seat = next(one for one in any_make.asked(filing.matter_id) if one.organisation_id == world.council.id)
    given = any_make.say(world.who(world.council), seat, OBJECT)
    assert given.is_stage_settled
    take_round(any_database, at)
    assert any_make.matter(filing.matter_id).status is MatterStatus.RETURNED
    assert "result" in letters(any_database, filing.matter_id)


def test_a_late_street_is_reminded_then_escalated_to_the_lead_department(any_make, any_database, at):
    world = any_make.neighbourhood()
    filing = any_make.filing(world.clerk, [world.compound], 2)
    take_round(any_database, at)
    for seat in any_make.asked(filing.matter_id):
        draft = Draft(OpinionKind.AGREE, exceptions=(LineException(2, "不认识"),))
        any_make.say(any_make.identity(world.officers[seat.organisation_id]), seat, draft)
    take_round(any_database, at)
    housing = next(one for one in any_make.asked(filing.matter_id) if one.organisation_id == world.housing.id)
    any_make.say(world.who(world.housing), housing)
    with any_database.reading() as session:
        stage = seats.open_stage(session, filing.matter_id)
    while any_make.matter(filing.matter_id).wake_at < stage.due_at:
        take_round(any_database, any_make.matter(filing.matter_id).wake_at)
    assert "reminder" in letters(any_database, filing.matter_id)
    take_round(any_database, stage.due_at)
    asked = any_make.asked(filing.matter_id)
    assert [seat.organisation_id for seat in asked] == [world.lead.id]
    assert {"escalation", "late"} <= set(letters(any_database, filing.matter_id))
    with any_database.reading() as session:
        late = session.get_one(type(asked[0]), asked[0].stands_for_id)
        assert late.status is SeatStatus.ESCALATED
    any_make.say(world.who(world.lead), asked[0], at=stage.due_at)
    take_round(any_database, stage.due_at)
    assert any_make.matter(filing.matter_id).status is MatterStatus.AGREED
    with any_database.reading() as session:
        assert len(passes.of_matter(session, filing.matter_id)) == 1


@pytest.mark.parametrize("rounds_slept", [1, 30])
def test_rounds_that_were_slept_through_fire_nothing_twice(any_make, any_database, at, rounds_slept):
    world = any_make.neighbourhood()
    filing = any_make.filing(world.clerk, [world.compound], 1)
    take_round(any_database, at)
    late = at + timedelta(days=rounds_slept)
    take_round(any_database, late)
    sent = letters(any_database, filing.matter_id)
    take_round(any_database, late)
    take_round(any_database, late - timedelta(days=1))
    assert letters(any_database, filing.matter_id) == sent
