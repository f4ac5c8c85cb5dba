"""Where nobody of an organisation can be reached, the one above is asked beside it: never into nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models import deputy
from models import matter as matters
from models.consultation.opinions import Draft
from models.consultation.stepping_in import step_in_late, unreached
from models.consultation.tables import OpinionKind, SeatStatus
from models.matter import MatterStatus, fold
from models.notice.tables import Notice
from models.officer import Officer, Role
from models.protocol.schema import Party, SeatRule
from models.reach import Gap, gaps, reach
from models.record import Actor

ROUND = Actor(run="test")


def letters(desk, organisation, letter="invitation"):
    """The facts of the letters to officers of the organisation."""
    query = select(Notice).join(Officer, Notice.officer_id == Officer.id)
    with desk.database.reading() as session:
        found = session.scalars(query.where(Officer.organisation_id == organisation.id, Notice.letter == letter))
        return [one.facts for one in found]


def change(desk, organisation, **values):
    """Every officer of the organisation is so from now on."""

    def act(session):
        for one in session.scalars(select(Officer).where(Officer.organisation_id == organisation.id)):
            for name, value in values.items():
                setattr(one, name, value)

    desk.database.write(act)


def empty(desk, organisation, gap):
    change(desk, organisation, **({"mail_failed_at": desk.at} if gap is Gap.UNDELIVERABLE else {"is_active": False}))


@pytest.mark.parametrize("gap", [Gap.EMPTY, Gap.UNDELIVERABLE])
def test_the_street_is_asked_beside_a_community_that_cannot_be_reached(desk, gap):
    world = desk.world
    empty(desk, world.community, gap)
    desk.consult()
    standing = [one for one in desk.seats() if one.stands_for_id == desk.seat(world.community).id]
    assert [(one.organisation_id, one.status) for one in standing] == [(world.street.id, SeatStatus.ASKED)]
    assert desk.status(world.community) is SeatStatus.ASKED
    entry = next(one for one in desk.chain() if one.kind == "stepped_in")
    assert (entry.body["from"], entry.body["to"], entry.body["why"]) == (world.community.code, world.street.code, gap)
    told = [one["instead_of"] for one in letters(desk, world.street) if one.get("instead_of")]
    assert [one["zh"] for one in told] == [world.community.name_zh]


def test_readers_alone_do_not_answer(desk):
    change(desk, desk.world.council, role=Role.READER)
    desk.consult()
    assert desk.world.community.id in {one.organisation_id for one in desk.seats() if one.stands_for_id}


def test_the_superiors_answer_counts_for_the_place(desk):
    world = desk.world
    empty(desk, world.community, Gap.EMPTY)
    desk.consult()
    desk.say(world.council)
    for seat in [one for one in desk.seats() if one.organisation_id == world.street.id]:
        desk.make.say(world.who(world.street), seat, Draft(OpinionKind.AGREE), desk.at)
    assert desk.matter.status is MatterStatus.DECIDED
    assert fold(desk.chain()) is MatterStatus.DECIDED


def test_who_comes_back_may_still_answer(desk):
    world = desk.world
    empty(desk, world.community, Gap.EMPTY)
    desk.consult()
    change(desk, world.community, is_active=True)
    for organisation in (world.community, world.council, world.street):
        own = [one for one in desk.seats() if one.organisation_id == organisation.id and one.stands_for_id is None]
        desk.make.say(world.who(organisation), own[0], Draft(OpinionKind.AGREE), desk.at)
    assert desk.matter.status is MatterStatus.DECIDED


def test_a_whole_line_without_anybody_goes_up_to_the_lead(desk):
    world = desk.world
    for organisation in (world.community, world.street):
        empty(desk, organisation, Gap.EMPTY)
    desk.consult()
    standing = {one.organisation_id for one in desk.seats() if one.stands_for_id}
    assert standing == {world.lead.id}


def test_where_even_the_lead_is_empty_the_administrators_get_the_letters(desk):
    world = desk.world
    administrator = desk.make.officer(world.market_supervision, is_administrator=True)
    for organisation in (world.community, world.street, world.lead):
        empty(desk, organisation, Gap.EMPTY)
    desk.consult()
    assert [one for one in desk.seats() if one.stands_for_id] == []
    with desk.database.reading() as session:
        found = session.scalars(select(Notice).where(Notice.officer_id == administrator.id)).all()
    assert {one.facts["instead_of"]["zh"] for one in found} == {world.community.name_zh, world.street.name_zh}


def test_who_leaves_while_asked_is_found_by_the_next_look(desk):
    world = desk.world
    desk.consult()
    with desk.database.reading() as session:
        assert unreached(session, desk.at) == []
    empty(desk, world.community, Gap.EMPTY)
    with desk.database.reading() as session:
        assert unreached(session, desk.at) == [desk.matter_id]
    later = desk.at + timedelta(hours=1)
    assert desk.database.write(step_in_late, desk.matter_id, later, ROUND) == 1
    with desk.database.reading() as session:
        assert unreached(session, later) == []
    assert desk.database.write(step_in_late, desk.matter_id, later, ROUND) == 0
    assert len([one for one in letters(desk, world.street) if one.get("instead_of")]) == 1


def test_a_result_for_an_absent_organisation_goes_up_once(desk):
    world = desk.world
    desk.consult()
    for organisation in (world.community, world.council, world.street):
        desk.say(organisation)
    empty(desk, world.council, Gap.EMPTY)
    desk.round()
    named = [one.get("instead_of") for one in letters(desk, world.community, "result")]
    assert [one["zh"] for one in named if one] == [world.council.name_zh]


def test_a_deputy_closes_the_gap_and_a_deputy_who_left_opens_it(desk):
    world = desk.world
    absent, stand_in = world.officer(world.community), desk.make.officer(world.street)
    until = desk.at + timedelta(days=3)
    desk.database.write(deputy.appoint, world.who(world.community), absent.id, stand_in.id, desk.at, until, desk.at)
    with desk.database.reading() as session:
        found = reach(session, world.community.id, desk.at)
        assert (found.gap, [one.id for one in found.deputies]) == (None, [stand_in.id])
    desk.database.write(lambda session: setattr(session.get_one(Officer, stand_in.id), "is_active", False))
    with desk.database.reading() as session:
        assert reach(session, world.community.id, desk.at).gap is Gap.AWAY
        assert reach(session, world.community.id, until).gap is None


def test_a_gap_to_come_is_seen_before_it_hurts(desk):
    world = desk.world
    begins = desk.at + timedelta(days=5)
    stand_in = desk.make.officer(world.street)
    desk.database.write(
        deputy.appoint,
        world.who(world.council),
        world.officer(world.council).id,
        stand_in.id,
        begins,
        begins + timedelta(days=2),
        desk.at,
    )
    desk.database.write(lambda session: setattr(session.get_one(Officer, stand_in.id), "is_active", False))
    empty(desk, world.community, Gap.EMPTY)
    with desk.database.reading() as session:
        seen = gaps(session, [one.id for one in world.organisations], desk.at)
    assert [(one.organisation_id, one.gap, one.since) for one in seen] == [
        (world.community.id, Gap.EMPTY, desk.at),
        (world.council.id, Gap.AWAY, begins),
    ]


def test_the_superior_may_read_from_then_on(desk):
    world = desk.world
    empty(desk, world.council, Gap.EMPTY)
    desk.consult(seats=(SeatRule(Party.COUNCIL),))
    with desk.database.reading() as session:
        assert matters.visible(session, desk.matter_id, world.who(world.community)).id == desk.matter_id
