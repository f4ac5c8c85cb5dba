"""Logging in by single sign-on: to the provider, and back with a code."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api import oidc
from api.portal.answering import PageRoute
from api.portal.entering import Entering, ask_for_code, enter
from api.portal.keeping import show_gate
from api.portal.visiting import (
    AnyVisitor,
    Visitor,
    cookie_of,
    database_of,
    keep_cookie,
    local_path,
    now_of,
    settings_of,
    vault_of,
)
from models.authority.second_factor import has_one
from models.authority.sign_on import sign_on
from models.errors import NotFound, RuleBroken

router = APIRouter(route_class=PageRoute, include_in_schema=False)

BEGUN = "wufang_oidc"


@router.get("/login/oidc")
def begin(request: Request, visitor: AnyVisitor, next: str = "/") -> Response:  # noqa: A002 (the address's word)
    """To the provider's log-in. Raises `NotFound` where none is set."""
    if not settings_of(request).oidc_issuer:
        raise NotFound()
    try:
        address, cookie = oidc.begin(settings_of(request), vault_of(request), local_path(next), now_of(request))
    except RuleBroken as broken:
        return _refused(request, visitor, broken, local_path(next))
    response = RedirectResponse(address, 303)
    keep_cookie(request, response, BEGUN, cookie, int(oidc.PATIENCE.total_seconds()))
    return response


@router.get("/login/oidc/return")
def come_back(request: Request, visitor: AnyVisitor, code: str = "", state: str = "") -> Response:
    """Back from the provider: whom it vouches for is logged in, or asked for the second factor."""
    settings, at = settings_of(request), now_of(request)
    if not settings.oidc_issuer:
        raise NotFound()
    try:
        begun = oidc.open_begun(vault_of(request), cookie_of(request, BEGUN), state, at)
        if not code:
            raise oidc.SignOnBrokenOff()
        vouched = oidc.vouched(settings, begun, code, at)
        signed_on = database_of(request).write(sign_on, vouched, at)
    except RuleBroken as broken:
        return _refused(request, visitor, broken)
    with database_of(request).reading() as session:
        has_code = has_one(session, signed_on.officer_id)
    entering = Entering(signed_on.officer_id, signed_on.language, has_code, vouched.has_second_factor)
    if has_code and not vouched.has_second_factor:
        response = ask_for_code(request, visitor, entering, begun.wanted, None)
    else:
        response = enter(request, entering, begun.wanted, None, visitor.secret)
    keep_cookie(request, response, BEGUN, "", 0)
    return response


def _refused(request: Request, visitor: Visitor, broken: RuleBroken, wanted: str = "/") -> Response:
    response = show_gate(request, visitor, wanted, status=broken.status, said=broken.said)
    keep_cookie(request, response, BEGUN, "", 0)
    return response
