"""What became of a notice that was sent: taken, refused for good, or put back for another try."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.keeping import kept
from models.notice.tables import Notice, NoticeStatus

LETTERS = "letters"  # what a command has read of them, by the first notice
MOST_TRIES = 8
FIRST_DELAY = timedelta(seconds=30)


def receive(
    session: Session, notice_id: UUID, status: NoticeStatus, provider: str, provider_id: str | None, at: datetime
) -> None:
    """Record the receipt: the provider took it (`SENDING`) or it lies in the mailbox (`DELIVERED`)."""
    for notice in _of_letter(session, notice_id):
        if notice.status is status:
            continue
        notice.move(status)
        notice.provider, notice.provider_id = provider, provider_id
        notice.wake_at, notice.trouble, notice.sent_at = None, None, at


def give_up(session: Session, notice_id: UUID, reason: str) -> None:
    """It will never be sent: the provider refused it for good, or its officer has left."""
    for notice in _of_letter(session, notice_id):
        notice.move(NoticeStatus.PERMANENT_FAILURE)
        notice.wake_at, notice.trouble = None, reason


def put_back(session: Session, notice_id: UUID, reason: str, at: datetime, wait: timedelta | None = None) -> None:
    """It will be tried again, after `wait` or a delay that doubles; after `MOST_TRIES` it is shown as failed."""
    for notice in _of_letter(session, notice_id):
        notice.trouble = reason
        if notice.tries >= MOST_TRIES:
            notice.move(NoticeStatus.TECHNICAL_FAILURE)
            notice.wake_at = None
            continue
        notice.move(NoticeStatus.TEMPORARY_FAILURE)
        notice.wake_at = at + max(wait or timedelta(0), FIRST_DELAY * 2 ** (notice.tries - 1))


def lock_letters(session: Session, notice_ids: Sequence[UUID]) -> None:
    """Read and lock at once what receipts for all these letters will change."""
    known = kept(session, LETTERS)
    known |= {one: [] for one in notice_ids}
    query = select(Notice).where(or_(Notice.id.in_(notice_ids), Notice.carried_by_id.in_(notice_ids)))
    for notice in session.scalars(query.order_by(Notice.id).with_for_update()):
        known[notice.id if notice.id in known else notice.carried_by_id].append(notice)


def _of_letter(session: Session, notice_id: UUID) -> Sequence[Notice]:
    """The notice, and those that its letter tells besides, locked in one order."""
    known = kept(session, LETTERS)
    if notice_id not in known:
        query = select(Notice).where(or_(Notice.id == notice_id, Notice.carried_by_id == notice_id))
        known[notice_id] = session.scalars(query.order_by(Notice.id).with_for_update()).all()
    return known[notice_id]
