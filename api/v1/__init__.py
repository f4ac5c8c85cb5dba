"""The JSON API, version 1, under `/api/v1`."""

from fastapi import FastAPI

from api.v1 import (
    acts,
    chat,
    circle,
    exports,
    filings,
    me,
    people,
    people_squads,
    photos,
    protocols,
    report_acts,
    reports,
    rounds,
    seats,
    staff,
    statistics,
    talk,
    timetables,
    training,
    uploads,
    whistles,
)

PREFIX = "/api/v1"
# Opinions are given most, so seats are looked for first; "/filings/template" must come before "/filings/{key}".
PARTS = (
    seats,
    acts,
    talk,
    uploads,
    filings,
    photos,
    rounds,
    reports,
    report_acts,
    people,
    people_squads,
    protocols,
    me,
    staff,
    chat,
    exports,
    statistics,
    whistles,
    training,
    timetables,
    circle,
)


def add_api(app: FastAPI) -> None:
    """Add every route. `app.state` must carry `settings`, `clock`, `database`, `vault` and `prefect`."""
    for part in PARTS:
        app.include_router(part.router, prefix=PREFIX)
