"""Telling a community that riders wait to be met: how many, never who.

Askings come in rushes, so a letter waits for an hour and counts what comes meanwhile; where everybody was met before
it has left, it does not leave. Whoever is above a community cannot meet its riders and is not told in its stead.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.district import get_organisation
from models.notice import writing
from models.notice.tables import Letter, Notice, NoticeStatus
from models.people.tables import Enrolment, EnrolmentStatus
from models.reach import reach

GATHERED = timedelta(hours=1)


def tell(session: Session, asked: Enrolment, at: datetime) -> None:
    """Write to the officers of the community and to their deputies, but to nobody in whose letter it is counted."""
    told = count_anew(session, asked.community_id, at)
    name = get_organisation(session, asked.community_id).name
    facts = {"organisation": {"zh": name.zh, "en": name.en}, "waiting": _waiting(session, asked.community_id)}
    reached, cause = reach(session, asked.community_id, at), f"{asked.community_id}:{asked.id}"
    for officers, more in ((reached.officers, {}), (reached.deputies, {"as_deputy": True})):
        left = [one for one in officers if one.id not in told]
        writing.write(session, cause, None, Letter.ENROLMENT_ASKED, facts | more, left, at + GATHERED)


def count_anew(session: Session, community_id: UUID, at: datetime) -> frozenset[UUID]:
    """Put right the number in letters that have not left, or cancel them where nobody waits.

    Returns the officers whose letters have not left.
    """
    session.flush()
    query = select(Notice).where(
        Notice.wake_at > at,
        Notice.status == NoticeStatus.CREATED,
        Notice.tries == 0,
        Notice.key.startswith(f"{Letter.ENROLMENT_ASKED}:{community_id}:"),
    )
    unsent = session.scalars(query.order_by(Notice.id).with_for_update()).all()
    waiting = _waiting(session, community_id) if unsent else 0
    for notice in unsent:
        notice.facts = notice.facts | {"waiting": waiting}
        if not waiting:
            notice.move(NoticeStatus.CANCELLED, at)
            notice.wake_at, notice.is_gathered = None, False
    return frozenset(one.officer_id for one in unsent)


def _waiting(session: Session, community_id: UUID) -> int:
    query = select(func.count()).where(
        Enrolment.community_id == community_id, Enrolment.status == EnrolmentStatus.ASKED
    )
    return session.execute(query).scalar_one()
