"""Taking lists out: what to take, how far it is, and the file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, RedirectResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData, ImmutableMultiDict

from api.downloads import saved_as
from api.portal.answering import PageRoute
from api.portal.guarding import Form, text_of
from api.portal.narrowing import Asked, asked_from, compounds_for, id_in
from api.portal.rendering import render
from api.portal.visiting import AtDesk, Desk, database_of, now_of, settings_of
from models.district import get_organisation
from models.errors import NotFound, RuleBroken
from models.export import asking
from models.export.asking import Wanted
from models.export.authority import MOST_NAMED, may_open
from models.export.building import file_of
from models.export.kinds import KINDS, Narrowing
from models.export.tables import ExportForm, ExportKind, ExportStatus
from models.matter import ReaderWay
from models.officer import Identity
from models.views.matters import by_reference

router = APIRouter(route_class=PageRoute, include_in_schema=False)

# The lists that one form offers together: they are narrowed by the same fields.
OF_THE_DESK = (ExportKind.WAITING, ExportKind.ANSWERED, ExportKind.FILINGS, ExportKind.RIDERS)
OF_FILINGS = (ExportKind.RECORD, ExportKind.RIDERS, ExportKind.FILINGS)
OF_PEOPLE = (ExportKind.OFFICERS, ExportKind.ORGANISATIONS, ExportKind.ABSENCES, ExportKind.LOG)
OFFERS = (OF_THE_DESK, OF_PEOPLE, (ExportKind.LETTERS,))
BY_TAB = {"todo": ExportKind.WAITING, "done": ExportKind.ANSWERED}
NOTHING = FormData()
WAYS = {"mine": ReaderWay.FILER, "copies": ReaderWay.COPY}


@dataclass(frozen=True, slots=True)
class Sought:
    """What an address or a form names to be taken out. `filings`: references of those that were chosen one by one.

    `words`, `has_left` and `organisation_id` narrow the lists of people.
    """

    asked: Asked
    kind: ExportKind
    offered: tuple[ExportKind, ...]
    filings: tuple[str, ...] = ()
    words: str = ""
    has_left: bool = False
    organisation_id: UUID | None = None

    @property
    def is_of_the_desk(self) -> bool:
        """Whether the fields of the desk narrow it."""
        return self.offered == OF_THE_DESK

    @property
    def is_of_people(self) -> bool:
        """Whether it is one of the administrator's lists."""
        return self.offered == OF_PEOPLE

    def narrowing(self, session: Session, who: Identity) -> Narrowing:
        """Of what was asked for, what narrows a list of this kind. Raises `NotFound`."""
        asked = self.asked
        values = {
            "statuses": asked.statuses,
            "compound_id": asked.compound,
            "awaited": asked.awaited,
            "is_stuck": asked.is_stuck,
            "is_held": asked.is_held,
            "way": WAYS.get(asked.tab),
            "due_from": asked.due_from,
            "due_until": asked.due_until,
            "officer_id": who.officer_id if asked.is_own else None,
            "words": self.words,
            "has_left": self.has_left,
            "organisation_id": self.organisation_id,
            "matter_ids": frozenset(by_reference(session, one, who) for one in self.filings),
        }
        return KINDS[self.kind].narrow(values)


def sought_in(sent: ImmutableMultiDict[str, Any], desk: Desk, at: datetime) -> Sought:
    """What these words name at `at`; a kind that is not offered with them is not named."""
    texts = [(name, value.strip()) for name, value in sent.multi_items() if isinstance(value, str)]
    words = dict(texts)
    asked = asked_from(words, desk, at)
    filings = tuple(dict.fromkeys(value for name, value in texts if name == "filing"))[: MOST_NAMED + 1]
    kind = words.get("kind", "")
    offered = OF_FILINGS if filings else next((one for one in OFFERS if kind in one), OF_THE_DESK)
    first = BY_TAB.get(asked.tab, ExportKind.FILINGS) if offered == OF_THE_DESK else offered[0]
    return Sought(
        asked,
        ExportKind(kind) if kind in offered else first,
        offered,
        filings,
        words.get("q", ""),
        words.get("left") == "true",
        id_in(words.get("organisation", "")),
    )


@router.get("/exports")
def show_exports(request: Request, desk: AtDesk) -> Response:
    """The form, filled in with the list that was being looked at, and my exports. Raises what the list's authority says."""
    sought = sought_in(request.query_params, desk, now_of(request))
    with database_of(request).reading() as session:
        KINDS[sought.kind].may_ask(session, desk.who, sought.narrowing(session, desk.who))
    return _page(request, desk, sought)


@router.post("/exports")
def take_out(request: Request, desk: AtDesk, form: Form) -> Response:
    """Have a list taken out."""
    sought, at = sought_in(form, desk, now_of(request)), now_of(request)
    if text_of(form, "kind") != sought.kind or text_of(form, "form") not in set(ExportForm):
        raise NotFound()
    try:
        database_of(request).write(
            lambda session: asking.ask(session, desk.who, _wanted(session, desk, sought, form), at)
        )
    except RuleBroken as broken:
        return _page(request, desk, sought, broken, form)
    return RedirectResponse("/exports#mine", 303)


def _wanted(session: Session, desk: Desk, sought: Sought, form: FormData) -> Wanted:
    is_full = text_of(form, "full") == "1" and KINDS[sought.kind].has_identities
    filters = sought.narrowing(session, desk.who)
    return Wanted(sought.kind, ExportForm(text_of(form, "form")), filters, is_full, text_of(form, "reason"))


def _page(
    request: Request, desk: Desk, sought: Sought, broken: RuleBroken | None = None, form: FormData = NOTHING
) -> Response:
    with database_of(request).reading() as session:
        listed = asking.exports_of(session, desk.who, now_of(request), of_everybody=desk.is_administrator).rows
        compounds = compounds_for(session)
        organisation = get_organisation(session, sought.organisation_id).name if sought.organisation_id else None
    status, said = (broken.status, broken.said) if broken else (200, None)
    is_running = any(one.status in {ExportStatus.WAITING, ExportStatus.RUNNING} for one, _ in listed)
    was = {name: text_of(form, name) for name in ("form", "full", "reason")}
    return render(
        request,
        desk,
        "pages/exports",
        status,
        sought=sought,
        asked=sought.asked,
        listed=listed,
        compounds=compounds,
        organisation=organisation,
        said=said,
        was=was,
        is_running=is_running,
        may_open=may_open(desk.who) and any(KINDS[one].has_identities for one in sought.offered),
    )


@router.get("/exports/{export_id}/file")
def send_export(request: Request, desk: AtDesk, export_id: UUID) -> Response:
    """The file, for the officer who asked for it. Raises `NotFound`."""
    with database_of(request).reading() as session:
        found = asking.ready_export(session, desk.who, export_id, now_of(request))
    path = file_of(settings_of(request).state_dir, found)
    return FileResponse(path, headers=saved_as(found.file_name))
