"""For those who look after people: officers, their accounts, and what a leaving one hands over."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.portal.absences import appointing, id_of, typed
from api.portal.answering import PageRoute
from api.portal.guarding import Form, text_of
from api.portal.rendering import render
from api.portal.visiting import AtDesk, Desk, database_of, now_of, vault_of
from models.crypto import Vault
from models.errors import NotFound, RuleBroken
from models.leaving import HandedOver, deactivate, hand_over, in_hand
from models.officer import Identity, Role
from models.staff_act import check_may_manage
from models.staffing import (
    OfficerDraft,
    change_officer,
    invite,
    managed,
    reactivate,
    reset_second_factor,
    search_organisations,
    send_account_link,
)
from models.views.staff import OfficerFilters, absences_of, colleagues_of, officer_row, officers_listed
from models.words import N_

router = APIRouter(prefix="/admin/officers", route_class=PageRoute, include_in_schema=False)

FIELDS = ("name", "email", "organisation", "role", "language", "is_administrator")
AWAY = ("first", "last", "deputy", "deputy_email")
DONE = {
    "invited": N_("The officer is invited: a letter with a link for the password is on its way."),
    "changed": N_("Changed."),
    "link": N_("A letter with a link for a new password is on its way."),
    "second-factor": N_("The second factor is removed. The officer sets up a new one after the next log-in."),
    "deactivate": N_("The account is closed and every session has ended."),
    "reactivate": N_("The account is open again: a letter with a link for the password is on its way."),
    "absence": N_("The absence is kept, and the deputy gets a letter."),
}

Act = Callable[[Session, Identity, Vault, UUID, datetime], object]
ACTS: dict[str, Act] = {
    "link": send_account_link,
    "reactivate": reactivate,
    "second-factor": lambda session, who, _, officer_id, at: reset_second_factor(session, who, officer_id, at),
    "deactivate": lambda session, who, _, officer_id, at: deactivate(session, who, officer_id, at),
}


@router.get("")
def list_officers(
    request: Request,
    desk: AtDesk,
    q: str = "",
    organisation: UUID | None = None,
    left: bool = False,  # noqa: FBT002 (a query's word)
    after: UUID | None = None,
) -> Response:
    """The officers whom I look after. Raises `NotAllowed`, `TakeHatOff`."""
    filters = OfficerFilters(q, organisation, left)
    with database_of(request).reading() as session:
        page = officers_listed(session, desk.who, filters, now_of(request), after)
    return render(request, desk, "pages/admin_officers", page=page, filters=filters, after=after)


@router.get("/new")
def show_new(request: Request, desk: AtDesk, organisation: str = "") -> Response:
    """The form for an invitation. Raises `NotAllowed`, `TakeHatOff`."""
    was = typed(None, FIELDS) | {"organisation": organisation, "role": "officer", "language": "zh"}
    return _new_page(request, desk, was)


@router.post("")
def invite_officer(request: Request, desk: AtDesk, form: Form) -> Response:
    """Invite an officer by e-mail."""
    at, vault = now_of(request), vault_of(request)

    def command(session: Session) -> UUID:
        chosen = text_of(form, "organisation") if desk.is_administrator else str(desk.who.organisation_id)
        return invite(session, desk.who, vault, id_of(chosen), text_of(form, "email"), _draft(form), at).id

    try:
        officer_id = database_of(request).write(command)
    except RuleBroken as broken:
        return _new_page(request, desk, typed(form, FIELDS), broken)
    return RedirectResponse(f"/admin/officers/{officer_id}?done=invited", 303)


@router.get("/{officer_id}")
def show_officer(request: Request, desk: AtDesk, officer_id: UUID, done: str = "") -> Response:
    """An officer, what can be done, and what is in the officer's hands. Raises `NotFound`, `NotAllowed`, `TakeHatOff`."""
    return _page(request, desk, officer_id, done=DONE.get(done, ""))


@router.post("/{officer_id}")
def change(request: Request, desk: AtDesk, officer_id: UUID, form: Form) -> Response:
    """Another name, role or language."""
    try:
        database_of(request).write(
            lambda session: change_officer(session, desk.who, officer_id, _draft(form), now_of(request)) and None
        )
    except RuleBroken as broken:
        return _page(request, desk, officer_id, broken, typed(form, FIELDS))
    return RedirectResponse(f"/admin/officers/{officer_id}?done=changed", 303)


@router.post("/{officer_id}/absence")
def set_absence(request: Request, desk: AtDesk, officer_id: UUID, form: Form) -> Response:
    """The officer is away; this one stands in."""
    try:
        database_of(request).write(appointing(desk.who, officer_id, form, now_of(request)))
    except RuleBroken as broken:
        return _page(request, desk, officer_id, broken, typed(form, AWAY))
    return RedirectResponse(f"/admin/officers/{officer_id}?done=absence", 303)


@router.post("/{officer_id}/hand-over")
def hand_all_over(request: Request, desk: AtDesk, officer_id: UUID, form: Form) -> Response:
    """Put what the officer has in hand into a colleague's, and list what was and was not possible."""
    try:
        done = database_of(request).write(
            lambda session: hand_over(session, desk.who, officer_id, id_of(text_of(form, "successor")), now_of(request))
        )
    except RuleBroken as broken:
        return _page(request, desk, officer_id, broken)
    return _page(request, desk, officer_id, handed=done)


@router.post("/{officer_id}/{act}")
def act_on(request: Request, desk: AtDesk, officer_id: UUID, act: str, form: Form) -> Response:  # noqa: ARG001 (the form's word is checked)
    """Send a link, remove the second factor, close the account, open it again."""
    if act not in ACTS:
        raise NotFound()
    command, vault, at = ACTS[act], vault_of(request), now_of(request)
    try:
        database_of(request).write(lambda session: command(session, desk.who, vault, officer_id, at) and None)
    except RuleBroken as broken:
        return _page(request, desk, officer_id, broken)
    return RedirectResponse(f"/admin/officers/{officer_id}?done={act}", 303)


def _draft(form: FormData) -> OfficerDraft:
    role = text_of(form, "role")
    return OfficerDraft(
        text_of(form, "name"),
        Role(role) if role in set(Role) else Role.OFFICER,
        text_of(form, "language"),
        is_administrator=bool(text_of(form, "is_administrator")),
    )


def _new_page(request: Request, desk: Desk, was: dict[str, str], broken: RuleBroken | None = None) -> Response:
    check_may_manage(desk.who, desk.who.organisation_id)
    with database_of(request).reading() as session:
        organisations = search_organisations(session) if desk.is_administrator else []
    status, said = (broken.status, broken.said) if broken else (200, None)
    shown = {"was": was, "organisations": organisations, "said": said, "roles": list(Role)}
    return render(request, desk, "pages/admin_invite", status, **shown)


def _page(
    request: Request,
    desk: Desk,
    officer_id: UUID,
    broken: RuleBroken | None = None,
    was: dict[str, str] | None = None,
    done: str = "",
    handed: Sequence[HandedOver] | None = None,
) -> Response:
    at = now_of(request)
    with database_of(request).reading() as session:
        officer = managed(session, desk.who, officer_id, is_read=True)
        row = officer_row(session, officer, at)
        shown: dict[str, Any] = {
            "row": row,
            "held": in_hand(session, officer_id, at),
            "absences": absences_of(session, officer_id, at),
            "colleagues": colleagues_of(session, officer),
        }
    kept = {
        "name": row.name,
        "role": row.role.value,
        "language": row.language,
        "is_administrator": "1" if row.is_administrator else "",
    }
    status, said = (broken.status, broken.said) if broken else (200, None)
    shown |= {"was": typed(None, AWAY) | kept | (was or {}), "said": said, "done": done, "handed": handed}
    return render(request, desk, "pages/admin_officer", status, roles=list(Role), **shown)
