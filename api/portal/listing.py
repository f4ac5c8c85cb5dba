"""All filings that the officer may read, the newest first, narrowed as the address says."""

from fastapi import APIRouter, Request, Response

from api.portal.answering import PageRoute
from api.portal.inbox import matter_turn, write_key
from api.portal.narrowing import asked_of, compounds_for
from api.portal.rendering import render
from api.portal.visiting import AtDesk, database_of, now_of
from models.saved_filter import filters_of
from models.views.matters import listed

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/filings")
def show_filings(request: Request, desk: AtDesk) -> Response:
    """The filings that the officer may read."""
    asked = asked_of(request, desk)
    officer_id = desk.who.officer_id if asked.is_own else None
    with database_of(request).reading() as session:
        page = listed(session, desk.who, asked.filters(None, officer_id), now_of(request), matter_turn(asked))
        saved, compounds = filters_of(session, desk.who), compounds_for(session)
    keys = {"following": write_key(page.next), "previous": write_key(page.previous)}
    return render(request, desk, "pages/filings", asked=asked, page=page, saved=saved, compounds=compounds, **keys)
