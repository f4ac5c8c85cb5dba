"""Looking at a matter: everything that the laws speak about, read from the tables by prepared statements."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select
from sqlalchemy.orm import Session

from models.consultation.tables import Consultation, Opinion, Seat, Stage, StageStatus
from models.filing.tables import FilingLine, LineStatus
from models.matter import Matter, MatterKind, MatterStatus
from models.notice.tables import Notice
from models.passes import Pass
from models.prepared import run, table
from models.record import RecordEntry
from models.resolution import Resolution

Row = Any  # a named tuple of the statement's columns
TERMINAL = frozenset({MatterStatus.AGREED, MatterStatus.REFUSED, MatterStatus.WITHDRAWN})
_M, _C, _ST, _S, _O, _E = (table(one).c for one in (Matter, Consultation, Stage, Seat, Opinion, RecordEntry))
_R, _P, _L, _N = (table(one).c for one in (Resolution, Pass, FilingLine, Notice))
_WHICH = bindparam("matter", type_=Uuid())
_MATTER = select(
    _M.id,
    _M.reference,
    _M.organisation_id,
    _M.status,
    _M.result,
    _M.line_count,
    _M.version,
    _M.wake_at,
    _M.tries,
    _M.stuck_at,
    _M.record_count,
    _M.record_hash,
).where(_M.id == _WHICH)
_RUNNING = (
    select(_C.id, _C.number, _C.next_stage, _C.lines_out)
    .where(_C.matter_id == _WHICH)
    .order_by(_C.number.desc())
    .limit(1)
)
_STAGES = select(_ST.id, _ST.key, _ST.rung, _ST.ladder, _ST.due_at, _ST.needs_asking).where(
    _ST.matter_id == _WHICH, _ST.status == StageStatus.OPEN
)
_SEATS = (
    select(
        _S.id,
        _S.stage_id,
        _S.organisation_id,
        _S.status,
        _S.answer,
        _S.opinion_id,
        _S.version,
        _S.holder_id,
        _S.delegated_by_id,
        _S.added_by_id,
        _S.stands_for_id,
    )
    .where(_S.matter_id == _WHICH)
    .order_by(_S.id)
)
_OPINIONS = (
    select(_O.id, _O.seat_id, _O.kind)
    .join_from(table(Seat), table(Opinion), _O.seat_id == _S.id)
    .where(_S.matter_id == _WHICH)
)
_ENTRIES = select(*_E).where(_E.matter_id == _WHICH, _E.position > bindparam("after")).order_by(_E.position)
_RESOLUTIONS = select(_R.consultation_id, _R.year, _R.sequence, _R.number, _R.result).where(_R.matter_id == _WHICH)
_PASSES = select(_P.line_id, _P.starts_on, _P.ends_on, _P.issued_at, _P.status).where(_P.matter_id == _WHICH)
_PASSED = select(_L.id).where(_L.matter_id == _WHICH, _L.status == LineStatus.PASSED)
_MATTER_ALARM = select(func.min(_M.wake_at)).where(_M.kind == MatterKind.ACCESS_FILING)
_NOTICE_ALARM = select(func.min(_N.wake_at))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A matter as it stands. `entries`: those of its record since the last look; `passed`: lines with that status."""

    matter: Row
    running: Row | None
    stages: tuple[Row, ...]  # open ones
    seats: Mapping[UUID, Row]
    opinions: Mapping[UUID, Row]
    entries: tuple[Row, ...]
    resolutions: tuple[Row, ...]
    passes: tuple[Row, ...]
    passed: frozenset[UUID]

    @property
    def is_over(self) -> bool:
        """Whether its status is terminal."""
        return self.matter.status in TERMINAL

    @property
    def stage(self) -> Row | None:
        """The open stage, if any."""
        return self.stages[0] if self.stages else None


def look(session: Session, matter_id: UUID, after: int) -> Snapshot:
    """The matter as it stands, with the entries of its record after the position `after`."""
    values = {"matter": matter_id}
    matter: Row = run(session, _MATTER, values).first()
    assert matter is not None
    has_effects = matter.status not in {MatterStatus.SUBMITTED, MatterStatus.CONSULTING}
    return Snapshot(
        matter,
        run(session, _RUNNING, values).first(),
        tuple(run(session, _STAGES, values)),
        {row.id: row for row in run(session, _SEATS, values)},
        {row.id: row for row in run(session, _OPINIONS, values)},
        tuple(run(session, _ENTRIES, values | {"after": after})),
        tuple(run(session, _RESOLUTIONS, values)) if has_effects else (),
        tuple(sorted(run(session, _PASSES, values))) if has_effects else (),
        frozenset(row.id for row in run(session, _PASSED, values)) if has_effects else frozenset(),
    )


@dataclass(frozen=True, slots=True)
class Alarms:
    """The earliest alarm of any matter and of any notice."""

    matter: datetime | None
    notice: datetime | None


def alarms(session: Session) -> Alarms:
    """When the engine is next wanted."""
    matter, notice = run(session, _MATTER_ALARM, {}).first(), run(session, _NOTICE_ALARM, {}).first()
    assert matter is not None
    assert notice is not None
    return Alarms(matter[0], notice[0])
