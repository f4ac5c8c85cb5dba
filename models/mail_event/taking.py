"""Taking in what a provider tells: repeats are passed over, and older news never stands above newer.

The order of two pieces of news about a letter: what is final before what is not, then the instant, then the order of
`NewsKind`. So the status that a letter ends with does not depend on the order in which they come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.mail_event.tables import MailEvent
from models.notice.receiving import delay, end, of_letters, settle
from models.notice.tables import OVER, NewsKind, Notice, NoticeStatus
from models.officer import Officer
from models.upserting import insert_into

MEANS: dict[NewsKind, NoticeStatus] = {
    NewsKind.PROCESSED: NoticeStatus.SENDING,
    NewsKind.DEFERRED: NoticeStatus.SENDING,  # the provider tries again by itself, for three days
    NewsKind.BLOCKED: NoticeStatus.TEMPORARY_FAILURE,  # the provider has given up; we have not
    NewsKind.GIVEN_UP: NoticeStatus.TECHNICAL_FAILURE,
    NewsKind.DELIVERED: NoticeStatus.DELIVERED,
    NewsKind.SPAM: NoticeStatus.DELIVERED,
    NewsKind.BOUNCE: NoticeStatus.PERMANENT_FAILURE,
    NewsKind.DROPPED: NoticeStatus.PERMANENT_FAILURE,
}
FINAL = frozenset({NewsKind.DELIVERED, NewsKind.SPAM, NewsKind.BOUNCE, NewsKind.DROPPED})
DEAD = frozenset({NewsKind.SPAM, NewsKind.BOUNCE, NewsKind.DROPPED})  # the mailbox takes no more letters
RANKS = {kind: place for place, kind in enumerate(NewsKind)}
BLOCKED_WAIT = timedelta(hours=4)  # a full mailbox or a list of senders is not put right in minutes
SKEW = timedelta(minutes=1)  # between the provider's clock and ours


@dataclass(frozen=True, slots=True)
class News:
    """One event about the letter of a notice to the address `to`; `id` is the same in every repeat."""

    id: UUID
    notice_id: UUID
    kind: NewsKind
    at: datetime
    to: str
    reason: str | None = None

    @property
    def order(self) -> tuple[bool, datetime, int]:
        """Newer news has a higher one."""
        return self.kind in FINAL, self.at, RANKS[self.kind]


def take(session: Session, provider: str, news: Sequence[News], at: datetime) -> int:
    """Take in what was told at `at`. Returns how much of it was new; what is about no letter of ours is passed over."""
    letters = of_letters(session, list({one.notice_id for one in news}))
    fresh = _keep(session, [one for one in news if one.notice_id in letters], at)
    officers = _officers(session, [letters[one.notice_id][0] for one in fresh])
    for one in sorted(fresh, key=lambda one: one.order):
        for notice in letters[one.notice_id]:
            if notice.id == one.notice_id:
                _mark(officers[notice.officer_id], one)
            if _is_newer(notice, one):
                _hear(session, notice, one, provider, at)
    return len(fresh)


def _keep(session: Session, news: Sequence[News], at: datetime) -> list[News]:
    """Keep those that were not told before: one statement for all."""
    named = {one.id: one for one in news}
    rows = [
        {"id": one.id, "notice_id": one.notice_id, "kind": one.kind, "at": one.at, "received_at": at}
        for one in named.values()
    ]
    if not rows:
        return []
    query = insert_into(session, MailEvent).on_conflict_do_nothing().returning(MailEvent.id)
    return [named[key] for key in session.scalars(query, rows)]


def _officers(session: Session, notices: Sequence[Notice]) -> Mapping[UUID, Officer]:
    """Those to whom these were sent, locked in one order."""
    query = select(Officer).where(Officer.id.in_({one.officer_id for one in notices}))
    return {one.id: one for one in session.scalars(query.order_by(Officer.id).with_for_update())}


def _mark(officer: Officer, one: News) -> None:
    """What the news says about the mailbox; one of an address that the officer has no more says nothing."""
    if one.to != officer.email:
        return
    if one.kind is NewsKind.DELIVERED:
        officer.find_mailbox(one.at)
    elif one.kind in DEAD:
        officer.lose_mailbox(one.reason or one.kind.value, one.at)


def _is_newer(notice: Notice, one: News) -> bool:
    """Whether the news changes what is known. A block of a sending before the last is over by the last."""
    if notice.news is not None and notice.news_at is not None:
        return one.order > (notice.news in FINAL, notice.news_at, RANKS[notice.news])
    if one.kind is NewsKind.BLOCKED and notice.sent_at is not None and one.at < notice.sent_at - SKEW:
        return False
    return one.kind in FINAL or notice.status not in OVER


def _hear(session: Session, notice: Notice, one: News, provider: str, at: datetime) -> None:
    notice.news, notice.news_at = one.kind, one.at
    notice.provider, notice.sent_at = notice.provider or provider, notice.sent_at or one.at
    status = MEANS[one.kind]
    if status is NoticeStatus.TEMPORARY_FAILURE:
        notice.unclear_at = None
        delay(notice, one.reason or "", at, BLOCKED_WAIT)
    elif status is NoticeStatus.PERMANENT_FAILURE and notice.status is not status:
        end(session, notice, one.reason or one.kind.value, at)
    else:
        settle(notice, status, at)
        notice.trouble = one.reason
