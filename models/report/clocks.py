"""The clocks of a report: one runs at a time, and what is late is late from its deadline on, whoever notices when."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, update
from sqlalchemy.orm import Session

from models.base import UtcDateTime
from models.prepared import run, table
from models.report.categories import Category, ReportRules
from models.report.tables import Clock, Report, ReportDuty, ReportEscalation
from models.working_time import Span, WorkCalendar

_UP = table(ReportEscalation).c
_END = (
    update(table(ReportEscalation))
    .where(_UP.report_id == bindparam("report", type_=Uuid()), _UP.ended_at.is_(None))
    .values(ended_at=bindparam("at", type_=UtcDateTime()))
)


def start(session: Session, report: Report, clock: Clock, due_at: datetime, at: datetime) -> None:
    """Let `clock` run from `at` to `due_at` in place of the one that ran; who was asked after a missed one is free."""
    _end(session, report, at)
    report.clock, report.due_at, report.wake_at = clock, due_at, due_at
    report.clock_number += 1
    report.rung = 0
    if clock is Clock.TAKE_UP:
        report.take_up_due_at = due_at
    elif clock is Clock.SETTLE:
        report.settle_due_at = due_at


def begin(
    session: Session, rules: ReportRules, report: Report, clock: Clock, at: datetime, calendar: WorkCalendar
) -> datetime:
    """Let `clock` run from `at` for as long as category and level give it. Returns its deadline, UTC.

    Whoever a resolution has bound settles it by the date that it says, as long as that is to come.
    """
    duty = duty_of(session, report, report.handler_id, at) if clock is Clock.SETTLE else None
    due_at = duty.settle_by if duty else due_after(rules, rules.category(report.category), report, clock, at, calendar)
    start(session, report, clock, due_at, at)
    return due_at


def stop(session: Session, report: Report, at: datetime) -> None:
    """Nobody has to do anything any more."""
    _end(session, report, at)
    report.clock = report.due_at = report.wake_at = None


def _end(session: Session, report: Report, at: datetime) -> None:
    note_lateness(report, at)
    report.tries, report.trouble, report.stuck_at = 0, None, None
    if report.rung:
        run(session, _END, {"report": report.id, "at": at})


def note_lateness(report: Report, at: datetime) -> None:
    """A deadline that has passed by `at` is kept: the first one for good."""
    if report.clock not in {None, Clock.PARKED} and report.due_at is not None and report.due_at <= at:
        report.late_at = report.late_at or report.due_at


def due_after(
    rules: ReportRules, category: Category, report: Report, clock: Clock, at: datetime, calendar: WorkCalendar
) -> datetime:
    """When a clock of this report that starts at `at` ends, UTC."""
    return calendar.after(at, rules.span(category, report.level, clock))


def duty_of(session: Session, report: Report, organisation_id: UUID, at: datetime) -> ReportDuty | None:
    """What binds the organisation to settle it by a date that is to come; None without a resolution or once it is past."""
    query = select(ReportDuty).where(
        ReportDuty.report_id == report.id, ReportDuty.organisation_id == organisation_id, ReportDuty.settle_by > at
    )
    return session.scalars(query).first()


def left_of(report: Report, span: Span, at: datetime, calendar: WorkCalendar) -> dict[str, int]:
    """What is left of the running clock at `at`, in minutes of the kind that it runs in; at least one."""
    assert report.due_at is not None
    if span.minutes is not None or span.days is not None:
        return {"minutes": max(1, int((report.due_at - at).total_seconds()) // 60)}
    return {"working_minutes": max(1, calendar.working_minutes_between(at, report.due_at))}


def resumed(left: Mapping[str, int], at: datetime, calendar: WorkCalendar) -> datetime:
    """When a clock ends that goes on at `at` with what was left of it."""
    return calendar.after(at, Span.parse(left))
