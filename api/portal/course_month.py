"""Courses and services for everybody: the month by community, without people; and the notice that hosts print."""

from datetime import date
from urllib.parse import urlencode
from uuid import UUID

import segno
from fastapi import APIRouter, Request, Response

from api.portal import course_looks
from api.portal.answering import PageRoute
from api.portal.rendering import render
from api.portal.visiting import AnyVisitor, AtDesk, database_of, now_of, settings_of, vault_of
from models.clock import local_date
from models.district import only_district
from models.errors import NotFound
from models.training.ruling import training_rules
from models.views.certificates import checked_certificate
from models.views.course_rows import EventFilter, communities_with_sites
from models.views.courses import event_notice, month_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)
YEARS = 5  # before and after the present that a month may be asked for


@router.get("/courses")
def show_month(
    request: Request, visitor: AnyVisitor, month: str = "", community: str = "", topic: str = ""
) -> Response:
    """A month as a calendar, on the phone as a list. `month`: such as `2026-12`; anything else is the present one."""
    rules, today = training_rules(), local_date(now_of(request))
    with database_of(request).reading() as session:
        district = only_district(session)
        if district is None:
            raise NotFound()
        sites = communities_with_sites(session, district.id)
        ground = next((one for one in sites if one.code == community), None)
        narrowed = EventFilter(topic if topic in rules.by_topic else "", ground.code if ground else "")
        shown = month_of(session, rules, district.id, _first_of(month, today), narrowed)
    around = {"community": narrowed.community, "topic": narrowed.topic}
    return render(
        request,
        visitor,
        "pages/courses_month",
        month=shown,
        ground=ground,
        narrowed=narrowed,
        communities=sites,
        rules=rules,
        looks=course_looks,
        today=today,
        before=_address(shown.before, around),
        after=_address(shown.after, around),
        feed=f"{settings_of(request).address}/calendars/communities/{ground.code}.ics" if ground else "",
    )


def _first_of(month: str, today: date) -> date:
    """The first day of the month that is asked for, or of the present one."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        return today.replace(day=1)
    return first if abs(first.year - today.year) <= YEARS else today.replace(day=1)


def _address(first: date, around: dict[str, str]) -> str:
    asked = {"month": f"{first:%Y-%m}"} | {name: value for name, value in around.items() if value}
    return f"/courses?{urlencode(asked)}"


@router.get("/courses/{event_id}/notice")
def show_notice(request: Request, desk: AtDesk, event_id: UUID) -> Response:
    """What hosts hang out before the session, and on the wall when it begins. Raises `NotFound`."""
    with database_of(request).reading() as session:
        notice = event_notice(session, vault_of(request), training_rules(), desk.who, event_id, now_of(request))
    address = f"{settings_of(request).address}/m/courses/{event_id}"
    wall = f"{address}?{urlencode({'code': notice.code})}" if notice.code else ""
    return render(
        request,
        desk,
        "pages/course_notice",
        notice=notice,
        row=notice.row,
        looks=course_looks,
        address=address,
        picture=drawn(address),
        wall=drawn(wall) if wall else "",
    )


@router.get("/check/certificate/{word}")
def check_certificate(request: Request, visitor: AnyVisitor, word: str) -> Response:
    """What anybody may know who holds the certificate. Raises `NotFound`."""
    with database_of(request).reading() as session:
        one = checked_certificate(session, vault_of(request), word)
    return render(request, visitor, "pages/certificate_check", one=one)


def drawn(text: str) -> str:
    """A QR code as a data address, dark on light whatever the page's colours."""
    return segno.make(text, error="m").svg_data_uri(scale=6, border=3, light="#fff")
