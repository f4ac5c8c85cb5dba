"""The steps of a round over sessions of training: offers go on, riders are reminded, what is over is settled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE

from models.training import tending
from models.training.ruling import training_rules
from tasks.resources import database, settings
from tasks.rounds import CHUNK, Write


@dataclass(frozen=True, slots=True)
class MovedEvent:
    """What became of one session in a round; `trouble` None: it has what it needed."""

    event_id: UUID
    reference: str
    trouble: str | None


@dataclass(frozen=True, slots=True)
class TakenEvents:
    """The due sessions of one round: ids and references, the longest due first."""

    at: datetime
    events: Sequence[tuple[UUID, str]] = field(default=())


@task(cache_policy=NO_CACHE)
def take_due_events(at: datetime, size: int | None = None) -> TakenEvents:
    """Every session whose alarm is due at `at`, at most `size` (default: the setting `round_size`)."""
    with database().reading() as session:
        return TakenEvents(at, tending.due(session, at, size or settings().round_size))


@task(cache_policy=NO_CACHE)
def tend_events(taken: TakenEvents) -> list[MovedEvent]:
    """Hand on places whose offer ran out, remind, close the list at the start, settle at the end who came."""
    return [one for part in walk_events(taken, database().write) for one in part]


def walk_events(taken: TakenEvents, write: Write) -> Iterator[list[MovedEvent]]:
    """One step for each session, `CHUNK` of them a transaction; what came of each part, once committed."""
    for start in range(0, len(taken.events), CHUNK):
        part = taken.events[start : start + CHUNK]
        ids = [event_id for event_id, _ in part]
        done: dict[UUID, str | None] = write(tending.take_step, training_rules(), ids, taken.at)
        yield [MovedEvent(one, reference, done[one]) for one, reference in part if one in done]
