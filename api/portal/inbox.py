"""What waits for me 待办: the seats of my organisation that are asked, what was returned to us, and how things stand."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from api.portal.answering import PageRoute
from api.portal.rendering import render
from api.portal.visiting import AtDesk, database_of, now_of
from models.errors import NotFound
from models.matter import MatterStatus
from models.officer import Identity
from models.views.matters import (
    ALL,
    Filters,
    MatterRow,
    WaitingCount,
    WaitingKey,
    WaitingRow,
    count_waiting,
    listed,
    waiting_for,
)
from models.views.paging import Page

A_FEW = 8
ONE_PAGE = 50

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Inbox:
    """What the first page shows."""

    counts: WaitingCount
    waiting: Page[WaitingRow, WaitingKey]
    returned: tuple[MatterRow, ...]
    latest: tuple[MatterRow, ...]


@router.get("/")
def show_inbox(request: Request, desk: AtDesk, after: str = "") -> Response:
    """The first page of an officer."""
    with database_of(request).reading() as session:
        inbox = look_up(session, desk.who, now_of(request), after)
    return render(request, desk, "pages/inbox", inbox=inbox, following=write_key(inbox.waiting.next), after=after)


def look_up(session: Session, who: Identity, at: datetime, after: str) -> Inbox:
    """Everything on the first page. Raises `NotFound` for an `after` that is no key."""
    returned = Filters(frozenset({MatterStatus.RETURNED}), organisation_id=who.organisation_id)
    return Inbox(
        count_waiting(session, who, at),
        waiting_for(session, who, at, read_key(after), ONE_PAGE),
        listed(session, who, returned, at, limit=ONE_PAGE).rows,
        listed(session, who, ALL, at, limit=A_FEW).rows,
    )


def write_key(key: WaitingKey | None) -> str:
    """A key as it stands in an address."""
    return f"{key[0].isoformat()}_{key[1]}" if key else ""


def read_key(text: str) -> WaitingKey | None:
    """The key that an address names, None for none. Raises `NotFound` for anything else."""
    if not text:
        return None
    due_at, _, seat_id = text.partition("_")
    try:
        return datetime.fromisoformat(due_at), UUID(seat_id)
    except ValueError:
        raise NotFound() from None
