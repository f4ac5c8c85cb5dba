"""My reports on the phone: what becomes of them, and what I may say to it."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api import pictures
from api.phone.visiting import AnyHolder, Holder, PhoneRoute, PhonesForm, show
from api.portal import report_looks
from api.portal.guarding import text_of
from api.portal.report_page import jpeg
from api.portal.visiting import database_of, now_of, vault_of
from models.calendars import district_calendar
from models.errors import NotFound, RuleBroken
from models.report import news, speaking
from models.report.categories import report_rules
from models.report.recording import by_reference
from models.report.speaking import Teller
from models.report.tables import Satisfaction
from models.views.report_states import SATISFACTIONS
from models.views.report_view import my_photo, my_report, my_reports
from models.words import N_
from templates.pages import words_in

router = APIRouter(route_class=PhoneRoute, include_in_schema=False)

DONE: dict[str, str] = {
    "reported": N_("Thank you. The community has it; what becomes of it stands here."),
    "rate": N_("Thank you for saying so."),
    "reopen": N_("It is open again. Whoever has it in hand is told."),
    "withdraw": N_("Taken back."),
}


@router.get("/m/reports")
def show_mine(request: Request, holder: AnyHolder) -> Response:
    """Everything that this phone or its rider follows."""
    rows = []
    if holder.phone:
        with database_of(request).reading() as session:
            rows = my_reports(session, report_rules(), holder.phone_id, holder.rider_id, now_of(request))
    return show(request, holder, "mine", rows=rows, looks=report_looks)


@router.get("/m/reports/{reference}")
def show_one(request: Request, holder: AnyHolder, reference: str, done: str = "") -> Response:
    """One of them; looking at it marks its news as seen. Raises `NotFound`."""
    return _show(request, holder, reference, done=done)


def _show(
    request: Request,
    holder: Holder,
    reference: str,
    broken: RuleBroken | None = None,
    done: str = "",
    act: str = "",
    words: str = "",
) -> Response:
    """My report, with why `act` was refused and the words that were typed for it."""
    if holder.phone is None:
        raise NotFound()
    database, at = database_of(request), now_of(request)
    with database.reading() as session:
        report = my_report(
            session,
            vault_of(request),
            report_rules(),
            holder.phone_id,
            holder.rider_id,
            reference,
            at,
            district_calendar(),
        )
    database.submit(news.mark_seen, report.row.id, holder.phone_id, holder.rider_id)
    satisfied = {one.value: str(words_in(holder.language).gettext(word)) for one, word in SATISFACTIONS.items()}
    steps = [(one, report_looks.step_said(one, holder.language, satisfied)) for one in report.steps]
    shown: dict[str, Any] = {"report": report, "steps": steps, "looks": report_looks, "done": DONE.get(done, "")}
    shown |= {
        "typed": {"act": act, "words": words},
        "is_at_form": (act == "reopen" and report.may_reopen) or (act == "withdraw" and report.may_withdraw),
    }
    said = broken.said if broken else None
    return show(request, holder, "my_report", broken.status if broken else 200, said=said, **shown)


@router.get("/m/reports/{reference}/photos/{digest}")
def send_photo(request: Request, holder: AnyHolder, reference: str, digest: str) -> Response:
    """One of my photos, or one of how it is now. Raises `NotFound`."""
    if holder.phone is None:
        raise NotFound()
    with database_of(request).reading() as session:
        found = my_photo(session, holder.phone_id, holder.rider_id, reference, digest)
    return jpeg(pictures.picture(request, found), "private, max-age=3600")  # the phone is its holder's own


Act = Callable[[Session, Request, Teller, Any, FormData], object]


def _rate(session: Session, request: Request, teller: Teller, report_id: Any, form: FormData) -> object:
    said = text_of(form, "satisfaction")
    if said not in set(Satisfaction):
        raise NotFound()
    words, at = text_of(form, "words"), now_of(request)
    return speaking.rate(session, vault_of(request), teller, report_id, Satisfaction(said), words, at)


def _reopen(session: Session, request: Request, teller: Teller, report_id: Any, form: FormData) -> object:
    words, at = text_of(form, "words"), now_of(request)
    calendar = district_calendar()
    return speaking.reopen(session, vault_of(request), report_rules(), teller, report_id, words, at, calendar)


def _withdraw(session: Session, request: Request, teller: Teller, report_id: Any, form: FormData) -> object:
    words, at = text_of(form, "words"), now_of(request)
    return speaking.withdraw(session, vault_of(request), teller, report_id, words, at)


ACTS: dict[str, Act] = {"rate": _rate, "reopen": _reopen, "withdraw": _withdraw}


@router.post("/m/reports/{reference}/{act}")
def do(request: Request, holder: AnyHolder, form: PhonesForm, reference: str, act: str) -> Response:
    """Say whether I am satisfied, have it done again, take it back. Raises `NotFound`."""
    if act not in ACTS or holder.phone is None:
        raise NotFound()
    teller = Teller(holder.phone_id, holder.rider_id)

    def write(session: Session) -> None:
        ACTS[act](session, request, teller, by_reference(session, reference).id, form)

    try:
        database_of(request).write(write)
    except NotFound:
        raise
    except RuleBroken as broken:
        return _show(request, holder, reference, broken, act=act, words=text_of(form, "words"))
    return RedirectResponse(f"/m/reports/{reference}?done={act}", 303)
