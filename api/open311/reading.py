"""What anybody may read through Open311: what can be reported, and what became of it."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.open311 import shaping
from api.open311.answering import PREFIX, Open311Route, answer, format_of, plain_id
from api.open311.asking import Turned, district_for, names_asked, turn_asked, window_asked
from api.portal.visiting import database_of, now_of, settings_of
from api.problems import language_of
from api.rate_limits import Often, hold_back
from models.calendars import DISTRICTS, district_calendar
from models.district import District, lead_department
from models.report.categories import Category, CategoryUnknown, report_rules
from models.report.collecting import LONGEST_SPOT
from models.views.public_requests import (
    PublicRequest,
    named_request,
    named_requests,
    public_categories,
    public_requests,
)

router = APIRouter(prefix=PREFIX, route_class=Open311Route, include_in_schema=False)


@router.get("/discovery")
@router.get("/discovery.xml")
@router.get("/discovery.json")
def discover(request: Request) -> Response:
    """Where this service is, in which formats, and whom to ask for a key."""
    hold_back(request, Often.FEED)
    language, settings = language_of(request), settings_of(request)
    with database_of(request).reading() as session:
        district = district_for(session, request.query_params)
        lead = lead_department(session, district.id).name.of(language)
    changed_at = datetime.fromtimestamp((DISTRICTS / f"{district.code}.reports.yaml").stat().st_mtime, UTC)
    said = shaping.discovery(language, lead, settings.address, changed_at, is_test=settings.demo)
    return answer(request, "discovery", said)


@router.get("/services")
@router.get("/services.xml")
@router.get("/services.json")
def list_services(request: Request) -> Response:
    """What can be reported: the categories that the public sees."""
    _open(request)
    language = language_of(request)
    return answer(request, "services", [shaping.service(one, language) for one in public_categories(report_rules())])


@router.get("/services/{code}")
def define_service(request: Request, code: str) -> Response:
    """What else may be said with a report of one category."""
    _open(request)
    category = public_category(plain_id(code))
    said = shaping.definition(category, language_of(request), LONGEST_SPOT)
    return answer(request, "service_definition", said)


def public_category(code: str) -> Category:
    """The category of that code, where the public sees it. Raises `CategoryUnknown`."""
    category = report_rules().category(code)
    if category.is_private:
        raise CategoryUnknown(code=code[:60])
    return category


@router.get("/requests")
@router.get("/requests.xml")
@router.get("/requests.json")
def list_requests(request: Request) -> Response:
    """Reports by reference, or of a window of at most 90 days, at most 1,000 at once, the newest first."""
    district, names = _open(request), names_asked(request)
    if names:
        with database_of(request).reading() as session:
            found = named_requests(session, report_rules(), district_calendar(), district.id, names)
        return _answer(request, district, found)
    turn, window = turn_asked(request), window_asked(request, now_of(request))
    with database_of(request).reading() as session:
        found = public_requests(
            session, report_rules(), district_calendar(), district.id, window, turn.size + 1, turn.offset
        )
    return _answer(request, district, found[: turn.size], _link(request, turn) if len(found) > turn.size else "")


@router.get("/requests/{reference}")
def show_request(request: Request, reference: str) -> Response:
    """One report, in a list of one."""
    district = _open(request)
    with database_of(request).reading() as session:
        found = named_request(session, report_rules(), district_calendar(), district.id, plain_id(reference))
    return _answer(request, district, [found])


@router.get("/tokens/{token}")
def show_token(request: Request, token: str) -> Response:
    """The report behind a token. References are given at once, so each is its own token."""
    district = _open(request)
    with database_of(request).reading() as session:
        found = named_request(session, report_rules(), district_calendar(), district.id, plain_id(token))
    said = {"service_request_id": found.point.reference, "token": found.point.reference}
    return answer(request, "service_requests", [said])


def _open(request: Request) -> District:
    """Count the question; the district that it is about. Raises `TooOften`, `JurisdictionUnknown`, `NotFound`."""
    hold_back(request, Often.FEED)
    with database_of(request).reading() as session:
        return district_for(session, request.query_params)


def _answer(request: Request, district: District, found: list[PublicRequest], link: str = "") -> Response:
    language = language_of(request)
    name = district.name_zh if language == "zh" else district.name_en
    said = [shaping.request(one, name, language) for one in found]
    return answer(request, "service_requests", said, headers={"Link": link} if link else None)


def _link(request: Request, turn: Turned) -> str:
    """Where the next page is (RFC 8288)."""
    others = [(name, value) for name, value in request.query_params.multi_items() if name not in {"page", "page_size"}]
    query = urlencode([*others, ("page", turn.page + 1), ("page_size", turn.size)])
    return f'<{settings_of(request).address}{PREFIX}/requests.{format_of(request)}?{query}>; rel="next"'
