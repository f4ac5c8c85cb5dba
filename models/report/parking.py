"""挂账 Parking: what cannot be settled now rests until an instant, if the next level up approves the reason."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import SHANGHAI
from models.crypto import Vault
from models.district import get_organisation, lead_department
from models.errors import NotAllowed, NotFound, RuleBroken
from models.notice.tables import Letter
from models.officer import Identity, check_may_act
from models.protocol.schema import Party
from models.record import Actor
from models.report import clocks, telling
from models.report.authority import check_handles
from models.report.categories import ReportRules
from models.report.recording import Said, actor_of, append, body_of, checked_words, lock
from models.report.tables import Clock, Parking, ParkingStatus, Report, ReportStatus
from models.words import N_
from models.working_time import WorkCalendar

LONGEST_DAYS = 180


class CannotPark(RuleBroken):
    """Only what is in hand can rest."""

    sentence = N_("Only a report that you have in hand can be parked, and only once at a time. Take it up first.")


class ParkedTooLong(RuleBroken):
    """An end in the future, not too far."""

    sentence = N_("Say until when it rests: later than today, and at most {days} days from now.")
    status = 422


class NobodyAbove(RuleBroken):
    """The lead department has nobody who could approve."""

    sentence = N_(
        "The lead department cannot park a report: there is nobody above it to approve. Settle it or send it on."
    )


def end_of(day: date) -> datetime:
    """The instant at which a day in Shanghai is over: until then a report rests. Raises `ParkedTooLong`."""
    try:
        return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
    except OverflowError:
        raise ParkedTooLong(days=LONGEST_DAYS) from None


def ask_to_park(
    session: Session,
    vault: Vault,
    rules: ReportRules,
    who: Identity,
    report_id: UUID,
    reason: str,
    until: datetime,
    expected_version: int | None,
    at: datetime,
) -> Report:
    """Ask the next level up to let the report rest `until` (exclusive). Its clock runs on until that is granted.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `CannotPark`, `ParkedTooLong`, `NobodyAbove`,
    `ReasonMissing`.
    """
    report = lock(session, report_id, expected_version)
    check_handles(session, who, report)
    if report.status is not ReportStatus.HANDLING or open_request(session, report.id) is not None:
        raise CannotPark()
    if not at < until <= at + timedelta(days=LONGEST_DAYS):
        raise ParkedTooLong(days=LONGEST_DAYS)
    words = checked_words(reason)
    approver = approver_of(session, report, who.organisation_id)
    body = body_of(who, until=until.isoformat(), approver=str(approver))
    position = append(session, report, Said("parking_asked", body, words), at, actor_of(who), vault)
    session.add(_request(report, who, approver, until, position, at))
    due_at = report.due_at.isoformat() if report.due_at else None
    facts = telling.facts_of(session, rules, report) | {"way": "parking", "due_at": due_at}
    telling.tell(session, report, approver, Letter.REPORT_TASK, facts, f"parking-{position}", at)
    return report


def _request(report: Report, who: Identity, approver_id: UUID, until: datetime, position: int, at: datetime) -> Parking:
    return Parking(
        report_id=report.id,
        asker_id=who.organisation_id,
        approver_id=approver_id,
        status=ParkingStatus.ASKED,
        until=until,
        asked_at=at,
        asked_position=position,
    )


def approver_of(session: Session, report: Report, asker_id: UUID) -> UUID:
    """Who approves: the community for a property company, else the next level up. Raises `NobodyAbove`."""
    asker = get_organisation(session, asker_id)
    if asker.party is Party.PROPERTY:
        return report.community_id
    if asker.parent_id is None:
        raise NobodyAbove()
    return asker.parent_id


def open_request(session: Session, report_id: UUID) -> Parking | None:
    """The request that waits for an answer."""
    query = select(Parking).where(Parking.report_id == report_id, Parking.status == ParkingStatus.ASKED)
    return session.scalars(query).first()


def forget_request(session: Session, report: Report, at: datetime) -> None:
    """The report moves on: a request that nobody answered is gone."""
    asked = open_request(session, report.id)
    if asked is not None:
        asked.move(ParkingStatus.GONE, at)


def answer_parking(
    session: Session,
    vault: Vault,
    rules: ReportRules,
    who: Identity,
    report_id: UUID,
    words: str,
    expected_version: int | None,
    at: datetime,
    calendar: WorkCalendar,
    *,
    is_granted: bool,
) -> Report:
    """Let it rest, or not; a refusal has a reason. What was left of the settling time is kept for afterwards.

    Raises `OnlyReads`, `NotFound` (nothing was asked), `NotAllowed`, `ChangedMeanwhile`, `ReasonMissing`.
    """
    report = lock(session, report_id, expected_version)
    check_may_act(who)
    asked = open_request(session, report.id)
    if asked is None:
        raise NotFound()
    is_lead = who.organisation_id == lead_department(session, report.district_id).id
    if who.organisation_id != asked.approver_id and not is_lead:
        raise NotAllowed()
    said = checked_words(words, is_needed=not is_granted)
    asked.move(ParkingStatus.GRANTED if is_granted else ParkingStatus.REFUSED, at)
    if is_granted:
        span = rules.span(rules.category(report.category), report.level, Clock.SETTLE)
        report.left = clocks.left_of(report, span, at, calendar)
        report.move(ReportStatus.PARKED)
        clocks.start(session, report, Clock.PARKED, max(asked.until, at), at)
    kind = "parked" if is_granted else "parking_refused"
    body = body_of(who, until=asked.until.isoformat())
    append(session, report, Said(kind, body, said), at, actor_of(who), vault)
    answered = "granted" if is_granted else "refused"
    facts = telling.facts_of(session, rules, report) | {"answer": answered, "until": asked.until.isoformat()}
    telling.tell(session, report, asked.asker_id, Letter.REPORT_PARKED, facts, f"parking-{asked.id}", at)
    return report


def unpark(
    session: Session, rules: ReportRules, report: Report, at: datetime, actor: Actor, calendar: WorkCalendar
) -> None:
    """The rest is over: the settling time goes on with what was left of it. `report` is held locked."""
    report.move(ReportStatus.HANDLING)
    assert report.left is not None
    due_at = clocks.resumed(report.left, at, calendar)
    report.left = None
    clocks.start(session, report, Clock.SETTLE, due_at, at)
    append(session, report, Said("unparked", {"due_at": due_at.isoformat()}), at, actor)
    facts = telling.facts_of(session, rules, report) | {"way": "unparked", "due_at": due_at.isoformat()}
    telling.tell(session, report, report.handler_id, Letter.REPORT_TASK, facts, "unparked", at)
