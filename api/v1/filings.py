"""Access filings: submit, list, read, submit again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api.asking import Ask, Asked
from api.conditions import ExpectedVersion, put_etag
from api.cursors import link_next, unpack_id, unpack_number
from api.replaying import Creating, Made
from api.v1.describing import problems
from api.v1.sending import AgainIn, FilingIn
from api.v1.shapes import EntryOut, FilingOut, FilingPage, FilingRow, LineOut, LinePage, Out, RoundOut
from models.clock import local_date
from models.filing.checking import check_riders
from models.filing.ruling import current_rules
from models.filing.submitting import Submission, Submitted, submit, submit_again
from models.matter import Matter, MatterKind, MatterStatus, ReaderWay, visible
from models.officer import Identity
from models.protocol.schema import Party
from models.rider_rules import RiderLine
from models.views.filing import filing_view, timeline_view
from models.views.lines import lines_view
from models.views.matters import Filters, by_reference, listed
from models.views.paging import Turn
from models.views.timeline import rounds_view

Cursor = Annotated[str | None, Query(description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=200, description="Most rows of the page")]
LineLimit = Annotated[int, Query(ge=1, le=2000, description="Most rows of the page")]

router = APIRouter(prefix="/filings", tags=["filings"])


class SubmittedOut(Out):
    """The filing that was made; `is_new` false: the same file was filed for the same compounds before."""

    id: UUID
    reference: str
    is_new: bool


def made(submitted: Submitted) -> Made:
    """The answer to a submission."""
    shape = SubmittedOut(id=submitted.matter_id, reference=submitted.reference, is_new=submitted.is_new)
    return Made(shape, f"/api/v1/filings/{shape.id}", 201 if submitted.is_new else 200)


def find(session: Session, who: Identity, key: str) -> UUID:
    """The id of the filing that an address names by id or by reference. Raises `NotFound`."""
    try:
        return UUID(key)
    except ValueError:
        return by_reference(session, key, who)


@router.post(
    "",
    status_code=201,
    response_model=SubmittedOut,
    responses=problems(403, 404, 422),
    operation_id="submitFiling",
    summary="File riders",
)
async def file_riders(body: FilingIn, ask: Asked, creating: Creating) -> JSONResponse:
    """File riders for compounds and a period: all of them or, with every fault named, none."""
    lines = await run_in_threadpool(_check, ask, body)
    submission = Submission(tuple(body.compounds), lines, body.note)
    return await creating.create(lambda session, who: made(submit(session, who, ask.vault, submission, ask.at)))


def _check(ask: Ask, body: FilingIn) -> tuple[RiderLine, ...]:
    """The riders by the district's rules, for whoever bears a token."""
    rules, today = current_rules(body.default_period), local_date(ask.at)
    return ask.read(lambda _, __: check_riders(body.raw_riders(), rules, today))


@router.get("", responses=problems(400, 422), operation_id="listFilings", summary="List filings that you may read")
def list_filings(
    request: Request,
    response: Response,
    ask: Asked,
    status: Annotated[list[MatterStatus] | None, Query(description="Any of these")] = None,
    kind: MatterKind | None = None,
    compound: UUID | None = None,
    awaited: Annotated[Party | None, Query(description="Waits for an organisation of this party")] = None,
    organisation: Annotated[UUID | None, Query(description="The company that filed")] = None,
    way: Annotated[ReaderWay | None, Query(description="How you came to read it: filed, sitting, or copied")] = None,
    due_from: Annotated[AwareDatetime | None, Query(description="Awaited until this instant or later")] = None,
    due_until: Annotated[AwareDatetime | None, Query(description="Awaited until before this instant")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> FilingPage:
    """The newest first. An administrator reads every filing of the district."""
    filters = Filters(
        frozenset(status or ()),
        kind,
        compound,
        awaited,
        organisation,
        way=way,
        due_from=due_from,
        due_until=due_until,
    )
    after = unpack_id(cursor)
    page = ask.read(lambda session, who: listed(session, who, filters, ask.at, Turn(after, limit=limit)))
    following = link_next(request, response, page.next)
    return FilingPage(rows=[FilingRow.model_validate(row) for row in page.rows], next=following)


@router.get("/{key}", responses=problems(404), operation_id="readFiling", summary="Read a filing")
def read_filing(key: str, response: Response, ask: Asked) -> FilingOut:
    """By its id or its reference: summary, the parties' standing, timeline, rounds, letters. `ETag`: its version."""
    view = ask.read(
        lambda session, who: filing_view(session, who, ask.vault, find(session, who, key), ask.at, lines_limit=1)
    )
    put_etag(response, view.version)
    return FilingOut.model_validate(view)


@router.get("/{key}/lines", responses=problems(400, 404, 422), operation_id="readLines", summary="Read its riders")
def read_lines(
    key: str, request: Request, response: Response, ask: Asked, cursor: Cursor = None, limit: LineLimit = 200
) -> LinePage:
    """Line by line, masked, with what became of each."""
    after = unpack_number(cursor)
    page = ask.read(lambda session, who: lines_view(session, who, ask.vault, find(session, who, key), after, limit))
    following = link_next(request, response, page.next)
    return LinePage(rows=[LineOut.model_validate(row) for row in page.rows], next=following)


@router.get("/{key}/timeline", responses=problems(404), operation_id="readTimeline", summary="Read its record")
def read_timeline(key: str, ask: Asked) -> list[EntryOut]:
    """Every act, oldest first."""
    entries = ask.read(lambda session, who: timeline_view(session, who, find(session, who, key), ask.at))
    return [EntryOut.model_validate(entry) for entry in entries]


@router.get("/{key}/rounds", responses=problems(404), operation_id="readRounds", summary="Read its rounds")
def read_rounds(key: str, ask: Asked) -> list[RoundOut]:
    """The engine's rounds that moved it, oldest first."""
    rounds = ask.read(lambda session, who: rounds_view(session, who, find(session, who, key)))
    return [RoundOut.model_validate(one) for one in rounds]


class AgainOut(Out):
    """The filing is submitted once more."""

    id: UUID
    reference: str
    status: MatterStatus
    version: int


@router.post(
    "/{filing_id}/submission",
    response_model=AgainOut,
    responses=problems(400, 403, 404, 409, 412, 422, 428),
    operation_id="submitFilingAgain",
    summary="Submit a returned filing again",
)
async def submit_filing_again(
    filing_id: UUID, body: AgainIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """Without the lines in `drop`; the parties consult anew."""

    def act(session: Session, who: Identity) -> Made:
        visible(session, filing_id, who)
        submit_again(session, who, filing_id, frozenset(body.drop), body.note, version, ask.at)
        session.flush()
        return _again(session.get_one(Matter, filing_id))

    return await creating.create(act)


def _again(matter: Matter) -> Made:
    shape = AgainOut(id=matter.id, reference=matter.reference, status=matter.status, version=matter.version)
    return Made(shape, f"/api/v1/filings/{matter.id}", 200)
