"""Who answers in time: for each organisation what it was asked, and what came of that, in a period.

What counts, seat by seat, where the first asking falls into the period:

- **asked** once, when first asked: asking again after an answer was taken back, or after a signer was heard, begins nothing
  anew. A transferred seat was asked of both organisations, an added signer or a superior of its own. A filer's declaration
  was never asked.
- **in time**: a person's first answer before the deadline as it then was; a change later on does not make it late.
- **late**: the deadline passed without an answer, whatever came of it later. It counts for the late organisation, not for
  the superior who answers in its stead; of these **escalated**, and **deemed** where silence was taken for an answer.
- **open**: asked and not answered yet. What is neither in time, late nor open was answered by others first, handed on or
  no longer needed.
- the **median** is over first answers by persons, in working minutes since the asking.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from models.clock import SHANGHAI
from models.consultation.tables import Seat, SeatStatus
from models.district import Organisation, get_organisation
from models.errors import RuleBroken
from models.officer import Identity
from models.protocol.schema import Party, Title
from models.words import N_

LONGEST_DAYS = 3 * 366
YEARS = range(2000, 2200)  # beyond them there is nothing to count


class PeriodWrong(RuleBroken):
    """A period that ends before it begins, or has no end."""

    sentence = N_("The period must end on or after its first day, and may have at most three years. Check both days.")
    status = 422


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days in Shanghai, both inclusive. Raises `PeriodWrong`."""

    first: date
    last: date

    def __post_init__(self) -> None:
        is_known = self.first.year in YEARS and self.last.year in YEARS
        if not is_known or not 0 <= (self.last - self.first).days < LONGEST_DAYS:
            raise PeriodWrong()

    @property
    def begins_at(self) -> datetime:
        """The first instant."""
        return datetime.combine(self.first, time(), SHANGHAI)

    @property
    def ends_at(self) -> datetime:
        """The first instant after it."""
        return datetime.combine(self.last, time(), SHANGHAI) + timedelta(days=1)

    @classmethod
    def month(cls, day: date) -> "Period":
        """The month of that day."""
        return cls._months(day.replace(day=1), 1)

    @classmethod
    def quarter(cls, day: date) -> "Period":
        """The quarter of that day."""
        return cls._months(day.replace(month=day.month - (day.month - 1) % 3, day=1), 3)

    @classmethod
    def year(cls, day: date) -> "Period":
        """The year of that day."""
        return cls(day.replace(month=1, day=1), day.replace(month=12, day=31))

    @classmethod
    def _months(cls, first: date, count: int) -> "Period":
        following = (first + timedelta(days=31 * count)).replace(day=1)
        return cls(first, following - timedelta(days=1))


class Order(StrEnum):
    """By what the organisations are sorted; figures from the highest down."""

    NAME = "name"
    ASKED = "asked"
    IN_TIME = "in_time"
    LATE = "late"
    ESCALATED = "escalated"
    DEEMED = "deemed"
    OPEN = "open"
    MEDIAN = "median"


@dataclass(frozen=True, slots=True)
class Figures:
    """One organisation's figures. `median_minutes`: working minutes; None where no person has answered."""

    organisation_id: UUID
    organisation: Title
    party: Party
    asked: int
    answered: int
    in_time: int
    late: int
    escalated: int
    deemed: int
    open: int
    median_minutes: int | None

    @property
    def share_in_time(self) -> int | None:
        """Per cent of what was due by now that was answered in time; None where nothing was due."""
        due = self.in_time + self.late
        return None if due == 0 else round(100 * self.in_time / due)


def sees_all(session: Session, who: Identity) -> bool:
    """Whether the figures of the whole district are `who`'s to see: administrators and the lead department."""
    return who.is_administrator or get_organisation(session, who.organisation_id).is_lead


def statistics(
    session: Session, who: Identity, period: Period, order: Order = Order.NAME, party: Party | None = None
) -> tuple[Figures, ...]:
    """The figures of the organisations that `who` may see, of those that were asked in the period.

    Administrators and the lead department see the district, a street office itself and those below it, everybody else
    their own. One query, whatever the period holds.
    """
    asked = Seat.asked_at >= period.begins_at, Seat.asked_at < period.ends_at
    scope = _scope(session, who)
    seats = _ranked(*asked, *([Seat.organisation_id.in_(scope)] if scope is not None else []))
    query = (
        select(Organisation, *(figure(seats.c).label(name) for name, figure in FIGURES.items()))
        .join(seats, seats.c.organisation_id == Organisation.id)
        .group_by(Organisation.id)
        .order_by(Organisation.code)
    )
    if party is not None:
        query = query.where(Organisation.party == party)
    rows = tuple(_figures(row[0], dict(zip(FIGURES, row[1:], strict=True))) for row in session.execute(query))
    return tuple(sorted(rows, key=KEYS[order]))


def _scope(session: Session, who: Identity) -> Any:
    """The organisations whose figures `who` may see; None: all."""
    if sees_all(session, who):
        return None
    own = select(Organisation.id).where(Organisation.id == who.organisation_id)
    if who.party is not Party.STREET:
        return own
    walk = own.cte("below", recursive=True)
    return select(walk.union(select(Organisation.id).where(Organisation.parent_id == walk.c.id)).c.id)


def _ranked(*conditions: ColumnElement[bool]) -> Any:
    """The seats of the period, those with an answer ranked by its minutes within their organisation, for the median."""
    own = Seat.organisation_id
    is_missing = Seat.answered_minutes.is_(None)
    rank = func.row_number().over(partition_by=(own, is_missing), order_by=Seat.answered_minutes)
    return (
        select(
            own,
            Seat.status,
            Seat.answered_minutes,
            Seat.late_at,
            Seat.escalated_at,
            rank.label("rank"),
            func.count(Seat.answered_minutes).over(partition_by=own).label("ranks"),
        )
        .where(*conditions)
        .subquery()
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _median(seat: Any) -> ColumnElement[Any]:
    """The middle one, or the mean of the two in the middle."""
    twice = 2 * seat.rank
    is_middle = or_(twice == seat.ranks, twice == seat.ranks + 1, twice == seat.ranks + 2)
    return func.avg(case((seat.answered_minutes.is_not(None) & is_middle, seat.answered_minutes)))


FIGURES: dict[str, Callable[[Any], ColumnElement[Any]]] = {
    "asked": lambda _: func.count(),
    "answered": lambda seat: func.count(seat.answered_minutes),
    "in_time": lambda seat: _count(seat.answered_minutes.is_not(None) & seat.late_at.is_(None)),
    "late": lambda seat: func.count(seat.late_at),
    "escalated": lambda seat: func.count(seat.escalated_at),
    "deemed": lambda seat: _count((seat.status == SeatStatus.ANSWERED) & seat.answered_minutes.is_(None)),
    "open": lambda seat: _count(seat.status == SeatStatus.ASKED),
    "median": _median,
}


def _figures(organisation: Organisation, found: dict[str, Any]) -> Figures:
    median = found.pop("median")
    minutes = None if median is None else round(median)
    return Figures(organisation.id, organisation.name, organisation.party, **found, median_minutes=minutes)


KEYS: dict[Order, Callable[[Figures], Any]] = {
    Order.NAME: lambda _: 0,  # as they were read: by code
    Order.ASKED: lambda one: -one.asked,
    Order.IN_TIME: lambda one: -(one.share_in_time if one.share_in_time is not None else -1),
    Order.LATE: lambda one: -one.late,
    Order.ESCALATED: lambda one: -one.escalated,
    Order.DEEMED: lambda one: -one.deemed,
    Order.OPEN: lambda one: -one.open,
    Order.MEDIAN: lambda one: -(one.median_minutes if one.median_minutes is not None else -1),
}
