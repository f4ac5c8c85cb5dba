"""A filing on one page: who sees what, with how many queries."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, event

from models import record
from models.consultation.looking import mark_looked
from models.consultation.opinions import Draft, LineException
from models.consultation.tables import OpinionKind, SeatStatus
from models.crypto import Vault
from models.database import Database
from models.errors import NotFound
from models.filing.tables import LineStatus
from models.matter import MatterStatus, visible
from models.officer import Identity
from models.protocol.schema import Party
from models.resolution import of_matter
from models.views.check import check_view
from models.views.filing import FilingView, filing_view
from models.views.lines import lines_view
from tests.make import Maker, Neighbourhood


@pytest.fixture
def world(make: Maker) -> Neighbourhood:
    return make.neighbourhood()


@pytest.fixture
def matter_id(make: Maker, world: Neighbourhood) -> UUID:
    return make.filing(world.clerk, [world.compound], 5).matter_id


def view(make: Maker, who: Identity, matter_id: UUID, at: datetime | None = None) -> FilingView:
    with make.database.reading() as session:
        return filing_view(session, who, make.vault, matter_id, at or make.at)


def test_before_its_round_a_filing_shows_every_stage_as_coming(
    make: Maker, world: Neighbourhood, matter_id: UUID
) -> None:
    shown = view(make, world.clerk, matter_id)
    assert shown.status is MatterStatus.SUBMITTED
    assert shown.stages == ()
    assert [stage.key for stage in shown.coming] == ["neighbourhood", "district"]
    assert [entry.kind for entry in shown.timeline] == ["submitted"]
    assert shown.timeline[0].about[0].zh == "锦绣花园"


def test_names_phones_and_plates_are_masked(make: Maker, world: Neighbourhood, matter_id: UUID) -> None:
    line = view(make, world.clerk, matter_id).lines.rows[0]
    filed = make.rider_lines(5)[0]
    assert line.name == filed.name[0] + "*" * (len(filed.name) - 1)
    assert line.phone == f"170****{filed.phone[-4:]}"
    assert filed.plate is not None
    assert line.plate == f"豫H***{filed.plate[-3:]}"


def test_a_consulting_filing_names_its_seats_and_what_may_be_done(
    make: Maker, world: Neighbourhood, matter_id: UUID
) -> None:
    make.open(matter_id)
    shown = view(make, world.who(world.council), matter_id)
    assert {seat.party for seat in shown.stages[0].seats} == {Party.PROPERTY, Party.COMMUNITY, Party.COUNCIL}
    assert [stage.key for stage in shown.coming] == ["district"]
    assert [seat.organisation.zh for seat in shown.my_seats] == ["新兴议事会"]
    assert shown.is_new_to_me
    assert not shown.may_submit_again
    assert [rung.is_done for rung in shown.stages[0].rungs] == [False] * len(shown.stages[0].rungs)
    assert {letter.organisation.zh for letter in shown.letters} >= {"新兴议事会", "新兴社区"}


def test_opinions_are_shown_with_officer_and_exceptions(make: Maker, world: Neighbourhood, matter_id: UUID) -> None:
    make.open(matter_id)
    seat = next(one for one in make.asked(matter_id) if one.organisation_id == world.community.id)
    draft = Draft(OpinionKind.AGREE, exceptions=(LineException(2, "不住本区"),))
    make.say(world.who(world.community), seat, draft)
    said = next(one for one in view(make, world.clerk, matter_id).stages[0].seats if one.party is Party.COMMUNITY)
    assert (said.answer, said.status) == (OpinionKind.AGREE, SeatStatus.ANSWERED)
    assert said.officer == world.officer(world.community).name
    assert said.exceptions == (LineException(2, "不住本区"),)
    assert not said.is_mine
    assert not said.is_deemed


def test_a_silent_seat_is_late_from_its_deadline_on(make: Maker, world: Neighbourhood, matter_id: UUID) -> None:
    make.open(matter_id)
    due_at = make.asked(matter_id)[0].due_at
    before = view(make, world.clerk, matter_id, due_at - timedelta(seconds=1)).stages[0].seats
    after = view(make, world.clerk, matter_id, due_at).stages[0].seats
    assert not any(seat.is_late for seat in before)
    assert {seat.party for seat in after if seat.is_late} == {Party.COMMUNITY, Party.COUNCIL}


def test_a_concluded_filing_shows_resolution_passes_and_reasons(
    make: Maker, world: Neighbourhood, matter_id: UUID
) -> None:
    make.open(matter_id)
    for seat in make.asked(matter_id):
        out = (LineException(4, "投诉未处理"),) if seat.party is Party.COMMUNITY else ()
        make.say(make.identity(world.officers[seat.organisation_id]), seat, Draft(OpinionKind.AGREE, exceptions=out))
    make.agree_through(world, matter_id)
    make.conclude(matter_id)
    shown = view(make, world.clerk, matter_id)
    assert shown.resolution is not None
    assert shown.resolution.number == "山协〔2026〕1号"
    assert shown.passes == 4
    assert shown.line_counts == {LineStatus.PASSED: 4, LineStatus.EXCEPTED: 1}
    left = next(line for line in shown.lines.rows if line.status is LineStatus.EXCEPTED)
    assert (left.number, left.reason) == (4, "投诉未处理")
    assert left.decided_by is not None
    assert left.decided_by.zh == "新兴社区"
    assert shown.coming == ()
    assert shown.my_seats == ()
    assert not shown.may_add_photos


def test_the_public_check_names_answers_but_nobody_and_no_text(
    make: Maker, world: Neighbourhood, matter_id: UUID
) -> None:
    make.agree_through(world, matter_id, Draft(OpinionKind.AGREE, reason="经王建国核实"))
    make.conclude(matter_id)
    with make.database.reading() as session:
        resolution = of_matter(session, matter_id)
        assert resolution is not None
        shown = check_view(session, resolution.check)
        with pytest.raises(NotFound):
            check_view(session, "no-such-word")
    assert shown.number == resolution.number
    assert {said.party for said in shown.parties} == set(Party)
    assert {said.answer for said in shown.parties} == {"agree"}
    assert "王建国" not in repr(shown)
    assert not any(officer.name in repr(shown) for officer in world.officers.values())


def test_lines_come_in_pages(make: Maker, world: Neighbourhood, matter_id: UUID) -> None:
    with make.database.reading() as session:
        first = lines_view(session, world.clerk, make.vault, matter_id, 0, 2)
        second = lines_view(session, world.clerk, make.vault, matter_id, first.next or 0, 2)
        third = lines_view(session, world.clerk, make.vault, matter_id, second.next or 0, 2)
    assert [line.number for page in (first, second, third) for line in page.rows] == [1, 2, 3, 4, 5]
    assert third.next is None


def test_what_is_not_yours_is_not_there(make: Maker, world: Neighbourhood, matter_id: UUID) -> None:
    stranger = make.neighbourhood()
    for who in (stranger.clerk, stranger.who(stranger.council)):
        with pytest.raises(NotFound):
            view(make, who, matter_id)
    with make.database.reading() as session, pytest.raises(NotFound):
        lines_view(session, stranger.clerk, make.vault, uuid4())


def test_the_first_look_is_recorded_once_and_makes_no_page_stale(
    make: Maker, world: Neighbourhood, matter_id: UUID
) -> None:
    make.open(matter_id)
    council = world.who(world.council)
    before = make.matter(matter_id).version
    assert make.database.write(mark_looked, council, matter_id, make.at)
    assert not make.database.write(mark_looked, council, matter_id, make.at + timedelta(minutes=1))
    shown = view(make, council, matter_id)
    assert not shown.is_new_to_me
    assert [entry.kind for entry in shown.timeline].count("looked") == 1
    assert shown.my_seats[0].looked_at == make.at
    assert (shown.version, shown.my_seats[0].version) == (before, 1)
    with make.database.reading() as session:
        assert record.first_broken(record.entries(session, matter_id)) is None


def test_a_filer_who_is_not_asked_leaves_no_look(make: Maker, world: Neighbourhood, matter_id: UUID) -> None:
    make.open(matter_id)
    assert not make.database.write(mark_looked, world.clerk, matter_id, make.at)


def test_a_deputy_s_look_is_told_as_such_and_a_stranger_finds_nothing(
    make: Maker, world: Neighbourhood, matter_id: UUID
) -> None:
    make.open(matter_id)
    away = world.who(world.council)
    deputy = replace(make.identity(make.officer(world.council)), deputy_for=away.officer_id)
    assert make.database.write(mark_looked, deputy, matter_id, make.at)
    with make.database.reading() as session:
        assert record.entries(session, matter_id)[-1].body["deputy_for"] == str(away.officer_id)
    stranger = make.neighbourhood()
    with pytest.raises(NotFound):
        make.database.write(mark_looked, stranger.who(stranger.council), matter_id, make.at)


def test_a_page_takes_as_many_queries_for_five_riders_as_for_ninety(
    make: Maker, world: Neighbourhood, matter_id: UUID, vault: Vault, database: Database
) -> None:
    large = make.filing(world.clerk, [world.compound], 90, seed=7).matter_id
    for one in (matter_id, large):
        make.agree_through(world, one)
        make.conclude(one)
    view(make, world.clerk, large)  # the protocol is read once a process
    counts = [count_queries(database, world, vault, one, make.at) for one in (matter_id, large)]
    assert counts[0] == counts[1] <= 25


def count_queries(database: Database, world: Neighbourhood, vault: Vault, matter_id: UUID, at: datetime) -> int:
    said: list[str] = []
    with database.reading() as session:
        visible(session, matter_id, world.clerk)
        engine = session.get_bind()
        assert isinstance(engine, Engine)

        def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            said.append(statement)

        event.listen(engine, "before_cursor_execute", count)
        filing_view(session, world.clerk, vault, matter_id, at)
        event.remove(engine, "before_cursor_execute", count)
    return len(said)
