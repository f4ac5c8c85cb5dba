"""The officer's desk: what waits 待办, what was answered 已办, what we filed 我发起的, what we got a copy of 抄送我的."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from api.portal.answering import PageRoute
from api.portal.guarding import Form, text_of, texts_of
from api.portal.narrowing import Asked, asked_of, compounds_for
from api.portal.rendering import render
from api.portal.visiting import AtDesk, Desk, database_of, now_of, vault_of
from api.rate_limits import Often, hold_back
from models.consultation.in_bulk import agree_in_bulk, parts
from models.errors import NotFound, RuleBroken
from models.matter import MatterStatus, ReaderWay
from models.officer import Identity
from models.saved_filter import delete_filter, filters_of, save_filter
from models.views import searching
from models.views.extensions import count_requests, requests_for
from models.views.matters import Filters, count_listed, listed
from models.views.naming import matters_named
from models.views.paging import Page, Turn
from models.views.waiting import (
    AnsweredFilters,
    SeatFilters,
    SeatKey,
    WaitingCount,
    answered_by,
    count_answered,
    count_waiting,
    waiting_for,
)

TABS = ("todo", "done", "mine", "copies")
RETURNED = frozenset({MatterStatus.RETURNED})

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much each tab holds; a figure above 999 is said as "999+"."""

    todo: WaitingCount
    done: int
    mine: int
    copies: int
    returned: int
    requests: int


@router.get("/")
def show_inbox(request: Request, desk: AtDesk) -> Response:
    """The first page of an officer: one tab of the desk, narrowed as the address says."""
    asked = asked_of(request, desk)
    tab = asked.tab if asked.tab in TABS else "todo"
    with database_of(request).reading() as session:
        counts = count(session, desk.who, now_of(request))
        page = PAGES[tab](session, desk.who, asked, now_of(request))
        returned = _returned(session, desk.who, now_of(request)) if tab == "todo" and counts.returned else ()
        requests = requests_for(session, desk.who, now_of(request)) if tab == "todo" and counts.requests else ()
        saved, compounds = filters_of(session, desk.who), compounds_for(session)
    keys = {"following": write_key(page.next), "previous": write_key(page.previous)}
    shown = {
        "tab": tab,
        "counts": counts,
        "page": page,
        "returned": returned,
        "requests": requests,
        "saved": saved,
        "compounds": compounds,
    }
    return render(request, desk, "pages/inbox", asked=asked, **shown, **keys)


def count(session: Session, who: Identity, at: datetime) -> Counts:
    """What each tab holds."""
    return Counts(
        count_waiting(session, who, at),
        count_answered(session, who),
        count_listed(session, who, Filters(way=ReaderWay.FILER)),
        count_listed(session, who, Filters(way=ReaderWay.COPY)),
        count_listed(session, who, Filters(RETURNED, organisation_id=who.organisation_id)),
        count_requests(session, who, at),
    )


def _todo(session: Session, who: Identity, asked: Asked, at: datetime) -> Page[Any, Any]:
    filters = SeatFilters(asked.kind, asked.compound, asked.due_from, asked.due_until, asked.is_held)
    return waiting_for(session, who, at, seat_turn(asked), filters)


def _done(session: Session, who: Identity, asked: Asked, at: datetime) -> Page[Any, Any]:  # noqa: ARG001 - one shape for all tabs
    return answered_by(session, who, seat_turn(asked), AnsweredFilters(asked.compound, asked.statuses, asked.kind))


def _mine(session: Session, who: Identity, asked: Asked, at: datetime) -> Page[Any, Any]:
    officer_id = who.officer_id if asked.is_own else None
    return listed(session, who, asked.filters(ReaderWay.FILER, officer_id), at, matter_turn(asked))


def _copies(session: Session, who: Identity, asked: Asked, at: datetime) -> Page[Any, Any]:
    return listed(session, who, asked.filters(ReaderWay.COPY), at, matter_turn(asked))


PAGES = {"todo": _todo, "done": _done, "mine": _mine, "copies": _copies}


def _returned(session: Session, who: Identity, at: datetime) -> tuple[object, ...]:
    """Filings that came back to us: they wait for us as much as a seat does."""
    return listed(session, who, Filters(RETURNED, organisation_id=who.organisation_id), at).rows


@router.post("/inbox/agree")
def agree(request: Request, desk: AtDesk, form: Form) -> Response:
    """Agree to the ticked seats, each by itself; says what was and was not possible, and why."""
    ticked = [read_tick(text) for text in texts_of(form, "seat")]
    if not ticked:
        return RedirectResponse("/?none=1", 303)
    write, at = database_of(request).write, now_of(request)
    answers = [one for part in parts(ticked) for one in write(agree_in_bulk, desk.who, part, at)]
    with database_of(request).reading() as session:
        named = matters_named(session, (one.reference for one in answers if one.reference))
    return render(request, desk, "pages/agreed", answers=answers, named=named)


def read_tick(text: str) -> tuple[UUID, int | None]:
    """A ticked box: the seat and the version that was read, as `<id>:<version>`. Raises `NotFound` for anything else."""
    seat_id, _, version = text.partition(":")
    try:
        return UUID(seat_id), int(version) if version else None
    except ValueError:
        raise NotFound() from None


@router.get("/search")
def show_search(request: Request, desk: AtDesk) -> Response:
    """The search, before anything was typed."""
    return _search_page(request, desk, "", None, None)


@router.post("/search")
def find(request: Request, desk: AtDesk, form: Form) -> Response:
    """What the words lead to. They come in the form's body: a phone number has no place in an address or a log."""
    hold_back(request, Often.SEARCH, str(desk.own.officer_id))
    words = text_of(form, "q")
    try:
        with database_of(request).reading() as session:
            hits = searching.search(session, desk.who, vault_of(request), words, now_of(request))
    except RuleBroken as broken:
        return _search_page(request, desk, words, None, broken)
    return _search_page(request, desk, words, hits, None)


def _search_page(
    request: Request, desk: Desk, words: str, hits: tuple[searching.Hit, ...] | None, broken: RuleBroken | None
) -> Response:
    status, said = (broken.status, broken.said) if broken else (200, None)
    return render(request, desk, "pages/search", status, words=words, hits=hits, said=said, most=searching.MOST_FOUND)


@router.post("/filters")
def keep_filter(request: Request, desk: AtDesk, form: Form) -> Response:
    """Save what a list is narrowed to under a name, or forget a saved one."""
    write, page = database_of(request).write, text_of(form, "page")
    address = page if page in ("/", "/filings") else "/"
    if gone := text_of(form, "delete"):
        try:
            write(delete_filter, desk.who, UUID(gone))
        except ValueError:
            raise NotFound() from None
        return RedirectResponse(address, 303)
    query = text_of(form, "query").lstrip("?")
    write(save_filter, desk.who, text_of(form, "name"), address, query, now_of(request))
    return RedirectResponse(f"{address}?{query}" if query else address, 303)


def seat_turn(asked: Asked) -> Turn[SeatKey]:
    """Where a page of seats begins."""
    return Turn(read_seat_key(asked.after), read_seat_key(asked.before))


def matter_turn(asked: Asked) -> Turn[UUID]:
    """Where a page of matters begins."""
    return Turn(read_matter_key(asked.after), read_matter_key(asked.before))


def write_key(key: object) -> str:
    """A key as it stands in an address."""
    if isinstance(key, tuple):
        return f"{key[0].isoformat()}_{key[1]}"
    return str(key) if key else ""


def read_seat_key(text: str) -> SeatKey | None:
    """The key that an address names, None for none. Raises `NotFound` for anything else."""
    if not text:
        return None
    instant, _, seat_id = text.partition("_")
    try:
        found = datetime.fromisoformat(instant), UUID(seat_id)
    except ValueError:
        raise NotFound() from None
    if found[0].tzinfo is None:
        raise NotFound()
    return found


def read_matter_key(text: str) -> UUID | None:
    """The same for lists of matters."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound() from None
