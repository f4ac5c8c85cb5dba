"""Agreeing in bulk: doubles, two at once, and what a colleague said meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models import record
from models.consultation.adding import add_signer
from models.consultation.in_bulk import MOST_IN_BULK, agree_in_bulk
from models.consultation.opinions import Draft
from models.consultation.tables import Opinion, OpinionKind, Seat, SigningPlace

FILINGS = 6


@pytest.fixture
def world(any_make):
    return any_make.neighbourhood()


@pytest.fixture
def seats(any_make, world):
    """The council's seats in open filings, by matter."""
    clerk = any_make.identity(world.officers[world.company.id])
    filed = [any_make.filing(clerk, [world.compound], seed=number).matter_id for number in range(FILINGS)]
    for matter_id in filed:
        any_make.open(matter_id)
    with any_make.database.reading() as session:
        query = select(Seat).where(Seat.organisation_id == world.council.id, Seat.matter_id.in_(filed))
        return list(session.scalars(query.order_by(Seat.matter_id)))


@pytest.fixture
def council(any_make, world):
    return any_make.identity(world.officers[world.council.id])


def said(make, seats):
    """How many opinions stand for these seats; every record holds together."""
    with make.database.reading() as session:
        for seat in seats:
            assert record.first_broken(record.entries(session, seat.matter_id)) is None
        query = select(func.count()).select_from(Opinion).where(Opinion.seat_id.in_([seat.id for seat in seats]))
        return session.scalar(query)


def test_a_seat_that_is_named_twice_is_answered_once(any_make, seats, council, at):
    twice = [(seats[0].id, None), (seats[1].id, None), (seats[0].id, None)]
    told = any_make.database.write(agree_in_bulk, council, twice, at)
    assert [(one.seat_id, one.is_agreed) for one in told] == [(seats[0].id, True), (seats[1].id, True)]
    assert said(any_make, seats) == 2


def test_two_at_once_in_opposite_orders_agree_once(any_make, seats, council, at):
    wanted = [(seat.id, None) for seat in seats]
    with ThreadPoolExecutor(2) as threads:
        both = [
            threads.submit(any_make.database.write, agree_in_bulk, council, order, at)
            for order in (wanted, wanted[::-1])
        ]
        told = [one.result(timeout=60) for one in both]
    assert sorted(sum(one.is_agreed for one in part) for part in told) == [0, FILINGS]
    refused = next(part for part in told if not part[0].is_agreed)
    assert {one.refusal.text for one in refused} == {
        "Your organisation has answered this one already. Nothing was changed."
    }
    assert said(any_make, seats) == FILINGS


def test_two_seats_of_one_stage_at_once_each_find_what_the_other_has_written(any_make, world, seats, council, at):
    matter_id = seats[0].matter_id
    lead, market = any_make.identity(world.officers[world.lead.id]), world.market_supervision
    any_make.database.write(add_signer, council, seats[0].id, market.id, SigningPlace.BESIDE, "", None, at)
    for days in range(2, 5):  # both fall silent and end with the lead department
        any_make.climb(matter_id, at + timedelta(days=days))
    mine = [one for one in any_make.asked(matter_id) if one.organisation_id == world.lead.id]
    assert len(mine) >= 2
    later = at + timedelta(days=4)
    told = any_make.database.write(agree_in_bulk, lead, [(one.id, None) for one in mine], later)
    assert [one.refusal for one in told] == [None] * len(mine)
    assert said(any_make, mine) == len(mine)


def test_a_colleagues_objection_is_not_overwritten_whatever_version_is_named(any_make, seats, council, at):
    any_make.say(council, seats[0], Draft(OpinionKind.OBJECT, "消防通道被占"))
    told = any_make.database.write(agree_in_bulk, council, [(seats[0].id, None), (seats[1].id, None)], at)
    assert [one.is_agreed for one in told] == [False, True]
    with any_make.database.reading() as session:
        assert session.get_one(Seat, seats[0].id).answer is OpinionKind.OBJECT


def test_each_agreement_that_decides_settles_its_stage(any_make, seats, council, world, at):
    community = any_make.identity(world.officers[world.community.id])
    with any_make.database.reading() as session:
        query = select(Seat).where(Seat.organisation_id == world.community.id)
        first = [seat for seat in session.scalars(query) if seat.matter_id == seats[0].matter_id]
    any_make.say(community, first[0])
    told = any_make.database.write(agree_in_bulk, council, [(seat.id, seat.version) for seat in seats], at)
    assert [one.is_stage_settled for one in told] == [True] + [False] * (FILINGS - 1)
    assert said(any_make, seats) == FILINGS <= MOST_IN_BULK
