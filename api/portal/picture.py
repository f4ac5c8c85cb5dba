"""The five parties' standing as a picture: stages down, parties across, in each place who sits and how they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.portal.presenting import OPINIONS, PARTIES, Look
from models.consultation.tables import OpinionKind, SeatStatus, StageOutcome, StageStatus
from models.protocol.schema import Party, Title
from models.views.filing import FilingView
from models.views.standing import ComingStage, SeatView, StageView
from models.views.timeline import EntryView
from models.words import N_, Sentence

OUTCOMES: dict[StageOutcome, Look] = {
    StageOutcome.AGREED: Look(N_("Agreed"), "good", "check"),
    StageOutcome.REFUSED: Look(N_("Refused"), "bad", "cross"),
    StageOutcome.RETURNED: Look(N_("Returned to the filer"), "up", "back"),
    StageOutcome.CONCILIATE: Look(N_("Goes to conciliation"), "up", "talk"),
    StageOutcome.SENT_BACK: Look(N_("Sent back to an earlier stage"), "up", "back"),
    StageOutcome.WITHDRAWN: Look(N_("Withdrawn by the filer"), "plain", "dash"),
}
OPEN = Look(N_("Under way"), "wait", "clock")
RETURNED_IT = Look(N_("Returned it"), "up", "back")
TO_COME = Look(N_("To come"), "plain", "dots")


@dataclass(frozen=True, slots=True)
class Place:
    """One organisation in one stage. `look.word` stands beside the sign; `said` adds until when, to whom or by whom.

    `aside`: how it came to the table, or in whose hands it is.
    """

    organisation: Title
    look: Look
    said: Sentence | None
    quote: str
    is_mine: bool
    aside: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One stage; `cells` has the places of each party in the order of `PARTIES`. `due_at` None: not opened yet."""

    title: Title
    look: Look
    due_at: datetime | None
    is_open: bool
    cells: tuple[tuple[Place, ...], ...]
    coming: tuple[bool, ...]


def rows_of(view: FilingView) -> list[Row]:
    """The rows of the newest consultation, and what is still to come."""
    newest = max((stage.round_number for stage in view.stages), default=0)
    back = returned_by(view.timeline)
    now = [_opened(stage, back) for stage in view.stages if stage.round_number == newest]
    return now + [_to_come(stage) for stage in view.coming]


def earlier_rows(view: FilingView) -> list[Row]:
    """The rows of the consultations before the newest: a filing that was returned and submitted again."""
    newest = max((stage.round_number for stage in view.stages), default=0)
    back = returned_by(view.timeline)
    return [_opened(stage, back) for stage in view.stages if stage.round_number < newest]


def returned_by(timeline: Sequence[EntryView]) -> dict[str, str]:
    """Why a seat returned the matter instead of answering, by the seat's id."""
    return {entry.body["seat"]: entry.words for entry in timeline if entry.kind == "sent_back"}


def _opened(stage: StageView, back: Mapping[str, str]) -> Row:
    look = OPEN if stage.outcome is None else OUTCOMES[stage.outcome]
    sitting = [seat for seat in stage.seats if seat.status is not SeatStatus.REMOVED]
    cells = tuple(
        tuple(_place(seat, stage.seats, back) for seat in sitting if seat.party is party) for party in PARTIES
    )
    is_open = stage.status is StageStatus.OPEN
    return Row(stage.title, look, stage.due_at, is_open, cells, tuple(False for _ in PARTIES))


def _to_come(stage: ComingStage) -> Row:
    return Row(stage.title, TO_COME, None, False, tuple(() for _ in PARTIES), tuple(_sits(stage, p) for p in PARTIES))


def _sits(stage: ComingStage, party: Party) -> bool:
    return party in stage.parties


def _place(seat: SeatView, around: Sequence[SeatView], back: Mapping[str, str]) -> Place:
    if seat.status is SeatStatus.CLOSED and str(seat.id) in back:
        return Place(seat.organisation, RETURNED_IT, None, back[str(seat.id)], seat.is_mine)
    look, said = _standing(seat, around)
    quote = seat.reason or seat.conditions
    if not quote and seat.exceptions:
        quote = seat.exceptions[0].reason
    return Place(seat.organisation, look, said, quote, seat.is_mine, _aside(seat, around))


def _aside(seat: SeatView, around: Sequence[SeatView]) -> Sentence | None:
    if seat.recorded_by is not None:
        return Sentence(N_("recorded by {organisation}, with evidence"), {"organisation": seat.recorded_by})
    if seat.delegated_by and seat.status is SeatStatus.ASKED:
        return Sentence(N_("{holder} was asked for advice"), {"holder": seat.holder})
    if seat.holder and seat.status is SeatStatus.ASKED:
        return Sentence(N_("in the hands of {holder}"), {"holder": seat.holder})
    if seat.added_by is not None:
        adder = [other.organisation for other in around if other.id == seat.added_by]
        text = N_("added by {organisation}, to be heard") if seat.is_heard else N_("added by {organisation}")
        return Sentence(text, {"organisation": adder})
    return None


def _standing(seat: SeatView, around: Sequence[SeatView]) -> tuple[Look, Sentence | None]:
    if seat.status is SeatStatus.ANSWERED and seat.answer is not None:
        return _answered(seat, seat.answer)
    if seat.status is SeatStatus.ASKED:
        return _asked(seat)
    if seat.status is SeatStatus.ESCALATED:
        above = [other.organisation for other in around if other.stands_for == seat.id]
        said = Sentence(N_("to {organisations}"), {"organisations": above}) if above else None
        word = N_("Late, escalated") if seat.is_late else N_("Another has answered for it")
        return Look(word, "up" if seat.is_late else "plain", "up"), said
    if seat.status is SeatStatus.TRANSFERRED:
        to = [other.organisation for other in around if other.stands_for == seat.id]
        return Look(N_("Transferred"), "plain", "up"), Sentence(N_("to {organisations}"), {"organisations": to})
    if seat.status is SeatStatus.WAITING:
        return _waiting(seat, around)
    return Look(N_("Settled without it"), "plain", "dash"), None


def _waiting(seat: SeatView, around: Sequence[SeatView]) -> tuple[Look, Sentence | None]:
    heard = [other.organisation for other in around if other.added_by == seat.id and other.is_heard]
    if heard:
        return Look(N_("Waits for others first"), "plain", "dots"), Sentence(
            N_("for {organisations}"), {"organisations": heard}
        )
    return Look(N_("Comes later in turn"), "plain", "dots"), None


def _answered(seat: SeatView, answer: OpinionKind) -> tuple[Look, Sentence | None]:
    look = OPINIONS[answer]
    if seat.is_deemed:
        word = N_("Deemed consent") if answer.is_agreement else N_("Deemed refusal")
        return Look(word, look.tone, "gear"), Sentence(N_("by the system, for lack of an answer"))
    if seat.exceptions:
        lines = sorted(one.line for one in seat.exceptions)
        return look, Sentence(N_("except line {lines}"), {"lines": lines})
    if seat.stands_for_name is not None:
        return look, _in_stead(seat.stands_for_name)
    return look, None


def _asked(seat: SeatView) -> tuple[Look, Sentence | None]:
    if seat.stands_for_name is not None:
        return Look(N_("Awaited"), "wait", "clock"), _in_stead(seat.stands_for_name)
    if seat.is_late:
        return Look(N_("Late"), "bad", "clock"), Sentence(N_("since {when}"), {"when": seat.due_at})
    word = N_("Awaited") if seat.looked_at is None else N_("Has read it, awaited")
    return Look(word, "wait", "clock"), Sentence(N_("until {when}"), {"when": seat.due_at})


def _in_stead(late: Title) -> Sentence:
    return Sentence(N_("in the stead of {organisation}"), {"organisation": late})
