"""What the engine writes into notices is what the letters ask for, and holds nobody's name, phone or plate."""

import json
from datetime import timedelta

from sqlalchemy import select

from models import notice
from models.consultation import seats
from models.consultation.opinions import Draft, LineException
from models.consultation.tables import OpinionKind
from models.notice import Letter
from models.officer import Officer
from templates.language import LANGUAGES
from templates.letters import render_letter

ADDRESS = "https://wufang.shanyang.example"
RIDERS = 3
REASON = "不认识这位骑手"


def written(database, matter_id):
    """Every letter of the matter, in both languages."""
    with database.reading() as session:
        notices = notice.of_matter(session, matter_id)
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
        facts = [json.dumps(one.facts, ensure_ascii=False) for one in notice.of_matter(session, matter_id)]
        officers = session.scalars(select(Officer)).all()
    riders = make.rider_lines(RIDERS)
    private = {value for one in riders for value in (one.name, one.phone, one.plate)}
    private |= {value for one in officers for value in (one.name, one.email)} | {REASON}
    for said in [*facts, *(one.subject + one.text + one.html for one in written(database, matter_id).values())]:
        assert not [one for one in private if one in said]
