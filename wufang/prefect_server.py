"""The Prefect server that we start: Prefect's own application, with one thing put right.

Under SQLAlchemy 2.1 its scheduler fails ("Can't evaluate bulk DML statement"): 2.1 asks a hybrid attribute that is
named among inserted values how to store it, where 2.0 passed it over; Prefect 3.8.8 inserts scheduled runs with their
`state` in such a way and stores the state itself right afterwards. So we say: pass it over. Without this no schedule
would ever make a run.
"""

from collections.abc import MutableMapping
from typing import Any

from fastapi import FastAPI
from prefect.server.api.server import create_app as create_prefect
from prefect.server.database.orm_models import FlowRun, TaskRun
from sqlalchemy import inspect


def create_app() -> FastAPI:
    """The application, for uvicorn's `--factory`."""
    for noun in (FlowRun, TaskRun):
        setattr(inspect(noun).all_orm_descriptors["state"], "bulk_dml_setter", _pass_over)  # noqa: B010  not in its type
    return create_prefect()


def _pass_over(_noun: type, _values: MutableMapping[str, Any], _state: Any) -> None:
    """The state of a run is a row of its own, which Prefect writes after the run."""
