"""The web application: the JSON API, the portal and the probes over one database."""

import gc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from api import readiness
from api.dispatching import Prefect
from api.limiting import BodyLimit
from api.open311 import add_open311
from api.portal.mounting import add_portal
from api.problems import add_problems
from api.rescuing import Rescue
from api.tracing import RequestIds
from api.v1 import add_api
from api.v1.describing import describe
from api.webhooks import sendgrid
from models.clock import Clock, utcnow
from models.crypto import open_vault
from models.database import Database
from models.decoders import Decoders
from models.logbook import configure_log
from models.settings import Settings

GARBAGE_THRESHOLDS = (20_000, 20, 50)  # measured with benchmarks/opinions_http.py: p99 of an opinion halves


def settle_garbage() -> None:
    """What was loaded at the start stays: collecting it again and again stops every request for a tenth of a second.

    Once in a process: a second application would freeze what the first has left, for good.
    """
    if gc.get_freeze_count() == 0:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE_THRESHOLDS)


@asynccontextmanager
async def _open(app: FastAPI) -> AsyncGenerator[None]:
    """The database, the vault and the way to Prefect, for as long as the application runs."""
    settings: Settings = app.state.settings
    app.state.vault = open_vault(settings.state_dir / "keys")
    database = app.state.database = Database(settings.database)
    decoders = app.state.decoders = Decoders(settings.photo_workers)
    settle_garbage()
    async with httpx.AsyncClient(trust_env=False) as client:
        app.state.prefect = Prefect(settings.prefect_api, client)
        app.state.prefect_health = readiness.PrefectHealth(settings.prefect_api, client)
        try:
            yield
        finally:
            decoders.close()
            database.close()


def create_app(settings: Settings | None = None, clock: Clock = utcnow) -> FastAPI:
    """The application of these settings (default: from the environment); `clock` tells it the time."""
    configure_log()
    settings = settings or Settings()
    # No docs page: those that FastAPI knows load their scripts from elsewhere.
    app = FastAPI(lifespan=_open, docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json")
    app.state.settings, app.state.clock = settings, clock
    add_api(app)
    app.include_router(readiness.router)
    app.include_router(sendgrid.router)
    add_problems(app)
    add_portal(app, settings)
    add_open311(app)
    describe(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(Rescue)
    app.add_middleware(RequestIds)
    return app
