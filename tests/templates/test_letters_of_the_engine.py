"""What the engine writes into notices is what the letters ask for, and holds nobody's name, phone or plate."""

import json
from datetime import timedelta

from sqlalchemy import select

from models.calendars import district_calendar
from models.consultation import seats
from models.consultation.adding import add_signer, remove_signer
from models.consultation.extending import answer_extension, ask_extension, requests_of
from models.consultation.handing import delegate, give_back, transfer_to_colleague, transfer_to_organisation
from models.consultation.opinions import Draft, LineException
from models.consultation.returning import return_to_stage
from models.consultation.tables import OpinionKind, SigningPlace
from models.consultation.withdrawing import withdraw
from models.notice import tables
from models.notice.tables import Letter
from models.officer import Officer
from models.protocol.schema import Answering, Escalation, Level, UnseenAct
from models.working_time import Span
from templates.language import LANGUAGES
from templates.letters import render_letter
from tests.models.consultation.conftest import Desk

ADDRESS = "https://wufang.shanyang.example"
RIDERS = 3
REASON = "不认识这位骑手"


def written(database, matter_id):
    """Every letter of the matter, in both languages."""
    with database.reading() as session:
        notices = tables.of_matter(session, matter_id)
        return {
            (one.letter, language): render_letter(one.letter.value, language, one.facts, ADDRESS, one.created_at)
            for one in notices
            for language in LANGUAGES
        }


def late_but_agreed(make, at):
    """A filing whose street is late, one rider of which is excepted, and which is agreed in the end."""
    world = make.neighbourhood()
    filing = make.filing(world.clerk, [world.compound], make.rider_lines(RIDERS))
    make.open(filing.matter_id)
    draft = Draft(OpinionKind.AGREE, exceptions=(LineException(2, REASON),))
    for seat in make.asked(filing.matter_id):
        make.say(make.identity(world.officers[seat.organisation_id]), seat, draft)
    make.open(filing.matter_id)
    with make.database.reading() as session:
        stage = seats.open_stage(session, filing.matter_id)
    make.climb(filing.matter_id, stage.due_at - timedelta(hours=1))
    make.climb(filing.matter_id, stage.due_at)
    for seat in make.asked(filing.matter_id):
        make.say(make.identity(world.officers[seat.organisation_id]), seat, at=stage.due_at)
    make.conclude(filing.matter_id, stage.due_at)
    return filing.matter_id


def test_every_letter_that_the_engine_writes_can_be_rendered(make, database, at):
    letters = written(database, late_but_agreed(make, at))
    assert {letter for letter, _ in letters} == {
        Letter.INVITATION,
        Letter.REMINDER,
        Letter.ESCALATION,
        Letter.LATE,
        Letter.RESULT,
        Letter.COPY,
    }
    result = letters[Letter.RESULT, "en"]
    assert "2 passes were issued" in result.text
    assert "1 rider was left out" in result.text


def test_a_filing_that_goes_back_says_so(make, database):
    world = make.neighbourhood()
    filing = make.filing(world.clerk, [world.compound], 1)
    make.open(filing.matter_id)
    seat = next(one for one in make.asked(filing.matter_id) if one.organisation_id == world.council.id)
    make.say(world.who(world.council), seat, Draft(OpinionKind.OBJECT, reason="电动车太多"))
    make.conclude(filing.matter_id)
    letters = written(database, filing.matter_id)
    assert letters[Letter.RESULT, "en"].subject.startswith("Result (Returned to the filer)")
    assert all("电动车太多" not in letter.text + letter.html for letter in letters.values())


def test_no_letter_names_a_rider_an_officer_or_a_reason(make, database, at):
    matter_id = late_but_agreed(make, at)
    with database.reading() as session:
        facts = [json.dumps(one.facts, ensure_ascii=False) for one in tables.of_matter(session, matter_id)]
        officers = session.scalars(select(Officer)).all()
    riders = make.rider_lines(RIDERS)
    private = {value for one in riders for value in (one.name, one.phone, one.plate)}
    private |= {value for one in officers for value in (one.name, one.email)} | {REASON}
    for said in [*facts, *(one.subject + one.text + one.html for one in written(database, matter_id).values())]:
        assert not [one for one in private if one in said]


def test_the_letters_about_the_two_clocks_and_about_more_time_can_be_rendered_and_hold_no_words(make, database, at):
    """Nobody looks, the superior learns of it, more time is granted; later the late one answers beside its superior."""
    words, desk = "请到现场核实车牌", Desk(make, at)
    ladder = (Escalation(Span(working_minutes=0), Level.SUPERIOR, Answering.ALONGSIDE),)
    desk.consult(look_within=Span(working_minutes=60), unseen=frozenset(UnseenAct), escalations=ladder)
    world, calendar = desk.world, district_calendar()
    desk.rounds(calendar.after(at, Span(working_minutes=60)))
    desk.do(ask_extension, world.community, words, calendar)
    with database.reading() as session:
        (request,) = requests_of(session, [desk.stage.id])
    database.write(answer_extension, desk.who(world.street), request.id, True, words, calendar, at)
    desk.rounds(desk.stage.due_at)
    desk.say(world.community, at=desk.stage.due_at)
    letters = written(database, desk.matter_id)
    wanted = {Letter.UNSEEN, Letter.EXTENSION_ASKED, Letter.EXTENSION_ANSWERED, Letter.RELEASED}
    assert wanted <= {letter for letter, _ in letters}
    assert all(words not in one.text + one.html + one.subject for one in letters.values())


def test_the_letters_of_officers_acts_can_be_rendered_and_hold_no_words_of_theirs(make, database, at):
    words = "请到现场核实车牌"
    world, other = make.neighbourhood(), make.neighbourhood()
    matter_id = make.filing(world.clerk, [world.compound], RIDERS).matter_id
    make.open(matter_id)
    for seat in make.asked(matter_id):
        make.say(make.identity(world.officers[seat.organisation_id]), seat)
    make.open(matter_id)
    street = next(one for one in make.asked(matter_id) if one.organisation_id == world.street.id)
    who, colleague = world.who(world.street), make.identity(make.officer(world.street))

    def act(rule, by, *values):
        return database.write(rule, by, street.id, *values, None, at)

    act(delegate, who, colleague.officer_id, words)
    act(give_back, colleague, words)
    act(add_signer, who, world.community.id, SigningPlace.BESIDE, words)
    with database.reading() as session:
        added = next(one for one in seats.seats_of_matter(session, matter_id) if one.added_by_id == street.id)
    database.write(remove_signer, who, added.id, at)
    act(transfer_to_colleague, who, colleague.officer_id, words)
    moved = act(transfer_to_organisation, colleague, other.street.id, words).seat_id
    database.write(return_to_stage, other.who(other.street), moved, "neighbourhood", words, None, at)
    make.open(matter_id)
    database.write(withdraw, world.clerk, matter_id, words, None, at)
    letters = written(database, matter_id)
    acts = {Letter.HANDED, Letter.ADVICE, Letter.RELEASED, Letter.WITHDRAWN, Letter.INVITATION}
    assert acts <= {letter for letter, _ in letters}
    with database.reading() as session:
        facts = [one.facts for one in tables.of_matter(session, matter_id)]
    assert {one.get("way") for one in facts} >= {"advice", "colleague", "organisation"}
    assert any("sent_back" in one for one in facts)
    assert all(words not in one.text + one.html + one.subject for one in letters.values())
