"""A report on one page: photos, place, way, and what this officer may do now."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api import pictures
from api.portal import report_looks
from api.portal.answering import PageRoute
from api.portal.rendering import render
from api.portal.reporting import points
from api.portal.visiting import AtDesk, Desk, database_of, now_of, settings_of, vault_of
from models.errors import RuleBroken
from models.report.categories import report_rules
from models.views.report_states import SATISFACTIONS
from models.views.report_view import photo_for, report_row, report_view
from templates.pages import words_in

router = APIRouter(route_class=PageRoute, include_in_schema=False)

# The acts that have a form of their own on the page, and what lets it stand there.
FORMS: dict[str, tuple[str, ...]] = {
    "file": ("triage",),
    "decline": ("triage", "confirm_deed"),
    "confirm": ("confirm_deed",),
    "dispatch": ("dispatch",),
    "take_up": ("take_up",),
    "answer": ("answer",),
    "give_back": ("give_back",),
    "park": ("park",),
    "parking": ("decide_parking",),
    "close": ("check",),
    "send_back": ("check",),
}


@router.get("/reports/{reference}")
def show_report(request: Request, desk: AtDesk, reference: str, done: str = "") -> Response:
    """The report. Raises `NotFound`."""
    return show(request, desk, reference, done=done)


def show(
    request: Request,
    desk: Desk,
    reference: str,
    broken: RuleBroken | None = None,
    typed: dict[str, Any] | None = None,
    done: str = "",
) -> Response:
    """The page, with why an act was refused and what was typed into its form."""
    at = now_of(request)
    with database_of(request).reading() as session:
        report = report_view(session, vault_of(request), report_rules(), desk.who, reference, at)
    words = words_in(desk.language)
    satisfied = {one.value: str(words.gettext(word)) for one, word in SATISFACTIONS.items()}
    said = [(one, report_looks.step_said(one, desk.language, satisfied)) for one in report.steps]
    sent = {"act": "", "words": ""} | (typed or {})
    shown = {
        "report": report,
        "steps": said,
        "looks": report_looks,
        "rules": report_rules(),
        "broken": broken,
        "typed": sent,
        "is_at_form": any(getattr(report.may, name) for name in FORMS.get(sent["act"], ())),
        "done": report_looks.DONE.get(done, ""),
        "tiles": settings_of(request).map_tiles,
    }
    return render(request, desk, "pages/report", broken.status if broken else 200, **shown)


@router.get("/reports/{reference}/photos/{digest}")
def send_photo(request: Request, desk: AtDesk, reference: str, digest: str) -> Response:
    """A photo or its thumbnail, for those who may read the report. Raises `NotFound`."""
    with database_of(request).reading() as session:
        found = photo_for(session, desk.who, reference, digest)
    return jpeg(pictures.picture(request, found))


@router.get("/reports/{reference}/point")
def send_point(request: Request, desk: AtDesk, reference: str) -> Response:
    """Where the report is, as GeoJSON. Raises `NotFound`."""
    at = now_of(request)
    with database_of(request).reading() as session:
        row = report_row(session, report_rules(), desk.who, reference, at)
    return JSONResponse(points([row], desk.language), media_type="application/geo+json")


def jpeg(content: bytes, keep: str = "no-store") -> Response:
    """A picture. `keep`: what the browser may keep; an officer's, at which others sit, nothing."""
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": keep})
