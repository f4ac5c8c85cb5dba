"""Who waits for whom among the seats of a stage once signers were added, and who is asked as soon as nobody is waited for."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models import matter as matters
from models.consultation import seats
from models.consultation.ladder import Rung
from models.consultation.tables import Seat, SeatStatus, SigningPlace, Stage
from models.matter import Act, Matter
from models.record import Actor


class Table:
    """The seats of one stage as places: a place is a seat with those that stand for it."""

    def __init__(self, listed: Iterable[Seat]) -> None:
        self.seats = list(listed)
        self._by_id = {seat.id: seat for seat in self.seats}

    def root(self, seat: Seat) -> Seat:
        """The seat that it answers for in the end."""
        while seat.stands_for_id is not None:
            seat = self._by_id[seat.stands_for_id]
        return seat

    def place(self, seat_id: UUID) -> list[Seat]:
        """All seats of the place that this one belongs to."""
        root = self.root(self._by_id[seat_id])
        return [seat for seat in self.seats if self.root(seat) is root]

    def standing_for(self, seat_id: UUID) -> list[Seat]:
        """Those that were put in its stead, or alongside."""
        return [seat for seat in self.seats if seat.stands_for_id == seat_id]

    def height(self, seat: Seat) -> int:
        """How many steps it stands above its place's own seat."""
        return 0 if seat.stands_for_id is None else 1 + self.height(self._by_id[seat.stands_for_id])

    def has_answered(self, seat_id: UUID) -> bool:
        """Whether anybody answered for that place."""
        return any(seat.status is SeatStatus.ANSWERED for seat in self.place(seat_id))

    def is_heard(self, seat: Seat) -> bool:
        """Whether its place was added before another: its word is heard and decides nothing."""
        return self.root(seat).added_as is SigningPlace.BEFORE

    def silent(self) -> list[Seat]:
        """Those that are asked and have not answered."""
        return [seat for seat in self.seats if seat.status is SeatStatus.ASKED]

    def added_before(self, seat_id: UUID) -> list[Seat]:
        """Those that were added before that seat."""
        return [one for one in self.seats if one.added_by_id == seat_id and one.added_as is SigningPlace.BEFORE]

    def waits_for_signers(self, seat: Seat, *, is_late: bool) -> bool:
        """Whether a signer must answer first: the adder of one added after; until the deadline, those added before."""
        if seat.added_as is SigningPlace.AFTER and seat.added_by_id is not None:
            return not self.has_answered(seat.added_by_id)
        awaited = [one for one in self.added_before(seat.id) if one.status is not SeatStatus.REMOVED]
        return not is_late and any(not self.has_answered(one.id) for one in awaited)

    def depends_on_signers(self, seat: Seat) -> bool:
        """Whether its turn comes by added signers, and not by the protocol's order."""
        return seat.added_as is SigningPlace.AFTER or bool(self.added_before(seat.id))


def table_of(session: Session, stage: Stage) -> Table:
    """The seats of the stage as they stand."""
    return Table(seats.seats_of(session, stage.id))


def asked_until(stage: Stage, at: datetime) -> datetime:
    """The deadline of a seat that is asked at `at`: the stage's or, after that, the next rung of its ladder."""
    if at < stage.due_at:
        return stage.due_at
    coming = [rung for data in stage.ladder[stage.rung :] if (rung := Rung.of(data).at) > at]
    return min(coming, default=stage.due_at)


def free(session: Session, matter: Matter, stage: Stage, at: datetime, actor: Actor) -> Sequence[Seat]:
    """Ask the seats that no longer wait for a signer; in the record. The caller sends the letters."""
    table, is_late = table_of(session, stage), at >= stage.due_at
    freed: list[Seat] = []
    for seat in table.seats:
        if seat.status is not SeatStatus.WAITING or not table.depends_on_signers(seat):
            continue
        if not table.waits_for_signers(seat, is_late=is_late):
            seat.ask(at)
            seat.due_at = asked_until(stage, at)
            freed.append(seat)
    if freed:
        body = {"stage": stage.key, "seats": [str(seat.id) for seat in freed]}
        matters.append(session, matter, Act("asked", body), at, actor)
    return freed
