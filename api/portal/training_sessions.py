"""One session in the portal: who has a place, who came, called off; what was said of it."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.portal.answering import PageRoute
from api.portal.guarding import Form, text_of
from api.portal.training import Shown, act, show_page
from api.portal.visiting import AtDesk, Desk, database_of, now_of, vault_of
from models.errors import NotFound, RuleBroken
from models.training import cancelling, check_in
from models.training.place_tables import Place
from models.training.ruling import training_rules
from models.views.training_session import door_view, open_name
from models.words import N_

router = APIRouter(route_class=PageRoute, include_in_schema=False)
DONE: dict[str, str] = {
    "came": N_("Written down: came."),
    "missed": N_("Written down: did not come."),
    "checked-in": N_("Checked in."),
    "cancelled": N_("Cancelled. Everybody who has a place or waits is told."),
}


@router.get("/training/sessions/{event_id}")
def show_session(request: Request, desk: AtDesk, event_id: UUID, done: str = "") -> Response:
    """The session, for its host community and its department. Raises `NotFound`."""
    return _show(request, desk, event_id, Shown(DONE.get(done, "")))


def _show(
    request: Request, desk: Desk, event_id: UUID, shown: Shown, opened: tuple[str, str] | None = None
) -> Response:
    with database_of(request).reading() as session:
        door = door_view(session, training_rules(), vault_of(request), desk.who, event_id, now_of(request))
    more = {"door": door, "row": door.row, "opened": opened, "typed": shown.typed or FormData()}
    return show_page(request, desk, "training_session", shown, **more)


@router.post("/training/sessions/{event_id}/check-in")
def check_in_by_pass(request: Request, desk: AtDesk, form: Form, event_id: UUID) -> Response:
    """The number that the rider's phone shows. Raises `NotFound`."""
    digits, at = "".join(text_of(form, "digits").split()), now_of(request)
    rules, vault, found = training_rules(), vault_of(request), list[UUID]()

    def command(session: Session) -> None:
        found[:] = [check_in.check_in_by_pass(session, rules, vault, desk.who, event_id, digits, at).id]

    answer = act(request, "", "check-in", form, lambda shown: _show(request, desk, event_id, shown), command)
    return RedirectResponse(f"/training/sessions/{event_id}?done=checked-in#place-{found[0]}", 303) if found else answer


@router.post("/training/sessions/{event_id}/cancelling")
def cancel(request: Request, desk: AtDesk, form: Form, event_id: UUID) -> Response:
    """The department calls it off, with a reason that everybody may read. Raises `NotFound`."""
    reason, at = text_of(form, "reason"), now_of(request)
    return act(
        request,
        f"/training/sessions/{event_id}?done=cancelled",
        "cancelling",
        form,
        lambda shown: _show(request, desk, event_id, shown),
        lambda session: cancelling.cancel_event(session, training_rules(), desk.who, event_id, reason, at),
    )


@router.post("/training/sessions/{event_id}/places/{place_id}/{mark}")
def mark_place(request: Request, desk: AtDesk, form: Form, event_id: UUID, place_id: UUID, mark: str) -> Response:  # noqa: ARG001 (the form's word is checked)
    """Came, missed; or the whole name, shown once and written down. Raises `NotFound`."""
    at, write = now_of(request), database_of(request).write
    if mark not in {"came", "missed", "name"}:
        raise NotFound()
    try:
        write(_is_of, event_id, place_id)
        if mark == "name":
            name = write(open_name, vault_of(request), desk.who, event_id, place_id, at)
            return _show(request, desk, event_id, Shown(about=str(place_id)), (str(place_id), name))
        if mark == "came":
            write(check_in.mark_came, training_rules(), desk.who, place_id, at)
        else:
            write(check_in.mark_missed, desk.who, place_id, at)
    except NotFound:
        raise
    except RuleBroken as broken:
        return _show(request, desk, event_id, Shown(broken=broken, about=str(place_id)))
    return RedirectResponse(f"/training/sessions/{event_id}?done={mark}#place-{place_id}", 303)


def _is_of(session: Session, event_id: UUID, place_id: UUID) -> None:
    """Raises `NotFound` where the place is at another session."""
    found = session.get(Place, place_id)
    if found is None or found.event_id != event_id:
        raise NotFound()
