"""One-time links from letters, and asking for one: what proves itself by a letter instead of a log-in."""

from concurrent.futures import Future
from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session

from api.portal.answering import PageRoute
from api.portal.guarding import Form, text_of
from api.portal.rendering import render
from api.portal.visiting import AnyVisitor, Visitor, database_of, forget, now_of, settings_of, vault_of
from api.rate_limits import Often, hold_back
from models.authority import links
from models.errors import RuleBroken

log = structlog.get_logger()
router = APIRouter(route_class=PageRoute, include_in_schema=False)

Secret = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@router.get("/link/{secret}")
def show_link(request: Request, visitor: AnyVisitor, secret: Secret) -> Response:
    """The form for a new password. Opening it changes nothing: mail scanners do. Raises `LinkWorthless`."""
    return _page(request, visitor, secret, None)


@router.post("/link/{secret}")
def use_link(request: Request, visitor: AnyVisitor, secret: Secret, form: Form) -> Response:
    """Set the password that was typed twice, and use the link up; without one, nothing happens."""
    new, again, at = str(form.get("new", "")), str(form.get("again", "")), now_of(request)
    least = settings_of(request).password_length
    try:
        with database_of(request).reading() as session:
            fresh = links.new_hash(session, secret, new, again, least, at)
    except links.LinkWorthless:
        raise
    except RuleBroken as broken:
        return _page(request, visitor, secret, broken)
    database_of(request).write(links.use_link, secret, fresh, at)
    response = render(request, Visitor(visitor.language), "pages/link_done")
    forget(request, response)
    return response


@router.get("/login/forgotten")
def show_forgotten(request: Request, visitor: AnyVisitor) -> Response:
    """Where to ask for a letter."""
    return render(request, visitor, "pages/forgotten", said=None, is_sent=False)


@router.post("/login/forgotten")
def ask_for_letter(request: Request, visitor: AnyVisitor, form: Form) -> Response:
    """A letter goes out where the address is an officer's; the answer is the same where it is not.

    The letter is written after the answer is on its way, so that its time tells nothing either.
    """
    hold_back(request, Often.FORGOTTEN)
    database_of(request).submit(_ask, text_of(form, "email"), request).add_done_callback(_note_failure)
    return render(request, visitor, "pages/forgotten", said=None, is_sent=True)


def _ask(session: Session, email: str, request: Request) -> None:
    links.ask_for_reset(session, vault_of(request), email, now_of(request))


def _note_failure(done: "Future[None]") -> None:
    if error := done.exception():
        log.error("letter for a password not written", error=type(error).__name__)


def _page(request: Request, visitor: Visitor, secret: str, broken: RuleBroken | None) -> Response:
    with database_of(request).reading() as session:
        link = links.open_link(session, secret, now_of(request))
    status, said = (broken.status, broken.said) if broken else (200, None)
    least = settings_of(request).password_length
    return render(request, visitor, "pages/link", status, link=link, secret=secret, said=said, least=least)
