"""Timetables: a draft is asked for, wished for anew, put before the parties, agreed to under conditions, read."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from api.asking import Asked
from api.conditions import ExpectedVersion, put_etag
from api.cursors import link_next, unpack_id
from api.problems import language_of
from api.replaying import Creating, Made
from api.v1.describing import problems
from api.v1.filings import AgainOut, Cursor, Limit
from api.v1.timetable_shapes import (
    AgreedOut,
    ConditionsIn,
    SubmittedOut,
    TimetableIn,
    TimetableOut,
    TimetablePage,
    TimetableRowOut,
    WishesIn,
)
from api.v1.training_shapes import DoneOut
from models.matter import Matter
from models.officer import Identity
from models.training import conditions, consulting, drafting
from models.training.tables import Timetable, TimetableStatus
from models.views.training import timetable_view
from models.views.training_lists import timetable_rows
from templates.pages import words_in

TABLES = "/api/v1/timetables"
CHANGED = problems(400, 403, 404, 409, 412, 422, 428)

router = APIRouter(tags=["training"])


def _done(table: Timetable, status: int = 200) -> Made:
    return Made(DoneOut.model_validate(table), f"{TABLES}/{table.id}", status)


@router.get("/timetables", responses=problems(400, 404, 422), operation_id="listTimetables", summary="List timetables")
def list_timetables(
    request: Request,
    response: Response,
    ask: Asked,
    status: TimetableStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> TimetablePage:
    """The newest first: all of the district for departments, the published ones for others."""
    after = unpack_id(cursor)
    page = ask.read(lambda session, who: timetable_rows(session, who, status, after, limit))
    following = link_next(request, response, page.next)
    return TimetablePage(rows=[TimetableRowOut.model_validate(row) for row in page.rows], next=following)


@router.post(
    "/timetables",
    status_code=201,
    response_model=DoneOut,
    responses=problems(403, 409, 422),
    operation_id="askForTimetable",
    summary="Ask for a draft",
)
async def post_timetable(body: TimetableIn, ask: Asked, creating: Creating) -> JSONResponse:
    """For departments, of their own courses. It is computed in the next round; read it until its status is `draft`."""

    def act(session: Session, who: Identity) -> Made:
        return _done(drafting.ask(session, who, body.asking(), ask.at), 201)

    return await creating.create(act)


@router.get(
    "/timetables/{timetable_id}", responses=problems(404), operation_id="readTimetable", summary="Read a timetable"
)
def read_timetable(timetable_id: UUID, request: Request, response: Response, ask: Asked) -> TimetableOut:
    """With its sessions, what has no place and why, what it cost, its wishes and conditions. `ETag`: its version."""
    view = ask.read(lambda session, who: timetable_view(session, who, timetable_id))
    put_etag(response, view.version)
    return TimetableOut.of(view, words_in(language_of(request)).plain)


@router.post(
    "/timetables/{timetable_id}/wishes",
    status_code=201,
    response_model=DoneOut,
    responses=CHANGED,
    operation_id="wishForTimetable",
    summary="Have a draft computed anew",
)
async def post_wishes(
    timetable_id: UUID, body: WishesIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """With these wishes. The answer is the new timetable; the draft stays until that is there and takes its place."""
    wishes = [one.stated() for one in body.wishes]

    def act(session: Session, who: Identity) -> Made:
        return _done(drafting.ask_again(session, who, timetable_id, wishes, version, ask.at), 201)

    return await creating.create(act)


@router.post(
    "/timetables/{timetable_id}/discarding",
    response_model=DoneOut,
    responses=CHANGED,
    operation_id="discardTimetable",
    summary="Throw a draft away",
)
async def post_discarding(timetable_id: UUID, ask: Asked, creating: Creating, version: ExpectedVersion) -> JSONResponse:
    """Its courses may be planned anew."""

    def act(session: Session, who: Identity) -> Made:
        return _done(drafting.discard(session, who, timetable_id, version, ask.at))

    return await creating.create(act)


@router.post(
    "/timetables/{timetable_id}/submission",
    status_code=201,
    response_model=SubmittedOut,
    responses=CHANGED,
    operation_id="submitTimetable",
    summary="Put a draft before the parties",
)
async def post_submission(timetable_id: UUID, ask: Asked, creating: Creating, version: ExpectedVersion) -> JSONResponse:
    """The communities, streets, councils and owners of its sites are asked in the next round."""

    def act(session: Session, who: Identity) -> Made:
        done = consulting.submit(session, who, timetable_id, version, ask.at)
        return Made(SubmittedOut(id=done.matter_id, reference=done.reference), f"/api/v1/filings/{done.matter_id}")

    return await creating.create(act)


@router.post(
    "/timetables/{timetable_id}/resubmission/{filing_id}",
    response_model=AgainOut,
    responses=CHANGED,
    operation_id="submitTimetableAgain",
    summary="Put a returned timetable before the parties again",
)
async def post_resubmission(
    timetable_id: UUID, filing_id: UUID, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """As it is, or computed anew since. `If-Match`: the matter's version."""

    def act(session: Session, who: Identity) -> Made:
        consulting.submit_again(session, who, filing_id, timetable_id, version, ask.at)
        session.flush()
        matter = session.get_one(Matter, filing_id)
        shape = AgainOut(id=matter.id, reference=matter.reference, status=matter.status, version=matter.version)
        return Made(shape, f"/api/v1/filings/{matter.id}", 200)

    return await creating.create(act)


@router.post(
    "/seats/{seat_id}/conditions",
    response_model=AgreedOut,
    responses=CHANGED,
    operation_id="agreeUnderConditions",
    summary="Agree to a timetable under conditions",
)
async def post_conditions(
    seat_id: UUID, body: ConditionsIn, ask: Asked, creating: Creating, version: ExpectedVersion
) -> JSONResponse:
    """In words and as the solver takes them; a party speaks for its own sites. `If-Match`: the seat's version."""
    stated = [one.stated() for one in body.conditions]

    def act(session: Session, who: Identity) -> Made:
        given = conditions.agree_under(session, who, seat_id, body.words, stated, version, ask.at, body.excepted())
        return Made(AgreedOut.model_validate(given), f"/api/v1/seats/{seat_id}", 200)

    return await creating.create(act)
