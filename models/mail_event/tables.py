"""Mail event: one thing that a provider told, kept for a week so that its repeats are known as such."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, Index, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base
from models.notice.tables import NewsKind

KEPT = timedelta(days=7)  # repeats were seen for 29 hours


class MailEvent(Base):
    """One event. `id` follows from what is the same in every repeat of it; the provider's own number is not."""

    __tablename__ = "mail_event"
    __table_args__ = (Index("ix_mail_event_at", "at"), Index("ix_mail_event_received", "received_at"))
    id: Mapped[UUID] = mapped_column(primary_key=True)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notice.id"))
    kind: Mapped[NewsKind]
    at: Mapped[datetime]  # when it happened, whole seconds
    received_at: Mapped[datetime]


def known(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """Those of these events that were told before."""
    return set(session.scalars(select(MailEvent.id).where(MailEvent.id.in_(ids))))


def newest(session: Session) -> datetime | None:
    """When the newest thing happened that we were told of: up to then the provider's events are known to come in."""
    return session.scalar(select(func.max(MailEvent.at)))


def purge(session: Session, at: datetime) -> int:
    """Forget what was told more than a week before `at`. Returns how much."""
    old = delete(MailEvent).where(MailEvent.received_at <= at - KEPT)
    return len(session.scalars(old.returning(MailEvent.id)).all())
