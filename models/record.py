"""The record 记录 of a matter: append-only, each entry carrying the SHA-256 of the one before (decision 10)."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Uuid, bindparam, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base
from models.prepared import run, table

GENESIS = "0" * 64


class ChainLink:
    """What every entry of a chain says, whatever the chain is about.

    `officer_id` is None for what the system or a rider did; `run` names the Prefect run of an automatic act.
    """

    kind: Mapped[str]
    at: Mapped[datetime]
    officer_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None]
    run: Mapped[str | None]
    body: Mapped[dict[str, Any]]
    hash: Mapped[str]


class RecordEntry(ChainLink, Base):
    """One act on a matter."""

    __tablename__ = "record_entry"
    __table_args__ = ({"sqlite_with_rowid": False},)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)  # from 1, without gaps


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an officer for an organisation, or the system in a Prefect run."""

    officer_id: UUID | None = None
    organisation_id: UUID | None = None
    run: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: how many entries it has, and the hash of the last."""

    count: int = 0
    hash: str = GENESIS


_APPEND = insert(table(RecordEntry))


def chained(
    subject_id: UUID,
    head: Head,
    kind: str,
    at: datetime,
    actor: Actor,
    body: dict[str, Any],
    subject: str = "matter_id",
) -> dict[str, Any]:
    """The row that follows `head`, with its hash over everything it says and over the hash before it.

    `subject`: the column that names what the chain is about.
    """
    row: dict[str, Any] = {
        subject: subject_id,
        "position": head.count + 1,
        "kind": kind,
        "at": at.astimezone(UTC),
        "officer_id": actor.officer_id,
        "organisation_id": actor.organisation_id,
        "run": actor.run,
        "body": body,
    }
    row["hash"] = hash_of(row, head.hash)
    return row


def hash_of(row: dict[str, Any], before: str) -> str:
    """SHA-256 in hex over the canonical JSON (sorted keys, UTF-8, no spaces) of the entry and the hash before it."""
    plain = {name: str(value) if isinstance(value, UUID) else value for name, value in row.items() if name != "hash"}
    plain["at"] = row["at"].isoformat()
    text = json.dumps([before, plain], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def append_rows(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows made by `chained`. A second writer of the same position fails on the primary key."""
    for row in rows:
        run(session, _APPEND, row)


# The type is said: the column has its own only once the table it points to is known.
_MATTER = bindparam("matter", type_=Uuid())
_ENTRIES = select(RecordEntry).where(RecordEntry.matter_id == _MATTER).order_by(RecordEntry.position)


def entries(session: Session, matter_id: UUID) -> Sequence[RecordEntry]:
    """The record of a matter from its beginning."""
    return session.scalars(_ENTRIES, {"matter": matter_id}).all()


def first_broken(chain: Iterable[Any], subject: str = "matter_id") -> int | None:
    """The position of the first entry that was altered, is missing or is out of order; None for a sound chain.

    `chain`: `ChainLink`s with a position, in order; `subject`: the column that names what they are about.
    """
    head = Head()
    for entry in chain:
        row = {
            name: getattr(entry, name)
            for name in (subject, "position", "kind", "at", "officer_id", "organisation_id", "run", "body")
        }
        if entry.position != head.count + 1 or entry.hash != hash_of(row, head.hash):
            return head.count + 1
        head = Head(entry.position, entry.hash)
    return None
