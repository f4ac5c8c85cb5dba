"""Concluding a whistle: what was agreed binds the departments to the date; what was refused stays the street's."""

from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from models import matter as matters
from models.clock import SHANGHAI
from models.consultation.concluding import resolve, tell_result
from models.matter import Act, Matter, Result
from models.record import Actor
from models.report.binding import bind, unbind
from models.report.categories import ReportRules
from models.report.recording import lock
from models.resolution import Resolution
from models.whistle.saying import asked_of, departments_of
from models.whistle.tables import Whistle


def conclude(session: Session, rules: ReportRules, matter: Matter, at: datetime, actor: Actor) -> None:
    """Everything that follows from the decision on a whistle, in one transaction: once, whatever happens."""
    asked = asked_of(session, matter.id)
    reached = resolve(session, matter, at, actor, {"whistle": asked.to_data()})
    if reached is not None:
        _take_effect(session, rules, matter, reached, at, actor)
    tell_result(session, matter, reached, {}, at)


def _take_effect(
    session: Session, rules: ReportRules, matter: Matter, reached: Resolution, at: datetime, actor: Actor
) -> None:
    """The report is bound, or told that nobody is. One that is over by now is left alone, and the record says so."""
    whistle = session.get_one(Whistle, matter.id)
    whistle.is_open = False
    report = lock(session, whistle.report_id)
    if matter.result is Result.REFUSED:
        unbind(session, rules, report, reached.number, at, actor)
        return
    departments = departments_of(session, matter.id)
    until = end_of(whistle)
    is_bound = bind(session, rules, report, [one.id for one in departments], until, reached.number, at, actor)
    body = {
        "report": report.reference,
        "departments": [one.code for one in departments],
        "settle_by": whistle.settle_by.isoformat(),
    }
    act = Act("departments_bound", body) if is_bound else Act("nobody_bound", body)
    matters.append(session, matter, act, at, actor)


def end_of(whistle: Whistle) -> datetime:
    """The instant, exclusive, at which the day is over that the departments are bound to."""
    return datetime.combine(whistle.settle_by + timedelta(days=1), time(), SHANGHAI)
