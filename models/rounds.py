"""Rounds 轮次: taking everything that is due one step further, without one bad matter spoiling the rest (decision 3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, uuid7
from models.consultation.ladder import Rung, RungKind
from models.consultation.seats import open_stage
from models.consultation.tables import Stage, StageStatus
from models.matter import Act, Matter, MatterKind, MatterStatus, append
from models.prepared import run, table
from models.record import Actor

MOST_TRIES = 6
FIRST_DELAY = timedelta(seconds=2)

log = structlog.get_logger()


class Need(StrEnum):
    """What a due matter needs."""

    SEATING = "seating"  # a consultation or a stage opens, or the next in turn is asked
    REMINDING = "reminding"
    ESCALATING = "escalating"  # the deadline has passed
    CONCLUDING = "concluding"


class Round(Base):
    """One round that took something: which Prefect run, when, and how many matters it moved."""

    __tablename__ = "round"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    flow: Mapped[str]
    run: Mapped[str] = mapped_column(index=True)  # id of the Prefect run
    at: Mapped[datetime]  # the instant that the round was for
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    taken: Mapped[int]
    moved: Mapped[int]
    failed: Mapped[int]


@dataclass(frozen=True, slots=True)
class Due:
    """A due matter, its reference and what it needs."""

    matter_id: UUID
    reference: str
    need: Need


Step = Callable[[Session, Matter, datetime, Actor], None]
_MATTER, _STAGE = table(Matter).c, table(Stage).c
WHAT_IS_DUE = (
    select(
        _MATTER.id,
        _MATTER.reference,
        _MATTER.status,
        _STAGE.id.label("stage_id"),
        _STAGE.needs_asking,
        _STAGE.ladder,
        _STAGE.rung,
        _STAGE.due_at,
    )
    .outerjoin_from(table(Matter), table(Stage), (_STAGE.matter_id == _MATTER.id) & (_STAGE.status == StageStatus.OPEN))
    .where(_MATTER.kind == bindparam("due_kind"), _MATTER.wake_at <= bindparam("at"))
    .order_by(_MATTER.wake_at)
    .limit(bindparam("size", type_=Integer()))
)
_TAKE = (
    select(Matter)
    .where(Matter.id == bindparam("of"), Matter.wake_at <= bindparam("until"))
    .with_for_update(skip_locked=True)
)


def is_due(session: Session, kind: str, at: datetime) -> bool:
    """Whether any matter of this kind is due at `at`: one look at the alarm's index."""
    query = select(Matter.id).where(Matter.kind == MatterKind(kind), Matter.wake_at <= at).limit(1)
    return session.execute(query).first() is not None


def due(session: Session, kind: str, at: datetime, size: int) -> list[Due]:
    """The matters of this kind that are due at `at`, those that wait longest first, at most `size`."""
    rows = run(session, WHAT_IS_DUE, {"due_kind": MatterKind(kind), "at": at, "size": size})
    return [Due(row.id, row.reference, _need(row.status, row if row.stage_id else None, at)) for row in rows]


def _need(status: MatterStatus, stage: Any, at: datetime) -> Need:
    """What a due matter needs: a consulting one without an open stage waits for its next stage to open."""
    if status is MatterStatus.DECIDED:
        return Need.CONCLUDING
    if status is MatterStatus.SUBMITTED or stage is None or stage.needs_asking:
        return Need.SEATING
    rung = Rung.of(stage.ladder[stage.rung]) if stage.rung < len(stage.ladder) else None
    is_before = at < stage.due_at and rung is not None and rung.kind in {RungKind.LOOK, RungKind.REMIND}
    return Need.REMINDING if is_before else Need.ESCALATING


def take_step(
    session: Session, ids: Sequence[UUID], need: Need, step: Step, at: datetime, run: str
) -> dict[UUID, str | None]:
    """Take each matter one step in a savepoint of its own. Returns what failed (words) or None, for each that was taken.

    A matter that another round has taken, or that needs something else by now, is passed over: what is done is found
    done. One that fails is put back with a growing delay and its error on its page.
    """
    taken: dict[UUID, str | None] = {}
    for matter_id in ids:
        matter = _take(session, matter_id, at)
        if matter is None or _need(matter.status, open_stage(session, matter_id), at) is not need:
            continue
        try:
            with session.begin_nested():
                step(session, matter, at, Actor(run=run))
                matter.tries, matter.trouble, matter.stuck_at = 0, None, None
            taken[matter_id] = None
        except Exception as error:
            log.exception("matter put back", matter=str(matter_id), need=need.value)
            session.refresh(matter)
            put_back(session, matter, error, at, run)
            taken[matter_id] = f"{type(error).__name__}: {error}"
    return taken


def _take(session: Session, matter_id: UUID, at: datetime) -> Matter | None:
    return session.scalars(_TAKE, {"of": matter_id, "until": at}).first()


def put_back(session: Session, matter: Matter, error: Exception, at: datetime, run: str) -> None:
    """Due again after a delay that doubles; after `MOST_TRIES` it is stuck and shown to the district."""
    matter.tries += 1
    matter.trouble = f"{type(error).__name__}: {error}"[:500]
    if matter.tries >= MOST_TRIES:
        matter.wake_at, matter.stuck_at = None, at
        append(session, matter, Act("stuck", {"trouble": matter.trouble}), at, Actor(run=run))
    else:
        matter.wake_at = at + FIRST_DELAY * 2 ** (matter.tries - 1)


def free(session: Session, matter: Matter, at: datetime, actor: Actor) -> None:
    """A stuck matter is tried again from `at` on, after somebody put right what was wrong."""
    matter.tries, matter.stuck_at, matter.wake_at = 0, None, at
    append(session, matter, Act("freed", {}), at, actor)


def note_round(session: Session, row: Round) -> None:
    """Keep what a round did."""
    session.add(row)


def rounds_of(session: Session, runs: Sequence[str]) -> Sequence[Round]:
    """The rounds of these Prefect runs, oldest first."""
    return session.scalars(select(Round).where(Round.run.in_(runs)).order_by(Round.id)).all()
