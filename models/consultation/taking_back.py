"""Taking back one's own answer 拿回, until somebody answers after it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import record
from models.consultation.acting import Acted, Ground, ground_of
from models.consultation.ladder import Rung
from models.consultation.opinions import NOT_ASKED
from models.consultation.tables import Seat, SeatStatus, SigningPlace, Stage
from models.consultation.waiting import Table, asked_until
from models.errors import RuleBroken
from models.officer import Identity
from models.protocol.schema import Mode, StageRule
from models.words import N_

OWN_ANSWERS = frozenset({"opinion_given", "opinion_changed"})
ANSWERS = OWN_ANSWERS | {"recorded_on_behalf", "deemed"}


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
    if not may_take_back(session, ground.rule, ground.stage, table, seat.id):
        raise OthersWentOn()
    for one in _asked_by(ground.rule, ground.stage, table, seat, at):
        one.move(SeatStatus.WAITING)
        one.holder_id = one.delegated_by_id = None
    _stop_asking(ground)
    seat.ask(at)
    seat.answer = seat.opinion_id = seat.answered_at = seat.answered_minutes = None
    _ask_superiors_again(ground, table)
    ground.note("taken_back", {})
    return ground.acted()


def may_take_back(session: Session, rule: StageRule, stage: Stage, table: Table, seat_id: UUID) -> bool:
    """Whether the answer of a seat of this open stage is the last, and none of those asked by it has handed it on."""
    seat = next(one for one in table.seats if one.id == seat_id)
    if last_answered(session, stage.matter_id, table) != seat_id:
        return False
    added = {one.added_by_id for one in table.seats if one.added_as is not None}
    followers = [*_next_in_turn(rule, table, seat), *_added_after(table, seat)]
    adder = _adder(table, seat)
    return all(one.status is SeatStatus.ASKED and one.id not in added for one in followers) and (
        adder is None or adder.status is not SeatStatus.TRANSFERRED
    )


def last_answered(session: Session, matter_id: UUID, table: Table) -> UUID | None:
    """The seat among these that answered last, by the record; None where that was the system, or another on its behalf."""
    ids = {str(seat.id): seat.id for seat in table.seats}
    query = (
        select(record.RecordEntry.kind, record.RecordEntry.body)
        .where(record.RecordEntry.matter_id == matter_id, record.RecordEntry.kind.in_(ANSWERS))
        .order_by(record.RecordEntry.position.desc())
    )
    for kind, body in session.execute(query):
        if str(body.get("seat")) in ids:
            is_own = kind in OWN_ANSWERS and not body.get("declared")
            return ids[str(body.get("seat"))] if is_own else None
    return None


def _asked_by(rule: StageRule, stage: Stage, table: Table, seat: Seat, at: datetime) -> list[Seat]:
    """Seats that are asked because this one answered: the next in turn, signers after it, whoever heard it first."""
    adder = _adder(table, seat)
    is_waited_for = adder is not None and adder.status is SeatStatus.ASKED and at < stage.due_at
    return [
        *_next_in_turn(rule, table, seat),
        *_added_after(table, seat),
        *([adder] if adder and is_waited_for else []),
    ]


def _next_in_turn(rule: StageRule, table: Table, seat: Seat) -> list[Seat]:
    if rule.mode is not Mode.IN_TURN:
        return []
    asked = [one for one in table.seats if one.status not in {SeatStatus.WAITING, SeatStatus.REMOVED}]
    return [one for one in asked if one.turn > seat.turn and one.stands_for_id is None]


def _added_after(table: Table, seat: Seat) -> list[Seat]:
    place = {one.id for one in table.place(seat.id)}
    after = [one for one in table.seats if one.added_by_id in place and one.added_as is SigningPlace.AFTER]
    return [one for one in after if one.status not in {SeatStatus.WAITING, SeatStatus.REMOVED}]


def _adder(table: Table, seat: Seat) -> Seat | None:
    """The seat that asked to hear this one first."""
    root = table.root(seat)
    if root.added_as is not SigningPlace.BEFORE:
        return None
    return next(one for one in table.seats if one.id == root.added_by_id)


def _ask_superiors_again(ground: Ground, table: Table) -> None:
    """Those who were asked alongside a late seat until it answered."""
    for one in table.place(ground.seat.id):
        if one.status is SeatStatus.REMOVED:
            one.ask(ground.at)
            one.due_at = asked_until(ground.stage, ground.at)


def _stop_asking(ground: Ground) -> None:
    """In turn, where the next round was to ask the next seat: the live deadline is the ladder's again."""
    stage = ground.stage
    if stage.needs_asking:
        stage.needs_asking = False
        rungs = [Rung.of(data).at for data in stage.ladder[stage.rung :]]
        ground.matter.wake_at = rungs[0] if rungs else ground.at
