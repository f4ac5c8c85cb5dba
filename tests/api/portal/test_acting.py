"""What an officer does on a filing's page beside the opinion: each button shows only where it works, and does its act."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from httpx import Response
from sqlalchemy import select

from models.comment import Comment
from models.consultation.opinions import Draft
from models.consultation.tables import OpinionKind, SeatStatus
from models.district import Organisation
from models.matter import MatterStatus
from models.officer import Officer
from models.read_mark import ReadMark
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make import Neighbourhood

Browse = Callable[[Organisation], Browser]

BUTTONS = (
    "transfer",
    "delegate",
    "add-signer",
    "remove-signer",
    "return",
    "take-back",
    "urge",
    "on-behalf",
    "withdraw",
)


@pytest.fixture
def colleague(make: Maker, world: Neighbourhood) -> Officer:
    """A second officer of the community."""
    return make.officer(world.community, language="en")


@pytest.fixture
def filed(make: Maker, world: Neighbourhood, colleague: Officer) -> tuple[UUID, str]:
    """An open filing of three riders: its matter and its page."""
    submitted = make.filing(world.clerk, [world.compound])
    make.open(submitted.matter_id)
    return submitted.matter_id, f"/filings/{submitted.reference}"


def form_of(page: str, act: str) -> dict[str, str]:
    """What the form of an act carries by itself."""
    found = re.search(rf'<form[^>]* action="[^"]+/acts/{act}"[^>]*>(.*?)</form>', page, re.DOTALL)
    assert found is not None, act
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[1]))


def buttons(page: str) -> set[str]:
    """The acts that the page offers."""
    return {act for act in BUTTONS if f'/acts/{act}"' in page}


def do(browser: Browser, page: str, act: str, **typed: str) -> Response:
    """Open the page, fill in the form of an act, and send it."""
    fields = form_of(browser.get(page).text, act) | {key.replace("_", "-"): text for key, text in typed.items()}
    fields |= {key: text for key, text in typed.items() if key in ("said_by", "said_on", "for_seat")}
    return browser.send(f"{page}/acts/{act}", fields)


def choice(page: str, field: str, word: str) -> str:
    """The value of the entry `word` in the list `field`."""
    listed = re.search(rf'<select[^>]*name="{field}"[^>]*>(.*?)</select>', page, re.DOTALL)
    assert listed is not None, field
    found = re.search(rf'value="([^"]+)"[^>]*>[^<]*{word}', listed[1])
    assert found is not None, word
    return found[1]


def status_of(make: Maker, matter_id: UUID, organisation: Organisation) -> list[SeatStatus]:
    """How the organisation's asked seats stand."""
    return [one.status for one in make.asked(matter_id) if one.organisation_id == organisation.id]


def test_each_sees_only_the_acts_that_are_theirs(
    browse: Browse, make: Maker, world: Neighbourhood, filed: tuple[UUID, str]
) -> None:
    community = {"transfer", "delegate", "add-signer", "return", "urge", "on-behalf"}
    assert buttons(browse(world.community).get(filed[1]).text) == community
    assert buttons(browse(world.street).get(filed[1]).text) == {"on-behalf", "urge"}
    assert buttons(browse(world.company).get(filed[1]).text) == {"withdraw", "urge"}
    council = next(one for one in make.asked(filed[0]) if one.organisation_id == world.council.id)
    make.say(world.who(world.council), council, Draft(OpinionKind.AGREE))
    assert "take-back" in buttons(browse(world.council).get(filed[1]).text)


def test_a_reader_comments_and_does_nothing_else(
    browse: Browse, make: Maker, world: Neighbourhood, filed: tuple[UUID, str], colleague: Officer
) -> None:
    make.tamper("UPDATE officer SET role = 'reader' WHERE id = :id", id=colleague.id.hex)
    browser = browse(world.council)
    reader = Browser(browser.address)
    reader.log_in(colleague.email)
    page = reader.get(filed[1]).text
    assert set(re.findall(r'/acts/([a-z-]+)"', page)) == {"comment"}
    assert "/opinion" not in page
    assert "We know them." in do(reader, filed[1], "comment", kind="comment", words="We know them.").text
    reader.client.close()


def test_a_seat_is_handed_to_a_colleague(
    browse: Browse, world: Neighbourhood, filed: tuple[UUID, str], colleague: Officer
) -> None:
    browser = browse(world.community)
    to = choice(browser.get(filed[1]).text, "to", colleague.name)
    done = do(browser, filed[1], "transfer", to=to, words="I am away this week.")
    assert "The seat is handed on" in done.text
    assert f"in the hands of {colleague.name}" in done.text
    assert "I am away this week." in done.text
    assert "transfer" not in buttons(done.text)


def test_advice_is_asked_for_given_and_seen(
    browse: Browse, world: Neighbourhood, filed: tuple[UUID, str], colleague: Officer
) -> None:
    browser = browse(world.community)
    do(browser, filed[1], "delegate", officer=str(colleague.id), words="What about rider 2?")
    page = browser.get(filed[1]).text
    assert f"{colleague.name} was asked for advice" in page
    assert '/acts/call-back"' in page
    other = Browser(browser.address)
    other.log_in(colleague.email)
    assert 'id="advice"' in other.get(filed[1]).text
    given = do(other, filed[1], "give-back", words="Rider 2 is known to us.")
    assert "The seat is given back with your advice." in given.text
    assert "Rider 2 is known to us." in browser.get(filed[1]).text
    other.client.close()


def test_a_seat_is_called_back(
    browse: Browse, world: Neighbourhood, filed: tuple[UUID, str], colleague: Officer
) -> None:
    browser = browse(world.community)
    do(browser, filed[1], "delegate", officer=str(colleague.id), words="What about rider 2?")
    assert "The seat is back in your hands." in do(browser, filed[1], "call-back").text


def test_a_signer_is_added_and_removed(browse: Browse, world: Neighbourhood, filed: tuple[UUID, str]) -> None:
    browser = browse(world.community)
    added = do(
        browser, filed[1], "add-signer", organisation=str(world.street.id), place="before", words="Your word first."
    )
    assert "The signer is added and asked." in added.text
    assert "added by Xinxing, to be heard" in added.text
    assert "Waits for others first" in added.text
    signer = choice(added.text, "signer", "Dinghe Street")
    assert "The signer is removed" in do(browser, filed[1], "remove-signer", signer=signer).text


def test_a_matter_is_returned_to_the_filer(
    browse: Browse, make: Maker, world: Neighbourhood, filed: tuple[UUID, str]
) -> None:
    done = do(browse(world.community), filed[1], "return", to="filer", words="The list names no station.")
    assert "The matter is returned, with your reason." in done.text
    assert "The list names no station." in done.text
    make.conclude(filed[0])
    assert make.matter(filed[0]).status is MatterStatus.RETURNED


def test_an_answer_is_taken_back(browse: Browse, make: Maker, world: Neighbourhood, filed: tuple[UUID, str]) -> None:
    seat = next(one for one in make.asked(filed[0]) if one.organisation_id == world.community.id)
    make.say(world.who(world.community), seat, Draft(OpinionKind.AGREE))
    assert "Your answer is taken back." in do(browse(world.community), filed[1], "take-back").text
    assert status_of(make, filed[0], world.community) == [SeatStatus.ASKED]


def test_the_filer_withdraws(browse: Browse, make: Maker, world: Neighbourhood, filed: tuple[UUID, str]) -> None:
    done = do(browse(world.company), filed[1], "withdraw", words="The list was wrong.")
    assert "Withdrawn by Hejia&#39;an" in done.text
    assert make.matter(filed[0]).status is MatterStatus.WITHDRAWN
    assert buttons(done.text) == set()


def test_urging_says_from_when_it_is_possible_again(
    browse: Browse, world: Neighbourhood, filed: tuple[UUID, str]
) -> None:
    browser = browse(world.company)
    done = do(browser, filed[1], "urge")
    assert "Those who are awaited are urged by letter." in done.text
    assert "possible again from" in done.text
    assert "urge" not in buttons(done.text)


def test_an_answer_on_behalf_needs_its_evidence_and_keeps_what_was_typed(
    browse: Browse, world: Neighbourhood, filed: tuple[UUID, str]
) -> None:
    browser = browse(world.street)
    typed = {
        "for_seat": choice(browser.get(filed[1]).text, "for_seat", "Xinxing"),
        "kind": "agree",
        "way": "paper",
        "said_by": "Director Li",
        "said_on": "2026-11-20",
        "words": "Agreed, signed by the director.",
    }
    refused = do(browser, filed[1], "on-behalf", **typed)
    assert refused.status_code == 422
    assert "An answer on paper needs the paper" in refused.text
    assert 'value="Director Li"' in refused.text
    assert "Agreed, signed by the director." in refused.text
    assert re.search(r'<details class="act" name="act" open><summary>.{0,900}Record an answer', refused.text, re.DOTALL)
    done = do(browser, filed[1], "on-behalf", **typed | {"way": "phone"})
    assert "The answer is recorded with its evidence" in done.text
    assert "recorded by Dinghe Street, with evidence" in done.text
    shown = re.search(r'<details class="evidence">.*?</details>', done.text, re.DOTALL)
    assert shown is not None
    assert "Director Li" in shown[0]
    assert "2026-11-20" in shown[0]
    assert "Agreed, signed by the director." in shown[0]


def test_a_question_is_asked_and_answered(browse: Browse, world: Neighbourhood, filed: tuple[UUID, str]) -> None:
    asker, clerk = browse(world.council), browse(world.company)
    asked = do(asker, filed[1], "comment", kind="question", words="Who is rider 2?")
    assert "Waits for a reply" in asked.text
    assert 'id="questions"' not in asked.text
    page = clerk.get(filed[1]).text
    assert "Questions to you" in page
    fields = form_of(page, "comment") | {"kind": "reply", "words": "A rider of two years."}
    replied = clerk.send(f"{filed[1]}/acts/comment", fields)
    assert "Replied to" in replied.text
    assert "A rider of two years." in asker.get(filed[1]).text


@pytest.mark.parametrize(
    ("act", "typed", "said"),
    [
        ("comment", {"kind": "comment", "words": ""}, "Write a few words"),
        ("transfer", {"to": "", "words": "Please, you."}, "Choose one of the list"),
        ("return", {"to": "filer", "words": ""}, "Write a few words"),
        ("add-signer", {"organisation": "", "place": "before", "words": "See this."}, "Choose one of the list"),
    ],
)
def test_what_is_refused_stands_in_its_place_with_the_text(
    browse: Browse, world: Neighbourhood, filed: tuple[UUID, str], act: str, typed: dict[str, str], said: str
) -> None:
    refused = do(browse(world.community), filed[1], act, **typed)
    assert refused.status_code == 422
    assert refused.text.count('role="alert"') == 1
    form = re.search(rf'<form[^>]* action="[^"]+/acts/{act}".*?</form>', refused.text, re.DOTALL)
    assert form is not None
    assert said in form[0]
    assert typed["words"] in form[0]


def test_a_stale_page_says_what_happened_and_keeps_the_text(
    browse: Browse, make: Maker, world: Neighbourhood, filed: tuple[UUID, str], colleague: Officer
) -> None:
    browser = browse(world.community)
    old = form_of(browser.get(filed[1]).text, "delegate")
    seat = next(one for one in make.asked(filed[0]) if one.organisation_id == world.community.id)
    make.say(make.identity(colleague), seat, Draft(OpinionKind.AGREE))
    council = next(one for one in make.asked(filed[0]) if one.organisation_id == world.council.id)
    make.say(world.who(world.council), council, Draft(OpinionKind.OBJECT, "The gate is too narrow."))
    typed = {"officer": str(colleague.id), "words": "What about rider 2?"}
    refused = browser.send(f"{filed[1]}/acts/delegate", old | typed)
    assert refused.status_code in (409, 412)
    assert "What about rider 2?" in refused.text
    assert "This happened since you opened the page:" in refused.text
    since = re.search(r"This happened since you opened the page:.*?</ul>", refused.text, re.DOTALL)
    assert since is not None
    assert "Xinxing agreed." in since[0]
    assert "Xinxing Council objected." in since[0]
    assert "filed 3 riders" not in since[0]


@pytest.mark.parametrize(
    ("who", "act", "typed"),
    [
        ("community", "delegate", {"words": "What about rider 2?"}),
        ("community", "return", {"to": "filer", "words": "No station."}),
        ("community", "add-signer", {"place": "beside", "words": "You, too."}),
        ("community", "comment", {"kind": "comment", "words": "We know them."}),
        ("company", "urge", {}),
        ("company", "withdraw", {"words": "The list was wrong."}),
    ],
)
def test_the_second_of_two_clicks_does_no_harm(
    browse: Browse,
    make: Maker,
    world: Neighbourhood,
    filed: tuple[UUID, str],
    colleague: Officer,
    who: str,
    act: str,
    typed: dict[str, str],
) -> None:
    browser = browse(getattr(world, who))
    fields = form_of(browser.get(filed[1]).text, act) | typed
    fields |= {"officer": str(colleague.id)} if act == "delegate" else {}
    fields |= {"organisation": str(world.street.id)} if act == "add-signer" else {}
    first = browser.send(f"{filed[1]}/acts/{act}", fields)
    version, comments = make.matter(filed[0]).version, make.count(Comment)
    second = browser.send(f"{filed[1]}/acts/{act}", fields)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.url == second.url
    assert (make.matter(filed[0]).version, make.count(Comment)) == (version, comments)


def test_another_signer_from_an_old_page_is_not_taken_for_the_first(
    browse: Browse, world: Neighbourhood, filed: tuple[UUID, str]
) -> None:
    browser = browse(world.community)
    fields = form_of(browser.get(filed[1]).text, "add-signer") | {"place": "beside", "words": "You, too."}
    browser.send(f"{filed[1]}/acts/add-signer", fields | {"organisation": str(world.street.id)})
    other = browser.send(f"{filed[1]}/acts/add-signer", fields | {"organisation": str(world.housing.id)})
    assert other.status_code in (409, 412)


def test_a_draft_is_kept_for_its_officer_alone_and_gone_with_the_opinion(
    browse: Browse, world: Neighbourhood, filed: tuple[UUID, str], colleague: Officer
) -> None:
    browser = browse(world.community)
    page = browser.get(filed[1]).text
    found = re.search(r'name="seat" value="([^"]+)"><input type="hidden" name="version" value="(\d+)"', page)
    assert found is not None
    fields = {"seat": found[1], "version": found[2], "kind": "object", "reason": "Half a thou", "lines-1": "no number"}
    saved = browser.send(f"{filed[1]}/acts/draft", fields)
    assert "Your draft is saved." in saved.text
    assert "Half a thou" in saved.text
    assert 'value="no number"' in saved.text
    assert re.search(r'value="object" checked', saved.text)
    other = Browser(browser.address)
    other.log_in(colleague.email)
    assert "Half a thou" not in other.get(filed[1]).text
    other.client.close()
    browser.send(f"{filed[1]}/opinion", fields | {"kind": "agree", "reason": "Fine.", "lines-1": ""})
    assert "Half a thou" not in browser.get(filed[1]).text


def test_a_draft_that_saves_itself_is_answered_with_one_quiet_line(
    browse: Browse, world: Neighbourhood, filed: tuple[UUID, str]
) -> None:
    browser = browse(world.community)
    page = browser.get(filed[1]).text
    seat = re.search(r'name="seat" value="([^"]+)"', page)
    word = re.search(r'name="form_word" value="(\w+)"', page)
    assert seat is not None
    assert word is not None
    sent = {"seat": seat[1], "kind": "", "reason": "Half a thou", "form_word": word[1]}
    headers = {"Origin": browser.address, "HX-Request": "true"}
    quiet = browser.client.post(f"{filed[1]}/acts/draft", data=sent, headers=headers)
    assert "<html" not in quiet.text
    assert "Draft saved" in quiet.text
    gone = browser.client.post(f"{filed[1]}/acts/draft", data=sent | {"seat": str(filed[0])}, headers=headers)
    assert gone.status_code == 204


def test_a_file_is_attached_once_and_read_by_the_parties(
    browse: Browse, world: Neighbourhood, filed: tuple[UUID, str], tmp_path
) -> None:
    scan = tmp_path / "现场说明.pdf"
    scan.write_bytes(b"%PDF-1.4 a page %%EOF")
    browser = browse(world.community)
    fields = form_of(browser.get(filed[1]).text, "attach")
    done = browser.send(f"{filed[1]}/acts/attach", fields, scan, page=filed[1])
    assert "The file is attached." in done.text
    browser.send(f"{filed[1]}/acts/attach", fields, scan, page=filed[1])
    page = browse(world.company).get(filed[1]).text
    assert page.count("现场说明.pdf") == 1
    link = re.search(rf'href="({re.escape(filed[1])}/attachments/[^"]+)"', page)
    assert link is not None
    fetched = browser.get(link[1])
    assert fetched.content == b"%PDF-1.4 a page %%EOF"
    assert fetched.headers["Content-Disposition"].startswith("attachment;")
    assert fetched.headers["Content-Security-Policy"] == "sandbox"


def test_no_file_and_no_such_act_are_told(browse: Browse, world: Neighbourhood, filed: tuple[UUID, str]) -> None:
    browser = browse(world.community)
    fields = form_of(browser.get(filed[1]).text, "attach")
    refused = browser.send(f"{filed[1]}/acts/attach", fields)
    assert refused.status_code == 422
    assert "Choose a file, then send it again." in refused.text
    assert browser.send(f"{filed[1]}/acts/fly", fields).status_code == 404


def test_the_print_has_every_party_reason_and_entry(browse: Browse, make: Maker, world: Neighbourhood) -> None:
    filed = make.filing(world.clerk, [world.compound])
    make.agree_through(world, filed.matter_id, Draft(OpinionKind.AGREE_WITH_CONDITIONS, conditions="Walk after 22:00."))
    make.conclude(filed.matter_id)
    page = browse(world.company).get(f"/filings/{filed.reference}/print").text
    for name in ("Xinxing", "Xinxing Council", "Dinghe Street", "Housing"):
        assert re.search(rf'data-label="Organisation">{name}<', page), name
    assert page.count("Walk after 22:00.") >= 4
    assert "Agreed: 3 passes issued" in page
    assert "filed 3 riders." in page
    assert re.search(r'src="/check/[^"]+/code.svg"', page)
    assert make.rider_lines(3)[0].phone not in page


def test_the_picture_shows_who_returned_it_and_why(
    browse: Browse, world: Neighbourhood, filed: tuple[UUID, str]
) -> None:
    done = do(browse(world.community), filed[1], "return", to="filer", words="The list names no station.")
    place = re.search(r'<div class="place is-up is-mine">.*?</div>', done.text, re.DOTALL)
    assert place is not None
    assert "Returned it" in place[0]
    assert "The list names no station." in place[0]


def test_what_an_officer_has_read_is_marked_once_for_each_change(
    browse: Browse, make: Maker, world: Neighbourhood, filed: tuple[UUID, str], colleague: Officer
) -> None:
    def marks() -> dict[UUID, int]:
        with make.database.reading() as session:
            query = select(ReadMark).where(ReadMark.matter_id == filed[0])
            return {one.officer_id: one.version for one in session.scalars(query)}

    browser, own = browse(world.community), world.officer(world.community).id
    browser.get(filed[1])
    assert marks() == {own: make.matter(filed[0]).version}
    seat = next(one for one in make.asked(filed[0]) if one.organisation_id == world.community.id)
    make.say(make.identity(colleague), seat, Draft(OpinionKind.AGREE))
    assert marks()[own] < make.matter(filed[0]).version
    browser.get(f"{filed[1]}/print")
    assert marks()[own] < make.matter(filed[0]).version
    browser.get(filed[1])
    assert marks() == {own: make.matter(filed[0]).version}
