"""What an administrator does about letters that did not arrive: have one sent again, say that a mailbox is mended."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models.errors import NotFound
from models.notice.receiving import of_letters
from models.notice.tables import Notice, NoticeStatus
from models.officer import Identity, Officer
from models.staff_act import About, StaffActKind, write_act
from models.staffing import check_is_administrator, managed


def send_again(session: Session, who: Identity, notice_id: UUID, at: datetime) -> None:
    """Try a letter anew of which every try failed; the second of two clicks finds it on its way.

    Raises `NotFound`, `NotAllowed`, `TakeHatOff`.
    """
    check_is_administrator(who)
    asked = session.get(Notice, notice_id)
    if asked is None:
        raise NotFound()
    letter_id = asked.carried_by_id or asked.id
    stuck = [one for one in of_letters(session, [letter_id])[letter_id] if one.status is NoticeStatus.TECHNICAL_FAILURE]
    for notice in stuck:
        notice.move(NoticeStatus.CREATED, at)
        notice.tries, notice.trouble, notice.unclear_at = 0, None, None
        notice.wake_at = at if notice.id == letter_id else None
    if stuck:
        officer = session.get_one(Officer, asked.officer_id)
        about = About(officer.organisation_id, officer.id, details={"letter": asked.letter.value})
        write_act(session, who.officer_id, StaffActKind.LETTER_SENT_AGAIN, about, at)


def mend_mailbox(session: Session, who: Identity, officer_id: UUID, at: datetime) -> None:
    """Letters to this officer arrive again. Raises `NotFound`, `NotAllowed`, `TakeHatOff`."""
    check_is_administrator(who)
    officer = managed(session, who, officer_id)
    if officer.mail_failed_at is not None:
        officer.find_mailbox(at)
        about = About(officer.organisation_id, officer.id)
        write_act(session, who.officer_id, StaffActKind.MAILBOX_MENDED, about, at)
