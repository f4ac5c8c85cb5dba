"""Seats: what waits for my organisation, and its opinion."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from api.asking import Asked, ask_at_once
from api.conditions import etag, put_etag, read_version
from api.cursors import link_next, unpack_instant_and_id
from api.v1.describing import problems
from api.v1.filings import Cursor, Limit
from api.v1.sending import OpinionIn
from api.v1.shapes import Out, SeatOut, StageOut, WaitingOut, WaitingPage
from models.consultation.opinions import give_opinion
from models.views.paging import Turn
from models.views.seats import SeatPlace, seat_place
from models.views.waiting import SeatFilters, waiting_for

router = APIRouter(prefix="/seats", tags=["seats"])

# What `put_opinion` reads by hand, described as FastAPI would describe it.
BY_HAND = {
    "security": [{"HTTPBearer": []}],
    "parameters": [
        {
            "name": "if-match",
            "in": "header",
            "required": False,
            "schema": {"anyOf": [{"type": "string"}, {"type": "null"}], "title": "If-Match"},
            "description": "The ETag that was read, or `*` for any version.",
            "examples": {"read": {"value": '"1"'}},
        }
    ],
}


class SeatPlaceOut(Out):
    """A seat with its stage and filing."""

    filing_id: UUID
    reference: str
    stage: StageOut
    seat: SeatOut


class GivenOut(Out):
    """The opinion is recorded. `version`: the seat's new one; `is_stage_settled`: this opinion decided the stage."""

    seat_id: UUID
    filing_id: UUID
    opinion_id: UUID
    version: int
    is_stage_settled: bool


def _place(place: SeatPlace) -> SeatPlaceOut:
    return SeatPlaceOut(
        filing_id=place.matter_id,
        reference=place.reference,
        stage=StageOut.model_validate(place.stage),
        seat=SeatOut.model_validate(place.seat),
    )


@router.get(
    "/waiting", responses=problems(400, 422), operation_id="listWaiting", summary="What waits for my organisation"
)
def list_waiting(
    request: Request,
    response: Response,
    ask: Asked,
    compound: UUID | None = None,
    due_from: Annotated[AwareDatetime | None, Query(description="Deadlines from this instant on")] = None,
    due_until: Annotated[AwareDatetime | None, Query(description="Deadlines before this instant")] = None,
    held: Annotated[  # noqa: FBT002 - named in the address
        bool, Query(description="Those in colleagues' hands, instead of those that you may answer")
    ] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> WaitingPage:
    """Seats that are asked and have not answered, the nearest deadline first."""
    after = unpack_instant_and_id(cursor)
    filters = SeatFilters(None, compound, due_from, due_until, held)
    page = ask.read(lambda session, who: waiting_for(session, who, ask.at, Turn(after, limit=limit), filters))
    following = link_next(request, response, page.next)
    return WaitingPage(rows=[WaitingOut.model_validate(row) for row in page.rows], next=following)


@router.get("/{seat_id}", responses=problems(404), operation_id="readSeat", summary="Read a seat")
def read_seat(seat_id: UUID, response: Response, ask: Asked) -> SeatPlaceOut:
    """With its stage and filing. `ETag`: the seat's version."""
    place = ask.read(lambda session, who: seat_place(session, who, seat_id, ask.at))
    put_etag(response, place.seat.version)
    return _place(place)


@router.put(
    "/{seat_id}/opinion",
    response_model=GivenOut,
    responses=problems(400, 403, 404, 409, 412, 422, 428),
    operation_id="giveOpinion",
    summary="Give or change my organisation's opinion",
    openapi_extra=BY_HAND,
)
async def put_opinion(seat_id: UUID, body: OpinionIn, request: Request) -> Response:
    """Until the stage settles. The opinion that decides a stage settles it with this answer."""
    ask, draft, version = ask_at_once(request), body.draft(), read_version(request.headers.get("If-Match"))
    given = await ask.write(lambda session, who: give_opinion(session, who, seat_id, draft, version, ask.at))
    said = GivenOut(
        seat_id=given.seat_id,
        filing_id=given.matter_id,
        opinion_id=given.opinion_id,
        version=given.seat_version,
        is_stage_settled=given.is_stage_settled,
    )
    headers = {"ETag": etag(given.seat_version)}
    return Response(said.model_dump_json(), media_type="application/json", headers=headers)
