"""What is held about a rider: to read, to take away, to have deleted."""

import json
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from api.phone.visiting import PHONE, AnyHolder, Holder, PhoneRoute, PhonesForm, show
from api.portal import people_looks
from api.portal.guarding import text_of
from api.portal.visiting import database_of, keep_cookie, now_of, vault_of
from models.errors import RuleBroken
from models.people import held
from models.people.acts import PersonActKind, Whom, write_down
from models.people.codes import NotKnownHere
from models.people.holding import FIELDS, Held, Value, Whose
from models.protocol.schema import Title
from models.words import N_

router = APIRouter(route_class=PhoneRoute, include_in_schema=False)


class NotSure(RuleBroken):
    """What is deleted does not come back."""

    sentence = N_("Tick that you are sure: what is deleted does not come back.")
    status = 422


def _whose(request: Request, holder: Holder) -> Whose | None:
    phone = holder.phone
    return Whose(phone.phone_id, phone.rider_id, now_of(request)) if phone else None


def _held(request: Request, holder: Holder) -> list[Held]:
    whose = _whose(request, holder)
    if whose is None:
        return []
    with database_of(request).reading() as session:
        return held.held_about(session, vault_of(request), whose)


@router.get("/m/held")
def show_held(request: Request, holder: AnyHolder) -> Response:
    """Everything on one page."""
    return _show(request, holder, None)


def _show(request: Request, holder: Holder, broken: RuleBroken | None) -> Response:
    shown = {"kinds": _held(request, holder), "fields": FIELDS, "looks": people_looks}
    said = broken.said if broken else None
    return show(request, holder, "held", broken.status if broken else 200, said=said, holder=holder, **shown)


@router.get("/m/held.json")
def take_away(request: Request, holder: AnyHolder) -> Response:
    """The same as JSON, for another program. Raises `NotKnownHere`."""
    whose = _whose(request, holder)
    if whose is None:
        raise NotKnownHere()
    rows = {
        one.kind: [{key: _plain(value) for key, value in row.items()} for row in one.rows]
        for one in _held(request, holder)
    }
    database_of(request).write(_write_taken, whose)
    content = json.dumps({"at": whose.at.isoformat(), "held": rows}, ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": 'attachment; filename="wufang-held.json"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/json", headers=headers)


def _write_taken(session: Session, whose: Whose) -> None:
    write_down(session, PersonActKind.TAKEN_AWAY, Whom(whose.rider_id), whose.at)


def _plain(value: Value) -> Any:
    if isinstance(value, Title):
        return {"zh": value.zh, "en": value.en}
    return value.isoformat() if isinstance(value, datetime | date) else value


@router.post("/m/held/erase")
def erase(request: Request, holder: AnyHolder, form: PhonesForm) -> Response:
    """Delete as far as the law lets; the browser forgets its secret. Raises `NotKnownHere`."""
    whose = _whose(request, holder)
    if whose is None:
        raise NotKnownHere()
    if text_of(form, "sure") != "yes":
        return _show(request, holder, NotSure())
    vault = vault_of(request)
    has_rest = database_of(request).write(lambda session: held.erase(session, vault, whose) is not None)
    response = show(request, holder, "erased", has_rest=has_rest)
    keep_cookie(request, response, PHONE, "", 0)
    return response
