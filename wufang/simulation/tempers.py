"""Tempers: how soon people sit down to what waits for them, and whether they do at all."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.district import Organisation
from models.officer import Identity, Officer, Role
from models.protocol.schema import Party
from wufang.make import identity_of
from wufang.simulation.chance import Chance


@dataclass(frozen=True, slots=True)
class Temper:
    """With the chance `answers` somebody sits down after so many working minutes, between `soonest` and `latest`."""

    name: str
    answers: float
    soonest: int
    latest: int


PROMPT = Temper("prompt", 0.97, 5, 240)
SLOW = Temper("slow", 0.85, 240, 1200)
SILENT = Temper("silent", 0.15, 300, 2400)
AWAY = Temper("away", 0.9, 30, 600)  # often absent, with a deputy
SHARES = {PROMPT: 56, SLOW: 24, SILENT: 12, AWAY: 8}  # per cent of officers


@dataclass(slots=True)
class Person:
    """An officer: as the rules see one, with a temper, and where they are."""

    who: Identity
    code: str  # of the organisation
    temper: Temper
    away_until: datetime | None = None
    deputy: "Person | None" = None
    sits_at: dict[UUID, datetime] = field(
        default_factory=dict[UUID, datetime]
    )  # by organisation, next time at the desk

    def is_away(self, at: datetime) -> bool:
        """Whether they are absent at `at`."""
        return self.away_until is not None and at < self.away_until


@dataclass(frozen=True, slots=True)
class Town:
    """Who there is. `people`: those who may act, by organisation."""

    organisations: tuple[Organisation, ...]
    people: dict[UUID, list[Person]]
    readers: dict[UUID, Person]  # by organisation: officers who only read
    administrator: Person

    def everybody(self) -> list[Person]:
        """All who may act."""
        return [one for listed in self.people.values() for one in listed]


def settle(session: Session, chance: Chance) -> Town:
    """Give the officers of a seeded district their tempers; those of the lead department are prompt."""
    organisations = tuple(session.scalars(select(Organisation).order_by(Organisation.code)))
    by_id = {one.id: one for one in organisations}
    people: dict[UUID, list[Person]] = {one.id: [] for one in organisations}
    readers: dict[UUID, Person] = {}
    administrator: Person | None = None
    for officer in session.scalars(select(Officer).order_by(Officer.email)):
        at_home = by_id[officer.organisation_id]
        drawn = chance.choices(list(SHARES), weights=list(SHARES.values()))[0]
        person = Person(identity_of(officer, at_home), at_home.code, PROMPT if at_home.is_lead else drawn)
        if officer.is_administrator:
            administrator = person
        elif officer.role is Role.READER:
            readers[at_home.id] = person
        else:
            people[at_home.id].append(person)
    assert administrator is not None
    return Town(organisations, people, readers, administrator)


def clerks(town: Town) -> dict[UUID, Person]:
    """The first officer of each property company, who files."""
    companies = [one.id for one in town.organisations if one.party is Party.PROPERTY]
    return {one: town.people[one][0] for one in companies}
