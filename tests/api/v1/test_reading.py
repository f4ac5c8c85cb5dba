"""Protocols, who I am, and the description of the API itself."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Client

from models.officer import revoke_credential
from tests.api.v1.conftest import As, Hand
from tests.make import Maker, Neighbourhood


def test_protocols_are_read_as_data(client: Client, as_: As, world: Neighbourhood) -> None:
    mine = as_(world.council)
    rows = {one["name"]: one for one in client.get("/api/v1/protocols", headers=mine).json()}
    assert set(rows) == {"access_filing", "street_whistle", "training_schedule"}
    row = rows["access_filing"]
    assert row["version"] == row["versions"][-1]
    seats = client.get("/api/v1/protocols/street_whistle", headers=mine).json()["stages"][0]["seats"]
    assert [(one["party"], one["named"], one["if_any"]) for one in seats][1:4] == [
        ("department", True, False),
        ("community", False, False),
        ("property", False, True),
    ]
    current = client.get("/api/v1/protocols/access_filing", headers=mine).json()
    versioned = client.get(f"/api/v1/protocols/access_filing/{row['version']}", headers=mine).json()
    assert current == versioned
    assert [stage["key"] for stage in current["stages"]][:2] == ["neighbourhood", "district"]
    assert current["stages"][0]["deadline"] == {"working_days": 2}
    for wrong in ("access_filing/99", "access_filing/0", "nothing", "access_filing/x", "nothing/1"):
        assert client.get(f"/api/v1/protocols/{wrong}", headers=mine).status_code == 404, wrong


def test_a_token_says_whose_it_is(client: Client, as_: As, world: Neighbourhood, matter_id: object) -> None:
    clerk = client.get("/api/v1/me", headers=as_(world.company)).json()
    assert (clerk["party"], clerk["organisation"]["zh"]) == ("property", "合家安物业")
    assert [one["id"] for one in clerk["compounds"]] == [str(world.compound.id)]
    council = client.get("/api/v1/me", headers=as_(world.council)).json()
    assert (council["waiting"], council["compounds"]) == ({"waiting": 1, "late": 0, "unseen": 1}, [])


def test_a_token_that_is_over_is_nobodys(
    client: Client, as_: As, world: Neighbourhood, make: Maker, clock: Hand
) -> None:
    revoked, expired = as_(world.council), as_(world.council)
    make.database.write(revoke_credential, revoked["Authorization"].removeprefix("Bearer "), make.at)
    assert client.get("/api/v1/me", headers=revoked).status_code == 401
    assert client.get("/api/v1/me", headers=expired).status_code == 200
    clock.at = clock.at.replace(year=clock.at.year + 2)
    assert client.get("/api/v1/me", headers=expired).status_code == 401


@pytest.mark.parametrize("path", ["/api/v1/protocols", "/api/v1/protocols/access_filing", "/api/v1/me"])
def test_nobody_reads_without_a_token(client: Client, path: str) -> None:
    for headers in ({}, {"Authorization": "Basic x"}, {"Authorization": "Bearer wf_unknown"}):
        assert client.get(path, headers=headers).status_code == 401


def operations(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation of the API: path, method, description."""
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/api/"):
                yield path, method, operation


# A repetition finds the seats' versions, the unique code, address, robot or days taken, and changes nothing; one trial
# message of a room waits at a time; a photo is kept once under its content's hash. A rider's whole name and one-time code
# are kept in no answer: the name is read, and written down, once more; a new code takes the place of the last.
REPEATED_SAFELY = {
    "/api/v1/organisations/{organisation_id}/rooms",
    "/api/v1/rooms/{room_id}/trials",
    "/api/v1/report-photos",
    "/api/v1/enrolments/{enrolment_id}/identity",
    "/api/v1/enrolments/{enrolment_id}/code",
    "/api/v1/seats/agreements",
    "/api/v1/officers",
    "/api/v1/organisations",
    "/api/v1/absences",
}
# Whole replacement by an administrator; the newest word counts.
ONE_EDITOR = {
    "/api/v1/officers/{officer_id}",
    "/api/v1/organisations/{organisation_id}",
    "/api/v1/rooms/{room_id}",
}
# An officer's own paper and choice, which nobody else writes, and a look, which no other act makes untrue.
OWN = ("/draft", "/look", "/me/preference")


def test_every_operation_is_described(app: FastAPI) -> None:
    named = [operation["operationId"] for _, _, operation in operations(app)]
    assert len(named) == len(set(named)) == 133
    for path, method, operation in operations(app):
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["security"], path
        problem = operation["responses"]["401"]["content"]
        assert list(problem) == ["application/problem+json"], path
        parameters = {parameter["name"] for parameter in operation.get("parameters", ())}
        if method == "post" and path not in REPEATED_SAFELY:
            assert "idempotency-key" in parameters, path
        if method == "put" and not path.endswith(OWN) and path not in ONE_EDITOR:
            assert "if-match" in parameters, path


def test_the_description_is_read_without_a_token_and_loads_nothing_from_elsewhere(client: Client) -> None:
    described = client.get("/api/v1/openapi.json")
    assert described.status_code == 200
    schemas = described.json()["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    assert schemas["FilingIn"]["examples"]
    assert schemas["OpinionIn"]["examples"]
    assert client.get("/docs").status_code == 404
