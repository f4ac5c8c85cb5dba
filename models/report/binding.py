"""What a resolution does to a report: the departments are bound to a date; or it stays the street's."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models.base import uuid7
from models.notice.tables import Letter
from models.record import Actor
from models.report import clocks, telling
from models.report.categories import ReportRules
from models.report.parking import forget_request
from models.report.recording import Said, append
from models.report.tables import Clock, Report, ReportDuty, ReportStatus
from models.upserting import insert_into

BINDABLE = frozenset({ReportStatus.DISPATCHED, ReportStatus.HANDLING})


def bind(
    session: Session,
    rules: ReportRules,
    report: Report,
    organisation_ids: Sequence[UUID],
    settle_by: datetime,
    resolution: str,
    at: datetime,
    actor: Actor,
) -> bool:
    """From now on the first of `organisation_ids` (1 or more) has to settle it, the others with it, by `settle_by`.

    `report` is held locked; `settle_by` is exclusive. What is over by now is not bound: returns whether it was.
    """
    if not report.is_open:
        return False
    _bring_under_way(report, at)
    forget_request(session, report, at)
    report.move(ReportStatus.HANDLING)
    report.handler_id, report.left = organisation_ids[0], None
    report.taken_up_at = report.taken_up_at or at
    report.settled_at = report.answered_by_id = None
    clocks.start(session, report, Clock.SETTLE, max(settle_by, at), at)
    rows = [
        {
            "id": uuid7(),
            "report_id": report.id,
            "organisation_id": one,
            "resolution": resolution,
            "settle_by": settle_by,
            "at": at,
        }
        for one in organisation_ids
    ]
    query = insert_into(session, ReportDuty)
    said_anew = {name: query.excluded[name] for name in ("resolution", "settle_by", "at")}
    session.execute(query.on_conflict_do_update(index_elements=["report_id", "organisation_id"], set_=said_anew), rows)
    _tell_bound(session, rules, report, organisation_ids, settle_by, resolution, at, actor)
    return True


def _tell_bound(
    session: Session,
    rules: ReportRules,
    report: Report,
    organisation_ids: Sequence[UUID],
    settle_by: datetime,
    resolution: str,
    at: datetime,
    actor: Actor,
) -> None:
    body = {
        "resolution": resolution,
        "organisations": [str(one) for one in organisation_ids],
        "due_at": settle_by.isoformat(),
    }
    append(session, report, Said("bound", body), at, actor)
    facts = telling.facts_of(session, rules, report) | {"way": "bound", "due_at": settle_by.isoformat()}
    for one in organisation_ids:
        telling.tell(session, report, one, Letter.REPORT_TASK, facts, f"bound-{resolution}", at)


def _bring_under_way(report: Report, at: datetime) -> None:
    """From wherever an open report stands to where it is handled."""
    if report.status is ReportStatus.COLLECTED:
        report.move(ReportStatus.FILED)
        report.filed_at = at
    if report.status is ReportStatus.FILED:
        report.move(ReportStatus.DISPATCHED)


def unbind(session: Session, rules: ReportRules, report: Report, resolution: str, at: datetime, actor: Actor) -> bool:
    """The consultation refused what the street asked for: the report goes on as it was. Returns whether it is open."""
    if not report.is_open:
        return False
    append(session, report, Said("not_bound", {"resolution": resolution}), at, actor)
    due_at = report.due_at.isoformat() if report.due_at else None
    facts = telling.facts_of(session, rules, report) | {"way": "not_bound", "due_at": due_at}
    telling.tell(session, report, report.street_id, Letter.REPORT_TASK, facts, f"not-bound-{resolution}", at)
    return True
