"""A published session is called off: its places end, its riders are told, its calendar entry is cancelled."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models.errors import NotFound
from models.officer import Identity, check_may_act
from models.report.recording import checked_words
from models.training.certificates import close_course
from models.training.place_tables import PlaceStatus, move_all
from models.training.places import SessionBegun, SessionCancelled
from models.training.queue import HELD_FOR_SOMEBODY, lock_event
from models.training.ruling import TrainingRules
from models.training.tables import Course, Event, EventStatus

LONGEST_REASON = 200


def cancel_event(
    session: Session, rules: TrainingRules, who: Identity, event_id: UUID, reason: str, at: datetime
) -> Event:
    """The proposing department calls a session off before it begins; the reason is public.

    Raises `NotFound`, `OnlyReads`, `ReasonMissing`, `WordsTooLong`, `SessionCancelled`, `SessionBegun`.
    """
    event = lock_event(session, event_id)
    if session.get_one(Course, event.course_id).organisation_id != who.organisation_id:
        raise NotFound()
    check_may_act(who)
    words = checked_words(reason, longest=LONGEST_REASON)
    if event.status is EventStatus.CANCELLED:
        raise SessionCancelled()
    if event.status is not EventStatus.PUBLISHED or at >= event.starts_at:
        raise SessionBegun()
    call_off(session, event, words, at)
    close_course(session, rules, event.course_id, at)
    return event


def call_off(session: Session, event: Event, reason: str, at: datetime) -> None:
    """End a published session that is held locked, with all its places and turns."""
    event.move(EventStatus.CANCELLED, at)
    event.reason, event.wake_at = reason, None
    event.sequence += 1
    session.flush()
    for status in sorted(HELD_FOR_SOMEBODY):
        move_all(session, event.id, status, PlaceStatus.CANCELLED, at)
    event.taken = event.waiting = event.children = 0
    session.flush()
