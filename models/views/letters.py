"""The letters in the local mailbox that an officer may read: one's own; the district's administrators read all.

Letters that open an account are another matter: outside a demo nobody but their officer reads them here, since whoever
reads one can take the account. (Who runs the machine finds them as files in the state folder.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.mailbox import PILOT, PROVIDER, Message, read_letter
from models.matter import Matter
from models.notice.tables import KEYS, Letter, Notice, NoticeStatus
from models.officer import Identity, Officer
from models.views.paging import Page, cut

LETTERS_A_PAGE = 50


def letters_for(
    session: Session,
    who: Identity,
    folder: Path,
    before: UUID | None = None,
    limit: int = LETTERS_A_PAGE,
    *,
    is_demo: bool,
) -> Page[Message, UUID]:
    """The letters, the newest notice first; with `before`, those older than that notice's. Deleted files are left out."""
    query = select(Notice.id).where(Notice.provider.in_((PROVIDER, PILOT))).order_by(Notice.id.desc()).limit(limit + 1)
    if not who.is_administrator:
        query = query.where(Notice.officer_id == who.officer_id)
    elif not is_demo:
        query = query.where(or_(Notice.officer_id == who.officer_id, Notice.letter.not_in(KEYS)))
    if before is not None:
        query = query.where(Notice.id < before)
    ids, following = cut(session.scalars(query).all(), limit, lambda one: one)
    return Page(tuple(_read(folder, ids)), following)


def letter_for(session: Session, who: Identity, folder: Path, notice_id: UUID, *, is_demo: bool) -> Message:
    """One letter. Raises `NotFound`, also for what is somebody else's."""
    notice = session.get(Notice, notice_id)
    if notice is None:
        raise NotFound()
    is_open = who.is_administrator and (is_demo or notice.letter not in KEYS)
    if not is_open and notice.officer_id != who.officer_id:
        raise NotFound()
    return read_letter(folder, notice_id)


def _read(folder: Path, ids: Sequence[UUID]) -> list[Message]:
    found: list[Message] = []
    for one in ids:
        try:
            found.append(read_letter(folder, one))
        except NotFound:
            continue
    return found


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """That a letter was due to somebody, and what became of it. `reference`: of the matter, where it is about one."""

    created_at: datetime
    letter: Letter
    matter_id: UUID | None
    reference: str | None
    officer: str
    email: str
    status: NoticeStatus
    sent_at: datetime | None


def notices_for(session: Session, who: Identity, before: UUID | None, limit: int) -> Page[NoticeRow, UUID]:
    """The letters to `who`, to everybody for an administrator, the newest first; with `before`, those older than that."""
    query = (
        select(Notice, Matter.reference, Officer.name, Officer.email)
        .join(Officer, Officer.id == Notice.officer_id)
        .outerjoin(Matter, Matter.id == Notice.matter_id)
        .order_by(Notice.id.desc())
        .limit(limit + 1)
    )
    if not who.is_administrator:
        query = query.where(Notice.officer_id == who.officer_id)
    if before is not None:
        query = query.where(Notice.id < before)
    found, following = cut(session.execute(query).all(), limit, lambda row: row[0].id)
    rows = tuple(
        NoticeRow(one.created_at, one.letter, one.matter_id, reference, officer, email, one.status, one.sent_at)
        for one, reference, officer, email in found
    )
    return Page(rows, following)
