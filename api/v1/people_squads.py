"""Squads and rotas: made, led, planned, cancelled, and who came. Riders join and sign up on their phones."""

from collections.abc import Callable, Sequence
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from api.asking import Asked
from api.replaying import Creating, Made
from api.v1.describing import problems
from api.v1.people_shapes import (
    AttendanceIn,
    ShiftDoneOut,
    ShiftIn,
    SquadDoneOut,
    SquadIn,
    SquadOut,
    SquadRiderIn,
    SquadsOut,
)
from models.officer import Identity
from models.people import squads
from models.people.squad_tables import Shift, Squad
from models.views import people as views

SQUADS = "/api/v1/squads"  # with their rotas

router = APIRouter(tags=["riders"])
Doing = Callable[[Session, Identity], object]
ACT_PROBLEMS = problems(403, 404, 409, 422)


@router.get("/squads", responses=problems(403), operation_id="listSquads", summary="List squads and rotas")
def list_squads(ask: Asked) -> SquadsOut:
    """Of the own community, with members and shifts; names are masked."""

    def view(session: Session, who: Identity) -> Sequence[views.SquadRow]:
        views.check_meets_riders(who)
        return views.squad_rows(session, ask.vault, who.organisation_id, None, ask.at)

    rows = ask.read(view)
    return SquadsOut(rows=[SquadOut.model_validate(row) for row in rows])


@router.post(
    "/squads",
    status_code=201,
    response_model=SquadDoneOut,
    responses=problems(403, 422),
    operation_id="makeSquad",
    summary="Make a squad",
)
async def post_squad(body: SquadIn, ask: Asked, creating: Creating) -> JSONResponse:
    """志愿小队: of the own community."""

    def act(session: Session, who: Identity) -> Made:
        made = squads.make_squad(session, who, body.name, body.most, ask.at)
        return Made(SquadDoneOut.model_validate(made), SQUADS)

    return await creating.create(act)


async def _do(creating: Creating, squad_id: UUID, act: Doing) -> JSONResponse:
    """Act on a squad once, however often the request comes with its key."""

    def command(session: Session, who: Identity) -> Made:
        act(session, who)
        return Made(SquadDoneOut.model_validate(session.get_one(Squad, squad_id)), SQUADS, 200)

    return await creating.create(command)


async def _do_shift(creating: Creating, shift_id: UUID, act: Doing) -> JSONResponse:
    """The same on a shift."""

    def command(session: Session, who: Identity) -> Made:
        act(session, who)
        return Made(ShiftDoneOut.model_validate(session.get_one(Shift, shift_id)), SQUADS, 200)

    return await creating.create(command)


@router.post(
    "/squads/{squad_id}/leader",
    response_model=SquadDoneOut,
    responses=ACT_PROBLEMS,
    operation_id="leadSquad",
    summary="Make a member the leader",
)
async def post_leader(squad_id: UUID, body: SquadRiderIn, ask: Asked, creating: Creating) -> JSONResponse:
    """In the place of the last one."""
    return await _do(creating, squad_id, lambda s, who: squads.lead(s, who, squad_id, body.rider_id, ask.at))


@router.post(
    "/squads/{squad_id}/removal",
    response_model=SquadDoneOut,
    responses=ACT_PROBLEMS,
    operation_id="takeOutOfSquad",
    summary="Take a rider out of a squad",
)
async def post_removal(squad_id: UUID, body: SquadRiderIn, ask: Asked, creating: Creating) -> JSONResponse:
    """The rider's shifts to come are free again."""
    return await _do(creating, squad_id, lambda s, who: squads.take_out(s, who, squad_id, body.rider_id, ask.at))


@router.post(
    "/squads/{squad_id}/shifts",
    status_code=201,
    response_model=ShiftDoneOut,
    responses=ACT_PROBLEMS,
    operation_id="planShift",
    summary="Plan a shift",
)
async def post_shift(squad_id: UUID, body: ShiftIn, ask: Asked, creating: Creating) -> JSONResponse:
    """On the squad's rota."""

    def act(session: Session, who: Identity) -> Made:
        made = squads.plan(session, who, squad_id, body.shift(), ask.at)
        return Made(ShiftDoneOut.model_validate(made), SQUADS)

    return await creating.create(act)


@router.post(
    "/shifts/{shift_id}/cancellation",
    response_model=ShiftDoneOut,
    responses=ACT_PROBLEMS,
    operation_id="cancelShift",
    summary="Cancel a shift",
)
async def post_cancellation(shift_id: UUID, ask: Asked, creating: Creating) -> JSONResponse:
    """As long as it has not begun."""
    return await _do_shift(creating, shift_id, lambda s, who: squads.cancel_shift(s, who, shift_id, ask.at))


@router.post(
    "/shifts/{shift_id}/attendance",
    response_model=ShiftDoneOut,
    responses=ACT_PROBLEMS,
    operation_id="writeWhoCame",
    summary="Write down who came",
)
async def post_attendance(shift_id: UUID, body: AttendanceIn, ask: Asked, creating: Creating) -> JSONResponse:
    """Once it has begun; may be corrected."""
    return await _do_shift(
        creating, shift_id, lambda s, who: squads.write_who_came(s, who, shift_id, set(body.came), ask.at)
    )
