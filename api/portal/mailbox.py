"""The mailbox: letters that were kept here because no mail provider is set."""

from pathlib import Path
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.portal.answering import PageRoute
from api.portal.rendering import render
from api.portal.visiting import AtDesk, database_of, has_mailbox, settings_of
from models.errors import NotFound
from models.mailbox import folder_under
from models.views.letters import letter_for, letters_for

# A letter has inline styles, as mail programs need them. So it stands in a frame of its own without origin, script or
# session; what it may do is lead the whole window to the page that the reader clicks.
LETTER_HEADERS = {
    "Content-Security-Policy": "; ".join(  # noqa: FLY002 - a line each
        (
            "default-src 'none'",
            "style-src 'unsafe-inline'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
            "sandbox allow-top-navigation-by-user-activation",
        )
    ),
    "X-Frame-Options": "SAMEORIGIN",
    "Cache-Control": "no-store",
}
IN_THE_WINDOW = '<head><base target="_top">'  # links leave the frame

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/mailbox")
def show_mailbox(request: Request, desk: AtDesk, before: UUID | None = None) -> Response:
    """The letters that the officer may read, the newest first. Raises `NotFound` while letters leave the building."""
    folder = _folder(request)
    with database_of(request).reading() as session:
        page = letters_for(session, desk.who, folder, before, is_demo=settings_of(request).demo)
    settings = settings_of(request)
    is_pilot = settings.has_mail_provider and settings.is_pilot
    return render(request, desk, "pages/mailbox", page=page, before=before, is_pilot=is_pilot)


@router.get("/mailbox/{notice_id}")
def show_letter(request: Request, desk: AtDesk, notice_id: UUID) -> Response:
    """One letter, in both its versions."""
    folder = _folder(request)
    with database_of(request).reading() as session:
        letter = letter_for(session, desk.who, folder, notice_id, is_demo=settings_of(request).demo)
    return render(request, desk, "pages/letter", letter=letter)


@router.get("/mailbox/{notice_id}/html")
def send_letter(request: Request, desk: AtDesk, notice_id: UUID) -> Response:
    """The letter as mail programs show it, for the frame on its page."""
    folder = _folder(request)
    with database_of(request).reading() as session:
        letter = letter_for(session, desk.who, folder, notice_id, is_demo=settings_of(request).demo)
    return HTMLResponse(letter.html.replace("<head>", IN_THE_WINDOW, 1), headers=LETTER_HEADERS)


def _folder(request: Request) -> Path:
    if not has_mailbox(settings_of(request)):
        raise NotFound()
    return folder_under(settings_of(request).state_dir)
