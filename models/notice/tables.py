"""Notice: its table, the letters that there are, its statuses and ways from one to the next."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, move, only_where, uuid7


class Letter(StrEnum):
    """The letters that there are; each has a folder of that name in `templates/email`."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    LATE = "late"
    COPY = "copy"
    RESULT = "result"
    HANDED = "handed"
    ADVICE = "advice"
    URGED = "urged"
    QUESTION = "question"
    REPLY = "reply"
    ANSWERED_FOR_YOU = "answered_for_you"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    ACCOUNT_INVITATION = "account_invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 (a letter's name, no secret)
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    DEPUTY_APPOINTED = "deputy_appointed"
    SEATS_HANDED_OVER = "seats_handed_over"
    DIGEST = "digest"  # several that waited, in one letter; what a notice itself says is one of the others


class NoticeStatus(StrEnum):
    """Status words as GOV.UK Notify uses them."""

    CREATED = "created"
    SENDING = "sending"  # the provider has taken it; whether it arrived is not known yet
    DELIVERED = "delivered"
    PERMANENT_FAILURE = "permanent-failure"
    TEMPORARY_FAILURE = "temporary-failure"  # it will be tried again
    TECHNICAL_FAILURE = "technical-failure"  # every try failed; shown to the administrator
    CANCELLED = "cancelled"  # it waited, and when it would have left nobody needed it any more


_TRYING = frozenset(
    {
        NoticeStatus.SENDING,
        NoticeStatus.DELIVERED,
        NoticeStatus.PERMANENT_FAILURE,
        NoticeStatus.TEMPORARY_FAILURE,
        NoticeStatus.TECHNICAL_FAILURE,
    }
)
MOVES: dict[NoticeStatus, frozenset[NoticeStatus]] = {
    NoticeStatus.CREATED: _TRYING | {NoticeStatus.CANCELLED},
    NoticeStatus.TEMPORARY_FAILURE: _TRYING | {NoticeStatus.CANCELLED},
    NoticeStatus.SENDING: frozenset({NoticeStatus.DELIVERED, NoticeStatus.PERMANENT_FAILURE}),
    NoticeStatus.DELIVERED: frozenset(),
    NoticeStatus.PERMANENT_FAILURE: frozenset(),
    NoticeStatus.TECHNICAL_FAILURE: frozenset(),
    NoticeStatus.CANCELLED: frozenset(),
}


class Notice(Base):
    """One letter to one officer. `facts` hold no personal data; `key` names letter, cause and recipient.

    `matter_id` None: a letter about the officer's own account or duties. `carried_by_id`: the notice in whose letter
    this one was told, where several were gathered into one; what becomes of that letter becomes of both. `is_gathered`: it
    waits to be gathered so (false again once it was). `seat_id`: the seat that it asks an opinion for, if any.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_wake", "wake_at"),
        Index("ix_notice_matter", "matter_id"),
        Index("ix_notice_carried", "carried_by_id", **only_where("carried_by_id IS NOT NULL")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    key: Mapped[str] = mapped_column(unique=True)
    matter_id: Mapped[UUID | None] = mapped_column(ForeignKey("matter.id"))
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    seat_id: Mapped[UUID | None] = mapped_column(ForeignKey("seat.id"))
    carried_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("notice.id"))
    letter: Mapped[Letter]
    facts: Mapped[dict[str, Any]]
    status: Mapped[NoticeStatus] = mapped_column(default=NoticeStatus.CREATED)
    wake_at: Mapped[datetime | None]
    is_gathered: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    tries: Mapped[int] = mapped_column(default=0)
    provider: Mapped[str | None]
    provider_id: Mapped[str | None]
    trouble: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    def move(self, to: NoticeStatus) -> None:
        """Move to `to`. Raises `IllegalMove` where `MOVES` has no such way."""
        self.status = move("notice", MOVES, self.status, to)


def of_matter(session: Session, matter_id: UUID) -> Sequence[Notice]:
    """The letters of a matter, oldest first."""
    return session.scalars(select(Notice).where(Notice.matter_id == matter_id).order_by(Notice.id)).all()
