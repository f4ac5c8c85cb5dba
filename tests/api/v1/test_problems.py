"""Problem details: one clear sentence in the reader's language, and nothing of the inside."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import Client

from models.officer import set_language
from tests.api.v1.conftest import As
from tests.live import serving
from tests.make import Maker, Neighbourhood


def test_a_problem_says_what_and_what_to_do(client: Client) -> None:
    refused = client.get("/api/v1/me", headers={"X-Request-Id": "from-the-proxy-7"})
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert refused.json() == {
        "type": "tag:wufang.example,2026:NotLoggedIn",
        "title": "Not logged in",
        "status": 401,
        "detail": "Log in first, or send a valid bearer token.",
        "code": "NotLoggedIn",
        "instance": "/api/v1/me",
        "request_id": "from-the-proxy-7",
    }


def test_what_is_not_valid_is_named_without_its_value(client: Client, as_: As, world: Neighbourhood) -> None:
    sent = {"compounds": "secret-value", "riders": [{"name": "朱艳"}]}
    refused = client.post("/api/v1/filings", json=sent, headers=as_(world.company)).json()
    assert refused["detail"].startswith(
        "What was sent is not valid: #/compounds does not have the right form, #/riders/0/phone"
    )
    assert [error["pointer"] for error in refused["errors"]] == [
        "#/compounds",
        "#/riders/0/phone",
        "#/riders/0/platform",
    ]
    assert "secret-value" not in str(refused)


def test_a_body_that_is_no_json_is_refused(client: Client, as_: As, world: Neighbourhood) -> None:
    headers = as_(world.company) | {"Content-Type": "application/json"}
    refused = client.post("/api/v1/filings", content=b"{", headers=headers)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB", "en"),
        ("fr, en;q=0.5, zh;q=0.1", "en"),
        ("fr", "en"),
        ("zh;q=x", "en"),
    ],
)
def test_the_language_is_the_requests(client: Client, accepted: str, language: str) -> None:
    refused = client.get("/api/v1/me", headers={"Accept-Language": accepted})
    assert refused.headers["content-language"] == language
    is_chinese = re.search("[\u4e00-\u9fff]", refused.json()["detail"]) is not None
    assert is_chinese == (language == "zh")


def test_else_the_officers(client: Client, as_: As, world: Neighbourhood, make: Maker) -> None:
    make.database.write(set_language, world.officer(world.council).id, "zh")
    headers = as_(world.council) | {"Accept-Language": ""}
    assert client.get("/api/v1/filings/none", headers=headers).headers["content-language"] == "zh"


def test_unknown_addresses_and_methods(client: Client) -> None:
    missing = client.get("/api/v1/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "NotFound")
    refused = client.delete("/api/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (405, "MethodNotAllowed")
    assert refused.headers["allow"] == "GET"
    assert "DELETE" in refused.json()["detail"]


def test_an_unknown_page_is_a_page(client: Client) -> None:
    missing = client.get("/no-such-page")
    assert missing.status_code == 404
    assert missing.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("is_told", [True, False])
def test_what_is_too_large_is_refused(client: Client, as_: As, world: Neighbourhood, is_told: bool) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(25):
            yield b" " * 1024 * 1024

    headers = as_(world.company) | {"Content-Type": "application/json"}
    content = b" " * 25 * 1024 * 1024 if is_told else parts()
    refused = client.post("/api/v1/filings", content=content, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (413, "TooLarge")


def test_what_breaks_is_told_without_its_inside(
    app: FastAPI,
    as_: As,
    world: Neighbourhood,
    state: Path,
    matter_id: UUID,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mine = as_(world.company)
    with serving(app) as address, Client(base_url=address) as client:
        assert client.get(f"/api/v1/filings/{matter_id}/lines", headers=mine).status_code == 200
        app.state.vault = None  # the keys are gone
        broken = client.get(f"/api/v1/filings/{matter_id}/lines", headers=mine | {"Accept-Language": "en"})
    assert (broken.status_code, broken.json()["code"]) == (500, "BrokenDown")
    assert broken.json()["request_id"] in broken.json()["detail"]
    assert broken.headers["x-request-id"] == broken.json()["request_id"]
    assert str(state) not in broken.text
    assert "Traceback" not in broken.text
    assert "vault" not in broken.text
    logged = capsys.readouterr().out
    assert broken.json()["request_id"] in logged
    assert "Traceback" in logged
    assert "seal-1." not in logged  # no values that were at hand


def test_every_answer_carries_an_id_and_the_security_headers(client: Client) -> None:
    first, second = client.get("/livez"), client.get("/livez", headers={"X-Request-Id": "bad id!"})
    assert re.fullmatch("[0-9a-f]{32}", first.headers["x-request-id"])
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert first.headers["x-content-type-options"] == "nosniff"
    assert first.headers["x-frame-options"] == "DENY"
