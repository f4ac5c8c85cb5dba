"""Concluding a filing: its lines get their last status, approved riders get passes, everybody is told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import matter as matters
from models.base import uuid7
from models.consultation import seats
from models.consultation.concluding import resolve, tell_result
from models.filing.tables import Filing, FilingLine, LineStatus
from models.matter import Act, Matter, Result
from models.passes import Pass, PassStatus
from models.record import Actor
from models.upserting import insert_new


def conclude(session: Session, matter: Matter, at: datetime, actor: Actor) -> None:
    """Everything that follows from the decision on a filing, in one transaction: once, whatever happens."""
    consultation = seats.running(session, matter.id)
    assert consultation is not None
    lines = session.scalars(
        select(FilingLine).where(FilingLine.matter_id == matter.id, FilingLine.status == LineStatus.FILED)
    ).all()
    passed: list[FilingLine] = []
    if matter.result is Result.AGREED:
        passed = _part(lines, consultation.lines_out)
        _issue(session, matter, passed, at)
    elif matter.result is Result.REFUSED:
        _part(lines, consultation.lines_out, LineStatus.REFUSED)
        session.get_one(Filing, matter.id).source_key = None
    reached = resolve(session, matter, at, actor)
    if passed:
        matters.append(session, matter, Act("passes_issued", {"passes": len(passed)}), at, actor)
    counts = {"passes": len(passed), "lines_out": len(lines) - len(passed)}
    tell_result(session, matter, reached, counts, at)


def _part(
    lines: Sequence[FilingLine], out: dict[str, dict[str, str]], rest: LineStatus = LineStatus.PASSED
) -> list[FilingLine]:
    """Excepted lines leave with their reason, the others move to `rest`; returns the others."""
    staying: list[FilingLine] = []
    for line in lines:
        why = out.get(str(line.number))
        if why is None:
            line.move(rest)
            staying.append(line)
        else:
            line.move(LineStatus.EXCEPTED, why["reason"])
            line.decided_by = why["organisation"]
    return staying


def _issue(session: Session, matter: Matter, lines: Sequence[FilingLine], at: datetime) -> None:
    rows = [
        {
            "id": uuid7(),
            "line_id": line.id,
            "matter_id": matter.id,
            "rider_id": line.rider_id,
            "status": PassStatus.VALID,
            "starts_on": line.starts_on,
            "ends_on": line.ends_on,
            "issued_at": at,
        }
        for line in lines
    ]
    insert_new(session, Pass, rows)
