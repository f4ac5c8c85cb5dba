"""Who may do what with a report; asked in the transaction that does it."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.district import get_organisation
from models.errors import NotAllowed, NotFound
from models.matter import MatterNamed
from models.officer import Identity, check_may_act
from models.report.routing import checker_of
from models.report.tables import Clock, Parking, Report, ReportDuty, ReportEscalation
from models.whistle.tables import Whistle


def may_read(session: Session, who: Identity, report: Report) -> bool:
    """Whoever has to do with it: its community and street, its handler, those bound, asked or whistled for, and the lead."""
    if who.is_administrator or who.organisation_id in _near(report):
        return True
    own = get_organisation(session, who.organisation_id)
    if own.is_lead and own.district_id == report.district_id:
        return True
    return who.organisation_id in _asked(session, report.id)


def visible(session: Session, who: Identity, report: Report) -> Report:
    """The report, where `who` may read it. Raises `NotFound`: what is not yours does not exist for you."""
    if not may_read(session, who, report):
        raise NotFound()
    return report


def check_triages(session: Session, who: Identity, report: Report) -> None:
    """Its community, the street above, the lead department, and whoever was asked because it was filed too late.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`.
    """
    visible(session, who, report)
    check_may_act(who)
    is_theirs = who.organisation_id in {report.community_id, report.street_id} or _is_lead(session, who)
    if not is_theirs and not _came_up(session, who, report, Clock.TRIAGE):
        raise NotAllowed()


def check_handles(session: Session, who: Identity, report: Report) -> None:
    """Its handler, who is bound to settle it, or who was asked because it is late. Raises as `check_triages`."""
    visible(session, who, report)
    check_may_act(who)
    if not handles(session, who.organisation_id, report):
        raise NotAllowed()


def handles(session: Session, organisation_id: UUID, report: Report) -> bool:
    """Whether the organisation may take it up and settle it."""
    if organisation_id == report.handler_id:
        return True
    bound = select(ReportDuty.id).where(
        ReportDuty.report_id == report.id, ReportDuty.organisation_id == organisation_id
    )
    return session.execute(bound).first() is not None or is_escalated_to(session, organisation_id, report.id)


def is_escalated_to(session: Session, organisation_id: UUID, report_id: UUID) -> bool:
    """Whether a missed deadline has brought it to the organisation, and nobody has acted since."""
    query = select(ReportEscalation.id).where(
        ReportEscalation.report_id == report_id,
        ReportEscalation.organisation_id == organisation_id,
        ReportEscalation.ended_at.is_(None),
    )
    return session.execute(query).first() is not None


def check_checks(session: Session, who: Identity, report: Report) -> None:
    """Who checks 核查: never who said that it is settled, nor the organisation that did it.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`.
    """
    visible(session, who, report)
    check_may_act(who)
    if not may_check(session, who, report):
        raise NotAllowed()


def may_check(session: Session, who: Identity, report: Report) -> bool:
    """Its checker, the street above, the lead department, or whoever was asked because it was checked too late."""
    if who.officer_id == report.answered_by_id or who.organisation_id == report.handler_id:
        return False
    is_theirs = who.organisation_id in {checker_of(report), report.street_id} or _is_lead(session, who)
    return is_theirs or _came_up(session, who, report, Clock.CHECK)


def _came_up(session: Session, who: Identity, report: Report, clock: Clock) -> bool:
    return report.clock is clock and is_escalated_to(session, who.organisation_id, report.id)


def _is_lead(session: Session, who: Identity) -> bool:
    return get_organisation(session, who.organisation_id).is_lead


def _near(report: Report) -> set[UUID]:
    return {report.community_id, report.street_id, report.handler_id}


def _asked(session: Session, report_id: UUID) -> set[UUID]:
    """Who came to it in other ways; who was asked once may go on reading what became of it."""
    duties = select(ReportDuty.organisation_id).where(ReportDuty.report_id == report_id)
    escalated = select(ReportEscalation.organisation_id).where(ReportEscalation.report_id == report_id)
    whistled = select(MatterNamed.organisation_id).join(Whistle, Whistle.matter_id == MatterNamed.matter_id)
    named = whistled.where(Whistle.report_id == report_id)
    parking = select(Parking.approver_id).where(Parking.report_id == report_id)
    asked = select(Parking.asker_id).where(Parking.report_id == report_id)
    return set(session.scalars(duties.union(escalated, named, parking, asked)))
