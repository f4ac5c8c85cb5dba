"""Asking for a round, and the probes: with a Prefect server that answers, and with none."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI, Response
from httpx import Client
from pydantic import BaseModel

from api.app import create_app
from models import heartbeat
from models.settings import Settings
from tests.api.v1.conftest import As, Hand
from tests.live import serving
from tests.make import Maker, Neighbourhood


class Wanted(BaseModel):
    """What Prefect's `create_flow_run` takes of us."""

    state: dict[str, str]
    idempotency_key: str
    parameters: dict[str, str]


def prefect_server(runs: dict[str, str]) -> FastAPI:
    """The four addresses of Prefect 3.8's API that we call: 201 for a new run, 200 for a key that is known."""
    app = FastAPI()

    @app.get("/api/health")
    def health() -> bool:
        return True

    @app.get("/api/deployments/name/{flow}/{deployment}")
    def read(flow: str, deployment: str, response: Response) -> dict[str, str]:
        if deployment == "letters":
            response.status_code = 404
            return {"detail": "Deployment not found"}
        return {"id": f"id-of-{flow}", "name": deployment}

    @app.post("/api/deployments/{deployment_id}/create_flow_run")
    def create(deployment_id: str, wanted: Wanted, response: Response) -> dict[str, str]:
        is_known = wanted.idempotency_key in runs
        run = runs.setdefault(wanted.idempotency_key, f"{deployment_id}-run-{len(runs)}")
        response.status_code = 200 if is_known else 201
        return {"id": run}

    return app


@pytest.fixture
def runs() -> dict[str, str]:
    """The runs of the Prefect server, by idempotency key."""
    return {}


@pytest.fixture
def with_prefect(state: Path, clock: Hand, runs: dict[str, str]) -> Iterator[Client]:
    """Somebody without a token, at an application whose Prefect answers."""
    with serving(prefect_server(runs)) as prefect:
        settings = Settings(state_dir=state, language="en", prefect_api_url=f"{prefect}/api")
        with serving(create_app(settings, clock)) as address, Client(base_url=address) as client:
            yield client


def test_a_round_is_a_prefect_run(with_prefect: Client, administrator: dict[str, str], runs: dict[str, str]) -> None:
    answer = with_prefect.post("/api/v1/rounds", json={}, headers=administrator)
    assert answer.status_code == 202
    assert answer.json() == {"flow": "access-filing", "run": "id-of-access-filing-run-0"}
    assert answer.json()["run"] in runs.values()


def test_asking_twice_within_a_second_is_one_round(
    with_prefect: Client, administrator: dict[str, str], runs: dict[str, str], clock: Hand
) -> None:
    for seconds in (0, 0, 1):
        clock.at += timedelta(seconds=seconds)
        assert with_prefect.post("/api/v1/rounds", json={}, headers=administrator).status_code == 202
    assert len(runs) == 2


def test_a_key_names_its_round(
    with_prefect: Client, administrator: dict[str, str], runs: dict[str, str], clock: Hand
) -> None:
    key = administrator | {"Idempotency-Key": "mine"}
    first = with_prefect.post("/api/v1/rounds", json={}, headers=key)
    clock.at += timedelta(seconds=5)
    again = with_prefect.post("/api/v1/rounds", json={}, headers=key)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = with_prefect.post("/api/v1/rounds", json={"flow": "letters"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "KeyUsedOtherwise")
    assert len(runs) == 1


def test_a_flow_that_is_not_deployed_or_known_starts_nothing(
    with_prefect: Client, administrator: dict[str, str], runs: dict[str, str]
) -> None:
    undeployed = with_prefect.post("/api/v1/rounds", json={"flow": "letters"}, headers=administrator)
    assert (undeployed.status_code, undeployed.json()["code"]) == (503, "PrefectAway")
    assert with_prefect.post("/api/v1/rounds", json={"flow": "x"}, headers=administrator).status_code == 422
    assert runs == {}


def test_only_administrators_ask_for_rounds(
    with_prefect: Client, as_: As, world: Neighbourhood, runs: dict[str, str]
) -> None:
    for headers, status in ((as_(world.lead), 403), ({}, 401)):
        assert with_prefect.post("/api/v1/rounds", json={}, headers=headers).status_code == status
    assert runs == {}


def test_without_prefect_a_round_is_refused_in_one_sentence(client: Client, administrator: dict[str, str]) -> None:
    refused = client.post("/api/v1/rounds", json={}, headers=administrator)
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "1"
    assert "try again" in refused.json()["detail"]


def test_everything_is_ready_while_the_engine_beats(with_prefect: Client, make: Maker, clock: Hand) -> None:
    assert with_prefect.get("/livez").json() == {"alive": True}
    missing = with_prefect.get("/readyz")
    assert (missing.status_code, missing.json()["waiting_for"]) == (503, ["engine"])
    make.database.write(heartbeat.beat, "engine", make.at, "")
    ready = with_prefect.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    clock.at += timedelta(seconds=15)
    assert with_prefect.get("/readyz").json()["waiting_for"] == ["engine"]


def test_without_prefect_people_act_on_and_readiness_says_so(
    client: Client, as_: As, world: Neighbourhood, make: Maker
) -> None:
    make.database.write(heartbeat.beat, "engine", make.at, "")
    missing = client.get("/readyz")
    assert (missing.status_code, missing.json()["waiting_for"]) == (503, ["prefect"])
    assert client.get("/api/v1/me", headers=as_(world.council)).status_code == 200
