"""Logging in and out, and choosing the language."""

from datetime import datetime, timedelta
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from api.portal.answering import PageRoute
from api.portal.guarding import Form, text_of
from api.portal.keeping import kept_of, show_gate, show_kept
from api.portal.visiting import (
    LANGUAGES,
    AnyVisitor,
    Desk,
    Visitor,
    database_of,
    forget,
    local_path,
    now_of,
    remember,
    remember_language,
    remember_theme,
)
from models.officer import (
    SESSION_HOURS,
    WrongPassword,
    check_password,
    issue_credential,
    revoke_credential,
    set_language,
)

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/login")
def show_login(request: Request, visitor: AnyVisitor, next: str = "/") -> Response:  # noqa: A002 (the address's word)
    """The log-in page; who is logged in already goes on."""
    if isinstance(visitor, Desk):
        return RedirectResponse(local_path(next), 303)
    return show_gate(request, visitor, local_path(next))


@router.post("/login")
def log_in(request: Request, visitor: AnyVisitor, form: Form) -> Response:
    """Check the password and open a session. A wrong one is said on the page, with the address kept.

    A form that came along is shown again, to be sent.
    """
    kept = kept_of(form)
    email, wanted = text_of(form, "email"), local_path(text_of(form, "next") or "/")
    try:
        with database_of(request).reading() as session:
            officer = check_password(session, email, str(form.get("password", "")))
    except WrongPassword as broken:
        return show_gate(request, visitor, wanted, kept, status=broken.status, said=broken.said, email=email)
    secret = database_of(request).write(_open_session, officer.id, visitor.secret, now_of(request))
    entered = Visitor(officer.language, secret=secret)
    response = show_kept(request, entered, kept) if kept else RedirectResponse(wanted, 303)
    remember(request, response, secret)
    return response


def _open_session(session: Session, officer_id: UUID, secret_before: str, at: datetime) -> str:
    """A new secret at every log-in; the one that the browser sent before is worthless from now on."""
    if secret_before:
        revoke_credential(session, secret_before, at)
    return issue_credential(session, officer_id, "portal", at, timedelta(hours=SESSION_HOURS))


@router.post("/logout")
def log_out(request: Request, visitor: AnyVisitor, form: Form) -> Response:  # noqa: ARG001 (the form's word is checked)
    """Close the session, here and in the database."""
    if visitor.secret:
        database_of(request).write(revoke_credential, visitor.secret, now_of(request))
    response = RedirectResponse("/login", 303)
    forget(request, response)
    return response


@router.post("/language")
def choose_language(request: Request, visitor: AnyVisitor, form: Form) -> Response:
    """From now on in this language, on the same page; letters follow for who is logged in."""
    language = text_of(form, "language")
    response = RedirectResponse(local_path(text_of(form, "next") or "/"), 303)
    if language in LANGUAGES:
        remember_language(request, response, language)
        if isinstance(visitor, Desk):
            database_of(request).write(set_language, visitor.who.officer_id, language)
    return response


@router.post("/look")
def choose_look(request: Request, visitor: AnyVisitor, form: Form) -> Response:  # noqa: ARG001 (the form's word is checked)
    """From now on light, dark, or as the device is set; on the same page."""
    response = RedirectResponse(local_path(text_of(form, "next") or "/"), 303)
    remember_theme(request, response, text_of(form, "look"))
    return response
