"""A filing on one page, the opinion that an officer gives there, and submitting a returned one again."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.portal.answering import PageRoute
from api.portal.drafting import Typed, has_said, read_lines, typed_before
from api.portal.guarding import Form, text_of
from api.portal.picture import earlier_rows, rows_of
from api.portal.presenting import rung_said
from api.portal.rendering import render
from api.portal.visiting import AtDesk, Desk, database_of, now_of, settings_of, vault_of
from api.portal.wording import headline, steps_of
from models.calendars import district_calendar
from models.consultation.looking import mark_looked
from models.consultation.opinions import StageSettled, give_opinion
from models.errors import ChangedMeanwhile, RuleBroken
from models.filing.submitting import submit_again
from models.views.filing import FilingView, filing_view
from models.views.matters import by_reference
from models.views.standing import SeatView, StageView
from models.words import N_, Sentence

router = APIRouter(route_class=PageRoute, include_in_schema=False)

DONE = {
    "opinion": N_("Your opinion is recorded. You may change it until the stage is settled."),
    "settled": N_("Your opinion is recorded, and it decided the stage."),
    "submitted": N_("Submitted. The parties are seated in the next round, usually within a second."),
    "known": N_("This file was filed for these compounds before: here is that filing, and nothing was changed."),
    "again": N_("Submitted again. A new consultation opens."),
    "freed": N_("The system tries again now."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows besides the filing: what was done, or what was refused with the text that was typed."""

    after: int = 0
    done: str = ""
    broken: RuleBroken | None = None
    typed: Typed | None = None
    again: dict[str, str] = field(default_factory=dict[str, str])


def address_of(reference: str, done: str = "") -> str:
    """The page of a filing, saying afterwards what was `done`."""
    return f"/filings/{quote(reference)}" + (f"?done={done}" if done else "")


@router.get("/filings/{reference}")
def show_filing(request: Request, desk: AtDesk, reference: str, after: int = 0, done: str = "") -> Response:
    """The page of a filing, with its riders after line `after`; the first look of an asked organisation is marked."""
    view = read(request, desk, reference, after)
    if view.is_new_to_me:
        database_of(request).write(mark_looked, desk.who, view.matter_id, now_of(request))
    return show(request, desk, view, Shown(after, done))


@router.get("/filings/{reference}/standing")
def show_standing(request: Request, desk: AtDesk, reference: str, version: int) -> Response:
    """For the page's own look-out: 204 while the filing is as it was read, else the page's address to read again."""
    if read(request, desk, reference, 0).version == version:
        return Response(status_code=204)
    return render(request, desk, "pages/changed", reference=reference)


@router.post("/filings/{reference}/opinion")
def answer(request: Request, desk: AtDesk, reference: str, form: Form) -> Response:
    """Give or change an opinion; the second of two clicks finds it given."""
    typed, write = Typed.of(form), database_of(request).write
    try:
        draft = typed.draft()
        given = write(give_opinion, desk.who, typed.seat_id, draft, typed.seat_version, now_of(request))
    except RuleBroken as broken:
        if is_said_already(read(request, desk, reference, 0), typed, broken):
            return RedirectResponse(address_of(reference, "opinion"), 303)
        return show(request, desk, read(request, desk, reference, 0), Shown(broken=broken, typed=typed))
    return RedirectResponse(address_of(reference, "settled" if given.is_stage_settled else "opinion"), 303)


@router.post("/filings/{reference}/again")
def file_again(request: Request, desk: AtDesk, reference: str, form: Form) -> Response:
    """Submit a returned filing again, without the lines named."""
    version = text_of(form, "version")
    again = {"drop": text_of(form, "drop"), "note": text_of(form, "note")}
    try:
        drop = frozenset(read_lines(again["drop"]))
        matter_id = read(request, desk, reference, 0).matter_id
        expected = int(version) if version.isdigit() else None
        database_of(request).write(submit_again, desk.who, matter_id, drop, again["note"], expected, now_of(request))
    except RuleBroken as broken:
        return show(request, desk, read(request, desk, reference, 0), Shown(broken=broken, again=again))
    return RedirectResponse(address_of(reference, "again"), 303)


def is_said_already(view: FilingView, typed: Typed, broken: RuleBroken) -> bool:
    """Whether it was refused only because the seat already says what was typed."""
    if not isinstance(broken, (ChangedMeanwhile, StageSettled)):
        return False
    seats = [seat for stage in view.stages for seat in stage.seats if str(seat.id) == typed.seat and seat.is_mine]
    return any(has_said(seat, typed.draft()) for seat in seats)


def read(request: Request, desk: Desk, reference: str, after: int) -> FilingView:
    """The filing as the officer may see it. Raises `NotFound`."""
    with database_of(request).reading() as session:
        matter_id = by_reference(session, reference, desk.who)
        return filing_view(session, desk.who, vault_of(request), matter_id, now_of(request), lines_after=after)


def show(request: Request, desk: Desk, view: FilingView, shown: Shown) -> Response:
    """Render the page of a filing."""
    status = shown.broken.status if shown.broken else 200
    return render(
        request,
        desk,
        "pages/filing",
        status,
        filing=view,
        headline=headline(view),
        rows=rows_of(view.stages, view.coming),
        earlier=earlier_rows(view.stages),
        ladder=ladder_of(view.stages),
        steps=steps_of(view.timeline),
        forms=forms_of(view, shown),
        is_said_at_form=is_said_at_form(view, shown),
        shown=shown,
        done=DONE.get(shown.done, ""),
        warning=warning_of(view),
        is_changed=isinstance(shown.broken, ChangedMeanwhile),
        prefect=settings_of(request).prefect_api.removesuffix("/api"),
    )


def forms_of(view: FilingView, shown: Shown) -> list[tuple[SeatView, Typed]]:
    """My seats, each with its form: as it was typed, or as the seat says now.

    After a change meanwhile, which the page tells, the form carries the version that the officer now reads.
    """
    forms: list[tuple[SeatView, Typed]] = []
    for seat in view.my_seats:
        form = typed_before(seat)
        if shown.typed is not None and shown.typed.seat == form.seat:
            version = form.version if isinstance(shown.broken, ChangedMeanwhile) else shown.typed.version
            form = replace(shown.typed, version=version)
        forms.append((seat, form))
    return forms


def is_said_at_form(view: FilingView, shown: Shown) -> bool:
    """Whether the form that was refused is still there; else the refusal stands at the top, with what was typed."""
    if shown.typed is None:
        return view.may_submit_again
    return any(str(seat.id) == shown.typed.seat for seat in view.my_seats)


def warning_of(view: FilingView) -> Sentence | None:
    """Where the open stage's deadline was reckoned without knowing the year's holidays."""
    warnings = (district_calendar().warning(stage.due_at) for stage in view.stages if stage.outcome is None)
    return next((warning for warning in warnings if warning), None)


def ladder_of(stages: tuple[StageView, ...]) -> list[tuple[str, datetime]]:
    """What the system will do next while nobody answers: sentences with the place `when`, and when."""
    return [
        (rung_said(rung), rung.at)
        for stage in stages
        if stage.outcome is None
        for rung in stage.rungs
        if not rung.is_done
    ]
