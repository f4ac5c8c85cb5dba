"""What became of a notice that was sent: taken, refused for good, put back for another try, or not known.

What the provider tells by its events stands above what we saw ourselves: an outcome of ours changes only a notice that
we still have to send. So a receipt that comes after the news of the arrival changes nothing.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.notice.failing import fail
from models.notice.tables import WAITING, Notice, NoticeStatus
from models.officer import Officer

MOST_TRIES = 8
FIRST_DELAY = timedelta(seconds=30)
UNCLEAR_WAIT = timedelta(minutes=30)  # a letter that may have left is not sent again at once
ADDRESS = re.compile(r"[^\s<>(),;:]+@[^\s<>(),;:]+")
LONGEST_REASON = 300  # characters


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one try at sending a letter. `status`: sending, delivered, permanent or temporary failure.

    `wait`: when the provider says when to come back. `is_unclear`: it may have been taken. `is_mailbox`: the mailbox is
    at fault, not the letter. A status of `CREATED` says that it was kept back on purpose (`provider` says where).
    """

    notice_id: UUID
    status: NoticeStatus
    provider: str | None = None
    provider_id: str | None = None
    reason: str | None = None
    wait: timedelta | None = None
    is_unclear: bool = False
    is_mailbox: bool = False


def record(session: Session, attempts: Sequence[Attempt], at: datetime) -> None:
    """Write down what came of many tries, each for its notice and for those that the same letter tells."""
    letters = of_letters(session, [one.notice_id for one in attempts])
    for one in attempts:
        for notice in letters[one.notice_id]:
            if notice.status in WAITING:
                _apply(session, notice, one, at)


def _apply(session: Session, notice: Notice, one: Attempt, at: datetime) -> None:
    if one.status is NoticeStatus.TEMPORARY_FAILURE:
        delay(notice, one.reason or "", at, UNCLEAR_WAIT if one.is_unclear else one.wait)
        notice.unclear_at = at if one.is_unclear else notice.unclear_at
    elif one.status is NoticeStatus.PERMANENT_FAILURE:
        end(session, notice, one.reason or "", at)
        if one.is_mailbox and notice.id == one.notice_id:
            session.get_one(Officer, notice.officer_id, with_for_update=True).lose_mailbox(one.reason or "", at)
    else:
        settle(notice, one.status, at)
        notice.provider, notice.provider_id, notice.sent_at = one.provider, one.provider_id, at
        notice.trouble = one.reason


def without_addresses(reason: str) -> str:
    """A provider's words as they are kept and shown: of a bearable length, and nobody's address in them."""
    return ADDRESS.sub("…", reason)[:LONGEST_REASON]


def receive(
    session: Session, notice_id: UUID, status: NoticeStatus, provider: str, provider_id: str | None, at: datetime
) -> None:
    """Record one receipt: the provider took it (`SENDING`) or it lies in the mailbox (`DELIVERED`)."""
    record(session, [Attempt(notice_id, status, provider, provider_id)], at)


def give_up(session: Session, notice_id: UUID, reason: str, at: datetime) -> None:
    """It is not sent any more since nobody is there to read it: nobody need be told of that."""
    for notice in of_letters(session, [notice_id])[notice_id]:
        settle(notice, NoticeStatus.PERMANENT_FAILURE, at)
        notice.trouble = reason


def settle(notice: Notice, status: NoticeStatus, at: datetime) -> None:
    """Nothing more is to be done about it by us."""
    if notice.status is not status:
        notice.move(status, at)
    notice.wake_at = notice.unclear_at = notice.trouble = None


def end(session: Session, notice: Notice, reason: str, at: datetime) -> None:
    """It will never arrive: the next channel is tried and the administrators are told."""
    settle(notice, NoticeStatus.PERMANENT_FAILURE, at)
    notice.trouble = reason
    fail(session, notice, at)


def delay(notice: Notice, reason: str, at: datetime, wait: timedelta | None = None) -> None:
    """It will be tried again, after `wait` or a delay that doubles; after `MOST_TRIES` it is shown as failed."""
    if notice.tries >= MOST_TRIES:
        settle(notice, NoticeStatus.TECHNICAL_FAILURE, at)
    else:
        notice.move(NoticeStatus.TEMPORARY_FAILURE, at)
        is_carried = notice.carried_by_id is not None  # then the letter's own notice has the alarm
        notice.wake_at = None if is_carried else at + jittered(notice, wait or timedelta(0))
    notice.trouble = reason


def jittered(notice: Notice, wait: timedelta) -> timedelta:
    """`wait` or `FIRST_DELAY` doubled with each try, whichever is longer; and some more, up to that delay.

    What failed together does not come together again. Drawn from the notice's id, whose last bits are random: a rule
    throws no dice.
    """
    delay = FIRST_DELAY * 2 ** max(notice.tries - 1, 0)
    return max(wait, delay) + delay * ((notice.id.int >> notice.tries) % 1000) / 1000


def of_letters(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[Notice]]:
    """The notices, and those that their letters tell besides, by letter; locked in one order."""
    letters = set(ids)
    query = select(Notice).where(or_(Notice.id.in_(ids), Notice.carried_by_id.in_(ids)))
    found: dict[UUID, list[Notice]] = defaultdict(list)
    for notice in session.scalars(query.order_by(Notice.id).with_for_update()):
        carrier = notice.carried_by_id
        found[carrier if carrier is not None and carrier in letters else notice.id].append(notice)
    return found
