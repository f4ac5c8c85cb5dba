"""The steps of a round of letters: claim, send with no transaction open, record what came of it (decision 5)."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import SimpleQueue
from threading import Lock
from typing import TypeVar, cast
from uuid import UUID

import structlog
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.utilities.annotations import opaque

from models.authority import links
from models.mailbox import Message
from models.notice import claiming, receiving
from models.notice.claiming import LEASE, Addressed
from models.notice.receiving import Attempt
from models.notice.tables import NoticeStatus
from tasks.mail.choosing import Ways, choose_ways
from tasks.mail.delivering import Ambiguous, Later, Outcome, Permanent, Sent, deliver
from tasks.mail.transport import Transport
from tasks.resources import database, settings, vault
from templates.letters import render_letter

# What a round that dies may send twice: the calls that are on their way (the setting `mail_threads`), and of those that
# were answered the letters that are not written down yet, at most two chunks.
CHUNK = 20  # letters whose outcomes are awaited before they are written down
MOST_WRITTEN = 100  # of a call to many, in one transaction: people's acts wait no longer than such a one takes
LETTERS_A_MATTER = 5  # a round of letters takes so many for each matter that a round of matters takes

T = TypeVar("T")

log = structlog.get_logger()


def whole(letters: T) -> T:
    """Letters as they are given to the next step.

    Prefect looks into every value of every argument for runs that it would have to wait for: 0.4 ms a letter, half of
    what sending one costs. Nothing of that kind is among letters.
    """
    return cast("T", opaque(letters))


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


@dataclass(frozen=True, slots=True)
class Call:
    """Letters of one text that leave in one call."""

    transport: Transport
    letters: tuple[Addressed, ...]


@task(cache_policy=NO_CACHE)
def claim_notices(at: datetime, size: int | None = None) -> list[Addressed]:
    """Take the notices that are due at `at` for sending, at most `size` (default: by the setting `round_size`)."""
    most = size or settings().round_size * LETTERS_A_MATTER
    is_heard = bool(settings().sendgrid_webhook_key)
    return list(database().write(claiming.claim, at, most, is_heard=is_heard))


@task(cache_policy=NO_CACHE)
def send_letters(claimed: Sequence[Addressed], at: datetime, most: timedelta = LEASE / 2) -> list[Posted]:
    """Send them, with no transaction open, several calls at once, and write down what came of each as it comes.

    Letters that say the same share a call. What fails is its own letter's affair. After `most` the rest stays claimed
    and is due again when the lease is over: a letter that was still being sent then would be taken by another round.
    """
    over = time.monotonic() + most.total_seconds()
    posted: list[Posted] = []
    unwritten: list[Posted] = []
    writing: list[Future[None]] = []
    for came in _send(claimed, at, lambda: time.monotonic() >= over):
        unwritten += came
        if len(unwritten) >= CHUNK:
            writing, unwritten = _write(unwritten, at, writing), []
        posted += came
    _wait_for(_write(unwritten, at, writing))
    return posted


def _write(posted: Sequence[Posted], at: datetime, before: Sequence[Future[None]]) -> list[Future[None]]:
    """Have a chunk written down, once the one before is."""
    _wait_for(before)
    attempts = [attempt_of(one) for one in posted]
    return [
        database().submit(receiving.record, attempts[start : start + MOST_WRITTEN], at)
        for start in range(0, len(attempts), MOST_WRITTEN)
    ]


def _wait_for(writing: Sequence[Future[None]]) -> None:
    for one in writing:
        one.result()


def _send(claimed: Sequence[Addressed], at: datetime, is_over: Callable[[], bool]) -> Iterator[list[Posted]]:
    """What came of each call, as answers come in; each thread takes the next call when it has done with its last."""
    threads = min(settings().mail_threads, len(claimed))
    came: SimpleQueue[list[Posted] | None] = SimpleQueue()
    taking = Lock()
    with closing(choose_ways(settings())) as ways, ThreadPoolExecutor(max(threads, 1), "letters") as pool:
        calls = _calls(claimed, ways)

        def work() -> None:
            try:
                while not is_over():
                    with taking:
                        call = next(calls, None)
                    if call is None:
                        return
                    came.put(_post(call, at))
            finally:
                came.put(None)

        working = [pool.submit(work) for _ in range(threads)]
        for _ in working:
            yield from iter(came.get, None)
        for one in working:
            one.result()  # whatever broke a thread breaks the round


def _calls(claimed: Sequence[Addressed], ways: Ways) -> Iterator[Call]:
    """Letters that say the same to several, together, as many as their way takes in one call."""
    same: dict[tuple[int, str, str, str], tuple[Transport, list[Addressed]]] = {}
    for one in claimed:
        way = ways.of(one.to)
        key = (id(way), one.letter, one.language, json.dumps(one.facts, sort_keys=True))
        same.setdefault(key, (way, []))[1].append(one)
    for way, letters in same.values():
        for start in range(0, len(letters), way.most):
            yield Call(way, tuple(letters[start : start + way.most]))


def _post(call: Call, at: datetime) -> list[Posted]:
    """Render what a call says once, and send it to all."""
    try:
        outcomes = deliver(call.transport, _messages(call.letters, at))
    except Exception as error:
        first = call.letters[0]
        log.exception("letter not sent", notice=str(first.notice_id), letter=first.letter, count=len(call.letters))
        outcomes: list[Outcome] = [Later(None, type(error).__name__)] * len(call.letters)
    return [Posted(one.notice_id, one.letter, outcome) for one, outcome in zip(call.letters, outcomes, strict=True)]


def _messages(letters: Sequence[Addressed], at: datetime) -> list[Message]:
    first = letters[0]
    said = render_letter(first.letter, first.language, first.facts, settings().address, at, _secret_of)
    return [
        Message(one.notice_id, one.to, said.subject, said.text, said.html, one.language, one.letter, at)
        for one in letters
    ]


def _secret_of(link_id: UUID) -> str:
    """The secret of a one-time link: in the letter only, and nowhere in the database."""
    return links.secret_of(vault(), link_id)


def attempt_of(one: Posted) -> Attempt:
    """What came of a letter, as it is written down."""
    match one.outcome:
        case Sent(receipt):
            return Attempt(one.notice_id, receipt.status, receipt.provider, receipt.message_id)
        case Permanent(reason, is_mailbox):
            return Attempt(one.notice_id, NoticeStatus.PERMANENT_FAILURE, reason=reason, is_mailbox=is_mailbox)
        case Later(after_seconds, reason):
            wait_for = None if after_seconds is None else timedelta(seconds=after_seconds)
            return Attempt(one.notice_id, NoticeStatus.TEMPORARY_FAILURE, reason=reason, wait=wait_for)
        case Ambiguous(reason):
            return Attempt(one.notice_id, NoticeStatus.TEMPORARY_FAILURE, reason=reason, is_unclear=True)
