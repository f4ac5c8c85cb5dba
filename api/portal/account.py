"""My account: who I am here, my password, my sessions."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.portal.answering import PageRoute
from api.portal.entering import with_retry
from api.portal.guarding import Form, text_of
from api.portal.rendering import render
from api.portal.visiting import PASSWORD_PAGE, AtDoor, Desk, database_of, now_of, owes_factor, settings_of
from models.authority import changing, second_factor, sessions, tries
from models.authority.lockout import TooManyTries, session_purse
from models.errors import RuleBroken
from models.officer import WrongPassword, get_officer
from models.preference import chosen_by
from models.views.staff import absences_of
from models.words import N_

router = APIRouter(route_class=PageRoute, include_in_schema=False)

DONE = {
    "password": N_("Your password is changed. All your other sessions have ended."),
    "factor": N_("Your second factor is in use. You are asked for a code at every log-in."),
    "removed": N_("Your second factor is removed. The password alone opens your account."),
    "revoked": N_("The session has ended."),
    "others": N_("All your other sessions have ended."),
}


@router.get("/account")
def show_account(request: Request, desk: AtDoor, done: str = "") -> Response:
    """What is known of me, and the ways to change it."""
    with database_of(request).reading() as session:
        officer = get_officer(session, desk.who.officer_id)
        codes_left = second_factor.unused_recovery_codes(session, officer.id)
        chosen = chosen_by(session, officer.id)
        absences = absences_of(session, officer.id, now_of(request))
        open_ones = sessions.sessions_of(session, officer.id, desk.credential_id, now_of(request))
    shown: dict[str, Any] = {"officer": officer, "codes_left": codes_left, "sessions": open_ones, "absences": absences}
    shown["chosen"] = chosen
    shown["done"] = DONE.get(done, "")
    return render(request, desk, "pages/account", is_required=owes_factor(request, desk), **shown)


@router.get(PASSWORD_PAGE)
def show_password(request: Request, desk: AtDoor) -> Response:
    """The form for a new password."""
    return _password_page(request, desk, None)


@router.post(PASSWORD_PAGE)
def change_password(request: Request, desk: AtDoor, form: Form) -> Response:
    """Set a new password; it ends every other session of mine."""
    old, new, again = (str(form.get(name, "")) for name in ("old", "new", "again"))
    write, at, officer_id = database_of(request).write, now_of(request), desk.who.officer_id
    purses = [session_purse(desk.credential_id)]
    try:
        write(tries.take, purses, at)
        with database_of(request).reading() as session:
            fresh = changing.new_hash(session, officer_id, old, new, again, settings_of(request).password_length)
        write(changing.change_password, officer_id, fresh, desk.credential_id, purses, at)
    except RuleBroken as broken:
        return with_retry(_password_page(request, desk, broken), broken)
    return RedirectResponse("/account?done=password", 303)


def _password_page(request: Request, desk: Desk, broken: RuleBroken | None) -> Response:
    status, said = (broken.status, broken.said) if broken else (200, None)
    with database_of(request).reading() as session:
        email = get_officer(session, desk.who.officer_id).email
    shown = {
        "said": said,
        "least": settings_of(request).password_length,
        "email": email,
        "is_due": desk.first == PASSWORD_PAGE,
        "is_old": isinstance(broken, (WrongPassword, TooManyTries)),
    }
    return render(request, desk, "pages/account_password", status, **shown)


@router.get("/account/sessions")
def show_sessions(desk: AtDoor) -> Response:  # noqa: ARG001 (only who is logged in)
    """The sessions stand on the account's page."""
    return RedirectResponse("/account#sessions", 303)


@router.post("/account/sessions")
def end_sessions(request: Request, desk: AtDoor, form: Form) -> Response:
    """End one session of mine, or all but this one."""
    chosen = text_of(form, "session")
    write, at = database_of(request).write, now_of(request)
    if chosen == "others":
        write(sessions.revoke_others, desk.who.officer_id, desk.credential_id, at)
        return RedirectResponse("/account?done=others#sessions", 303)
    try:
        write(sessions.revoke, desk.who.officer_id, UUID(chosen), at)
    except ValueError:
        return RedirectResponse("/account#sessions", 303)
    return RedirectResponse("/account?done=revoked#sessions", 303)
