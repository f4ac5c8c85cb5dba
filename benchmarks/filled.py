"""Databases filled with filings at a chosen point of their way, by the builders that the tests use."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.calendars import district_calendar
from models.consultation.opening import open_next
from models.consultation.opinions import Draft, give_opinion
from models.consultation.tables import OpinionKind, Seat, SeatStatus
from models.crypto import open_vault
from models.database import Database
from models.district import Organisation
from models.matter import lock
from models.migrations import upgrade
from models.officer import Officer, issue_credential
from models.record import Actor
from models.settings import Settings
from wufang.make import Maker, Neighbourhood

AGREE = Draft(OpinionKind.AGREE)
CHUNK = 50


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled database and who is in it."""

    database: Database
    world: Neighbourhood
    maker: Maker
    at: datetime

    def submit(self, count: int, lines: int = 1) -> list[UUID]:
        """File so many filings of so many riders each."""
        riders = self.maker.rider_lines(lines)
        place = [self.world.compound]
        return [self.maker.filing(self.world.clerk, place, riders).matter_id for _ in range(count)]

    def open(self, matter_ids: list[UUID]) -> None:
        """Open what waits to be opened, as a round would."""
        for start in range(0, len(matter_ids), CHUNK):
            self.database.write(_open_all, matter_ids[start : start + CHUNK], self.at)

    def answer(self, *organisations: Organisation) -> None:
        """Every asked seat of these organisations agrees, each in its own command."""
        for organisation in organisations:
            query = select(Seat.id).where(Seat.organisation_id == organisation.id, Seat.status == SeatStatus.ASKED)
            with self.database.reading() as session:
                seats = list(session.scalars(query))
            who = self.world.who(organisation)
            given = [self.database.submit(give_opinion, who, seat, AGREE, None, self.at) for seat in seats]
            for one in given:
                one.result()

    def token(self, officer: Officer) -> str:
        """A bearer token of the officer."""
        return self.database.write(issue_credential, officer.id, "bench", self.at, timedelta(days=1))

    def asked(self, organisation: Organisation) -> list[tuple[UUID, UUID]]:
        """The asked seats of an organisation, each with its matter."""
        query = select(Seat.id, Seat.matter_id).where(Seat.organisation_id == organisation.id)
        with self.database.reading() as session:
            rows = session.execute(query.where(Seat.status == SeatStatus.ASKED)).all()
        return [(seat, matter) for seat, matter in rows]


def fill(folder: Path, at: datetime, url: str | None = None) -> Filled:
    """A new database in `folder`, or the empty one at `url`, with one neighbourhood."""
    address = url or Settings(state_dir=folder).database
    upgrade(address)
    database = Database(address)
    maker = Maker(database, open_vault(folder / "keys"), at)
    return Filled(database, maker.neighbourhood(), maker, at)


def _open_all(session: Session, matter_ids: list[UUID], at: datetime) -> None:
    for matter_id in matter_ids:
        open_next(session, lock(session, matter_id), at, Actor(run="bench"), district_calendar())
