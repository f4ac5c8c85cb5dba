"""处置、反馈 Taking up, settling and answering; or giving back what is not ours."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models.crypto import Vault
from models.errors import RuleBroken
from models.notice.tables import Letter
from models.officer import Identity
from models.report import clocks, telling
from models.report.authority import check_handles
from models.report.categories import ReportRules
from models.report.collecting import KeptPhoto, add_photos
from models.report.parking import forget_request, unpark
from models.report.recording import Said, actor_of, append, body_of, checked_words, lock
from models.report.routing import checker_of
from models.report.tables import Clock, PhotoMoment, Report, ReportStatus
from models.words import N_
from models.working_time import WorkCalendar

TO_SETTLE = frozenset({ReportStatus.DISPATCHED, ReportStatus.HANDLING})


class NotUnderWay(RuleBroken):
    """The report waits for something else."""

    sentence = N_("This cannot be done with the report as it stands now. Read the page again.")


class BoundToIt(RuleBroken):
    """What five parties have resolved, one of them does not give back."""

    sentence = N_(
        "Resolution {resolution} binds you to settle this by {when}. If it is not yours, the street whistles anew for another."
    )


def take_up(
    session: Session,
    rules: ReportRules,
    who: Identity,
    report_id: UUID,
    expected_version: int | None,
    at: datetime,
    calendar: WorkCalendar,
) -> Report:
    """处置: the organisation has it in hand; its settling time begins. Whoever was asked above takes it over so.

    What rests may be taken up before its rest is over: its time goes on.
    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `NotUnderWay`.
    """
    report = lock(session, report_id, expected_version)
    check_handles(session, who, report)
    if _wake(session, rules, who, report, at, calendar) and report.handler_id == who.organisation_id:
        return report
    _take_up(session, rules, who, report, at, calendar)
    return report


def _wake(
    session: Session, rules: ReportRules, who: Identity, report: Report, at: datetime, calendar: WorkCalendar
) -> bool:
    """End the rest of a parked report; returns whether it rested."""
    if report.status is not ReportStatus.PARKED:
        return False
    unpark(session, rules, report, at, actor_of(who), calendar)
    return True


def _take_up(
    session: Session, rules: ReportRules, who: Identity, report: Report, at: datetime, calendar: WorkCalendar
) -> None:
    is_taken_over = report.status is ReportStatus.HANDLING and report.handler_id != who.organisation_id
    if report.status is not ReportStatus.DISPATCHED and not is_taken_over:
        raise NotUnderWay()
    if is_taken_over:
        forget_request(session, report, at)
    report.move(ReportStatus.HANDLING)
    report.handler_id = who.organisation_id
    report.taken_up_at = report.taken_up_at or at
    due_at = clocks.begin(session, rules, report, Clock.SETTLE, at, calendar)
    body = body_of(who, due_at=due_at.isoformat(), over=True if is_taken_over else None)
    append(session, report, Said("taken_up", body), at, actor_of(who))


def answer(
    session: Session,
    vault: Vault,
    rules: ReportRules,
    who: Identity,
    report_id: UUID,
    words: str,
    photos: Sequence[KeptPhoto],
    expected_version: int | None,
    at: datetime,
    calendar: WorkCalendar,
) -> Report:
    """反馈: it is settled, say words and photos of how it is now; somebody else checks. Taking it up goes without saying.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `NotUnderWay`, `ReasonMissing`, `WordsTooLong`.
    """
    report = lock(session, report_id, expected_version)
    check_handles(session, who, report)
    said = checked_words(words)
    _wake(session, rules, who, report, at, calendar)
    if report.status not in TO_SETTLE:
        raise NotUnderWay()
    if report.status is ReportStatus.DISPATCHED or report.handler_id != who.organisation_id:
        _take_up(session, rules, who, report, at, calendar)
    forget_request(session, report, at)
    report.move(ReportStatus.ANSWERED)
    report.settled_at, report.answered_by_id = at, who.officer_id
    add_photos(session, report, photos, at, PhotoMoment.AFTER)
    body = body_of(who, photos=[one.digest for one in photos])
    append(session, report, Said("answered", body, said), at, actor_of(who), vault)
    due_at = clocks.begin(session, rules, report, Clock.CHECK, at, calendar)
    facts = telling.facts_of(session, rules, report) | {"way": "check", "due_at": due_at.isoformat()}
    telling.tell(session, report, checker_of(report), Letter.REPORT_TASK, facts, "check", at)
    return report


def give_back(
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
    """退回: not ours, with a reason; the community sends it to the right one, in the time that it has for filing.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `NotUnderWay`, `BoundToIt`, `ReasonMissing`.
    """
    report = lock(session, report_id, expected_version)
    check_handles(session, who, report)
    if report.status not in TO_SETTLE or report.handler_id == report.community_id:
        raise NotUnderWay()
    duty = clocks.duty_of(session, report, who.organisation_id, at)
    if duty is not None:
        raise BoundToIt(resolution=duty.resolution, when=duty.settle_by)
    words = checked_words(reason)
    report.move(ReportStatus.FILED)
    forget_request(session, report, at)
    report.handler_id, report.taken_up_at = report.community_id, None
    due_at = clocks.begin(session, rules, report, Clock.TRIAGE, at, calendar)
    append(session, report, Said("returned", body_of(who, due_at=due_at.isoformat()), words), at, actor_of(who), vault)
    facts = telling.facts_of(session, rules, report) | {"way": "returned", "due_at": due_at.isoformat()}
    telling.tell(session, report, report.community_id, Letter.REPORT_TASK, facts, "returned", at)
    return report
