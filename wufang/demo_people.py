"""Riders of the demo community: some enrolled, some to be met, a grid member, a squad with its rota. All are invented."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from models.clock import SHANGHAI, local_date
from models.people import members
from models.phone import PhoneIdentity, new_phone
from wufang.make import Maker, Neighbourhood
from wufang.make_people import People

SQUAD = "新兴骑手小队"
ENROLLED = (("王强", "17000000001", "美团"), ("刘洋", "17000000003", "UU跑腿"), ("陈静", "17000000004", "美团"))
TO_MEET = (("李娜", "17000000002", "美团"), ("李娜", "17000000002", "美团"), ("赵敏", "17000000005", "UU跑腿"))
BROKEN_OFF = "本人调往外区，不再承担网格工作。"


@dataclass(frozen=True, slots=True)
class Riders:
    """The phone of the rider who reports, its secret and that of one who waits to be met, and the appointment."""

    phone: PhoneIdentity
    secret: str
    secret_to_meet: str
    number: str  # of the letter of appointment
    check: str


def enrol_riders(make: Maker, world: Neighbourhood) -> Riders:
    """The riders of the last week; `make.at` is the present."""
    people, now, day = People(make, world), make.at, timedelta(days=1)
    enrolled: list[tuple[PhoneIdentity, str]] = []
    enrolments = []
    for name, number, platform in ENROLLED:
        phone, secret = _phone(make, world, now - 12 * day)
        enrolments.append(people.ask(phone, people.asked(name, number, platform=platform), now - 12 * day))
        rider_id = people.confirm(enrolments[-1], at=now - 11 * day)
        enrolled.append((PhoneIdentity(phone.phone_id, rider_id, phone.district_id, phone.language), secret))
    phones = [phone for phone, _ in enrolled]
    to_meet = [_phone(make, world, now - day) for _ in TO_MEET]
    for number, (phone, _) in enumerate(to_meet):
        name, telephone, platform = TO_MEET[number]
        people.ask(phone, people.asked(name, telephone, platform=platform), now - (20 - number) * timedelta(hours=1))
    member = people.appoint(enrolments[0], [world.compound.id], "", now - 10 * day)
    other = people.appoint(enrolments[2], (), "解放路沿线", now - 10 * day)
    make.database.write(members.dismiss, make.vault, people.worker, other.number, BROKEN_OFF, now - 2 * day)
    squad = people.squad(SQUAD, phones, now - 10 * day)
    people.shift(squad, _at(now - day, 17), "东门", phones[:2])
    people.shift(squad, _at(now + day, 17), "东门", phones[:2])
    people.shift(squad, _at(now + 3 * day, 8), "三号楼广场", phones[1:])
    return Riders(phones[0], enrolled[0][1], to_meet[0][1], member.number, member.check)


def _phone(make: Maker, world: Neighbourhood, at: datetime) -> tuple[PhoneIdentity, str]:
    row, secret = make.database.write(new_phone, world.district.id, "zh", at)
    return PhoneIdentity(row.id, None, world.district.id, "zh"), secret


def _at(day: datetime, hour: int) -> datetime:
    """That hour of the day in Shanghai."""
    return datetime.combine(local_date(day), time(hour), SHANGHAI)
