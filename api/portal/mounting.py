"""Hanging the portal into the application."""

from fastapi import APIRouter, FastAPI, Request, Response

from api.portal import entering, filing, inbox, listing, resolving, rules, system, uploading
from api.portal.answering import PageRoute
from api.portal.headers import SecurityHeaders
from api.portal.serving import serve
from models.settings import Settings

# In this order: "/filings/new" must be looked for before "/filings/{reference}".
ROUTERS = (entering.router, inbox.router, listing.router, uploading.router, filing.router, resolving.router, rules.router)

files = APIRouter(route_class=PageRoute, include_in_schema=False)


@files.get("/static/{name:path}")
def send_file(request: Request, name: str) -> Response:
    """A style sheet, script or drawing."""
    return serve(request, name)


def add_portal(app: FastAPI, settings: Settings) -> None:
    """Add every page. `app.state` must carry `settings`, `database` and `vault`."""
    for router in (*ROUTERS, system.router, files):
        app.include_router(router)
    app.add_middleware(SecurityHeaders, is_https=settings.address.startswith("https://"))
