"""Resolutions to read and print, and the public page behind their QR code."""

from io import BytesIO

import segno
from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.portal.answering import PageRoute
from api.portal.rendering import render
from api.portal.visiting import AnyVisitor, AtDesk, database_of, settings_of
from models.errors import NotFound
from models.matter import visible
from models.officer import Identity
from models.resolution import Resolution, by_check
from models.views.check import check_view

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/resolutions/{number}")
def show_resolution(request: Request, desk: AtDesk, number: str) -> Response:
    """A resolution as it is printed."""
    with database_of(request).reading() as session:
        resolution = _find(session, desk.who, number)
        view = check_view(session, resolution.check)
    shown = {"address": f"{settings_of(request).address}/check/{resolution.check}", "left_out": left_out(resolution)}
    return render(request, desk, "print/resolution", resolution=resolution, view=view, body=resolution.body, **shown)


def left_out(resolution: Resolution) -> list[tuple[int, dict[str, str]]]:
    """The lines that parties excepted, by number; those that the filer took out need no reason here."""
    lines: dict[str, dict[str, str]] = resolution.body["lines_out"]
    return sorted((int(line), why) for line, why in lines.items() if why["reason"])


def _find(session: Session, who: Identity, number: str) -> Resolution:
    """The resolution of that number, where `who` may read its matter. Raises `NotFound`."""
    found = session.scalars(select(Resolution).where(Resolution.number == number)).first()
    if found is None:
        raise NotFound()
    visible(session, found.matter_id, who)
    return found


@router.get("/check/{word}")
def show_check(request: Request, visitor: AnyVisitor, word: str) -> Response:
    """What anybody may know who holds the printed code."""
    with database_of(request).reading() as session:
        view = check_view(session, word)
    return render(request, visitor, "pages/check", view=view)


@router.get("/check/{word}/code.svg")
def draw_code(request: Request, word: str) -> Response:
    """The QR code of a check page."""
    with database_of(request).reading() as session:
        if by_check(session, word) is None:
            raise NotFound()
    drawn = BytesIO()
    segno.make(f"{settings_of(request).address}/check/{word}", error="m").save(drawn, kind="svg", scale=4, border=2)
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "private, max-age=3600"})
