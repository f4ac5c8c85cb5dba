"""The waiting list: who is next, what is offered until when, what lapses (docs/decisions/0021).

Counts and alarm of a session change in the transaction that changes a place, under the lock on the session's row.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.training.place_tables import Place, PlaceGroup, PlaceStatus
from models.training.ruling import PlaceRules, TrainingRules
from models.training.tables import Event, EventStatus

ONE_DAY = timedelta(days=1)
SEATED = frozenset({PlaceStatus.OFFERED, PlaceStatus.TAKEN, PlaceStatus.ATTENDED, PlaceStatus.MISSED})
HELD_FOR_SOMEBODY = frozenset({PlaceStatus.WAITING, PlaceStatus.OFFERED, PlaceStatus.TAKEN})
Key = tuple[int, bool, datetime, UUID]


def lock_event(session: Session, event_id: UUID) -> Event:
    """The session, locked against other writers until the transaction ends. Raises `NotFound`."""
    found = session.get(Event, event_id, with_for_update=True, populate_existing=True)
    if found is None or found.status in {EventStatus.PROPOSED, EventStatus.DROPPED}:
        raise NotFound()
    return found


def key_of(place: Place) -> Key:
    """What the order of the list is by: the smaller is earlier."""
    return (place.misses, not place.has_come, place.asked_at, place.id)


def closes_at(rules: PlaceRules, event: Event) -> datetime:
    """From when on nobody is put on the list or offered a place any more; exclusive."""
    return event.starts_at - timedelta(minutes=rules.last_change_minutes)


def gathers_until(event: Event) -> datetime:
    """Until when a group waits for those of its number who have not signed up; then it is those who have."""
    return event.starts_at - ONE_DAY


def fits(event: Event, places: Sequence[Place]) -> bool:
    """Whether all of these get a seat, and their children one of the children's places."""
    children = sum(one.children for one in places)
    has_room = children == 0 or event.children + children <= event.child_places
    return event.taken + len(places) <= event.places and has_room


def move_place(event: Event, place: Place, to: PlaceStatus, at: datetime) -> None:
    """Move a place, and the counts of its session with it. Raises `IllegalMove`."""
    before = place.status
    place.move(to)
    event.waiting += (to is PlaceStatus.WAITING) - (before is PlaceStatus.WAITING)
    seats = (to in SEATED) - (before in SEATED)
    event.taken += seats
    event.children += seats * place.children
    if to is not PlaceStatus.OFFERED:
        place.offered_until = None
    if to in {PlaceStatus.TAKEN, PlaceStatus.LAPSED, PlaceStatus.CANCELLED}:
        place.decided_at = at


def settle(session: Session, rules: TrainingRules, event: Event, at: datetime, asking: UUID | None = None) -> None:
    """Lapse the offers that ran out, and hand on what is free. The place `asking` need not be offered: it is taken.

    `event` is held locked. Afterwards nobody waits who could be placed, until the list closes.
    """
    has_moved = _lapse(session, event, at)
    if at < closes_at(rules.places, event):
        has_moved |= _hand_on(session, rules.places, event, at, asking)
    if has_moved or event.wake_at is None:
        set_alarm(session, rules.places, event, at)


def _lapse(session: Session, event: Event, at: datetime) -> bool:
    """The alarm is never later than the first offer's end: before it there is nothing to look for."""
    if event.taken == 0 or (event.wake_at is not None and at < event.wake_at):
        return False
    query = select(Place).where(Place.event_id == event.id, Place.status == PlaceStatus.OFFERED)
    over = session.scalars(query.where(Place.offered_until <= at)).all()
    for place in over:
        move_place(event, place, PlaceStatus.LAPSED, at)
        place.told += 1
    return bool(over)


def _hand_on(session: Session, rules: PlaceRules, event: Event, at: datetime, asking: UUID | None) -> bool:
    has_moved = False
    while turn := _next_turn(session, event, at):
        is_asked_for = any(one.id == asking for one in turn)
        for place in turn:
            if is_asked_for:
                move_place(event, place, PlaceStatus.TAKEN, at)
            else:
                move_place(event, place, PlaceStatus.OFFERED, at)
                place.offered_until = offer_ends(rules, event, at)
            place.told += place.id != asking
        has_moved = True
        session.flush()
    return has_moved


def offer_ends(rules: PlaceRules, event: Event, at: datetime) -> datetime:
    """Until when a place that is offered at `at` is kept; exclusive, and never beyond the closing of the list."""
    is_near = event.starts_at - at <= ONE_DAY
    minutes = rules.accept_minutes_near if is_near else rules.accept_minutes
    return min(at + timedelta(minutes=minutes), closes_at(rules, event))


def _next_turn(session: Session, event: Event, at: datetime) -> Sequence[Place]:
    """The first in order who fits whole: one person, or all of a group. Empty: nobody."""
    if event.taken >= event.places or event.waiting == 0:
        return ()
    turns = [turn for turn in (_first_alone(session, event), *_groups(session, event, at)) if turn]
    return min((turn for turn in turns if fits(event, turn)), key=_turn_key, default=())


def _turn_key(turn: Iterable[Place]) -> Key:
    """A group stands where the last of its members would stand alone: nobody comes forward by another's merit."""
    return max(key_of(one) for one in turn)


def _first_alone(session: Session, event: Event) -> Sequence[Place]:
    query = (
        select(Place)
        .where(
            Place.event_id == event.id,
            Place.status == PlaceStatus.WAITING,
            Place.group_id.is_(None),
            Place.children <= max(event.child_places - event.children, 0),
        )
        .order_by(Place.misses, Place.has_come.desc(), Place.asked_at, Place.id)
        .limit(1)
    )
    return session.scalars(query).all()


def _groups(session: Session, event: Event, at: datetime) -> list[Sequence[Place]]:
    """The waiting groups that are all there."""
    query = (
        select(Place, PlaceGroup.size)
        .join(PlaceGroup, PlaceGroup.id == Place.group_id)
        .where(Place.event_id == event.id, Place.status == PlaceStatus.WAITING)
        .order_by(Place.group_id, Place.id)
    )
    rows = session.execute(query).all()
    is_over = at >= gathers_until(event)
    found: list[Sequence[Place]] = []
    for _, listed in groupby(rows, key=lambda row: row[0].group_id):
        members = list(listed)
        if is_over or len(members) >= members[0][1]:
            found.append([place for place, _ in members])
    return found


def set_alarm(session: Session, rules: PlaceRules, event: Event, at: datetime) -> None:
    """When the engine has to look at the session next: an offer that runs out, a reminder, the start, the end."""
    if event.status is not EventStatus.PUBLISHED:
        event.wake_at = None
        return
    session.flush()
    query = select(func.min(Place.offered_until)).where(Place.event_id == event.id, Place.status == PlaceStatus.OFFERED)
    offer: datetime | None = session.execute(query).scalar_one()
    moments = [one for one in (gathers_until(event), event.starts_at) if one > at]
    moments += reminders(rules, event)[event.reminded :][:1]
    event.wake_at = min([event.ends_at, *moments, *([offer] if offer else [])])


def reminders(rules: PlaceRules, event: Event) -> list[datetime]:
    """The instants at which those who have a place are reminded, the earliest first."""
    return sorted(event.starts_at - timedelta(minutes=one) for one in rules.reminders_minutes)
