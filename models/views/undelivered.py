"""Letters that did not arrive, and mailboxes that take none, for the district's administrators."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models.district import Organisation
from models.matter import Matter
from models.notice.tables import FAILED, Letter, Notice, NoticeStatus
from models.officer import Identity, Officer
from models.protocol.schema import Title
from models.staffing import check_is_administrator
from models.views.paging import Page, cut

LETTERS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class UndeliveredRow:
    """One letter. `reference`: of its matter, empty where it belongs to none. `at`: since when it has failed."""

    id: UUID
    letter: Letter
    status: NoticeStatus
    officer: str
    organisation: Title
    reference: str
    at: datetime
    trouble: str

    @property
    def may_go_again(self) -> bool:
        """Whether sending it again makes sense: nobody has said that it will never arrive."""
        return self.status is NoticeStatus.TECHNICAL_FAILURE


@dataclass(frozen=True, slots=True)
class MailboxRow:
    """An officer whose mailbox takes no letters. `at`: the newest that did not arrive."""

    officer_id: UUID
    officer: str
    organisation: Title
    email: str
    at: datetime
    trouble: str


def undelivered(
    session: Session, who: Identity, before: UUID | None = None, limit: int = LETTERS_A_PAGE
) -> Page[UndeliveredRow, UUID]:
    """Letters to officers at work that failed, the newest first. Raises `NotAllowed`, `TakeHatOff`."""
    check_is_administrator(who)
    query = (
        select(Notice, Officer.name, Organisation, Matter.reference)
        .join(Officer, Officer.id == Notice.officer_id)
        .join(Organisation, Organisation.id == Officer.organisation_id)
        .outerjoin(Matter, Matter.id == Notice.matter_id)
        .where(text(f"notice.{FAILED}"), Officer.is_active)  # as its partial index has it
        .order_by(Notice.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(Notice.id < before)
    rows = [
        UndeliveredRow(
            one.id,
            one.letter,
            one.status,
            officer,
            organisation.name,
            reference or "",
            one.moved_at or one.created_at,
            one.trouble or "",
        )
        for one, officer, organisation, reference in session.execute(query)
    ]
    shown, following = cut(rows, limit, lambda one: one.id)
    return Page(tuple(shown), following)


def dead_mailboxes(session: Session, who: Identity) -> tuple[MailboxRow, ...]:
    """Those of officers at work, the newest failure first. Raises `NotAllowed`, `TakeHatOff`."""
    check_is_administrator(who)
    query = (
        select(Officer, Organisation)
        .join(Organisation, Organisation.id == Officer.organisation_id)
        .where(Officer.mail_failed_at.is_not(None), Officer.is_active)
        .order_by(Officer.mail_failed_at.desc(), Officer.id)
    )
    return tuple(
        MailboxRow(one.id, one.name, organisation.name, one.email, one.mail_failed_at, one.mail_trouble or "")
        for one, organisation in session.execute(query)
        if one.mail_failed_at is not None
    )
