"""Notices: letters that are due to somebody. A row under a unique key each; sent at least once, shown until received.

`wake_at` is alarm and lease at once: claiming a notice moves it ahead by `LEASE`, so that a round that dies while it
sends leaves the notice due again; a receipt clears it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, move, uuid7
from models.officer import Officer
from models.upserting import insert_into

LEASE = timedelta(minutes=10)
MOST_TRIES = 8
FIRST_DELAY = timedelta(seconds=30)
HAS_LEFT = "The officer has left: the account is closed."


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


class NoticeStatus(StrEnum):
    """Status words as GOV.UK Notify uses them."""

    CREATED = "created"
    SENDING = "sending"  # the provider has taken it; whether it arrived is not known yet
    DELIVERED = "delivered"
    PERMANENT_FAILURE = "permanent-failure"
    TEMPORARY_FAILURE = "temporary-failure"  # it will be tried again
    TECHNICAL_FAILURE = "technical-failure"  # every try failed; shown to the administrator


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
    NoticeStatus.CREATED: _TRYING,
    NoticeStatus.TEMPORARY_FAILURE: _TRYING,
    NoticeStatus.SENDING: frozenset({NoticeStatus.DELIVERED, NoticeStatus.PERMANENT_FAILURE}),
    NoticeStatus.DELIVERED: frozenset(),
    NoticeStatus.PERMANENT_FAILURE: frozenset(),
    NoticeStatus.TECHNICAL_FAILURE: frozenset(),
}


class Notice(Base):
    """One letter to one officer. `facts` hold no personal data; `key` names letter, cause and recipient.

    `matter_id` None: a letter about the officer's own account or duties.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_wake", "wake_at"), Index("ix_notice_matter", "matter_id"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    key: Mapped[str] = mapped_column(unique=True)
    matter_id: Mapped[UUID | None] = mapped_column(ForeignKey("matter.id"))
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    letter: Mapped[Letter]
    facts: Mapped[dict[str, Any]]
    status: Mapped[NoticeStatus] = mapped_column(default=NoticeStatus.CREATED)
    wake_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    provider: Mapped[str | None]
    provider_id: Mapped[str | None]
    trouble: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    def move(self, to: NoticeStatus) -> None:
        """Move to `to`. Raises `IllegalMove` where `MOVES` has no such way."""
        self.status = move("notice", MOVES, self.status, to)


@dataclass(frozen=True, slots=True)
class Addressed:
    """A claimed notice with all that is needed to send it, as plain values."""

    notice_id: UUID
    letter: str
    facts: dict[str, Any]
    to: str
    language: str


def write(
    session: Session,
    cause: str,
    matter_id: UUID | None,
    letter: Letter,
    facts: dict[str, Any],
    to: Iterable[Officer],
    at: datetime,
) -> int:
    """Put one letter to each officer on its way; `cause` makes it unique. Returns how many were new."""
    rows = [
        {
            "id": uuid7(),
            "key": f"{letter}:{cause}:{officer.id}",
            "matter_id": matter_id,
            "officer_id": officer.id,
            "letter": letter,
            "facts": facts,
            "status": NoticeStatus.CREATED,
            "wake_at": at,
            "tries": 0,
            "created_at": at,
        }
        for officer in to
    ]
    if not rows:
        return 0
    query = insert_into(session, Notice).values(rows).on_conflict_do_nothing().returning(Notice.id)
    return len(session.scalars(query).all())


def is_due(session: Session, at: datetime) -> bool:
    """Whether any notice is due at `at`: one look at the alarm's index."""
    return session.execute(select(Notice.id).where(Notice.wake_at <= at).limit(1)).first() is not None


def claim(session: Session, at: datetime, size: int) -> Sequence[Addressed]:
    """Take up to `size` due notices for sending; until `LEASE` has passed nobody else takes them.

    A letter to an officer who has left meanwhile is given up.
    """
    due = session.scalars(
        select(Notice)
        .where(Notice.wake_at <= at)
        .order_by(Notice.wake_at)
        .limit(size)
        .with_for_update(skip_locked=True)
    ).all()
    officers = {officer.id: officer for officer in _recipients(session, due)}
    staying = [one for one in due if officers[one.officer_id].is_active]
    for notice in due:
        if not officers[notice.officer_id].is_active:
            give_up(session, notice.id, HAS_LEFT)
    for notice in staying:
        notice.wake_at = at + LEASE
        notice.tries += 1
    return [
        Addressed(
            notice.id,
            notice.letter.value,
            notice.facts,
            officers[notice.officer_id].email,
            officers[notice.officer_id].language,
        )
        for notice in staying
    ]


def _recipients(session: Session, due: Sequence[Notice]) -> Sequence[Officer]:
    return session.scalars(select(Officer).where(Officer.id.in_({one.officer_id for one in due}))).all()


def receive(
    session: Session, notice_id: UUID, status: NoticeStatus, provider: str, provider_id: str | None, at: datetime
) -> None:
    """Record the receipt: the provider took it (`SENDING`) or it lies in the mailbox (`DELIVERED`)."""
    notice = session.get_one(Notice, notice_id, with_for_update=True)
    if notice.status is status:
        return
    notice.move(status)
    notice.provider, notice.provider_id = provider, provider_id
    notice.wake_at, notice.trouble, notice.sent_at = None, None, at


def give_up(session: Session, notice_id: UUID, reason: str) -> None:
    """It will never be sent: the provider refused it for good, or its officer has left."""
    notice = session.get_one(Notice, notice_id, with_for_update=True)
    notice.move(NoticeStatus.PERMANENT_FAILURE)
    notice.wake_at, notice.trouble = None, reason


def put_back(session: Session, notice_id: UUID, reason: str, at: datetime, wait: timedelta | None = None) -> None:
    """It will be tried again, after `wait` or a delay that doubles; after `MOST_TRIES` it is shown as failed."""
    notice = session.get_one(Notice, notice_id, with_for_update=True)
    notice.trouble = reason
    if notice.tries >= MOST_TRIES:
        notice.move(NoticeStatus.TECHNICAL_FAILURE)
        notice.wake_at = None
        return
    notice.move(NoticeStatus.TEMPORARY_FAILURE)
    notice.wake_at = at + max(wait or timedelta(0), FIRST_DELAY * 2 ** (notice.tries - 1))


def of_matter(session: Session, matter_id: UUID) -> Sequence[Notice]:
    """The letters of a matter, oldest first."""
    return session.scalars(select(Notice).where(Notice.matter_id == matter_id).order_by(Notice.id)).all()
