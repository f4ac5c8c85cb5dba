"""Me: enrol, show the meeting number, withdraw, take a code, join squads and shifts, step down."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.addresses import client_of
from api.phone.visiting import AnyHolder, Holder, PhoneRoute, PhonesForm, district_in, ensure, show, with_cookie
from api.portal import people_looks
from api.portal.guarding import text_of
from api.portal.visiting import database_of, now_of, settings_of, vault_of
from api.rate_limits import Often, hold_back
from models.authority.sessions import network_of
from models.errors import NotFound, RuleBroken
from models.filing.ruling import platforms
from models.people import codes, enrolment, members, squads
from models.people.consent import current_consent
from models.people.enrolment import Asked
from models.phone import PhoneIdentity, phones_of
from models.views.people import my_page
from models.views.report_lists import communities_of
from models.words import N_

router = APIRouter(route_class=PhoneRoute, include_in_schema=False)
TYPED = ("name", "phone", "platform", "community")
DONE: dict[str, str] = {
    "ask": N_("Asked. Now show the meeting number to a worker of the community."),
    "withdraw": N_("Withdrawn. What stood on it has ended."),
    "resign": N_("You have stepped down."),
    "join": N_("You belong to the squad."),
    "leave": N_("You have left the squad."),
    "sign-up": N_("You have a place on the shift."),
    "sign-out": N_("You have given the place back."),
    "sign-off": N_("That phone is signed off."),
    "again": N_("This phone knows you again."),
}


@router.get("/m/me")
def show_me(request: Request, holder: AnyHolder, done: str = "") -> Response:
    """The rider's own page."""
    return _show(request, holder, done=done)


def _show(
    request: Request,
    holder: Holder,
    broken: RuleBroken | None = None,
    typed: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    at = now_of(request)
    with database_of(request).reading() as session:
        phone = holder.phone
        shown: dict[str, Any] = {
            "mine": my_page(session, vault_of(request), phone.phone_id, phone.rider_id, at) if phone else None,
            "phones": phones_of(session, phone.rider_id) if phone and phone.rider_id else (),
            "communities": communities_of(session, district_in(session).id),
        }
    shown |= {
        "consent": current_consent(),
        "platforms": platforms(),
        "was": dict.fromkeys(TYPED, "") | (typed or {}),
        "looks": people_looks,
        "holder": holder,
        "done": DONE.get(done, ""),
        "said": broken.said if broken else None,
    }
    return show(request, holder, "me", broken.status if broken else 200, **shown)


Act = Callable[[Session, Request, PhoneIdentity, FormData, datetime], object]


def _ask(session: Session, request: Request, phone: PhoneIdentity, form: FormData, at: datetime) -> object:
    asked = Asked(
        text_of(form, "name"),
        text_of(form, "phone"),
        text_of(form, "platform"),
        _id(text_of(form, "community")),
        text_of(form, "consent"),
        text_of(form, "agreed") == "yes",
    )
    return enrolment.ask(session, vault_of(request), phone, asked, at)


def _by_id(act: Callable[[Session, PhoneIdentity, UUID, datetime], object]) -> Act:
    def do(session: Session, request: Request, phone: PhoneIdentity, form: FormData, at: datetime) -> object:  # noqa: ARG001 - one shape for all acts
        chosen = _id(text_of(form, "id"))
        if chosen is None:
            raise NotFound()
        return act(session, phone, chosen, at)

    return do


def _resign(session: Session, request: Request, phone: PhoneIdentity, form: FormData, at: datetime) -> object:  # noqa: ARG001 - one shape for all acts
    return members.resign(session, phone, text_of(form, "id"), at)


ACTS: dict[str, Act] = {
    "ask": _ask,
    "withdraw": _by_id(enrolment.withdraw),
    "resign": _resign,
    "join": _by_id(squads.join_squad),
    "leave": _by_id(squads.leave_squad),
    "sign-up": _by_id(squads.sign_up),
    "sign-out": _by_id(squads.sign_out),
    "sign-off": _by_id(codes.sign_off),
}


@router.post("/m/me/code")
def make_code(request: Request, holder: AnyHolder, form: PhonesForm) -> Response:  # noqa: ARG001 (the form's word is checked)
    """A new personal code, shown this once. Raises `NotKnownHere`."""
    at, vault = now_of(request), vault_of(request)
    code = database_of(request).write(
        lambda session: codes.make_code(session, vault, ensure(session, holder, request), at)
    )
    return show(request, holder, "code", code=code)


@router.post("/m/me/{act}")
def do(request: Request, holder: AnyHolder, form: PhonesForm, act: str) -> Response:
    """Do one act; what is refused stands on the page. Raises `NotFound`."""
    if act not in ACTS:
        raise NotFound()
    if act == "ask":
        hold_back(request, Often.ENROL_FROM)
    at = now_of(request)
    try:
        database_of(request).write(
            lambda session: ACTS[act](session, request, ensure(session, holder, request), form, at) and None
        )
    except RuleBroken as broken:
        return _show(request, holder, broken, {name: text_of(form, name) for name in TYPED})
    return with_cookie(request, holder, RedirectResponse(f"/m/me?done={act}", 303))


@router.get("/m/again")
def show_again(request: Request, holder: AnyHolder) -> Response:
    """Where a known rider makes another phone theirs."""
    return show(request, holder, "again", said=None, number="")


@router.post("/m/again")
def join_again(request: Request, holder: AnyHolder, form: PhonesForm) -> Response:
    """Number and code. A try is counted before it is known whether it is right."""
    vault, at, number = vault_of(request), now_of(request), text_of(form, "phone")
    write, network = database_of(request).write, network_of(client_of(request))
    try:
        purses = write(codes.open_purses, vault, number, network, at)
        code = text_of(form, "code")
        write(lambda session: codes.join(session, vault, ensure(session, holder, request), number, code, purses, at))
    except RuleBroken as broken:
        return show(request, holder, "again", broken.status, said=broken.said, number=number)
    return with_cookie(request, holder, RedirectResponse("/m/me?done=again", 303))


@router.get("/m/appointments/{number}")
def show_letter(request: Request, holder: AnyHolder, number: str) -> Response:
    """The rider's letter of appointment, to print. Raises `NotFound`."""
    if holder.rider_id is None:
        raise NotFound()
    with database_of(request).reading() as session:
        letter = members.appointment_of(session, vault_of(request), holder.rider_id, number, now_of(request))
    address = f"{settings_of(request).address}/check/appointment/{letter.check}"
    return show(request, holder, "appointment", letter=letter, address=address)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
