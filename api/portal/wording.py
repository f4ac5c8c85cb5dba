"""The record 记录 as a page shows it: what an entry says with its tone, and the one line that says how a filing stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.portal.presenting import OPINIONS, Look
from api.portal.spans import minutes_said
from models.comment import CommentView
from models.consultation.tables import OpinionKind, SeatStatus
from models.filing.tables import LineStatus
from models.matter import MatterStatus
from models.protocol.schema import Title
from models.training.tables import EventStatus
from models.views.entries import comment_behind, entry_said
from models.views.filing import FilingView
from models.views.standing import StageView
from models.views.timeline import EntryView
from models.views.training import TimetableView
from models.views.whistles import WhistleView
from models.words import N_, Sentence

PLAIN = "plain"
MOST_NAMED, FIRST_NAMED = 6, 4  # in a headline; of more than the first, so many


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline. `run` names the Prefect run of an automatic act; `words`: what was said with it.

    `comment`: the comment, question or reply that it tells of.
    """

    position: int
    said: Sentence
    tone: str
    at: datetime
    officer: str | None
    run: str | None
    words: str = ""
    deputy_for: str | None = None
    comment: CommentView | None = None


def steps_of(entries: Sequence[EntryView], comments: Sequence[CommentView] = ()) -> list[Step]:
    """The timeline with the comments woven in, the newest first."""
    said = {str(one.id): one for one in comments}
    return [_step(one, comment_behind(one, said)) for one in reversed(entries)]


def _step(entry: EntryView, comment: CommentView | None) -> Step:
    return Step(
        position=entry.position,
        said=entry_said(entry),
        tone=tone_of(entry),
        at=entry.at,
        officer=entry.officer,
        run=entry.run,
        words=comment.words if comment else entry.words,
        deputy_for=entry.deputy_for,
        comment=comment,
    )


def tone_of(entry: EntryView) -> str:
    """The tone of an entry's mark."""
    if entry.kind in {"opinion_given", "opinion_changed", "deemed", "recorded_on_behalf"}:
        return OPINIONS[OpinionKind(entry.body["kind"])].tone
    return TONES.get(entry.kind, PLAIN)


TONES = {
    "escalated": "up",
    "stepped_in": "up",
    "urged": "wait",
    "urged_on": "wait",
    "asked_filer": "wait",
    "reminded": "wait",
    "extended": "wait",
    "informed": "wait",
    "extension_asked": "wait",
    "extension_granted": "good",
    "extension_refused": "bad",
    "extension_lapsed": "bad",
    "agreed": "good",
    "passes_issued": "good",
    "departments_bound": "good",
    "refused": "bad",
    "returned": "up",
    "stuck": "bad",
}


def late_of(view: FilingView) -> list[Sentence]:
    """How late the matter is, or was: a sentence for each stage whose deadline passed before it was settled."""
    said = [_late(stage, stage.late_minutes) for stage in view.stages if stage.late_minutes is not None]
    if not said and view.late_since is not None:
        return [Sentence(N_("A deadline passed without all answers: {when}."), {"when": view.late_since})]
    return said


def _late(stage: StageView, minutes: int) -> Sentence:
    values: dict[str, object] = {"stage": stage.title, "when": stage.due_at, "span": minutes_said(minutes)}
    if stage.settled_at is None:
        return Sentence(N_("Overdue since {when}: stage “{stage}” is late by {span}."), values)
    return Sentence(N_("Settled late: stage “{stage}” was due by {when} and ended {span} later."), values)


@dataclass(frozen=True, slots=True)
class Headline:
    """How a filing stands, in one sentence, and one more that says what follows."""

    look: Look
    said: Sentence
    more: Sentence | None = None


def headline(view: FilingView) -> Headline:
    """The one thing a reader wants to know first."""
    if view.status is MatterStatus.SUBMITTED:
        return Headline(_look("work", "clock"), Sentence(N_("Submitted. The parties are about to be seated.")))
    if view.status is MatterStatus.CONSULTING:
        return _consulting(view)
    if view.status is MatterStatus.DECIDED:
        return Headline(_look("work", "seal"), Sentence(N_("Decided. What follows from it is under way.")))
    return ENDED[view.status](view)


def _look(tone: str, sign: str) -> Look:
    return Look("", tone, sign)


def _consulting(view: FilingView) -> Headline:
    asked = [seat for stage in view.stages for seat in stage.seats if seat.status is SeatStatus.ASKED]
    if not asked:
        return Headline(_look("work", "clock"), Sentence(N_("The next stage is about to open.")))
    due_at, is_late = min(seat.due_at for seat in asked), any(seat.is_late for seat in asked)
    more = N_("The deadline passed on {when}.") if is_late else N_("To be answered by {when}.")
    look = _look("bad" if is_late else "wait", "clock")
    if any(seat.is_mine for seat in asked):
        others = list(dict.fromkeys(seat.organisation for seat in asked if not seat.is_mine))
        text = N_("Waiting for you, and for {others}.") if others else N_("Waiting for you alone.")
        return Headline(look, Sentence(text, {"others": _few(others)}), Sentence(more, {"when": due_at}))
    names = list(dict.fromkeys(seat.organisation for seat in asked))
    said = Sentence(N_("Waiting for {organisations}."), {"organisations": _few(names)})
    return Headline(look, said, Sentence(more, {"when": due_at}))


def _few(names: Sequence[Title]) -> list[object]:
    """As many as a headline bears; the picture below shows them all."""
    if len(names) <= MOST_NAMED:
        return list(names)
    return [*names[:FIRST_NAMED], Sentence(N_("{count} others"), {"count": len(names) - FIRST_NAMED})]


def _agreed(view: FilingView) -> Headline:
    if view.whistle is not None:
        return _whistle_agreed(view.whistle)
    if view.training is not None:
        return _training_agreed(view.training)
    out = view.line_count - view.passes
    said = Sentence(N_("Agreed: {passes} passes issued."), {"passes": view.passes})
    more = Sentence(N_("{count} riders left out, with reasons in the list below."), {"count": out}) if out else None
    return Headline(_look("good", "check"), said, more)


def _whistle_agreed(whistle: WhistleView) -> Headline:
    if not whistle.is_bound:
        more = Sentence(N_("Report {report} was over by then, so nobody is bound."), {"report": whistle.report})
        return Headline(_look("good", "check"), Sentence(N_("Agreed.")), more)
    values: dict[str, object] = {"departments": list(whistle.departments), "by": whistle.settle_by}
    said = Sentence(N_("Agreed: {departments} settle it by {by}."), values)
    more = Sentence(N_("Report {report} is in the hands of the first of them."), {"report": whistle.report})
    return Headline(_look("good", "check"), said, more)


def _training_agreed(training: TimetableView) -> Headline:
    held, dropped = training.count(EventStatus.PUBLISHED), training.count(EventStatus.DROPPED)
    said = Sentence(N_("Agreed: {count} sessions published."), {"count": held})
    text = N_("{count} sessions could not stay under the conditions; what became of them stands below.")
    return Headline(_look("good", "check"), said, Sentence(text, {"count": dropped}) if dropped else None)


def _refused(view: FilingView) -> Headline:
    if view.training is not None:
        said = Sentence(N_("Refused. None of the sessions is held."))
        return Headline(_look("bad", "cross"), said, Sentence(N_("The reasons stand in the picture below.")))
    if view.whistle is not None:
        said = Sentence(N_("Refused. Nobody is bound, and the report stays with the street."))
        return Headline(_look("bad", "cross"), said, Sentence(N_("The reasons stand in the picture below.")))
    excepted = view.line_counts.get(LineStatus.EXCEPTED, 0)
    is_empty = excepted >= view.line_count > 0
    more = N_("Every rider was excepted.") if is_empty else N_("The reasons stand in the picture below.")
    return Headline(_look("bad", "cross"), Sentence(N_("Refused. No passes are issued.")), Sentence(more))


def _returned(view: FilingView) -> Headline:
    said = Sentence(N_("Returned to {filer}."), {"filer": view.filer})
    more = N_("Put right what was objected to and submit again, below.") if view.may_submit_again else None
    more_said = Sentence(more) if more else Sentence(N_("It goes on when they submit again."))
    return Headline(_look("up", "back"), said, more_said)


def _withdrawn(view: FilingView) -> Headline:
    said = Sentence(N_("Withdrawn by {filer}."), {"filer": view.filer})
    return Headline(_look("plain", "dash"), said, Sentence(N_("Nobody need do anything about it any more.")))


ENDED: dict[MatterStatus, Callable[[FilingView], Headline]] = {
    MatterStatus.AGREED: _agreed,
    MatterStatus.REFUSED: _refused,
    MatterStatus.RETURNED: _returned,
    MatterStatus.WITHDRAWN: _withdrawn,
}
