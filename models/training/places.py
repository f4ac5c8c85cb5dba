"""Places at sessions: signing up, groups of colleagues, giving back, taking or leaving what is offered.

Every act locks the session's row first and leaves it settled: see `models.training.queue` and docs/decisions/0021.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, func, literal, or_, select, update
from sqlalchemy.orm import Session

from models.base import uuid7
from models.errors import NotFound, RuleBroken
from models.phone import PhoneIdentity
from models.training.place_tables import Place, PlaceGroup, PlaceStatus
from models.training.queue import HELD_FOR_SOMEBODY, SEATED, closes_at, fits, lock_event, move_place, settle
from models.training.ruling import PlaceRules, TrainingRules
from models.training.tables import Event, EventStatus
from models.words import N_

WORD_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another
WORD_LENGTH = 8

_RIDER, _OF_EVENT = bindparam("rider", type_=Uuid()), bindparam("event", type_=Uuid())
_MINE = select(Place).where(
    Place.event_id == _OF_EVENT, Place.rider_id == _RIDER, Place.status.in_([PlaceStatus.WAITING, *sorted(SEATED)])
)
_PAST = (
    select(Place.event_id, Place.status, Event.status, Event.starts_at, Event.ends_at)
    .join(Event, Event.id == Place.event_id)
    .where(Place.rider_id == _RIDER)
)


@dataclass(frozen=True, slots=True)
class _Past:
    """One of the rider's places, with what matters of its session."""

    event_id: UUID
    status: PlaceStatus
    event_status: EventStatus
    starts_at: datetime
    ends_at: datetime


class EnrolFirst(RuleBroken):
    """Places are for riders who are known."""

    sentence = N_("Enrol with a community first; places are for riders who are known there.")
    status = 403


class SessionCancelled(RuleBroken):
    """It is not held."""

    sentence = N_("The session was cancelled. Choose another one.")


class SessionBegun(RuleBroken):
    """Too late to change anything."""

    sentence = N_("The session has begun. Choose another one, or speak to the people there.")


class ListClosed(RuleBroken):
    """Full, and so near the start that nobody is put on the waiting list."""

    sentence = N_("All places are taken and the waiting list is closed. Choose another session.")


class AlreadySignedUp(RuleBroken):
    """One place a person."""

    sentence = N_("You have signed up for this session already.")


class PlacesOverlap(RuleBroken):
    """Nobody sits in two rooms."""

    sentence = N_("You have a place at another session at that time. Give that one back first.")


class TooManyChildren(RuleBroken):
    """More than are looked after."""

    sentence = N_("At most {most} children can be brought to this session. Say how many come with you.")
    status = 422


class GroupUnknown(RuleBroken):
    """No group of this session has that word."""

    sentence = N_("No group of this session has that word. Check it with your colleague, or sign up alone.")
    status = 422


class GroupFull(RuleBroken):
    """All of its number have signed up."""

    sentence = N_("The group is complete. Sign up alone, or start another group.")


class GroupWrong(RuleBroken):
    """A group of a size that cannot sit together."""

    sentence = N_("A group has 2 to {most} people. Say how many you are.")
    status = 422


class OfferOver(RuleBroken):
    """Nothing is offered, or not any more."""

    sentence = N_("No place is kept for you at this session any more. Sign up again to wait for the next.")


def new_word() -> str:
    """A word of 8 signs (39 random bits) that is read out and typed."""
    return "".join(secrets.choice(WORD_SIGNS) for _ in range(WORD_LENGTH))


def plain_word(typed: str) -> str:
    """A word as it is meant, whatever the spelling: small letters, blanks, hyphens."""
    return "".join(typed[:40].split()).replace("-", "").upper()


def sign_up(
    session: Session,
    rules: TrainingRules,
    phone: PhoneIdentity,
    event_id: UUID,
    at: datetime,
    children: int = 0,
    group_word: str | None = None,
) -> Place:
    """Take a place where one is free, else wait by the stated rule. Raises `NotFound` and the rules of this module.

    `group_word`: of a group that a colleague has started. Once the list is closed, a place that is free is taken by whoever
    asks first, those on the list included.
    """
    event, rider_id = _open_event(session, phone, event_id, at)
    standing = place_of(session, event.id, rider_id)
    if standing is not None and standing.offered_until is not None and at >= standing.offered_until:
        settle(session, rules, event, at)
        standing = None
    if standing is not None and (standing.status is not PlaceStatus.WAITING or at < closes_at(rules.places, event)):
        raise AlreadySignedUp()
    _check_children(rules.places, event, children)
    past = _past(session, rider_id)
    _check_free_at(event, past, SEATED)
    place = standing or _new_place(session, event, rider_id, children, _merit(rules.places, past, at), at)
    if standing is None and group_word:
        _join(session, event, place, group_word)
    settle(session, rules, event, at, place.id)
    if at >= closes_at(rules.places, event):
        if not fits(event, [place]):
            raise ListClosed()
        move_place(event, place, PlaceStatus.TAKEN, at)
    return place


def start_group(
    session: Session,
    rules: TrainingRules,
    phone: PhoneIdentity,
    event_id: UUID,
    size: int,
    at: datetime,
    children: int = 0,
) -> PlaceGroup:
    """Sign up as the first of `size` colleagues; its word is passed on. They get places together, or wait together.

    Raises `NotFound`, `GroupWrong` and what `sign_up` raises.
    """
    event, rider_id = _open_event(session, phone, event_id, at)
    most = min(rules.places.group_most, event.places)
    if not 2 <= size <= most:  # noqa: PLR2004 - as the sentence says
        raise GroupWrong(most=most)
    if at >= closes_at(rules.places, event):
        raise ListClosed()
    group = PlaceGroup(id=uuid7(), event_id=event.id, size=size, word=new_word(), made_by_id=rider_id, made_at=at)
    session.add(group)
    session.flush()
    sign_up(session, rules, phone, event_id, at, children, group.word)
    return group


def go_alone(session: Session, rules: TrainingRules, phone: PhoneIdentity, event_id: UUID, at: datetime) -> None:
    """Leave the group and keep the turn: whoever waits alone is placed sooner. Raises `NotFound`, `SessionBegun`."""
    event, place = _mine(session, phone, event_id, at)
    if place.status is not PlaceStatus.WAITING or place.group_id is None:
        raise NotFound()
    _leave_group(session, place)
    settle(session, rules, event, at, place.id)


def cancel(session: Session, rules: TrainingRules, phone: PhoneIdentity, event_id: UUID, at: datetime) -> None:
    """Give a place, an offer or a turn back; what becomes free goes to the next at once.

    Raises `NotFound`, `SessionBegun`, `SessionCancelled`.
    """
    event, place = _mine(session, phone, event_id, at)
    give_back(session, rules, event, place, at)


def decline(session: Session, rules: TrainingRules, phone: PhoneIdentity, event_id: UUID, at: datetime) -> None:
    """Leave an offered place to the next. Raises `NotFound`, `OfferOver`, `SessionBegun`, `SessionCancelled`."""
    event, place = _mine(session, phone, event_id, at)
    if place.status is not PlaceStatus.OFFERED:
        raise OfferOver()
    give_back(session, rules, event, place, at)


def accept(session: Session, rules: TrainingRules, phone: PhoneIdentity, event_id: UUID, at: datetime) -> None:
    """Take the place that is offered. Twice is once.

    Raises `NotFound`, `OfferOver`, `PlacesOverlap`, `SessionBegun`, `SessionCancelled`.
    """
    event, place = _mine(session, phone, event_id, at)
    if place.status is PlaceStatus.TAKEN:
        return
    if place.offered_until is None or at >= place.offered_until:
        raise OfferOver()
    _check_free_at(event, _past(session, place.rider_id), frozenset({PlaceStatus.TAKEN}))
    move_place(event, place, PlaceStatus.TAKEN, at)
    place.seen = place.told
    settle(session, rules, event, at)


def give_back(session: Session, rules: TrainingRules, event: Event, place: Place, at: datetime) -> None:
    """Cancel a place of a session that is held locked, and hand on what becomes free. Raises `IllegalMove`."""
    if place.status is PlaceStatus.WAITING and place.group_id is not None:
        _leave_group(session, place)
    move_place(event, place, PlaceStatus.CANCELLED, at)
    place.seen = place.told
    session.flush()
    settle(session, rules, event, at)


def leave_places(session: Session, rules: TrainingRules, rider_id: UUID, at: datetime) -> None:
    """The rider leaves: places and turns at sessions that have not begun go to the next."""
    query = (
        select(Place.event_id)
        .join(Event, Event.id == Place.event_id)
        .where(Place.rider_id == rider_id, Place.status.in_(HELD_FOR_SOMEBODY))
        .where(Event.status == EventStatus.PUBLISHED, Event.starts_at > at)
        .order_by(Place.event_id)  # sessions are locked in one order
    )
    for event_id in session.scalars(query).all():
        event = lock_event(session, event_id)
        place = place_of(session, event_id, rider_id)
        if place is not None and place.status in HELD_FOR_SOMEBODY:
            give_back(session, rules, event, place, at)


def place_of(session: Session, event_id: UUID, rider_id: UUID | None) -> Place | None:
    """The rider's live place or turn, or None."""
    return session.scalars(_MINE, {"event": event_id, "rider": rider_id}).first() if rider_id else None


def count_before(session: Session, place: Place) -> int:
    """How many people stand before this one on the waiting list."""
    alike = and_(Place.misses == place.misses, Place.has_come.is_(place.has_come))
    is_before = or_(
        Place.misses < place.misses,
        and_(Place.misses == place.misses, Place.has_come.is_(True), literal(not place.has_come)),
        and_(alike, Place.asked_at < place.asked_at),
        and_(alike, Place.asked_at == place.asked_at, Place.id < place.id),
    )
    query = select(func.count()).select_from(Place)
    waiting = query.where(Place.event_id == place.event_id, Place.status == PlaceStatus.WAITING)
    return session.execute(waiting.where(is_before)).scalar_one()


def training_news(session: Session, rider_id: UUID | None) -> int:
    """At how many sessions something has happened that the rider has not seen: an offer, a reminder, a cancellation."""
    query = select(func.count()).select_from(Place).where(Place.rider_id == rider_id, Place.told > Place.seen)
    return session.execute(query).scalar_one() if rider_id else 0


def mark_seen(session: Session, phone: PhoneIdentity, event_id: UUID) -> None:
    """The rider has looked at what became of their place at this session."""
    if phone.rider_id is not None:
        mine = update(Place).where(Place.event_id == event_id, Place.rider_id == phone.rider_id)
        session.execute(mine.where(Place.told > Place.seen).values(seen=Place.told))


def _open_event(session: Session, phone: PhoneIdentity, event_id: UUID, at: datetime) -> tuple[Event, UUID]:
    if phone.rider_id is None:
        raise EnrolFirst()
    event = lock_event(session, event_id)
    if event.district_id != phone.district_id:
        raise NotFound()
    if event.status is EventStatus.CANCELLED:
        raise SessionCancelled()
    if event.status is not EventStatus.PUBLISHED or at >= event.starts_at:
        raise SessionBegun()
    return event, phone.rider_id


def _mine(session: Session, phone: PhoneIdentity, event_id: UUID, at: datetime) -> tuple[Event, Place]:
    event, rider_id = _open_event(session, phone, event_id, at)
    place = place_of(session, event.id, rider_id)
    if place is None:
        raise NotFound()
    return event, place


def _new_place(
    session: Session, event: Event, rider_id: UUID, children: int, merit: tuple[int, bool], at: datetime
) -> Place:
    misses, has_come = merit
    place = Place(
        id=uuid7(),
        event_id=event.id,
        rider_id=rider_id,
        status=PlaceStatus.WAITING,
        misses=misses,
        has_come=has_come,
        children=children,
        asked_at=at,
        told=0,
        seen=0,
        version=1,
    )
    session.add(place)
    session.flush()
    event.waiting += 1
    return place


def _past(session: Session, rider_id: UUID) -> Sequence[_Past]:
    """What the rider has, had and missed elsewhere and here, in one look."""
    return [_Past(*row) for row in session.execute(_PAST, {"rider": rider_id})]


def _merit(rules: PlaceRules, past: Sequence[_Past], at: datetime) -> tuple[int, bool]:
    """No-shows of the time before, and whether the rider has come to anything."""
    since = at - timedelta(days=rules.misses_days)
    misses = sum(one.status is PlaceStatus.MISSED and one.starts_at >= since for one in past)
    return misses, any(one.status is PlaceStatus.ATTENDED for one in past)


def _check_children(rules: PlaceRules, event: Event, children: int) -> None:
    most = min(rules.children_most, event.child_places)
    if not 0 <= children <= most:
        raise TooManyChildren(most=most)


def _check_free_at(event: Event, past: Sequence[_Past], statuses: frozenset[PlaceStatus]) -> None:
    for one in past:
        is_seated = one.status in statuses and one.event_status is EventStatus.PUBLISHED and one.event_id != event.id
        if is_seated and one.starts_at < event.ends_at and one.ends_at > event.starts_at:
            raise PlacesOverlap()


def _join(session: Session, event: Event, place: Place, word: str) -> None:
    query = select(PlaceGroup).where(PlaceGroup.event_id == event.id, PlaceGroup.word == plain_word(word))
    group = session.scalars(query.with_for_update()).first()
    if group is None:
        raise GroupUnknown()
    of_group = select(Place).where(Place.group_id == group.id, Place.status.in_([PlaceStatus.WAITING, *SEATED]))
    members = session.scalars(of_group).all()
    if len(members) >= group.size or any(one.status is not PlaceStatus.WAITING for one in members):
        raise GroupFull()
    children = place.children + sum(one.children for one in members)
    if children > event.child_places:
        raise TooManyChildren(most=event.child_places)
    place.group_id = group.id
    session.flush()


def _leave_group(session: Session, place: Place) -> None:
    """Whoever leaves makes the group one smaller: the others need not wait for them."""
    assert place.group_id is not None
    group = session.get_one(PlaceGroup, place.group_id, with_for_update=True)
    group.size -= 1
    place.group_id = None
    session.flush()
