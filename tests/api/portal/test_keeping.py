"""A form that is sent after the session ran out: what was typed comes back, and only from our own pages."""

import html
import re
from collections.abc import Callable
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import Response

from models.district import Organisation
from models.matter import MatterStatus
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.demo_district import logins, seed
from wufang.make import DEMO_PASSWORD, Neighbourhood

Browse = Callable[[Organisation], Browser]
REASON = 'The gate is "narrow".\nTwo cars block it & more.'


@pytest.fixture
def filed(make: Maker, world: Neighbourhood) -> tuple[UUID, str]:
    """An open filing: its matter and its page."""
    submitted = make.filing(world.clerk, [world.compound])
    make.open(submitted.matter_id)
    return submitted.matter_id, f"/filings/{submitted.reference}"


def fields_of(page: str, action: str) -> dict[str, str]:
    """What the form to `action` carries by itself."""
    form = re.search(rf'<form method="post" action="{re.escape(html.escape(action))}".*?</form>', page, re.DOTALL)
    assert form is not None
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
    return {html.unescape(name): html.unescape(text) for name, text in found}


def typed(browser: Browser, page: str) -> dict[str, str]:
    """The opinion form, filled in."""
    return fields_of(browser.get(page).text, f"{page}/opinion") | {"kind": "object", "reason": REASON}


def send(browser: Browser, address: str, fields: dict[str, str], **headers: str) -> Response:
    """A form as a browser sends it."""
    return browser.client.post(address, data=fields, headers={"Origin": browser.address} | headers)


def test_what_was_typed_comes_back_after_the_log_in(
    browse: Browse, world: Neighbourhood, make: Maker, filed: tuple[UUID, str]
) -> None:
    browser = browse(world.community)
    fields = typed(browser, filed[1])
    browser.client.cookies.clear()
    gate = send(browser, f"{filed[1]}/opinion", fields)
    assert gate.status_code == 401
    carried = fields_of(gate.text, "/login")
    email = world.officer(world.community).email
    wrong = send(browser, "/login", carried | {"email": email, "password": "no"})
    assert fields_of(wrong.text, "/login") == carried
    again = send(browser, "/login", carried | {"email": email, "password": DEMO_PASSWORD})
    assert html.escape("Two cars block it & more.") in again.text
    assert make.matter(filed[0]).status is MatterStatus.CONSULTING
    done = send(browser, f"{filed[1]}/opinion", fields_of(again.text, f"{filed[1]}/opinion"))
    assert done.status_code == 200
    assert html.escape("Two cars block it & more.") in done.text
    assert make.matter(filed[0]).status is MatterStatus.DECIDED


def test_a_page_from_before_the_log_in_is_sent_with_one_more_click(
    browse: Browse, world: Neighbourhood, make: Maker, filed: tuple[UUID, str]
) -> None:
    browser = browse(world.community)
    fields = typed(browser, filed[1])
    browser.client.cookies.clear()
    browser.log_in(world.officer(world.community).email)
    offered = send(browser, f"{filed[1]}/opinion", fields)
    assert offered.status_code == 403
    assert make.matter(filed[0]).status is MatterStatus.CONSULTING
    assert send(browser, f"{filed[1]}/opinion", fields_of(offered.text, f"{filed[1]}/opinion")).status_code == 200
    assert make.matter(filed[0]).status is MatterStatus.DECIDED


def test_a_form_from_elsewhere_is_never_carried(visitor: Browser, filed: tuple[UUID, str]) -> None:
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = send(visitor, f"{filed[1]}/opinion", {"reason": REASON}, **headers)
        assert "kept:" not in answer.text
    unnamed = visitor.client.post(f"{filed[1]}/opinion", data={"reason": REASON})
    assert unnamed.url.path == "/login"
    assert "kept:" not in unnamed.text


def test_more_than_a_megabyte_is_not_carried(visitor: Browser, filed: tuple[UUID, str]) -> None:
    answer = send(visitor, f"{filed[1]}/opinion", {"reason": "x" * 1024 * 1024})
    assert answer.url.path == "/login"
    assert "kept:" not in answer.text


@pytest.mark.parametrize("kept_for", ["https://elsewhere.example/", "/logout"])
def test_the_log_in_carries_forms_of_this_portal_only(visitor: Browser, world: Neighbourhood, kept_for: str) -> None:
    sent = {"email": world.officer(world.street).email, "password": DEMO_PASSWORD, "kept_for": kept_for, "kept:a": "b"}
    assert send(visitor, "/login", sent).url.path == "/"


def test_a_page_s_own_look_out_is_silent_once_the_session_is_over(visitor: Browser, filed: tuple[UUID, str]) -> None:
    answer = visitor.client.get(f"{filed[1]}/standing?version=1", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.text) == (204, "")


def test_the_demo_log_ins_are_shown_where_the_demo_district_is_loaded(
    app: FastAPI, visitor: Browser, make: Maker
) -> None:
    assert DEMO_PASSWORD not in visitor.get("/login").text
    seed(make.database)
    page = html.unescape(visitor.get("/login").text)
    assert DEMO_PASSWORD in page
    assert all(one.email in page and one.organisation.en in page for one in logins())
    app.state.settings = app.state.settings.model_copy(update={"demo": False})
    assert DEMO_PASSWORD not in visitor.get("/login").text
    assert visitor.log_in(logins()[0].email).url.path == "/"
