"""For administrators: letters that did not arrive, and mailboxes that take none."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.portal.answering import PageRoute
from api.portal.guarding import Form
from api.portal.rendering import render
from api.portal.visiting import AtDesk, database_of, now_of
from models.notice.mending import mend_mailbox, send_again
from models.views.undelivered import dead_mailboxes, undelivered
from models.words import N_

router = APIRouter(prefix="/admin/undelivered", route_class=PageRoute, include_in_schema=False)

DONE = {
    "again": N_("The letter is on its way again."),
    "mended": N_("From now on letters go to this mailbox again."),
}


@router.get("")
def show_undelivered(request: Request, desk: AtDesk, before: UUID | None = None, done: str = "") -> Response:
    """What did not arrive, the newest first. Raises `NotAllowed`, `TakeHatOff`."""
    with database_of(request).reading() as session:
        page = undelivered(session, desk.who, before)
        mailboxes = dead_mailboxes(session, desk.who)
    shown = {"page": page, "mailboxes": mailboxes, "before": before, "done": DONE.get(done, "")}
    return render(request, desk, "pages/admin_undelivered", **shown)


@router.post("/{notice_id}/again")
def send_letter_again(request: Request, desk: AtDesk, notice_id: UUID, form: Form) -> Response:  # noqa: ARG001 (the form's word is checked)
    """Have a letter sent again of which every try failed."""
    database_of(request).write(send_again, desk.who, notice_id, now_of(request))
    return RedirectResponse("/admin/undelivered?done=again", 303)


@router.post("/mailboxes/{officer_id}/mended")
def say_mended(request: Request, desk: AtDesk, officer_id: UUID, form: Form) -> Response:  # noqa: ARG001 (the form's word is checked)
    """Somebody has seen to the mailbox."""
    database_of(request).write(mend_mailbox, desk.who, officer_id, now_of(request))
    return RedirectResponse("/admin/undelivered?done=mended", 303)
