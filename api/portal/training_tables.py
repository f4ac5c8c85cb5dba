"""Timetables in the portal: a draft is asked for, looked at, wished for anew, put before the parties, discarded."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.portal import training_forms as forms
from api.portal.answering import PageRoute
from api.portal.filing import address_of
from api.portal.guarding import Form, number_in, text_of
from api.portal.training import Shown, act, show_page
from api.portal.visiting import AtDesk, Desk, database_of, now_of
from models.clock import local_date
from models.errors import NotFound
from models.training import consulting, drafting
from models.training.tables import Timetable
from models.views import training_entering as entering
from models.views.training_lists import timetable_rows
from models.views.training_plan import plan_view
from models.words import N_

router = APIRouter(route_class=PageRoute, include_in_schema=False)
TABLES = "/training/timetables"
WEEKS_ASKED = 4
DONE: dict[str, str] = {
    "asked": N_("Asked for. The draft is computed in the next round."),
    "discarded": N_("Discarded. Its courses can be planned anew."),
}


@router.get("/training/timetables")
def show_tables(request: Request, desk: AtDesk, done: str = "") -> Response:
    """Timetables, the newest first, and the form that asks for one; `after` goes on."""
    return _tables(request, desk, Shown(DONE.get(done, "")))


def _tables(request: Request, desk: Desk, shown: Shown) -> Response:
    today, after = local_date(now_of(request)), forms.identifier(request.query_params.get("after", ""))
    first = today + timedelta(days=7 - today.weekday())
    with database_of(request).reading() as session:
        page = timetable_rows(session, desk.who, after=after)
        is_planner = entering.may_plan(session, desk.who)
        plannable = entering.plannable(session, desk.who) if is_planner else ()
    days = [("first_on", first.isoformat()), ("last_on", (first + timedelta(days=7 * WEEKS_ASKED - 1)).isoformat())]
    chosen = [("courses", str(one.course.id)) for one in plannable]
    more = {"page": page, "plannable": plannable, "is_planner": is_planner, "new": FormData([*days, *chosen])}
    return show_page(request, desk, "training_timetables", shown, **more)


@router.post("/training/timetables")
def ask_for_table(request: Request, desk: AtDesk, form: Form) -> Response:
    """Ask for a draft; its page says when it is there."""
    made: list[UUID] = []

    def command(session: Session) -> None:
        made[:] = [drafting.ask(session, desk.who, forms.asking(form), now_of(request)).id]

    answer = act(request, TABLES, "", form, lambda shown: _tables(request, desk, shown), command)
    return _to_made(answer, made)


def _to_made(answer: Response, made: list[UUID]) -> Response:
    """Go on to the page of what was made, where anything was."""
    if made and "location" in answer.headers:
        answer.headers["location"] = f"{TABLES}/{made[0]}"
    return answer


@router.get("/training/timetables/{timetable_id}")
def show_table(request: Request, desk: AtDesk, timetable_id: UUID, done: str = "") -> Response:
    """One timetable; `by`: per "site" or "trainer". Raises `NotFound`."""
    return _table(request, desk, timetable_id, Shown(DONE.get(done, "")))


def _table(request: Request, desk: Desk, timetable_id: UUID, shown: Shown) -> Response:
    by = "trainer" if request.query_params.get("by") == "trainer" else "site"
    with database_of(request).reading() as session:
        plan = plan_view(session, desk.who, timetable_id, by)
        table = session.get_one(Timetable, timetable_id)
        sites = entering.sites_open(session, desk.who)
        is_planner = entering.may_plan(session, desk.who, table.organisation_id)
    more: dict[str, Any] = {"plan": plan, "table": plan.table, "by": by, "sites": sites, "is_planner": is_planner}
    more |= {"names": forms.named(sites), "typed": shown.typed or FormData()}
    return show_page(request, desk, "training_timetable", shown, **more)


@router.post("/training/timetables/{timetable_id}/wishes")
def wish(request: Request, desk: AtDesk, form: Form, timetable_id: UUID) -> Response:
    """Have it computed anew with these wishes; the page of the new draft says when it is there."""
    version, made = number_in(text_of(form, "version")), list[UUID]()

    def command(session: Session) -> None:
        wishes, at = forms.stated(form), now_of(request)
        made[:] = [drafting.ask_again(session, desk.who, timetable_id, wishes, version, at).id]

    def showing(shown: Shown) -> Response:
        return _table(request, desk, timetable_id, shown)

    return _to_made(act(request, TABLES, "wishes", form, showing, command), made)


@router.post("/training/timetables/{timetable_id}/discarding")
def discard(request: Request, desk: AtDesk, form: Form, timetable_id: UUID) -> Response:
    """Throw it away."""
    version = number_in(text_of(form, "version"))
    return act(
        request,
        f"{TABLES}?done=discarded",
        "discarding",
        form,
        lambda shown: _table(request, desk, timetable_id, shown),
        lambda session: drafting.discard(session, desk.who, timetable_id, version, now_of(request)),
    )


@router.post("/training/timetables/{timetable_id}/submission")
def submit(request: Request, desk: AtDesk, form: Form, timetable_id: UUID) -> Response:
    """Put it before the parties, and go on to the matter that it has become. Raises `NotFound`."""
    version, made = number_in(text_of(form, "version")), list[str]()

    def command(session: Session) -> None:
        made[:] = [consulting.submit(session, desk.who, timetable_id, version, now_of(request)).reference]

    def showing(shown: Shown) -> Response:
        return _table(request, desk, timetable_id, shown)

    answer = act(request, TABLES, "submission", form, showing, command)
    if made and "location" in answer.headers:
        answer.headers["location"] = address_of(made[0], "submitted")
    return answer


@router.post("/training/timetables/{timetable_id}/resubmission")
def submit_again(request: Request, desk: AtDesk, form: Form, timetable_id: UUID) -> Response:
    """Put a returned one before the parties again, as it is or computed anew since. Raises `NotFound`."""
    at, matter_id = now_of(request), forms.identifier(text_of(form, "matter"))
    if matter_id is None:
        raise NotFound()
    return act(
        request,
        f"{TABLES}/{timetable_id}",
        "submission",
        form,
        lambda shown: _table(request, desk, timetable_id, shown),
        lambda session: consulting.submit_again(session, desk.who, matter_id, timetable_id, None, at),
    )
