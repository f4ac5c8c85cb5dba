"""Pages of a list that grows while it is read: each begins after the last row's key, never at a row number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, TypeVarTuple

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

MOST_COUNTED = 999  # a tab says "999+" beyond: nobody counts further, and the database need not either

Columns = TypeVarTuple("Columns")
Row = TypeVar("Row")
Key = TypeVar("Key")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Turn(Generic[Key]):
    """Where a page begins: `after` a key, `before` one (read backwards), or at the beginning of the list."""

    after: Key | None = None
    before: Key | None = None
    limit: int = 50

    @property
    def is_back(self) -> bool:
        """Whether the list is walked backwards."""
        return self.before is not None


@dataclass(frozen=True, slots=True)
class Page(Generic[Row, Key]):
    """Rows, and the key after which the next page begins (None: this is the last); `previous`: before which the last did."""

    rows: tuple[Row, ...]
    next: Key | None
    previous: Key | None = None


def walked(
    query: Select[*Columns], by: Any, own_id: Any, turn: Turn[tuple[Any, Any]], *, is_newest_first: bool
) -> Select[*Columns]:
    """Ordered by the column `by`, an instant, and by the row's id, from the turn's key on, in the turn's direction."""
    is_down = is_newest_first is not turn.is_back
    key = turn.before or turn.after
    if key is not None:
        instant, row_id = key
        beyond = by < instant if is_down else by > instant
        beside = own_id < row_id if is_down else own_id > row_id
        query = query.where(or_(beyond, and_(by == instant, beside)))
    order = (by.desc(), own_id.desc()) if is_down else (by, own_id)
    return query.order_by(*order).limit(turn.limit + 1)


def count_some(session: Session, walked: Select[Any]) -> int:
    """How many rows a query has, at most `MOST_COUNTED` + 1."""
    some = walked.limit(MOST_COUNTED + 1).subquery()
    return session.scalars(select(func.count()).select_from(some)).one()


def cut(found: Sequence[Found], limit: int, key: Callable[[Found], Key]) -> tuple[Sequence[Found], Key | None]:
    """The first `limit` of up to `limit + 1` rows, and the key of the last one where more follow."""
    if len(found) <= limit:
        return found, None
    return found[:limit], key(found[limit - 1])


def turned(
    found: Sequence[Found], turn: Turn[Key], key: Callable[[Found], Key]
) -> tuple[Sequence[Found], Key | None, Key | None]:
    """The rows of a page in the list's order, and the keys of the next and of the previous page.

    `found` are up to `limit + 1` rows in the order in which they were walked.
    """
    rows = found[: turn.limit]
    has_more = len(found) > turn.limit
    if turn.is_back:
        rows = rows[::-1]
        return rows, (key(rows[-1]) if rows else None), (key(rows[0]) if has_more else None)
    previous = key(rows[0]) if rows and turn.after is not None else None
    return rows, (key(rows[-1]) if has_more else None), previous
