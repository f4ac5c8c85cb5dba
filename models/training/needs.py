"""需求: what riders want to learn and when they can, said by two taps; counted for the departments, never listed.

A phone on which nobody is known may ask as well; once its rider is known, what it asked is the rider's.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from models.base import uuid7
from models.district import Organisation
from models.errors import NotFound, RuleBroken
from models.phone import Phone, PhoneIdentity
from models.protocol.schema import Party
from models.training.ruling import TrainingRules
from models.training.tables import Need
from models.words import N_

SLOTS_MOST = 21  # three times of day on seven days
SHOWN_FROM = 3  # people: smaller groups could be told apart


class SlotsMissing(RuleBroken):
    """When somebody can is half of what is asked."""

    sentence = N_("Say when you can: tick at least one time of the week.")
    status = 422


class NearUnknown(RuleBroken):
    """No community of this district."""

    sentence = N_("Choose a community of the list, or none.")
    status = 422


@dataclass(frozen=True, slots=True)
class Wished:
    """So many people want this topic at this time near this community (None: anywhere). `people` None: fewer than three."""

    topic: str
    slot: str
    community_id: UUID | None
    people: int | None

    @property
    def shown(self) -> str:
        """The number as it may be read."""
        return f"<{SHOWN_FROM}" if self.people is None else str(self.people)


def ask(
    session: Session,
    rules: TrainingRules,
    phone: PhoneIdentity,
    topic: str,
    slots: Sequence[str],
    community_id: UUID | None,
    at: datetime,
) -> Need:
    """Say what one wants and when one can; said again for the topic, it takes the place of what was said.

    Raises `CodeUnknown`, `SlotsMissing`, `NearUnknown`.
    """
    rules.topic(topic)
    wanted = _checked_slots(rules, slots)
    _check_near(session, phone, community_id)
    session.get(Phone, phone.phone_id, with_for_update=True)  # two taps of one phone come one after the other
    need = _live(session, phone, topic)
    if need is None:
        need = Need(
            id=uuid7(),
            district_id=phone.district_id,
            phone_id=phone.phone_id,
            rider_id=phone.rider_id,
            topic=topic,
            slots=wanted,
            community_id=community_id,
            asked_at=at,
        )
        session.add(need)
    else:
        need.slots, need.community_id, need.asked_at = wanted, community_id, at
    session.flush()
    return need


def _checked_slots(rules: TrainingRules, slots: Sequence[str]) -> list[str]:
    wanted = sorted(set(slots[: SLOTS_MOST + 1]))
    for slot in wanted:
        rules.hours(slot)
    if not wanted:
        raise SlotsMissing()
    return wanted


def _check_near(session: Session, phone: PhoneIdentity, community_id: UUID | None) -> None:
    if community_id is None:
        return
    near = session.get(Organisation, community_id)
    if near is None or near.party is not Party.COMMUNITY or near.district_id != phone.district_id:
        raise NearUnknown()


def take_back(session: Session, phone: PhoneIdentity, topic: str, at: datetime) -> None:
    """Not wanted any more. Raises `NotFound`."""
    need = _live(session, phone, topic)
    if need is None:
        raise NotFound()
    need.over_at = at


def say(
    session: Session,
    rules: TrainingRules,
    phone: PhoneIdentity,
    topics: Sequence[str],
    slots: Sequence[str],
    community_id: UUID | None,
    at: datetime,
) -> None:
    """Everything at once, as the page has it: these topics at these times; what is not named any more is taken back.

    Raises `CodeUnknown`, `SlotsMissing`, `NearUnknown`.
    """
    wanted = dict.fromkeys(topics[: len(rules.topics) + 1])
    for need in needs_of(session, phone):
        if need.topic not in wanted:
            need.over_at = at
    for topic in wanted:
        ask(session, rules, phone, topic, slots, community_id, at)


def needs_of(session: Session, phone: PhoneIdentity) -> Sequence[Need]:
    """What this rider, or this phone where nobody is known on it, wants at present, by topic."""
    query = select(Need).where(_mine(phone), Need.over_at.is_(None)).order_by(Need.topic)
    return session.scalars(query).all()


def join_needs(session: Session, phone_id: UUID, rider_id: UUID, at: datetime) -> None:
    """What was wanted on a phone before its rider was known is the rider's; where both have said something, the rider's."""
    own = select(Need.topic).where(Need.rider_id == rider_id, Need.over_at.is_(None))
    live = update(Need).where(Need.phone_id == phone_id, Need.rider_id.is_(None), Need.over_at.is_(None))
    session.execute(live.where(Need.topic.in_(own)).values(over_at=at))
    session.execute(update(Need).where(Need.phone_id == phone_id, Need.rider_id.is_(None)).values(rider_id=rider_id))


def counted(session: Session, district_id: UUID) -> list[Wished]:
    """How many people want what, when and near where, by topic, community and time; who they are is not told."""
    query = select(Need.topic, Need.community_id, Need.slots).where(
        Need.district_id == district_id, Need.over_at.is_(None)
    )
    people: Counter[tuple[str, str, UUID | None]] = Counter()
    for topic, community_id, slots in session.execute(query):
        people.update((topic, slot, community_id) for slot in slots)
    order = sorted(people, key=lambda one: (one[0], str(one[2] or ""), one[1]))
    return [Wished(*key, people[key] if people[key] >= SHOWN_FROM else None) for key in order]


def _mine(phone: PhoneIdentity) -> ColumnElement[bool]:
    if phone.rider_id is not None:
        return Need.rider_id == phone.rider_id
    return (Need.phone_id == phone.phone_id) & Need.rider_id.is_(None)


def _live(session: Session, phone: PhoneIdentity, topic: str) -> Need | None:
    return session.scalars(select(Need).where(_mine(phone), Need.topic == topic, Need.over_at.is_(None))).first()
