"""What a rider has said they want to learn, and when they can."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.training.ruling import TrainingRules
from models.training.tables import Need


@dataclass(frozen=True, slots=True)
class MyNeeds:
    """The live ones together: topics in the file's order; `slots` such as `2-afternoon`; near which community."""

    topics: tuple[str, ...]
    slots: frozenset[str]
    community_id: UUID | None


def my_needs(session: Session, rules: TrainingRules, phone_id: UUID | None, rider_id: UUID | None) -> MyNeeds:
    """What this rider, or this phone on which nobody is known, has said."""
    mine = Need.rider_id == rider_id if rider_id else (Need.phone_id == phone_id) & Need.rider_id.is_(None)
    listed = session.scalars(select(Need).where(mine, Need.over_at.is_(None)).order_by(Need.id)).all()
    said = {one.topic for one in listed}
    return MyNeeds(
        topics=tuple(one.code for one in rules.topics if one.code in said),
        slots=frozenset(slot for one in listed for slot in one.slots),
        community_id=next((one.community_id for one in reversed(listed) if one.community_id), None),
    )
