"""The desk's pages: tabs, what the address narrows, agreeing in bulk, search and saved filters."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from models.consultation.tables import OpinionKind, Seat
from models.district import Organisation
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make import Neighbourhood

Browse = Callable[[Organisation], Browser]


@pytest.fixture
def references(make: Maker, world: Neighbourhood) -> list[str]:
    made = [make.filing(world.clerk, [world.compound], 1, seed=seed) for seed in range(3)]
    for one in made:
        make.open(one.matter_id)
    return [one.reference for one in made]


def ticks(page: str) -> list[str]:
    return re.findall(r'name="seat" value="([^"]+)"', page)


def test_each_tab_opens_and_says_what_it_is_empty_of(browse: Browse, world: Neighbourhood) -> None:
    browser = browse(world.council)
    for tab, said in (
        ("todo", "Nothing waits for you."),
        ("done", "has not answered anything yet"),
        ("mine", "has filed nothing yet"),
        ("copies", "Nothing was copied to your organisation yet."),
    ):
        assert said in browser.get(f"/?tab={tab}").text, tab
    assert browser.get("/?tab=nonsense").status_code == 200


def test_the_tabs_count_what_they_hold(browse: Browse, world: Neighbourhood, references: list[str]) -> None:
    page = browse(world.council).get("/").text
    assert re.findall(r'class="figure[^"]*">(\d+\+?)<', page) == ["3", "0", "0", "0"]
    assert re.findall(r'class="figure[^"]*">(\d+\+?)<', browse(world.company).get("/").text) == ["0", "3", "3", "0"]
    for reference in references:
        assert reference in page


def test_what_was_ticked_is_agreed_to_and_what_could_not_be_is_told_with_its_reason(
    browse: Browse, make: Maker, world: Neighbourhood, references: list[str]
) -> None:
    browser = browse(world.council)
    boxes = ticks(browser.get("/").text)
    assert len(boxes) == 3
    gone = next(seat for seat in make.seats(references[0]) if seat.organisation_id == world.council.id)
    make.say(world.who(world.council), gone)
    word = re.search(r'name="form_word" value="(\w+)"', browser.get("/").text)
    assert word
    answer = browser.client.post(
        "/inbox/agree", data={"form_word": word[1], "seat": boxes}, headers={"Origin": browser.address}
    )
    assert answer.status_code == 200
    assert "Agreed to 2." in answer.text
    assert "Not possible for 1" in answer.text
    with make.database.reading() as session:
        said = session.scalars(select(Seat.answer).where(Seat.organisation_id == world.council.id)).all()
    assert said == [OpinionKind.AGREE] * 3


def test_a_tick_of_a_foreign_seat_changes_nothing(
    browse: Browse, make: Maker, world: Neighbourhood, references: list[str]
) -> None:
    foreign = next(seat for seat in make.seats(references[0]) if seat.organisation_id == world.community.id)
    answer = browse(world.council).send("/inbox/agree", {"seat": f"{foreign.id}:{foreign.version}"})
    assert "A matter that is not yours" in answer.text
    assert next(seat for seat in make.seats(references[0]) if seat.id == foreign.id).answer is None


@pytest.mark.parametrize("sent", [{}, {"seat": "nonsense"}])
def test_nothing_ticked_is_said_and_nonsense_is_not_found(
    browse: Browse, world: Neighbourhood, references: list[str], sent: dict[str, str]
) -> None:
    answer = browse(world.council).send("/inbox/agree", sent)
    assert ("Tick what you want to agree to" in answer.text) if not sent else (answer.status_code == 404)


def test_a_search_answers_on_its_page_and_leaves_no_word_in_an_address(
    browse: Browse, make: Maker, world: Neighbourhood, references: list[str]
) -> None:
    browser, rider = browse(world.street), make.rider_lines(1, 0)[0]
    found = browser.send("/search", {"q": rider.phone})
    assert references[0] in found.text
    assert rider.name not in found.text
    assert rider.phone not in str(found.url)
    assert "Nothing that you may read matches." in browser.send("/search", {"q": "豫H99999"}).text
    refused = browser.send("/search", {"q": "王"})
    assert (refused.status_code, "at least two signs" in refused.text) == (422, True)


def test_a_filter_is_saved_followed_and_deleted(browse: Browse, world: Neighbourhood, references: list[str]) -> None:
    browser = browse(world.street)
    saved = browser.send(
        "/filters", {"name": "Copies in consultation", "page": "/", "query": "tab=copies&status=consulting"}
    )
    assert str(saved.url).endswith("/?tab=copies&status=consulting")
    assert "Copies in consultation" in saved.text
    assert references[0] in saved.text
    kept = re.search(r'name="delete" value="([0-9a-f-]+)"', saved.text)
    assert kept
    assert "Copies in consultation" not in browser.send("/filters", {"page": "/", "delete": kept[1]}).text
    elsewhere = browser.send("/filters", {"name": "x", "page": "https://evil.example/", "query": ""})
    assert elsewhere.url.host == browser.client.base_url.host


@pytest.mark.parametrize("wanted", ["/?after=x", "/?before=2026_1", "/?tab=mine&after=x", "/filings?before=1"])
def test_a_key_that_is_none_is_not_found(browse: Browse, world: Neighbourhood, wanted: str) -> None:
    assert browse(world.street).get(wanted).status_code == 404


@pytest.mark.parametrize("due", ["late", "today", "soon", "nonsense"])
def test_deadlines_are_chosen_by_word(browse: Browse, world: Neighbourhood, references: list[str], due: str) -> None:
    page = browse(world.council).get(f"/?due={due}").text
    assert (references[0] in page) is (due in {"soon", "nonsense"})


def test_an_address_with_a_compound_of_nowhere_lists_nothing(
    browse: Browse, world: Neighbourhood, references: list[str]
) -> None:
    page = browse(world.council).get(f"/?compound={UUID(int=1)}").text
    assert "Nothing of that kind waits for you." in page
