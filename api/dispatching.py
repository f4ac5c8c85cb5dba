"""Asking Prefect for a round: a run of a deployment, over Prefect's own HTTP API."""

from enum import StrEnum
from typing import Any

import httpx

from models.errors import RuleBroken
from models.words import N_

PATIENCE_SECONDS = 5.0


class RoundKind(StrEnum):
    """The flows that can be asked for; each is deployed under its own name."""

    ACCESS_FILING = "access-filing"
    REPORT_ESCALATION = "report-escalation"
    TRAINING_SCHEDULE = "training-schedule"
    TRAINING_PLACES = "training-places"
    LETTERS = "letters"


class PrefectAway(RuleBroken):
    """Prefect's server does not answer, or does not know the deployment yet."""

    sentence = N_("Prefect does not answer, so no round was started. What is due stays due; try again in a moment.")
    status = 503


class Prefect:
    """Prefect's server at `api`, e.g. `http://127.0.0.1:4200/api`."""

    def __init__(self, api: str, client: httpx.AsyncClient) -> None:
        self.api = api
        self.client = client

    async def start_round(self, kind: RoundKind, idempotency_key: str) -> str:
        """The id of a run of the flow; the same key gives the same run. Raises `PrefectAway`."""
        deployment = await self._call("GET", f"/deployments/name/{kind}/{kind}")
        wanted = {"state": {"type": "SCHEDULED"}, "idempotency_key": idempotency_key, "parameters": {}}
        run = await self._call("POST", f"/deployments/{deployment['id']}/create_flow_run", wanted)
        return str(run["id"])

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = await self.client.request(method, self.api + path, json=body, timeout=PATIENCE_SECONDS)
            answer.raise_for_status()
            return answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise PrefectAway() from error
