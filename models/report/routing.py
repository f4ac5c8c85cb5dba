"""Routing: who is to settle a report, by category and place; who stands above whom when it is late."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.district import Compound, Organisation, get_organisation, lead_department
from models.errors import RuleBroken
from models.protocol.schema import Party
from models.report.categories import Category, Target
from models.report.tables import Clock, Report
from models.words import N_


class NotATarget(RuleBroken):
    """An organisation that this report cannot go to."""

    sentence = N_("This report cannot go there. Choose one of the organisations that the list offers.")
    status = 422


def target_of(session: Session, report: Report, category: Category) -> Organisation:
    """Where the table sends the report: the compound's property company, the community, the street, or a department."""
    way = category.in_public if report.compound_id is None else category.in_compound
    if way is Target.PROPERTY and report.compound_id is not None:
        return get_organisation(session, session.get_one(Compound, report.compound_id).property_id)
    if way is Target.STREET:
        return get_organisation(session, report.street_id)
    if way is Target.DEPARTMENT:
        return department_of(session, report.district_id, category)
    return get_organisation(session, report.community_id)


def department_of(session: Session, district_id: UUID, category: Category) -> Organisation:
    """The department that a category climbs to; the lead department where it names none, or one that is not there."""
    query = select(Organisation).where(
        Organisation.district_id == district_id,
        Organisation.party == Party.DEPARTMENT,
        Organisation.function == category.department,
    )
    found = session.scalars(query.order_by(Organisation.code)).first() if category.department else None
    return found or lead_department(session, district_id)


def targets(session: Session, report: Report) -> Sequence[Organisation]:
    """All organisations that a report may be sent to: those of its place, then the departments."""
    near = [report.community_id, report.street_id]
    if report.compound_id is not None:
        near.insert(0, session.get_one(Compound, report.compound_id).property_id)
    departments = select(Organisation).where(
        Organisation.district_id == report.district_id, Organisation.party == Party.DEPARTMENT
    )
    listed = session.scalars(departments.order_by(Organisation.is_lead.desc(), Organisation.code)).all()
    return [*(get_organisation(session, one) for one in near), *listed]


def checked_target(session: Session, report: Report, organisation_id: UUID) -> Organisation:
    """The organisation, where the report may go to it. Raises `NotATarget`."""
    found = next((one for one in targets(session, report) if one.id == organisation_id), None)
    if found is None:
        raise NotATarget()
    return found


def ladder(session: Session, report: Report, category: Category) -> Sequence[UUID]:
    """Whom a missed deadline of the running clock reaches, rung by rung: community → street → department.

    Those who are late themselves, or stand below who is late, are not among them, nor is whoever would have to check
    their own work. A department's own lateness reaches the lead department; above that one there is nobody.
    """
    department = department_of(session, report.district_id, category).id
    line = [report.community_id, report.street_id, department]
    late = late_one(report)
    if report.clock is Clock.CHECK and report.handler_id != late:
        line = [one for one in line if one != report.handler_id]
    if late in line:
        line = line[line.index(late) + 1 :]
    elif get_organisation(session, late).party is Party.DEPARTMENT:
        line = []
    if not line:
        lead = lead_department(session, report.district_id).id
        line = [] if lead == late else [lead]
    return line


def late_one(report: Report) -> UUID:
    """Who has to act while the running clock runs: who triages and checks is the community, or the street above it."""
    if report.clock is Clock.TRIAGE:
        return report.community_id
    if report.clock is Clock.CHECK:
        return checker_of(report)
    return report.handler_id


def checker_of(report: Report) -> UUID:
    """Who checks what the handler says: the community; what a community or somebody above did, the street does."""
    return report.street_id if report.handler_id == report.community_id else report.community_id
