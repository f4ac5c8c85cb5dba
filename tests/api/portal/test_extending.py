"""More time on the pages: asked for on the filing, found on the desk of who decides, decided there; lateness is shown."""

from datetime import timedelta
from uuid import UUID

import pytest

from models.calendars import district_calendar
from models.consultation import seats
from models.consultation.extending import answer_extension, ask_extension
from tests.api.portal.test_acting import do, form_of


@pytest.fixture
def filed(make, world):
    """An open filing of three riders: its matter and its page."""
    submitted = make.filing(world.clerk, [world.compound])
    make.open(submitted.matter_id)
    return submitted.matter_id, f"/filings/{submitted.reference}"


def due_at(make, matter_id: UUID):
    with make.database.reading() as session:
        return seats.open_stage(session, matter_id).due_at


def asked(make, world, matter_id, at):
    """The community asks for more time."""
    seat = next(one for one in make.asked(matter_id) if one.organisation_id == world.community.id)
    make.database.write(ask_extension, world.who(world.community), seat.id, "须到现场", district_calendar(), None, at)


def test_more_time_is_asked_for_found_on_the_desk_and_granted(browse, world, make, filed):
    matter_id, page = filed
    community, street = browse(world.community), browse(world.street)
    before = due_at(make, matter_id)
    sent = do(community, page, "ask-extension", words="We must look at the gate.")
    assert "More time is asked for." in sent.text
    assert "We must look at the gate." in sent.text
    assert "/acts/ask-extension" not in sent.text
    desk = street.get("/")
    assert "Requests for more time" in desk.text
    assert f"{page}#extension" in desk.text
    opened = street.get(page).text
    assert "We must look at the gate." in opened
    fields = form_of(opened, "answer-extension")
    granted = street.send(f"{page}/acts/answer-extension", fields | {"answer": "granted", "words": "Until then."})
    assert "The request is decided" in granted.text
    assert "granted more time to Xinxing" in granted.text
    assert due_at(make, matter_id) > before
    assert "Requests for more time" not in street.get("/").text


def test_a_refusal_needs_words_and_keeps_nothing_from_being_typed_again(browse, world, make, filed, at):
    asked(make, world, filed[0], at)
    street, page = browse(world.street), filed[1]
    fields = form_of(street.get(page).text, "answer-extension")
    missing = street.send(f"{page}/acts/answer-extension", fields | {"answer": "refused", "words": " "})
    assert missing.status_code == 422
    assert "Write a few words" in missing.text
    refused = street.send(
        f"{page}/acts/answer-extension", fields | {"answer": "refused", "words": "Papers are complete."}
    )
    assert "refused more time to Xinxing" in refused.text
    assert "Not granted" in refused.text
    again = street.send(
        f"{page}/acts/answer-extension", fields | {"answer": "refused", "words": "Papers are complete."}
    )
    assert "The request is decided" in again.text  # the second of two clicks


def test_what_was_typed_to_a_request_that_is_answered_meanwhile_is_not_lost(browse, world, make, filed, at):
    asked(make, world, filed[0], at)
    street, page = browse(world.street), filed[1]
    fields = form_of(street.get(page).text, "answer-extension")
    chief = make.identity(make.officer(world.street))
    make.database.write(answer_extension, chief, UUID(fields["request"]), True, "", district_calendar(), at)
    stale = street.send(f"{page}/acts/answer-extension", fields | {"answer": "refused", "words": "No more time."})
    assert stale.status_code == 409
    assert "No more time." in stale.text
    assert "granted more time to" in stale.text


def test_what_was_typed_for_a_request_that_a_colleague_made_meanwhile_is_not_lost(browse, world, make, filed, at):
    community, page = browse(world.community), filed[1]
    fields = form_of(community.get(page).text, "ask-extension")
    asked(make, world, filed[0], at)
    stale = community.send(f"{page}/acts/ask-extension", fields | {"words": "Two more days, please."})
    assert stale.status_code == 409
    assert "Two more days, please." in stale.text


def test_only_those_concerned_see_the_forms(browse, world, make, filed, at):
    asked(make, world, filed[0], at)
    for organisation in (world.council, world.company, world.community):
        page = browse(organisation).get(filed[1]).text
        assert "/acts/answer-extension" not in page
        assert "须到现场" in page
    assert "/acts/ask-extension" not in browse(world.company).get(filed[1]).text


def test_the_ladder_stands_on_the_page_and_on_paper_before_it_happens(browse, world, filed):
    community = browse(world.community)
    for address in (filed[1], f"{filed[1]}/print"):
        page = community.get(address).text
        assert (
            "If there is no answer from Xinxing by 2026-11-25 (Wed) 18:00, Dinghe Street answers in its stead." in page
        )
        assert "Dinghe Street, Xinxing by 2026-11-26 (Thu) 18:00, Social Work Department answers" in page
        assert "Stage “Street and departments”, once it opens:" in page
        assert "at the deadline: the next level up answers in its stead" in page


def test_a_late_matter_says_so_on_its_page_and_in_the_lists_and_still_does_once_settled(
    app, browse, world, make, filed
):
    matter_id, page = filed
    late = due_at(make, matter_id)
    make.climb(matter_id, late)
    app.state.clock = lambda: late + timedelta(days=1)
    browser = browse(world.company)
    shown = browser.get(page).text
    assert "Overdue since 2026-11-25 (Wed) 18:00: stage “Neighbourhood countersign” is late by 1 working day." in shown
    for address in ("/filings", "/?tab=mine"):
        assert "Overdue" in browser.get(address).text
    for _ in range(2):
        for seat in make.asked(matter_id):
            make.say(make.identity(world.officers[seat.organisation_id]), seat, at=late + timedelta(days=1))
        if make.matter(matter_id).status == "consulting":
            make.open(matter_id, late + timedelta(days=1))
    make.conclude(matter_id, late + timedelta(days=1))
    shown = browser.get(page).text
    assert "Settled late: stage “Neighbourhood countersign” was due by" in shown
    assert "Overdue" not in shown
    for address in ("/filings", "/?tab=mine"):
        assert "Settled late" in browser.get(address).text
    assert "Settled late" in browse(world.community).get("/?tab=done").text
    assert "Settled late" in browse(world.street).get("/?tab=done").text
    assert "Settled late" in browser.get(f"{page}/print").text
