"""The steps of a round of letters: claim, send with no transaction open, record the receipts (decision 5)."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from uuid import UUID

import structlog
from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlalchemy.orm import Session

from models.authority import links
from models.errors import IllegalMove
from models.mailbox import Message
from models.notice import claiming, receiving
from models.notice.claiming import LEASE, Addressed
from models.notice.tables import NoticeStatus
from tasks.mail.choosing import choose_transport
from tasks.mail.delivering import Ambiguous, Later, Outcome, Permanent, Sent, deliver
from tasks.mail.mailbox import PROVIDER as MAILBOX
from tasks.mail.transport import Transport
from tasks.resources import database, settings, vault
from templates.letters import render_letter

CHUNK = 20  # receipts in one transaction: what a round that dies may send twice is no more than these
UNCLEAR_WAIT = timedelta(minutes=30)  # a letter that may have left is not sent again at once

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Posted:
    """A claimed letter and what came of sending it."""

    notice_id: UUID
    letter: str
    outcome: Outcome

    @property
    def trouble(self) -> str | None:
        """Why it did not leave, without an address; None where it did."""
        return None if isinstance(self.outcome, Sent) else self.outcome.reason


@task(cache_policy=NO_CACHE)
def claim_notices(at: datetime, size: int | None = None) -> list[Addressed]:
    """Take the notices that are due at `at`, at most `size` (default: the setting `round_size`), for sending."""
    return list(database().write(claiming.claim, at, size or settings().round_size))


@task(cache_policy=NO_CACHE)
def send_letters(claimed: Sequence[Addressed], at: datetime, most: timedelta = LEASE / 2) -> list[Posted]:
    """Send them one by one, with no transaction open, and write down what came of each, `CHUNK` in a transaction.

    What fails is its own letter's affair. After `most` the rest stays claimed and is due again when the lease is over:
    a letter that was still being sent then would be taken by another round as well.
    """
    transport = choose_transport(settings())
    over = time.monotonic() + most.total_seconds()
    posted: list[Posted] = []
    for start in range(0, len(claimed), CHUNK):
        part = takewhile(lambda _: time.monotonic() < over, claimed[start : start + CHUNK])
        sent = [Posted(one.notice_id, one.letter, _send(transport, one, at)) for one in part]
        if sent:
            database().write(record_receipts, sent, at)
        posted += sent
    return posted


def _send(transport: Transport, one: Addressed, at: datetime) -> Outcome:
    try:
        letter = render_letter(one.letter, one.language, one.facts, settings().address, at, _secret_of)
        message = Message(one.notice_id, one.to, letter.subject, letter.text, letter.html, one.language, one.letter, at)
        return deliver(transport, message)
    except Exception as error:
        log.exception("letter not sent", notice=str(one.notice_id), letter=one.letter)
        return Later(None, type(error).__name__)


def _secret_of(link_id: UUID) -> str:
    """The secret of a one-time link: in the letter only, and nowhere in the database."""
    return links.secret_of(vault(), link_id)


def record_receipts(session: Session, posted: Sequence[Posted], at: datetime) -> None:
    """All receipts together; where one comes too late, each by itself: the others' letters would leave again."""
    try:
        with session.begin_nested():
            receiving.lock_letters(session, [one.notice_id for one in posted])
            for one in posted:
                _receive(session, one, at)
    except IllegalMove:
        _record_one_by_one(session, posted, at)


def _record_one_by_one(session: Session, posted: Sequence[Posted], at: datetime) -> None:
    for one in posted:
        try:
            with session.begin_nested():
                _receive(session, one, at)
        except IllegalMove as error:
            log.warning("receipt came too late", notice=str(one.notice_id), letter=one.letter, error=str(error))


def _receive(session: Session, one: Posted, at: datetime) -> None:
    match one.outcome:
        case Sent(receipt):
            arrived = receipt.provider == MAILBOX
            status = NoticeStatus.DELIVERED if arrived else NoticeStatus.SENDING
            receiving.receive(session, one.notice_id, status, receipt.provider, receipt.message_id, at)
        case Permanent(reason):
            receiving.give_up(session, one.notice_id, reason)
        case Later(after_seconds, reason):
            wait = None if after_seconds is None else timedelta(seconds=after_seconds)
            receiving.put_back(session, one.notice_id, reason, at, wait)
        case Ambiguous(reason):
            receiving.put_back(session, one.notice_id, reason, at, UNCLEAR_WAIT)
