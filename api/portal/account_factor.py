"""My second factor: a key for my app, its first code, recovery codes, and doing without."""

from collections.abc import Callable

import segno
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.portal.answering import PageRoute
from api.portal.entering import with_retry
from api.portal.guarding import Form, text_of
from api.portal.rendering import render
from api.portal.visiting import SECOND_FACTOR_PAGE, AtDoor, Desk, database_of, now_of, owes_factor, vault_of
from models.authority import changing, second_factor, tries
from models.authority.lockout import TooManyTries, session_purse
from models.errors import NotFound, RuleBroken
from models.officer import get_officer
from models.words import N_

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ISSUER = "Wufang 五方"


class SecondFactorRequired(RuleBroken):
    """The district wants one of this party's officers."""

    sentence = N_(
        "Officers of departments and streets need a second factor, so it cannot be removed. Set a new key instead."
    )
    status = 403


@router.get(SECOND_FACTOR_PAGE)
def show_second_factor(request: Request, desk: AtDoor) -> Response:
    """How things stand with the second factor."""
    return _factor_page(request, desk, None, is_key_shown=desk.first == SECOND_FACTOR_PAGE)


@router.post(SECOND_FACTOR_PAGE)
def set_second_factor(request: Request, desk: AtDoor, form: Form) -> Response:
    """Make a key (`begin`), take it into use with a code (`confirm`), renew the recovery codes, or remove it."""
    act = text_of(form, "act")
    if act not in ACTS:
        raise NotFound()
    try:
        database_of(request).write(tries.take, [session_purse(desk.credential_id)], now_of(request))
        return ACTS[act](request, desk, form)
    except RuleBroken as broken:
        return with_retry(_factor_page(request, desk, broken, is_key_shown=act == "confirm"), broken)


def _begin(request: Request, desk: Desk, form: FormData) -> Response:
    """A key for the app, shown on this answer only. Who must have one has typed the password just now, at the log-in."""
    if desk.first != SECOND_FACTOR_PAGE:
        with database_of(request).reading() as session:
            changing.check_own_password(session, desk.who.officer_id, str(form.get("password", "")))
    purses = [session_purse(desk.credential_id)]
    database_of(request).write(
        changing.begin_factor, vault_of(request), desk.who.officer_id, text_of(form, "code"), purses, now_of(request)
    )
    return _factor_page(request, desk, None, is_key_shown=True)


def _confirm(request: Request, desk: Desk, form: FormData) -> Response:
    codes = database_of(request).write(
        changing.confirm_factor,
        vault_of(request),
        desk.who.officer_id,
        text_of(form, "code"),
        desk.credential_id,
        [session_purse(desk.credential_id)],
        now_of(request),
    )
    return render(request, desk, "pages/recovery_codes", codes=codes)


def _renew(request: Request, desk: Desk, form: FormData) -> Response:
    purses = [session_purse(desk.credential_id)]
    codes = database_of(request).write(
        changing.renew_codes, vault_of(request), desk.who.officer_id, text_of(form, "code"), purses, now_of(request)
    )
    return render(request, desk, "pages/recovery_codes", codes=codes)


def _remove(request: Request, desk: Desk, form: FormData) -> Response:
    if owes_factor(request, desk):
        raise SecondFactorRequired()
    purses = [session_purse(desk.credential_id)]
    database_of(request).write(
        changing.remove_factor, vault_of(request), desk.who.officer_id, text_of(form, "code"), purses, now_of(request)
    )
    return RedirectResponse("/account?done=removed", 303)


ACTS: dict[str, Callable[[Request, Desk, FormData], Response]] = {
    "begin": _begin,
    "confirm": _confirm,
    "codes": _renew,
    "remove": _remove,
}


def _factor_page(request: Request, desk: Desk, broken: RuleBroken | None, *, is_key_shown: bool) -> Response:
    status, said = (broken.status, broken.said) if broken else (200, None)
    officer_id = desk.who.officer_id
    with database_of(request).reading() as session:
        key = second_factor.pending_of(session, vault_of(request), officer_id) if is_key_shown else None
        shown = {
            "has_one": second_factor.has_one(session, officer_id),
            "codes_left": second_factor.unused_recovery_codes(session, officer_id),
            "key": "",
        }
        email = get_officer(session, officer_id).email
    if key:
        shown |= {"key": spaced(key), "code": drawn(second_factor.address_of(key, email, ISSUER))}
    is_due, is_required = desk.first == SECOND_FACTOR_PAGE, owes_factor(request, desk)
    is_password = isinstance(broken, (changing.OldPasswordWrong, TooManyTries))
    said_of = {"said": said, "is_password": is_password, "is_due": is_due, "is_required": is_required}
    return render(request, desk, "pages/account_factor", status, email=email, **said_of, **shown)


def spaced(key: str) -> str:
    """A key in groups of four, as people type it."""
    return " ".join(key[place : place + 4] for place in range(0, len(key), 4))


def drawn(text: str) -> str:
    """A QR code as a data address, dark on light whatever the page's colours: it stands in this answer only."""
    return segno.make(text, error="m").svg_data_uri(scale=5, border=4, light="#fff")
