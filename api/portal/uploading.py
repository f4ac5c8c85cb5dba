"""Filing riders from a workbook: upload, look at the preview, correct or file."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, UploadFile

from api.downloads import saved_as
from api.portal.answering import PageRoute
from api.portal.filing import address_of
from api.portal.guarding import Form, text_of, texts_of
from api.portal.rendering import render
from api.portal.visiting import AtDesk, Desk, database_of, now_of, settings_of, vault_of
from api.rate_limits import Often, hold_back
from models.district import compounds_of
from models.errors import NotFound, RuleBroken
from models.filing.previewing import Preview
from models.filing.ruling import platforms
from models.filing.submitting import OnlyPropertyCompaniesFile
from models.filing.uploading import ImportMode, PeriodHalf, import_upload, keep, marked, period_of, preview
from models.protocol.schema import Party
from models.words import N_
from models.workbook import roster_template
from templates.pages import words_in

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_A_PAGE = 100

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class FileMissing(RuleBroken):
    """No file was chosen."""

    sentence = N_("Choose a workbook (.xlsx) to upload.")
    status = 422


@dataclass(frozen=True, slots=True)
class Wanted:
    """The upload form as it was filled in."""

    compound_ids: tuple[str, ...] = ()
    starts_on: str = ""
    ends_on: str = ""

    @classmethod
    def of(cls, form: FormData) -> "Wanted":
        """What came with a form."""
        return cls(tuple(texts_of(form, "compound")), text_of(form, "starts_on"), text_of(form, "ends_on"))

    @property
    def compounds(self) -> list[UUID]:
        """The ticked compounds. Raises `NotFound`."""
        try:
            return [UUID(one) for one in self.compound_ids]
        except ValueError:
            raise NotFound() from None

    @property
    def period(self) -> tuple[date, date] | None:
        """What fills the dates that rows do not have. Raises `PeriodHalf`."""
        try:
            first, last = (date.fromisoformat(day) if day else None for day in (self.starts_on, self.ends_on))
        except ValueError:
            raise PeriodHalf() from None
        return period_of(first, last)


@router.get("/filings/new")
def show_upload(request: Request, desk: AtDesk) -> Response:
    """The form to upload a workbook. Raises `OnlyPropertyCompaniesFile`."""
    return _show_form(request, desk, Wanted(), None)


@router.get("/filings/template")
def send_template(desk: AtDesk) -> Response:
    """An empty list to fill in, in the reader's language."""
    book = roster_template(platforms(), words_in(desk.language).plain)
    return _workbook(book, "riders-template.xlsx")


@router.post("/filings/new")
def upload(request: Request, desk: AtDesk, form: Form) -> Response:
    """Keep the workbook and go on to its preview; a file that cannot be read is refused at the form."""
    hold_back(request, Often.UPLOAD, str(desk.own.officer_id))
    wanted = Wanted.of(form)
    folder, file = _folder(request), form.get("file")
    try:
        with _on_disk(folder, file) as path:
            ids, period = wanted.compounds, wanted.period
            kept = keep(database_of(request), desk.who, vault_of(request), folder, path, ids, period, now_of(request))
    except RuleBroken as broken:
        return _show_form(request, desk, wanted, broken)
    return RedirectResponse(f"/filings/new/{kept}", 303)


@router.get("/filings/new/{upload_id}")
def show_preview(request: Request, desk: AtDesk, upload_id: UUID, page: int = 1) -> Response:
    """What the workbook says, row by row, and what would be filed."""
    return _show_preview(request, desk, upload_id, page, None)


@router.post("/filings/new/{upload_id}")
def file_upload(request: Request, desk: AtDesk, upload_id: UUID, form: Form) -> Response:
    """File the rows; the second of two clicks leads to the same filing."""
    is_all = text_of(form, "mode") != ImportMode.ONLY_RIGHT
    mode = ImportMode.ALL_OR_NOTHING if is_all else ImportMode.ONLY_RIGHT
    database, vault, folder = database_of(request), vault_of(request), _folder(request)
    try:
        filed = import_upload(database, desk.who, vault, folder, upload_id, mode, now_of(request))
    except RuleBroken as broken:
        return _show_preview(request, desk, upload_id, 1, broken)
    return RedirectResponse(address_of(filed.reference, "submitted" if filed.is_new else "known"), 303)


@router.get("/filings/new/{upload_id}/marked")
def send_marked(request: Request, desk: AtDesk, upload_id: UUID) -> Response:
    """The same workbook with its wrong cells marked and the reasons beside them."""
    translate = words_in(desk.language).plain
    with database_of(request).reading() as session:
        book = marked(session, desk.who, vault_of(request), _folder(request), upload_id, translate, now_of(request))
    return _workbook(book, "riders-marked.xlsx")


def _show_form(request: Request, desk: Desk, wanted: Wanted, broken: RuleBroken | None) -> Response:
    if desk.who.party is not Party.PROPERTY:
        raise OnlyPropertyCompaniesFile()
    with database_of(request).reading() as session:
        compounds = compounds_of(session, desk.who.organisation_id)
    said, status = (broken.said, broken.status) if broken else (None, 200)
    return render(request, desk, "pages/upload", status, compounds=compounds, wanted=wanted, said=said)


def _show_preview(request: Request, desk: Desk, upload_id: UUID, page: int, broken: RuleBroken | None) -> Response:
    with database_of(request).reading() as session:
        found = preview(session, desk.who, vault_of(request), _folder(request), upload_id, now_of(request))
    said, status = (broken.said, broken.status) if broken else (None, 200)
    return render(request, desk, "pages/preview", status, preview=found, sheet=sheet_of(found, page), said=said)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of the preview: every wrong row stands before it, the rows of this page below."""

    wrong: tuple[object, ...]
    rows: tuple[object, ...]
    page: int
    pages: int


def sheet_of(found: Preview, page: int) -> Sheet:
    """The rows of one page; a page that there is not is the nearest."""
    wrong = tuple(row for row in found.rows if row.is_wrong)
    right = tuple(row for row in found.rows if not row.is_wrong)
    pages = max(1, -(-len(right) // ROWS_A_PAGE))
    here = min(max(page, 1), pages)
    return Sheet(wrong, right[(here - 1) * ROWS_A_PAGE : here * ROWS_A_PAGE], here, pages)


def _folder(request: Request) -> Path:
    """Where uploads are kept sealed."""
    folder = settings_of(request).state_dir / "uploads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


@contextmanager
def _on_disk(folder: Path, file: object) -> Generator[Path]:
    """The sent file for as long as it is read. Raises `FileMissing`."""
    if not isinstance(file, UploadFile) or not file.filename:
        raise FileMissing()
    with NamedTemporaryFile(dir=folder, prefix="opened-", suffix=".xlsx") as copy:
        shutil.copyfileobj(file.file, copy)
        copy.flush()
        yield Path(copy.name)


def _workbook(book: bytes, name: str) -> Response:
    return Response(book, media_type=WORKBOOK, headers=saved_as(name))
