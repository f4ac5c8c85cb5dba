"""The steps of a round over matters, each a Prefect task that moves many matters in few transactions."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from sqlalchemy.orm import Session

from models import rounds
from models.calendars import district_calendar
from models.consultation.climbing import climb
from models.consultation.opening import open_next
from models.filing.concluding import conclude as conclude_filing
from models.matter import Matter, MatterKind
from models.record import Actor
from models.report.categories import report_rules
from models.rounds import Due, Need, Step
from models.training.concluding import Means
from models.training.concluding import conclude as conclude_timetable
from models.training.ruling import training_rules
from models.whistle.concluding import conclude as conclude_whistle
from tasks.resources import database, settings, vault

CHUNK = 20  # matters in one transaction: people's acts wait no longer than such a one takes


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of one matter in a round; `trouble` None: it went one step further."""

    matter_id: UUID
    reference: str
    need: Need
    trouble: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """The due matters of one round, by what they need."""

    at: datetime
    matters: list[Due] = field(default_factory=list[Due])

    def needing(self, need: Need) -> list[Due]:
        """Those that need this."""
        return [one for one in self.matters if one.need is need]


def this_run() -> str:
    """The id of the Prefect run that we are in, as the record names it."""
    return str(flow_run.get_id() or "")


@task(cache_policy=NO_CACHE)
def take_due(kind: MatterKind, at: datetime, size: int | None = None) -> Taken:
    """Everything of this kind that is due at `at`, at most `size` (default: the setting `round_size`)."""
    with database().reading() as session:
        return Taken(at, rounds.due(session, kind.value, at, size or settings().round_size))


@task(cache_policy=NO_CACHE)
def seat_parties(taken: Taken) -> list[Moved]:
    """Open the consultations and stages that wait: seats, deadlines, invitations."""
    return _step(taken, Need.SEATING)


@task(cache_policy=NO_CACHE)
def remind(taken: Taken) -> list[Moved]:
    """Remind those whose deadline comes near."""
    return _step(taken, Need.REMINDING)


@task(cache_policy=NO_CACHE)
def escalate(taken: Taken) -> list[Moved]:
    """Escalate what is overdue, and let the protocol's lapse rule speak at the ladder's end."""
    return _step(taken, Need.ESCALATING)


@task(cache_policy=NO_CACHE)
def conclude(taken: Taken) -> list[Moved]:
    """Give what is decided its resolution and its effects, by its kind: passes, bound departments, sessions, letters."""
    return _step(taken, Need.CONCLUDING)


def _open(session: Session, matter: Matter, at: datetime, actor: Actor) -> None:
    open_next(session, matter, at, actor, district_calendar())


def _climb(session: Session, matter: Matter, at: datetime, actor: Actor) -> None:
    climb(session, matter, at, actor, district_calendar())


def _conclude_whistle(session: Session, matter: Matter, at: datetime, actor: Actor) -> None:
    conclude_whistle(session, report_rules(), matter, at, actor)


def _conclude_timetable(session: Session, matter: Matter, at: datetime, actor: Actor) -> None:
    conclude_timetable(session, Means(training_rules(), district_calendar(), vault()), matter, at, actor)


CONCLUDERS: dict[MatterKind, Step] = {
    MatterKind.ACCESS_FILING: conclude_filing,
    MatterKind.STREET_WHISTLE: _conclude_whistle,
    MatterKind.TRAINING_SCHEDULE: _conclude_timetable,
}


def _conclude(session: Session, matter: Matter, at: datetime, actor: Actor) -> None:
    CONCLUDERS[matter.kind](session, matter, at, actor)


STEPS: dict[Need, Step] = {
    Need.SEATING: _open,
    Need.REMINDING: _climb,
    Need.ESCALATING: _climb,
    Need.CONCLUDING: _conclude,
}
Write = Callable[..., Any]  # `Database.write`, or what stands before it


def walk(taken: Taken, need: Need, write: Write, run: str) -> Iterator[list[Moved]]:
    """One step for each matter with this need, `CHUNK` matters a transaction; what came of each part, once committed."""
    for part in _chunks(taken.needing(need)):
        ids = [one.matter_id for one in part]
        done: dict[UUID, str | None] = write(rounds.take_step, ids, need, STEPS[need], taken.at, run)
        yield [Moved(one.matter_id, one.reference, need, done[one.matter_id]) for one in part if one.matter_id in done]


def _step(taken: Taken, need: Need) -> list[Moved]:
    return [one for part in walk(taken, need, database().write, this_run()) for one in part]


def _chunks(listed: Sequence[Due]) -> Iterator[Sequence[Due]]:
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]
