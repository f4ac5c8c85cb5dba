"""Writing into a report's record: every act is an entry, and its reporters are told of most of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, insert, select
from sqlalchemy.orm import Session

from models import record
from models.crypto import Vault
from models.errors import NotFound, RuleBroken, check_version
from models.officer import Identity, acting_body
from models.prepared import run, table
from models.record import Actor, Head
from models.report.tables import STATUS_AFTER, Report, ReportEntry, ReportStatus
from models.words import N_

SUBJECT = "report_id"
LONGEST_WORDS = 1000  # characters
TOLD = frozenset(STATUS_AFTER) | {"escalated", "followed", "rated", "whistled"}  # what reporters hear of

_APPEND = insert(table(ReportEntry))
_REPORT = bindparam("report", type_=Uuid())
_ENTRIES = select(ReportEntry).where(ReportEntry.report_id == _REPORT).order_by(ReportEntry.position)


class ReasonMissing(RuleBroken):
    """Whoever says no says why."""

    sentence = N_("Say why in a few words: the other side reads them.")
    status = 422


class WordsTooLong(RuleBroken):
    """A report is no essay."""

    sentence = N_("This is longer than {limit} characters. Shorten it.")
    status = 422


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was done to a report: the kind of entry, open facts, and words, which are sealed and erasable."""

    kind: str
    body: dict[str, Any] = field(default_factory=dict[str, Any])
    words: str = ""


def append(session: Session, report: Report, said: Said, at: datetime, actor: Actor, vault: Vault | None = None) -> int:
    """Write one entry into the record of `report`, which the caller holds locked. Returns its position.

    `vault` is needed where there are words: they are kept sealed, and the chain holds their digest.
    """
    body, sealed = dict(said.body), None
    if said.words:
        assert vault is not None
        body["words"] = words_digest(said.words)
        sealed = vault.seal(said.words)
    head = Head(report.record_count, report.record_hash)
    row = record.chained(report.id, head, said.kind, at, actor, body, SUBJECT)
    run(session, _APPEND, row | {"said_sealed": sealed})
    report.record_count, report.record_hash = row["position"], row["hash"]
    report.version += 1
    report.updated_at = at
    if said.kind in TOLD:
        report.told += 1
    return row["position"]


def words_digest(words: str) -> str:
    """SHA-256 in hex of what was said."""
    return hashlib.sha256(words.encode()).hexdigest()


def checked_words(words: str, *, is_needed: bool = True, longest: int = LONGEST_WORDS) -> str:
    """Words without blanks around them. Raises `ReasonMissing`, `WordsTooLong`."""
    plain = words.strip()
    if is_needed and not plain:
        raise ReasonMissing()
    if len(plain) > longest:
        raise WordsTooLong(limit=longest)
    return plain


def actor_of(who: Identity) -> Actor:
    """The officer as the record names one."""
    return Actor(who.officer_id, who.organisation_id)


def body_of(who: Identity, **facts: Any) -> dict[str, Any]:
    """The facts of an officer's act, with whose place a deputy took."""
    return {name: value for name, value in facts.items() if value is not None} | acting_body(who)


def entries(session: Session, report_id: UUID) -> Sequence[ReportEntry]:
    """The record of a report from its beginning."""
    return session.scalars(_ENTRIES, {"report": report_id}).all()


def fold(chain: Sequence[ReportEntry]) -> ReportStatus | None:
    """The status that the record tells. None for an empty record."""
    told = [STATUS_AFTER[entry.kind] for entry in chain if entry.kind in STATUS_AFTER]
    return told[-1] if told else None


def lock(session: Session, report_id: UUID, expected_version: int | None = None) -> Report:
    """The report, locked until the transaction ends. Raises `NotFound`, `ChangedMeanwhile`."""
    found = session.get(Report, report_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound()
    check_version(found.version, expected_version)
    return found


def by_reference(session: Session, reference: str) -> Report:
    """The report of that reference. Raises `NotFound`."""
    found = session.scalars(select(Report).where(Report.reference == reference)).first()
    if found is None:
        raise NotFound()
    return found
