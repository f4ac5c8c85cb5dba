"""The boards of reports: what a community files and checks, what is ours to settle, what came up, what a street has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.datastructures import FormData

from api.pictures import keep_pictures, uploads_of
from api.places import position_in
from api.portal import report_looks
from api.portal.answering import PageRoute
from api.portal.guarding import PhotoForm, text_of
from api.portal.rendering import render
from api.portal.statistics import PERIODS, period_asked
from api.portal.visiting import AtDesk, Desk, database_of, now_of, settings_of, vault_of
from api.rate_limits import Often, hold_back
from models.calendars import district_calendar
from models.clock import local_date
from models.district import get_organisation
from models.errors import RuleBroken
from models.officer import check_may_act
from models.protocol.schema import Party
from models.report.categories import report_rules
from models.report.collecting import NewReport, Reporter, collect
from models.report.tables import Level, ReportStatus
from models.views.paging import Turn
from models.views.report_lists import (
    ReportFilters,
    ReportKey,
    ReportList,
    ReportRow,
    communities_of,
    compounds_in,
    count_reports,
    list_reports,
)
from models.views.report_rates import rates

ROWS_A_PAGE = 50
LISTS: dict[Party, tuple[ReportList, ...]] = {
    Party.COMMUNITY: (
        ReportList.TRIAGE,
        ReportList.OURS,
        ReportList.CHECK,
        ReportList.ESCALATED,
        ReportList.PARKING,
        ReportList.AREA,
        ReportList.PAST,
    ),
    Party.STREET: (
        ReportList.ESCALATED,
        ReportList.OURS,
        ReportList.CHECK,
        ReportList.PARKING,
        ReportList.AREA,
        ReportList.PAST,
    ),
    Party.DEPARTMENT: (
        ReportList.ESCALATED,
        ReportList.OURS,
        ReportList.PARKING,
        ReportList.AREA,
        ReportList.PAST,
    ),
    Party.PROPERTY: (ReportList.OURS, ReportList.PAST),
    Party.COUNCIL: (ReportList.OURS, ReportList.PAST),
}

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class AskedReports:
    """What the address of a board says."""

    which: ReportList
    filters: ReportFilters
    turn: Turn[ReportKey]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything narrows the list."""
        return self.filters != ReportFilters()

    @property
    def query(self) -> str:
        """The address's query without the page."""
        parts = [f"list={self.which}"]
        parts += [f"category={self.filters.category}"] if self.filters.category else []
        parts += [f"level={self.filters.level}"] if self.filters.level else []
        parts += [f"status={self.filters.status}"] if self.filters.status else []
        parts += ["late=1"] if self.filters.is_late else []
        return "&".join(parts)


def asked_reports(request: Request, desk: Desk) -> AskedReports:
    """What the address asks for; what it does not know is passed over."""
    said = request.query_params
    lists = LISTS[desk.who.party]
    wanted = said.get("list", "")
    level, status, category = said.get("level"), said.get("status"), said.get("category")
    filters = ReportFilters(
        category if category in report_rules().categories else None,
        Level(level) if level in set(Level) else None,
        ReportStatus(status) if status in set(ReportStatus) else None,
        said.get("late") == "1",
    )
    turn = Turn(after=read_key(said.get("after")), before=read_key(said.get("before")), limit=ROWS_A_PAGE)
    return AskedReports(ReportList(wanted) if wanted in lists else lists[0], filters, turn)


def read_key(text: str | None) -> ReportKey | None:
    """A page's key as addresses carry it; None for nothing or nonsense."""
    instant, _, report_id = (text or "").partition("~")
    try:
        at = datetime.fromisoformat(instant)
        return (at, UUID(report_id)) if at.tzinfo is not None else None
    except ValueError:
        return None


def write_key(key: ReportKey | None) -> str:
    """The same the other way."""
    return f"{key[0].isoformat()}~{key[1]}" if key else ""


@router.get("/reports")
def show_board(request: Request, desk: AtDesk, done: str = "") -> Response:
    """One list of reports, as rows and as a map."""
    asked, at = asked_reports(request, desk), now_of(request)
    with database_of(request).reading() as session:
        page = list_reports(session, report_rules(), desk.who, asked.which, at, asked.turn, asked.filters)
        lists = LISTS[desk.who.party]
        counts = {one: count_reports(session, desk.who, one, at) for one in lists if one is not ReportList.PAST}
    shown = {
        "asked": asked,
        "page": page,
        "lists": lists,
        "counts": counts,
        "done": report_looks.DONE.get(done, ""),
        "rules": report_rules(),
        "looks": report_looks,
        "tiles": settings_of(request).map_tiles,
    }
    keys = {"following": write_key(page.next), "previous": write_key(page.previous)}
    return render(request, desk, "pages/reports", **shown, **keys)


@router.get("/reports/points")
def send_points(request: Request, desk: AtDesk) -> Response:
    """The reports of the list that have a position, as GeoJSON (RFC 7946) for the board's map."""
    asked, at = asked_reports(request, desk), now_of(request)
    with database_of(request).reading() as session:
        page = list_reports(session, report_rules(), desk.who, asked.which, at, asked.turn, asked.filters)
    return JSONResponse(points(page.rows, desk.language), media_type="application/geo+json")


def points(rows: Sequence[ReportRow], language: str) -> dict[str, object]:
    """Rows that have a position, as GeoJSON for an officer's map."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row.longitude, row.latitude]},
            "properties": {
                "reference": row.reference,
                "title": row.title.of(language),
                "place": row.place.of(language),
                "tone": "bad" if row.is_overdue else report_looks.LEVELS[row.level].tone,
                "link": f"/reports/{row.reference}",
            },
        }
        for row in rows
        if row.latitude is not None
    ]
    return {"type": "FeatureCollection", "features": features}


@router.get("/reports/rates")
def show_rates(request: Request, desk: AtDesk) -> Response:
    """Response, settling and satisfaction by organisation: of this month where the address says nothing else."""
    at, words = now_of(request), request.query_params
    period, broken = period_asked(words, local_date(at))
    with database_of(request).reading() as session:
        rows = rates(session, desk.who, period.begins_at, period.ends_at, at)
    chosen = words.get("period", "" if words.get("from") else "month")
    shown = {"rows": rows, "period": period, "periods": PERIODS, "chosen": chosen, "broken": broken}
    return render(request, desk, "pages/report_rates", broken.status if broken else 200, **shown)


@router.get("/reports/new")
def show_form(request: Request, desk: AtDesk) -> Response:
    """The form with which an officer writes down what somebody says."""
    return _show_form(request, desk, {}, None)


@router.post("/reports/new")
def take_report(request: Request, desk: AtDesk, form: PhotoForm) -> Response:
    """Write down a report for somebody; what cannot be taken stands in the form again."""
    hold_back(request, Often.UPLOAD, str(desk.own.officer_id))
    try:
        check_may_act(desk.who)
        new = new_report(request, form)
        with database_of(request).reading() as session:
            district_id = get_organisation(session, desk.who.organisation_id).district_id
        reporter = Reporter(district_id, officer=desk.who)
        write = database_of(request).write
        made = write(collect, vault_of(request), report_rules(), reporter, new, now_of(request), district_calendar())
    except RuleBroken as broken:
        was = {name: text_of(form, name) for name in ("category", "words", "spot", "place")}
        return _show_form(request, desk, was, broken)
    return RedirectResponse(f"/reports/{made.reference}?done=reported", 303)


def new_report(request: Request, form: FormData) -> NewReport:
    """A report as a form sends it; its photos are kept. Raises what photos and positions raise."""
    from_map = text_of(form, "place")
    kind, _, place_id = from_map.partition(":")
    place = _uuid(place_id)
    return NewReport(
        category=text_of(form, "category"),
        words=text_of(form, "words"),
        spot=text_of(form, "spot"),
        position=position_in(form),
        compound_id=place if kind == "compound" else None,
        community_id=place if kind == "community" else None,
        photos=keep_pictures(request, uploads_of(form)),
        client_key=text_of(form, "key") or None,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _show_form(request: Request, desk: Desk, was: dict[str, str], broken: RuleBroken | None) -> Response:
    with database_of(request).reading() as session:
        district_id = get_organisation(session, desk.who.organisation_id).district_id
        shown: dict[str, Any] = {
            "communities": communities_of(session, district_id),
            "compounds": compounds_in(session, district_id),
            "was": dict.fromkeys(("category", "words", "spot", "place"), "") | was,
            "rules": report_rules(),
            "said": broken.said if broken else None,
        }
    return render(request, desk, "pages/report_new", broken.status if broken else 200, **shown)
