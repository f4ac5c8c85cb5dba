"""Saved filters: what an officer often looks for, under a name of their own."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, uuid7
from models.errors import NotFound, RuleBroken
from models.officer import Identity
from models.words import N_

MOST = 20
LONGEST_NAME = 40
LONGEST_QUERY = 500


class FilterUnnamed(RuleBroken):
    """A filter without a name cannot be found again."""

    sentence = N_("Give the filter a name of at most {longest} characters.")
    status = 422


class TooManyFilters(RuleBroken):
    """More than anybody looks through."""

    sentence = N_("You have {most} saved filters already. Delete one first.")


class SavedFilter(Base):
    """`query`: what stands after the question mark of the list's address; `page` is the list's path."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("officer_id", "name"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    name: Mapped[str]
    page: Mapped[str]
    query: Mapped[str]
    created_at: Mapped[datetime]


def save_filter(session: Session, who: Identity, name: str, page: str, query: str, at: datetime) -> UUID:
    """Keep a filter, in place of an older one of that name. Raises `FilterUnnamed`, `TooManyFilters`."""
    plain = " ".join(name.split())
    if not 0 < len(plain) <= LONGEST_NAME or len(query) > LONGEST_QUERY:
        raise FilterUnnamed(longest=LONGEST_NAME)
    mine = {one.name: one for one in filters_of(session, who)}
    if plain in mine:
        mine[plain].page, mine[plain].query = page, query
        return mine[plain].id
    if len(mine) >= MOST:
        raise TooManyFilters(most=MOST)
    kept = SavedFilter(id=uuid7(), officer_id=who.officer_id, name=plain, page=page, query=query, created_at=at)
    session.add(kept)
    return kept.id


def filters_of(session: Session, who: Identity) -> Sequence[SavedFilter]:
    """The officer's filters by name."""
    query = select(SavedFilter).where(SavedFilter.officer_id == who.officer_id).order_by(SavedFilter.name)
    return session.scalars(query).all()


def delete_filter(session: Session, who: Identity, filter_id: UUID) -> None:
    """Forget one. Raises `NotFound` for another's."""
    found = session.get(SavedFilter, filter_id)
    if found is None or found.officer_id != who.officer_id:
        raise NotFound()
    session.delete(found)
