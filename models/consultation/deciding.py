"""Whether a stage is decided: a pure rule over what its seats say (laws of the engine, design)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.consultation.tables import OpinionKind, SigningPlace, StageOutcome
from models.protocol.schema import Decision, Mode, ObjectionWay, Party, Rule, StageRule

OBJECTED: dict[ObjectionWay, StageOutcome] = {
    ObjectionWay.REFUSE: StageOutcome.REFUSED,
    ObjectionWay.RETURN: StageOutcome.RETURNED,
    ObjectionWay.CONCILIATE: StageOutcome.CONCILIATE,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What one seat says. `stands_for`: the seat it answers for. `answer` None: not yet. `added_as`: an added signer."""

    id: UUID
    party: Party
    answer: OpinionKind | None
    stands_for: UUID | None = None
    answered_at: datetime | None = None
    added_as: SigningPlace | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """The places at the table: how many agree, object, abstain, and have not answered."""

    agrees: int
    objects: int
    abstains: int
    silent: int


def places(standings: Iterable[Standing]) -> list[tuple[Party, OpinionKind | None]]:
    """One answer for each place at the table.

    A place whose seat was escalated or transferred takes the first answer among those who stand for it. Signers added
    before another are heard; they have no place.
    """
    seats = {standing.id: standing for standing in standings}
    answers: dict[UUID, OpinionKind | None] = {seat.id: None for seat in seats.values() if is_place(seat)}
    answered = [seat for seat in seats.values() if seat.answer is not None and seat.answered_at is not None]
    for seat in sorted(answered, key=lambda one: (one.answered_at, one.id)):
        root = seat
        while root.stands_for is not None:
            root = seats[root.stands_for]
        if root.id in answers and answers[root.id] is None:
            answers[root.id] = seat.answer
    return [(seats[root].party, answer) for root, answer in answers.items()]


def is_place(seat: Standing) -> bool:
    """Whether the seat is a place of its own at the table."""
    return seat.stands_for is None and seat.added_as is not SigningPlace.BEFORE


def tally(answers: Iterable[OpinionKind | None]) -> Tally:
    """Count the answers of the places."""
    listed = list(answers)
    agrees = sum(answer is not None and answer.is_agreement for answer in listed)
    objects = listed.count(OpinionKind.OBJECT)
    silent = listed.count(None)
    return Tally(agrees, objects, len(listed) - agrees - objects - silent, silent)


def decide(rule: StageRule, standings: Iterable[Standing]) -> StageOutcome | None:
    """The stage's outcome once no answer still to come could change it; None while it is open.

    Abstentions take no side. A stage in which everybody abstained was agreed by nobody: it goes the objection's way.
    An objection of a party with a veto decides at once, and nothing is agreed before those with a veto have answered.
    """
    table = places(standings)
    vetoing = [answer for party, answer in table if party in rule.decision.vetoes]
    counted = tally(answer for _, answer in table)
    if OpinionKind.OBJECT in vetoing:
        return OBJECTED[rule.objection]
    is_agreed = _is_agreed(rule, counted)
    if is_agreed is None or (is_agreed and None in vetoing):
        return None
    return StageOutcome.AGREED if is_agreed else OBJECTED[rule.objection]


def _is_agreed(rule: StageRule, counted: Tally) -> bool | None:
    """True or False once certain, None before."""
    if rule.mode is Mode.OR_SIGN:
        return _first_answer(counted)
    return _by_rule(rule.decision, counted)


def _first_answer(counted: Tally) -> bool | None:
    if counted.agrees or counted.objects:
        return counted.agrees > 0
    return None if counted.silent else False


def _by_rule(decision: Decision, counted: Tally) -> bool | None:
    """Each rule as two bounds: agreed whatever the silent say, and lost whatever they say."""
    if decision.rule is Rule.ALL:
        is_won = counted.agrees > 0 and counted.objects == 0 and counted.silent == 0
        is_lost = counted.objects > 0 or (counted.silent == 0 and counted.agrees == 0)
    elif decision.rule is Rule.MAJORITY:
        is_won = counted.agrees > counted.objects + counted.silent
        is_lost = counted.agrees + counted.silent <= counted.objects
    else:
        wanted = decision.at_least or 1
        is_won = counted.agrees >= wanted
        is_lost = counted.agrees + counted.silent < wanted
    return True if is_won else False if is_lost else None
