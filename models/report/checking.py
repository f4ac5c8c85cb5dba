"""核查、结案 Checking what the handler says: closed, or sent back to be done properly."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models.crypto import Vault
from models.notice.tables import Letter
from models.officer import Identity
from models.report import clocks, telling
from models.report.authority import check_checks
from models.report.categories import ReportRules
from models.report.handling import NotUnderWay
from models.report.recording import Said, actor_of, append, body_of, checked_words, lock
from models.report.tables import Clock, Report, ReportStatus
from models.report.triaging import raise_confirmed
from models.working_time import WorkCalendar


def close(
    session: Session,
    vault: Vault,
    who: Identity,
    report_id: UUID,
    words: str,
    expected_version: int | None,
    at: datetime,
) -> Report:
    """结案: it was looked at and is settled. The reporter may say whether they are satisfied.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `NotUnderWay`, `WordsTooLong`.
    """
    report = lock(session, report_id, expected_version)
    check_checks(session, who, report)
    if report.status is not ReportStatus.ANSWERED:
        raise NotUnderWay()
    said = checked_words(words, is_needed=False)
    report.move(ReportStatus.CLOSED)
    clocks.stop(session, report, at)
    report.closed_at = at
    append(session, report, Said("closed", body_of(who), said), at, actor_of(who), vault)
    raise_confirmed(session, report, at)
    return report


def send_back(
    session: Session,
    vault: Vault,
    rules: ReportRules,
    who: Identity,
    report_id: UUID,
    reason: str,
    expected_version: int | None,
    at: datetime,
    calendar: WorkCalendar,
) -> Report:
    """It is not settled: the handler has its settling time once more.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `NotUnderWay`, `ReasonMissing`.
    """
    report = lock(session, report_id, expected_version)
    check_checks(session, who, report)
    if report.status is not ReportStatus.ANSWERED:
        raise NotUnderWay()
    words = checked_words(reason)
    report.move(ReportStatus.HANDLING)
    report.settled_at = report.answered_by_id = None
    due_at = clocks.begin(session, rules, report, Clock.SETTLE, at, calendar)
    append(session, report, Said("sent_back", body_of(who, due_at=due_at.isoformat()), words), at, actor_of(who), vault)
    facts = telling.facts_of(session, rules, report) | {"way": "sent_back", "due_at": due_at.isoformat()}
    telling.tell(session, report, report.handler_id, Letter.REPORT_TASK, facts, "sent_back", at)
    return report
