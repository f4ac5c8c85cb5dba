"""Problem details (RFC 9457): the one place where broken rules become answers of the API."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from api.asking import Ask
from api.limiting import MOST_BYTES
from api.portal.answering import refuse
from models.errors import DatabaseBusy, NotFound, NotLoggedIn, RuleBroken
from models.filing.checking import RidersWrong
from models.words import N_, Sentence
from templates.pages import words_in

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "1"
LANGUAGES = ("zh", "en")

TITLES: dict[int, str] = {
    400: N_("Not understood"),
    401: N_("Not logged in"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("Method not allowed"),
    409: N_("Not possible now"),
    410: N_("Gone"),
    412: N_("Changed meanwhile"),
    413: N_("Too large"),
    415: N_("Wrong kind of content"),
    422: N_("Not valid"),
    428: N_("Version missing"),
    429: N_("Too much at once"),
    500: N_("Broken down"),
    503: N_("Not available"),
}
ELSEWHERE = N_("This cannot be done.")
NO_SUCH_METHOD = N_("This address does not take the method {method}. See /api/v1/openapi.json for those it takes.")
TOO_LARGE = N_("What you sent is larger than {megabytes} MB. Send less at once.")
BROKEN_DOWN = N_(
    "Something broke here. Nothing was half saved; try again, and name the request id {id} if it stays so."
)
NOT_VALID = N_("What was sent is not valid: {places}.")
AT_PLACE = N_("{pointer} {fault}")
FAULTS: dict[str, str] = {
    "missing": N_("is missing"),
    "json_invalid": N_("is not valid JSON"),
    "extra_forbidden": N_("is not known here"),
    "enum": N_("is not one of the values that there are"),
    "literal_error": N_("is not one of the values that there are"),
    "string_too_long": N_("is too long"),
    "string_too_short": N_("is too short"),
    "too_long": N_("has too many entries"),
    "too_short": N_("has too few entries"),
    "greater_than_equal": N_("is too small"),
    "less_than_equal": N_("is too large"),
}
WRONG_FORM = N_("does not have the right form")
SHOWN_FAULTS = 5  # in the sentence; all of them are listed beside it


def add_problems(app: FastAPI) -> None:
    """Let every error under `/api/` and of the probes be answered as a problem."""
    app.add_exception_handler(RuleBroken, _broken)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _refused)


def language_of(request: Request) -> str:
    """The reader's language: what the request accepts, else the officer's, else the installation's."""
    ask: Ask | None = getattr(request.state, "ask", None)
    accepted = _accepted(request.headers.get("accept-language", ""))
    return accepted or (ask and ask.language) or request.app.state.settings.language


def _accepted(header: str) -> str | None:
    """The first of our languages by the reader's own order (RFC 9110, 12.5.4), None where none is named."""
    ranked: list[tuple[float, str]] = []
    for place, part in enumerate(header.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            quality = 0.0
        ranked.append((-quality + place * 1e-6, tag.split("-")[0].lower()))
    return next((tag for rank, tag in sorted(ranked) if tag in LANGUAGES and rank < 0), None)


def problem(
    request: Request, status: int, said: Sentence, code: str, errors: Sequence[tuple[str, Sentence]] = ()
) -> Response:
    """An answer that says why not, in the reader's language."""
    language = language_of(request)
    words = words_in(language)
    body: dict[str, Any] = {
        "type": f"tag:wufang.example,2026:{code}",  # names the kind and is no address (RFC 9457, 3.1.1)
        "title": words.plain(Sentence(TITLES.get(status, ELSEWHERE))),
        "status": status,
        "detail": words.plain(said),
        "code": code,
        "instance": request.url.path,
        "request_id": request.scope.get("request_id", ""),
    }
    if errors:
        body["errors"] = [{"pointer": pointer, "detail": words.plain(fault)} for pointer, fault in errors]
    headers = {"Content-Language": language, "Cache-Control": "no-store"} | _more_headers(status)
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def _more_headers(status: int) -> dict[str, str]:
    if status == DatabaseBusy.status:
        return {"Retry-After": RETRY_SECONDS}
    return {"WWW-Authenticate": 'Bearer realm="wufang"'} if status == NotLoggedIn.status else {}


async def _broken(request: Request, error: Exception) -> Response:
    assert isinstance(error, RuleBroken)
    errors: list[tuple[str, Sentence]] = []
    if isinstance(error, RidersWrong):
        errors = [(f"#/riders/{fault.place}/{fault.field}", fault.said) for fault in error.faults]
    answer = problem(request, error.status, error.said, error.code, errors)
    if seconds := getattr(error, "seconds", 0):
        answer.headers["Retry-After"] = str(seconds)
    return answer


async def _not_valid(request: Request, error: Exception) -> Response:
    """One clear sentence with the places; the values themselves are not repeated."""
    assert isinstance(error, RequestValidationError)
    errors = [(_pointer(one), Sentence(FAULTS.get(one["type"], WRONG_FORM))) for one in error.errors()]
    if _is_path_wrong(error):
        return problem(request, 404, NotFound().said, NotFound().code)
    places = [Sentence(AT_PLACE, {"pointer": pointer, "fault": fault}) for pointer, fault in errors[:SHOWN_FAULTS]]
    return problem(request, 422, Sentence(NOT_VALID, {"places": places}), "NotValid", errors)


def _is_path_wrong(error: RequestValidationError) -> bool:
    """An address with an id that is no id names nothing."""
    return any(one["loc"][:1] == ("path",) for one in error.errors())


def _pointer(fault: dict[str, Any]) -> str:
    """A JSON pointer into the body (RFC 6901), or the name of the parameter or header."""
    where, *parts = fault["loc"]
    if where != "body":
        return "/".join(str(part) for part in parts)
    if fault["type"] == "json_invalid":
        return "#"
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        said, code = Sentence(NO_SUCH_METHOD, {"method": request.method}), "MethodNotAllowed"
    elif error.status_code == HTTPStatus.NOT_FOUND:
        said, code = NotFound().said, NotFound().code
    elif error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        said, code = Sentence(TOO_LARGE, {"megabytes": MOST_BYTES // 1024 // 1024}), "TooLarge"
    else:
        said, code = Sentence(TITLES.get(error.status_code, ELSEWHERE)), "Refused"
    if not request.url.path.startswith("/api/"):
        return await run_in_threadpool(refuse, request, said, error.status_code)
    answer = problem(request, error.status_code, said, code)
    answer.headers.update(error.headers or {})
    return answer
