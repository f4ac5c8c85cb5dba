"""Rendering a page for its visitor."""

import gzip

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.portal import presenting
from api.portal.guarding import FORM_WORD
from api.portal.serving import address_of
from api.portal.visiting import Visitor, has_mailbox, now_of, settings_of, theme_of
from templates.pages import page_in

FAST = 4  # of gzip's levels


def render(request: Request, visitor: Visitor, page: str, status: int = 200, /, **shown: object) -> HTMLResponse:
    """`templates/<page>.html` (such as `pages/inbox`) in the visitor's language, with what it shows. Pages are never kept by caches."""
    settings = settings_of(request)
    text = page_in(visitor.language, f"{page}.html").render(
        **shown,
        visitor=visitor,
        now=now_of(request),
        path=request.url.path,
        here=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        look=presenting,
        asset=address_of,
        form_word_field=FORM_WORD,
        theme=theme_of(request),
        is_demo=settings.demo,
        has_mailbox=has_mailbox(settings),
        single_sign_on=settings.oidc_name if settings.oidc_issuer else "",
    )
    headers = {"Cache-Control": "no-store", "Content-Language": visitor.language, "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return HTMLResponse(text, status, headers=headers)
    packed = gzip.compress(text.encode(), FAST)  # a page of 100 riders shrinks to a tenth in a millisecond
    return HTMLResponse(packed, status, headers=headers | {"Content-Encoding": "gzip"})
