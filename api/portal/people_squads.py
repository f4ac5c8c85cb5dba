"""Squads and rotas in the portal: made, led, planned, and who came."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.portal.answering import PageRoute
from api.portal.guarding import Form, text_of, texts_of
from api.portal.people import show
from api.portal.visiting import AtDesk, Desk, database_of, now_of
from models.clock import SHANGHAI
from models.errors import NotFound, RuleBroken
from models.officer import Identity
from models.people import squads
from models.people.squads import NewShift

router = APIRouter(route_class=PageRoute, include_in_schema=False)
Act = Callable[[Session, Identity, UUID, FormData, datetime], object]


@router.post("/people/squads")
def make(request: Request, desk: AtDesk, form: Form) -> Response:
    """A new squad."""
    name, most = text_of(form, "name"), _number(text_of(form, "most"))
    at = now_of(request)
    return _do(request, desk, form, "squad", lambda session: squads.make_squad(session, desk.who, name, most, at))


@router.post("/people/squads/{squad_id}/{act}")
def do_squad(request: Request, desk: AtDesk, form: Form, squad_id: UUID, act: str) -> Response:
    """Lead, out, plan. Raises `NotFound`."""
    if act not in SQUAD_ACTS:
        raise NotFound()
    at = now_of(request)
    return _do(request, desk, form, act, lambda session: SQUAD_ACTS[act](session, desk.who, squad_id, form, at))


@router.post("/people/shifts/{shift_id}/{act}")
def do_shift(request: Request, desk: AtDesk, form: Form, shift_id: UUID, act: str) -> Response:
    """Cancel, came. Raises `NotFound`."""
    if act not in SHIFT_ACTS:
        raise NotFound()
    at = now_of(request)
    return _do(request, desk, form, act, lambda session: SHIFT_ACTS[act](session, desk.who, shift_id, form, at))


def _do(request: Request, desk: Desk, form: FormData, act: str, command: Callable[[Session], object]) -> Response:
    try:
        database_of(request).write(lambda session: command(session) and None)
    except NotFound:
        raise
    except RuleBroken as broken:
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
        return show(request, desk, "squads", broken, typed)
    return RedirectResponse(f"/people?list=squads&done={act}", 303)


def _plan(session: Session, who: Identity, squad_id: UUID, form: FormData, at: datetime) -> object:
    starts_at, ends_at = (_instant(text_of(form, "day"), text_of(form, name)) for name in ("from", "to"))
    new = NewShift(starts_at, ends_at, text_of(form, "place"), _number(text_of(form, "wanted")))
    return squads.plan(session, who, squad_id, new, at)


def _lead(session: Session, who: Identity, squad_id: UUID, form: FormData, at: datetime) -> object:
    return squads.lead(session, who, squad_id, _rider(form), at)


def _take_out(session: Session, who: Identity, squad_id: UUID, form: FormData, at: datetime) -> object:
    return squads.take_out(session, who, squad_id, _rider(form), at)


def _cancel(session: Session, who: Identity, shift_id: UUID, form: FormData, at: datetime) -> object:  # noqa: ARG001 - one shape for all acts
    return squads.cancel_shift(session, who, shift_id, at)


def _came(session: Session, who: Identity, shift_id: UUID, form: FormData, at: datetime) -> object:
    came = {UUID(one) for one in texts_of(form, "came") if _is_id(one)}
    return squads.write_who_came(session, who, shift_id, came, at)


SQUAD_ACTS: dict[str, Act] = {"lead": _lead, "out": _take_out, "plan": _plan}
SHIFT_ACTS: dict[str, Act] = {"cancel": _cancel, "came": _came}


def _rider(form: FormData) -> UUID:
    chosen = text_of(form, "rider")
    if not _is_id(chosen):
        raise NotFound()
    return UUID(chosen)


def _instant(day: str, time: str) -> datetime | None:
    """The instant of a local day and time; None where they are none."""
    try:
        return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0  # noqa: PLR2004 - more than any rule lets


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
