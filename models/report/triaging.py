"""立案、派遣 Filing and dispatching: the community says that it is theirs to settle, and by whom; or why not."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models.crypto import Vault
from models.domain_event import EventKind, raise_event
from models.errors import NotAllowed, RuleBroken
from models.notice.tables import Letter
from models.officer import Identity
from models.record import Actor
from models.report import clocks, telling
from models.report.authority import check_triages
from models.report.categories import Category, ReportRules
from models.report.parking import forget_request
from models.report.recording import Said, actor_of, append, body_of, checked_words, lock
from models.report.routing import checked_target, target_of
from models.report.tables import Clock, Level, Report, ReportStatus
from models.words import N_
from models.working_time import WorkCalendar

TRIAGED = frozenset({ReportStatus.COLLECTED, ReportStatus.FILED})
SENT_ON = frozenset({ReportStatus.DISPATCHED, ReportStatus.HANDLING})


class AlreadyTriaged(RuleBroken):
    """Somebody was quicker."""

    sentence = N_("Somebody has dealt with this report meanwhile. Read the page again.")


class OnlyADeed(RuleBroken):
    """A deed is confirmed, not dispatched."""

    sentence = N_("This is a deed that somebody has done: confirm it or decline it. There is nothing to dispatch.")
    status = 422


class NoDeed(RuleBroken):
    """A report is dispatched, not confirmed."""

    sentence = N_("This is no deed but a report: send it to whoever settles it.")
    status = 422


@dataclass(frozen=True, slots=True)
class Filing:
    """How a report is filed and sent; what is None stays as it is, the handler as the table routes it."""

    category: str | None = None
    level: Level | None = None
    handler_id: UUID | None = None
    words: str = ""  # for the handler


def file(
    session: Session,
    vault: Vault,
    rules: ReportRules,
    who: Identity,
    report_id: UUID,
    filing: Filing,
    expected_version: int | None,
    at: datetime,
    calendar: WorkCalendar,
) -> Report:
    """立案 and 派遣 in one: put category and level right, send it to its handler, whose time to take it up begins.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `AlreadyTriaged`, `OnlyADeed`, `NotATarget`,
    `CategoryUnknown`.
    """
    report = lock(session, report_id, expected_version)
    check_triages(session, who, report)
    if report.status not in TRIAGED:
        raise AlreadyTriaged()
    category = rules.category(filing.category or report.category)
    if category.is_deed:
        raise OnlyADeed()
    is_changed = _put_right(report, category, filing)
    if report.status is ReportStatus.COLLECTED or is_changed:  # what was given back may have had the wrong category
        if report.status is ReportStatus.COLLECTED:
            report.move(ReportStatus.FILED)
            report.filed_at = at
        body = body_of(who, category=category.code, level=report.level.value)
        append(session, report, Said("filed", body), at, actor_of(who))
    handler = (
        target_of(session, report, category)
        if filing.handler_id is None
        else checked_target(session, report, filing.handler_id)
    )
    words = checked_words(filing.words, is_needed=False)
    send(
        session, rules, report, handler.id, Said("dispatched", body_of(who), words), at, actor_of(who), calendar, vault
    )
    return report


def _put_right(report: Report, category: Category, filing: Filing) -> bool:
    """Category and level as the community sees them; returns whether they were others before."""
    before = report.category, report.level
    level = report.level if category.code == report.category else category.level
    report.category, report.deed, report.is_private = category.code, category.deed, category.is_private
    report.level = filing.level or level
    return (report.category, report.level) != before


def dispatch(
    session: Session,
    vault: Vault,
    rules: ReportRules,
    who: Identity,
    report_id: UUID,
    handler_id: UUID,
    words: str,
    expected_version: int | None,
    at: datetime,
    calendar: WorkCalendar,
) -> Report:
    """Send a report that is under way to another handler, whose time begins anew.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `AlreadyTriaged`, `NotATarget`, `ReasonMissing`.
    """
    report = lock(session, report_id, expected_version)
    check_triages(session, who, report)
    if report.status not in SENT_ON:
        raise AlreadyTriaged()
    handler = checked_target(session, report, handler_id)
    said = Said("dispatched", body_of(who), checked_words(words))
    send(session, rules, report, handler.id, said, at, actor_of(who), calendar, vault)
    return report


def send(
    session: Session,
    rules: ReportRules,
    report: Report,
    handler_id: UUID,
    said: Said,
    at: datetime,
    actor: Actor,
    calendar: WorkCalendar,
    vault: Vault | None = None,
) -> None:
    """派遣: `handler_id` is to take it up from now on; the entry `said` names it."""
    report.move(ReportStatus.DISPATCHED)
    forget_request(session, report, at)
    report.handler_id, report.taken_up_at, report.left = handler_id, None, None
    due_at = clocks.begin(session, rules, report, Clock.TAKE_UP, at, calendar)
    body = said.body | {"handler": str(handler_id), "due_at": due_at.isoformat()}
    append(session, report, Said(said.kind, body, said.words), at, actor, vault)
    way = "reopened" if said.kind == "reopened" else "settle"
    facts = telling.facts_of(session, rules, report) | {"way": way, "due_at": due_at.isoformat()}
    telling.tell(session, report, handler_id, Letter.REPORT_TASK, facts, way, at)


def decline(
    session: Session,
    vault: Vault,
    who: Identity,
    report_id: UUID,
    reason: str,
    expected_version: int | None,
    at: datetime,
) -> Report:
    """不予立案: nothing is to be settled, for a reason that the reporter reads.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `AlreadyTriaged`, `ReasonMissing`.
    """
    report = lock(session, report_id, expected_version)
    check_triages(session, who, report)
    if report.status not in TRIAGED:
        raise AlreadyTriaged()
    words = checked_words(reason)
    report.move(ReportStatus.DECLINED)
    clocks.stop(session, report, at)
    report.closed_at = at
    append(session, report, Said("declined", body_of(who), words), at, actor_of(who), vault)
    return report


def confirm_deed(
    session: Session,
    rules: ReportRules,
    who: Identity,
    report_id: UUID,
    expected_version: int | None,
    at: datetime,
) -> Report:
    """The evidence of a deed was looked at and is good: it is closed, and may be credited.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `AlreadyTriaged`, `NoDeed`.
    """
    report = lock(session, report_id, expected_version)
    check_triages(session, who, report)
    if not rules.category(report.category).is_deed:
        raise NoDeed()
    if report.status is not ReportStatus.COLLECTED:
        raise AlreadyTriaged()
    if report.officer_id == who.officer_id:
        raise NotAllowed()  # nobody confirms what they wrote down themselves
    report.move(ReportStatus.CLOSED)
    clocks.stop(session, report, at)
    report.filed_at = report.settled_at = report.closed_at = at
    append(session, report, Said("closed", body_of(who)), at, actor_of(who))
    raise_confirmed(session, report, at)
    return report


def raise_confirmed(session: Session, report: Report, at: datetime) -> None:
    """A settled, confirmed report or deed can be credited: once, also when it is reopened and settled again."""
    body = {
        "report": report.reference,
        "deed": report.deed.value,
        "category": report.category,
        "rider": str(report.rider_id) if report.rider_id else None,
        "community": str(report.community_id),
    }
    raise_event(session, EventKind.REPORT_CONFIRMED, report.id, body, at)
