"""Open311 GeoReport v2 over our reports, in XML and JSON, under `/open311/v2`."""

from collections.abc import Awaitable

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.open311 import reading, taking
from api.open311.answering import PREFIX, refuse_asked


def add_open311(app: FastAPI) -> None:
    """Add every route; to be called last, so that no other room answers what strays under this address."""
    app.include_router(reading.router)
    app.include_router(taking.router)
    _answer_strays(app)


def _answer_strays(app: FastAPI) -> None:
    """An address or a method that is not there is answered as the standard wants; elsewhere as was set before."""
    before = app.exception_handlers.get(HTTPException, http_exception_handler)

    async def answer(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and request.url.path.startswith(f"{PREFIX}/"):
            return await run_in_threadpool(refuse_asked, request, error)
        answered = before(request, error)
        return await answered if isinstance(answered, Awaitable) else answered

    app.add_exception_handler(HTTPException, answer)
