"""A page that is stale when its button is pressed says what changed and loses no text: every form in which one writes."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from models.comment import CommentKind, add_comment
from models.consultation.adding import add_signer
from models.consultation.handing import call_back, delegate
from models.consultation.on_behalf import Evidence, EvidenceKind, give_on_behalf
from models.consultation.opinions import Draft
from models.consultation.returning import return_to_filer
from models.consultation.tables import OpinionKind, Seat, SigningPlace
from models.deputy import appoint, cancel
from models.district import Organisation
from models.filing.submitting import submit_again
from models.matter import MatterStatus
from models.notice.tables import Letter, Notice
from models.officer import Officer
from tests.api.portal.conftest import Browser
from tests.api.portal.test_acting import choice, do, form_of
from tests.make import Maker
from wufang.make import Neighbourhood

Browse = Callable[[Organisation], Browser]
WORDS = "A whole paragraph that took me a quarter of an hour."
SINCE = "This happened since you opened the page:"
AGREE = Draft(OpinionKind.AGREE)


class Story:
    """An open filing, and what others do while its page stands open."""

    def __init__(self, make: Maker, world: Neighbourhood, colleague: Officer) -> None:
        submitted = make.filing(world.clerk, [world.compound])
        make.open(submitted.matter_id)
        self.make, self.world, self.matter_id = make, world, submitted.matter_id
        self.page, self.colleague = f"/filings/{submitted.reference}", make.identity(colleague)
        self.write = make.database.write

    def seat(self, organisation: Organisation) -> Seat:
        """The organisation's seat that is asked."""
        return next(one for one in self.make.asked(self.matter_id) if one.organisation_id == organisation.id)

    def colleague_answers(self) -> None:
        self.make.say(self.colleague, self.seat(self.world.community), Draft(OpinionKind.ABSTAIN))

    def colleague_asks_the_street(self) -> None:
        seat, to = self.seat(self.world.community).id, self.world.street.id
        self.write(add_signer, self.colleague, seat, to, SigningPlace.BESIDE, "You, too.", None, self.make.at)

    def delegate(self) -> None:
        boss, seat = self.world.who(self.world.community), self.seat(self.world.community).id
        self.write(delegate, boss, seat, self.colleague.officer_id, "Look at it.", None, self.make.at)

    def call_back(self) -> None:
        boss = self.world.who(self.world.community)
        self.write(call_back, boss, self.seat(self.world.community).id, None, self.make.at)

    def council_answers(self) -> None:
        self.make.say(self.world.who(self.world.council), self.seat(self.world.council), AGREE)

    def return_it(self) -> None:
        who = self.world.who(self.world.council)
        self.write(return_to_filer, who, self.seat(self.world.council).id, "No station.", None, self.make.at)
        self.make.conclude(self.matter_id)

    def submit_again(self) -> None:
        self.write(submit_again, self.world.clerk, self.matter_id, frozenset(), "Now.", None, self.make.at)

    def comment(self) -> None:
        who = self.world.who(self.world.council)
        self.write(add_comment, who, self.matter_id, CommentKind.COMMENT, "Look again.", None, self.make.at)


@pytest.fixture
def story(make: Maker, world: Neighbourhood) -> Story:
    """With a second officer of the community."""
    return Story(make, world, make.officer(world.community, language="en"))


def fields_of(page: str, action: str) -> dict[str, str]:
    """What the form to `action` carries by itself."""
    form = re.search(rf'<form[^>]* action="[^"]+/{action}".*?</form>', page, re.DOTALL)
    assert form is not None, action
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))


@pytest.mark.parametrize(
    ("who", "before", "action", "typed", "meanwhile", "is_form_left"),
    [
        ("community", "", "opinion", {"kind": "object", "reason": WORDS}, "colleague_answers", True),
        ("community", "", "opinion", {"kind": "agree", "lines-1": "2", "why-1": WORDS}, "colleague_answers", True),
        ("community", "", "acts/transfer", {"to": "", "words": WORDS}, "colleague_answers", False),
        ("community", "", "acts/transfer", {"to": "colleague", "words": WORDS}, "colleague_asks_the_street", True),
        ("community", "", "acts/delegate", {"officer": "colleague", "words": WORDS}, "colleague_answers", False),
        ("community", "", "acts/delegate", {"officer": "colleague", "words": WORDS}, "colleague_asks_the_street", True),
        ("community", "", "acts/add-signer", {"organisation": "h", "words": WORDS}, "colleague_answers", False),
        ("community", "", "acts/add-signer", {"organisation": "h", "words": WORDS}, "colleague_asks_the_street", True),
        ("community", "", "acts/return", {"to": "filer", "words": WORDS}, "colleague_answers", False),
        ("community", "", "acts/return", {"to": "filer", "words": WORDS}, "colleague_asks_the_street", True),
        ("colleague", "delegate", "acts/give-back", {"words": WORDS}, "call_back", False),
        ("company", "", "acts/withdraw", {"words": WORDS}, "council_answers", True),
        ("company", "return_it", "again", {"note": WORDS, "drop": "2"}, "comment", True),
        ("company", "return_it", "again", {"note": WORDS, "drop": "2"}, "submit_again", False),
    ],
)
def test_every_form_with_text_survives_a_change_meanwhile(
    browse: Browse, story: Story, who: str, before: str, action: str, typed: dict[str, str], meanwhile: str, *,
    is_form_left: bool,
) -> None:  # fmt: skip
    if before:
        getattr(story, before)()
    browser = browse(story.world.community if who == "colleague" else getattr(story.world, who))
    if who == "colleague":
        browser.client.cookies.clear()
        browser.log_in(story.make.database.write(lambda session: session.get_one(Officer, _id(story)).email))
    filled = {"to": f"officer:{_id(story)}"} if typed.get("to") in ("", "colleague") else {}
    filled |= {"officer": str(_id(story))} if "officer" in typed else {}
    filled |= {"organisation": str(story.world.housing.id), "place": "before"} if "organisation" in typed else {}
    fields = fields_of(browser.get(story.page).text, action) | typed | filled
    getattr(story, meanwhile)()
    version = story.make.matter(story.matter_id).version
    refused = browser.send(f"{story.page}/{action}", fields)
    assert refused.status_code in (409, 412)
    assert story.make.matter(story.matter_id).version == version
    assert WORDS in refused.text
    assert SINCE in refused.text
    form = re.search(rf'<form[^>]* action="[^"]+/{action}".*?</form>', refused.text, re.DOTALL)
    assert (form is not None and WORDS in form[0]) is is_form_left


def _id(story: Story) -> UUID:
    return story.colleague.officer_id


def test_what_is_put_right_on_an_old_page_is_still_told_what_changed(browse: Browse, story: Story) -> None:
    """First a form without its choice, then the right one: the second is not taken for one of a page just read."""
    browser = browse(story.world.community)
    fields = fields_of(browser.get(story.page).text, "acts/delegate") | {"officer": "", "words": WORDS}
    story.colleague_asks_the_street()
    wrong = browser.send(f"{story.page}/acts/delegate", fields)
    assert wrong.status_code == 422
    assert SINCE not in wrong.text
    right = fields_of(wrong.text, "acts/delegate") | {"officer": str(_id(story)), "words": WORDS}
    told = browser.send(f"{story.page}/acts/delegate", right)
    assert told.status_code == 412
    assert SINCE in told.text
    again = fields_of(told.text, "acts/delegate") | {"officer": str(_id(story)), "words": WORDS}
    assert browser.send(f"{story.page}/acts/delegate", again).status_code == 200


def test_an_opinion_that_is_put_right_on_an_old_page_is_told_too(browse: Browse, story: Story) -> None:
    browser = browse(story.world.community)
    fields = fields_of(browser.get(story.page).text, "opinion") | {"kind": "", "reason": WORDS}
    story.colleague_asks_the_street()
    wrong = browser.send(f"{story.page}/opinion", fields)
    assert wrong.status_code == 422
    told = browser.send(f"{story.page}/opinion", fields_of(wrong.text, "opinion") | {"kind": "object", "reason": WORDS})
    assert told.status_code == 412
    assert SINCE in told.text
    assert WORDS in told.text


# On behalf: several parties to choose from, of which one has answered meanwhile


def _behalf(browser: Browser, page: str, party: str) -> dict[str, str]:
    said = {"kind": "agree", "way": "phone", "said_by": "Director Li", "said_on": "2026-11-20", "words": WORDS}
    text = browser.get(page).text
    return fields_of(text, "acts/on-behalf") | said | {"for_seat": choice(text, "for_seat", party)}


def _chosen(page: str) -> list[str]:
    listed = re.search(r'<select[^>]*name="for_seat"[^>]*>(.*?)</select>', page, re.DOTALL)
    assert listed is not None
    return re.findall(r'<option value="([^"]*)" selected', listed[1]) or re.findall(r'<option value="([^"]*)"', listed[1])[:1]  # fmt: skip


def test_a_party_that_answered_itself_is_told_and_no_other_is_chosen_in_its_stead(browse: Browse, story: Story) -> None:
    browser = browse(story.world.lead)
    fields = _behalf(browser, story.page, "Xinxing Council")
    story.council_answers()
    refused = browser.send(f"{story.page}/acts/on-behalf", fields)
    assert refused.status_code == 409
    assert "This party has answered itself" in refused.text
    assert SINCE in refused.text
    assert WORDS in refused.text
    assert _chosen(refused.text) == [""]


def test_what_somebody_else_recorded_meanwhile_is_told_before_it_is_overwritten(browse: Browse, story: Story) -> None:
    browser, make, world = browse(story.world.lead), story.make, story.world
    fields = _behalf(browser, story.page, "Xinxing Council")
    shown = Evidence(EvidenceKind.MEETING, "Chair Sun", "They object.", make.at.date())
    seat = story.seat(world.council).id
    story.write(give_on_behalf, world.who(world.community), seat, Draft(OpinionKind.ABSTAIN), shown, None, make.at)
    refused = browser.send(f"{story.page}/acts/on-behalf", fields)
    assert refused.status_code == 412
    assert SINCE in refused.text
    assert WORDS in refused.text
    now = fields_of(refused.text, "acts/on-behalf") | fields | {"for_seat": _chosen(refused.text)[0]}
    assert browser.send(f"{story.page}/acts/on-behalf", now).status_code == 200


def test_the_second_of_two_clicks_records_no_second_answer(browse: Browse, story: Story) -> None:
    browser = browse(story.world.lead)
    fields = _behalf(browser, story.page, "Xinxing Council")
    first = browser.send(f"{story.page}/acts/on-behalf", fields)
    version, letters = story.make.matter(story.matter_id).version, story.make.count(Notice)
    second = browser.send(f"{story.page}/acts/on-behalf", fields)
    assert (first.status_code, second.status_code) == (200, 200)
    assert (story.make.matter(story.matter_id).version, story.make.count(Notice)) == (version, letters)
    other = browser.send(f"{story.page}/acts/on-behalf", fields | {"words": "They said something else."})
    assert other.status_code == 412
    assert "They said something else." in other.text


def test_an_officer_of_the_lead_records_what_a_party_said_by_phone(browse: Browse, story: Story) -> None:
    browser = browse(story.world.lead)
    done = browser.send(f"{story.page}/acts/on-behalf", _behalf(browser, story.page, "Xinxing Council"))
    assert "The answer is recorded with its evidence" in done.text
    assert "recorded by Social Work Department, with evidence" in done.text
    assert "urge" in do(browser, story.page, "urge").url.query.decode()


# What takes the whole page away


def test_a_deputy_whose_hat_is_gone_keeps_the_text(browse: Browse, story: Story, make: Maker) -> None:
    world, at = story.world, make.at
    away = world.who(world.council)
    deputy = make.officer(world.council, language="en")
    absence = make.database.write(appoint, away, away.officer_id, deputy.id, at, at + timedelta(days=2), at)
    browser = browse(world.council)
    browser.client.cookies.clear()
    browser.log_in(deputy.email)
    browser.send("/hat", {"officer": str(away.officer_id), "next": "/"})
    fields = form_of(browser.get(story.page).text, "return") | {"to": "filer", "words": WORDS}
    make.database.write(cancel, away, absence.id, at)
    refused = browser.send(f"{story.page}/acts/return", fields)
    assert refused.status_code == 403
    assert "You do not stand in for this colleague now" in html.unescape(refused.text)
    assert WORDS in refused.text
    assert make.matter(story.matter_id).status is MatterStatus.CONSULTING


def test_a_new_password_that_falls_due_takes_no_text_along(browse: Browse, story: Story, app: FastAPI) -> None:
    browser = browse(story.world.council)
    fields = form_of(browser.get(story.page).text, "return") | {"to": "filer", "words": WORDS}
    app.state.settings = app.state.settings.model_copy(update={"password_days": 1})
    refused = browser.client.post(f"{story.page}/acts/return", data=fields, headers={"Origin": browser.address})
    assert refused.status_code == 403
    assert WORDS in refused.text
    assert 'href="/account/password"' in refused.text


def test_a_colleague_who_is_called_back_from_is_told_by_letter(story: Story, make: Maker) -> None:
    story.delegate()
    story.call_back()
    with make.database.reading() as session:
        got = session.scalars(select(Notice).where(Notice.officer_id == _id(story)).order_by(Notice.id)).all()
    assert [one.letter for one in got][-2:] == [Letter.HANDED, Letter.RELEASED]
    assert got[-1].facts["way"] == "advice"
