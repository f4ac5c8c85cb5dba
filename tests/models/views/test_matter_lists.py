"""What waits for me and what I may read: in order, in pages that hold still while rows are added."""

from datetime import timedelta
from uuid import UUID

import pytest

from models.errors import NotFound
from models.matter import MatterKind, MatterStatus
from models.officer import Identity
from models.protocol.schema import Party
from models.views.matters import ALL, Filters, MatterRow, by_reference, listed
from models.views.paging import Turn
from models.views.waiting import SeatKey, count_waiting, waiting_for
from tests.make import Maker, Neighbourhood


@pytest.fixture
def world(make: Maker) -> Neighbourhood:
    return make.neighbourhood()


def filed(make: Maker, world: Neighbourhood, days: int = 0) -> UUID:
    """An opened filing, submitted so many days later: deadlines end with working days."""
    at = make.at + timedelta(days=days)
    matter_id = make.filing(world.clerk, [world.compound], 1, seed=days, at=at).matter_id
    make.open(matter_id, at)
    return matter_id


def rows(make: Maker, who: Identity, filters: Filters = ALL) -> list[MatterRow]:
    with make.database.reading() as session:
        return list(listed(session, who, filters, make.at).rows)


def test_what_waits_comes_with_the_nearest_deadline_first(make: Maker, world: Neighbourhood) -> None:
    later, sooner = filed(make, world, 2), filed(make, world, 1)
    with make.database.reading() as session:
        page = waiting_for(session, world.who(world.council), make.at)
    assert [row.matter_id for row in page.rows] == [sooner, later]
    assert page.rows[0].stage.zh == "小区与社区会签"
    assert page.rows[0].filer.zh == "合家安物业"
    assert [name.zh for name in page.rows[0].compounds] == ["锦绣花园"]
    assert page.next is None


def test_a_walk_through_what_waits_misses_nothing_and_repeats_nothing_while_rows_are_added(
    make: Maker, world: Neighbourhood
) -> None:
    expected = [filed(make, world, day) for day in range(5)]
    seen: list[UUID] = []
    after: SeatKey | None = None
    while True:
        with make.database.reading() as session:
            page = waiting_for(session, world.who(world.council), make.at, Turn(after, limit=2))
        seen += [row.matter_id for row in page.rows]
        after = page.next
        if after is None:
            break
        filed(make, world, -3 - len(seen))
    assert seen == expected


def test_an_escalated_seat_names_whom_it_stands_for(make: Maker, world: Neighbourhood) -> None:
    matter_id = filed(make, world)
    make.climb(matter_id, make.asked(matter_id)[0].due_at)
    with make.database.reading() as session:
        page = waiting_for(session, world.who(world.street), make.at)
    assert "新兴社区" in {row.stands_for.zh for row in page.rows if row.stands_for}


def test_waiting_is_counted_with_what_is_late_and_unseen(make: Maker, world: Neighbourhood) -> None:
    matter_id = filed(make, world)
    filed(make, world, 3)
    due_at = make.asked(matter_id)[0].due_at
    with make.database.reading() as session:
        counted = count_waiting(session, world.who(world.council), due_at)
        nothing = count_waiting(session, world.clerk, due_at)
    assert (counted.waiting, counted.late, counted.unseen) == (2, 1, 2)
    assert (nothing.waiting, nothing.late, nothing.unseen) == (0, 0, 0)


def test_a_list_holds_what_the_organisation_may_read(make: Maker, world: Neighbourhood) -> None:
    mine, other = filed(make, world), make.neighbourhood()
    theirs = filed(make, other, 5)
    assert [row.matter_id for row in rows(make, world.clerk)] == [mine]
    assert [row.matter_id for row in rows(make, other.who(other.council))] == [theirs]
    administrator = make.identity(make.officer(world.lead, is_administrator=True))
    assert [row.matter_id for row in rows(make, administrator)] == [theirs, mine]


def test_filters_narrow_a_list(make: Maker, world: Neighbourhood) -> None:
    opened = filed(make, world)
    waiting = make.filing(world.clerk, [world.compound], 1, seed=9).matter_id
    wanted = {
        Filters(statuses=frozenset({MatterStatus.SUBMITTED})): [waiting],
        Filters(kind=MatterKind.ACCESS_FILING): [waiting, opened],
        Filters(compound_id=world.compound.id): [waiting, opened],
        Filters(compound_id=world.lead.id): [],
        Filters(awaited=Party.COUNCIL): [opened],
        Filters(awaited=Party.STREET): [],
        Filters(organisation_id=world.company.id): [waiting, opened],
        Filters(organisation_id=world.street.id): [],
        Filters(is_stuck=True): [],
    }
    for filters, expected in wanted.items():
        assert [row.matter_id for row in rows(make, world.clerk, filters)] == expected, filters


def test_a_row_names_whom_it_awaits(make: Maker, world: Neighbourhood) -> None:
    filed(make, world)
    awaiting = rows(make, world.clerk)[0].awaiting
    assert {one.organisation.zh for one in awaiting} == {"新兴社区", "新兴议事会"}
    assert not any(one.is_late for one in awaiting)


def test_a_walk_through_matters_holds_still_while_matters_are_added(make: Maker, world: Neighbourhood) -> None:
    expected = [filed(make, world, day) for day in range(5)]
    seen: list[UUID] = []
    after: UUID | None = None
    while True:
        with make.database.reading() as session:
            page = listed(session, world.clerk, ALL, make.at, Turn(after, limit=2))
        seen += [row.matter_id for row in page.rows]
        after = page.next
        if after is None:
            break
        filed(make, world, 10 + len(seen))
    assert seen == expected[::-1]


def test_a_reference_is_found_by_those_who_may_read(make: Maker, world: Neighbourhood) -> None:
    matter_id = filed(make, world)
    reference = make.matter(matter_id).reference
    stranger = make.neighbourhood().clerk
    with make.database.reading() as session:
        assert by_reference(session, f" {reference} ", world.clerk) == matter_id
        for who, asked in ((stranger, reference), (world.clerk, "备2026-999999")):
            with pytest.raises(NotFound):
                by_reference(session, asked, who)
