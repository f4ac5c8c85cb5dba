"""For administrators: what is stuck, what is not ready, and the way to Prefect's own window."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from api.portal.answering import PageRoute
from api.portal.filing import address_of
from api.portal.guarding import Form
from api.portal.rendering import render
from api.portal.visiting import AtDesk, database_of, now_of, settings_of
from api.readiness import Ready, readyz
from models import matter as matters
from models import rounds
from models.chat_rooms import troubled_rooms
from models.district import get_organisation
from models.errors import NotAllowed
from models.officer import Identity
from models.record import Actor
from models.views.matters import Filters, by_reference, listed
from models.views.stuck import free_besides, stuck_besides

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/system")
def show_system(request: Request, desk: AtDesk, ready: Annotated[Ready, Depends(readyz)]) -> Response:
    """What an administrator looks after. Raises `NotAllowed`."""
    _only_administrators(desk.who)
    with database_of(request).reading() as session:
        stuck = listed(session, desk.who, Filters(is_stuck=True), now_of(request))
        troubles = {row.reference: matters.visible(session, row.matter_id, desk.who).trouble for row in stuck.rows}
        rooms = troubled_rooms(session)
        besides = stuck_besides(session, get_organisation(session, desk.who.organisation_id).district_id)
    prefect = settings_of(request).prefect_api.removesuffix("/api")
    shown = {"stuck": stuck.rows, "troubles": troubles, "besides": besides, "rooms": rooms}
    return render(request, desk, "pages/system", ready=ready, prefect=prefect, **shown)


@router.post("/system/free/{reference}")
def free(request: Request, desk: AtDesk, reference: str, form: Form) -> Response:  # noqa: ARG001 (the form's word is checked)
    """Let the engine try a stuck matter, report or session again; the second of two clicks finds it free."""
    _only_administrators(desk.who)
    is_matter = database_of(request).write(_free, desk.who, reference, now_of(request))
    return RedirectResponse(address_of(reference, "freed") if is_matter else "/system", 303)


def _only_administrators(who: Identity) -> None:
    if not who.is_administrator:
        raise NotAllowed()


def _free(session: Session, who: Identity, reference: str, at: datetime) -> bool:
    actor = Actor(who.officer_id, who.organisation_id)
    if free_besides(session, get_organisation(session, who.organisation_id).district_id, reference, at, actor):
        return False
    matter = matters.lock(session, by_reference(session, reference, who))
    if matter.stuck_at is not None:
        rounds.free(session, matter, at, actor)
    return True
