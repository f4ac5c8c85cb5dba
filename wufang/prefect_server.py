"""The Prefect server that we start: Prefect's own application, with two things put right on SQLite.

1. Under SQLAlchemy 2.1 its scheduler fails ("Can't evaluate bulk DML statement"): 2.1 asks a hybrid attribute that is
   named among inserted values how to store it, where 2.0 passed it over; Prefect 3.8.8 inserts scheduled runs with
   their `state` in such a way and stores the state itself right afterwards. So we say: pass it over. Without this no
   schedule would ever make a run.
2. Its transactions begin as readers and become writers later. On SQLite that fails at once where another has written
   meanwhile, whatever the time-out; the server answers 503 and the client waits two seconds. Those that it opens to
   write in take the lock at their beginning instead and wait for it.
"""

from collections.abc import AsyncGenerator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from prefect.server.api.server import create_app as create_prefect
from prefect.server.database.configurations import AioSqliteConfiguration
from prefect.server.database.dependencies import MODELS_DEPENDENCIES
from prefect.server.database.orm_models import FlowRun, TaskRun
from prefect.settings import get_current_settings
from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction


class WritersWait(AioSqliteConfiguration):
    """SQLite whose write transactions take the lock at their beginning."""

    @asynccontextmanager
    async def begin_transaction(
        self,
        session: AsyncSession,
        with_for_update: bool = False,  # noqa: ARG002, FBT002  Prefect's signature
    ) -> AsyncGenerator[AsyncSessionTransaction, None]:
        """Begin with `BEGIN IMMEDIATE`."""
        async with super().begin_transaction(session, with_for_update=True) as transaction:
            yield transaction


def create_app() -> FastAPI:
    """The application, for uvicorn's `--factory`."""
    for noun in (FlowRun, TaskRun):
        setattr(inspect(noun).all_orm_descriptors["state"], "bulk_dml_setter", _pass_over)  # noqa: B010  not in its type
    address = get_current_settings().server.database.connection_url
    if address is not None and address.get_secret_value().startswith("sqlite"):
        MODELS_DEPENDENCIES["database_config"] = WritersWait(connection_url=address.get_secret_value())
    return create_prefect()


def _pass_over(_noun: type, _values: MutableMapping[str, Any], _state: Any) -> None:
    """The state of a run is a row of its own, which Prefect writes after the run."""
