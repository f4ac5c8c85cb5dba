"""How the portal answers when something cannot be: a page with one clear sentence, or the log-in page."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.portal.guarding import OldForm
from api.portal.keeping import Kept, keep_form, show_gate, show_kept
from api.portal.rendering import render
from api.portal.visiting import FirstThis, LogInFirst, Visitor, log_in_address, settings_of, visit, wanted_after
from models.errors import NotFound, RuleBroken
from models.words import N_, Sentence

SERVER_FAULT = 500  # and above: the fault is ours
BROKEN_DOWN = N_(
    "Something broke here. Nothing you typed was half saved; try again, and tell the district if it stays so."
)
NOT_UNDERSTOOD = N_("What was sent could not be read. Open the page again and repeat it.")

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

log = structlog.get_logger()


class PageRoute(APIRoute):
    """A route whose broken rules become pages; the API's become problem details elsewhere."""

    def get_route_handler(self) -> Handler:
        """The ordinary handler, with its errors answered as pages."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except (LogInFirst, OldForm, FirstThis) as broken:
                return await _offer_log_in(request, broken)
            except RuleBroken as broken:
                answer = await _refuse_form(request, broken.said, broken.status)
                if seconds := getattr(broken, "seconds", 0):
                    answer.headers["Retry-After"] = str(seconds)
                return answer
            except RequestValidationError:  # a path or query that names nothing of ours
                return await run_in_threadpool(refuse, request, NotFound().said, 404)
            except HTTPException as refused:
                return await run_in_threadpool(refuse, request, Sentence(NOT_UNDERSTOOD), refused.status_code)
            except Exception:
                log.exception("page failed", path=request.url.path)
                return await _refuse_form(request, Sentence(BROKEN_DOWN), SERVER_FAULT)

        return answer


async def _offer_log_in(request: Request, broken: LogInFirst | OldForm | FirstThis) -> Response:
    """The log-in page, or the page of who has logged in meanwhile, with the form that was sent; or what is due first.

    A page's own look-out is answered with nothing: its reader may be typing.
    """
    if "hx-request" in request.headers:
        return Response(status_code=204)
    kept = await keep_form(request)
    if isinstance(broken, FirstThis):
        if kept is not None and kept.texts:
            return await run_in_threadpool(refuse, request, broken.said, broken.status, kept.texts, broken.address)
        return RedirectResponse(broken.address, 303)
    return await run_in_threadpool(_offer, request, broken, kept)


async def _refuse_form(request: Request, said: Sentence, status: int) -> Response:
    """A page that says why not; what was typed into a form stands on it, to be copied."""
    try:
        kept = await keep_form(request)
    except Exception:  # noqa: BLE001 - a form that cannot be read is refused, too
        kept = None
    return await run_in_threadpool(refuse, request, said, status, kept.texts if kept else ())


def _offer(request: Request, broken: LogInFirst | OldForm, kept: Kept | None) -> Response:
    visitor = visit(request)
    if isinstance(broken, LogInFirst):
        if kept is None:
            return RedirectResponse(log_in_address(request), 303)
        return show_gate(request, visitor, wanted_after(request), kept, status=broken.status)
    if kept is None:
        return refuse(request, broken.said, broken.status)
    return show_kept(request, visitor, kept, broken.status)


def refuse(request: Request, said: Sentence, status: int, texts: Sequence[str] = (), go_to: str = "/") -> Response:
    """A page that says why not, for whoever visits, and what they had typed."""
    shown = {"said": said, "texts": texts, "go_to": go_to}
    return render(request, _visitor(request, status), "pages/refused", status, status=status, **shown)


def _visitor(request: Request, status: int) -> Visitor:
    """Who visits; nobody when something broke, since the database may be what broke."""
    return Visitor(settings_of(request).language) if status >= SERVER_FAULT else visit(request)
