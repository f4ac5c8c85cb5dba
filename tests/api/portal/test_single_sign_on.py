"""Single sign-on against a real OpenID Connect server on this machine."""

import socket
import subprocess
import sys
import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy import select

from api import oidc
from models.authority import second_factor
from models.authority.sign_on import SignOnLink
from models.clock import utcnow
from models.officer import Officer
from models.settings import Settings

CLIENT = "wufang"


@pytest.fixture(scope="module")
def provider():
    """The provider's address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port), "--require-nonce"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    limit = time.monotonic() + 20
    while True:
        try:
            httpx.get(address, trust_env=False)
            break
        except httpx.HTTPError:
            assert time.monotonic() < limit, "the provider did not start"
            time.sleep(0.1)
    yield address
    process.terminate()
    process.wait(10)


@pytest.fixture
def app(app, provider, tmp_path):
    app.state.settings = Settings(
        state_dir=tmp_path, language="en", oidc_issuer=provider, oidc_client_id=CLIENT, oidc_client_secret="secret"
    )
    app.state.clock = utcnow  # the provider's
    return app


@pytest.fixture
def officer(world):
    return world.officer(world.community)


def person(provider, subject, **claims):
    httpx.put(f"{provider}/users/{subject}", json=claims, trust_env=False).raise_for_status()


def begin(visitor):
    started = visitor.client.get("/login/oidc", params={"next": "/filings"}, follow_redirects=False)
    assert started.status_code == 303
    return started.headers["location"]


def at_the_provider(address, subject, **form):
    answer = httpx.post(address, data={"sub": subject} | form, trust_env=False)
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["location"]).query)


def log_in(visitor, subject):
    back = at_the_provider(begin(visitor), subject)
    return visitor.client.get("/login/oidc/return", params={name: value[0] for name, value in back.items()})


def test_an_invited_officer_is_let_in_and_linked(visitor, provider, officer, make):
    person(provider, "sub-1", email=officer.email, email_verified=True)
    page = log_in(visitor, "sub-1")
    assert page.status_code == 200
    assert page.url.path == "/filings"
    assert officer.name in page.text
    person(provider, "sub-1", email="changed@elsewhere.example", email_verified=True)
    visitor.client.cookies.clear()
    assert officer.name in log_in(visitor, "sub-1").text
    assert make.count(SignOnLink) == 1


@pytest.mark.parametrize(
    "claims", [{"email_verified": False}, {}, {"email": "nobody@here.example", "email_verified": True}]
)
def test_only_a_verified_address_of_an_officer_opens(visitor, provider, officer, make, claims):
    person(provider, "sub-2", **({"email": officer.email} | claims))
    page = log_in(visitor, "sub-2")
    assert page.status_code == 403
    assert "no account here has the address" in page.text
    assert make.count(SignOnLink) == 0


def test_who_has_left_stays_out(visitor, provider, officer, make):
    person(provider, "sub-3", email=officer.email, email_verified=True)
    assert log_in(visitor, "sub-3").status_code == 200
    visitor.client.cookies.clear()
    make.database.write(lambda session: setattr(session.get_one(Officer, officer.id), "is_active", False))
    assert log_in(visitor, "sub-3").status_code == 403


def test_a_second_person_with_the_address_is_refused(visitor, provider, officer):
    for subject in ("sub-4", "sub-5"):
        person(provider, subject, email=officer.email, email_verified=True)
    assert log_in(visitor, "sub-4").status_code == 200
    visitor.client.cookies.clear()
    page = log_in(visitor, "sub-5")
    assert page.status_code == 403
    assert "linked to another person" in page.text


def test_the_second_factor_is_asked_unless_the_provider_has_asked(visitor, provider, officer, make, vault):
    at = utcnow()
    make.database.write(second_factor.begin, vault, officer.id, at)
    with make.database.reading() as session:
        key = second_factor.pending_of(session, vault, officer.id)
    make.database.write(second_factor.confirm, vault, officer.id, pyotp.TOTP(key).at(at), at)
    person(provider, "sub-6", email=officer.email, email_verified=True)
    page = log_in(visitor, "sub-6")
    assert 'action="/login/code"' in page.text
    assert "wufang_session" not in visitor.client.cookies
    person(provider, "sub-6", email=officer.email, email_verified=True, amr=["pwd", "mfa"])
    assert log_in(visitor, "sub-6").url.path == "/filings"


def test_an_answer_for_another_browser_or_too_late_is_refused(visitor, provider, officer, app):
    person(provider, "sub-7", email=officer.email, email_verified=True)
    back = {name: value[0] for name, value in at_the_provider(begin(visitor), "sub-7").items()}
    kept = dict(visitor.client.cookies)
    visitor.client.cookies.clear()
    other = visitor.client.get("/login/oidc/return", params=back)
    assert (other.status_code, "another browser" in other.text) == (403, True)
    visitor.client.cookies.update(kept)
    assert visitor.client.get("/login/oidc/return", params=back | {"state": "x"}).status_code == 403
    visitor.client.cookies.update(kept)
    app.state.clock = lambda: utcnow() + oidc.PATIENCE
    assert visitor.client.get("/login/oidc/return", params=back).status_code == 403
    app.state.clock = utcnow
    visitor.client.cookies.update(kept)
    assert visitor.client.get("/login/oidc/return", params=back).status_code == 200
    visitor.client.cookies.clear()
    visitor.client.cookies.update(kept)
    assert visitor.client.get("/login/oidc/return", params=back).status_code == 403  # a code is good once


def test_a_refusal_at_the_provider_is_said(visitor):
    back = at_the_provider(begin(visitor), "sub-8", action="deny")
    page = visitor.client.get("/login/oidc/return", params={"error": back["error"][0], "state": "none"})
    assert page.status_code == 403


def test_a_provider_that_does_not_answer_is_said(visitor, app, tmp_path):
    app.state.settings = Settings(state_dir=tmp_path, language="en", oidc_issuer="http://127.0.0.1:9")
    page = visitor.get("/login/oidc")
    assert page.status_code == 502
    assert "does not answer" in page.text


def test_another_issuer_than_the_one_that_was_set_is_not_trusted(visitor, app, provider, tmp_path):
    app.state.settings = Settings(state_dir=tmp_path, language="en", oidc_issuer=provider + "/")
    assert visitor.get("/login/oidc").status_code == 403


def test_the_code_is_asked_with_pkce_and_bound(visitor):
    asked = parse_qs(urlsplit(begin(visitor)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) >= 40
    assert len(asked["nonce"][0]) >= 40


SETTINGS = Settings(oidc_issuer="https://sso.example", oidc_client_id=CLIENT)
KEY = RSAKey.generate_key(2048, parameters={"kid": "1"})
OTHER = RSAKey.generate_key(2048, parameters={"kid": "1"})


def claims(at, **changed):
    return {
        "iss": "https://sso.example",
        "sub": "1",
        "aud": CLIENT,
        "iat": int(at.timestamp()),
        "exp": int((at + timedelta(minutes=5)).timestamp()),
        "nonce": "n",
    } | changed


def verified(token, at):
    keys = KeySet([KEY]).as_dict(private=False)
    return oidc._verified(SETTINGS, keys, {"id_token": token}, "n", at)  # the one function that decides on trust


def test_a_good_token_is_taken(at):
    assert verified(jwt.encode({"alg": "RS256", "kid": "1"}, claims(at), KEY), at)["sub"] == "1"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"},
        {"aud": "other"},
        {"aud": [CLIENT, "other"]},
        {"nonce": "m"},
        {"exp": 1},
        {"iat": 99999999999},
        {"sub": None},
    ],
)
def test_a_token_of_somebody_else_or_for_somebody_else_is_refused(at, changed):
    said = {name: value for name, value in claims(at, **changed).items() if value is not None}
    with pytest.raises(oidc.SignOnUntrusted):
        verified(jwt.encode({"alg": "RS256", "kid": "1"}, said, KEY), at)


def test_a_token_with_another_key_or_a_weak_algorithm_is_refused(at):
    with pytest.raises(oidc.SignOnUntrusted):
        verified(jwt.encode({"alg": "RS256", "kid": "1"}, claims(at), OTHER), at)
    body = jwt.encode({"alg": "RS256", "kid": "1"}, claims(at), KEY).split(".")[1]
    with pytest.raises(oidc.SignOnUntrusted):
        verified(f"eyJhbGciOiJub25lIn0.{body}.", at)


def test_the_log_in_page_offers_it_only_where_it_is_set(visitor, app, tmp_path):
    assert "/login/oidc" in visitor.get("/login").text
    app.state.settings = Settings(state_dir=tmp_path, language="en")
    assert "/login/oidc" not in visitor.get("/login").text
    assert visitor.get("/login/oidc").status_code == 404


def test_the_act_is_in_the_log(visitor, provider, officer, make):
    person(provider, "sub-9", email=officer.email, email_verified=True)
    log_in(visitor, "sub-9")
    with make.database.reading() as session:
        assert session.scalars(select(SignOnLink.subject)).all() == ["sub-9"]
