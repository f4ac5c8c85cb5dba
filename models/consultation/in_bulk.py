"""Agreeing in bulk 批量同意: many seats with one click, where the protocol allows it; never objecting in bulk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.consultation.opinions import Draft, give_opinion
from models.consultation.tables import Consultation, OpinionKind, Seat, SeatStatus, Stage
from models.errors import NotFound, RuleBroken
from models.matter import Matter
from models.officer import Identity, check_may_act
from models.protocol.storing import load_stored
from models.words import N_, Sentence

MOST_IN_BULK = 500
PART = 20  # seats of one command: others' acts come in between


class NotInBulk(RuleBroken):
    """The stage's rule does not say `bulk`."""

    sentence = N_("The protocol wants this one read by itself. Open it and agree there.")


class AnsweredMeanwhile(RuleBroken):
    """Somebody of the organisation was faster."""

    sentence = N_("Your organisation has answered this one already. Nothing was changed.")


class TooManyInBulk(RuleBroken):
    """More than anybody has looked at."""

    sentence = N_("At most {limit} can be agreed to at once. Choose fewer.")
    status = 422


SeatRead = tuple[UUID, int | None]  # a seat, and its version as it was read (None: any)


@dataclass(frozen=True, slots=True)
class BulkAnswer:
    """What came of one seat. `refusal` None: agreed; `reference` is empty where the seat is not the officer's to see."""

    seat_id: UUID
    reference: str
    refusal: Sentence | None
    is_stage_settled: bool = False

    @property
    def is_agreed(self) -> bool:
        """Whether the agreement was recorded."""
        return self.refusal is None


def parts(seats: Sequence[SeatRead]) -> Iterator[Sequence[SeatRead]]:
    """The seats without doubles in commands of a size that keeps nobody waiting. Raises `TooManyInBulk`."""
    wanted = list(dict(reversed(list(seats))).items())[::-1]
    if len(wanted) > MOST_IN_BULK:
        raise TooManyInBulk(limit=MOST_IN_BULK)
    for start in range(0, len(wanted), PART):
        yield wanted[start : start + PART]


def agree_in_bulk(session: Session, who: Identity, seats: Sequence[SeatRead], at: datetime) -> tuple[BulkAnswer, ...]:
    """Agree on each seat by itself: what cannot be is told with its reason and stops none of the others.

    The same rules hold as for a single opinion. Raises `OnlyReads`.
    """
    check_may_act(who)
    places = {row.id: row for row in session.execute(_places([seat_id for seat_id, _ in seats], who))}
    return tuple(_agree(session, who, seat_id, version, places.get(seat_id), at) for seat_id, version in seats)


def _places(seat_ids: Sequence[UUID], who: Identity) -> Any:
    return (
        select(
            Seat.id, Seat.status, Matter.reference, Stage.key, Consultation.protocol_name, Consultation.protocol_version
        )
        .join(Matter, Seat.matter_id == Matter.id)
        .join(Stage, Seat.stage_id == Stage.id)
        .join(Consultation, Stage.consultation_id == Consultation.id)
        .where(Seat.id.in_(seat_ids), Seat.organisation_id == who.organisation_id)
    )


def _agree(session: Session, who: Identity, seat_id: UUID, version: int | None, place: Any, at: datetime) -> BulkAnswer:
    if place is None:
        return BulkAnswer(seat_id, "", NotFound().said)
    try:
        if place.status is SeatStatus.ANSWERED:
            raise AnsweredMeanwhile()
        if not load_stored(session, place.protocol_name, place.protocol_version).stage(place.key).bulk:
            raise NotInBulk()
        with session.begin_nested():
            given = give_opinion(session, who, seat_id, Draft(OpinionKind.AGREE), version, at)
    except RuleBroken as broken:
        return BulkAnswer(seat_id, place.reference, broken.said)
    return BulkAnswer(seat_id, place.reference, None, given.is_stage_settled)
