"""Rates 响应率、解决率、满意率 by organisation, of the reports that were filed in a period.

Response: of what was sent to it and had to be taken up by now, how much was taken up in time. Settling: of what had to be
settled by now, how much was settled in time and confirmed. Satisfaction: of the reporters who said anything, how many
are satisfied. (The three figures by which districts judge the handling of citizens' requests 接诉即办.)
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from models.district import Organisation, get_organisation
from models.officer import Identity
from models.protocol.schema import Party, Title
from models.report.tables import OVER, Report, ReportStatus, Satisfaction


@dataclass(frozen=True, slots=True)
class Share:
    """`good` of `all`; `percent` None where there is nothing to speak of."""

    good: int
    all: int

    @property
    def percent(self) -> float | None:
        """In hundredths, one digit after the point."""
        return round(100 * self.good / self.all, 1) if self.all else None


@dataclass(frozen=True, slots=True)
class RateRow:
    """The rates of one organisation, as the last that had each report in hand."""

    organisation_id: UUID
    organisation: Title
    party: Party
    reports: int
    open: int
    overdue: int
    response: Share
    settling: Share
    satisfaction: Share


def rates(session: Session, who: Identity, start: datetime, end: datetime, at: datetime) -> list[RateRow]:
    """By organisation, for reports filed in [start, end): all for the lead department, else those on the own ground."""
    own = get_organisation(session, who.organisation_id)
    query = (
        select(Report.handler_id, *_figures(at))
        .where(Report.filed_at >= start, Report.filed_at < end, Report.status != ReportStatus.MERGED)
        .group_by(Report.handler_id)
    )
    if not (own.is_lead or who.is_administrator):
        grounds = {Party.STREET: Report.street_id, Party.COMMUNITY: Report.community_id}
        query = query.where(grounds.get(own.party, Report.handler_id) == own.id)
    found = session.execute(query).all()
    organisations = {
        one.id: one
        for one in session.scalars(select(Organisation).where(Organisation.id.in_([row[0] for row in found])))
    }
    made = [_row(organisations[row[0]], row[1:]) for row in found]
    return sorted(made, key=lambda one: (-one.overdue, -one.reports, one.organisation.zh))


def _figures(at: datetime) -> list[ColumnElement[int]]:
    is_open = Report.status.not_in(list(OVER))
    had_to_respond = (Report.take_up_due_at.is_not(None)) & (
        Report.taken_up_at.is_not(None) | (Report.take_up_due_at <= at)
    )
    responded = had_to_respond & (Report.taken_up_at < Report.take_up_due_at)
    is_confirmed = Report.status == ReportStatus.CLOSED
    had_to_settle = (Report.settle_due_at.is_not(None)) & (is_confirmed | (Report.settle_due_at <= at))
    settled = had_to_settle & is_confirmed & (Report.settled_at < Report.settle_due_at)  # deadlines are exclusive
    satisfied = Report.satisfaction == Satisfaction.SATISFIED
    parts = [
        is_open & (Report.due_at <= at) & (Report.status != ReportStatus.PARKED),
        responded,
        had_to_respond,
        settled,
        had_to_settle,
        satisfied,
        Report.satisfaction.is_not(None),
    ]
    return [func.count(), _count(is_open), *(_count(one) for one in parts)]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _row(organisation: Organisation, figures: tuple[int, ...]) -> RateRow:
    reports, is_open, overdue, responded, to_respond, settled, to_settle, satisfied, rated = figures
    return RateRow(
        organisation.id,
        organisation.name,
        organisation.party,
        reports,
        is_open,
        overdue,
        Share(responded, to_respond),
        Share(settled, to_settle),
        Share(satisfied, rated),
    )
