"""Workbooks: upload and preview, then file; or both at once."""

import hashlib
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse

from api.asking import Ask, Asked
from api.cursors import link_next, unpack_number
from api.downloads import saved_as
from api.problems import language_of
from api.replaying import Creating, Made
from api.v1.describing import problems
from api.v1.filings import Cursor, Limit, SubmittedOut, made
from api.v1.previews import PreviewOut, preview_out
from api.v1.sending import MOST_COMPOUNDS, In
from api.v1.shapes import Out
from models.filing.previewing import Preview
from models.filing.ruling import platforms
from models.filing.uploading import OPENED, ImportMode, import_upload, keep, marked, period_of, preview
from models.officer import Identity
from models.workbook import roster_template
from templates.pages import words_in

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOOK = {200: {"content": {WORKBOOK: {"schema": {"type": "string", "format": "binary"}}}, "description": "A workbook"}}
UPLOAD_PROBLEMS = problems(400, 403, 404, 413, 422)

router = APIRouter(tags=["uploads"])


class UploadedOut(Out):
    """The workbook is kept for a day. `wrong` rows are named in the preview."""

    upload_id: UUID
    total: int
    good: int
    wrong: int
    already: int


class ImportIn(In):
    """What to do with a list that has wrong rows."""

    mode: ImportMode = ImportMode.ALL_OR_NOTHING


class Sent:
    """A workbook with the compounds and the period that it is for."""

    def __init__(
        self,
        file: Annotated[UploadFile, File(description="A workbook (.xlsx)")],
        compounds: Annotated[list[UUID], Form(max_length=MOST_COMPOUNDS, description="Ids of compounds")],
        starts_on: Annotated[date | None, Form(description="Fills in where a row has no start date")] = None,
        ends_on: Annotated[date | None, Form(description="Fills in where a row has no end date; inclusive")] = None,
    ) -> None:
        self.file, self.compounds, self.starts_on, self.ends_on = file, compounds, starts_on, ends_on

    @property
    def period(self) -> tuple[date, date] | None:
        """What fills the dates that rows do not have. Raises `PeriodHalf`."""
        return period_of(self.starts_on, self.ends_on)

    def parts(self, *more: str) -> tuple[bytes, ...]:
        """What was sent, for an idempotency key."""
        self.file.file.seek(0)
        digest = hashlib.sha256(self.file.file.read()).digest()  # at most what `BodyLimit` lets through
        said = (*sorted(map(str, self.compounds)), str(self.starts_on), str(self.ends_on), *more)
        return (digest, *(part.encode() for part in said))

    def keep(self, ask: Ask, who: Identity) -> UUID:
        """Keep it sealed. Raises what `models.filing.uploading.keep` raises."""
        with self._on_disk(ask.uploads) as path:
            return keep(ask.database, who, ask.vault, ask.uploads, path, self.compounds, self.period, ask.at)

    @contextmanager
    def _on_disk(self, folder: Path) -> Generator[Path]:
        self.file.file.seek(0)
        with NamedTemporaryFile(dir=folder, prefix=OPENED, suffix=".xlsx") as copy:
            shutil.copyfileobj(self.file.file, copy)
            copy.flush()
            yield Path(copy.name)


Workbook = Annotated[Sent, Depends()]


@router.post(
    "/uploads",
    status_code=201,
    response_model=UploadedOut,
    responses=UPLOAD_PROBLEMS,
    operation_id="uploadWorkbook",
    summary="Upload a workbook for a preview",
)
def upload(sent: Workbook, ask: Asked, creating: Creating) -> JSONResponse:
    """It is read and kept for a day; nothing is filed yet."""

    def work(who: Identity) -> Made:
        found = _preview(ask, who, sent.keep(ask, who))
        counts = found.counts
        shape = UploadedOut(
            upload_id=found.upload_id,
            total=counts.total,
            good=counts.good,
            wrong=counts.wrong,
            already=counts.already,
        )
        return Made(shape, f"/api/v1/uploads/{found.upload_id}")

    return creating.around(work, *sent.parts())


@router.get(
    "/uploads/{upload_id}",
    responses=problems(400, 404, 410, 422),
    operation_id="readUpload",
    summary="Preview an upload",
)
def read_upload(
    upload_id: UUID,
    request: Request,
    response: Response,
    ask: Asked,
    *,
    only_wrong: Annotated[bool, Query(description="Leave out the right rows")] = False,
    cursor: Cursor = None,
    limit: Limit = 200,
) -> PreviewOut:
    """Each row, masked, with its faults, and what is filed already."""
    after = unpack_number(cursor)
    found = _preview(ask, ask.read(lambda _, who: who), upload_id)
    rows = [row for row in found.rows if row.row > after and (row.is_wrong or not only_wrong)]
    following = link_next(request, response, rows[limit - 1].row if len(rows) > limit else None)
    return preview_out(found, rows[:limit], following, words_in(language_of(request)).plain)


def _preview(ask: Ask, who: Identity, upload_id: UUID) -> Preview:
    with ask.database.reading() as session:
        return preview(session, who, ask.vault, ask.uploads, upload_id, ask.at)


@router.post(
    "/uploads/{upload_id}/import",
    status_code=201,
    response_model=SubmittedOut,
    responses=problems(403, 404, 409, 410, 422),
    operation_id="importUpload",
    summary="File an upload",
)
def file_upload(upload_id: UUID, body: ImportIn, ask: Asked, creating: Creating) -> JSONResponse:
    """All rows or nothing, or only the right ones. The same file for the same compounds is filed once."""

    def work(who: Identity) -> Made:
        return made(import_upload(ask.database, who, ask.vault, ask.uploads, upload_id, body.mode, ask.at))

    return creating.around(work, body.model_dump_json().encode())


@router.get(
    "/uploads/{upload_id}/marked",
    response_class=Response,
    responses=problems(404, 410) | BOOK,
    operation_id="readMarkedUpload",
    summary="The workbook with its wrong cells marked",
)
def send_marked(upload_id: UUID, request: Request, ask: Asked) -> Response:
    """The same workbook, with the reasons in a column of their own."""
    who = ask.read(lambda _, known: known)
    translate = words_in(language_of(request)).plain
    with ask.database.reading() as session:
        book = marked(session, who, ask.vault, ask.uploads, upload_id, translate, ask.at)
    return _book(book, "riders-marked.xlsx")


@router.post(
    "/filings/workbook",
    status_code=201,
    response_model=SubmittedOut,
    responses=problems(400, 403, 404, 409, 413, 422),
    operation_id="submitWorkbook",
    summary="File riders from a workbook at once",
)
def file_workbook(
    sent: Workbook, ask: Asked, creating: Creating, mode: Annotated[ImportMode, Form()] = ImportMode.ALL_OR_NOTHING
) -> JSONResponse:
    """Upload and file in one step, without a preview."""

    def work(who: Identity) -> Made:
        kept = sent.keep(ask, who)
        return made(import_upload(ask.database, who, ask.vault, ask.uploads, kept, mode, ask.at))

    return creating.around(work, *sent.parts(mode.value))


@router.get(
    "/filings/template",
    response_class=Response,
    responses=problems() | BOOK,
    operation_id="readTemplate",
    summary="An empty list to fill in",
)
def send_template(request: Request, ask: Asked) -> Response:
    """In the reader's language, with the district's platforms to choose from."""
    ask.read(lambda _, who: who)
    return _book(roster_template(platforms(), words_in(language_of(request)).plain), "riders-template.xlsx")


def _book(book: bytes, name: str) -> Response:
    return Response(book, media_type=WORKBOOK, headers=saved_as(name))
