"""Reporting from a phone: one page; what a bad line sends twice is taken once."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.datastructures import FormData

from api.phone.visiting import (
    AnyHolder,
    Holder,
    PhoneRoute,
    PhonesForm,
    district_in,
    ensure,
    is_script,
    show,
    with_cookie,
)
from api.portal.reporting import new_report
from api.portal.visiting import database_of, now_of, settings_of, vault_of
from api.rate_limits import Often, hold_back
from models.calendars import district_calendar
from models.errors import RuleBroken
from models.report.categories import report_rules
from models.report.collecting import Collected, Reporter, collect
from models.report.news import count_unseen
from models.training.places import training_news
from models.views.report_lists import communities_of, compounds_in

router = APIRouter(route_class=PhoneRoute, include_in_schema=False)
KEPT = ("category", "words", "spot", "place", "latitude", "longitude", "accuracy", "key")


@router.get("/m")
def show_home(request: Request, holder: AnyHolder) -> Response:
    """The first page of a phone."""
    with database_of(request).reading() as session:
        news = count_unseen(session, holder.phone_id, holder.rider_id) if holder.phone else 0
        of_courses = training_news(session, holder.rider_id)
    return show(request, holder, "home", news=news, of_courses=of_courses)


@router.get("/m/report")
def show_form(request: Request, holder: AnyHolder) -> Response:
    """The form."""
    return _show_form(request, holder, {}, None)


@router.post("/m/report")
def take(request: Request, holder: AnyHolder, form: PhonesForm) -> Response:
    """Take the report; what cannot be taken stands in the form again, and on a script's phone in its queue."""
    hold_back(request, Often.REPORT_FROM)
    hold_back(request, Often.REPORT, str(holder.phone_id or holder.secret[-12:]))
    try:
        made = _take(request, holder, form)
    except RuleBroken as broken:
        if is_script(request):
            raise
        return _show_form(request, holder, {name: str(form.get(name) or "") for name in KEPT}, broken)
    address = f"/m/reports/{made.reference}"
    if is_script(request):
        told = {"reference": made.reference, "address": address, "is_new": made.is_new}
        return with_cookie(request, holder, JSONResponse(told, 201 if made.is_new else 200))
    return with_cookie(request, holder, RedirectResponse(f"{address}?done=reported", 303))


def _take(request: Request, holder: Holder, form: FormData) -> Collected:
    new = new_report(request, form)
    at, vault = now_of(request), vault_of(request)

    def act(session: Any) -> Collected:
        phone = ensure(session, holder, request)
        reporter = Reporter(phone.district_id, phone_id=phone.phone_id, rider_id=phone.rider_id)
        return collect(session, vault, report_rules(), reporter, new, at, district_calendar())

    return database_of(request).write(act)


def _show_form(request: Request, holder: Holder, was: dict[str, str], broken: RuleBroken | None) -> Response:
    with database_of(request).reading() as session:
        district_id: UUID = district_in(session).id
        shown: dict[str, Any] = {
            "communities": communities_of(session, district_id),
            "compounds": compounds_in(session, district_id),
            "rules": report_rules(),
            "was": dict.fromkeys(KEPT, "") | was,
            "said": broken.said if broken else None,
            "tiles": settings_of(request).map_tiles,
        }
    return show(request, holder, "report", broken.status if broken else 200, **shown)
