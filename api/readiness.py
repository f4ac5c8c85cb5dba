"""Probes: whether this process lives, and whether everything that the system needs is there."""

import time
from datetime import datetime, timedelta
from typing import Literal

import httpx
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from models.database import Database
from models.heartbeat import Heartbeat

ENGINE = "engine"
ENGINE_SILENT_AFTER = timedelta(seconds=15)
PREFECT_PATIENCE_SECONDS = 0.5
PREFECT_KEPT_SECONDS = 1.0

router = APIRouter(tags=["probes"])


class Alive(BaseModel):
    """This process answers."""

    alive: Literal[True] = True


class Ready(BaseModel):
    """What is ready. `waiting_for` names what is not; people's acts go on as long as the database is there."""

    ready: bool
    database: bool
    engine: bool
    prefect: bool
    waiting_for: list[str]
    note: str


class PrefectHealth:
    """Whether Prefect's server answers; asked at most once a second, whoever asks."""

    def __init__(self, api: str, client: httpx.AsyncClient) -> None:
        self.url = f"{api}/health"
        self.client = client
        self._asked_at = float("-inf")
        self._is_good = False

    async def is_good(self) -> bool:
        """Whether it answered 200 within half a second."""
        now = time.monotonic()
        if now - self._asked_at >= PREFECT_KEPT_SECONDS:
            self._asked_at = now
            try:
                answer = await self.client.get(self.url, timeout=PREFECT_PATIENCE_SECONDS)
                self._is_good = answer.is_success
            except httpx.HTTPError:
                self._is_good = False
        return self._is_good


@router.get("/livez", summary="Whether the process lives", operation_id="livez")
async def livez() -> Alive:
    """Always 200 while the process can answer at all."""
    return Alive()


@router.get(
    "/readyz",
    summary="Whether everything is ready",
    operation_id="readyz",
    responses={503: {"model": Ready, "description": "Something is not ready; it is named"}},
)
async def readyz(request: Request, response: Response) -> Ready:
    """200 where database, engine and Prefect are there, else 503 with the names of those that are not."""
    state = request.app.state
    is_reachable, beat = await run_in_threadpool(_look, state.database)
    is_engine_there = beat is not None and _is_fresh(beat, state.clock())
    is_prefect_there = await state.prefect_health.is_good()
    found = {"database": is_reachable, "engine": is_engine_there, "prefect": is_prefect_there}
    missing = [name for name, is_there in found.items() if not is_there]
    response.status_code = 503 if missing else 200
    response.headers["Cache-Control"] = "no-store"
    note = beat.note if beat else ""
    return Ready(ready=not missing, waiting_for=missing, note=note, **found)


def _look(database: Database) -> tuple[bool, Heartbeat | None]:
    if not database.is_reachable():
        return False, None
    with database.reading() as session:
        return True, session.get(Heartbeat, ENGINE)


def _is_fresh(beat: Heartbeat, at: datetime) -> bool:
    return at - beat.beat_at < ENGINE_SILENT_AFTER
