"""The list of filings, with simple filters, the newest first."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api.portal.answering import PageRoute
from api.portal.rendering import render
from api.portal.visiting import AtDesk, database_of, now_of
from models.matter import MatterStatus
from models.officer import Identity
from models.protocol.schema import Party
from models.views.matters import Filters, listed

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/filings")
def show_filings(
    request: Request,
    desk: AtDesk,
    status: str = "",
    awaited: str = "",
    mine: Annotated[bool, Query()] = False,  # noqa: FBT002 (a query's box is named in the address)
    after: UUID | None = None,
) -> Response:
    """The filings that the officer may read."""
    filters = narrow(desk.who, status, awaited, mine=mine)
    with database_of(request).reading() as session:
        page = listed(session, desk.who, filters, now_of(request), after)
    return render(request, desk, "pages/filings", page=page, status=status, awaited=awaited, mine=mine, after=after)


def narrow(who: Identity, status: str, awaited: str, *, mine: bool) -> Filters:
    """The filters that the address names; words that it does not know narrow nothing."""
    return Filters(
        statuses=frozenset({MatterStatus(status)} if status in set(MatterStatus) else ()),
        awaited=Party(awaited) if awaited in set(Party) else None,
        organisation_id=who.organisation_id if mine else None,
        is_stuck=status == "stuck" and who.is_administrator,
    )
