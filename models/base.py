"""What every table shares: the declarative base, UTC instants, time-ordered identifiers."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy import JSON, DateTime, Dialect, Enum, MetaData, String, TypeDecorator, Uuid, text
from sqlalchemy.orm import DeclarativeBase
from uuid_utils.compat import uuid7 as _uuid7

from models.errors import IllegalMove

Status = TypeVar("Status", bound=StrEnum)

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


_sources: list[Callable[[], UUID]] = [_uuid7]


def uuid7() -> UUID:
    """A new identifier; later ones sort after earlier ones (RFC 9562), so indexes grow at their end."""
    return _sources[-1]()


@contextmanager
def identifiers_from(source: Callable[[], UUID]) -> Generator[None]:
    """New identifiers of the whole process come from `source` meanwhile: for a simulation that can be repeated."""
    _sources.append(source)
    try:
        yield
    finally:
        _sources.pop()


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant in UTC. SQLite keeps no zone, so it is added on the way out; naive values are refused."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """With a zone where the database keeps one."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """On the way in: UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored instant needs its time zone")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the interface
        """On the way out: aware."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _values(kind: type[StrEnum]) -> list[str]:
    """Enums are stored as their values, which never change, and not as Python's names for them."""
    return [member.value for member in kind]


class Base(DeclarativeBase):
    """Declarative base: enums are stored as their values, JSON as text or jsonb, instants in UTC."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        UUID: Uuid(),
        str: String(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            create_constraint=False,
            length=32,
            values_callable=_values,
        ),
    }


def move(noun: str, moves: dict[Status, frozenset[Status]], now: Status, to: Status) -> Status:
    """Return `to` where the table `moves` has a way from `now`; raises `IllegalMove` otherwise."""
    if to not in moves[now]:
        raise IllegalMove(noun=noun, now=now.value, to=to.value)
    return to


def only_where(condition: str) -> dict[str, Any]:
    """Keywords of a partial index, said in both databases' words. A query must name the condition as it stands."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
