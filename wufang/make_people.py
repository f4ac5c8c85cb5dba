"""Builders of riders as people: phones, askings, confirmed enrolments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, insert, select

from models.base import uuid7
from models.clock import local_date
from models.officer import Identity, digest, new_secret
from models.people import enrolment, members, squads
from models.people.consent import current_consent
from models.people.enrolment import Asked
from models.people.tables import Enrolment, GridMember
from models.phone import Phone, PhoneIdentity, new_phone
from models.rider import Rider, recognise
from wufang.make import Maker, Neighbourhood, invented_name

PLATFORM = "美团"


@dataclass(frozen=True, slots=True)
class People:
    """Makes riders in a small world as they would be at `make.at`."""

    make: Maker
    world: Neighbourhood

    @property
    def worker(self) -> Identity:
        """The community's officer."""
        return self.world.who(self.world.community)

    def phone(self) -> PhoneIdentity:
        """A phone on which nobody is known."""
        phone, _ = self.make.database.write(new_phone, self.world.district.id, "zh", self.make.at)
        return PhoneIdentity(phone.id, None, self.world.district.id, "zh")

    def asked(self, name: str = "王强", phone: str = "17000000001", **changes: object) -> Asked:
        """What is typed, agreed to."""
        known: dict[str, object] = {
            "platform": PLATFORM,
            "community_id": self.world.community.id,
            "consent_version": current_consent().version,
            "is_agreed": True,
        }
        return Asked(name, phone, **(known | changes))  # pyright: ignore[reportArgumentType] - its fields by name

    def ask(self, phone: PhoneIdentity, asked: Asked | None = None, at: datetime | None = None) -> UUID:
        """Ask to be enrolled. Returns the enrolment's id."""
        new = self.make.database.write(enrolment.ask, self.make.vault, phone, asked or self.asked(), at or self.make.at)
        return new.id

    def get(self, enrolment_id: UUID) -> Enrolment:
        """The enrolment as it stands."""
        with self.make.database.reading() as session:
            return session.get_one(Enrolment, enrolment_id)

    def meeting(self, enrolment_id: UUID) -> str:
        """The number that the asker's phone shows."""
        sealed = self.get(enrolment_id).meeting_sealed
        return self.make.vault.open(sealed) if sealed else ""

    def confirm(
        self,
        enrolment_id: UUID,
        who: Identity | None = None,
        *,
        is_same_person: bool | None = None,
        at: datetime | None = None,
    ) -> UUID:
        """A worker meets the person. Returns the rider's id."""
        meeting = self.meeting(enrolment_id)
        self.make.database.write(
            enrolment.confirm,
            self.make.vault,
            who or self.worker,
            enrolment_id,
            meeting,
            is_same_person,
            at or self.make.at,
        )
        rider_id = self.get(enrolment_id).rider_id
        assert rider_id is not None
        return rider_id

    def rider(self, name: str = "王强", phone: str = "17000000001") -> PhoneIdentity:
        """A confirmed rider on a phone of their own."""
        holder = self.phone()
        rider_id = self.confirm(self.ask(holder, self.asked(name, phone)))
        return PhoneIdentity(holder.phone_id, rider_id, holder.district_id, holder.language)

    def appoint(self, enrolment_id: UUID, compounds: Sequence[UUID], area: str, at: datetime) -> GridMember:
        """A grid member for a year from that day."""
        day = local_date(at)
        term = members.Term(day, members.a_year_from(day), compounds, area)
        return self.make.database.write(members.appoint, self.worker, enrolment_id, term, at)

    def squad(self, name: str, riders: Sequence[PhoneIdentity], at: datetime) -> UUID:
        """A squad of those riders; the first leads it."""
        write = self.make.database.write
        squad = write(squads.make_squad, self.worker, name, squads.SQUAD_MOST, at)
        for one in riders:
            write(squads.join_squad, one, squad.id, at)
        first = riders[0].rider_id
        assert first is not None
        write(squads.lead, self.worker, squad.id, first, at)
        return squad.id

    def shift(self, squad_id: UUID, starts_at: datetime, place: str, riders: Sequence[PhoneIdentity]) -> UUID:
        """A shift of two hours with four places, planned the week before, on which those riders stand."""
        write, before = self.make.database.write, starts_at - timedelta(days=7)
        new = squads.NewShift(starts_at, starts_at + timedelta(hours=2), place, 4)
        shift = write(squads.plan, self.worker, squad_id, new, before)
        for one in riders:
            write(squads.sign_up, one, shift.id, before)
        return shift.id

    def crowd(self, count: int) -> list[tuple[PhoneIdentity, str]]:
        """So many riders who are known, each on a phone of their own, with its secret; enrolled nowhere. Many at a time."""
        district_id, at = self.world.district.id, self.make.at
        first = self.make.database.write(lambda session: session.scalar(select(func.count()).select_from(Rider))) or 0
        people = [(invented_name(f"crowd-{one}"), f"190{first + one:08d}") for one in range(count)]
        known = self.make.database.write(recognise, self.make.vault, district_id, people, at)
        secrets = [new_secret() for _ in people]
        made = [PhoneIdentity(uuid7(), known[phone], district_id, "zh") for _, phone in people]
        rows = [
            {
                "id": one.phone_id,
                "district_id": district_id,
                "digest": digest(secret),
                "rider_id": one.rider_id,
                "language": "zh",
                "made_at": at,
                "seen_at": at,
            }
            for one, secret in zip(made, secrets, strict=True)
        ]
        self.make.database.write(lambda session: session.execute(insert(Phone), rows) and None)
        return list(zip(made, secrets, strict=True))
