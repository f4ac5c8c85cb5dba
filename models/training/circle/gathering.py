"""What the circle is computed from, out of the database and the district's file: points, targets, and today's ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import SHANGHAI
from models.district import Compound, Organisation
from models.protocol.schema import Party, Title
from models.training.circle.coverage import Moment, Point, PointKind, Target
from models.training.circle.ways import Straight, Ways, vectors
from models.training.ruling import CircleRules
from models.training.tables import Site


@dataclass(frozen=True, slots=True)
class Ground:
    """The district as the circle sees it. `names`: of the communities, by id."""

    points: Sequence[Point]
    targets: Sequence[Target]
    names: dict[str, Title]


def gather(session: Session, rules: CircleRules, district_id: UUID) -> Ground:
    """All points and targets that have a position, by code, the same order at every reading."""
    communities = session.scalars(
        select(Organisation)
        .where(Organisation.district_id == district_id, Organisation.party == Party.COMMUNITY)
        .order_by(Organisation.code)
    ).all()
    points = [*_centres(communities), *_compounds(session, district_id)]
    names = {str(one.id): one.name for one in communities}
    return Ground([*points, *_bases(rules, points)], _targets(session, district_id), names)


def moment_of(at: datetime) -> Moment:
    """The time of the week in Shanghai."""
    local = at.astimezone(SHANGHAI)
    return Moment(local.isoweekday(), local.hour * 60 + local.minute)


def ways_of(rules: CircleRules, state_dir: Path, extract: Path | None) -> Ways:
    """The road graph where the district has given an extract and it has been prepared, else the straight line."""
    if extract is None:
        return Straight(rules.detour)
    from models.training.circle.roads import kept_roads  # noqa: PLC0415 - 46 MB of libraries, where roads are given

    return kept_roads(roads_folder(state_dir), extract, rules.detour) or Straight(rules.detour)


def roads_folder(state_dir: Path) -> Path:
    """Where graphs are kept."""
    return state_dir / "roads"


def _centres(communities: Sequence[Organisation]) -> list[Point]:
    return [
        Point(f"community:{one.id}", PointKind.CENTRE, one.name, str(one.id), (one.latitude, one.longitude))
        for one in communities
        if one.latitude is not None and one.longitude is not None
    ]


def _compounds(session: Session, district_id: UUID) -> list[Point]:
    listed = session.scalars(select(Compound).where(Compound.district_id == district_id).order_by(Compound.code))
    return [
        Point(f"compound:{one.id}", PointKind.COMPOUND, one.name, str(one.community_id), (one.latitude, one.longitude))
        for one in listed
        if one.latitude is not None and one.longitude is not None
    ]


def _bases(rules: CircleRules, near: Sequence[Point]) -> list[Point]:
    """The rider bases of the district's file; each belongs to the community whose nearest point is nearest."""
    if not rules.bases or not near:
        return []
    there = vectors([one.spot for one in near])
    points: list[Point] = []
    for place, base in enumerate(rules.bases):
        spot = (base.latitude, base.longitude)
        beside = int(np.argmin(np.linalg.norm(there - vectors([spot]), axis=1)))
        points.append(Point(f"base:{place}", PointKind.BASE, base.title.title, near[beside].community, spot))
    return points


def _targets(session: Session, district_id: UUID) -> list[Target]:
    query = select(Site).where(Site.district_id == district_id, Site.is_open).order_by(Site.code)
    return [
        Target(
            str(one.id),
            Title(one.name_zh, one.name_en),
            (one.latitude, one.longitude),
            tuple((int(day), int(first), int(last)) for day, first, last in one.hours),
        )
        for one in session.scalars(query)
    ]
