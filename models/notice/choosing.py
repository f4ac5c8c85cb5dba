"""An officer chooses how letters come: what waits already is planned anew, or not needed any more."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.notice.tables import Notice, NoticeStatus
from models.notice.writing import leaving
from models.preference import Chosen, set_choice


def choose(session: Session, officer_id: UUID, chosen: Chosen, at: datetime) -> None:
    """From `at` on letters come so, those that wait included. Raises `QuietUnclear`, `NotOptional`."""
    set_choice(session, officer_id, chosen)
    query = select(Notice).where(Notice.officer_id == officer_id, Notice.is_gathered)
    for notice in session.scalars(query.order_by(Notice.id).with_for_update()):
        if chosen.wants(notice.letter):
            planned = leaving(chosen, notice.letter, notice.facts, at)
            notice.wake_at = planned["wake_at"]  # still gathered: what has waited together leaves together
        else:
            notice.move(NoticeStatus.CANCELLED, at)
            notice.wake_at, notice.is_gathered = None, False
