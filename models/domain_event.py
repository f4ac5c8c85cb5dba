"""Domain events: facts that other parts of the system act on later, each raised once under a key made of nouns and ids.

The ledger of points books what is not booked yet; an event stays, booked or not.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, only_where, uuid7
from models.upserting import insert_new


class EventKind(StrEnum):
    """What can have happened."""

    REPORT_CONFIRMED = "report_confirmed"  # a report was settled and checked, or a deed's evidence was


class DomainEvent(Base):
    """One fact. `key` is unique: raising it again changes nothing. `booked_at`: when the ledger has taken it."""

    __tablename__ = "domain_event"
    __table_args__ = (Index("ix_domain_event_unbooked", "kind", "id", **only_where("booked_at IS NULL")),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[EventKind]
    body: Mapped[dict[str, Any]]  # ids and codes, nothing personal
    at: Mapped[datetime]
    booked_at: Mapped[datetime | None]


def raise_event(session: Session, kind: EventKind, noun_id: UUID, body: dict[str, Any], at: datetime) -> bool:
    """Raise the event of this noun. Returns whether it is new."""
    row = {"id": uuid7(), "key": f"{kind}:{noun_id}", "kind": kind, "body": body, "at": at, "booked_at": None}
    return insert_new(session, DomainEvent, [row]) == 1


def forget_rider(session: Session, kind: EventKind, noun_ids: Iterable[UUID]) -> None:
    """The events of these nouns no longer say whose they are: whoever they were wants to be forgotten."""
    for noun_id in noun_ids:
        found = session.scalars(select(DomainEvent).where(DomainEvent.key == f"{kind}:{noun_id}")).first()
        if found is not None:
            found.body = found.body | {"rider": None}


def unbooked(session: Session, kind: EventKind, most: int = 500) -> Sequence[DomainEvent]:
    """The events of a kind that the ledger has not taken yet, oldest first."""
    query = select(DomainEvent).where(DomainEvent.kind == kind, DomainEvent.booked_at.is_(None))
    return session.scalars(query.order_by(DomainEvent.id).limit(most)).all()
