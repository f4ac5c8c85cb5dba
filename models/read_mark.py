"""Reading marks: up to which version an officer has read a matter. Nobody else sees them; the record has 已阅 of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base
from models.matter import Matter, visible
from models.officer import Identity
from models.upserting import insert_into


class ReadMark(Base):
    """The version of a matter that an officer has had before them."""

    __tablename__ = "read_mark"
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey(Matter.id), primary_key=True)
    version: Mapped[int]
    at: Mapped[datetime]


def mark_read(session: Session, who: Identity, matter_id: UUID, version: int, at: datetime) -> None:
    """The officer has had `version` of the matter before them: what was done since then stays unread.

    An older page that arrives late takes nothing back. Raises `NotFound`.
    """
    visible(session, matter_id, who)
    query = insert_into(session, ReadMark).values(
        officer_id=who.officer_id, matter_id=matter_id, version=version, at=at
    )
    session.execute(
        query.on_conflict_do_update(
            index_elements=["officer_id", "matter_id"],
            set_={"version": version, "at": at},
            where=ReadMark.version < version,
        )
    )


def versions_read(session: Session, officer_id: UUID, matter_ids: Sequence[UUID]) -> Mapping[UUID, int]:
    """The version of each of these matters that the officer has read; those never read are left out."""
    query = select(ReadMark.matter_id, ReadMark.version).where(
        ReadMark.officer_id == officer_id, ReadMark.matter_id.in_(matter_ids)
    )
    return dict(session.execute(query).all())


def is_unread(session: Session, officer_id: UUID, matter: Matter) -> bool:
    """Whether the matter has changed since the officer read it, or was never read."""
    mark = session.get(ReadMark, (officer_id, matter.id))
    return mark is None or mark.version < matter.version
