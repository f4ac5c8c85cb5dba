"""How my letters come: their pace, my quiet hours, and what I do without."""

from datetime import time
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.portal.answering import PageRoute
from api.portal.guarding import Form, text_of, texts_of
from api.portal.rendering import render
from api.portal.visiting import AtDesk, Desk, database_of, now_of
from models.errors import RuleBroken
from models.notice.choosing import choose
from models.preference import (
    OPTIONAL_LETTERS,
    Chosen,
    Pace,
    PaceUnknown,
    QuietUnclear,
    chosen_by,
    optional_letters,
    quiet_hours,
)
from models.words import N_

router = APIRouter(route_class=PageRoute, include_in_schema=False)

LETTERS_PAGE = "/account/letters"
DONE = {"kept": N_("Your choice is kept. It holds for letters that wait already, too.")}


@router.get(LETTERS_PAGE)
def show_letters(request: Request, desk: AtDesk, done: str = "") -> Response:
    """The form with what I have chosen."""
    with database_of(request).reading() as session:
        chosen = chosen_by(session, desk.own.officer_id)
    begins, ends = chosen.quiet or (None, None)
    was = {
        "pace": chosen.pace,
        "quiet_from": begins.isoformat("minutes") if begins else "",
        "quiet_until": ends.isoformat("minutes") if ends else "",
        "wanted": {one.value for one in OPTIONAL_LETTERS if one not in chosen.without},
    }
    return _page(request, desk, was, done=DONE.get(done, ""))


@router.post(LETTERS_PAGE)
def choose_letters(request: Request, desk: AtDesk, form: Form) -> Response:
    """Keep my choice."""
    try:
        chosen = _chosen(form)
        database_of(request).write(choose, desk.own.officer_id, chosen, now_of(request))
    except RuleBroken as broken:
        was: dict[str, Any] = {name: text_of(form, name) for name in ("pace", "quiet_from", "quiet_until")}
        return _page(request, desk, was | {"wanted": set(texts_of(form, "wanted"))}, broken)
    return RedirectResponse(f"{LETTERS_PAGE}?done=kept", 303)


def _chosen(form: FormData) -> Chosen:
    pace = text_of(form, "pace")
    if pace not in set(Pace):
        raise PaceUnknown()
    quiet = quiet_hours(_time(text_of(form, "quiet_from")), _time(text_of(form, "quiet_until")))
    wanted = optional_letters(texts_of(form, "wanted"))
    return Chosen(Pace(pace), quiet, frozenset(OPTIONAL_LETTERS) - wanted)


def _time(said: str) -> time | None:
    """A time of day as browsers send it, `07:30`; None for nothing. Raises `QuietUnclear`."""
    try:
        return time.fromisoformat(said).replace(second=0, microsecond=0, tzinfo=None) if said else None
    except ValueError:
        raise QuietUnclear() from None


def _page(
    request: Request, desk: Desk, was: dict[str, Any], broken: RuleBroken | None = None, done: str = ""
) -> Response:
    status, said = (broken.status, broken.said) if broken else (200, None)
    is_quiet_wrong = isinstance(broken, QuietUnclear)
    shown = {"was": was, "said": said, "done": done, "is_quiet_wrong": is_quiet_wrong}
    return render(request, desk, "pages/account_letters", status, **shown)
