"""Duplicates: reports of the same thing, near in place, time and category; merged, their reporters all stay followers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from models.errors import RuleBroken
from models.officer import Identity
from models.report import clocks, news
from models.report.authority import check_triages
from models.report.categories import ReportRules
from models.report.parking import forget_request
from models.report.places import Position, around, metres_between
from models.report.recording import Said, actor_of, append, body_of, lock
from models.report.tables import OVER, Report, ReportStatus
from models.words import N_

MOST = 5
LOOKED_AT = 200  # of those in the same squares of the grid; more than that is a crowd, not a duplicate
MERGEABLE = frozenset({ReportStatus.COLLECTED, ReportStatus.FILED, ReportStatus.DISPATCHED, ReportStatus.HANDLING})


class NotTheSame(RuleBroken):
    """Two reports that cannot be one."""

    sentence = N_("These two cannot be merged: the other one must be open, of the same community, and not this one.")
    status = 422


@dataclass(frozen=True, slots=True)
class Alike:
    """A report that may be the same. `metres` None: one of the two has no position, but they share the compound."""

    report: Report
    metres: int | None


def alike(session: Session, rules: ReportRules, report: Report, most: int = MOST) -> list[Alike]:
    """The reports that may be the same as `report`, the nearest first; at most `most`."""
    position = position_of(report)
    return find_alike(
        session, rules, report.category, position, report.compound_id, report.reported_at, report.id, most
    )


def find_alike(
    session: Session,
    rules: ReportRules,
    category: str,
    position: Position | None,
    compound_id: UUID | None,
    at: datetime,
    besides: UUID | None = None,
    most: int = MOST,
) -> list[Alike]:
    """Reports of a category near a place and an instant that nobody has closed, or that were closed in that time."""
    window = timedelta(hours=rules.duplicates.hours)
    query = select(Report).where(
        Report.category == category,
        Report.reported_at.between(at - window, at + window),
        Report.status.not_in([ReportStatus.MERGED, ReportStatus.WITHDRAWN, ReportStatus.DECLINED]),
    )
    found = [Alike(one, None) for one in _in_place(session, query, position, compound_id, rules.duplicates.metres)]
    measured = [_measured(one.report, position) for one in found if one.report.id != besides]
    near = [one for one in measured if one.metres is None or one.metres <= rules.duplicates.metres]
    return sorted(near, key=lambda one: (one.metres is None, one.metres, one.report.reported_at))[:most]


def _in_place(
    session: Session,
    query: Select[Report],
    position: Position | None,
    compound_id: UUID | None,
    metres: int,
) -> Sequence[Report]:
    newest = query.order_by(Report.reported_at.desc()).limit(LOOKED_AT)
    if position is not None:
        rows = around(position, metres).rows()
        return session.scalars(newest.where(or_(*(Report.cell.between(west, east) for west, east in rows)))).all()
    if compound_id is not None:
        return session.scalars(newest.where(Report.compound_id == compound_id)).all()
    return ()


def _measured(report: Report, position: Position | None) -> Alike:
    other = position_of(report)
    return Alike(report, None if position is None or other is None else round(metres_between(position, other)))


def position_of(report: Report) -> Position | None:
    """Its position, if it has one."""
    if report.latitude is None or report.longitude is None:
        return None
    return Position(report.latitude, report.longitude, report.accuracy_metres)


def merge(
    session: Session,
    who: Identity,
    report_id: UUID,
    into_id: UUID,
    expected_version: int | None,
    at: datetime,
) -> Report:
    """The report is the same as `into_id`, which goes on; everybody who follows this one follows that one.

    Returns the one that goes on. Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `NotTheSame`.
    """
    first, second = sorted([report_id, into_id])  # always locked in one order
    if first == second:
        raise NotTheSame()
    locked = {one: lock(session, one, expected_version if one == report_id else None) for one in (first, second)}
    report, into = locked[report_id], locked[into_id]
    check_triages(session, who, report)
    check_triages(session, who, into)
    if report.status not in MERGEABLE or into.status in OVER or report.community_id != into.community_id:
        raise NotTheSame()
    forget_request(session, report, at)
    report.move(ReportStatus.MERGED)
    clocks.stop(session, report, at)
    report.closed_at, report.merged_into_id = at, into.id
    append(session, report, Said("merged", body_of(who, into=into.reference)), at, actor_of(who))
    count = news.move_followers(session, report, into, at)
    append(session, into, Said("followed", body_of(who, merged=report.reference, followers=count)), at, actor_of(who))
    return into
