"""Absences and hats: when I am away and who stands in; acting for somebody who is away."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.portal.answering import PageRoute
from api.portal.guarding import Form, text_of
from api.portal.rendering import render
from api.portal.visiting import AtDesk, AtDoor, Desk, database_of, local_path, now_of
from models.deputy import AbsenceTimesWrong, NoSuchDeputy, appoint, cancel, whole_days
from models.errors import NotFound, RuleBroken
from models.hats import change_hat
from models.officer import Identity, get_officer, officer_by_email
from models.views.staff import absences_of, colleagues_of, duties_of
from models.words import N_

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ABSENCE_PAGE = "/account/absence"
DONE = {
    "appointed": N_("The absence is kept, and the deputy gets a letter."),
    "cancelled": N_("The absence is cancelled. From now on nobody stands in."),
}


@router.get(ABSENCE_PAGE)
def show_absence(request: Request, desk: AtDesk, done: str = "") -> Response:
    """When I am away, who stands in, and for whom I do."""
    return _page(request, desk, done=done)


@router.post(ABSENCE_PAGE)
def set_absence(request: Request, desk: AtDesk, form: Form) -> Response:
    """I am away from one day to another, both inclusive; this colleague stands in."""
    act = appointing(desk.who, desk.who.officer_id, form, now_of(request))
    try:
        database_of(request).write(act)
    except RuleBroken as broken:
        return _page(request, desk, broken, form)
    return RedirectResponse(f"{ABSENCE_PAGE}?done=appointed", 303)


@router.post(ABSENCE_PAGE + "/{absence_id}/cancel")
def cancel_absence(request: Request, desk: AtDesk, absence_id: UUID, form: Form) -> Response:  # noqa: ARG001 (the form's word is checked)
    """I am back, or do not leave."""
    try:
        database_of(request).write(lambda session: cancel(session, desk.who, absence_id, now_of(request)) and None)
    except RuleBroken as broken:
        return _page(request, desk, broken)
    return RedirectResponse(f"{ABSENCE_PAGE}?done=cancelled", 303)


@router.post("/hat")
def choose_hat(request: Request, desk: AtDoor, form: Form) -> Response:
    """From now on act for that absent officer; without one, in the own name."""
    chosen = text_of(form, "officer")
    officer_id = id_of(chosen) if chosen else None
    database_of(request).write(change_hat, desk.own, desk.credential_id, officer_id, now_of(request))
    return RedirectResponse(local_path(text_of(form, "next") or "/"), 303)


def appointing(who: Identity, officer_id: UUID, form: FormData, at: datetime) -> Callable[[Session], None]:
    """The command that a form for an absence asks for: two days, and a colleague or somebody's e-mail address."""
    first, last = text_of(form, "first"), text_of(form, "last")
    chosen, email = text_of(form, "deputy"), text_of(form, "deputy_email")

    def command(session: Session) -> None:
        try:
            starts_at, ends_at = whole_days(date.fromisoformat(first), date.fromisoformat(last))
        except (ValueError, OverflowError):
            raise AbsenceTimesWrong() from None
        try:
            deputy_id = officer_by_email(session, email).id if email else id_of(chosen)
        except NotFound:
            raise NoSuchDeputy() from None
        appoint(session, who, officer_id, deputy_id, starts_at, ends_at, at)

    return command


def id_of(text: str) -> UUID:
    """An identifier that a form sent. Raises `NotFound`."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound() from None


def typed(form: FormData | None, names: tuple[str, ...]) -> dict[str, str]:
    """What was typed, to be shown again."""
    return {name: text_of(form, name) if form is not None else "" for name in names}


def _page(
    request: Request, desk: Desk, broken: RuleBroken | None = None, form: FormData | None = None, done: str = ""
) -> Response:
    at = now_of(request)
    with database_of(request).reading() as session:
        officer = get_officer(session, desk.who.officer_id)
        shown: dict[str, Any] = {
            "mine": absences_of(session, officer.id, at),
            "duties": duties_of(session, officer.id, at),
            "colleagues": colleagues_of(session, officer),
        }
    status, said = (broken.status, broken.said) if broken else (200, None)
    was = typed(form, ("first", "last", "deputy", "deputy_email"))
    return render(request, desk, "pages/account_absence", status, said=said, was=was, done=DONE.get(done, ""), **shown)
