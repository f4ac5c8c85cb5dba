"""Rounds of the engine: asked for here, run by Prefect."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from api.asking import Ask, Asked
from api.dispatching import RoundKind
from api.replaying import Creating, Made, Once, answer
from api.v1.describing import problems
from api.v1.sending import In
from api.v1.shapes import Out
from models.errors import NotAllowed
from models.idempotency import Answered, Keyed, once, recall
from models.officer import Identity

router = APIRouter(prefix="/rounds", tags=["rounds"])


class RoundIn(In):
    """Which flow takes what is due."""

    flow: RoundKind = RoundKind.ACCESS_FILING


class StartedOut(Out):
    """The Prefect run that takes the round."""

    flow: RoundKind
    run: str


@router.post(
    "",
    status_code=202,
    response_model=StartedOut,
    responses=problems(403, 422),
    operation_id="startRound",
    summary="Ask for a round",
)
async def start_round(body: RoundIn, ask: Asked, creating: Creating) -> JSONResponse:
    """For administrators. Asking again within the same second, or with the same key, is answered with the same run."""
    keyed, known = await run_in_threadpool(_prepare, ask, creating, body)
    if known is not None:
        return answer(known)
    key = f"{keyed.officer_id}:{keyed.key}" if keyed.key else f"{body.flow}:{int(ask.at.timestamp())}"
    run = await ask.request.app.state.prefect.start_round(body.flow, f"api:{key}")
    made = Made(StartedOut(flow=body.flow, run=run), f"/api/v1/rounds/{run}", 202).to_data()
    return answer(await ask.write(lambda session, _: once(session, keyed, lambda: made, ask.at)))


def _prepare(ask: Ask, creating: Once, body: RoundIn) -> tuple[Keyed, Answered | None]:
    """The request's key and what it was answered before. Raises `NotAllowed`, `KeyUsedOtherwise`."""
    who = ask.read(lambda _, known: _administrator(known))
    keyed = creating.keyed(who, (body.model_dump_json().encode(),))
    with ask.database.reading() as session:
        return keyed, recall(session, keyed, ask.at)


def _administrator(who: Identity) -> Identity:
    if not who.is_administrator:
        raise NotAllowed()
    return who
