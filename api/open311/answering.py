"""How the Open311 address answers: in the format that the address or the Accept header names, errors as an array."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.limiting import MOST_BYTES
from api.open311.writing import MEDIA_TYPES, written
from api.problems import BROKEN_DOWN, NO_SUCH_METHOD, TOO_LARGE, language_of
from models.errors import NotFound, RuleBroken
from models.report.categories import CategoryUnknown
from models.words import N_, Sentence
from templates.pages import words_in

PREFIX = "/open311/v2"
FORMATS = ("xml", "json")
NOT_READABLE = N_("What was sent could not be read. Send a form (urlencoded or multipart) in UTF-8.")
# The standard knows 400 for whatever is wrong with what was sent, and 404 for a service that is not there.
GENERAL = frozenset({HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.UNPROCESSABLE_ENTITY})
OPEN_DATA = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

log = structlog.get_logger()


class NotReadable(RuleBroken):
    """Not a form, or not UTF-8."""

    sentence = NOT_READABLE
    status = 400


def format_of(request: Request) -> str:
    """The format that the address ends in, else the one that the Accept header prefers; XML is the standard's own."""
    suffix = request.url.path.rpartition(".")[2]
    if suffix in FORMATS:
        return suffix
    accepted = request.headers.get("accept", "").lower()
    json_at, xml_at = accepted.find("json"), accepted.find("xml")
    return "json" if json_at >= 0 and (xml_at < 0 or json_at < xml_at) else "xml"


def plain_id(text: str) -> str:
    """An identifier in an address without the format behind it."""
    before, _, suffix = text.rpartition(".")
    return before if suffix in FORMATS else text


def answer(
    request: Request, name: str, document: Any, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """The document in the format that was asked for."""
    form = format_of(request)
    said = {"Content-Language": language_of(request), "Vary": "Accept, Accept-Language"} | OPEN_DATA | (headers or {})
    return Response(written(form, name, document), status, said, MEDIA_TYPES[form])


def refuse(request: Request, said: Sentence, status: int, headers: dict[str, str] | None = None) -> Response:
    """The standard's array of errors, with one, in the reader's language."""
    words = words_in(language_of(request)).plain(said)
    return answer(request, "errors", [{"code": status, "description": words}], status, headers)


def refuse_broken(request: Request, broken: RuleBroken) -> Response:
    """A rule of ours, under the number that the standard has for it."""
    status = HTTPStatus.BAD_REQUEST if broken.status in GENERAL else broken.status
    seconds = getattr(broken, "seconds", 0)
    is_unknown = isinstance(broken, CategoryUnknown)
    headers = {"Retry-After": str(seconds)} if seconds else {}
    return refuse(request, broken.said, 404 if is_unknown else int(status), headers)


def refuse_asked(request: Request, refused: HTTPException) -> Response:
    """What the web itself does not take: an address, a method, a body that is too large or is no form."""
    sentences = {
        404: NotFound().said,
        405: Sentence(NO_SUCH_METHOD, {"method": request.method}),
        413: Sentence(TOO_LARGE, {"megabytes": MOST_BYTES // 1024 // 1024}),
    }
    said = sentences.get(refused.status_code, Sentence(NOT_READABLE))
    return refuse(request, said, refused.status_code, dict(refused.headers or {}))


class Open311Route(APIRoute):
    """A route whose errors are the standard's arrays."""

    def get_route_handler(self) -> Handler:
        """The ordinary handler, with its errors answered in the format that was asked for."""
        handle = super().get_route_handler()

        async def answer_always(request: Request) -> Response:
            try:
                return await handle(request)
            except RuleBroken as broken:
                return await run_in_threadpool(refuse_broken, request, broken)
            except RequestValidationError:
                return await run_in_threadpool(refuse, request, NotFound().said, 404)
            except HTTPException as refused:
                return await run_in_threadpool(refuse_asked, request, refused)
            except UnicodeError:  # a part that names an odd character set
                return await run_in_threadpool(refuse, request, Sentence(NOT_READABLE), 400)
            except Exception:
                request_id = request.scope.get("request_id", "")
                log.exception("open311 failed", path=request.url.path, request_id=request_id)
                return await run_in_threadpool(refuse, request, Sentence(BROKEN_DOWN, {"id": request_id}), 500)

        return answer_always
