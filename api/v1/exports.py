"""Exports: ask for a list as a workbook or as CSV, see how far it is, fetch its file."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from pydantic import AwareDatetime, ConfigDict, Field
from sqlalchemy.orm import Session

from api.asking import Asked
from api.cursors import link_next, unpack_id
from api.downloads import saved_as
from api.replaying import Creating, Made
from api.v1.describing import problems
from api.v1.sending import In, Short
from api.v1.shapes import Out
from models.errors import RuleBroken
from models.export import asking
from models.export.asking import LONGEST_REASON, Wanted, export_of, exports_of, ready_export
from models.export.authority import MOST_NAMED
from models.export.building import file_of
from models.export.kinds import KINDS, Narrowing
from models.export.tables import Export, ExportForm, ExportKind, ExportStatus
from models.matter import MatterStatus, ReaderWay
from models.officer import Identity, get_officer
from models.protocol.schema import Party
from models.words import N_

BINARY = {"schema": {"type": "string", "format": "binary"}}
MEDIA = {
    ExportForm.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportForm.CSV: "text/csv",
}
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": dict.fromkeys(MEDIA.values(), BINARY), "description": "The file, as a download"}
}

router = APIRouter(prefix="/exports", tags=["exports"])


class FilterNotTaken(RuleBroken):
    """A filter that the list does not have: to pass it over would take out more than was meant."""

    sentence = N_("The list {kind} is not narrowed by {names}. Leave that out, or take out another list.")
    status = 422


class FiltersIn(In):
    """What narrows the list; what is left out does not. Each list takes its own, as its page does; others are refused.

    `waiting`: `compound_id`, `due_from`, `due_until`, `is_held`. `answered`: `compound_id`, `statuses`. `filings` and
    `riders`: everything about filings. `record`: `filings`, at least one. `officers`: `words`, `organisation_id`,
    `has_left`. `organisations`: `words`.
    """

    filings: frozenset[UUID] = Field(default=frozenset(), max_length=MOST_NAMED, description="Only these, by their ids")
    statuses: frozenset[MatterStatus] = frozenset()
    compound_id: UUID | None = None
    awaited: Party | None = Field(default=None, description="Waits for an organisation of this party")
    organisation_id: UUID | None = Field(default=None, description="The company that filed; of officers: theirs")
    officer_id: UUID | None = Field(default=None, description="Who filed")
    way: ReaderWay | None = Field(default=None, description="How you came to read it: filed, sitting, or copied")
    due_from: AwareDatetime | None = Field(default=None, description="Awaited until this instant or later")
    due_until: AwareDatetime | None = Field(default=None, description="Awaited until before this instant")
    is_held: bool = Field(default=False, description="Only what colleagues have in hand")
    words: Short = Field(default="", description="In name, e-mail address or code")
    has_left: bool = Field(default=False, description="Officers who have left instead")

    def narrowing(self, kind: ExportKind) -> Narrowing:
        """The filters of that list. Raises `FilterNotTaken`."""
        given = {name: getattr(self, name) for name in type(self).model_fields if getattr(self, name)}
        values = {"matter_ids" if name == "filings" else name: value for name, value in given.items()}
        strange = set(values) - KINDS[kind].names
        if strange:
            raise FilterNotTaken(kind=kind.value, names=", ".join(sorted(strange)).replace("matter_ids", "filings"))
        return KINDS[kind].narrow(values)


class ExportIn(In):
    """A list to take out. Riders are masked unless `is_full`, which needs a `reason`; it goes in every record concerned."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "filings", "form": "xlsx", "filters": {"statuses": ["agreed"]}},
                {
                    "kind": "riders",
                    "form": "csv",
                    "filters": {"filings": ["0197aa40-22dc-7110-ab52-ba5185448379"]},
                    "is_full": True,
                    "reason": "The insurer asks for the list of November.",
                },
            ]
        }
    )
    kind: ExportKind
    form: ExportForm
    filters: FiltersIn = FiltersIn()
    is_full: bool = False
    reason: str = Field("", max_length=LONGEST_REASON, description="Why whole identities are needed")

    def wanted(self) -> Wanted:
        """For the rules. Raises `FilterNotTaken`."""
        return Wanted(self.kind, self.form, self.filters.narrowing(self.kind), self.is_full, self.reason)


class ExportOut(Out):
    """An export. Its file is there from `done` until `expires_at` (exclusive). `trouble`: why the last try failed."""

    id: UUID
    kind: ExportKind
    form: ExportForm
    status: ExportStatus
    is_full: bool
    reason: str
    officer: str
    rows_done: int
    trouble: str | None
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime

    @classmethod
    def told(cls, export: Export, officer: str) -> "ExportOut":
        """The export with the name of the officer who asked for it."""
        return cls(officer=officer, **{name: getattr(export, name) for name in cls.model_fields if name != "officer"})


class ExportPage(Out):
    """A page of exports, the newest first; `next` is the cursor of the following page."""

    rows: list[ExportOut]
    next: str | None


def _own(session: Session, who: Identity, export: Export) -> ExportOut:
    return ExportOut.told(export, get_officer(session, who.officer_id).name)


@router.post(
    "",
    status_code=201,
    response_model=ExportOut,
    responses=problems(403, 404, 422, 429),
    operation_id="askForExport",
    summary="Take a list out",
)
async def post_export(body: ExportIn, ask: Asked, creating: Creating) -> JSONResponse:
    """It is built in a moment: read it again until its status is `done`, then fetch its file within a day."""

    def act(session: Session, who: Identity) -> Made:
        export_id = asking.ask(session, who, body.wanted(), ask.at)
        made = _own(session, who, export_of(session, who, export_id))
        return Made(made, f"/api/v1/exports/{made.id}")

    return await creating.create(act)


@router.get("", responses=problems(400, 403, 422), operation_id="listExports", summary="List exports, mine or all")
def list_exports(
    request: Request,
    response: Response,
    ask: Asked,
    all: Annotated[bool, Query(description="Everybody's; for administrators")] = False,  # noqa: A002, FBT002 (a query's word)
    cursor: Annotated[str | None, Query(description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Most rows of the page")] = 50,
) -> ExportPage:
    """Those whose day is not over; with `all`, also for good those with whole identities: who took them out, and why."""
    after = unpack_id(cursor)
    page = ask.read(
        lambda session, who: exports_of(session, who, ask.at, of_everybody=all, after=after, limit=limit),
    )
    following = link_next(request, response, page.next)
    return ExportPage(rows=[ExportOut.told(export, name) for export, name in page.rows], next=following)


@router.get("/{export_id}", responses=problems(404), operation_id="readExport", summary="See how far an export is")
def read_export(export_id: UUID, ask: Asked) -> ExportOut:
    """One that I asked for."""
    return ask.read(lambda session, who: _own(session, who, export_of(session, who, export_id)))


@router.get(
    "/{export_id}/file",
    response_class=Response,
    responses=problems(403, 404) | FILE,
    operation_id="readExportFile",
    summary="Fetch its file",
)
def read_export_file(export_id: UUID, ask: Asked) -> FileResponse:
    """For the officer who asked for it, and who may still have what is in it."""
    found = ask.read(lambda session, who: ready_export(session, who, export_id, ask.at))
    path = file_of(ask.settings.state_dir, found)
    return FileResponse(path, media_type=MEDIA[found.form], headers=saved_as(found.file_name))
