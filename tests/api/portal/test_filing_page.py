"""A filing's page: who may read it, the picture, the opinion form and what comes back from it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from httpx import Response

from models.consultation.opinions import Draft
from models.consultation.tables import OpinionKind
from models.district import Organisation
from models.matter import MatterStatus
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make import Neighbourhood

Browse = Callable[[Organisation], Browser]


@pytest.fixture
def filed(make: Maker, world: Neighbourhood) -> tuple[UUID, str]:
    """An open filing of three riders: its matter and its page."""
    submitted = make.filing(world.clerk, [world.compound])
    make.open(submitted.matter_id)
    return submitted.matter_id, f"/filings/{submitted.reference}"


def seat_fields(page: str) -> dict[str, str]:
    """What the opinion form of a page carries by itself."""
    found = re.search(r'name="seat" value="([^"]+)"><input type="hidden" name="version" value="(\d+)"', page)
    assert found is not None
    return {"seat": found[1], "version": found[2]}


def answer(browser: Browser, page: str, **typed: str) -> Response:
    """Fill in the opinion form as it stands."""
    fields = seat_fields(browser.get(page).text)
    return browser.send(f"{page}/opinion", fields | {key.replace("_", "-"): text for key, text in typed.items()})


def test_the_inbox_leads_to_the_filing_and_looking_is_marked(
    browse: Browse, world: Neighbourhood, filed: tuple[UUID, str]
) -> None:
    browser = browse(world.community)
    assert "Changed since you read it" in browser.get("/").text
    page = browser.get(filed[1]).text
    assert "Waiting for you, and for Xinxing Council" in page
    assert "left" in browser.get("/").text
    assert "Changed since you read it" not in browser.get("/").text
    assert "opened it for the first time" in browser.get(filed[1]).text


def test_of_many_who_are_awaited_the_headline_names_a_few(browse: Browse, world: Neighbourhood, make: Maker) -> None:
    grounds = [make.neighbourhood().community for _ in range(4)]
    filed = make.filing(world.clerk, [world.compound, *(make.compound(one, world.company) for one in grounds)])
    make.open(filed.matter_id)
    page = browse(world.community).get(f"/filings/{filed.reference}").text
    # Five communities and five councils are asked; the reader's own community is one of them.
    assert "Waiting for you, and for Xinxing 2, Xinxing 3, Xinxing 4, Xinxing 5, 5 others." in page


def test_riders_are_masked(browse: Browse, world: Neighbourhood, make: Maker, filed: tuple[UUID, str]) -> None:
    page = browse(world.community).get(filed[1]).text
    for line in make.rider_lines(3):
        assert line.phone not in page
        assert line.name not in page
        assert f"{line.phone[:3]}****{line.phone[-4:]}" in page


def test_a_foreign_filing_is_not_there(
    browse: Browse, make: Maker, filed: tuple[UUID, str], world: Neighbourhood
) -> None:
    stranger = make.neighbourhood().company
    world.officers[stranger.id] = make.officer(stranger)
    browser = browse(stranger)
    assert browser.get(filed[1]).status_code == 404
    assert browser.send(f"{filed[1]}/opinion", {"seat": str(filed[0]), "kind": "agree"}).status_code == 404


def test_an_agreement_is_recorded_and_may_be_changed(
    browse: Browse, world: Neighbourhood, filed: tuple[UUID, str]
) -> None:
    browser = browse(world.community)
    given = answer(browser, filed[1], kind="agree", lines_1="2", why_1="The phone does not answer.")
    assert "Your opinion is recorded." in given.text
    assert "except line 2" in given.text
    changed = answer(browser, filed[1], kind="agree_with_conditions", conditions="Walk after 22:00.")
    assert "Walk after 22:00." in changed.text
    assert "changed its opinion" in changed.text


def test_an_objection_without_a_reason_keeps_what_was_chosen(
    browse: Browse, world: Neighbourhood, filed: tuple[UUID, str]
) -> None:
    refused = answer(browse(world.community), filed[1], kind="object")
    assert refused.status_code == 422
    assert "An objection or an exception needs a reason." in refused.text
    assert re.search(r'value="object" checked', refused.text)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Choose one of the four opinions."),
        ({"kind": "agree", "lines_1": "seven", "why_1": "x"}, "is not a line number"),
        ({"kind": "agree", "lines_1": "9", "why_1": "x"}, "Line 9 is not among the open lines"),
        ({"kind": "agree", "why_1": "which one?"}, "but not which"),
        ({"kind": "agree", "lines_1": "2"}, "needs a reason"),
        ({"kind": "agree_with_conditions"}, "Say which conditions"),
    ],
)
def test_each_refusal_is_one_sentence_at_the_form(
    browse: Browse, world: Neighbourhood, filed: tuple[UUID, str], typed: dict[str, str], said: str
) -> None:
    refused = answer(browse(world.community), filed[1], **typed)
    assert refused.status_code == 422
    assert said in refused.text
    assert all(f'value="{text}"' in refused.text for key, text in typed.items() if key.startswith(("lines", "why")))


def test_a_change_meanwhile_keeps_the_text_and_tells_what_changed(
    browse: Browse, world: Neighbourhood, make: Maker, filed: tuple[UUID, str]
) -> None:
    browser = browse(world.community)
    old = seat_fields(browser.get(filed[1]).text)
    seat = next(one for one in make.asked(filed[0]) if one.organisation_id == world.community.id)
    make.say(world.who(world.community), seat, Draft(OpinionKind.ABSTAIN, "We know nobody of them."))
    refused = browser.send(f"{filed[1]}/opinion", old | {"kind": "object", "reason": "The gate is too narrow."})
    assert refused.status_code == 412
    assert "The gate is too narrow." in refused.text
    assert "Meanwhile this was recorded: Abstain" in refused.text
    assert "We know nobody of them." in refused.text
    again = browser.send(
        f"{filed[1]}/opinion", seat_fields(refused.text) | {"kind": "object", "reason": "The gate is too narrow."}
    )
    assert again.status_code == 200
    assert make.matter(filed[0]).status is MatterStatus.DECIDED


def test_two_clicks_on_the_same_button_do_no_harm(
    browse: Browse, world: Neighbourhood, make: Maker, filed: tuple[UUID, str]
) -> None:
    browser = browse(world.community)
    fields = seat_fields(browser.get(filed[1]).text) | {"kind": "agree", "reason": "Fine."}
    first = browser.send(f"{filed[1]}/opinion", fields)
    version = make.matter(filed[0]).version
    second = browser.send(f"{filed[1]}/opinion", fields)
    assert (first.status_code, second.status_code) == (200, 200)
    assert "Your opinion is recorded." in second.text
    assert make.matter(filed[0]).version == version


def test_a_seat_of_another_organisation_cannot_be_answered(
    browse: Browse, world: Neighbourhood, filed: tuple[UUID, str]
) -> None:
    council = seat_fields(browse(world.council).get(filed[1]).text)
    refused = browse(world.community).send(f"{filed[1]}/opinion", council | {"kind": "agree"})
    assert refused.status_code == 403
    assert "You have no authority for this." in refused.text


def test_a_returned_filing_is_submitted_again(
    browse: Browse, world: Neighbourhood, make: Maker, filed: tuple[UUID, str]
) -> None:
    answer(browse(world.council), filed[1], kind="object", reason="Who is rider 2?")
    make.conclude(filed[0])
    clerk = browse(world.company)
    page = clerk.get(filed[1]).text
    assert "Who is rider 2?" in page
    version = re.search(r'action="[^"]+/again">\s*\S+\s*<input type="hidden" name="version" value="(\d+)"', page)
    assert version is not None or 'name="version"' in page
    number = re.findall(r'name="version" value="(\d+)"', page)[-1]
    all_out = clerk.send(f"{filed[1]}/again", {"version": number, "drop": "1-3", "note": "None left."})
    assert all_out.status_code == 422
    assert "None left." in all_out.text
    sent = clerk.send(f"{filed[1]}/again", {"version": number, "drop": "2", "note": "Rider 2 has left."})
    assert "Submitted again." in sent.text
    assert make.matter(filed[0]).status is MatterStatus.SUBMITTED


def test_a_resolution_is_read_printed_and_checked_by_anybody(
    browse: Browse, world: Neighbourhood, make: Maker, visitor: Browser
) -> None:
    filed = make.filing(world.clerk, [world.compound])
    make.agree_through(world, filed.matter_id)
    make.conclude(filed.matter_id)
    clerk = browse(world.company)
    page = clerk.get(f"/filings/{filed.reference}").text
    assert "Agreed: 3 passes issued" in page
    number = re.search(r"/resolutions/([^\"]+)\"", page)
    assert number is not None
    printed = clerk.get(f"/resolutions/{number[1]}").text
    check = re.search(r'src="(/check/[^"]+)/code.svg"', printed)
    assert check is not None
    public = visitor.get(check[1])
    assert "This resolution is genuine" in public.text
    assert visitor.get(f"{check[1]}/code.svg").text.startswith("<?xml")
    assert visitor.get("/check/no-such-word").status_code == 404
    assert visitor.get(f"/resolutions/{number[1]}").url.path == "/login"


def test_two_thousand_riders_come_a_hundred_a_page(browse: Browse, world: Neighbourhood, make: Maker) -> None:
    submitted = make.filing(world.clerk, [world.compound], 2000)
    make.open(submitted.matter_id)
    browser = browse(world.community)
    page = browser.get(f"/filings/{submitted.reference}?after=1900").text
    assert page.count('id="line-') == 100
    assert "Lines 1901 to 2000 of 2000" in page


def test_the_page_s_own_look_out_says_when_to_read_again(
    browse: Browse, world: Neighbourhood, make: Maker, filed: tuple[UUID, str]
) -> None:
    browser = browse(world.company)
    version = make.matter(filed[0]).version
    assert browser.get(f"{filed[1]}/standing?version={version}").status_code == 204
    assert "has changed since you opened" in browser.get(f"{filed[1]}/standing?version=1").text


def test_a_deadline_in_a_year_without_known_holidays_carries_a_warning(
    browse: Browse, world: Neighbourhood, make: Maker, filed: tuple[UUID, str]
) -> None:
    warning = "The holidays of 2027 are not known yet, so plain weekdays were reckoned."
    browser = browse(world.community)
    assert warning not in browser.get(filed[1]).text
    late = make.filing(world.clerk, [world.compound], 2)
    make.open(late.matter_id, datetime(2026, 12, 31, 9, 0, tzinfo=UTC))
    assert warning in browser.get(f"/filings/{late.reference}").text
