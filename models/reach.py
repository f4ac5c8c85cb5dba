"""Who can be reached in an organisation: its officers, deputies of those who are away, else the organisation above.

An organisation in which nobody can act on a letter has a gap. What is meant for it goes up its line to the nearest
organisation without one, and where even the lead department has one, to the district's administrators: never into
nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.deputy import Absence, deputies_now
from models.district import Organisation
from models.officer import Officer, Role, officers_of

AHEAD = timedelta(days=14)  # how far gaps to come are looked for


class Gap(StrEnum):
    """Why nobody of an organisation can act on a letter."""

    EMPTY = "empty"  # no officer whose role is more than reading
    AWAY = "away"  # all are away, and so are their deputies, or they have left
    UNDELIVERABLE = "undeliverable"  # letters to those who are there come back


@dataclass(frozen=True, slots=True)
class Reached:
    """Who gets the letters of an organisation: its own active officers, and the deputies who are not among them."""

    officers: tuple[Officer, ...]
    deputies: tuple[Officer, ...]
    gap: Gap | None


def reach(session: Session, organisation_id: UUID, at: datetime) -> Reached:
    """Who is reached in one organisation at `at`."""
    return reach_all(session, [organisation_id], at)[organisation_id]


def reach_all(session: Session, organisation_ids: Collection[UUID], at: datetime) -> dict[UUID, Reached]:
    """The same for many, in as many queries as for one."""
    if not organisation_ids:
        return {}
    by_organisation: dict[UUID, list[Officer]] = defaultdict(list)
    for officer in officers_of(session, list(organisation_ids)):
        by_organisation[officer.organisation_id].append(officer)
    everybody = [one for listed in by_organisation.values() for one in listed]
    standing_in = deputies_now(session, [one.id for one in everybody], at)
    return {one: _reached(by_organisation.get(one, []), standing_in) for one in organisation_ids}


def _reached(officers: Sequence[Officer], standing_in: Mapping[UUID, Sequence[Officer]]) -> Reached:
    own = {one.id for one in officers}
    deputies = {one.id: one for officer in officers for one in standing_in.get(officer.id, ()) if one.id not in own}
    acting = [one for one in officers if one.role is not Role.READER]
    there = [one for officer in acting for one in standing_in.get(officer.id, (officer,))]
    return Reached(tuple(officers), tuple(deputies.values()), _gap(acting, there))


def _gap(acting: Sequence[Officer], there: Sequence[Officer]) -> Gap | None:
    if not acting:
        return Gap.EMPTY
    if not there:
        return Gap.AWAY
    return Gap.UNDELIVERABLE if all(one.mail_failed_at is not None for one in there) else None


def nearest_above(session: Session, organisation: Organisation, at: datetime) -> Organisation | None:
    """The nearest organisation up the line in which somebody can be reached; None where there is none."""
    passed = {organisation.id}
    above = organisation
    while above.parent_id is not None and above.parent_id not in passed:
        above = session.get_one(Organisation, above.parent_id)
        passed.add(above.id)
        if reach(session, above.id, at).gap is None:
            return above
    return None


def administrators(session: Session, district_id: UUID) -> Sequence[Officer]:
    """The district's active administrators."""
    query = select(Officer).join(Organisation, Officer.organisation_id == Organisation.id)
    query = query.where(Organisation.district_id == district_id, Officer.is_active, Officer.is_administrator)
    return session.scalars(query.order_by(Officer.id)).all()


@dataclass(frozen=True, slots=True)
class GapSeen:
    """A gap of one organisation: there at `since`, which lies ahead where it is still to come."""

    organisation_id: UUID
    gap: Gap
    since: datetime


def gaps(session: Session, organisation_ids: Iterable[UUID], at: datetime, ahead: timedelta = AHEAD) -> list[GapSeen]:
    """The gaps that there are at `at`, and those that open until `ahead` later, each organisation once.

    Who is there changes for the worse only where an absence begins, so those instants are looked at.
    """
    wanted = set(organisation_ids)
    starts = select(Absence.starts_at).where(
        Absence.cancelled_at.is_(None), Absence.starts_at > at, Absence.starts_at <= at + ahead
    )
    found: dict[UUID, GapSeen] = {}
    for instant in [at, *sorted(set(session.scalars(starts)))]:
        left = wanted - found.keys()
        for one, reached in reach_all(session, left, instant).items():
            if reached.gap is not None:
                found[one] = GapSeen(one, reached.gap, instant)
    return sorted(found.values(), key=lambda one: (one.since, one.organisation_id))
