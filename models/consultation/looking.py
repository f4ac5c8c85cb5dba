"""Looked at 已阅: an organisation has opened a matter on which it is asked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import matter as matters
from models.consultation.tables import Seat, SeatStatus
from models.matter import Act, visible
from models.officer import Identity, acting_body
from models.record import Actor


def mark_looked(session: Session, who: Identity, matter_id: UUID, at: datetime) -> bool:
    """Mark the asked seats of `who`'s organisation as looked at; only the first look counts and is recorded.

    No version rises: what others have open is not stale because somebody looked. Readers look, too. Returns whether it
    was a first look. Raises `NotFound`.
    """
    visible(session, matter_id, who)
    matter = matters.lock(session, matter_id)
    unseen = session.scalars(
        select(Seat).where(
            Seat.matter_id == matter_id,
            Seat.organisation_id == who.organisation_id,
            Seat.status == SeatStatus.ASKED,
            Seat.looked_at.is_(None),
        )
    ).all()
    if not unseen:
        return False
    for seat in unseen:
        seat.looked_at = at
    body = {"seats": [str(seat.id) for seat in unseen]} | acting_body(who)
    matters.note(session, matter, Act("looked", body), at, Actor(who.officer_id, who.organisation_id))
    return True
