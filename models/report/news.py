"""Followers of a report: those who reported it or one like it, and what they have not seen yet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from models.base import uuid7
from models.errors import NotFound
from models.report.tables import Follower, Report
from models.upserting import insert_new


def follow(
    session: Session,
    report: Report,
    phone_id: UUID | None,
    rider_id: UUID | None,
    at: datetime,
    *,
    is_reporter: bool = False,
) -> None:
    """Tell this rider, or this phone where nobody is known on it, what becomes of the report. Once is enough."""
    if phone_id is None and rider_id is None:
        return
    row = {
        "id": uuid7(),
        "report_id": report.id,
        "phone_id": None if rider_id else phone_id,
        "rider_id": rider_id,
        "is_reporter": is_reporter,
        "seen": report.told if is_reporter else 0,
        "since": at,
    }
    insert_new(session, Follower, [row])


def mine(phone_id: UUID | None, rider_id: UUID | None) -> ColumnElement[bool]:
    """Whether a follower's row is of this phone or this rider."""
    return (Follower.phone_id == phone_id) if rider_id is None else (Follower.rider_id == rider_id)


def follower_of(session: Session, report_id: UUID, phone_id: UUID | None, rider_id: UUID | None) -> Follower:
    """The follower's row. Raises `NotFound`: whoever does not follow a report may not read it."""
    query = select(Follower).where(Follower.report_id == report_id, mine(phone_id, rider_id))
    found = session.scalars(query).first()
    if found is None:
        raise NotFound()
    return found


def mark_seen(session: Session, report_id: UUID, phone_id: UUID | None, rider_id: UUID | None) -> None:
    """Everything that the report has told so far was seen on this phone."""
    follower = follower_of(session, report_id, phone_id, rider_id)
    follower.seen = session.get_one(Report, report_id).told


def count_unseen(session: Session, phone_id: UUID | None, rider_id: UUID | None) -> int:
    """How many reports have news for this phone or rider."""
    query = select(func.count()).select_from(Follower).join(Report, Report.id == Follower.report_id)
    return session.execute(query.where(mine(phone_id, rider_id), Report.told > Follower.seen)).scalar_one()


def join_rider(session: Session, phone_id: UUID, rider_id: UUID) -> None:
    """What was reported from a phone before its rider was known is the rider's from now on."""
    own = select(Follower.report_id).where(Follower.rider_id == rider_id)
    session.execute(
        update(Follower)
        .where(Follower.phone_id == phone_id, Follower.report_id.not_in(own))
        .values(phone_id=None, rider_id=rider_id)
    )
    session.execute(
        update(Report).where(Report.phone_id == phone_id, Report.rider_id.is_(None)).values(rider_id=rider_id)
    )


def move_followers(session: Session, merged: Report, into: Report, at: datetime) -> int:
    """Everybody who follows `merged` follows `into` as well. Returns how many there are."""
    listed = session.scalars(select(Follower).where(Follower.report_id == merged.id)).all()
    for one in listed:
        follow(session, into, one.phone_id, one.rider_id, at, is_reporter=one.is_reporter)
    return len(listed)
