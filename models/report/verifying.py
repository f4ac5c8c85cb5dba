"""Verifying reports: every chain is sound, the status is what the record tells, and words are those that were said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.crypto import Vault
from models.record import GENESIS, first_broken
from models.report.recording import SUBJECT, fold, words_digest
from models.report.tables import Report, ReportEntry
from models.verifying import CHAIN, HEAD, REMARK_ALTERED, STATUS, UNREADABLE
from models.words import Sentence

BATCH = 200  # reports in memory at once


@dataclass(slots=True)
class VerifiedReports:
    """How much was looked at, and what is broken, one sentence each."""

    reports: int = 0
    entries: int = 0
    broken: list[Sentence] = field(default_factory=list[Sentence])


def verify_reports(session: Session, vault: Vault) -> VerifiedReports:
    """Look at every report, `BATCH` of them at a time."""
    found = VerifiedReports()
    after: UUID | None = None
    while True:
        query = select(Report.id).order_by(Report.id).limit(BATCH)
        ids = session.scalars(query if after is None else query.where(Report.id > after)).all()
        if not ids:
            return found
        _verify(session, vault, ids, found)
        session.expunge_all()
        after = ids[-1]


def _verify(session: Session, vault: Vault, ids: Sequence[UUID], found: VerifiedReports) -> None:
    """A row that cannot even be read is found by looking at its batch one by one."""
    try:
        reports = session.scalars(select(Report).where(Report.id.in_(ids)).order_by(Report.id)).all()
        query = select(ReportEntry).where(ReportEntry.report_id.in_(ids))
        entries = session.scalars(query.order_by(ReportEntry.report_id, ReportEntry.position))
        chains = {key: list(same) for key, same in groupby(entries, key=lambda one: one.report_id)}
    except (ValueError, LookupError, TypeError):
        if len(ids) > 1:
            for one in ids:
                _verify(session, vault, [one], found)
        else:
            found.reports += 1
            found.broken.append(Sentence(UNREADABLE, {"reference": str(ids[0])}))
        return
    for report in reports:
        chain = chains.get(report.id, [])
        found.reports += 1
        found.entries += len(chain)
        found.broken += _check(report, chain, vault)


def _check(report: Report, chain: list[ReportEntry], vault: Vault) -> Iterator[Sentence]:
    reference: dict[str, object] = {"reference": report.reference}
    position = first_broken(chain, SUBJECT)
    if position is not None:
        yield Sentence(CHAIN, reference | {"position": position})
    head = (chain[-1].position, chain[-1].hash) if chain else (0, GENESIS)
    if head != (report.record_count, report.record_hash):
        yield Sentence(HEAD, {**reference})
    told = fold(chain)
    if told is not report.status:
        then = told.value if told else "–"
        yield Sentence(STATUS, reference | {"status": report.status.value, "told": then})
    for entry in chain:
        if entry.said_sealed is not None and not _is_said(entry, vault):
            yield Sentence(REMARK_ALTERED, reference | {"position": entry.position})


def _is_said(entry: ReportEntry, vault: Vault) -> bool:
    """Whether the sealed words are those whose digest the chain holds; erased words are nobody's any more."""
    assert entry.said_sealed is not None
    try:
        return words_digest(vault.open(entry.said_sealed)) == entry.body.get("words")
    except (InvalidTag, KeyError, ValueError):
        return False
