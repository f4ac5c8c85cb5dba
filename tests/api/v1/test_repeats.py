"""Idempotency keys over HTTP: what is sent twice is done once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from httpx import Client, Response

from models.database import Database
from models.errors import NotFound
from models.idempotency import Answered, IdempotentAnswer, Keyed, KeyUsedOtherwise, once, purge
from models.matter import Matter
from models.officer import Identity
from tests.api.v1.conftest import As, Hand
from tests.api.v1.test_filings import RIDER, sending
from tests.make import Maker, Neighbourhood

KEY = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}


@pytest.fixture
def clerk(as_: As, world: Neighbourhood) -> dict[str, str]:
    """The clerk's header with a key."""
    return as_(world.company) | KEY


def test_the_same_request_gets_the_first_answer(
    client: Client, clerk: dict[str, str], world: Neighbourhood, make: Maker
) -> None:
    first = client.post("/api/v1/filings", json=sending(world), headers=clerk)
    again = client.post("/api/v1/filings", json=sending(world), headers=clerk)
    assert first.json() == again.json()
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.headers["location"] == again.headers["location"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert make.count(Matter) == 1


def test_without_a_key_each_request_files(client: Client, as_: As, world: Neighbourhood, make: Maker) -> None:
    mine = as_(world.company)
    for _ in range(2):
        assert client.post("/api/v1/filings", json=sending(world), headers=mine).status_code == 201
    assert make.count(Matter) == 2


def test_another_request_with_the_same_key_is_refused(
    client: Client, clerk: dict[str, str], world: Neighbourhood, make: Maker
) -> None:
    client.post("/api/v1/filings", json=sending(world), headers=clerk)
    refused = client.post("/api/v1/filings", json=sending(world, RIDER | {"station": "别站"}), headers=clerk)
    assert (refused.status_code, refused.json()["code"]) == (422, "KeyUsedOtherwise")
    assert make.count(Matter) == 1


def test_another_officers_key_is_another_key(
    client: Client, clerk: dict[str, str], bearing, world: Neighbourhood, make: Maker
) -> None:
    colleague = bearing(make.officer(world.company).id) | KEY
    for headers in (clerk, colleague):
        assert client.post("/api/v1/filings", json=sending(world), headers=headers).status_code == 201
    assert make.count(Matter) == 2


def test_a_refused_request_leaves_its_key_free(
    client: Client, clerk: dict[str, str], world: Neighbourhood, make: Maker
) -> None:
    wrong = sending(world) | {"compounds": []}
    assert client.post("/api/v1/filings", json=wrong, headers=clerk).status_code == 422
    assert client.post("/api/v1/filings", json=sending(world), headers=clerk).status_code == 201
    assert make.count(Matter) == 1


def test_ten_at_the_same_time_make_one(
    client: Client, clerk: dict[str, str], world: Neighbourhood, make: Maker
) -> None:
    def send(_: int) -> Response:
        return client.post("/api/v1/filings", json=sending(world), headers=clerk)

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(send, range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert make.count(Matter) == 1


def test_a_key_is_free_again_after_a_day(
    client: Client, clerk: dict[str, str], world: Neighbourhood, make: Maker, clock: Hand
) -> None:
    client.post("/api/v1/filings", json=sending(world), headers=clerk)
    clock.at += timedelta(hours=24)
    client.post("/api/v1/filings", json=sending(world), headers=clerk)
    assert make.count(Matter) == 2
    assert make.count(IdempotentAnswer) == 1


def test_a_key_that_is_too_long_is_refused(client: Client, as_: As, world: Neighbourhood, make: Maker) -> None:
    headers = as_(world.company) | {"Idempotency-Key": "x" * 201}
    refused = client.post("/api/v1/filings", json=sending(world), headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "KeyTooLong")
    assert make.count(Matter) == 0


@pytest.fixture
def officer(any_make: Maker) -> Identity:
    """A clerk, on either database."""
    return any_make.neighbourhood().clerk


def test_the_answer_is_kept_with_the_act_or_not_at_all(
    any_database: Database, any_make: Maker, officer: Identity
) -> None:
    keyed = Keyed(officer.officer_id, "key", "digest")

    def fail() -> dict[str, object]:
        raise NotFound()

    with pytest.raises(NotFound):
        any_database.write(once, keyed, fail, any_make.at)
    assert any_make.count(IdempotentAnswer) == 0
    first = any_database.write(once, keyed, lambda: {"made": 1}, any_make.at)
    assert first == Answered({"made": 1}, is_replayed=False)
    assert any_database.write(once, keyed, fail, any_make.at) == Answered({"made": 1}, is_replayed=True)
    with pytest.raises(KeyUsedOtherwise):
        any_database.write(once, Keyed(officer.officer_id, "key", "other"), fail, any_make.at)


def test_concurrent_commands_act_once(any_database: Database, any_make: Maker, officer: Identity) -> None:
    keyed, acted = Keyed(officer.officer_id, "key", "digest"), []

    def act() -> dict[str, object]:
        acted.append(1)
        return {"made": len(acted)}

    futures = [any_database.submit(once, keyed, act, any_make.at) for _ in range(8)]
    assert {future.result().answer["made"] for future in futures} == {1}
    assert len(acted) == 1


def test_old_keys_are_forgotten(any_database: Database, any_make: Maker, officer: Identity) -> None:
    for key, hours in (("old", 24), ("new", 23)):
        keyed = Keyed(officer.officer_id, key, "digest")
        any_database.write(once, keyed, dict, any_make.at - timedelta(hours=hours))
    assert any_database.write(purge, any_make.at) == 1
    assert any_make.count(IdempotentAnswer) == 1
