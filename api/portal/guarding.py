"""Forms that come back: only from our own pages, only with the session's word, only of a sane size."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartParser

from api.portal.visiting import AnyVisitor, Desk, settings_of
from models.errors import RuleBroken
from models.words import N_

MOST_BYTES = 24 * 1024 * 1024  # of a whole form, the workbook in it included
MOST_FIELDS = 4000
LONGEST_NUMBER = 18  # digits: what a database's whole number holds
MOST_FILES = 10  # more than a report may have, so that it is refused in a sentence
FORM_WORD = "form_word"
MEMORY_BYTES = 5 * 1024 * 1024  # of a file, beyond which it goes to disk; a phone's photo that stays costs a sixth

MultiPartParser.spool_max_size = MEMORY_BYTES  # Starlette writes to disk in a thread, 64 KB at a time


class ForeignForm(RuleBroken):
    """A form that did not come from a page of this portal in this session (CSRF)."""

    sentence = N_(
        "This form did not come from your open session, so nothing was done. Open the page again and repeat it."
    )
    status = 403


class OldForm(ForeignForm):
    """A form of ours that stood open while its session ran out and another began."""


class FormTooLarge(RuleBroken):
    """More than any form of ours sends."""

    sentence = N_("What you sent is larger than {megabytes} MB. Send a smaller file.")
    status = 413


def is_foreign(request: Request) -> bool:
    """Whether the browser says that the form stood on another site."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("origin")
    if origin is None:
        return False
    ours = {request.headers.get("host", ""), urlsplit(settings_of(request).address).netloc}
    return urlsplit(origin).netloc not in ours


def has_named_us(request: Request) -> bool:
    """Whether the browser says that the form stood on one of our pages; to be asked where `is_foreign` is not."""
    return "origin" in request.headers or request.headers.get("sec-fetch-site") == "same-origin"


def number_in(text: str) -> int | None:
    """The whole number that a form or a header sent, as the database can hold it; None where it is none."""
    is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
    return int(text) if is_number else None


def _check_size(request: Request) -> None:
    length = number_in(request.headers.get("content-length", ""))
    if length is None or length > MOST_BYTES:
        raise FormTooLarge(megabytes=MOST_BYTES // 1024 // 1024)


def taking(most_files: int) -> Callable[[Request, AnyVisitor], AsyncIterator[FormData]]:
    """A dependency that gives the fields of a form. It raises `ForeignForm`, `OldForm`, `FormTooLarge`."""

    async def take(request: Request, visitor: AnyVisitor) -> AsyncIterator[FormData]:
        check_form(request)
        async with request.form(max_fields=MOST_FIELDS, max_files=most_files) as form:
            if isinstance(visitor, Desk) and not visitor.has_sent(text_of(form, FORM_WORD)):
                raise OldForm()
            yield form

    return take


def check_form(request: Request) -> None:
    """Before a form is read. Raises `ForeignForm`, `FormTooLarge`."""
    if is_foreign(request):
        raise ForeignForm()
    _check_size(request)


def text_of(form: FormData, name: str) -> str:
    """A field's text without the blanks around it; empty where there is none."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def texts_of(form: FormData, name: str) -> list[str]:
    """Every text of that name, such as ticked boxes."""
    return [value for value in form.getlist(name) if isinstance(value, str)]


Form = Annotated[FormData, Depends(taking(1))]
PhotoForm = Annotated[FormData, Depends(taking(MOST_FILES))]
