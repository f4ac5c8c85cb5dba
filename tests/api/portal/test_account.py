"""My account in the portal: the second factor at the log-in, a new password, my sessions, and who is held off."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
import pytest
from fastapi import FastAPI
from httpx import Response
from sqlalchemy import func, select

from models.authority.lockout import OF_A_NETWORK
from models.authority.sessions import HALF_VALID
from models.district import Organisation
from models.officer import Credential
from tests.api.portal.conftest import Browser
from tests.make import Maker
from wufang.make import DEMO_PASSWORD, Neighbourhood

Browse = Callable[[Organisation], Browser]
FACTOR = "/account/second-factor"
NEW = "vier gelbe Tassen im Regen"
HALF_MINUTE = timedelta(seconds=30)


@dataclass
class Hand:
    """The clock that the portal reads."""

    at: datetime

    def __call__(self) -> datetime:
        """The instant."""
        return self.at


@pytest.fixture
def hand(app: FastAPI, at: datetime) -> Hand:
    """The portal's clock, to be set on."""
    app.state.clock = Hand(at)
    return app.state.clock


def demand(app: FastAPI, **settings: object) -> None:
    """Other settings of the district from now on."""
    app.state.settings = app.state.settings.model_copy(update=settings)


def key_on(page: Response) -> str:
    """The key that stands on the page to be typed."""
    found = re.search(r"<code>([A-Z2-7 ]{32,})</code>", page.text)
    assert found is not None
    return found[1].replace(" ", "")


def enrol(browser: Browser, hand: Hand) -> tuple[str, list[str]]:
    """Set an app up. Returns its key and the recovery codes."""
    page = browser.send(FACTOR, {"act": "begin", "password": DEMO_PASSWORD}, page=FACTOR)
    assert 'src="data:image/svg+xml' in page.text
    key = key_on(page)
    codes = browser.send(FACTOR, {"act": "confirm", "code": pyotp.TOTP(key).at(hand.at)}, page=FACTOR)
    return key, re.findall(r"<code>([a-z0-9-]{19})</code>", codes.text)


def give_code(browser: Browser, code: str, wanted: str = "/") -> Response:
    """Fill in the page that asks for the code."""
    sent = {"code": code, "next": wanted}
    return browser.client.post("/login/code", data=sent, headers={"Origin": browser.address})


def test_a_second_factor_is_set_up_and_then_asked_for(
    browse: Browse, world: Neighbourhood, address: str, hand: Hand
) -> None:
    browser = browse(world.community)
    key, codes = enrol(browser, hand)
    assert len(codes) == 10
    assert key not in browser.get(FACTOR).text  # shown once
    email = world.officer(world.community).email
    other = Browser(address)
    asked = other.log_in(email, wanted="/filings")
    assert 'autocomplete="one-time-code"' in asked.text
    assert other.get("/filings").url.path == "/login"
    hand.at += HALF_MINUTE
    wrong = give_code(other, "000000")
    assert wrong.status_code == 401
    assert 'aria-describedby="refusal"' in wrong.text
    code = pyotp.TOTP(key).at(hand.at)
    assert str(give_code(other, code, "/filings").url) == f"{address}/filings"
    assert "wufang_half" not in other.client.cookies
    third = Browser(address)
    third.log_in(email)
    assert give_code(third, code).status_code == 401  # seen over the shoulder
    assert give_code(third, codes[0]).url.path == "/"
    third.get("/logout")
    for one in (other, third):
        one.client.close()


def test_the_password_without_the_code_opens_nothing_and_only_for_five_minutes(
    browse: Browse, world: Neighbourhood, visitor: Browser, hand: Hand
) -> None:
    key, _ = enrol(browse(world.community), hand)
    visitor.log_in(world.officer(world.community).email)
    half = visitor.client.cookies["wufang_half"]
    visitor.client.cookies.set("wufang_session", half)
    assert visitor.get("/").url.path == "/login"
    hand.at += HALF_VALID
    late = give_code(visitor, pyotp.TOTP(key).at(hand.at))
    assert late.status_code == 401
    assert "The time for the code has run out." in late.text


def test_codes_cannot_be_tried_without_end(browse: Browse, world: Neighbourhood, visitor: Browser, hand: Hand) -> None:
    enrol(browse(world.community), hand)
    visitor.log_in(world.officer(world.community).email)
    answers = [give_code(visitor, f"{number:06}").status_code for number in range(6)]
    assert answers == [401] * 5 + [429]


def test_where_it_is_required_nothing_else_opens_before_it_is_set_up(
    app: FastAPI, browse: Browse, world: Neighbourhood, hand: Hand
) -> None:
    browser = browse(world.street)
    demand(app, demo=False)
    for page in ("/", "/filings", "/protocols", "/filings/new"):
        assert browser.get(page).url.path == FACTOR
    refused = browser.client.post("/inbox/agree", headers={"Origin": browser.address})
    assert refused.url.path == FACTOR or refused.status_code in (404, 405)
    page = browser.send(FACTOR, {"act": "begin"}, page=FACTOR)  # the password was typed just now
    code = pyotp.TOTP(key_on(page)).at(hand.at)
    assert "Recovery codes" in browser.send(FACTOR, {"act": "confirm", "code": code}, page=FACTOR).text
    assert browser.get("/filings").url.path == "/filings"
    hand.at += HALF_MINUTE
    kept = browser.send(FACTOR, {"act": "remove", "code": pyotp.TOTP(key_on(page)).at(hand.at)}, page=FACTOR)
    assert kept.status_code == 403
    assert browse(world.council).get("/filings").url.path == "/filings"  # not wanted of the others


def test_it_is_offered_and_not_required_in_the_demo(browse: Browse, world: Neighbourhood) -> None:
    assert browse(world.street).get("/").url.path == "/"


def test_who_sits_at_an_open_desk_without_the_password_sets_no_key_and_replaces_none(
    browse: Browse, world: Neighbourhood, hand: Hand
) -> None:
    browser = browse(world.community)
    refused = browser.send(FACTOR, {"act": "begin", "password": "not this one"}, page=FACTOR)
    assert refused.status_code == 422
    assert "data:image" not in refused.text
    enrol(browser, hand)
    without = browser.send(FACTOR, {"act": "begin", "password": DEMO_PASSWORD}, page=FACTOR)
    assert without.status_code == 401
    assert "data:image" not in without.text


def test_recovery_codes_are_renewed_and_the_factor_removed_for_a_code(
    browse: Browse, world: Neighbourhood, hand: Hand
) -> None:
    browser = browse(world.community)
    _, codes = enrol(browser, hand)
    renewed = browser.send(FACTOR, {"act": "codes", "code": codes[0]}, page=FACTOR)
    fresh = re.findall(r"<code>([a-z0-9-]{19})</code>", renewed.text)
    assert not set(fresh) & set(codes)
    assert browser.send(FACTOR, {"act": "remove", "code": codes[1]}, page=FACTOR).status_code == 401
    removed = browser.send(FACTOR, {"act": "remove", "code": fresh[0]}, page=FACTOR)
    assert "The password alone opens your account." in removed.text


def test_a_new_password_ends_the_other_sessions_and_the_old_one(
    browse: Browse, world: Neighbourhood, visitor: Browser
) -> None:
    here, elsewhere = browse(world.community), browse(world.community)
    sent = {"old": DEMO_PASSWORD, "new": NEW, "again": NEW}
    done = here.send("/account/password", sent, page="/account/password")
    assert "Your password is changed." in done.text
    assert elsewhere.get("/").url.path == "/login"
    email = world.officer(world.community).email
    assert visitor.log_in(email).status_code == 401
    assert visitor.log_in(email, NEW).url.path == "/"


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"old": "not this one"}, 422, "Your present password is wrong."),
        ({"again": "vier gelbe Tassen im Regem"}, 422, "are not the same"),
        ({"new": "short", "again": "short"}, 422, "at least 10 signs"),
        ({"new": "password1234", "again": "password1234"}, 422, "would soon be guessed"),
        ({"new": DEMO_PASSWORD, "again": DEMO_PASSWORD}, 422, "is the old one"),
    ],
)
def test_a_password_that_does_not_pass_is_told_why(
    browse: Browse, world: Neighbourhood, changed: dict[str, str], status: int, said: str
) -> None:
    browser = browse(world.community)
    refused = browser.send(
        "/account/password", {"old": DEMO_PASSWORD, "new": NEW, "again": NEW} | changed, page="/account/password"
    )
    assert refused.status_code == status
    assert said in refused.text
    assert "Tassen" not in refused.text  # what was typed does not stand in the answer


def test_an_old_password_is_changed_before_anything_else(app: FastAPI, browse: Browse, world: Neighbourhood) -> None:
    browser = browse(world.community)
    demand(app, password_days=90)
    assert browser.get("/filings").url.path == "/account/password"
    browser.send("/account/password", {"old": DEMO_PASSWORD, "new": NEW, "again": NEW}, page="/account/password")
    assert browser.get("/filings").url.path == "/filings"


def test_a_revoked_session_is_out_at_its_next_request(browse: Browse, world: Neighbourhood) -> None:
    here, elsewhere = browse(world.community), browse(world.community)
    page = here.get("/account").text
    assert page.count('name="session" value="') == 2  # the other one, and all others
    chosen = re.search(r'name="session" value="([0-9a-f-]{36})"', page)
    assert chosen is not None
    assert "The session has ended." in here.send("/account/sessions", {"session": chosen[1]}, page="/account").text
    assert elsewhere.get("/").url.path == "/login"
    third = browse(world.community)
    here.send("/account/sessions", {"session": "others"}, page="/account")
    assert third.get("/").url.path == "/login"
    assert here.get("/").url.path == "/"


def test_a_foreign_session_cannot_be_ended(browse: Browse, world: Neighbourhood) -> None:
    mine, theirs = browse(world.community), browse(world.street)
    browse(world.street)
    chosen = re.search(r'name="session" value="([0-9a-f-]{36})"', theirs.get("/account").text)
    assert chosen is not None
    assert mine.send("/account/sessions", {"session": chosen[1]}, page="/account").status_code == 404
    assert mine.send("/account/sessions", {"session": "nonsense"}, page="/account").url.path == "/account"


def test_sessions_end_when_idle_and_a_page_left_open_keeps_none_alive(
    browse: Browse, world: Neighbourhood, hand: Hand, make: Maker
) -> None:
    worked, left_open = browse(world.community), browse(world.community)
    for _ in range(3):
        hand.at += timedelta(minutes=50)
        left_open.client.get("/account", headers={"HX-Request": "true"})
        assert worked.get("/").url.path == "/"
        wait_until_seen(make, hand.at)
    assert left_open.get("/").url.path == "/login"
    for _ in range(12):
        hand.at += timedelta(minutes=50)
        worked.get("/")
    assert worked.get("/").url.path == "/login"


def wait_until_seen(make: Maker, at: datetime) -> None:
    """A page does not wait for the note that its session was used: it is written a moment later."""
    limit = time.monotonic() + 20
    newest = select(func.max(Credential.last_seen_at))
    while True:
        with make.database.reading() as session:
            if session.scalar(newest) == at:
                return
        assert time.monotonic() < limit, "the session was not seen"
        time.sleep(0.02)


def test_who_is_deactivated_is_out_at_the_next_request(browse: Browse, world: Neighbourhood, make: Maker) -> None:
    browser = browse(world.community)
    email = world.officer(world.community).email
    make.tamper("update officer set is_active = false where email = :email", email=email)
    assert browser.get("/").url.path == "/login"
    assert browser.log_in(email).status_code == 401


def test_wrong_passwords_from_elsewhere_do_not_keep_a_known_browser_out(
    browse: Browse, world: Neighbourhood, visitor: Browser
) -> None:
    known, email = browse(world.community), world.officer(world.community).email
    known.send("/logout", {})
    answers = [visitor.log_in(email, f"wrong {number}").status_code for number in range(OF_A_NETWORK.most + 2)]
    assert answers == [401] * OF_A_NETWORK.most + [429] * 2
    held = visitor.log_in(email)  # even with the right one
    assert held.status_code == 429
    assert int(held.headers["retry-after"]) > 0
    assert "Too many wrong tries." in held.text
    assert known.log_in(email).url.path == "/"


def test_an_unknown_account_is_answered_like_a_known_one(visitor: Browser, world: Neighbourhood) -> None:
    answers = {
        email: [visitor.log_in(email, "wrong").status_code for _ in range(OF_A_NETWORK.most + 1)]
        for email in (world.officer(world.street).email, "nobody@nowhere.example")
    }
    assert len({tuple(one) for one in answers.values()}) == 1


@pytest.mark.parametrize("path", ["/login", "/login/code"])
@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_nobody_is_logged_in_from_another_site(
    visitor: Browser, world: Neighbourhood, path: str, headers: dict[str, str]
) -> None:
    sent = {"email": world.officer(world.street).email, "password": DEMO_PASSWORD, "code": "000000"}
    assert visitor.client.post(path, data=sent, headers=headers).status_code == 403
    assert "wufang_session" not in visitor.client.cookies


def test_a_password_typed_after_the_session_ran_out_stands_in_no_page(browse: Browse, world: Neighbourhood) -> None:
    browser = browse(world.community)
    browser.client.cookies.clear()
    for page in ("/account/password", FACTOR, "/login/code"):
        sent = {"old": "my old secret", "new": "my new secret", "password": "my old secret", "code": "secret code"}
        answer = browser.client.post(page, data=sent, headers={"Origin": browser.address})
        assert "secret" not in answer.text.replace("/secret", "")


def test_cookies_are_hidden_from_scripts_and_bound_to_the_host_under_https(
    app: FastAPI, visitor: Browser, world: Neighbourhood
) -> None:
    demand(app, public_url="https://wufang.example")
    del app.state.settings.__dict__["address"]
    sent = {"email": world.officer(world.street).email, "password": DEMO_PASSWORD}
    answer = visitor.client.post("/login", data=sent, headers={"Origin": visitor.address}, follow_redirects=False)
    cookies = answer.headers.get_list("set-cookie")
    assert {one.split("=")[0] for one in cookies} == {"__Host-wufang_session", "__Host-wufang_device"}
    for one in cookies:
        assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= {part.strip() for part in one.split(";")}


def test_the_account_page_is_kept_by_no_cache(browse: Browse, world: Neighbourhood) -> None:
    page = browse(world.community).get("/account")
    assert page.headers["cache-control"] == "no-store"
    assert world.officer(world.community).email in page.text
