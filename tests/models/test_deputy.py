"""Deputies: who stands in for whom and when, in bounded chains without circles; letters follow."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from models.consultation import telling
from models.deputy import (
    LONGEST_CHAIN,
    AbsenceOver,
    AbsencesOverlap,
    AbsenceTimesWrong,
    AbsenceTooLong,
    ChainTooLong,
    DeputiesInCircle,
    NoSuchDeputy,
    NothingToDeputise,
    Standing,
    appoint,
    cancel,
    chain_of,
    deputies_now,
    stands_for,
    trouble_of,
)
from models.errors import NotAllowed, NotFound
from models.notice import tables
from models.notice.tables import Letter, Notice
from models.officer import Officer, Role
from models.staff_act import StaffAct, StaffActKind, TakeHatOff

DAY = timedelta(days=1)
ZERO = datetime(2026, 11, 1, tzinfo=UTC)


def change(make, officer, **values):
    def command(session):
        row = session.get_one(Officer, officer.id)
        for name, value in values.items():
            setattr(row, name, value)

    make.database.write(command)
    with make.database.reading() as session:
        return session.get_one(Officer, officer.id)


def away(make, officer, deputy, first=0, days=2, by=None):
    starts = make.at + first * DAY
    return make.database.write(
        appoint, by or make.identity(officer), officer.id, deputy.id, starts, starts + days * DAY, make.at
    )


@pytest.fixture
def people(any_make):
    """Five officers of one street."""
    world = any_make.neighbourhood()
    return [world.officer(world.street), *(any_make.officer(world.street) for _ in range(4))]


def names(found):
    return [one.id for one in found]


def test_a_deputy_stands_in_from_the_first_instant_until_before_the_last(any_make, people):
    absent, deputy, *_ = people
    away(any_make, absent, deputy, first=1, days=2)
    with any_make.database.reading() as session:
        for offset, expected in ((DAY - timedelta(seconds=1), []), (DAY, [absent.id]), (3 * DAY, [])):
            assert names(stands_for(session, deputy.id, any_make.at + offset)) == expected
        assert names(stands_for(session, deputy.id, any_make.at + 3 * DAY - timedelta(seconds=1))) == [absent.id]
        assert stands_for(session, absent.id, any_make.at + DAY) == ()


def test_who_is_away_as_a_deputy_is_stood_in_for_too(any_make, people):
    first, second, third, _, stranger = people
    away(any_make, first, second)
    away(any_make, second, third)
    with any_make.database.reading() as session:
        assert names(stands_for(session, third.id, any_make.at)) == [second.id, first.id]
        assert names(stands_for(session, second.id, any_make.at)) == [first.id]
        found = deputies_now(session, [first.id, second.id, stranger.id], any_make.at)
        assert {one: names(those) for one, those in found.items()} == {first.id: [third.id], second.id: [third.id]}


def test_a_circle_is_refused(any_make, people):
    first, second, third, *_ = people
    away(any_make, first, second)
    away(any_make, second, third)
    with pytest.raises(DeputiesInCircle):
        away(any_make, third, first, first=1, days=5)
    away(any_make, third, first, first=2)  # the others are back by then


def test_a_chain_has_an_end(any_make, people):
    for absent, deputy in pairwise(people[: LONGEST_CHAIN + 1]):
        away(any_make, absent, deputy)
    with pytest.raises(ChainTooLong):
        away(any_make, people[3], people[4])


def test_a_chain_is_counted_from_its_far_end_too(any_make, people):
    away(any_make, people[1], people[2])
    away(any_make, people[2], people[3])
    away(any_make, people[3], people[4])
    with pytest.raises(ChainTooLong):
        away(any_make, people[0], people[1])


def test_one_absence_at_a_time(any_make, people):
    absent, deputy, other, *_ = people
    kept = away(any_make, absent, deputy)
    with pytest.raises(AbsencesOverlap):
        away(any_make, absent, other, first=1)
    away(any_make, absent, other, first=2)  # the end is exclusive
    any_make.database.write(cancel, any_make.identity(absent), kept.id, any_make.at)
    away(any_make, absent, other, first=0)
    with any_make.database.reading() as session:
        assert stands_for(session, deputy.id, any_make.at) == ()


def test_a_cancelled_absence_is_not_cancelled_again(any_make, people):
    kept = away(any_make, people[0], people[1])
    any_make.database.write(cancel, any_make.identity(people[0]), kept.id, any_make.at)
    with pytest.raises(AbsenceOver):
        any_make.database.write(cancel, any_make.identity(people[0]), kept.id, any_make.at)
    later = away(any_make, people[0], people[1])
    with pytest.raises(AbsenceOver):
        any_make.database.write(cancel, any_make.identity(people[0]), later.id, later.ends_at)


def test_who_may_not_deputise(any_make, people):
    absent, deputy, *_ = people
    with pytest.raises(NoSuchDeputy):
        away(any_make, absent, absent)
    change(any_make, deputy, role=Role.READER)
    with pytest.raises(NoSuchDeputy):
        away(any_make, absent, deputy)
    change(any_make, deputy, role=Role.OFFICER, is_active=False)
    with pytest.raises(NoSuchDeputy):
        away(any_make, absent, deputy)
    reader = change(any_make, people[2], role=Role.READER)
    with pytest.raises(NothingToDeputise):
        away(any_make, reader, people[3])


def test_times_that_are_none(any_make, people):
    with pytest.raises(AbsenceTimesWrong):
        away(any_make, people[0], people[1], days=0)
    with pytest.raises(AbsenceTimesWrong):
        away(any_make, people[0], people[1], first=-3, days=3)
    with pytest.raises(AbsenceTooLong):
        away(any_make, people[0], people[1], days=400)


def test_only_the_officer_a_manager_or_the_administrator_says_who_is_away(any_make, people):
    absent, deputy, other, boss, _ = people
    with pytest.raises(NotAllowed):
        away(any_make, absent, deputy, by=any_make.identity(other))
    manager = any_make.identity(change(any_make, boss, role=Role.MANAGER))
    kept = away(any_make, absent, deputy, by=manager)
    hat = replace(manager, officer_id=deputy.id, deputy_for=absent.id)
    with pytest.raises(TakeHatOff):
        any_make.database.write(cancel, hat, kept.id, any_make.at)
    with pytest.raises(NotFound):
        any_make.database.write(cancel, manager, deputy.id, any_make.at)


def test_a_deputy_whose_role_has_changed_stands_in_no_more(any_make, people):
    away(any_make, people[0], people[1])
    change(any_make, people[1], role=Role.READER)
    with any_make.database.reading() as session:
        assert stands_for(session, people[1].id, any_make.at) == ()
        assert deputies_now(session, [people[0].id], any_make.at) == {people[0].id: ()}


def test_the_deputy_is_told_and_it_is_written_down(any_make, people):
    kept = away(any_make, people[0], people[1])
    with any_make.database.reading() as session:
        told = session.scalars(select(Notice).where(Notice.officer_id == people[1].id)).one()
        act = session.scalars(select(StaffAct)).one()
    assert (told.letter, told.matter_id) == (Letter.DEPUTY_APPOINTED, None)
    assert told.facts["ends_at"] == kept.ends_at.isoformat()
    assert (act.kind, act.officer_id, act.other_id) == (StaffActKind.DEPUTY_APPOINTED, people[0].id, people[1].id)


def test_the_deputy_is_told_that_the_absence_is_cancelled(any_make, people):
    kept = away(any_make, people[0], people[1])
    any_make.database.write(cancel, any_make.identity(people[0]), kept.id, any_make.at)
    with any_make.database.reading() as session:
        told = session.scalars(select(Notice).where(Notice.officer_id == people[1].id).order_by(Notice.id)).all()
    assert [one.facts["is_cancelled"] for one in told] == [False, True]


def test_letters_of_the_absent_go_to_the_deputy_as_well(any_make):
    world = any_make.neighbourhood()
    absent, deputy = world.officer(world.council), world.officer(world.street)
    away(any_make, absent, deputy)
    filed = any_make.filing(world.clerk, [world.compound])
    any_make.open(filed.matter_id)
    with any_make.database.reading() as session:
        found = tables.of_matter(session, filed.matter_id)
    asked = {one.officer_id: one.facts for one in found if one.letter is Letter.INVITATION}
    assert asked[deputy.id]["as_deputy"]
    assert asked[deputy.id]["organisation"] == telling.titled(world.council.name)
    assert "as_deputy" not in asked[absent.id]


@st.composite
def standings(draw):
    """Some absences that go well together, one officer at most once at an instant, as `appoint` lets them in."""
    known = []
    for _ in range(draw(st.integers(0, 12))):
        officer, deputy = draw(st.integers(0, 5)), draw(st.integers(0, 5))
        start, length = draw(st.integers(0, 8)), draw(st.integers(1, 4))
        new = Standing(officer, deputy, ZERO + start * DAY, ZERO + (start + length) * DAY)
        if officer == deputy or any(one.officer_id == officer and one.overlaps(new) for one in known):
            continue
        if trouble_of(new, known) is None:
            known.append(new)
    return known


@given(standings())
def test_whatever_was_let_in_has_short_chains_and_no_circle_at_any_instant(known):
    for half_days in range(26):
        at = ZERO + half_days * DAY / 2
        edges = {one.officer_id: one.deputy_id for one in known if one.holds(at)}
        for officer in edges:
            seen, now = [officer], officer
            while now in edges:
                now = edges[now]
                assert now not in seen
                seen.append(now)
            assert len(seen) - 1 <= LONGEST_CHAIN
            assert chain_of(known, officer, at) == tuple(seen[1:])


@given(standings(), st.integers(0, 5), st.integers(0, 5), st.integers(0, 8), st.integers(1, 4))
def test_what_is_refused_would_have_gone_wrong(known, officer, deputy, start, length):
    new = Standing(officer, deputy, ZERO + start * DAY, ZERO + (start + length) * DAY)
    if officer == deputy or any(one.officer_id == officer and one.overlaps(new) for one in known):
        return
    wrong = False
    for half_days in range(26):
        at = ZERO + half_days * DAY / 2
        edges = {one.officer_id: one.deputy_id for one in [*known, new] if one.holds(at)}
        for begin in edges:
            steps, now = 0, begin
            while now in edges and steps <= 6:
                steps, now = steps + 1, edges[now]
            wrong = wrong or steps > LONGEST_CHAIN
    assert (trouble_of(new, known) is not None) is wrong
