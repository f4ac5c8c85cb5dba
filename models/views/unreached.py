"""Organisations in which nobody can be reached, now or soon, and what becomes of what is meant for them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.consultation.tables import Seat, SeatStatus
from models.district import Organisation
from models.officer import Identity
from models.protocol.schema import Party, Title
from models.reach import Gap, gaps, nearest_above
from models.staffing import check_is_administrator


@dataclass(frozen=True, slots=True)
class UnreachedRow:
    """One organisation. `since` lies ahead where the gap is still to come. `above`: who is asked and told instead.

    `above` None: the district's administrators are told. `waiting`: seats of it that are asked now.
    """

    organisation_id: UUID
    organisation: Title
    party: Party
    gap: Gap
    since: datetime
    is_to_come: bool
    above: Title | None
    waiting: int


def unreached_rows(session: Session, who: Identity, at: datetime) -> tuple[UnreachedRow, ...]:
    """All of the district, those that are there now first. Raises `NotAllowed`, `TakeHatOff`."""
    check_is_administrator(who)
    own = session.get_one(Organisation, who.organisation_id)
    query = select(Organisation).where(Organisation.district_id == own.district_id)
    organisations = {one.id: one for one in session.scalars(query)}
    found = gaps(session, organisations, at)
    waiting = _waiting(session, [one.organisation_id for one in found])
    rows = [
        UnreachedRow(
            organisation_id=one.organisation_id,
            organisation=organisations[one.organisation_id].name,
            party=organisations[one.organisation_id].party,
            gap=one.gap,
            since=one.since,
            is_to_come=one.since > at,
            above=above.name if (above := nearest_above(session, organisations[one.organisation_id], at)) else None,
            waiting=waiting.get(one.organisation_id, 0),
        )
        for one in found
    ]
    return tuple(sorted(rows, key=lambda row: (row.since, -row.waiting, row.organisation.zh)))


def _waiting(session: Session, organisation_ids: Collection[UUID]) -> Mapping[UUID, int]:
    query = select(Seat.organisation_id, func.count()).where(
        Seat.organisation_id.in_(organisation_ids), Seat.status == SeatStatus.ASKED
    )
    return dict(session.execute(query.group_by(Seat.organisation_id)).all())
