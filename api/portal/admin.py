"""For those who look after people: organisations, deputies, and the log of what was done about them."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.portal.absences import id_of, typed
from api.portal.answering import PageRoute
from api.portal.guarding import Form, text_of
from api.portal.rendering import render
from api.portal.visiting import AtDesk, Desk, database_of, now_of
from models.deputy import cancel
from models.district import Organisation, get_organisation
from models.errors import RuleBroken
from models.protocol.schema import Party
from models.staff_act import staff_acts
from models.staffing import (
    OrganisationDraft,
    add_organisation,
    change_organisation,
    check_is_administrator,
    search_organisations,
)
from models.views.staff import absences_looked_after
from models.views.unreached import unreached_rows
from models.words import N_

router = APIRouter(prefix="/admin", route_class=PageRoute, include_in_schema=False)

FIELDS = ("code", "party", "name_zh", "name_en", "parent", "function")
DONE = {
    "added": N_("The organisation is added. Invite its officers next."),
    "changed": N_("The organisation is changed. Open consultations keep the seats that they opened with."),
    "cancelled": N_("The absence is cancelled. From now on nobody stands in."),
}


@router.get("")
def show_first(desk: AtDesk) -> Response:
    """Where this officer begins: the administrator with organisations, a manager with officers."""
    return RedirectResponse("/admin/organisations" if desk.is_administrator else "/admin/officers", 303)


@router.get("/organisations")
def list_organisations(request: Request, desk: AtDesk, q: str = "", done: str = "") -> Response:
    """The district's organisations, or those whose name or code has `q`. Raises `NotAllowed`, `TakeHatOff`."""
    check_is_administrator(desk.who)
    with database_of(request).reading() as session:
        rows = search_organisations(session, q)
        names = {one.id: one.name for one in search_organisations(session)}
    shown = {"rows": rows, "names": names, "q": q, "done": DONE.get(done, "")}
    return render(request, desk, "pages/admin_organisations", **shown)


@router.get("/organisations/new")
def show_new_organisation(request: Request, desk: AtDesk) -> Response:
    """The form for an organisation. Raises `NotAllowed`, `TakeHatOff`."""
    return _organisation_page(request, desk, None, typed(None, FIELDS))


@router.post("/organisations")
def add(request: Request, desk: AtDesk, form: Form) -> Response:
    """Add an organisation."""
    code, at = text_of(form, "code"), now_of(request)
    try:
        party = _party(text_of(form, "party"))
        database_of(request).write(
            lambda session: add_organisation(session, desk.who, code, party, _draft(form), at) and None
        )
    except RuleBroken as broken:
        return _organisation_page(request, desk, None, typed(form, FIELDS), broken)
    return RedirectResponse("/admin/organisations?done=added", 303)


@router.get("/organisations/{organisation_id}")
def show_organisation(request: Request, desk: AtDesk, organisation_id: UUID) -> Response:
    """The form for what can be changed about an organisation. Raises `NotFound`, `NotAllowed`, `TakeHatOff`."""
    check_is_administrator(desk.who)
    with database_of(request).reading() as session:
        found = get_organisation(session, organisation_id)
    return _organisation_page(request, desk, found, _was(found))


@router.post("/organisations/{organisation_id}")
def change(request: Request, desk: AtDesk, organisation_id: UUID, form: Form) -> Response:
    """Rename an organisation or put it elsewhere."""
    try:
        database_of(request).write(
            lambda session: (
                change_organisation(session, desk.who, organisation_id, _draft(form), now_of(request)) and None
            )
        )
    except RuleBroken as broken:
        with database_of(request).reading() as session:
            found = get_organisation(session, organisation_id)
        return _organisation_page(request, desk, found, _was(found) | typed(form, FIELDS[2:]), broken)
    return RedirectResponse("/admin/organisations?done=changed", 303)


@router.get("/deputies")
def list_deputies(request: Request, desk: AtDesk, done: str = "") -> Response:
    """Who is away now or soon, and who stands in. Raises `NotAllowed`, `TakeHatOff`."""
    return _deputies_page(request, desk, done=DONE.get(done, ""))


@router.post("/deputies/{absence_id}/cancel")
def cancel_absence(request: Request, desk: AtDesk, absence_id: UUID, form: Form) -> Response:  # noqa: ARG001 (the form's word is checked)
    """The officer is back."""
    try:
        database_of(request).write(lambda session: cancel(session, desk.who, absence_id, now_of(request)) and None)
    except RuleBroken as broken:
        return _deputies_page(request, desk, broken)
    return RedirectResponse("/admin/deputies?done=cancelled", 303)


@router.get("/unreached")
def list_unreached(request: Request, desk: AtDesk) -> Response:
    """Organisations in which nobody can be reached. Raises `NotAllowed`, `TakeHatOff`."""
    with database_of(request).reading() as session:
        rows = unreached_rows(session, desk.who, now_of(request))
    return render(request, desk, "pages/admin_unreached", rows=rows)


@router.get("/log")
def show_log(request: Request, desk: AtDesk, before: UUID | None = None) -> Response:
    """What was done about people, the newest first. Raises `NotAllowed`, `TakeHatOff`."""
    with database_of(request).reading() as session:
        page = staff_acts(session, desk.who, before)
    return render(request, desk, "pages/admin_log", page=page, before=before)


def _deputies_page(request: Request, desk: Desk, broken: RuleBroken | None = None, done: str = "") -> Response:
    with database_of(request).reading() as session:
        rows = absences_looked_after(session, desk.who, now_of(request))
    status, said = (broken.status, broken.said) if broken else (200, None)
    return render(request, desk, "pages/admin_deputies", status, rows=rows, said=said, done=done)


def _organisation_page(
    request: Request,
    desk: Desk,
    organisation: Organisation | None,
    was: dict[str, str],
    broken: RuleBroken | None = None,
) -> Response:
    check_is_administrator(desk.who)
    with database_of(request).reading() as session:
        others = [one for one in search_organisations(session) if organisation is None or one.id != organisation.id]
    status, said = (broken.status, broken.said) if broken else (200, None)
    shown: dict[str, Any] = {"organisation": organisation, "others": others, "was": was, "said": said}
    return render(request, desk, "pages/admin_organisation", status, **shown)


def _was(found: Organisation) -> dict[str, str]:
    return {
        "code": found.code,
        "party": found.party.value,
        "name_zh": found.name_zh,
        "name_en": found.name_en,
        "parent": str(found.parent_id or ""),
        "function": found.function or "",
    }


def _draft(form: FormData) -> OrganisationDraft:
    parent = text_of(form, "parent")
    return OrganisationDraft(
        text_of(form, "name_zh"),
        text_of(form, "name_en"),
        id_of(parent) if parent else None,
        text_of(form, "function") or None,
    )


class PartyMissing(RuleBroken):
    """An organisation belongs to one of the five."""

    sentence = N_("Choose to which of the five parties the organisation belongs. It cannot be changed later.")
    status = 422


def _party(text: str) -> Party:
    try:
        return Party(text)
    except ValueError:
        raise PartyMissing() from None
