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
    UNSEEN = "unseen"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_ANSWERED = "extension_answered"
    ACCOUNT_INVITATION = "account_invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 (a letter's name, no secret)
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    DEPUTY_APPOINTED = "deputy_appointed"
    SEATS_HANDED_OVER = "seats_handed_over"
    UNREACHED = "unreached"
    MAIL_FAILED = "mail_failed"
    REPORT_TASK = "report_task"
    REPORT_ESCALATION = "report_escalation"
    REPORT_LATE = "report_late"
    REPORT_PARKED = "report_parked"
    ENROLMENT_ASKED = "enrolment_asked"
    TRAINING_PUBLISHED = "training_published"
    DIGEST = "digest"  # several that waited, in one letter; what a notice itself says is one of the others


KEYS = frozenset({Letter.ACCOUNT_INVITATION, Letter.PASSWORD_RESET})  # whoever reads one can take the account


class NoticeStatus(StrEnum):
    """Status words as GOV.UK Notify uses them."""

    CREATED = "created"
    SENDING = "sending"  # the provider has taken it; whether it arrived is not known yet
    DELIVERED = "delivered"
    PERMANENT_FAILURE = "permanent-failure"
    TEMPORARY_FAILURE = "temporary-failure"  # it will be tried again
    TECHNICAL_FAILURE = "technical-failure"  # every try failed; shown to the administrator
    CANCELLED = "cancelled"  # it waited, and when it would have left nobody needed it any more


_TRYING = frozenset(set(NoticeStatus) - {NoticeStatus.CREATED, NoticeStatus.CANCELLED})
# News of the provider's comes shuffled, so that what came in first need not be what happened last: a letter that has
# arrived can bounce afterwards, and one that bounced can have arrived by its second sending (`models.mail_event`).
MOVES: dict[NoticeStatus, frozenset[NoticeStatus]] = {
    NoticeStatus.CREATED: _TRYING | {NoticeStatus.CANCELLED},
    NoticeStatus.TEMPORARY_FAILURE: frozenset(NoticeStatus),  # back to created: kept back by a pilot's mode
    NoticeStatus.SENDING: _TRYING - {NoticeStatus.SENDING},
    NoticeStatus.DELIVERED: frozenset({NoticeStatus.PERMANENT_FAILURE}),
    NoticeStatus.PERMANENT_FAILURE: frozenset({NoticeStatus.DELIVERED}),
    NoticeStatus.TECHNICAL_FAILURE: frozenset(NoticeStatus) - {NoticeStatus.TECHNICAL_FAILURE},  # it is sent again
    NoticeStatus.CANCELLED: frozenset(),
}
WAITING = frozenset({NoticeStatus.CREATED, NoticeStatus.TEMPORARY_FAILURE})  # what we ourselves still have to send
OVER = frozenset({NoticeStatus.DELIVERED, NoticeStatus.PERMANENT_FAILURE})  # only final news changes these
FAILED = "status IN ('permanent-failure', 'technical-failure')"


class NewsKind(StrEnum):
    """What a provider tells about a letter on its way, in the order in which things happen within one second."""

    PROCESSED = "processed"  # taken, and about to be delivered
    DEFERRED = "deferred"  # the other server asked to come back; the provider does
    BLOCKED = "blocked"  # the other server would not have it this time; the mailbox is good
    GIVEN_UP = "given_up"  # the provider gave it up for a reason that is not the mailbox's, such as a used-up quota
    DELIVERED = "delivered"
    SPAM = "spam"  # it arrived, and its reader called it spam: the provider sends no more there
    BOUNCE = "bounce"  # there is no such mailbox
    DROPPED = "dropped"  # the provider knows the mailbox as bad and did not even try


class Notice(Base):
    """One letter to one officer. `facts` hold no personal data; `key` names letter, cause and recipient.

    `matter_id` and `report_id` None: a letter about the officer's own account or duties. `carried_by_id`: the notice in whose letter
    this one was told, where several were gathered into one; what becomes of that letter becomes of both. `is_gathered`: it
    waits to be gathered so (false again once it was). `seat_id`: the seat that it asks an opinion for, if any.
    `unclear_at`: since when we do not know whether the provider took it. `news`, `news_at`: the newest that it told.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_wake", "wake_at"),
        Index("ix_notice_matter", "matter_id"),
        Index("ix_notice_failed", "id", **only_where(FAILED)),
        Index("ix_notice_carried", "carried_by_id", **only_where("carried_by_id IS NOT NULL")),
        Index("ix_notice_report", "report_id", **only_where("report_id IS NOT NULL")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    key: Mapped[str] = mapped_column(unique=True)
    matter_id: Mapped[UUID | None] = mapped_column(ForeignKey("matter.id"))
    report_id: Mapped[UUID | None] = mapped_column(ForeignKey("report.id"))
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
    moved_at: Mapped[datetime | None]
    unclear_at: Mapped[datetime | None]
    news: Mapped[NewsKind | None]
    news_at: Mapped[datetime | None]

    def move(self, to: NoticeStatus, at: datetime) -> None:
        """Move to `to`. Raises `IllegalMove` where `MOVES` has no such way."""
        self.status = move("notice", MOVES, self.status, to)
        self.moved_at = at


def of_report(session: Session, report_id: UUID) -> Sequence[Notice]:
    """The letters of a report, oldest first."""
    return session.scalars(select(Notice).where(Notice.report_id == report_id).order_by(Notice.id)).all()


def of_matter(session: Session, matter_id: UUID) -> Sequence[Notice]:
    """The letters of a matter, oldest first."""
    return session.scalars(select(Notice).where(Notice.matter_id == matter_id).order_by(Notice.id)).all()
