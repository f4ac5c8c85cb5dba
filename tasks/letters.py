"""The steps of a round of letters: claim, send with no transaction open, record the receipts (decision 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlalchemy.orm import Session

from models import notice
from models.mailbox import Message
from models.notice import Addressed, NoticeStatus
from tasks.mail.choosing import choose_transport
from tasks.mail.delivering import Ambiguous, Later, Outcome, Permanent, Sent, deliver
from tasks.mail.mailbox import PROVIDER as MAILBOX
from tasks.mail.transport import Transport
from tasks.resources import database, settings
from templates.letters import render_letter

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
    return list(database().write(notice.claim, at, size or settings().round_size))


@task(cache_policy=NO_CACHE)
def send_letters(claimed: Sequence[Addressed], at: datetime) -> list[Posted]:
    """Send them one by one, with no transaction open. What fails is its own letter's affair."""
    transport = choose_transport(settings())
    return [Posted(one.notice_id, one.letter, _send(transport, one, at)) for one in claimed]


@task(cache_policy=NO_CACHE)
def record_receipts(posted: Sequence[Posted], at: datetime) -> list[Posted]:
    """Write down what came of each letter, all in one transaction."""
    if posted:
        database().write(_record, posted, at)
    return list(posted)


def _send(transport: Transport, one: Addressed, at: datetime) -> Outcome:
    try:
        letter = render_letter(one.letter, one.language, one.facts, settings().address, at)
        message = Message(one.notice_id, one.to, letter.subject, letter.text, letter.html, one.language, one.letter, at)
        return deliver(transport, message)
    except Exception as error:
        log.exception("letter not sent", notice=str(one.notice_id), letter=one.letter)
        return Later(None, type(error).__name__)


def _record(session: Session, posted: Sequence[Posted], at: datetime) -> None:
    for one in posted:
        match one.outcome:
            case Sent(receipt):
                arrived = receipt.provider == MAILBOX
                status = NoticeStatus.DELIVERED if arrived else NoticeStatus.SENDING
                notice.receive(session, one.notice_id, status, receipt.provider, receipt.message_id, at)
            case Permanent(reason):
                notice.give_up(session, one.notice_id, reason)
            case Later(after_seconds, reason):
                wait = None if after_seconds is None else timedelta(seconds=after_seconds)
                notice.put_back(session, one.notice_id, reason, at, wait)
            case Ambiguous(reason):
                notice.put_back(session, one.notice_id, reason, at, UNCLEAR_WAIT)
