"""A matter on one page, the opinion that an officer gives there, and submitting a returned filing again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.portal import training_looks
from api.portal.answering import PageRoute
from api.portal.drafting import Typed, has_said, read_lines, typed_before
from api.portal.foretelling import coming_of, ladder_of
from api.portal.guarding import Form, number_in, text_of
from api.portal.keeping import TYPED
from api.portal.picture import earlier_rows, rows_of
from api.portal.rendering import render
from api.portal.stating import say, stating_of
from api.portal.visiting import AtDesk, Desk, database_of, now_of, settings_of, vault_of
from api.portal.wording import Step, headline, late_of, steps_of
from models.calendars import district_calendar
from models.clock import local_date
from models.consultation.looking import mark_looked
from models.consultation.opinions import StageSettled
from models.errors import ChangedMeanwhile, RuleBroken
from models.filing.submitting import submit_again
from models.officer import Identity
from models.read_mark import mark_read
from models.views.doings import Doing
from models.views.filing import FilingView, filing_view
from models.views.matters import by_reference
from models.views.standing import SeatView
from models.words import N_, Sentence

MOST_PRINTED = 2000  # riders on paper: all that one filing may have
MOST_SINCE = 12  # entries that a stale page tells
FILLED_IN_WRONGLY = 422

router = APIRouter(route_class=PageRoute, include_in_schema=False)

DONE = {
    "opinion": N_("Your opinion is recorded. You may change it until the stage is settled."),
    "settled": N_("Your opinion is recorded, and it decided the stage."),
    "submitted": N_("Submitted. The parties are seated in the next round, usually within a second."),
    "known": N_("This file was filed for these compounds before: here is that filing, and nothing was changed."),
    "again": N_("Submitted again. A new consultation opens."),
    "freed": N_("The system tries again now."),
    "draft": N_("Your draft is saved. Only you see it."),
    "taken-back": N_("Your answer is taken back. Your organisation is asked again."),
    "signer-added": N_("The signer is added and asked."),
    "signer-removed": N_("The signer is removed and told so."),
    "transferred": N_("The seat is handed on, and whoever has it now is told."),
    "delegated": N_("Your colleague is asked for advice. The seat comes back to you."),
    "given-back": N_("The seat is given back with your advice."),
    "called-back": N_("The seat is back in your hands."),
    "returned": N_("The matter is returned, with your reason."),
    "withdrawn": N_("Withdrawn. Those who were asked are told."),
    "urged": N_("Those who are awaited are urged by letter."),
    "commented": N_("It stands below, for everybody who may read the matter."),
    "on-behalf": N_("The answer is recorded with its evidence, and the party is told."),
    "attached": N_("The file is attached."),
    "extension-asked": N_("More time is asked for. Until it is granted, the deadline stays as it is."),
    "extension-answered": N_("The request is decided, and those concerned are told."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows besides the filing: what was done, or what was refused with the text that was typed.

    `act` and `fields`: the form of an act that was refused, as it was typed. `seen`: the newest entry of the record that
    its page knew; what came after it is told.
    """

    after: int = 0
    done: str = ""
    broken: RuleBroken | None = None
    typed: Typed | None = None
    again: dict[str, str] = field(default_factory=dict[str, str])
    act: str = ""
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    seen: int | None = None
    stated: FormData | None = field(default=None, repr=False)  # the rows of conditions of an opinion that was refused

    def kept(self, act: str, name: str) -> str:
        """What was typed into a field of an act's form, for the form that is shown again."""
        values = self.fields.get(name, ()) if act == self.act else ()
        return values[0] if values else ""

    @property
    def texts(self) -> list[str]:
        """What was typed into a form that is no longer there, to be shown and not lost."""
        if self.typed is not None:
            found = [
                self.typed.reason,
                self.typed.conditions,
                *(text for pair in self.typed.exceptions for text in pair),
            ]
        else:
            typed = (one for name, one in self.fields.items() if name.startswith(TYPED))
            found = [
                self.again.get("drop", ""),
                self.again.get("note", ""),
                *(text for texts in typed for text in texts),
            ]
        return [text for text in found if text.strip()]

    @property
    def is_wrong(self) -> bool:
        """Whether the form was filled in wrongly: it is put right on the page that was read."""
        return self.broken is not None and self.broken.status == FILLED_IN_WRONGLY

    def has_kept(self, act: str, name: str, value: str) -> bool:
        """Whether a box or an entry of a list was chosen there."""
        return act == self.act and value in self.fields.get(name, ())


def seen_of(form: FormData) -> int | None:
    """The newest entry of the record that a form's page knew."""
    return number_in(text_of(form, "seen"))


def address_of(reference: str, done: str = "") -> str:
    """The page of a filing, saying afterwards what was `done`."""
    return f"/filings/{quote(reference)}" + (f"?done={done}" if done else "")


@router.get("/filings/{reference}")
def show_filing(request: Request, desk: AtDesk, reference: str, after: int = 0, done: str = "") -> Response:
    """The page of a filing, with its riders after line `after`; who has looked and what they have read is marked."""
    view = read(request, desk, reference, after)
    if view.is_new_to_me or view.is_unread:
        database_of(request).write(note_reading, desk.who, view, now_of(request))
    return show(request, desk, view, Shown(after, done))


def note_reading(session: Session, who: Identity, view: FilingView, at: datetime) -> None:
    """The officer has the filing on the screen: one write for the organisation's first look and the officer's own."""
    if view.is_new_to_me:
        mark_looked(session, who, view.matter_id, at)
    mark_read(session, who, view.matter_id, view.version, at)


@router.get("/filings/{reference}/print")
def print_filing(request: Request, desk: AtDesk, reference: str) -> Response:
    """The whole filing on paper: how the parties stand with their reasons, the riders, what happened."""
    with database_of(request).reading() as session:
        matter_id = by_reference(session, reference, desk.who)
        view = filing_view(session, desk.who, vault_of(request), matter_id, now_of(request), lines_limit=MOST_PRINTED)
    check = f"{settings_of(request).address}/check/{view.resolution.check}" if view.resolution else ""
    return render(
        request,
        desk,
        "print/filing",
        filing=view,
        headline=headline(view),
        rows=rows_of(view),
        earlier=earlier_rows(view),
        steps=list(reversed(steps_of(view.timeline, view.comments))),
        ladder=ladder_of(view.stages),
        coming=coming_of(view.coming),
        late=late_of(view),
        check=check,
        stating=stating_of(request, desk, view, None),
        looks=training_looks,
    )


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
        given = write(say, desk.who, typed, form, draft, now_of(request))
    except RuleBroken as broken:
        view = read(request, desk, reference, 0)
        if is_said_already(view, typed, broken):
            return RedirectResponse(address_of(reference, "opinion"), 303)
        return show(request, desk, view, Shown(broken=broken, typed=typed, seen=seen_of(form), stated=form))
    return RedirectResponse(address_of(reference, "settled" if given.is_stage_settled else "opinion"), 303)


@router.post("/filings/{reference}/again")
def file_again(request: Request, desk: AtDesk, reference: str, form: Form) -> Response:
    """Submit a returned filing again, without the lines named."""
    again = {name: text_of(form, name) for name in ("drop", "note", "version")}
    try:
        drop = frozenset(read_lines(again["drop"]))
        matter_id = read(request, desk, reference, 0).matter_id
        expected = number_in(again["version"])
        database_of(request).write(submit_again, desk.who, matter_id, drop, again["note"], expected, now_of(request))
    except RuleBroken as broken:
        shown = Shown(broken=broken, again=again, seen=seen_of(form))
        return show(request, desk, read(request, desk, reference, 0), shown)
    return RedirectResponse(address_of(reference, "again"), 303)


def is_said_already(view: FilingView, typed: Typed, broken: RuleBroken) -> bool:
    """Whether it was refused only because the seat already says what was typed."""
    if not isinstance(broken, (ChangedMeanwhile, StageSettled)):
        return False
    seats = [seat for stage in view.stages for seat in stage.seats if str(seat.id) == typed.seat and seat.is_mine]
    return any(has_said(seat, typed.draft()) for seat in seats)


def matter_of(request: Request, desk: Desk, reference: str) -> UUID:
    """The matter of that reference, where the officer may read it. Raises `NotFound`."""
    with database_of(request).reading() as session:
        return by_reference(session, reference, desk.who)


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
        rows=rows_of(view),
        earlier=earlier_rows(view),
        ladder=ladder_of(view.stages),
        coming=coming_of(view.coming),
        late=late_of(view),
        steps=steps_of(view.timeline, view.comments),
        since=since_of(view, shown),
        today=local_date(now_of(request)),
        forms=forms_of(view, shown),
        stating=stating_of(request, desk, view, shown.stated),
        looks=training_looks,
        is_said_at_form=is_said_at_form(view, shown),
        is_said_at_act=is_said_at_act(view, shown),
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
        form = typed_before(seat, view.drafts.get(seat.id))
        if shown.typed is not None and shown.typed.seat == form.seat:
            version = form.version if isinstance(shown.broken, ChangedMeanwhile) else shown.typed.version
            form = replace(shown.typed, version=version)
        forms.append((seat, form))
    return forms


def since_of(view: FilingView, shown: Shown) -> list[Step]:
    """What happened after the page was opened on which an act was refused because of it, oldest first.

    A form that was filled in wrongly is put right whatever happened, so it is not told there.
    """
    if shown.seen is None or shown.broken is None or shown.is_wrong:
        return []
    newer = [step for step in steps_of(view.timeline, view.comments) if step.position > shown.seen]
    return newer[::-1][-MOST_SINCE:]


def is_said_at_form(view: FilingView, shown: Shown) -> bool:
    """Whether the form that was refused is still there; else the refusal stands at the top, with what was typed."""
    if shown.act and shown.act != "draft":
        return False
    if shown.typed is None:
        return view.may_submit_again
    return any(str(seat.id) == shown.typed.seat for seat in view.my_seats)


def is_said_at_act(view: FilingView, shown: Shown) -> bool:
    """Whether the act that was refused still has its form on the page; else the refusal stands at the top."""
    if not shown.act or shown.act == "draft":
        return False
    if shown.act == "comment":
        answers = shown.kept("comment", "answers")
        return not answers or any(str(one.id) == answers and one.is_open for one in view.comments)
    doing = Doing(shown.act.replace("-", "_"))
    of_seats = [one for one in view.doings.seats if doing in one.may]
    seat = shown.kept(shown.act, "seat")
    return doing in view.doings.may or any(not seat or str(one.seat_id) == seat for one in of_seats)


def warning_of(view: FilingView) -> Sentence | None:
    """Where the open stage's deadline was reckoned without knowing the year's holidays."""
    warnings = (district_calendar().warning(stage.due_at) for stage in view.stages if stage.outcome is None)
    return next((warning for warning in warnings if warning), None)
