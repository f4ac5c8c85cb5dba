"""The desk's tabs, filters, pages both ways, unread marks, saved filters and search; on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from models.consultation.opinions import Draft
from models.consultation.tables import OpinionKind, Seat
from models.errors import NotFound
from models.filing.tables import FilingLine
from models.matter import Matter, MatterStatus, Reader, ReaderWay
from models.protocol.schema import Party
from models.read_mark import mark_read
from models.saved_filter import MOST, FilterUnnamed, TooManyFilters, delete_filter, filters_of, save_filter
from models.views.matters import ALL, Filters, count_listed, listed
from models.views.paging import Turn
from models.views.searching import SearchTooShort, search
from models.views.waiting import SeatFilters, answered_by, count_answered, count_waiting, waiting_for


@pytest.fixture
def world(any_make):
    return any_make.neighbourhood()


@pytest.fixture
def who(any_make, world):
    return lambda name: any_make.identity(world.officers[getattr(world, name).id])


@pytest.fixture
def filed(any_make, world, who):
    def filed(seed=0, world=world):
        clerk = any_make.identity(world.officers[world.company.id])
        made = any_make.filing(clerk, [world.compound], 2, seed=seed)
        any_make.open(made.matter_id)
        return made

    return filed


def read(make, view, *args, **kwargs):
    with make.database.reading() as session:
        return view(session, *args, **kwargs)


def seats(make, matter_id):
    with make.database.reading() as session:
        return {one.organisation_id: one for one in session.scalars(select(Seat).where(Seat.matter_id == matter_id))}


def test_each_tab_has_what_is_its_own(any_make, world, who, filed, at):
    one = filed()
    any_make.say(who("council"), seats(any_make, one.matter_id)[world.council.id])
    assert [row.reference for row in read(any_make, answered_by, who("council")).rows] == [one.reference]
    assert read(any_make, answered_by, who("community")).rows == ()
    mine = read(any_make, listed, who("company"), Filters(way=ReaderWay.FILER), at)
    copies = read(any_make, listed, who("street"), Filters(way=ReaderWay.COPY), at)
    assert [row.reference for row in mine.rows] == [row.reference for row in copies.rows] == [one.reference]
    assert read(any_make, listed, who("street"), Filters(way=ReaderWay.FILER), at).rows == ()
    assert read(any_make, count_answered, who("council")) == 1
    assert read(any_make, count_listed, who("company"), Filters(way=ReaderWay.FILER)) == 1


def test_what_a_colleague_has_in_hand_stands_apart(any_make, world, who, filed, at):
    one, colleague = filed(), any_make.officer(world.community)
    seat = seats(any_make, one.matter_id)[world.community.id]
    any_make.tamper(
        "update seat set holder_id = :holder where id = :seat",
        holder=_sql(any_make, colleague.id),
        seat=_sql(any_make, seat.id),
    )
    assert read(any_make, waiting_for, who("community"), at).rows == ()
    held = read(any_make, waiting_for, who("community"), at, Turn(), SeatFilters(is_held=True)).rows
    assert [row.holder for row in held] == [colleague.name]
    counted = read(any_make, count_waiting, who("community"), at)
    assert (counted.waiting, counted.held) == (0, 1)
    assert len(read(any_make, waiting_for, any_make.identity(colleague), at).rows) == 1


def _sql(make, value):
    return value if not make.database.is_sqlite else value.hex


def test_deadlines_and_places_narrow_what_waits(any_make, world, who, filed, at):
    filed()
    due_at = read(any_make, waiting_for, who("council"), at).rows[0].due_at
    moment = timedelta(microseconds=1)
    for filters, count in (
        (SeatFilters(due_until=due_at), 0),
        (SeatFilters(due_until=due_at + moment), 1),
        (SeatFilters(due_from=due_at), 1),
        (SeatFilters(due_from=due_at + moment), 0),
        (SeatFilters(compound_id=world.compound.id), 1),
        (SeatFilters(compound_id=world.lead.id), 0),
    ):
        assert len(read(any_make, waiting_for, who("council"), at, Turn(), filters).rows) == count, filters
        if filters.compound_id is None:
            narrowed = Filters(due_from=filters.due_from, due_until=filters.due_until)
            assert len(read(any_make, listed, who("company"), narrowed, at).rows) == count, filters


def test_filters_go_together(any_make, world, who, filed, at):
    one = filed()
    done = filed(1)
    any_make.say(who("council"), seats(any_make, done.matter_id)[world.council.id], Draft(OpinionKind.OBJECT, "no"))
    for filters, expected in (
        (Filters(awaited=Party.COMMUNITY, compound_id=world.compound.id), [one.reference]),
        (Filters(awaited=Party.COMMUNITY, way=ReaderWay.FILER), [one.reference]),
        (Filters(awaited=Party.COMMUNITY, statuses=frozenset({MatterStatus.AGREED})), []),
        (Filters(statuses=frozenset({MatterStatus.DECIDED}), compound_id=world.compound.id), [done.reference]),
        (Filters(statuses=frozenset({MatterStatus.DECIDED}), way=ReaderWay.COPY), []),
        (Filters(officer_id=who("company").officer_id), [done.reference, one.reference]),
    ):
        rows = read(any_make, listed, who("company"), filters, at).rows
        assert [row.reference for row in rows] == expected, filters


def test_a_reader_s_row_carries_the_matter_s_status_through_its_whole_way(any_make, world, who):
    one = any_make.filing(who("company"), [world.compound])
    any_make.agree_through(world, one.matter_id)
    any_make.conclude(one.matter_id)
    with any_make.database.reading() as session:
        query = select(Reader.matter_status, Matter.status).join(Matter, Reader.matter_id == Matter.id)
        assert {tuple(row) for row in session.execute(query)} == {(MatterStatus.AGREED, MatterStatus.AGREED)}


def test_pages_go_on_and_back_to_where_they_began(any_make, world, who, filed, at):
    references = [filed(seed).reference for seed in range(5)][::-1]
    first = read(any_make, listed, who("company"), ALL, at, Turn(limit=2))
    second = read(any_make, listed, who("company"), ALL, at, Turn(after=first.next, limit=2))
    third = read(any_make, listed, who("company"), ALL, at, Turn(after=second.next, limit=2))
    assert [row.reference for page in (first, second, third) for row in page.rows] == references
    assert (first.previous, third.next) == (None, None)
    back = read(any_make, listed, who("company"), ALL, at, Turn(before=third.previous, limit=2))
    assert [row.reference for row in back.rows] == references[2:4]
    begun = read(any_make, listed, who("company"), ALL, at, Turn(before=back.previous, limit=2))
    assert ([row.reference for row in begun.rows], begun.previous) == (references[:2], None)


def test_seats_are_walked_both_ways_too(any_make, world, who, filed, at):
    for seed in range(5):
        filed(seed)
    first = read(any_make, waiting_for, who("council"), at, Turn(limit=2))
    second = read(any_make, waiting_for, who("council"), at, Turn(after=first.next, limit=2))
    back = read(any_make, waiting_for, who("council"), at, Turn(before=second.previous, limit=2))
    assert back.rows == first.rows
    assert {row.seat_id for row in first.rows}.isdisjoint(row.seat_id for row in second.rows)


def test_unread_is_what_changed_since_this_officer_read_it(any_make, world, who, filed, at):
    one, mine = filed(), who("company")
    colleague = any_make.identity(any_make.officer(world.company))
    shown = any_make.matter(one.matter_id).version
    any_make.database.write(mark_read, mine, one.matter_id, shown, at)
    assert [row.is_unread for row in read(any_make, listed, mine, ALL, at).rows] == [False]
    assert [row.is_unread for row in read(any_make, listed, colleague, ALL, at).rows] == [True]
    any_make.say(who("council"), seats(any_make, one.matter_id)[world.council.id])
    assert [row.is_unread for row in read(any_make, listed, mine, ALL, at).rows] == [True]
    any_make.database.write(
        mark_read, mine, one.matter_id, shown, at
    )  # the page that was open before the council spoke
    assert [row.is_unread for row in read(any_make, listed, mine, ALL, at).rows] == [True]


def test_a_page_that_arrives_late_makes_nothing_unread_again(any_make, who, filed, at):
    one, mine = filed(), who("company")
    shown = any_make.matter(one.matter_id).version
    for version in (shown, shown - 1):
        any_make.database.write(mark_read, mine, one.matter_id, version, at)
    assert [row.is_unread for row in read(any_make, listed, mine, ALL, at).rows] == [False]


def test_nobody_marks_what_they_may_not_read(any_make, world, who, filed, at):
    one, stranger = filed(), any_make.neighbourhood()
    other = any_make.identity(stranger.officers[stranger.council.id])
    with pytest.raises(NotFound):
        any_make.database.write(mark_read, other, one.matter_id, 1, at)


def test_filters_are_kept_by_name_and_are_one_s_own(any_make, who, at):
    write, mine, other = any_make.database.write, who("council"), who("street")
    write(save_filter, mine, " My  late ones ", "/", "due=late", at)
    kept = write(save_filter, mine, "My late ones", "/filings", "status=agreed", at)
    assert [(one.name, one.page, one.query) for one in read(any_make, filters_of, mine)] == [
        ("My late ones", "/filings", "status=agreed")
    ]
    with pytest.raises(NotFound):
        write(delete_filter, other, kept)
    for name in ("", " ", "x" * 41):
        with pytest.raises(FilterUnnamed):
            write(save_filter, mine, name, "/", "", at)
    for number in range(MOST - 1):
        write(save_filter, mine, f"filter {number}", "/", "", at)
    with pytest.raises(TooManyFilters):
        write(save_filter, mine, "one more", "/", "", at)
    write(delete_filter, mine, kept)
    assert len(read(any_make, filters_of, mine)) == MOST - 1


def test_search_finds_by_reference_phone_plate_and_name_in_any_spelling(any_make, world, who, filed, at, vault):
    one = filed()
    rider = any_make.rider_lines(2)[0]
    spaced = f"+86 {rider.phone[:3]}-{rider.phone[3:7]} {rider.phone[7:]}"
    for words in (one.reference, one.reference[1:], rider.phone, spaced, rider.plate.lower(), rider.name):
        hits = read(any_make, search, who("street"), vault, words, at)
        assert [hit.row.reference for hit in hits] == [one.reference], words
    lines = read(any_make, search, who("street"), vault, rider.phone, at)[0].lines
    assert lines[0][0] == 1
    assert rider.name not in lines[0]
    assert rider.plate not in lines[0]


def test_search_shows_nothing_to_strangers_and_refuses_a_single_sign(any_make, world, who, filed, at, vault):
    one, stranger = filed(), any_make.neighbourhood()
    other = any_make.identity(stranger.officers[stranger.street.id])
    rider = any_make.rider_lines(2)[0]
    for words in (one.reference, rider.phone, rider.plate, rider.name):
        assert read(any_make, search, other, vault, words, at) == ()
    for words in ("", "王", "x" * 61):
        with pytest.raises(SearchTooShort):
            read(any_make, search, who("street"), vault, words, at)
    administrator = any_make.identity(any_make.officer(world.lead, is_administrator=True))
    assert len(read(any_make, search, administrator, vault, rider.phone, at)) == 1


def test_a_search_asks_the_database_for_no_plain_name_phone_or_plate(any_make, world, who, filed, at, vault):
    filed()
    rider, said = any_make.rider_lines(2)[0], []

    def hear(_connection, _cursor, _statement, parameters, *_rest):
        said.append(str(parameters))

    with any_make.database.reading() as session:
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", hear)
        for words in (rider.name, rider.phone, rider.plate):
            search(session, who("street"), vault, words, at)
        event.remove(engine, "before_cursor_execute", hear)
    assert said
    assert not any(one in text for text in said for one in (rider.name, rider.phone, rider.plate))


@pytest.mark.parametrize("tab", ["todo", "done", "mine", "copies"])
def test_a_tab_takes_as_many_queries_for_two_rows_as_for_twelve(any_make, world, who, filed, at, tab):
    views = {
        "todo": lambda session: waiting_for(session, who("council"), at),
        "done": lambda session: answered_by(session, who("council")),
        "mine": lambda session: listed(session, who("company"), Filters(way=ReaderWay.FILER), at),
        "copies": lambda session: listed(session, who("street"), Filters(way=ReaderWay.COPY), at),
    }
    counts = []
    for seeds in (range(2), range(2, 12)):
        for seed in seeds:
            one = filed(seed)
            if tab == "done":
                any_make.say(who("council"), seats(any_make, one.matter_id)[world.council.id])
        counts.append(_queries(any_make, views[tab]))
    assert counts[0] == counts[1] <= 7


def _queries(make, view) -> int:
    said = []
    with make.database.reading() as session:
        view(session)  # what a process looks up once
    with make.database.reading() as session:
        engine = session.get_bind()

        def hear(_connection, _cursor, statement, *_rest):
            said.append(statement)

        event.listen(engine, "before_cursor_execute", hear)
        assert view(session).rows
        event.remove(engine, "before_cursor_execute", hear)
    return len([one for one in said if one.lstrip().upper().startswith(("SELECT", "WITH"))])


def test_a_line_is_matched_whatever_else_the_filing_has(any_make, who, filed, at, vault):
    one = filed()
    with any_make.database.reading() as session:
        assert len(session.scalars(select(FilingLine).where(FilingLine.matter_id == one.matter_id)).all()) == 2
    second = any_make.rider_lines(2)[1]
    hits = read(any_make, search, replace(who("company")), vault, second.phone, at)
    assert [line[0] for line in hits[0].lines] == [2]


@pytest.mark.parametrize(
    "narrowed", [{}, {"way": ReaderWay.COPY}, {"way": ReaderWay.FILER}, {"awaited": Party.COUNCIL}]
)
def test_matters_chosen_one_by_one_are_listed_where_the_reader_may_see_them(any_make, who, filed, at, narrowed):
    one, other, foreign = filed(), filed(3), filed(5, any_make.neighbourhood())
    chosen = Filters(matter_ids=frozenset({one.matter_id, foreign.matter_id}), **narrowed)
    name = {ReaderWay.COPY: "street", ReaderWay.FILER: "company"}.get(narrowed.get("way"), "council")
    assert [row.reference for row in read(any_make, listed, who(name), chosen, at).rows] == [one.reference]
    assert read(any_make, count_listed, who(name), chosen) == 1
    assert other.reference != one.reference
