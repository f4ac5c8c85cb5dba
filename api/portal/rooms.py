"""Chat rooms of an organisation: add one, try it, switch it off and on."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from api.portal.absences import typed
from api.portal.answering import PageRoute
from api.portal.guarding import Form, text_of
from api.portal.rendering import render
from api.portal.visiting import AtDesk, Desk, database_of, now_of, settings_of, vault_of
from models.chat import ChatRoom
from models.chat_rooms import RoomDraft, add_room, organisation_of, rooms_of, switch, try_room
from models.district import get_organisation
from models.errors import NotFound, RuleBroken
from models.officer import Identity
from models.staff_act import check_may_manage
from models.words import N_

router = APIRouter(prefix="/admin", route_class=PageRoute, include_in_schema=False)

Act = Callable[[Session, Identity, UUID, datetime], ChatRoom]
ACTS: dict[str, Act] = {"try": try_room, "off": partial(switch, is_on=False), "on": partial(switch, is_on=True)}
DONE = {
    "added": N_("The room is added. Send a trial message to see that it works."),
    "try": N_("A trial message is on its way. Open this page again in a moment to see what became of it."),
    "off": N_("The room is switched off. Nothing more is written there."),
    "on": N_("The room is switched on."),
}
FIELDS = ("name", "language")  # what a form keeps; address and secret are typed anew


@router.get("/rooms")
def show_own(desk: AtDesk) -> Response:
    """The rooms of my own organisation. Raises `NotAllowed`, `TakeHatOff`."""
    check_may_manage(desk.who, desk.who.organisation_id)
    return RedirectResponse(f"/admin/organisations/{desk.who.organisation_id}/rooms", 303)


@router.get("/organisations/{organisation_id}/rooms")
def show_rooms(request: Request, desk: AtDesk, organisation_id: UUID, done: str = "") -> Response:
    """An organisation's rooms. Raises `NotFound`, `NotAllowed`, `TakeHatOff`."""
    return _page(request, desk, organisation_id, done=DONE.get(done, ""))


@router.post("/organisations/{organisation_id}/rooms")
def add(request: Request, desk: AtDesk, organisation_id: UUID, form: Form) -> Response:
    """Add a room by its robot's address."""
    name, address, secret, language = (text_of(form, one) for one in ("name", "address", "secret", "language"))
    draft = RoomDraft(name, address, secret, language, settings_of(request).chat_gateway)
    vault, at = vault_of(request), now_of(request)
    try:
        database_of(request).write(
            lambda session: add_room(session, desk.who, vault, organisation_id, draft, at) and None
        )
    except RuleBroken as broken:
        return _page(request, desk, organisation_id, broken, typed(form, FIELDS))
    return RedirectResponse(f"/admin/organisations/{organisation_id}/rooms?done=added", 303)


@router.post("/rooms/{room_id}/{act}")
def act_on(request: Request, desk: AtDesk, room_id: UUID, act: str, form: Form) -> Response:  # noqa: ARG001 (the form's word is checked)
    """Try a room, switch it off or on. Raises `NotFound`, `NotAllowed`, `TakeHatOff`."""
    if act not in ACTS:
        raise NotFound()
    with database_of(request).reading() as session:
        organisation_id = organisation_of(session, desk.who, room_id)
    try:
        database_of(request).write(lambda session: ACTS[act](session, desk.who, room_id, now_of(request)) and None)
    except RuleBroken as broken:
        return _page(request, desk, organisation_id, broken)
    return RedirectResponse(f"/admin/organisations/{organisation_id}/rooms?done={act}", 303)


def _page(
    request: Request,
    desk: Desk,
    organisation_id: UUID,
    broken: RuleBroken | None = None,
    was: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    with database_of(request).reading() as session:
        rooms = rooms_of(session, desk.who, organisation_id)
        organisation = get_organisation(session, organisation_id)
    status, said = (broken.status, broken.said) if broken else (200, None)
    kept = was or {"name": "", "language": "zh"}
    shown = {"rooms": rooms, "organisation": organisation, "was": kept, "said": said, "done": done}
    return render(request, desk, "pages/admin_rooms", status, **shown)
