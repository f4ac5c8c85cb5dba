"""Riders in the portal: the community confirms, declines, ends, appoints; street and district read counts."""

from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import segno
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.portal import people_looks
from api.portal.answering import PageRoute
from api.portal.guarding import Form, text_of, texts_of
from api.portal.rendering import render
from api.portal.visiting import AnyVisitor, AtDesk, Desk, database_of, now_of, settings_of, vault_of
from models.clock import local_date
from models.district import compounds_in_community
from models.errors import NotFound, RuleBroken
from models.people import codes, enrolment, members
from models.people.tables import EnrolmentStatus
from models.protocol.schema import Party
from models.views import people as views
from models.words import N_

router = APIRouter(route_class=PageRoute, include_in_schema=False)
LISTS: dict[str, str] = {
    "asked": N_("To meet"),
    "confirmed": N_("Enrolled"),
    "members": N_("Grid members"),
    "squads": N_("Squads"),
}
TYPED = ("about", "act", "meeting", "starts_on", "ends_on", "area")
DONE: dict[str, str] = {
    "confirm": N_("Confirmed. The phone is the rider's from now on."),
    "decline": N_("Declined. The asker reads why."),
    "end": N_("Ended. The rider reads why."),
    "appoint": N_("Appointed. The letter can be printed."),
    "dismiss": N_("The appointment has ended."),
    "squad": N_("The squad is made; riders join it on their phones."),
    "lead": N_("The squad has its leader."),
    "out": N_("The rider is out of the squad."),
    "plan": N_("The shift is on the rota."),
    "cancel": N_("The shift is cancelled."),
    "came": N_("Written down who came."),
}


@router.get("/people")
def show_people(request: Request, desk: AtDesk, done: str = "") -> Response:
    """The lists of a community, or the counts of those above. Raises `NotAllowed`."""
    return show(request, desk, request.query_params.get("list", ""), done=done)


def show(
    request: Request,
    desk: Desk,
    which: str,
    broken: RuleBroken | None = None,
    typed: dict[str, Any] | None = None,
    done: str = "",
    **extra: object,
) -> Response:
    """The page, with why an act was refused and what was typed into its form."""
    views.check_sees_people(desk.who)
    at, who = now_of(request), desk.who
    which = which if which in LISTS else "asked"
    with database_of(request).reading() as session:
        if who.party is not Party.COMMUNITY:
            return render(request, desk, "pages/people_counts", counts=views.counts(session, who, at))
        shown = _listed(session, request, desk, which, at) | {
            "figures": views.counts(session, who, at)[0],
            "compounds": compounds_in_community(session, who.organisation_id),
        }
    shown |= {"which": which, "lists": LISTS, "looks": people_looks, "today": local_date(at)}
    shown |= {"until": members.a_year_from(local_date(at)), "done": DONE.get(done, "")}
    shown |= {"broken": broken, "typed": dict.fromkeys(TYPED, "") | (typed or {}), "opened": None, "code": None}
    return render(request, desk, "pages/people", broken.status if broken else 200, **(shown | extra))


def _listed(session: Session, request: Request, desk: Desk, which: str, at: datetime) -> dict[str, Any]:
    vault, who = vault_of(request), desk.who
    rows: dict[str, Any] = {"enrolments": (), "members": (), "squads": ()}
    if which in {"asked", "confirmed"}:
        rows["enrolments"] = views.enrolment_rows(session, vault, who, EnrolmentStatus(which), at).rows
    elif which == "members":
        rows["members"] = views.member_rows(session, vault, who, at).rows
    else:
        rows["squads"] = views.squad_rows(session, vault, who.organisation_id, None, at)
    return rows


Act = Callable[[Session, Request, Desk, UUID, FormData], object]


def _confirm(session: Session, request: Request, desk: Desk, enrolment_id: UUID, form: FormData) -> object:
    is_same = {"yes": True, "no": False}.get(text_of(form, "same"))
    meeting, at = text_of(form, "meeting").replace(" ", ""), now_of(request)
    return enrolment.confirm(session, vault_of(request), desk.who, enrolment_id, meeting, is_same, at)


def _decline(session: Session, request: Request, desk: Desk, enrolment_id: UUID, form: FormData) -> object:
    words, at = text_of(form, "words"), now_of(request)
    return enrolment.decline(session, vault_of(request), desk.who, enrolment_id, words, at)


def _end(session: Session, request: Request, desk: Desk, enrolment_id: UUID, form: FormData) -> object:
    words, at = text_of(form, "words"), now_of(request)
    return enrolment.end(session, vault_of(request), desk.who, enrolment_id, words, at)


def _appoint(session: Session, request: Request, desk: Desk, enrolment_id: UUID, form: FormData) -> object:
    chosen = [UUID(one) for one in texts_of(form, "compounds") if _is_id(one)]
    starts_on, ends_on = _day(text_of(form, "starts_on")), _day(text_of(form, "ends_on"))
    term = members.Term(starts_on, ends_on, chosen, text_of(form, "area"))
    return members.appoint(session, desk.who, enrolment_id, term, now_of(request))


ACTS: dict[str, tuple[str, Act]] = {
    "confirm": ("asked", _confirm),
    "decline": ("asked", _decline),
    "end": ("confirmed", _end),
    "appoint": ("confirmed", _appoint),
}


@router.post("/people/members/{number}/end")
def dismiss(request: Request, desk: AtDesk, form: Form, number: str) -> Response:
    """End an appointment with a reason."""
    words, vault, at = text_of(form, "words"), vault_of(request), now_of(request)
    try:
        database_of(request).write(members.dismiss, vault, desk.who, number, words, at)
    except NotFound:
        raise
    except RuleBroken as broken:
        return show(request, desk, "members", broken, {"about": number})
    return RedirectResponse("/people?list=members&done=dismiss", 303)


@router.get("/people/members/{number}")
def show_letter(request: Request, desk: AtDesk, number: str) -> Response:
    """The letter of appointment, to print. Raises `NotFound`."""
    with database_of(request).reading() as session:
        letter = members.appointment_for(session, vault_of(request), desk.who, number, now_of(request))
    address = f"{settings_of(request).address}/check/appointment/{letter.check}"
    return render(request, desk, "pages/people_letter", letter=letter, address=address)


@router.post("/people/{enrolment_id}/identity")
def open_identity(request: Request, desk: AtDesk, form: Form, enrolment_id: UUID) -> Response:  # noqa: ARG001 (the form's word is checked)
    """The whole name and number, shown once and written down. Raises `NotFound`."""
    vault, at = vault_of(request), now_of(request)
    opened = database_of(request).write(enrolment.open_identity, vault, desk.who, enrolment_id, at)
    return show(request, desk, request.query_params.get("list", ""), typed={"about": str(enrolment_id)}, opened=opened)


@router.post("/people/{enrolment_id}/code")
def issue_code(request: Request, desk: AtDesk, form: Form, enrolment_id: UUID) -> Response:  # noqa: ARG001 (the form's word is checked)
    """A one-time code for the rider who stands here, shown once. Raises `NotFound`."""
    vault, at = vault_of(request), now_of(request)
    code = database_of(request).write(codes.issue_code, vault, desk.who, enrolment_id, at)
    return show(request, desk, "confirmed", typed={"about": str(enrolment_id)}, code=code)


@router.post("/people/{enrolment_id}/{act}")
def do(request: Request, desk: AtDesk, form: Form, enrolment_id: UUID, act: str) -> Response:
    """Do one act; what is refused stands on the page with what was typed. Raises `NotFound`."""
    if act not in ACTS:
        raise NotFound()
    which, acting = ACTS[act]
    try:
        database_of(request).write(lambda session: acting(session, request, desk, enrolment_id, form) and None)
    except NotFound:
        raise
    except RuleBroken as broken:
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
        return show(request, desk, which, broken, typed | {"about": str(enrolment_id), "act": act})
    going_to = "members" if act == "appoint" else which
    return RedirectResponse(f"/people?list={going_to}&done={act}", 303)


@router.get("/check/appointment/{word}")
def check_appointment(request: Request, visitor: AnyVisitor, word: str) -> Response:
    """What anybody may know who holds the letter. Raises `NotFound`."""
    with database_of(request).reading() as session:
        letter = members.appointment_by_check(session, vault_of(request), word, now_of(request))
    return render(request, visitor, "pages/people_check", letter=letter)


@router.get("/check/appointment/{word}/code.svg")
def draw_code(request: Request, word: str) -> Response:
    """The QR code of a check page. Raises `NotFound`."""
    with database_of(request).reading() as session:
        members.appointment_by_check(session, vault_of(request), word, now_of(request))
    drawn = BytesIO()
    address = f"{settings_of(request).address}/check/appointment/{word}"
    segno.make(address, error="m").save(drawn, kind="svg", scale=4, border=2)
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "private, max-age=3600"})


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
