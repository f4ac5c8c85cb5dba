"""Attempts: one act of an officer, by the domain's own command, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.consultation.in_bulk import BulkAnswer
from models.consultation.on_behalf import give_on_behalf
from models.consultation.opinions import Given
from models.consultation.tables import Opinion, Seat
from models.consultation.taking_back import take_back
from models.errors import RuleBroken
from models.filing.submitting import Submitted
from models.officer import Identity
from wufang.simulation.laws import Look, Said
from wufang.simulation.witness import Done, LawBroken, Witness

Command = Callable[..., Any]
Replaced = Mapping[Command, Command]  # commands that a test has put a mistake into


@dataclass(frozen=True, slots=True)
class Attempt:
    """`command(session, who, *values, at)`. `is_trespass`: no authority, so it must be refused."""

    command: Command
    values: tuple[Any, ...]
    matter_ids: tuple[UUID, ...]
    seat_id: UUID | None = None
    expected_version: int | None = None
    is_trespass: bool = False

    @property
    def name(self) -> str:
        """What it is called in counts."""
        return f"trespass: {self.command.__name__}" if self.is_trespass else self.command.__name__


@dataclass(frozen=True, slots=True)
class Came:
    """What came of an attempt. `result` None where it was refused."""

    result: Any
    refusal: str | None
    looks: tuple[Look, ...]


def an_act_ends_in_an_answer_or_in_a_rule(error: Exception) -> str:
    """Whatever somebody tries, the database is left in order and the answer is a result or a sentence."""
    return f"{type(error).__name__}: {error}"


def whoever_has_no_authority_is_refused(name: str) -> str:
    """An act by somebody who has no authority for it changes nothing and is refused."""
    return f"{name} was accepted"


def perform(session: Session, command: Command, who: Identity, one: Attempt, at: Any) -> tuple[Any, tuple[Said, ...]]:
    """The act, and the opinions that its acknowledgement stands for."""
    result = command(session, who, *one.values, at)
    session.flush()
    if isinstance(result, Given):
        return result, (Said(result.opinion_id, result.seat_id, one.values[1].kind),)
    if one.command is give_on_behalf:
        assert one.seat_id is not None
        return result, _now_standing(session, [one.seat_id])
    if isinstance(result, tuple):
        answers: tuple[BulkAnswer, ...] = result
        return answers, _now_standing(session, [answer.seat_id for answer in answers if answer.is_agreed])
    return result, ()


def _now_standing(session: Session, seat_ids: list[UUID]) -> tuple[Said, ...]:
    """The opinions that stand on these seats at the end of the act that gave them."""
    query = select(Opinion.id, Opinion.seat_id, Opinion.kind).join(Seat, Seat.opinion_id == Opinion.id)
    return tuple(Said(*row) for row in session.execute(query.where(Seat.id.in_(seat_ids)).order_by(Seat.id)))


def attempt(witness: Witness, write: Command, who: Identity, one: Attempt, at: Any, replaced: Replaced) -> Came:
    """Try it and let the witness look. Raises `LawBroken`."""
    result, said, refusal = None, (), None
    try:
        result, said = write(perform, replaced.get(one.command, one.command), who, one, at)
    except RuleBroken as broken:
        refusal = broken.code
    except Exception as error:
        raise LawBroken(
            an_act_ends_in_an_answer_or_in_a_rule,
            an_act_ends_in_an_answer_or_in_a_rule(error),
            _place(witness, one, at),
        ) from error
    if one.is_trespass and refusal is None:
        said_so = whoever_has_no_authority_is_refused(one.name)
        raise LawBroken(whoever_has_no_authority_is_refused, said_so, _place(witness, one, at))
    touched = (result.matter_id,) if isinstance(result, Submitted) else one.matter_ids
    taken_back = one.seat_id if one.command is take_back and refusal is None else None
    done = Done(one.name, touched, who, refusal, one.seat_id, one.expected_version, said, taken_back)
    return Came(result, refusal, tuple(witness.step(done, at)))


def _place(witness: Witness, one: Attempt, at: Any) -> Any:
    return witness.place(one.name, at, witness[one.matter_ids[0]] if one.matter_ids else None)
