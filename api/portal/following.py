"""An open page of a matter follows what others do: the stream of its events."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api.live import Lookout, Watcher, follow
from api.portal.answering import PageRoute
from api.portal.visiting import AtDesk, Desk, database_of, now_of
from models.authority import sessions
from models.errors import RuleBroken
from models.matter import visible
from models.views.matters import by_reference

router = APIRouter(route_class=PageRoute, include_in_schema=False)

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # a proxy must not hold events back


@router.get("/filings/{reference}/events")
async def follow_filing(request: Request, desk: AtDesk, reference: str, version: int) -> Response:
    """Server-sent events while the session lasts: `changed` whenever the filing is newer than `version`."""
    matter_id = await run_in_threadpool(_matter_of, request, desk, reference)
    lookout, watcher = lookout_of(request), Watcher(matter_id, desk.own.officer_id, version)
    try:
        lookout.join(watcher)
    except RuleBroken:
        return Response(status_code=204)  # tells an EventSource to stop; the page then asks now and then

    def is_welcome(at: datetime) -> bool:
        """Whether the session lasts, and its officer may still read the matter."""
        with database_of(request).reading() as session:
            return _may_follow(session, desk, matter_id, at)

    events = follow(lookout, watcher, is_welcome, lambda: now_of(request))
    return StreamingResponse(events, media_type="text/event-stream", headers=HEADERS)


def _matter_of(request: Request, desk: Desk, reference: str) -> UUID:
    with database_of(request).reading() as session:
        return by_reference(session, reference, desk.who)


def _may_follow(session: Session, desk: Desk, matter_id: UUID, at: datetime) -> bool:
    try:
        sessions.seat(session, desk.secret, at)
        visible(session, matter_id, desk.who)
    except RuleBroken:
        return False
    return True


def lookout_of(request: Request) -> Lookout:
    """The process's one lookout, made when the first page follows."""
    state = request.app.state
    if not hasattr(state, "lookout"):
        state.lookout = Lookout(database_of(request))
    return state.lookout
