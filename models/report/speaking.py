"""What reporters may do: take a report back, say whether they are satisfied, have it done again, follow another's."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.crypto import Vault
from models.errors import NotAllowed, RuleBroken
from models.record import Actor
from models.report import clocks, news
from models.report.categories import ReportRules
from models.report.handling import NotUnderWay
from models.report.recording import Said, append, checked_words, lock
from models.report.tables import Clock, Follower, Report, ReportStatus, Satisfaction
from models.report.triaging import send
from models.words import N_
from models.working_time import WorkCalendar

RATED = frozenset({ReportStatus.ANSWERED, ReportStatus.CLOSED})
REOPENED = frozenset({ReportStatus.CLOSED, ReportStatus.DECLINED})


class TooLateToReopen(RuleBroken):
    """The time for it is over."""

    sentence = N_("The time in which this report could be reopened is over. Report it anew.")


class NothingToReopen(RuleBroken):
    """A deed that was confirmed, or a report that is still open."""

    sentence = N_("Only a report that was closed or declined can be reopened.")


class OthersReportedIt(RuleBroken):
    """A report that is several people's is nobody's to take back."""

    sentence = N_("Somebody else has reported the same, so it stays open for them. You need not do anything more.")


@dataclass(frozen=True, slots=True)
class Teller:
    """A reporter or follower: the phone, and the rider who is known on it."""

    phone_id: UUID | None
    rider_id: UUID | None


def withdraw(session: Session, vault: Vault, teller: Teller, report_id: UUID, reason: str, at: datetime) -> Report:
    """撤回: only before anybody has looked, and where nobody else has reported the same.

    Raises `NotFound`, `NotAllowed`, `NotUnderWay`, `OthersReportedIt`, `ReasonMissing`.
    """
    report = lock(session, report_id)
    _own(session, report, teller)
    if report.status is not ReportStatus.COLLECTED:
        raise NotUnderWay()
    if has_merged(session, report.id):
        raise OthersReportedIt()
    words = checked_words(reason)
    report.move(ReportStatus.WITHDRAWN)
    clocks.stop(session, report, at)
    report.closed_at = at
    append(session, report, Said("withdrawn", {"by": "reporter"}, words), at, Actor(), vault)
    return report


def rate(
    session: Session,
    vault: Vault,
    teller: Teller,
    report_id: UUID,
    satisfaction: Satisfaction,
    words: str,
    at: datetime,
) -> Report:
    """满意 or not, with one tap; may be changed. Raises `NotFound`, `NotAllowed`, `NotUnderWay`, `WordsTooLong`."""
    report = lock(session, report_id)
    _own(session, report, teller)
    if report.status not in RATED:
        raise NotUnderWay()
    said = checked_words(words, is_needed=False)
    if report.satisfaction is satisfaction and not said:
        return report
    report.satisfaction, report.rated_at = satisfaction, at
    body = {"by": "reporter", "satisfaction": satisfaction.value}
    append(session, report, Said("rated", body, said), at, Actor(), vault)
    news.mark_seen(session, report.id, teller.phone_id, teller.rider_id)
    return report


def reopen(
    session: Session,
    vault: Vault,
    rules: ReportRules,
    teller: Teller,
    report_id: UUID,
    reason: str,
    at: datetime,
    calendar: WorkCalendar,
) -> Report:
    """Have it done again, within the time set: at once with the same handler. What was declined is looked at again.

    Raises `NotFound`, `NotAllowed`, `NothingToReopen`, `TooLateToReopen`, `ReasonMissing`.
    """
    report = lock(session, report_id)
    _own(session, report, teller)
    category = rules.category(report.category)
    if report.status not in REOPENED or (category.is_deed and report.status is ReportStatus.CLOSED):
        raise NothingToReopen()
    if not is_reopenable(rules, report, at, calendar):
        raise TooLateToReopen()
    words = checked_words(reason)
    report.reopened += 1
    report.closed_at = report.settled_at = report.answered_by_id = None
    report.satisfaction = report.rated_at = None
    if report.status is ReportStatus.CLOSED:
        said = Said("reopened", {"by": "reporter"}, words)
        send(session, rules, report, report.handler_id, said, at, Actor(), calendar, vault)
        return report
    report.move(ReportStatus.COLLECTED)
    report.handler_id = report.community_id
    clocks.begin(session, rules, report, Clock.TRIAGE, at, calendar)
    append(session, report, Said("collected_again", {"by": "reporter"}, words), at, Actor(), vault)
    return report


def has_merged(session: Session, report_id: UUID) -> bool:
    """Whether others have reported the same, and theirs were merged into this one."""
    return session.execute(select(Report.id).where(Report.merged_into_id == report_id)).first() is not None


def is_reopenable(rules: ReportRules, report: Report, at: datetime, calendar: WorkCalendar) -> bool:
    """Whether the time for reopening has not passed."""
    return report.closed_at is not None and at < calendar.after(report.closed_at, rules.reopen)


def _own(session: Session, report: Report, teller: Teller) -> Follower:
    """The teller's own report. Raises `NotFound` for who does not follow it, `NotAllowed` for who only follows."""
    follower = news.follower_of(session, report.id, teller.phone_id, teller.rider_id)
    if not follower.is_reporter:
        raise NotAllowed()
    return follower
