"""The builders of `wufang.make`, with what only tests ask for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from models import matter as matters
from models.base import Base
from models.calendars import district_calendar
from models.consultation.climbing import climb
from models.consultation.opening import open_next
from models.consultation.opinions import Draft, Given, give_opinion
from models.consultation.tables import OpinionKind, Seat, SeatStatus
from models.matter import Matter, MatterStatus
from models.officer import Identity
from models.record import Actor
from models.rounds import Need
from tasks.rounds import STEPS
from wufang.make import Maker as Builder
from wufang.make import Neighbourhood

__all__ = ["Maker", "Neighbourhood"]

AGREED = Draft(OpinionKind.AGREE)


class Maker(Builder):
    """The builders, and the acts that a test's story begins with."""

    def matter(self, matter_id: UUID) -> Matter:
        """The matter as it stands."""
        with self.database.reading() as session:
            return session.get_one(Matter, matter_id)

    def count(self, table: type[Base]) -> int:
        """How many rows a table has."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def tamper(self, statement: str, **values: Any) -> None:
        """Change rows behind the domain's back, in SQL."""
        self.database.write(lambda session: session.execute(text(statement), values) and None)

    def open(self, matter_id: UUID, at: datetime | None = None) -> None:
        """Open what waits to be opened, as a round would."""
        self.database.write(
            lambda session: open_next(
                session, matters.lock(session, matter_id), at or self.at, Actor(run="test"), district_calendar()
            )
        )

    def climb(self, matter_id: UUID, at: datetime) -> None:
        """Do what is due on the open stage's ladder at `at`, as a round would."""
        self.database.write(
            lambda session: climb(session, matters.lock(session, matter_id), at, Actor(run="test"), district_calendar())
        )

    def asked(self, matter_id: UUID) -> list[Seat]:
        """The seats that are asked and have not answered."""
        query = select(Seat).where(Seat.matter_id == matter_id, Seat.status == SeatStatus.ASKED).order_by(Seat.id)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def seats(self, reference: str) -> list[Seat]:
        """All seats of the matter of that reference."""
        query = select(Seat).join(Matter, Seat.matter_id == Matter.id).where(Matter.reference == reference)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def say(self, who: Identity, seat: Seat, draft: Draft = AGREED, at: datetime | None = None) -> Given:
        """Give an opinion on a seat."""
        return self.database.write(give_opinion, who, seat.id, draft, None, at or self.at)

    def agree_through(self, world: Neighbourhood, matter_id: UUID, draft: Draft = AGREED) -> None:
        """Open every stage and let every seat agree, until the matter is decided."""
        while self.matter(matter_id).status in {MatterStatus.SUBMITTED, MatterStatus.CONSULTING}:
            self.open(matter_id)
            for seat in self.asked(matter_id):
                officer = world.officers[seat.organisation_id]
                self.say(self.identity(officer), seat, draft)

    def conclude(self, matter_id: UUID, at: datetime | None = None) -> None:
        """Give a decided matter its resolution and its effects, as a round would."""
        step = STEPS[Need.CONCLUDING]
        self.database.write(
            lambda session: step(session, matters.lock(session, matter_id), at or self.at, Actor(run="test"))
        )
