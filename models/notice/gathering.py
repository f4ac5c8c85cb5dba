"""Gathering notices: what waited for an officer leaves as one letter, without what nobody needs any more.

The first notice is the letter's; the others are carried by it, for good: a letter that is put back is sent again as the
same one. What asks for an opinion on a seat that no longer waits for one is left out (`CANCELLED`), and so is an
invitation or a reminder that a later reminder of the same seat repeats.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from models.consultation.tables import Seat, SeatStatus
from models.district import Organisation
from models.notice.tables import Letter, Notice, NoticeStatus
from models.officer import Officer

MOST = 60  # notices in one letter: mail programs cut off what is longer
ASKS = frozenset({Letter.INVITATION, Letter.REMINDER, Letter.HANDED, Letter.ADVICE})  # for the opinion on a seat
REPEATED = frozenset({Letter.INVITATION, Letter.REMINDER})  # by a later reminder of the same seat


def gather(session: Session, at: datetime, size: int) -> None:
    """Make letters of what waits to be gathered and is due at `at`, for up to `size` officers.

    One worker gathers for an officer at a time: the officer's row is locked, and one that another has is passed over.
    """
    waiting = and_(Notice.is_gathered, Notice.wake_at <= at)
    found = session.scalars(select(Notice.officer_id).where(waiting).distinct().limit(size)).all()
    if not found:
        return
    officers = select(Officer.id).where(Officer.id.in_(found)).order_by(Officer.id)
    mine = session.scalars(officers.with_for_update(key_share=True, skip_locked=True)).all()
    notices = _of(session, mine, waiting)
    settled = settled_seats(session, _asked(notices))
    for _, listed in groupby(notices, key=lambda one: one.officer_id):
        _form(list(listed), settled, at)


def _of(session: Session, officer_ids: Sequence[UUID], waiting: ColumnElement[bool]) -> Sequence[Notice]:
    query = select(Notice).where(Notice.officer_id.in_(officer_ids), waiting)
    return session.scalars(query.order_by(Notice.officer_id, Notice.id).with_for_update()).all()


def _form(listed: Sequence[Notice], settled: frozenset[UUID], at: datetime) -> None:
    """Letters of one officer's notices, the oldest first; what is not needed any more is cancelled."""
    reminded = {one.seat_id: one.id for one in listed if one.letter is Letter.REMINDER}
    needed = [one for one in listed if not is_settled(one, settled) and not _is_repeated(one, reminded)]
    for notice in listed:
        notice.is_gathered = False
        if notice not in needed:
            notice.move(NoticeStatus.CANCELLED, at)
            notice.wake_at = None
    for start in range(0, len(needed), MOST):
        first, *others = needed[start : start + MOST]
        for one in others:
            one.carried_by_id = first.id


def _is_repeated(notice: Notice, reminded: Mapping[UUID | None, UUID]) -> bool:
    latest = reminded.get(notice.seat_id) if notice.seat_id else None
    return notice.letter in REPEATED and latest is not None and notice.id != latest


def is_settled(notice: Notice, settled: frozenset[UUID]) -> bool:
    """Whether it asks for what is no longer asked."""
    return notice.letter in ASKS and notice.seat_id in settled


def _asked(notices: Sequence[Notice]) -> set[UUID]:
    return {one.seat_id for one in notices if one.seat_id and one.letter in ASKS}


def settled_seats(session: Session, seats: set[UUID]) -> frozenset[UUID]:
    """Those of these seats that wait for no opinion."""
    if not seats:
        return frozenset()
    query = select(Seat.id).where(Seat.id.in_(seats), Seat.status != SeatStatus.ASKED)
    return frozenset(session.scalars(query))


def carried_by(session: Session, first: Sequence[Notice]) -> dict[UUID, list[Notice]]:
    """What each of these letters tells besides its own notice, the oldest first, locked."""
    query = select(Notice).where(Notice.carried_by_id.in_([one.id for one in first])).order_by(Notice.id)
    found: dict[UUID, list[Notice]] = {}
    for one in session.scalars(query.with_for_update()):
        assert one.carried_by_id is not None
        found.setdefault(one.carried_by_id, []).append(one)
    return found


def digest_facts(session: Session, digests: Mapping[UUID, Sequence[Notice]]) -> dict[UUID, dict[str, Any]]:
    """What each letter of several says; `digests` are the notices of each by its first one's id."""
    settled = settled_seats(session, _asked([one for listed in digests.values() for one in listed]))
    homes = _homes(session, {listed[0].officer_id for listed in digests.values()})
    return {
        key: {
            "organisation": homes[listed[0].officer_id],
            "told": [
                {"letter": one.letter.value, "facts": one.facts, "is_settled": is_settled(one, settled)}
                for one in listed
            ],
        }
        for key, listed in digests.items()
    }


def _homes(session: Session, officer_ids: set[UUID]) -> dict[UUID, dict[str, str]]:
    """The names of the officers' organisations in both languages."""
    query = select(Officer.id, Organisation).join(Organisation, Organisation.id == Officer.organisation_id)
    rows = session.execute(query.where(Officer.id.in_(officer_ids)))
    return {officer_id: {"zh": one.name_zh, "en": one.name_en} for officer_id, one in rows}
