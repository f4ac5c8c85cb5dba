"""One session as a rider sees it, the public's month, and the notice that hosts print."""

from calendar import Calendar
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from models.clock import SHANGHAI, local_date
from models.crypto import Vault
from models.district import get_organisation
from models.errors import NotFound
from models.officer import Identity
from models.protocol.schema import Title
from models.training.check_in import check_in_window, pass_code, session_code
from models.training.feedback import ASKED_FOR
from models.training.place_tables import Certificate, Feedback, Place, PlaceGroup, PlaceStatus
from models.training.places import count_before
from models.training.queue import closes_at
from models.training.ruling import TrainingRules
from models.training.tables import Event, EventStatus, Trainer
from models.views.course_rows import (
    EventFilter,
    EventRow,
    Found,
    by_day,
    event_rows,
    found_events,
    free_places,
    home_of,
    own_places,
)

MONDAY = 0
DECEMBER = 12


@dataclass(frozen=True, slots=True)
class MyPlace:
    """The reader's place. `turn`: on the waiting list, from 1. `certificate`: its number.

    `digits`: what an officer at the door types; they change every minute. `word`: what colleagues join their group with; `members` of its `size` have signed up. `stars`, `words`: what the reader said afterwards.
    """

    status: PlaceStatus
    children: int
    turn: int | None
    offered_until: datetime | None
    came_at: datetime | None
    digits: str = field(repr=False)
    word: str | None = field(repr=False)
    members: int
    size: int
    stars: int | None
    words: str = field(repr=False)
    certificate: str | None


@dataclass(frozen=True, slots=True)
class Doing:
    """What the reader may do now. `check_in`: the instants between which a code is taken, half-open.

    `is_list_closed`: nobody is put on the waiting list any more; what is free is taken by whoever asks first.
    """

    may_ask: bool
    is_list_closed: bool
    may_cancel: bool
    may_answer: bool
    may_check_in: bool
    may_rate: bool
    check_in: tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class EventPage:
    """A session with everything a rider wants to know. `others`: the course's other sessions."""

    row: EventRow
    words: str
    organisation: Title
    trainer: str
    address: str
    latitude: float
    longitude: float
    child_free: int
    reason: str | None
    uid: str
    others: tuple[EventRow, ...]
    place: MyPlace | None
    doing: Doing


def event_page(
    session: Session, vault: Vault, rules: TrainingRules, event_id: UUID, rider_id: UUID | None, at: datetime
) -> EventPage:
    """The session as this rider sees it, or as anybody does. Raises `NotFound` for one that is not public."""
    found = next(iter(found_events(session, Event.id == event_id)), None)
    if found is None:
        raise NotFound()
    event, course = found.event, found.course
    others = (Event.course_id == course.id) & (Event.id != event.id)
    mine = own_places(session, rider_id, Event.course_id == course.id)
    home, own = home_of(session, rider_id), mine.get(event.id)
    return EventPage(
        row=event_rows(rules, [found], mine, home)[0],
        words=course.words,
        organisation=get_organisation(session, course.organisation_id).name,
        trainer=session.get_one(Trainer, event.trainer_id).name,
        address=found.site.address,
        latitude=found.site.latitude,
        longitude=found.site.longitude,
        child_free=max(0, event.child_places - event.children),
        reason=event.reason,
        uid=event.uid,
        others=tuple(event_rows(rules, found_events(session, others), mine)),
        place=_my_place(session, vault, found, own, at) if own else None,
        doing=_doing(rules, event, own, at, is_known=rider_id is not None),
    )


def _doing(rules: TrainingRules, event: Event, own: Place | None, at: datetime, *, is_known: bool) -> Doing:
    """What is open to a rider; the acts themselves check it again."""
    opens, closes = check_in_window(rules.places, event)
    is_public, status = event.status is EventStatus.PUBLISHED, own.status if own else None
    is_before = is_public and at < event.starts_at
    is_standing = status in {PlaceStatus.WAITING, PlaceStatus.OFFERED, PlaceStatus.TAKEN}
    is_closed, is_free = at >= closes_at(rules.places, event), free_places(event) > 0
    may_ask = status in {None, PlaceStatus.CANCELLED, PlaceStatus.LAPSED} and not (is_closed and not is_free)
    may_take = status is PlaceStatus.WAITING and is_closed and is_free
    return Doing(
        may_ask=is_known and is_before and (may_ask or may_take),
        is_list_closed=is_closed,
        may_cancel=is_before and is_standing,
        may_answer=is_before and status is PlaceStatus.OFFERED,
        may_check_in=is_public and status is PlaceStatus.TAKEN and opens <= at < closes,
        may_rate=status is PlaceStatus.ATTENDED and event.ends_at <= at < event.ends_at + ASKED_FOR,
        check_in=(opens, closes),
    )


def _my_place(session: Session, vault: Vault, found: Found, own: Place, at: datetime) -> MyPlace:
    said = session.get(Feedback, own.id)
    group = session.get(PlaceGroup, own.group_id) if own.group_id else None
    certificate = session.scalars(
        select(Certificate.number).where(
            Certificate.course_id == found.course.id,
            Certificate.rider_id == own.rider_id,
            Certificate.revoked_at.is_(None),
        )
    ).first()
    return MyPlace(
        status=own.status,
        children=own.children,
        turn=count_before(session, own) + 1 if own.status is PlaceStatus.WAITING else None,
        offered_until=own.offered_until,
        came_at=own.came_at,
        digits=pass_code(vault, own, at)[0],
        word=group.word if group else None,
        members=_members(session, group.id) if group else 0,
        size=group.size if group else 0,
        stars=said.stars if said else None,
        words=vault.open(said.words_sealed) if said and said.words_sealed else "",
        certificate=certificate,
    )


def _members(session: Session, group_id: UUID) -> int:
    """How many of a group still have a place or wait for one."""
    over = (PlaceStatus.LAPSED, PlaceStatus.CANCELLED)
    query = select(func.count()).where(Place.group_id == group_id, Place.status.not_in(over))
    return session.scalar(query) or 0


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a month's grid. `is_inside`: it belongs to the month, and not to its neighbours."""

    on: date
    is_inside: bool
    rows: tuple[EventRow, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A month by weeks (Monday to Sunday), with its neighbours' first days. `count`: sessions that are held."""

    first: date
    before: date
    after: date
    days: tuple[Day, ...]
    count: int


def month_of(session: Session, rules: TrainingRules, district_id: UUID, first: date, narrowed: EventFilter) -> Month:
    """What the public may know of the month that begins on `first`: published, held and cancelled sessions."""
    grid = list(Calendar(MONDAY).itermonthdates(first.year, first.month))
    within = (Event.district_id == district_id) & _between(grid[0], grid[-1] + timedelta(days=1))
    rows = event_rows(rules, found_events(session, within, narrowed, 2000))
    days = dict(by_day(rows))
    shown = tuple(Day(on, on.month == first.month, days.get(on, ())) for on in grid)
    return Month(
        first=first,
        before=(first - timedelta(days=1)).replace(day=1),
        after=date(first.year + first.month // DECEMBER, first.month % DECEMBER + 1, 1),
        days=shown,
        count=sum(row.status is not EventStatus.CANCELLED for one in shown if one.is_inside for row in one.rows),
    )


def _between(first: date, after: date) -> ColumnElement[bool]:
    """Sessions that begin from one day in Shanghai on and before another."""
    return (Event.starts_at >= _midnight(first)) & (Event.starts_at < _midnight(after))


def _midnight(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=SHANGHAI)


@dataclass(frozen=True, slots=True)
class EventNotice:
    """A session as its hosts print it; `code`: what is put on the wall when it begins, None before there is one."""

    row: EventRow
    words: str
    organisation: Title
    trainer: str
    address: str
    code: str | None = field(repr=False)
    printed_on: date


def event_notice(
    session: Session, vault: Vault, rules: TrainingRules, who: Identity, event_id: UUID, at: datetime
) -> EventNotice:
    """For whoever proposed it, hosts it or has it on their ground. Raises `NotFound` for everybody else."""
    found = next(iter(found_events(session, Event.id == event_id)), None)
    row = event_rows(rules, [found])[0] if found else None
    if found is None or row is None or not row.is_hosted_by(who):
        raise NotFound()
    event = found.event
    is_coming = event.status is EventStatus.PUBLISHED
    return EventNotice(
        row=row,
        words=found.course.words,
        organisation=get_organisation(session, found.course.organisation_id).name,
        trainer=session.get_one(Trainer, event.trainer_id).name,
        address=found.site.address,
        code=session_code(vault, event) if is_coming else None,
        printed_on=local_date(at),
    )
