"""Reports on a map: for officers with their place, for everybody without people.

The public sees category, place and what became of it: no words, no photos, no exact spot inside a compound, nothing of
categories that the district keeps private.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from models.district import Compound, Organisation
from models.protocol.schema import Title
from models.report.categories import ReportRules
from models.report.places import Box
from models.report.tables import Report, ReportStatus
from models.views.naming import organisation_names
from models.views.report_lists import title_of

MOST = 500  # points of one answer: more than that nobody tells apart on a map
GONE = (ReportStatus.MERGED, ReportStatus.WITHDRAWN, ReportStatus.DECLINED)
SHOWN = (
    Report.reference,
    Report.category,
    Report.status,
    Report.compound_id,
    Report.community_id,
    Report.shown_latitude,
    Report.shown_longitude,
    Report.reported_at,
    Report.updated_at,
    Report.closed_at,
    Report.due_at,
)  # a row of these costs a tenth of a whole report


@dataclass(frozen=True, slots=True)
class Point:
    """A report as the public sees it. Position in WGS84 degrees: the compound's middle, or rounded to 100 m; may lack."""

    reference: str
    category: str
    title: Title
    status: ReportStatus
    place: Title
    community_id: UUID
    latitude: float | None
    longitude: float | None
    reported_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    due_at: datetime | None


def public_points(
    session: Session,
    rules: ReportRules,
    district_id: UUID,
    box: Box | None,
    since: datetime,
    most: int = MOST,
    category: str | None = None,
) -> list[Point]:
    """What was reported since an instant and is shown in a box, the newest first; at most `most`."""
    query = select(*SHOWN).where(
        Report.district_id == district_id,
        Report.is_private.is_(False),
        Report.status.not_in(GONE),
        Report.reported_at >= since,
    )
    if category is not None:
        query = query.where(Report.category == category)
    if box is not None:  # by what is shown: the exact position could be asked out of it, bit by bit
        query = query.where(
            Report.shown_latitude.between(box.south, box.north), Report.shown_longitude.between(box.west, box.east)
        )
    found = session.execute(query.order_by(Report.reported_at.desc()).limit(most)).all()
    return points_of(session, rules, found)


def points_of(
    session: Session, rules: ReportRules, reports: Sequence[Report] | Sequence[Row[*tuple[Any, ...]]]
) -> list[Point]:
    """These reports, or rows of what is `SHOWN` of them, as the public sees them."""
    communities = organisation_names(session, {one.community_id for one in reports})
    compounds = {
        one.id: one
        for one in session.scalars(
            select(Compound).where(Compound.id.in_({one.compound_id for one in reports if one.compound_id}))
        )
    }
    points: list[Point] = []
    for one in reports:
        compound = compounds.get(one.compound_id) if one.compound_id else None
        points.append(
            Point(
                one.reference,
                one.category,
                title_of(rules, one.category),
                one.status,
                compound.name if compound else communities[one.community_id],
                one.community_id,
                one.shown_latitude,
                one.shown_longitude,
                one.reported_at,
                one.updated_at,
                one.closed_at,
                one.due_at,
            )
        )
    return points


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """How much was reported in a place and settled."""

    place: Title
    reported: int
    settled: int


def public_counts(session: Session, district_id: UUID, at: datetime, days: int = 30) -> list[PlaceCount]:
    """By community, of the last `days`, those with most first. Counts only: no people."""
    query = (
        select(
            Report.community_id,
            func.count(),
            func.count(Report.closed_at),
        )
        .where(
            Report.district_id == district_id,
            Report.reported_at >= at - timedelta(days=days),
            Report.status.not_in(GONE),
        )
        .group_by(Report.community_id)
    )
    found = session.execute(query).all()
    names = organisation_names(session, [row[0] for row in found])
    counted = [PlaceCount(names[row[0]], row[1], row[2]) for row in found]
    return sorted(counted, key=lambda one: (-one.reported, one.place.zh))


@dataclass(frozen=True, slots=True)
class GroundView:
    """A compound or community with its position, for choosing on the map."""

    id: UUID
    kind: str  # "compound" or "community"
    name: Title
    latitude: float
    longitude: float


def grounds(session: Session, district_id: UUID) -> list[GroundView]:
    """Every compound and community that has a position."""
    listed: list[GroundView] = []
    for kind, table in (("community", Organisation), ("compound", Compound)):
        query = select(table).where(table.district_id == district_id, table.latitude.is_not(None))
        listed += [
            GroundView(one.id, kind, one.name, one.latitude, one.longitude)
            for one in session.scalars(query.order_by(table.code))
            if one.latitude is not None and one.longitude is not None
        ]
    return listed
