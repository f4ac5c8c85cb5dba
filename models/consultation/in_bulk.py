"""Agreeing in bulk 批量同意: many seats with one click, where the protocol allows it; never objecting in bulk."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import Base
from models.consultation.opinions import Draft, give_opinion
from models.consultation.tables import Consultation, OpinionKind, Seat, SeatStatus, Stage
from models.errors import NotFound, RuleBroken
from models.matter import Matter
from models.officer import Identity, check_may_act
from models.protocol.storing import load_stored
from models.words import N_, Sentence

MOST_IN_BULK = 500
PART = 20  # seats of one command, so that others' acts come in between: on SQLite there is one writer


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
    wanted = list(_once(seats).items())
    if len(wanted) > MOST_IN_BULK:
        raise TooManyInBulk(limit=MOST_IN_BULK)
    for start in range(0, len(wanted), PART):
        yield wanted[start : start + PART]


def agree_in_bulk(session: Session, who: Identity, seats: Sequence[SeatRead], at: datetime) -> tuple[BulkAnswer, ...]:
    """Agree on each seat by itself: what cannot be is told with its reason and stops none of the others.

    The same rules hold as for a single opinion; a seat that is named twice is taken once. Raises `OnlyReads`.
    """
    check_may_act(who)
    wanted = _once(seats)
    _lock(session, wanted, who)
    places = {row.id: row for row in session.execute(_places(wanted, who))}
    _around = _read_around(session, places.values())  # held, so that the session finds them without asking again
    return tuple(_agree(session, who, seat_id, version, places.get(seat_id), at) for seat_id, version in wanted.items())


def _once(seats: Sequence[SeatRead]) -> dict[UUID, int | None]:
    """The seats in their order, each with the version that it is named with first."""
    wanted: dict[UUID, int | None] = {}
    for seat_id, version in seats:
        wanted.setdefault(seat_id, version)
    return wanted


def _lock(session: Session, seat_ids: Collection[UUID], who: Identity) -> None:
    """All matters in one order before anything is read: two bulks never wait for each other in a circle."""
    mine = select(Seat.matter_id).where(Seat.id.in_(seat_ids), Seat.organisation_id == who.organisation_id)
    session.execute(select(Matter.id).where(Matter.id.in_(mine)).order_by(Matter.id).with_for_update())


def _read_around(session: Session, places: Iterable[Any]) -> list[Base]:
    """The stages and consultations in two statements. Not the matters: an opinion writes their heads past the session."""
    listed = list(places)
    stages = session.scalars(select(Stage).where(Stage.id.in_({row.stage_id for row in listed}))).all()
    runs = {row.consultation_id for row in listed}
    return [*stages, *session.scalars(select(Consultation).where(Consultation.id.in_(runs)))]


def _places(seat_ids: Collection[UUID], who: Identity) -> Any:
    return (
        select(
            Seat.id,
            Seat.status,
            Seat.stage_id,
            Stage.consultation_id,
            Matter.reference,
            Stage.key,
            Consultation.protocol_name,
            Consultation.protocol_version,
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
            given = give_opinion(session, who, seat_id, Draft(OpinionKind.AGREE), version, at, is_locked=True)
    except RuleBroken as broken:
        return BulkAnswer(seat_id, place.reference, broken.said)
    return BulkAnswer(seat_id, place.reference, None, given.is_stage_settled)
