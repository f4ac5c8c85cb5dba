"""My letters, the previews of all letters, and where links in letters lead."""

import re
from datetime import time
from urllib.parse import urlsplit

import pytest
from httpx import Client

from api.portal.lettering import LETTERS_PAGE
from models.notice.tables import Letter
from models.preference import NOTHING_CHOSEN, OPTIONAL_LETTERS, Chosen, Pace, chosen_by
from templates.language import LANGUAGES
from templates.letters import render_letter
from templates.samples import AT, SAMPLES, SECRET
from tests.api.portal.conftest import Browser

CHOICE = {"pace": "daily", "quiet_from": "20:00", "quiet_until": "07:30", "wanted": ["reply", "training_published"]}
ALL = sorted({letter for letter, _ in SAMPLES})
KEYS = {"account_invitation", "password_reset"}


@pytest.fixture
def chief(make, world, address):
    browser = Browser(address)
    browser.log_in(make.officer(world.lead, is_administrator=True).email)
    yield browser
    browser.client.close()


def chosen(make, world):
    with make.database.reading() as session:
        return chosen_by(session, world.officer(world.community).id)


def ticked(page: str) -> set[str]:
    """The values that are chosen on a page."""
    return {re.search(r'value="(\w*)"', tag)[1] for tag in re.findall(r"<input[^>]* checked>", page)}


def test_a_choice_is_kept_and_shown(browse, make, world):
    mine = browse(world.community)
    assert ticked(mine.get(LETTERS_PAGE).text) == {"at_once", *OPTIONAL_LETTERS}
    kept = mine.send(LETTERS_PAGE, CHOICE, page=LETTERS_PAGE)
    assert kept.url.query == b"done=kept"
    assert chosen(make, world) == Chosen(Pace.DAILY, (time(20), time(7, 30)), frozenset({Letter.COPY, Letter.QUESTION}))
    assert ticked(kept.text) == {"daily", "reply", "training_published"}
    assert 'value="20:00"' in kept.text
    assert "20:00" in mine.get("/account").text
    mine.send(LETTERS_PAGE, {"pace": "at_once", "wanted": "copy"}, page=LETTERS_PAGE)
    assert chosen(make, world) == Chosen(without=frozenset({Letter.QUESTION, Letter.REPLY, Letter.TRAINING_PUBLISHED}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"pace": "never"},
        {"pace": ""},
        {"quiet_from": ""},
        {"quiet_until": "20:00"},
        {"quiet_from": "late"},
        {"wanted": "gossip"},
    ],
)
def test_what_cannot_be_chosen_is_said_and_what_was_typed_stays(browse, make, world, wrong):
    answer = browse(world.community).send(LETTERS_PAGE, CHOICE | wrong, page=LETTERS_PAGE)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert f'value="{(CHOICE | wrong)["quiet_until"]}"' in answer.text
    assert chosen(make, world) == NOTHING_CHOSEN


@pytest.mark.parametrize("letter", ALL)
def test_every_letter_is_previewed_in_both_languages_in_a_frame_that_can_do_nothing(chief, address, letter):
    assert f'href="/admin/letters/{letter}"' in chief.get("/admin/letters").text
    page = chief.get(f"/admin/letters/{letter}").text
    frames = re.findall(r'<iframe class="mail" src="([^"]+)"[^>]* sandbox="([^"]*)"', page)
    count = sum(one == letter for one, _ in SAMPLES)
    assert len(frames) == count * len(LANGUAGES)
    assert page.count('<pre class="letter"') == len(frames)
    for source, sandbox in frames:
        assert sandbox == "allow-top-navigation-by-user-activation"
        frame = chief.get(source)
        assert frame.status_code == 200
        assert "sandbox" in frame.headers["Content-Security-Policy"]
        assert "default-src 'none'" in frame.headers["Content-Security-Policy"]


def test_there_are_no_other_previews(chief, browse, world):
    for path in ("gossip", "invitation/0/zh", "invitation/99/zh", "invitation/1/fr"):
        assert chief.get(f"/admin/letters/{path}").status_code == 404
    for path in ("", "/invitation", "/invitation/1/zh"):
        assert browse(world.community).get(f"/admin/letters{path}").status_code == 403


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_in_letters_carry_no_authority(address, language):
    """Whoever follows one logs in first; only a link for a password is a key, and nothing else is."""
    links = {
        (letter, link)
        for letter, facts in SAMPLES
        for link in re.findall(
            rf"{address}\S*", render_letter(letter, language, facts, address, AT, lambda _: SECRET).text
        )
    }
    assert {letter for letter, _ in links} == set(ALL)
    with Client(follow_redirects=False) as client:
        for letter, link in links:
            answer = client.get(link.split("#")[0])
            if "/link/" in link:
                assert letter in KEYS
                continue
            assert answer.status_code == 303, link
            assert urlsplit(answer.headers["location"]).path == "/login", link
            assert not urlsplit(link).query
