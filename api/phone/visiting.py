"""Who holds the phone: a cookie with a secret, given with the first page and known to the database from the first act."""

from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from api.portal.answering import BROKEN_DOWN, NOT_UNDERSTOOD
from api.portal.guarding import FORM_WORD, MOST_FIELDS, MOST_FILES, ForeignForm, check_form, text_of
from api.portal.rendering import render
from api.portal.visiting import (
    A_YEAR,
    LANGUAGE,
    LANGUAGES,
    Visitor,
    cookie_of,
    database_of,
    keep_cookie,
    now_of,
    settings_of,
)
from models.district import District, only_district
from models.errors import NotFound, RuleBroken
from models.officer import TOKEN_MARK, new_secret
from models.phone import PhoneIdentity, ensure_phone, is_revoked, known_phone
from models.words import Sentence
from templates.pages import words_in

PHONE = "wufang_phone"
BY_SCRIPT = "wufang-phone"  # a header that no other site can send without asking first
SHORTEST_SECRET = 40

log = structlog.get_logger()
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class Holder(Visitor):
    """Whoever holds the phone. `phone` None: nothing was done on it yet. `is_new`: it needs its cookie."""

    phone: PhoneIdentity | None = field(kw_only=True)
    is_new: bool = field(kw_only=True)

    @property
    def phone_id(self) -> UUID | None:
        """The phone's id, once it is known."""
        return self.phone.phone_id if self.phone else None

    @property
    def rider_id(self) -> UUID | None:
        """The rider who is known on it."""
        return self.phone.rider_id if self.phone else None


def hold(request: Request) -> Holder:
    """Who holds the phone that sends this request."""
    secret = cookie_of(request, PHONE)
    is_new = not secret.startswith(TOKEN_MARK) or len(secret) < SHORTEST_SECRET
    chosen = request.cookies.get(LANGUAGE, "")
    language = chosen if chosen in LANGUAGES else settings_of(request).language
    if is_new:
        return Holder(language, secret=new_secret(), phone=None, is_new=True)
    with database_of(request).reading() as session:
        phone = known_phone(session, secret)
        if phone is None and is_revoked(session, secret):  # signed off from elsewhere, or erased: a new phone
            return Holder(language, secret=new_secret(), phone=None, is_new=True)
    return Holder(language, secret=secret, phone=phone, is_new=False)


AnyHolder = Annotated[Holder, Depends(hold)]


def ensure(session: Session, holder: Holder, request: Request) -> PhoneIdentity:
    """The phone, known from now on. Raises `PhoneRevoked`, `NotFound` where there is no district yet."""
    district = district_in(session)
    return ensure_phone(session, holder.secret, district.id, holder.language, now_of(request))


def district_in(session: Session) -> District:
    """The district. Raises `NotFound` in an empty database."""
    district = only_district(session)
    if district is None:
        raise NotFound()
    return district


async def take_phone_form(request: Request, holder: AnyHolder) -> AsyncIterator[FormData]:
    """The fields of a form from our own page on this phone. Raises `ForeignForm`, `FormTooLarge`."""
    check_form(request)
    async with request.form(max_fields=MOST_FIELDS, max_files=MOST_FILES) as form:
        by_script = request.headers.get(BY_SCRIPT) == "1"
        if not by_script and not holder.is_new and not holder.has_sent(text_of(form, FORM_WORD)):
            raise ForeignForm()
        yield form


PhonesForm = Annotated[FormData, Depends(take_phone_form)]


def show(request: Request, holder: Holder, page: str, status: int = 200, /, **shown: object) -> Response:
    """A page for the phone, with the cookie where it needs one."""
    response = render(request, holder, f"pages/phone/{page}", status, **shown)
    return with_cookie(request, holder, response)


def with_cookie(request: Request, holder: Holder, response: Response) -> Response:
    """Give the phone its secret, or let it keep the one that it has for another year."""
    if holder.is_new or request.method == "POST":
        keep_cookie(request, response, PHONE, holder.secret, A_YEAR)
    return response


class PhoneRoute(APIRoute):
    """A route whose broken rules become pages for the phone, or plain answers for its script."""

    def get_route_handler(self) -> Handler:
        """The ordinary handler, with its errors answered in one sentence."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except RuleBroken as broken:
                refused = await run_in_threadpool(_refuse, request, broken.said, broken.status)
                if seconds := getattr(broken, "seconds", 0):
                    refused.headers["Retry-After"] = str(seconds)
                return refused
            except RequestValidationError:
                return await run_in_threadpool(_refuse, request, NotFound().said, 404)
            except HTTPException as refused:
                return await run_in_threadpool(_refuse, request, Sentence(NOT_UNDERSTOOD), refused.status_code)
            except Exception:
                log.exception("phone page failed", path=request.url.path)
                return await run_in_threadpool(_refuse, request, Sentence(BROKEN_DOWN), 500)

        return answer


def is_script(request: Request) -> bool:
    """Whether the page's own script asks, which wants no page in answer."""
    return request.headers.get(BY_SCRIPT) == "1"


def _refuse(request: Request, said: Sentence, status: int) -> Response:
    holder = hold(request) if status < 500 else Holder(settings_of(request).language, phone=None, is_new=False)  # noqa: PLR2004
    if is_script(request):
        words = words_in(holder.language).plain(said)
        return JSONResponse({"detail": words}, status)
    return render(request, holder, "pages/phone/refused", status, said=said)
