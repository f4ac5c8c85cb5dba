"""Logging in and out, and choosing the language."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from api.portal.answering import PageRoute
from api.portal.guarding import Form, text_of
from api.portal.keeping import ADDRESS, MARK, Kept, kept_of, show_gate, show_kept
from api.portal.rendering import render
from api.portal.visiting import (
    A_YEAR,
    DEVICE,
    HALF,
    LANGUAGES,
    AnyVisitor,
    Desk,
    Visitor,
    cookie_of,
    database_of,
    forget,
    keep_cookie,
    limits_of,
    local_path,
    now_of,
    origin_of,
    remember,
    remember_language,
    remember_theme,
    vault_of,
)
from api.rate_limits import Often, hold_back
from models.authority import tries
from models.authority.lockout import TooManyTries, remember_device
from models.authority.second_factor import WrongCode, has_one
from models.authority.sessions import HALF_VALID, Limits, Origin, half_holder, mark_proved_twice, open_session
from models.errors import NotLoggedIn, RuleBroken
from models.officer import (
    CredentialKind,
    WrongPassword,
    check_password,
    get_officer,
    issue_credential,
    new_secret,
    rehashed,
    revoke_credential,
    set_language,
)
from models.words import N_, Sentence

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Entering:
    """An officer who has proved to be who they say, at least with the password."""

    officer_id: UUID
    language: str
    has_second_factor: bool
    is_proved_twice: bool = False  # single sign-on has asked for a second factor


@router.get("/login")
def show_login(request: Request, visitor: AnyVisitor, next: str = "/") -> Response:  # noqa: A002 (the address's word)
    """The log-in page; who is logged in already goes on."""
    if isinstance(visitor, Desk):
        return RedirectResponse(local_path(next), 303)
    return show_gate(request, visitor, local_path(next))


@router.post("/login")
def log_in(request: Request, visitor: AnyVisitor, form: Form) -> Response:
    """Check the password and open a session, or ask for the second factor.

    A wrong one is said on the page, with the address kept. A form that came along is shown again, to be sent.
    """
    hold_back(request, Often.LOG_IN)
    kept, email = kept_of(form), text_of(form, "email")
    wanted = local_path(text_of(form, "next") or "/")
    try:
        officer = _checked(request, email, str(form.get("password", "")))
    except (WrongPassword, TooManyTries) as broken:
        answer = show_gate(request, visitor, wanted, kept, status=broken.status, said=broken.said, email=email)
        return with_retry(answer, broken)
    if officer.has_second_factor:
        return ask_for_code(request, visitor, officer, wanted, kept)
    return enter(request, officer, wanted, kept, visitor.secret)


def _checked(request: Request, email: str, password: str) -> Entering:
    """The officer of that address and password. A try is counted before it is known whether it is right."""
    write, at = database_of(request).write, now_of(request)
    purses = write(
        tries.open_purses, vault_of(request), email, cookie_of(request, DEVICE), origin_of(request).network, at
    )
    with database_of(request).reading() as session:
        officer = check_password(session, email, password)
        has_code = has_one(session, officer.id)
        fresh = rehashed(password, officer.password_hash)
    write(tries.right, purses, officer.id, fresh, at)
    return Entering(officer.id, officer.language, has_code)


def ask_for_code(request: Request, visitor: Visitor, officer: Entering, wanted: str, kept: Kept | None) -> Response:
    """The page that asks for the second factor, and the cookie that says for whom."""
    half = database_of(request).write(
        issue_credential, officer.officer_id, "half", now_of(request), HALF_VALID, CredentialKind.HALF
    )
    response = show_code(request, visitor, wanted, kept)
    keep_cookie(request, response, HALF, half, int(HALF_VALID.total_seconds()))
    return response


@router.post("/login/code")
def take_code(request: Request, visitor: AnyVisitor, form: Form) -> Response:
    """Check the second factor of who has typed the right password within five minutes, and open a session."""
    kept, half = kept_of(form), cookie_of(request, HALF)
    wanted = local_path(text_of(form, "next") or "/")
    write, at = database_of(request).write, now_of(request)
    try:
        with database_of(request).reading() as session:
            officer_id = half_holder(session, half, at)
            language = get_officer(session, officer_id).language
    except NotLoggedIn:
        said = Sentence(N_("The time for the code has run out. Log in again with the password."))
        return show_gate(request, visitor, wanted, kept, status=401, said=said)
    try:
        purses = write(tries.open_code_purses, officer_id, cookie_of(request, DEVICE), at)
        write(tries.use_code, vault_of(request), purses, officer_id, text_of(form, "code"), half, at)
    except (WrongCode, TooManyTries) as broken:
        return with_retry(show_code(request, visitor, wanted, kept, broken), broken)
    response = enter(request, Entering(officer_id, language, has_second_factor=True), wanted, kept, visitor.secret)
    keep_cookie(request, response, HALF, "", 0)
    return response


def show_code(
    request: Request, visitor: Visitor, wanted: str, kept: Kept | None, broken: RuleBroken | None = None
) -> Response:
    """The page that asks for the second factor."""
    carried = {"kept": kept, "mark": MARK, "kept_for": ADDRESS}
    status, said = (broken.status, broken.said) if broken else (200, None)
    return render(request, visitor, "pages/code", status, said=said, wanted=wanted, **carried)


def with_retry(answer: Response, broken: RuleBroken) -> Response:
    """Say when to try again, for programs too."""
    if isinstance(broken, TooManyTries):
        answer.headers["Retry-After"] = str(broken.seconds)
    return answer


def enter(request: Request, officer: Entering, wanted: str, kept: Kept | None, secret_before: str) -> Response:
    """Open a session for an officer who has proved to be who they say, and go on to what was wanted."""
    device = cookie_of(request, DEVICE) or new_secret()
    at, limits = now_of(request), limits_of(request)
    secret = database_of(request).write(
        _open_session, officer.officer_id, secret_before, device, origin_of(request), limits, at
    )
    if officer.is_proved_twice:
        database_of(request).write(mark_proved_twice, secret)
    entered = Visitor(officer.language, secret=secret)
    response = show_kept(request, entered, kept) if kept else RedirectResponse(wanted, 303)
    remember(request, response, secret)
    keep_cookie(request, response, DEVICE, device, A_YEAR)
    return response


def _open_session(
    session: Session,
    officer_id: UUID,
    secret_before: str,
    device: str,
    origin: Origin,
    limits: Limits,
    at: datetime,
) -> str:
    """A new secret at every log-in; the one that the browser sent before is worthless from now on."""
    if secret_before:
        revoke_credential(session, secret_before, at)
    remember_device(session, device, officer_id, at)
    return open_session(session, officer_id, origin, limits, at)


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
