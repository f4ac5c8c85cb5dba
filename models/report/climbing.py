"""Escalation 升级督办 of reports: what misses a deadline goes up, community → street → department, minute by minute.

A round takes the reports whose alarm is due. Each rung is a row under a unique key of report, clock and rung: two rounds
that take the same report, or one that takes it twice, climb it once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session

from models.base import uuid7
from models.consultation.telling import titled
from models.district import get_organisation
from models.notice.tables import Letter
from models.prepared import run, table
from models.record import Actor
from models.report import clocks, telling
from models.report.categories import ReportRules
from models.report.parking import unpark
from models.report.recording import Said, append
from models.report.routing import ladder, late_one
from models.report.tables import Clock, Report, ReportEscalation
from models.rounds import FIRST_DELAY, MOST_TRIES
from models.upserting import insert_new
from models.working_time import WorkCalendar

log = structlog.get_logger()

_REPORT = table(Report).c
_DUE = (
    select(_REPORT.id, _REPORT.reference)
    .where(_REPORT.wake_at.is_not(None), _REPORT.wake_at <= bindparam("at", type_=_REPORT.wake_at.type))
    .order_by(_REPORT.wake_at)
    .limit(bindparam("size", type_=Integer()))
)
_TAKE = (
    select(Report)
    .where(Report.id == bindparam("of"), Report.wake_at <= bindparam("until"))
    .with_for_update(skip_locked=True)
)


def is_due(session: Session, at: datetime) -> bool:
    """Whether any report is due at `at`: one look at the alarm's index."""
    return run(session, _DUE, {"at": at, "size": 1}).first() is not None


def due(session: Session, at: datetime, size: int) -> list[tuple[UUID, str]]:
    """Up to `size` due reports with their references, the longest due first."""
    return [(row.id, row.reference) for row in run(session, _DUE, {"at": at, "size": size})]


def take_step(
    session: Session,
    rules: ReportRules,
    calendar: WorkCalendar,
    ids: Sequence[UUID],
    at: datetime,
    run_id: str,
) -> dict[UUID, str | None]:
    """Take each report one step in a savepoint of its own. Returns what failed (words) or None, for each that was taken.

    One that another round has taken, or that somebody acted on meanwhile, is passed over. One that fails is put back with
    a growing delay; after the last try it is stuck and shown to the district.
    """
    taken: dict[UUID, str | None] = {}
    for report_id in ids:
        report = session.scalars(_TAKE, {"of": report_id, "until": at}).first()
        if report is None:
            continue
        try:
            with session.begin_nested():
                climb(session, rules, calendar, report, at, Actor(run=run_id))
                report.tries, report.trouble = 0, None
            taken[report_id] = None
        except Exception as error:
            log.exception("report put back", report=str(report_id))
            session.refresh(report)
            _put_back(session, report, error, at, run_id)
            taken[report_id] = f"{type(error).__name__}: {error}"
    return taken


def climb(
    session: Session, rules: ReportRules, calendar: WorkCalendar, report: Report, at: datetime, actor: Actor
) -> None:
    """One rung of the missed deadline, or the end of a rest. `report` is held locked and due at `at`."""
    if report.clock is Clock.PARKED:
        unpark(session, rules, report, at, actor, calendar)
        return
    clocks.note_lateness(report, at)
    up = ladder(session, report, rules.category(report.category))
    level = rules.levels[report.level]
    assert report.due_at is not None
    assert report.wake_at is not None
    due_at, report.rung = report.wake_at, report.rung + 1
    if report.rung <= len(up):
        _escalate(session, rules, report, up[report.rung - 1], due_at, at, actor)
    elif up:
        _tell_again(session, rules, report, up[-1], at)
    if report.rung < len(up):
        report.wake_at = max(calendar.after(report.due_at, level.escalate[report.rung - 1]), due_at)
    else:
        report.wake_at = calendar.after(max(due_at, report.due_at), level.again) if up else None


def _escalate(
    session: Session,
    rules: ReportRules,
    report: Report,
    to_id: UUID,
    due_at: datetime,
    at: datetime,
    actor: Actor,
) -> None:
    """One rung: the organisation above may act from now on; it and the late one are told."""
    late = late_one(report)
    assert report.clock is not None
    row = {
        "id": uuid7(),
        "report_id": report.id,
        "clock": report.clock,
        "clock_number": report.clock_number,
        "rung": report.rung,
        "organisation_id": to_id,
        "late_id": late,
        "due_at": due_at,
        "at": at,
        "ended_at": None,
    }
    insert_new(session, ReportEscalation, [row])
    body = {"clock": report.clock.value, "rung": report.rung, "to": str(to_id), "late": str(late)}
    append(session, report, Said("escalated", body), at, actor)
    facts = _facts(session, rules, report) | {"superior": titled(get_organisation(session, to_id).name)}
    telling.tell(session, report, to_id, Letter.REPORT_ESCALATION, facts, f"rung-{report.rung}", at)
    telling.tell(session, report, late, Letter.REPORT_LATE, facts, f"rung-{report.rung}", at)


def _tell_again(session: Session, rules: ReportRules, report: Report, top_id: UUID, at: datetime) -> None:
    """Beyond the last rung the top is told again and again: nothing is forgotten."""
    facts = _facts(session, rules, report) | {"superior": titled(get_organisation(session, top_id).name)}
    telling.tell(session, report, top_id, Letter.REPORT_ESCALATION, facts, f"rung-{report.rung}", at)


def _facts(session: Session, rules: ReportRules, report: Report) -> dict[str, Any]:
    assert report.due_at is not None
    assert report.clock is not None
    late = get_organisation(session, late_one(report))
    return telling.facts_of(session, rules, report) | {
        "late": titled(late.name),
        "clock": report.clock.value,
        "due_at": report.due_at.isoformat(),
    }


def _put_back(session: Session, report: Report, error: Exception, at: datetime, run_id: str) -> None:
    report.tries += 1
    report.trouble = f"{type(error).__name__}: {error}"[:500]
    if report.tries >= MOST_TRIES:
        report.wake_at, report.stuck_at = None, at
        append(session, report, Said("stuck", {"trouble": report.trouble}), at, Actor(run=run_id))
    else:
        report.wake_at = at + FIRST_DELAY * 2 ** (report.tries - 1)


def stuck(session: Session, district_id: UUID) -> Sequence[Report]:
    """Reports that the engine has given up on, the newest first."""
    query = select(Report).where(Report.stuck_at.is_not(None), Report.district_id == district_id)
    return session.scalars(query.order_by(Report.id.desc())).all()


def free(session: Session, report: Report, at: datetime, actor: Actor) -> None:
    """A stuck report, held locked, is tried again from `at` on, after somebody put right what was wrong."""
    if report.stuck_at is not None:
        report.tries, report.trouble, report.stuck_at, report.wake_at = 0, None, None, at
        append(session, report, Said("freed", {}), at, actor)
