"""A letter that will never arrive: the next channel is tried, and the district's administrators are told.

They get one letter a day for each officer whose letters fail, with the number of them. Its own failure tells nobody:
a dead mailbox of an administrator's must not write to itself for ever.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.clock import local_date
from models.district import Organisation
from models.notice import writing
from models.notice.next_channel import pass_on
from models.notice.tables import Letter, Notice, NoticeStatus
from models.officer import Officer
from models.protocol.schema import Title

GATHERED = timedelta(minutes=15)  # failures come in swarms: a round's, or a post's of the provider


def fail(session: Session, notice: Notice, at: datetime) -> None:
    """The notice has just become a permanent failure."""
    if notice.letter is Letter.MAIL_FAILED:
        return
    pass_on(session, notice, at)
    _tell(session, session.get_one(Officer, notice.officer_id), at)


def _tell(session: Session, officer: Officer, at: datetime) -> None:
    """Write to the administrators, or count one more in their letters of today that have not left yet."""
    cause = f"{officer.id}:{local_date(at)}"
    administrators = _administrators(session, officer)
    keys = [f"{Letter.MAIL_FAILED}:{cause}:{one.id}" for one, _ in administrators]
    written = session.scalars(select(Notice).where(Notice.key.in_(keys)).with_for_update()).all()
    for notice in written:
        if notice.status is NoticeStatus.CREATED and notice.tries == 0:
            notice.facts = notice.facts | {"count": notice.facts["count"] + 1}
    told = {notice.officer_id for notice in written}
    failing = session.get_one(Organisation, officer.organisation_id)
    for administrator, own in administrators:
        if administrator.id not in told:
            facts = {"organisation": _titled(own.name), "failing": _titled(failing.name), "count": 1}
            writing.write(session, cause, None, Letter.MAIL_FAILED, facts, [administrator], at + GATHERED)


def _administrators(session: Session, but: Officer) -> list[tuple[Officer, Organisation]]:
    """Those whom a letter reaches, with their organisations."""
    query = (
        select(Officer, Organisation)
        .join(Organisation, Officer.organisation_id == Organisation.id)
        .where(Officer.is_administrator, Officer.is_active, Officer.mail_failed_at.is_(None), Officer.id != but.id)
        .order_by(Officer.id)
    )
    return [(officer, organisation) for officer, organisation in session.execute(query)]


def _titled(title: Title) -> dict[str, str]:
    return {"zh": title.zh, "en": title.en}
