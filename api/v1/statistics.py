"""Who answers in time: figures of organisations in a period."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.asking import Asked
from api.v1.describing import problems
from api.v1.plain import Name, Out
from models.clock import local_date
from models.protocol.schema import Party
from models.views.statistics import Order, Period, statistics

router = APIRouter(prefix="/statistics", tags=["statistics"])


class FiguresOut(Out):
    """One organisation. `late` counts what it missed, whoever answered in the end; `median_minutes`: working minutes."""

    organisation_id: UUID
    organisation: Name
    party: Party
    asked: int
    answered: int
    in_time: int
    late: int
    escalated: int
    deemed: int
    open: int
    share_in_time: int | None
    median_minutes: int | None


class StatisticsOut(Out):
    """The organisations that were asked in the period, both days inclusive."""

    first: date
    last: date
    rows: list[FiguresOut]


@router.get("", responses=problems(422), operation_id="readStatistics", summary="Read who answers in time")
def read_statistics(
    ask: Asked,
    first: Annotated[date | None, Query(alias="from", description="First day; without it, this month")] = None,
    last: Annotated[date | None, Query(alias="to", description="Last day; without it, today")] = None,
    sort: Annotated[Order, Query(description="By what; figures from the highest down")] = Order.NAME,
    party: Annotated[Party | None, Query(description="Only organisations of this party")] = None,
) -> StatisticsOut:
    """The lead department and administrators read the district, a street itself and those below it, others their own."""
    today = local_date(ask.at)
    period = Period(first or Period.month(today).first, last or today)
    rows = ask.read(lambda session, who: statistics(session, who, period, sort, party))
    return StatisticsOut(first=period.first, last=period.last, rows=[FiguresOut.model_validate(row) for row in rows])
