"""Who answers in time: figures of organisations in a period, as far as the officer may see them."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from api.portal.answering import PageRoute
from api.portal.rendering import render
from api.portal.spans import minutes_said
from api.portal.visiting import AtDesk, database_of, now_of
from models.clock import local_date
from models.errors import RuleBroken
from models.protocol.schema import Party
from models.views.statistics import Order, Period, PeriodWrong, sees_all, statistics
from models.words import N_

router = APIRouter(route_class=PageRoute, include_in_schema=False)


def _last_month(today: date) -> Period:
    return Period.month(today.replace(day=1) - timedelta(days=1))


PERIODS: dict[str, tuple[str, Callable[[date], Period]]] = {
    "month": (N_("This month"), Period.month),
    "last-month": (N_("Last month"), _last_month),
    "quarter": (N_("This quarter"), Period.quarter),
    "year": (N_("This year"), Period.year),
}
COLUMNS: dict[Order, str] = {
    Order.NAME: N_("Organisation"),
    Order.ASKED: N_("Asked"),
    Order.IN_TIME: N_("In time"),
    Order.LATE: N_("Late"),
    Order.ESCALATED: N_("Escalated"),
    Order.DEEMED: N_("Deemed"),
    Order.OPEN: N_("Still open"),
    Order.MEDIAN: N_("Median time to answer"),
}


@router.get("/statistics")
def show_statistics(request: Request, desk: AtDesk) -> Response:
    """The figures of a period: of this month where the address says nothing else."""
    words, today = request.query_params, local_date(now_of(request))
    order, party = words.get("sort", ""), words.get("party", "")
    order = Order(order) if order in set(Order) else Order.NAME
    chosen_party = Party(party) if party in set(Party) else None
    period, broken = period_asked(words, today)
    with database_of(request).reading() as session:
        rows = statistics(session, desk.who, period, order, chosen_party)
        is_whole = sees_all(session, desk.who)
    return render(
        request,
        desk,
        "pages/statistics",
        broken.status if broken else 200,
        rows=rows,
        period=period,
        chosen=words.get("period", "" if words.get("from") else "month"),
        periods=PERIODS,
        columns=COLUMNS,
        order=order,
        party=chosen_party,
        is_whole=is_whole,
        kept=urlencode([(name, words[name]) for name in ("period", "from", "to", "party") if words.get(name)]),
        broken=broken,
        time_said=minutes_said,
    )


def period_asked(words: Mapping[str, str], today: date) -> tuple[Period, RuleBroken | None]:
    """The period that the address names, else this month; and why not, where its days make none."""
    if words.get("period") in PERIODS:
        return PERIODS[words["period"]][1](today), None
    if not words.get("from") and not words.get("to"):
        return Period.month(today), None
    try:
        return Period(date.fromisoformat(words.get("from", "")), date.fromisoformat(words.get("to", ""))), None
    except ValueError:
        return Period.month(today), PeriodWrong()
    except PeriodWrong as broken:
        return Period.month(today), broken
