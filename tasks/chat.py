"""The steps of a round of chat: claim rooms, send with no transaction open, record the receipts (decision 5)."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prefect import task
from prefect.cache_policies import NO_CACHE

from models import chat
from models.chat import LEASE, Gathered
from tasks.resources import database, settings, vault
from tasks.robots import TAKEN, Answer, tell
from templates.chat import MOST_BYTES, compose

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Told:
    """A room, how much it was told, and why it was not; None where it was."""

    room_id: UUID
    count: int
    trouble: str | None


@task(cache_policy=NO_CACHE)
def claim_rooms(at: datetime) -> list[Gathered]:
    """Take the rooms that may be told something at `at`."""
    return list(database().write(chat.claim, at))


@task(cache_policy=NO_CACHE)
def tell_rooms(claimed: Sequence[Gathered], at: datetime, most: timedelta = LEASE / 2) -> list[Told]:
    """Send each room its message, one after another, and write down what came of it.

    What fails is its own room's affair. After `most` the rest stays claimed, and is due again when the lease is over.
    """
    over = time.monotonic() + most.total_seconds()
    told: list[Told] = []
    for one in claimed:
        if time.monotonic() >= over:
            break
        answer = _tell(one, at)
        if answer.trouble is None:
            database().write(chat.receive, one, at)
        else:
            database().write(chat.put_back, one, answer.trouble, at, answer.wait)
        told.append(Told(one.room_id, len(one.said), answer.trouble))
    return told


def _tell(one: Gathered, at: datetime) -> Answer:
    try:
        text = compose(one.said, one.language, settings().address, at, MOST_BYTES[one.kind])
        if not text:
            return TAKEN
        secret = vault().open(one.secret_sealed) if one.secret_sealed else ""
        return tell(one.kind, vault().open(one.token_sealed), secret, text, settings().chat_gateway)
    except Exception as error:
        log.exception("room not told", room=str(one.room_id), kind=one.kind.value)
        return Answer(type(error).__name__)
