"""Taking back one's own answer 拿回, until somebody answers after it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models import record
from models.consultation.acting import Acted, Ground, ground_of
from models.consultation.ladder import Rung
from models.consultation.opinions import NOT_ASKED
from models.consultation.tables import Seat, SeatStatus, SigningPlace
from models.consultation.waiting import Table
from models.errors import RuleBroken
from models.officer import Identity
from models.protocol.schema import Mode
from models.words import N_

ANSWERS = frozenset({"opinion_given", "opinion_changed", "deemed"})


class NothingToTakeBack(RuleBroken):
    """No answer has been given."""

    sentence = N_("Your organisation has not answered yet, so there is nothing to take back.")


class OthersWentOn(RuleBroken):
    """Others have answered, or handed on, what they were asked because of this answer."""

    sentence = N_("Others have acted after your answer, so it can no longer be taken back. You may still change it.")


def take_back(session: Session, who: Identity, seat_id: UUID, expected_version: int | None, at: datetime) -> Acted:
    """Be asked again, as if the answer had not been given; those who were asked because of it wait again.

    The deadline stays. Raises what `ground_of` does, what `holding.check_hold` does, and the rules of this module.
    """
    ground = ground_of(session, who, seat_id, expected_version, at)
    ground.check_hold()
    seat = ground.seat
    if seat.status in NOT_ASKED:
        raise NOT_ASKED[seat.status]()
    if seat.status is not SeatStatus.ANSWERED:
        raise NothingToTakeBack()
    table = ground.table()
    if _has_answer_after(ground, table):
        raise OthersWentOn()
    _put_back(ground, table)
    seat.move(SeatStatus.ASKED)
    seat.answer = seat.opinion_id = seat.answered_at = None
    ground.note("taken_back", {})
    return ground.acted()


def _has_answer_after(ground: Ground, table: Table) -> bool:
    """Whether the record has an answer of another seat of the stage after the seat's own."""
    others = {str(seat.id) for seat in table.seats}
    said = [
        str(entry.body["seat"])
        for entry in record.entries(ground.session, ground.matter.id)
        if entry.kind in ANSWERS and str(entry.body.get("seat")) in others
    ]
    return bool(said) and said[-1] != str(ground.seat.id)


def _put_back(ground: Ground, table: Table) -> None:
    """Those whom this answer put to the question wait again. Raises `OthersWentOn` where one has handed it on."""
    for seat in [*_next_in_turn(ground, table), *_added_after(ground, table)]:
        if seat.status is not SeatStatus.ASKED or any(one.added_by_id == seat.id for one in table.seats):
            raise OthersWentOn()
        _make_wait(seat)
    adder = _adder(ground, table)
    if adder is not None and ground.at < ground.stage.due_at:
        if adder.status is SeatStatus.TRANSFERRED:
            raise OthersWentOn()
        if adder.status is SeatStatus.ASKED:
            _make_wait(adder)
    _stop_asking(ground)


def _make_wait(seat: Seat) -> None:
    seat.move(SeatStatus.WAITING)
    seat.holder_id = seat.delegated_by_id = None


def _next_in_turn(ground: Ground, table: Table) -> list[Seat]:
    if ground.rule.mode is not Mode.IN_TURN:
        return []
    asked = [one for one in table.seats if one.status not in {SeatStatus.WAITING, SeatStatus.REMOVED}]
    return [one for one in asked if one.turn > ground.seat.turn and one.stands_for_id is None]


def _added_after(ground: Ground, table: Table) -> list[Seat]:
    place = {one.id for one in table.place(ground.seat.id)}
    after = [one for one in table.seats if one.added_by_id in place and one.added_as is SigningPlace.AFTER]
    return [one for one in after if one.status not in {SeatStatus.WAITING, SeatStatus.REMOVED}]


def _adder(ground: Ground, table: Table) -> Seat | None:
    """The seat that asked to hear this one first."""
    root = table.root(ground.seat)
    if root.added_as is not SigningPlace.BEFORE:
        return None
    return next(one for one in table.seats if one.id == root.added_by_id)


def _stop_asking(ground: Ground) -> None:
    """In turn, where the next round was to ask the next seat: the live deadline is the ladder's again."""
    stage = ground.stage
    if stage.needs_asking:
        stage.needs_asking = False
        rungs = [Rung.of(data).at for data in stage.ladder[stage.rung :]]
        ground.matter.wake_at = rungs[0] if rungs else ground.at
