"""Logging in and out, the language, and forms that come from elsewhere."""

from collections.abc import Callable

import pytest

from api.portal.visiting import Visitor, local_path
from models.district import Organisation
from tests.api.portal.conftest import Browser
from wufang.make import Neighbourhood

Browse = Callable[[Organisation], Browser]


def test_a_page_that_needs_a_log_in_comes_back_after_it(visitor: Browser, world: Neighbourhood) -> None:
    asked = visitor.get("/filings?status=agreed")
    assert asked.url.path == "/login"
    assert 'value="/filings?status=agreed"' in asked.text
    came = visitor.log_in(world.officer(world.street).email, wanted="/filings?status=agreed")
    assert str(came.url) == f"{visitor.address}/filings?status=agreed"


def test_a_wrong_password_is_one_sentence_and_keeps_the_address(visitor: Browser, world: Neighbourhood) -> None:
    email = world.officer(world.street).email
    refused = visitor.log_in(email, "not this one")
    assert refused.status_code == 401
    assert "E-mail address or password is wrong." in refused.text
    assert f'value="{email}"' in refused.text
    assert visitor.get("/").url.path == "/login"


def test_the_session_s_cookie_is_hidden_from_scripts_and_ends_with_the_log_out(
    browse: Browse, world: Neighbourhood
) -> None:
    browser = browse(world.street)
    secret = browser.client.cookies["wufang_session"]
    browser.send("/logout", {})
    assert browser.get("/").url.path == "/login"
    browser.client.cookies.set("wufang_session", secret)
    assert browser.get("/").url.path == "/login"


def test_a_session_is_renewed_at_every_log_in(browse: Browse, world: Neighbourhood) -> None:
    browser = browse(world.street)
    before = browser.client.cookies["wufang_session"]
    browser.client.cookies.clear()
    browser.client.cookies.set("wufang_session", before)
    set_cookie = browser.client.post(
        "/login",
        data={"email": world.officer(world.street).email, "password": "x", "form_word": "x"},
        headers={"Origin": browser.address},
    )
    assert set_cookie.status_code == 403  # who is logged in sends the session's word here too


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}, {}],
    ids=["other origin", "cross-site", "hidden origin", "no word"],
)
def test_a_form_from_elsewhere_does_nothing(browse: Browse, world: Neighbourhood, headers: dict[str, str]) -> None:
    browser = browse(world.street)
    refused = browser.client.post("/language", data={"language": "zh"}, headers=headers)
    assert refused.status_code == 403
    assert "This form did not come from your open session" in refused.text


def test_a_word_of_another_session_is_refused() -> None:
    mine, other = Visitor("zh", secret="one"), Visitor("zh", secret="two")
    assert mine.has_sent(mine.form_word)
    assert mine.form_word != mine.form_word
    assert not mine.has_sent(other.form_word)
    assert not mine.has_sent("")
    assert not mine.has_sent("不是")


def test_the_language_stays_with_visitor_and_officer(visitor: Browser, world: Neighbourhood) -> None:
    assert 'lang="en"' in visitor.get("/login").text
    turned = visitor.client.post(
        "/language", data={"language": "zh", "next": "/login"}, headers={"Origin": visitor.address}
    )
    assert 'lang="zh-CN"' in turned.text
    visitor.log_in(world.officer(world.street).email)
    assert 'lang="zh-CN"' in visitor.get("/filings").text
    visitor.send("/language", {"language": "en", "next": "/filings"})
    again = Browser(visitor.address)
    again.log_in(world.officer(world.street).email)
    assert 'lang="en"' in again.get("/").text
    again.client.close()


@pytest.mark.parametrize(
    ("wanted", "gone_to"),
    [
        ("/filings?status=agreed", "/filings?status=agreed"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\tfilings", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_sent_elsewhere_after_the_log_in(wanted: str, gone_to: str) -> None:
    assert local_path(wanted) == gone_to


def test_pages_allow_nothing_inline_and_nothing_from_elsewhere(visitor: Browser) -> None:
    page = visitor.get("/login")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert "<style" not in page.text
    assert " style=" not in page.text
    assert " onclick" not in page.text


def test_an_unknown_address_is_a_page_and_a_foreign_file_is_not_served(browse: Browse, world: Neighbourhood) -> None:
    browser = browse(world.street)
    assert browser.get("/filings/备2026-999999").status_code == 404
    assert "There is nothing at this address" in browser.get("/filings/备2026-999999").text
    assert browser.get("/static/../pyproject.toml").status_code == 404
    assert browser.get("/static/%2e%2e/pyproject.toml").status_code == 404
    assert browser.get("/static/wufang.css?v=1").headers["cache-control"].endswith("immutable")
