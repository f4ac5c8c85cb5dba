"""My calendar on the phone: the secret address under which another program reads it."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from api.phone.visiting import AnyHolder, PhoneRoute, PhonesForm, ensure, show, with_cookie
from api.portal.visiting import database_of, now_of, settings_of, vault_of
from models.crypto import Vault
from models.errors import NotFound
from models.training import calendar_links
from models.training.calendar_links import Owner, end_link, give_link, renew_link
from models.words import N_

router = APIRouter(route_class=PhoneRoute, include_in_schema=False)

DONE: dict[str, str] = {
    "make": N_("This is the address of your calendar. Whoever has it sees your dates: give it to nobody."),
    "renew": N_("Your calendar has a new address. Under the old one nothing is read any more."),
    "end": N_("The address is gone. Nobody reads your calendar any more."),
}
Act = Callable[[Session, Vault, Owner, datetime], object]
ACTS: dict[str, Act] = {
    "make": give_link,
    "renew": renew_link,
    "end": lambda session, _vault, owner, at: end_link(session, owner, at),
}


@router.get("/m/calendar")
def show_calendar(request: Request, holder: AnyHolder, done: str = "") -> Response:
    """The address, shown again to its owner."""
    word = None
    if holder.rider_id is not None:
        with database_of(request).reading() as session:
            word = calendar_links.word_of(session, vault_of(request), Owner(holder.rider_id))
    address = f"{settings_of(request).address}/calendars/{word}.ics?lang={holder.language}" if word else ""
    to_subscribe = address.replace(f"{urlsplit(address).scheme}:", "webcal:", 1) if word else ""
    shown = {"address": address, "to_subscribe": to_subscribe, "done": DONE.get(done, "")}
    return show(request, holder, "calendar", holder=holder, **shown)


@router.post("/m/calendar/{act}")
def do(request: Request, holder: AnyHolder, form: PhonesForm, act: str) -> Response:  # noqa: ARG001 (the form's word is checked)
    """Make the address, give it a new word, or end it. Raises `NotFound`, `NotKnownHere`."""
    if act not in ACTS:
        raise NotFound()
    vault, at = vault_of(request), now_of(request)

    def write(session: Session) -> None:
        ACTS[act](session, vault, calendar_links.rider_on(ensure(session, holder, request)), at)

    database_of(request).write(write)
    return with_cookie(request, holder, RedirectResponse(f"/m/calendar?done={act}", 303))
