"""Pages of a list that grows while it is read: each begins after the last row's key, never at a row number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")
Key = TypeVar("Key")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row, Key]):
    """Rows, and the key after which the next page begins (None: this is the last)."""

    rows: tuple[Row, ...]
    next: Key | None


def cut(found: Sequence[Found], limit: int, key: Callable[[Found], Key]) -> tuple[Sequence[Found], Key | None]:
    """The first `limit` of up to `limit + 1` rows, and the key of the last one where more follow."""
    if len(found) <= limit:
        return found, None
    return found[:limit], key(found[limit - 1])
