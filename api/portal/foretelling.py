"""What happens while nobody answers, in sentences: before it happens, with names and instants where they are known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.portal.presenting import LAPSES
from api.portal.spans import span_said
from models.consultation.ladder import RungKind
from models.protocol.schema import Answering, LapseWay, Level, Title
from models.views.foreseeing import Foretold, RungView
from models.views.standing import ComingStage, StageView
from models.words import N_, Sentence

DEEMED: dict[LapseWay, str] = {
    LapseWay.EXTEND: N_("If there is no answer from {who} by {when}, the deadline is extended once."),
    LapseWay.CONSENT: N_(
        "If there is no answer from {who} by {when}, silence counts as consent, marked as the system's."
    ),
    LapseWay.REFUSAL: N_(
        "If there is no answer from {who} by {when}, silence counts as refusal, marked as the system's."
    ),
}


@dataclass(frozen=True, slots=True)
class Coming:
    """A stage to come: its name, and what happens in it while nobody answers."""

    title: Title
    said: tuple[Sentence, ...]


def ladder_of(stages: Sequence[StageView]) -> list[Sentence]:
    """Everything that the open stage's ladder still holds, in order of time."""
    rungs = [rung for stage in stages if stage.outcome is None for rung in stage.rungs if not rung.is_done]
    return [said for rung in rungs for said in rung_said(rung)]


def rung_said(rung: RungView) -> Iterator[Sentence]:
    """What the system will do at a rung; nothing where it would find nobody."""
    if rung.kind is RungKind.LOOK:
        yield from _unseen(rung)
    elif not rung.who:
        return
    elif rung.rises or rung.stranded:
        yield from _risen(rung)
    elif rung.way is not None and rung.way in DEEMED:
        yield _said(rung, DEEMED[rung.way])
    else:
        yield _said(rung, PLAIN[rung.kind])


PLAIN: dict[RungKind, str] = {
    RungKind.REMIND: N_("If there is no answer from {who} by {when}, a reminder goes out."),
    RungKind.LATE: N_("If there is no answer from {who} by {when}, it is late from then on."),
    RungKind.URGE: N_(
        "If there is still no answer from {who} by {when}, they are urged again, as on every working day."
    ),
}


def _said(rung: RungView, text: str) -> Sentence:
    return Sentence(text, {"who": list(rung.who), "when": rung.at})


def _unseen(rung: RungView) -> Iterator[Sentence]:
    if rung.who:
        yield _said(rung, N_("If nobody of {who} has looked at it by {when}, a reminder goes out."))
    for rise in rung.rises:
        values: dict[str, object] = {"who": list(rise.below), "when": rung.at, "superior": rise.above}
        yield Sentence(N_("If nobody of {who} has looked at it by {when}, {superior} is told so."), values)


def _risen(rung: RungView) -> Iterator[Sentence]:
    for rise in rung.rises:
        values: dict[str, object] = {"late": list(rise.below), "when": rung.at, "superior": rise.above}
        yield Sentence(_rising(rung), values)
    if rung.stranded:
        values: dict[str, object] = {"late": list(rung.stranded), "when": rung.at}
        text = N_("If there is no answer from {late} by {when}, it is reminded once more: nobody stands above it.")
        yield Sentence(text, values)


def _rising(rung: RungView) -> str:
    if rung.answering is Answering.ALONGSIDE:
        return N_("If there is no answer from {late} by {when}, {superior} may answer too.")
    if rung.kind is RungKind.LAPSE:
        return N_(
            "If there is no answer from {late} by {when}, {superior} answers in its stead, urged on every working day."
        )
    return N_("If there is no answer from {late} by {when}, {superior} answers in its stead.")


def coming_of(stages: Sequence[ComingStage]) -> list[Coming]:
    """The same for the stages to come: spans for instants, since nobody knows when they open."""
    return [Coming(stage.title, (_deadline(stage), *map(foretold_said, stage.ladder))) for stage in stages]


def _deadline(stage: ComingStage) -> Sentence:
    return Sentence(N_("to be answered within {span} of its opening"), {"span": span_said(stage.deadline)})


def foretold_said(one: Foretold) -> Sentence:
    """A rung of a stage that has not opened."""
    if one.after_opening is not None:
        text = (
            N_("when nobody has looked at it after {span}: a reminder, and word to the next level up")
            if one.is_superior_told
            else N_("when nobody has looked at it after {span}: a reminder")
        )
        return Sentence(text, {"span": span_said(one.after_opening)})
    if one.before is not None:
        return Sentence(N_("{span} before the deadline: a reminder"), {"span": span_said(one.before)})
    if one.share is not None:
        return Sentence(N_("after {share} % of the time: a reminder"), {"share": round(one.share * 100)})
    return _after(one)


def _after(one: Foretold) -> Sentence:
    what = Sentence(LAPSES[one.way] if one.way else _level(one))
    if one.after is None or one.after.is_zero:
        return Sentence(N_("at the deadline: {what}"), {"what": what})
    return Sentence(N_("{span} after the deadline: {what}"), {"span": span_said(one.after), "what": what})


def _level(one: Foretold) -> str:
    return LEVEL_ASKED[one.answering is Answering.ALONGSIDE][one.to is Level.DISTRICT]


LEVEL_ASKED = {
    False: {False: N_("the next level up answers in its stead"), True: N_("the district answers in its stead")},
    True: {False: N_("the next level up may answer too"), True: N_("the district may answer too")},
}
