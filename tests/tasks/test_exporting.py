"""Exports: who may take out what, what stands in the file, and what is written down about it."""

import csv
import io
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from openpyxl import load_workbook

from api.portal.wording import steps_of
from flows.exports import exports as exports_flow
from models import deputy, record
from models.base import uuid7
from models.clock import utcnow
from models.comment import CommentKind, add_comment
from models.consultation.opinions import Draft
from models.consultation.tables import OpinionKind
from models.errors import NotAllowed, NotFound
from models.export import asking, building
from models.export.asking import NoIdentitiesThere, ReasonTooShort, Wanted
from models.export.authority import MOST_NAMED, Chosen, IdentitiesNotYours, NoneNamed, TooManyNamed
from models.export.kinds import KINDS
from models.export.of_people import Named, Whole
from models.export.tables import Export, ExportForm, ExportKind, ExportStatus
from models.matter import ReaderWay
from models.notice.tables import Notice
from models.officer import Role
from models.staff_act import TakeHatOff
from models.views.filing import timeline_view
from models.views.matters import ALL, Filters
from models.views.staff import OfficerFilters
from models.views.waiting import ANY_ANSWER, ANY_SEAT
from tasks import exporting, resources
from tasks.exporting import neutral
from tasks.resources import settings
from templates.language import translator

REASON = "The insurer asks for the list of November."


@pytest.fixture(autouse=True)
def here(tmp_path, database, vault, monkeypatch):
    """The steps work on the test's own database, with the tests' keys."""
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    (keys / "seal-1.key").write_bytes(vault.keys["seal-1"])
    (keys / "index.key").write_bytes(vault.index_key)
    monkeypatch.setenv("WUFANG_STATE_DIR", str(tmp_path))
    resources.forget()
    yield
    resources.forget()


@pytest.fixture
def world(make):
    return make.neighbourhood()


@pytest.fixture
def filed(make, world):
    made = make.filing(world.clerk, [world.compound], 3)
    make.open(made.matter_id)
    return made


def take(make, who, wanted):
    """Ask, claim and build, as a round would; the row as it then stands."""
    export_id = make.database.write(asking.ask, who, wanted, make.at)
    assert make.database.write(building.claim, make.at) == export_id
    exporting.build(export_id)
    with make.database.reading() as session:
        return session.get_one(Export, export_id)


def content(export) -> bytes:
    return (building.folder_under(settings().state_dir) / export.file_name).read_bytes()


def rows_of(export) -> list[list[object]]:
    if export.form is ExportForm.CSV:
        return list(csv.reader(io.StringIO(content(export).decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(content(export))).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("form", ExportForm)
def test_riders_are_masked_unless_asked_otherwise(make, world, filed, form):
    made = take(make, world.clerk, Wanted(ExportKind.RIDERS, form, ALL))
    rows, rider = rows_of(made), make.rider_lines(3)[0]
    assert (made.status, made.rows_done, len(rows)) == (ExportStatus.DONE, 3, 4)
    told = str(rows)
    assert filed.reference in told
    assert not any(one in told for one in (rider.name, rider.phone, rider.plate))
    assert f"{rider.phone[:3]}****{rider.phone[-4:]}" in told


def test_a_workbook_has_a_frozen_heading_a_filter_widths_and_real_days(make, world, filed):
    made = take(make, world.clerk, Wanted(ExportKind.RIDERS, ExportForm.XLSX, ALL))
    sheet = load_workbook(io.BytesIO(content(made))).worksheets[0]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:M4")
    assert sheet.column_dimensions["B"].width == 28.7109375  # 28 characters and the margin that a cell has
    assert isinstance(sheet["J2"].value, datetime)
    assert sheet["J2"].number_format == "yyyy-mm-dd"


def test_whole_identities_are_in_the_record_of_each_matter(make, world, filed):
    made = take(make, world.clerk, Wanted(ExportKind.RIDERS, ExportForm.CSV, ALL, is_full=True, reason=REASON))
    rider = make.rider_lines(3)[0]
    assert rider.phone in str(rows_of(made))
    with make.database.reading() as session:
        chain = record.entries(session, filed.matter_id)
    assert record.first_broken(chain) is None
    assert (chain[-1].kind, chain[-1].body["count"], chain[-1].officer_id) == (
        "identities_taken_out",
        3,
        world.clerk.officer_id,
    )


def test_masked_lists_leave_no_entry(make, world, filed):
    take(make, world.clerk, Wanted(ExportKind.RIDERS, ExportForm.CSV, ALL))
    with make.database.reading() as session:
        assert record.entries(session, filed.matter_id)[-1].kind != "identities_taken_out"


def test_only_who_answers_for_identities_takes_them_out(make, world, filed):
    write = make.database.write
    wanted = Wanted(ExportKind.RIDERS, ExportForm.CSV, ALL, is_full=True, reason=REASON)
    community = world.who(world.community)
    for who in (community, replace(world.clerk, role=Role.READER)):
        with pytest.raises(IdentitiesNotYours):
            write(asking.ask, who, wanted, make.at)
    with pytest.raises(ReasonTooShort):
        write(asking.ask, world.clerk, replace(wanted, reason="  because  "), make.at)
    assert write(asking.ask, replace(community, role=Role.MANAGER), wanted, make.at)


def test_a_company_opens_only_what_it_filed(make, world, filed):
    other = make.neighbourhood()
    make.filing(other.clerk, [other.compound], 2, seed=5)
    made = take(make, world.clerk, Wanted(ExportKind.RIDERS, ExportForm.CSV, ALL, is_full=True, reason=REASON))
    assert made.rows_done == 3


def test_each_list_has_its_rows_and_a_list_without_any_is_a_heading(make, world, filed):
    council = world.who(world.council)
    waiting = take(make, council, Wanted(ExportKind.WAITING, ExportForm.CSV, ANY_SEAT))
    assert [row[0] for row in rows_of(waiting)][1:] == [filed.reference]
    nothing = take(make, council, Wanted(ExportKind.ANSWERED, ExportForm.XLSX, ANY_ANSWER))
    assert (nothing.rows_done, len(rows_of(nothing))) == (0, 1)
    seat = next(one for one in make.seats(filed.reference) if one.organisation_id == world.council.id)
    make.say(council, seat)
    answered = take(make, council, Wanted(ExportKind.ANSWERED, ExportForm.CSV, ANY_ANSWER))
    assert [row[0] for row in rows_of(answered)][1:] == [filed.reference]
    copies = take(
        make, world.who(world.street), Wanted(ExportKind.FILINGS, ExportForm.CSV, Filters(way=ReaderWay.COPY))
    )
    assert [row[0] for row in rows_of(copies)][1:] == [filed.reference]


def test_strangers_take_nothing_out(make, world, filed):
    other = make.neighbourhood()
    assert take(make, other.clerk, Wanted(ExportKind.RIDERS, ExportForm.CSV, ALL)).rows_done == 0


@pytest.mark.parametrize("text", ["=1+1", "+86", "-1", "@x", "\tx", "\rx", "\nx", "＝1", " =1"])
def test_no_text_is_taken_for_a_formula(text):
    assert neutral(text) == f"'{text}"
    assert neutral(f"a{text}") == f"a{text}"


def test_a_formula_in_what_was_filed_stays_text(make, world):
    lines = make.rider_lines(1)
    evil = tuple(replace(one, station="=HYPERLINK(1)") for one in lines)
    make.filing(world.clerk, [world.compound], evil)
    for form in ExportForm:
        assert "'=HYPERLINK(1)" in str(rows_of(take(make, world.clerk, Wanted(ExportKind.RIDERS, form, ALL))))


def test_a_file_is_for_its_officer_for_a_day(make, world, filed, at):
    made = take(make, world.clerk, Wanted(ExportKind.FILINGS, ExportForm.CSV, ALL))
    colleague = make.identity(make.officer(world.company))
    soon = made.expires_at - timedelta(seconds=1)
    with make.database.reading() as session:
        assert asking.ready_export(session, world.clerk, made.id, soon).id == made.id
        for who, moment in ((colleague, soon), (world.clerk, made.expires_at)):
            with pytest.raises(NotFound):
                asking.ready_export(session, who, made.id, moment)
    path = building.folder_under(settings().state_dir) / made.file_name
    assert path.stat().st_mode & 0o077 == 0
    assert make.database.write(building.purge, path.parent, made.expires_at) == 1
    assert not path.exists()


def test_an_officer_who_has_left_meanwhile_gets_nothing(make, world, filed):
    export_id = make.database.write(asking.ask, world.clerk, Wanted(ExportKind.RIDERS, ExportForm.CSV, ALL), make.at)
    make.tamper("update officer set is_active = false")
    make.database.write(building.claim, make.at)
    with pytest.raises(NotFound):
        exporting.build(export_id)


def test_a_builder_that_dies_leaves_it_due_again_and_the_last_try_is_shown(make, world, filed, at):
    write = make.database.write
    export_id = write(asking.ask, world.clerk, Wanted(ExportKind.RIDERS, ExportForm.CSV, ALL), at)
    for number in range(building.MOST_TRIES):
        moment = at + number * (building.LEASE + timedelta(minutes=2))
        assert write(building.claim, moment) == export_id
        assert write(building.claim, moment) is None
        is_over = write(building.put_back, export_id, "killed", moment)
        assert is_over is (number == building.MOST_TRIES - 1)
    with make.database.reading() as session:
        assert session.get_one(Export, export_id).status is ExportStatus.FAILED


def test_a_builder_that_was_overtaken_can_write_no_more(make, world, filed, at):
    write = make.database.write
    export_id = write(asking.ask, world.clerk, Wanted(ExportKind.RIDERS, ExportForm.CSV, ALL), at)
    write(building.claim, at)
    write(building.progress, export_id, 1, 10, at)
    assert write(building.claim, at + building.LEASE - timedelta(seconds=1)) is None
    assert write(building.claim, at + building.LEASE) == export_id
    for act in (building.progress, building.finish):
        with pytest.raises(building.BuiltElsewhere):
            write(act, export_id, 1, 20, at)


@pytest.mark.usefixtures("prefect_server")
def test_a_round_builds_one_in_a_process_of_its_own(make, world, filed, at):
    export_id = make.database.write(asking.ask, world.clerk, Wanted(ExportKind.RIDERS, ExportForm.XLSX, ALL), at)
    told = exports_flow(at=at)
    assert (told.taken, told.moved, told.failed) == (1, 1, 0)
    assert exports_flow(at=at).taken == 0
    with make.database.reading() as session:
        made = session.get_one(Export, export_id)
    assert (made.status, made.rows_done, len(rows_of(made))) == (ExportStatus.DONE, 3, 4)


def test_one_filing_s_riders_stand_by_themselves(make, world, filed):
    other = make.filing(world.clerk, [world.compound], 2, seed=7)
    one = Filters(matter_ids=frozenset({other.matter_id}))
    rows = rows_of(take(make, world.clerk, Wanted(ExportKind.RIDERS, ExportForm.CSV, one)))
    assert [row[0] for row in rows[1:]] == [other.reference] * 2
    both = Filters(matter_ids=frozenset({other.matter_id, filed.matter_id}))
    assert take(make, world.clerk, Wanted(ExportKind.RIDERS, ExportForm.CSV, both)).rows_done == 5


@pytest.mark.parametrize("form", ExportForm)
def test_the_record_of_a_matter_says_what_its_page_says(make, world, filed, form):
    council = world.who(world.council)
    make.database.write(add_comment, council, filed.matter_id, CommentKind.COMMENT, "=Which gate?", None, make.at)
    seat = next(one for one in make.seats(filed.reference) if one.organisation_id == world.council.id)
    make.say(council, seat, Draft(OpinionKind.OBJECT, "Fire lane."))
    made = take(make, world.clerk, Wanted(ExportKind.RECORD, form, Chosen(frozenset({filed.matter_id}))))
    rows = rows_of(made)[1:]
    with make.database.reading() as session:
        page = steps_of(timeline_view(session, world.clerk, filed.matter_id, make.at))
    words = translator(world.clerk.language)
    assert [row[6] for row in rows] == [words.say(step.said) for step in reversed(page)]
    assert [int(str(row[1])) for row in rows] == list(range(1, len(page) + 1))
    assert {row[0] for row in rows} == {filed.reference}
    said = next(row for row in rows if row[7] == "'=Which gate?")
    assert said[3:5] == [world.council.name.of(words.language), world.officer(world.council).name]
    opened = next(row for row in rows if words.gettext("The consultation opened.") == row[6])
    assert (opened[4], made.rows_done) == (words.gettext("by the system"), len(page))


def test_a_record_is_for_those_who_may_read_the_matter_at_asking_at_building_and_at_the_download(make, world, filed):
    write, chosen = make.database.write, Chosen(frozenset({filed.matter_id}))
    wanted = Wanted(ExportKind.RECORD, ExportForm.CSV, chosen)
    other = make.neighbourhood()
    for kind, filters in ((ExportKind.RECORD, chosen), (ExportKind.RIDERS, Filters(matter_ids=chosen.matter_ids))):
        with pytest.raises(NotFound):
            write(asking.ask, other.clerk, Wanted(kind, ExportForm.CSV, filters), make.at)
    with pytest.raises(NoneNamed):
        write(asking.ask, world.clerk, replace(wanted, filters=Chosen()), make.at)
    many = Chosen(frozenset(uuid7() for _ in range(MOST_NAMED + 1)))
    with pytest.raises(TooManyNamed):
        write(asking.ask, world.clerk, replace(wanted, filters=many), make.at)
    with pytest.raises(NoIdentitiesThere):
        write(asking.ask, world.clerk, replace(wanted, is_full=True, reason=REASON), make.at)
    council = world.who(world.council)
    made, export_id = take(make, council, wanted), write(asking.ask, council, wanted, make.at)
    make.tamper("delete from reader where organisation_id = :id", id=world.council.id.hex)
    write(building.claim, make.at)
    with pytest.raises(NotFound):
        exporting.build(export_id)
    with make.database.reading() as session, pytest.raises(NotFound):
        asking.ready_export(session, council, made.id, make.at)


def test_words_stand_in_the_reader_s_language(make, world, filed):
    for language, late in (("zh", {"是", "否"}), ("en", {"yes", "no"})):
        who = replace(world.who(world.council), language=language)
        assert rows_of(take(make, who, Wanted(ExportKind.WAITING, ExportForm.CSV, ANY_SEAT)))[1][6] in late


PEOPLE = (ExportKind.OFFICERS, ExportKind.ORGANISATIONS, ExportKind.ABSENCES, ExportKind.LOG)


@pytest.fixture
def administrator(make, world):
    return make.identity(make.officer(world.lead, is_administrator=True))


@pytest.mark.parametrize("kind", PEOPLE)
def test_lists_of_people_are_the_administrator_s_own(make, world, administrator, kind):
    unnarrowed = KINDS[kind].narrow({})
    manager = replace(world.who(world.street), role=Role.MANAGER)
    for who, refusal in ((manager, NotAllowed), (replace(administrator, deputy_for=manager.officer_id), TakeHatOff)):
        with pytest.raises(refusal):
            make.database.write(asking.ask, who, Wanted(kind, ExportForm.CSV, unnarrowed), make.at)
    made = take(make, administrator, Wanted(kind, ExportForm.CSV, unnarrowed))
    assert made.status is ExportStatus.DONE
    make.tamper("update officer set is_administrator = false where id = :id", id=administrator.officer_id.hex)
    with make.database.reading() as session, pytest.raises(NotAllowed):
        asking.ready_export(session, replace(administrator, is_administrator=False), made.id, make.at)


@pytest.mark.parametrize("form", ExportForm)
def test_officers_are_listed_as_their_page_lists_them(make, world, administrator, form):
    gone = make.officer(world.street)
    make.tamper("update officer set name = '=1+1' where id = :id", id=world.officer(world.street).id.hex)
    make.tamper("update officer set is_active = false where id = :id", id=gone.id.hex)
    of_street = OfficerFilters(organisation_id=world.street.id)
    rows = rows_of(take(make, administrator, Wanted(ExportKind.OFFICERS, form, of_street)))[1:]
    assert [row[:3] for row in rows] == [["'=1+1", world.officer(world.street).email, world.street.name.zh]]
    assert rows[0][4:] == ["否", "否", "在岗"]
    left = rows_of(take(make, administrator, Wanted(ExportKind.OFFICERS, form, replace(of_street, has_left=True))))[1:]
    assert [(row[1], row[6]) for row in left] == [(gone.email, "已离岗")]


def test_organisations_absences_and_the_log_say_what_their_pages_say(make, world, administrator):
    away, stand_in, start = world.officer(world.council), world.officer(world.street), utcnow() + timedelta(days=1)
    appoint(make, away, stand_in, start)
    named = Wanted(ExportKind.ORGANISATIONS, ExportForm.CSV, Named(world.council.code))
    (found,) = rows_of(take(make, administrator, named))[1:]
    assert found[:4] == [world.council.code, "党群议事会", world.council.name_zh, world.council.name_en]
    (absence,) = rows_of(take(make, administrator, Wanted(ExportKind.ABSENCES, ExportForm.XLSX, Whole())))[1:]
    assert (absence[0], absence[4], absence[6]) == (away.name, stand_in.name, "否")
    (entry,) = rows_of(take(make, administrator, Wanted(ExportKind.LOG, ExportForm.CSV, Whole())))[1:]
    assert (entry[2], stand_in.name in entry[3], away.name in entry[3]) == (away.name, True, True)


def appoint(make, away, stand_in, start):
    ends = start + timedelta(days=2)
    make.database.write(deputy.appoint, make.identity(away), away.id, stand_in.id, start, ends, start)


def test_letters_are_one_s_own_and_everybody_s_for_the_administrator(make, world, filed, administrator):
    council = world.who(world.council)
    wanted = Wanted(ExportKind.LETTERS, ExportForm.CSV, Whole())
    mine = rows_of(take(make, council, wanted))[1:]
    assert {row[4] for row in mine} == {world.officer(world.council).email}
    assert {row[2] for row in mine} == {filed.reference}
    everybody = rows_of(take(make, administrator, wanted))[1:]
    assert world.officer(world.community).email in {row[4] for row in everybody}
    assert make.count(Notice) == len(everybody) > len(mine) > 0
