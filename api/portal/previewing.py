"""For administrators: every letter with sample facts, as mail programs show it and as plain text."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.portal.answering import PageRoute
from api.portal.mailbox import IN_THE_WINDOW, LETTER_HEADERS
from api.portal.rendering import render
from api.portal.visiting import LANGUAGES, AtDesk, settings_of
from models.errors import NotFound
from models.preference import MANNERS
from models.staffing import check_is_administrator
from templates.letters import Letter, render_letter
from templates.samples import AT, SAMPLES, SECRET

router = APIRouter(prefix="/admin/letters", route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Preview:
    """One sample of a letter. `number` counts the samples of that letter, from 1."""

    number: int
    language: str
    written: Letter


@router.get("")
def list_letters(request: Request, desk: AtDesk) -> Response:
    """Every letter that there is. Raises `NotAllowed`, `TakeHatOff`."""
    check_is_administrator(desk.who)
    firsts: dict[str, str] = {}
    for letter, facts in SAMPLES:
        firsts.setdefault(letter, _write(request, letter, facts, desk.language).subject)
    return render(request, desk, "pages/admin_letters", firsts=firsts, manners=MANNERS)


@router.get("/{letter}")
def show_letter(request: Request, desk: AtDesk, letter: str) -> Response:
    """A letter in all its samples and both languages. Raises `NotFound`, `NotAllowed`, `TakeHatOff`."""
    check_is_administrator(desk.who)
    previews = [
        Preview(number, language, _write(request, letter, facts, language))
        for number, facts in enumerate(_samples(letter), 1)
        for language in sorted(LANGUAGES, key=lambda one: one != desk.language)
    ]
    return render(request, desk, "pages/admin_letter", letter=letter, previews=previews)


@router.get("/{letter}/{sample}/{language}")
def send_letter(request: Request, desk: AtDesk, letter: str, sample: int, language: str) -> Response:
    """One sample for its frame. Raises `NotFound`, `NotAllowed`, `TakeHatOff`."""
    check_is_administrator(desk.who)
    samples = _samples(letter)
    if language not in LANGUAGES or not 1 <= sample <= len(samples):
        raise NotFound()
    written = _write(request, letter, samples[sample - 1], language)
    return HTMLResponse(written.html.replace("<head>", IN_THE_WINDOW, 1), headers=LETTER_HEADERS)


def _samples(letter: str) -> list[dict[str, Any]]:
    found = [facts for one, facts in SAMPLES if one == letter]
    if not found:
        raise NotFound()
    return found


def _write(request: Request, letter: str, facts: dict[str, Any], language: str) -> Letter:
    return render_letter(letter, language, facts, settings_of(request).address, AT, lambda _: SECRET)
