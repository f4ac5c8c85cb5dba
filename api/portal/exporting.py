"""Taking lists out: what to take, how far it is, and the file."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from api.downloads import saved_as
from api.portal.answering import PageRoute
from api.portal.guarding import Form, text_of
from api.portal.narrowing import Asked, asked_from, compounds_for
from api.portal.rendering import render
from api.portal.visiting import AtDesk, Desk, database_of, now_of, settings_of
from models.errors import NotFound, RuleBroken
from models.export import asking
from models.export.asking import Wanted
from models.export.authority import may_open
from models.export.building import folder_under
from models.export.kinds import KINDS as LISTS
from models.export.kinds import Narrowing
from models.export.tables import ExportForm, ExportKind, ExportStatus
from models.matter import ReaderWay

router = APIRouter(route_class=PageRoute, include_in_schema=False)

KINDS = {"todo": ExportKind.WAITING, "done": ExportKind.ANSWERED}
WAYS = {"mine": ReaderWay.FILER, "copies": ReaderWay.COPY}


@router.get("/exports")
def show_exports(request: Request, desk: AtDesk) -> Response:
    """The form, filled in with the list that was being looked at, and my exports."""
    return _page(request, desk, asked_from(request.query_params, desk, now_of(request)), None)


@router.post("/exports")
def take_out(request: Request, desk: AtDesk, form: Form) -> Response:
    """Have a list taken out."""
    words = {name: text_of(form, name) for name in ("tab", "status", "compound", "awaited", "due", "own")}
    asked = asked_from(words, desk, now_of(request))
    kind, shape = text_of(form, "kind"), text_of(form, "form")
    if kind not in set(ExportKind) or shape not in set(ExportForm):
        raise NotFound()
    filters = _narrowing(ExportKind(kind), desk, asked)
    is_full = text_of(form, "full") == "1" and kind == ExportKind.RIDERS
    wanted = Wanted(ExportKind(kind), ExportForm(shape), filters, is_full, text_of(form, "reason"))
    try:
        database_of(request).write(asking.ask, desk.who, wanted, now_of(request))
    except RuleBroken as broken:
        return _page(request, desk, asked, broken, text_of(form, "reason"))
    return RedirectResponse("/exports#mine", 303)


def _narrowing(kind: ExportKind, desk: Desk, asked: Asked) -> Narrowing:
    """Of what was asked for, what narrows a list of this kind."""
    values = {
        "statuses": asked.statuses,
        "compound_id": asked.compound,
        "awaited": asked.awaited,
        "way": WAYS.get(asked.tab),
        "due_from": asked.due_from,
        "due_until": asked.due_until,
        "officer_id": desk.who.officer_id if asked.is_own else None,
    }
    return LISTS[kind].narrow(values)


def _page(request: Request, desk: Desk, asked: Asked, broken: RuleBroken | None, reason: str = "") -> Response:
    with database_of(request).reading() as session:
        listed = asking.exports_of(session, desk.who, now_of(request))
        compounds = compounds_for(session)
    status, said = (broken.status, broken.said) if broken else (200, None)
    is_running = any(one.status in {ExportStatus.WAITING, ExportStatus.RUNNING} for one, _ in listed)
    kind = KINDS.get(asked.tab, ExportKind.FILINGS)
    return render(
        request,
        desk,
        "pages/exports",
        status,
        asked=asked,
        listed=listed,
        compounds=compounds,
        said=said,
        reason=reason,
        kind=kind,
        is_running=is_running,
        may_open=may_open(desk.who),
    )


@router.get("/exports/{export_id}/file")
def send_export(request: Request, desk: AtDesk, export_id: UUID) -> Response:
    """The file, for the officer who asked for it. Raises `NotFound`."""
    with database_of(request).reading() as session:
        found = asking.ready_export(session, desk.who, export_id, now_of(request))
    path = folder_under(settings_of(request).state_dir) / found.file_name
    if not path.is_file():
        raise NotFound()
    return FileResponse(path, headers=saved_as(found.file_name))
