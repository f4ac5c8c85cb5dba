"""What stands in the way of a session before it is put there: the site taken or closed, the trainer away or on the way."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models.clock import SHANGHAI
from models.errors import NotFound, RuleBroken
from models.protocol.schema import Title
from models.report.places import Position, metres_between
from models.training.ruling import TimetableRules
from models.training.tables import Course, Event, EventStatus, Site, Trainer
from models.words import N_

AHEAD = timedelta(hours=6)  # nobody travels longer between two sessions of one district
LONGEST = timedelta(hours=12)  # of a session: what began before that is over
LIVE = (EventStatus.PROPOSED, EventStatus.PUBLISHED)
KMH_TO_METRES_A_MINUTE = 1000 / 60


class PeriodBackwards(RuleBroken):
    """A session that ends before it begins, or lasts longer than a day's work."""

    sentence = N_("A session ends after it begins and lasts at most 12 hours. Correct the times.")
    status = 422


class ClashKind(StrEnum):
    """Why not."""

    SITE_TAKEN = "site_taken"
    SITE_CLOSED = "site_closed"  # outside its hours, or not open at all
    TRAINER_TAKEN = "trainer_taken"
    TRAINER_TRAVELS = "trainer_travels"  # the way from or to another session takes longer than is left
    TRAINER_AWAY = "trainer_away"  # outside their hours, or not active


@dataclass(frozen=True, slots=True)
class Clash:
    """One thing in the way. The session that is there (None for hours); `minutes`: the way takes, `left`: there are."""

    kind: ClashKind
    event_id: UUID | None = None
    title: Title | None = None
    site: Title | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_published: bool = False
    minutes: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """A period, half-open, and which session wants it (None: one that is not there yet). Raises `PeriodBackwards`."""

    starts_at: datetime
    ends_at: datetime
    event_id: UUID | None = None

    def __post_init__(self) -> None:
        if not timedelta(0) < self.ends_at - self.starts_at <= LONGEST:
            raise PeriodBackwards()


@dataclass(frozen=True, slots=True)
class _There:
    event: Event
    title: Title
    site: Site


def clashes(session: Session, rules: TimetableRules, site_id: UUID, trainer_id: UUID, wish: Wish) -> list[Clash]:
    """Everything in the way of a session there, with that trainer, at that time. Raises `NotFound`."""
    site = session.get(Site, site_id)
    if site is None:
        raise NotFound()
    return site_clashes(session, site_id, wish) + trainer_clashes(session, rules, trainer_id, site, wish)


def site_clashes(session: Session, site_id: UUID, wish: Wish) -> list[Clash]:
    """What is at a site in a period, the first first. Raises `NotFound`."""
    site = session.get(Site, site_id)
    if site is None:
        raise NotFound()
    closed = [] if site.is_open and is_within(site.hours, wish) else [Clash(ClashKind.SITE_CLOSED)]
    there = _there(session, Event.site_id == site_id, wish, timedelta(0))
    return closed + [_clash(ClashKind.SITE_TAKEN, one) for one in there]


def trainer_clashes(session: Session, rules: TimetableRules, trainer_id: UUID, site: Site, wish: Wish) -> list[Clash]:
    """What a trainer has in a period, or so near to it that the way to `site` or from it is too long. Raises `NotFound`."""
    trainer = session.get(Trainer, trainer_id)
    if trainer is None:
        raise NotFound()
    found = [] if trainer.is_active and is_within(trainer.hours, wish) else [Clash(ClashKind.TRAINER_AWAY)]
    for one in _there(session, Event.trainer_id == trainer_id, wish, AHEAD):
        if one.event.starts_at < wish.ends_at and one.event.ends_at > wish.starts_at:
            found.append(_clash(ClashKind.TRAINER_TAKEN, one))
            continue
        left = max(wish.starts_at - one.event.ends_at, one.event.starts_at - wish.ends_at)
        way = travel_minutes(rules, one.site, site)
        if timedelta(minutes=way) > left:
            found.append(_clash(ClashKind.TRAINER_TRAVELS, one, way, left // timedelta(minutes=1)))
    return found


def travel_minutes(rules: TimetableRules, one: Site, other: Site) -> int:
    """How long a trainer is on the way, in whole minutes, rounded up; nothing at one and the same site."""
    away = metres_between(Position(one.latitude, one.longitude), Position(other.latitude, other.longitude))
    return math.ceil(away * rules.detour / (rules.trainer_kmh * KMH_TO_METRES_A_MINUTE))


def is_within(hours: Sequence[Any], wish: Wish) -> bool:
    """Whether one stretch of hours holds the whole period; past midnight nothing is open."""
    starts, ends = wish.starts_at.astimezone(SHANGHAI), wish.ends_at.astimezone(SHANGHAI)
    first = starts.hour * 60 + starts.minute
    last = first + math.ceil((ends - starts) / timedelta(minutes=1))
    return any(day == starts.isoweekday() and opens <= first and last <= closes for day, opens, closes in hours)


def _there(session: Session, whose: ColumnElement[bool], wish: Wish, around: timedelta) -> list[_There]:
    query = select(Event, Course.title_zh, Course.title_en, Site).join(Course, Course.id == Event.course_id)
    query = query.join(Site, Site.id == Event.site_id).where(
        whose,
        Event.status.in_(LIVE),
        Event.starts_at > wish.starts_at - around - LONGEST,
        Event.starts_at < wish.ends_at + around,
        Event.ends_at > wish.starts_at - around,
    )
    if wish.event_id is not None:
        query = query.where(Event.id != wish.event_id)
    listed = session.execute(query.order_by(Event.starts_at, Event.id))
    return [_There(event, Title(zh, en), site) for event, zh, en, site in listed]


def _clash(kind: ClashKind, there: _There, minutes: int = 0, left: int = 0) -> Clash:
    event = there.event
    return Clash(
        kind,
        event.id,
        there.title,
        Title(there.site.name_zh, there.site.name_en),
        event.starts_at,
        event.ends_at,
        event.status is EventStatus.PUBLISHED,
        minutes,
        left,
    )
