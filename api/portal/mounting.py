"""Hanging the portal into the application."""

from collections.abc import Awaitable

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.phone import calendar as phone_calendar
from api.phone import courses as phone_courses
from api.phone import courses_pages as phone_courses_pages
from api.phone import following as phone_following
from api.phone import holding as phone_holding
from api.phone import offline as phone_offline
from api.phone import people as phone_people
from api.phone import reporting as phone_reporting
from api.portal import (
    absences,
    account,
    account_factor,
    acting,
    admin,
    admin_officers,
    calendars,
    circle,
    course_month,
    entering,
    exporting,
    filing,
    following,
    inbox,
    lettering,
    links,
    listing,
    mailbox,
    people,
    people_squads,
    previewing,
    public,
    report_acts,
    report_page,
    reporting,
    resolving,
    rooms,
    rules,
    single_sign_on,
    statistics,
    system,
    training,
    training_lists,
    training_sessions,
    training_tables,
    undelivered,
    uploading,
    whistling,
)
from api.portal.answering import NOT_UNDERSTOOD, PageRoute, refuse
from api.portal.headers import SecurityHeaders
from api.portal.serving import serve
from models.errors import NotFound
from models.settings import Settings
from models.words import Sentence

# In this order: "/filings/new" must be looked for before "/filings/{reference}".
ROUTERS = (
    entering.router,
    account.router,
    account_factor.router,
    inbox.router,
    exporting.router,
    listing.router,
    uploading.router,
    following.router,
    filing.router,
    acting.router,
    resolving.router,
    rules.router,
    statistics.router,
    mailbox.router,
    single_sign_on.router,
    links.router,
    lettering.router,
    previewing.router,
    rooms.router,
    admin_officers.router,
    undelivered.router,
    admin.router,
    absences.router,
    reporting.router,
    report_page.router,
    report_acts.router,
    whistling.router,
    public.router,
    course_month.router,
    calendars.router,
    training.router,
    training_lists.router,
    training_tables.router,
    training_sessions.router,
    circle.router,
    people_squads.router,
    people.router,
    phone_offline.router,
    phone_reporting.router,
    phone_following.router,
    phone_people.router,
    phone_courses_pages.router,
    phone_holding.router,
    phone_calendar.router,
    phone_courses.router,
)

files = APIRouter(route_class=PageRoute, include_in_schema=False)


@files.get("/static/{name:path}")
def send_file(request: Request, name: str) -> Response:
    """A style sheet, script or drawing."""
    return serve(request, name)


def add_portal(app: FastAPI, settings: Settings) -> None:
    """Add every page. `app.state` must carry `settings`, `clock`, `database` and `vault` once requests come."""
    for router in (*ROUTERS, system.router, files):
        app.include_router(router)
    _answer_strays(app)
    app.add_middleware(SecurityHeaders, is_https=settings.address.startswith("https://"), map_tiles=settings.map_tiles)


def _answer_strays(app: FastAPI) -> None:
    """Let a browser that asks for no page of ours see a page; every other asker gets the answer that was set before."""
    before = app.exception_handlers.get(HTTPException, http_exception_handler)

    async def answer(request: Request, error: Exception) -> Response:
        is_page = not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")
        if not is_page or not isinstance(error, HTTPException):
            answered = before(request, error)
            return await answered if isinstance(answered, Awaitable) else answered
        said = NotFound().said if error.status_code == NotFound.status else Sentence(NOT_UNDERSTOOD)
        return await run_in_threadpool(refuse, request, said, error.status_code)

    app.add_exception_handler(HTTPException, answer)
