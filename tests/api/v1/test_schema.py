"""Schemathesis: whatever the API's own description allows, and much that it does not, no request breaks anything down."""

from datetime import timedelta

import pytest
import schemathesis
from fastapi import FastAPI
from httpx import Client
from hypothesis import HealthCheck, Phase, given, seed, settings

from models.officer import issue_credential
from tests.make import Maker, Neighbourhood
from wufang.make_reports import Reports

SEED = 410811
EXAMPLES = 3  # of each operation
ELSEWHERE = {503}  # Prefect does not answer in this test, and says so


@pytest.fixture
def token(make: Maker, world: Neighbourhood, client: Client) -> str:
    """An administrator's: the one who comes past the most walls."""
    officer = make.officer(world.lead, is_administrator=True)
    Reports(make, world).collect()
    return make.database.write(issue_credential, officer.id, "test", make.at, timedelta(days=365))


def test_nothing_that_is_sent_breaks_anything_down(app: FastAPI, client: Client, token: str) -> None:
    schema = schemathesis.openapi.from_dict(app.openapi())
    broken: list[str] = []
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.startswith("/api/"):
            broken += _broken(operation, client, token)
    assert not broken, "\n".join(broken)


def _broken(operation: schemathesis.APIOperation, client: Client, token: str) -> list[str]:
    """What of an operation's requests the server could not answer."""
    found: list[str] = []

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        answer = case.call(base_url=str(client.base_url), headers=headers)
        if answer.status_code >= 500 and answer.status_code not in ELSEWHERE:
            found.append(f"{operation.label}: {answer.status_code} {case.as_curl_command()[:400]}")

    ask()
    return found
