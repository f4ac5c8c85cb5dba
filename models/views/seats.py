"""One seat with its stage and the matter it belongs to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models.consultation.tables import Seat
from models.errors import NotFound
from models.matter import visible
from models.officer import Identity
from models.views.standing import SeatView, StageView, standing_of


@dataclass(frozen=True, slots=True)
class SeatPlace:
    """A seat, its stage, and the matter."""

    matter_id: UUID
    reference: str
    stage: StageView
    seat: SeatView


def seat_place(session: Session, who: Identity, seat_id: UUID, at: datetime) -> SeatPlace:
    """The seat, where `who` may read its matter. Raises `NotFound`."""
    found = session.get(Seat, seat_id)
    if found is None:
        raise NotFound()
    matter = visible(session, found.matter_id, who)
    standing = standing_of(session, who, matter, at)
    stage = next(one for one in standing.stages if one.id == found.stage_id)
    seat = next(one for one in stage.seats if one.id == seat_id)
    return SeatPlace(matter.id, matter.reference, stage, seat)
