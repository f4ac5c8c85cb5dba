"""What a session needs by itself: offers that ran out go on, riders are reminded, the list ends, and who came is settled.

A round takes the sessions whose alarm is due. Each part looks at how things stand: what is done is found done.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import Integer, bindparam, select, update
from sqlalchemy.orm import Session

from models.prepared import run, table
from models.rounds import FIRST_DELAY, MOST_TRIES
from models.training.certificates import close_course
from models.training.place_tables import Place, PlaceStatus, move_all
from models.training.queue import reminders, set_alarm, settle
from models.training.ruling import TrainingRules
from models.training.tables import Course, Event, EventStatus

log = structlog.get_logger()

_EVENT, _COURSE = table(Event).c, table(Course).c
_DUE = (
    select(_EVENT.id, _COURSE.reference, _EVENT.ordinal)
    .join_from(table(Event), table(Course), _COURSE.id == _EVENT.course_id)
    .where(_EVENT.wake_at.is_not(None), _EVENT.wake_at <= bindparam("at", type_=_EVENT.wake_at.type))
    .order_by(_EVENT.wake_at)
    .limit(bindparam("size", type_=Integer()))
)
_TAKE = (
    select(Event)
    .where(Event.id == bindparam("of"), Event.wake_at <= bindparam("until"))
    .with_for_update(skip_locked=True)
    .execution_options(populate_existing=True)
)


def is_due(session: Session, at: datetime) -> bool:
    """Whether any session is due at `at`: one look at the alarm's index."""
    return run(session, _DUE, {"at": at, "size": 1}).first() is not None


def due(session: Session, at: datetime, size: int) -> list[tuple[UUID, str]]:
    """Up to `size` due sessions, each with its course's reference and its number in it; the longest due first."""
    return [(row.id, f"{row.reference}/{row.ordinal}") for row in run(session, _DUE, {"at": at, "size": size})]


def take_step(session: Session, rules: TrainingRules, ids: Sequence[UUID], at: datetime) -> dict[UUID, str | None]:
    """Take each session one step in a savepoint of its own. Returns what failed (words) or None, for each that was taken.

    One that another round has taken, or that needs nothing any more, is passed over. One that fails is put back with a
    growing delay; after the last try it is stuck and shown to its department.
    """
    taken: dict[UUID, str | None] = {}
    for event_id in ids:
        event = session.scalars(_TAKE, {"of": event_id, "until": at}).first()
        if event is None:
            continue
        try:
            with session.begin_nested():
                tend(session, rules, event, at)
                event.tries, event.trouble = 0, None
            taken[event_id] = None
        except Exception as error:
            log.exception("session put back", session=str(event_id))
            session.refresh(event)
            _put_back(event, error, at)
            taken[event_id] = f"{type(error).__name__}: {error}"
    return taken


def tend(session: Session, rules: TrainingRules, event: Event, at: datetime) -> None:
    """Everything that the session needs at `at`. `event` is held locked."""
    if event.status is EventStatus.PUBLISHED:
        settle(session, rules, event, at)
        _remind(session, rules, event, at)
        if at >= event.starts_at:
            session.flush()
            event.waiting -= move_all(session, event.id, PlaceStatus.WAITING, PlaceStatus.LAPSED, at)
        if at >= event.ends_at:
            _end(session, rules, event, at)
    set_alarm(session, rules.places, event, at)


def _remind(session: Session, rules: TrainingRules, event: Event, at: datetime) -> None:
    """Riders who have a place see it on their page. Of reminders that were missed only one is left to send."""
    over = sum(one <= at for one in reminders(rules.places, event))
    if over <= event.reminded:
        return
    event.reminded = over
    if at < event.starts_at:
        seated = update(Place).where(Place.event_id == event.id, Place.status == PlaceStatus.TAKEN)
        session.execute(seated.values(told=Place.told + 1))


def _end(session: Session, rules: TrainingRules, event: Event, at: datetime) -> None:
    """It is over: who had a place and was not seen did not come."""
    event.move(EventStatus.HELD, at)
    session.flush()
    move_all(session, event.id, PlaceStatus.TAKEN, PlaceStatus.MISSED, at)
    close_course(session, rules, event.course_id, at)


def _put_back(event: Event, error: Exception, at: datetime) -> None:
    event.tries += 1
    event.trouble = f"{type(error).__name__}: {error}"[:500]
    event.wake_at = None if event.tries >= MOST_TRIES else at + FIRST_DELAY * 2 ** (event.tries - 1)


def stuck(session: Session, district_id: UUID) -> Sequence[Event]:
    """Sessions that the engine has given up on, the newest first."""
    query = select(Event).where(Event.district_id == district_id, Event.tries >= MOST_TRIES)
    return session.scalars(query.order_by(Event.id.desc())).all()


def free(session: Session, event_id: UUID, at: datetime) -> None:
    """A stuck session is tried again from `at` on, after somebody put right what was wrong."""
    event = session.get_one(Event, event_id, with_for_update=True, populate_existing=True)
    event.tries, event.trouble, event.wake_at = 0, None, at
