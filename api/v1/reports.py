"""Reports: their lists, one of them, what an officer writes down for somebody, photos, rates and categories."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api import pictures
from api.asking import Ask, Asked
from api.conditions import put_etag
from api.cursors import link_next, unpack_instant_and_id
from api.rate_limits import Often, hold_back
from api.replaying import Creating, Made
from api.v1.describing import problems
from api.v1.filings import Cursor, Limit
from api.v1.report_shapes import (
    CategoryOut,
    PhotoKeptOut,
    RateOut,
    RatesOut,
    ReportedOut,
    ReportIn,
    ReportOut,
    ReportPage,
    ReportRowOut,
    address_of,
    report_out,
)
from models.calendars import district_calendar
from models.clock import local_date
from models.district import get_organisation
from models.officer import Identity, check_may_act
from models.picturing import EDGE_PIXELS, MOST_BYTES
from models.report.categories import report_rules
from models.report.collecting import NewReport, Reporter, collect
from models.report.slips import photos_on, write_slip
from models.report.tables import Level, ReportStatus
from models.views.paging import Turn
from models.views.report_lists import ReportFilters, ReportList, list_reports
from models.views.report_rates import rates
from models.views.report_view import photo_for, report_view
from models.views.statistics import Period

PICTURE = {"schema": {"type": "string", "format": "binary"}}
SENT = {
    "requestBody": {
        "required": True,
        "description": f"At most {MOST_BYTES // 1024 // 1024} MB; kept as a JPEG of at most {EDGE_PIXELS} pixels an edge, "
        "without metadata.",
        "content": dict.fromkeys(("image/jpeg", "image/png", "image/webp"), PICTURE),
    }
}

router = APIRouter(tags=["reports"])


@router.get(
    "/report-categories",
    responses=problems(),
    operation_id="listReportCategories",
    summary="List the categories of reports",
)
def list_categories(ask: Asked) -> list[CategoryOut]:
    """The district's table, in its order."""
    return ask.read(lambda _, __: [CategoryOut.of(one) for one in report_rules().categories.values()])


@router.post(
    "/report-photos",
    status_code=201,
    responses=problems(403, 413, 415, 429),
    operation_id="sendReportPhoto",
    summary="Send a photo for a report",
    openapi_extra=SENT,
)
async def send_photo(request: Request, ask: Asked) -> PhotoKeptOut:
    """Before the report or the answer that names it. The same photo may be sent again; it is kept once."""
    sent = await request.body()
    return await run_in_threadpool(_keep, request, ask, sent)


def _keep(request: Request, ask: Ask, sent: bytes) -> PhotoKeptOut:
    """The photo, once its sender has proved to be allowed."""
    who = ask.read(_acting)
    hold_back(request, Often.UPLOAD, str(who.officer_id))
    kept = pictures.keep_picture(request, sent)
    slip = write_slip(ask.vault, kept, who.officer_id, ask.at)
    return PhotoKeptOut(photo=slip, digest=kept.digest, width=kept.width, height=kept.height)


def _acting(_: Session, who: Identity) -> Identity:
    check_may_act(who)
    return who


@router.post(
    "/reports",
    status_code=201,
    response_model=ReportedOut,
    responses=problems(403, 404, 422),
    operation_id="writeReport",
    summary="Write down a report for somebody",
)
async def write_report(body: ReportIn, ask: Asked, creating: Creating) -> JSONResponse:
    """It is placed, its community is told, and the community's time for filing it runs."""

    def act(session: Session, who: Identity) -> Made:
        check_may_act(who)
        district_id = get_organisation(session, who.organisation_id).district_id
        new, reporter = _new(ask, who, body), Reporter(district_id, officer=who)
        made = collect(session, ask.vault, report_rules(), reporter, new, ask.at, district_calendar())
        return Made(ReportedOut(reference=made.reference), address_of(made.reference))

    return await creating.create(act)


def _new(ask: Ask, who: Identity, body: ReportIn) -> NewReport:
    return NewReport(
        category=body.category,
        words=body.words,
        spot=body.spot,
        position=body.position.position() if body.position else None,
        compound_id=body.compound_id,
        community_id=body.community_id,
        photos=photos_on(ask.vault, body.photos, who.officer_id, ask.at),
    )


@router.get("/reports", responses=problems(400, 422), operation_id="listReports", summary="List reports")
def read_list(
    request: Request,
    response: Response,
    ask: Asked,
    which: Annotated[
        ReportList, Query(alias="list", description="Open ones, the nearest deadline first; `past`: all, newest first")
    ] = ReportList.AREA,
    category: Annotated[str | None, Query(max_length=100, description="A code of `/report-categories`")] = None,
    level: Level | None = None,
    status: ReportStatus | None = None,
    late: Annotated[bool, Query(description="Only those whose running deadline has passed")] = False,  # noqa: FBT002 - named in the address
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ReportPage:
    """What my organisation is to file, check or settle, what came up to it, and what is on its ground."""
    rules, after = report_rules(), unpack_instant_and_id(cursor)
    filters = ReportFilters(rules.category(category).code if category else None, level, status, late)
    turn = Turn(after, limit=limit)
    page = ask.read(lambda session, who: list_reports(session, rules, who, which, ask.at, turn, filters))
    following = link_next(request, response, page.next)
    return ReportPage(rows=[ReportRowOut.model_validate(row) for row in page.rows], next=following)


@router.get("/reports/rates", responses=problems(422), operation_id="readReportRates", summary="Read rates of reports")
def read_rates(
    ask: Asked,
    first: Annotated[date | None, Query(alias="from", description="First day; without it, this month")] = None,
    last: Annotated[date | None, Query(alias="to", description="Last day; without it, today")] = None,
) -> RatesOut:
    """Response, settling and satisfaction: of the district for the lead department, else of reports on the own ground."""
    today = local_date(ask.at)
    period = Period(first or Period.month(today).first, last or today)
    rows = ask.read(lambda session, who: rates(session, who, period.begins_at, period.ends_at, ask.at))
    return RatesOut(first=period.first, last=period.last, rows=[RateOut.model_validate(row) for row in rows])


@router.get("/reports/{reference}", responses=problems(404), operation_id="readReport", summary="Read a report")
def read_report(reference: str, response: Response, ask: Asked) -> ReportOut:
    """With its record, its photos, and what my organisation may do now. `ETag`: its version."""
    view = ask.read(lambda session, who: report_view(session, ask.vault, report_rules(), who, reference, ask.at))
    put_etag(response, view.row.version)
    return report_out(view)


@router.get(
    "/reports/{reference}/photos/{digest}",
    response_class=Response,
    responses=problems(404) | {200: {"content": {"image/jpeg": PICTURE}, "description": "The photo"}},
    operation_id="readReportPhoto",
    summary="Read a report's photo",
)
def read_photo(reference: str, digest: str, request: Request, ask: Asked) -> Response:
    """The picture or its thumbnail, for those who may read the report."""
    found = ask.read(lambda session, who: photo_for(session, who, reference, digest))
    content = pictures.picture(request, found)
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "no-store"})
