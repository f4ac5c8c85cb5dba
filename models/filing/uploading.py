"""Uploading a workbook in two steps: it is kept and previewed, then filed.

The file itself is kept sealed for a day. Reading a workbook takes up to seconds, so it is done before the transaction
that writes; what others filed meanwhile is looked at again in that transaction.
"""

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models import district as districts
from models.base import Base, uuid7
from models.clock import local_date
from models.crypto import Vault
from models.database import Database
from models.district import Organisation
from models.errors import NotFound, RuleBroken
from models.filing.covering import Covering, look_up
from models.filing.previewing import Preview, preview_of
from models.filing.ruling import current_rules
from models.filing.submitting import Submission, Submitted, check_places, find_same, submit
from models.officer import Identity, check_may_act
from models.rider_rules import RiderLine
from models.words import N_, Sentence
from models.workbook import Roster, mark_roster, read_roster
from models.workbook.marking import Translate

KEPT = timedelta(hours=24)
OPENED = "opened-"  # begins the name of a file that is open for reading, unsealed, for seconds
ALREADY_FILED = N_("Filed already: {reference}. This row is not filed again.")


class PeriodHalf(RuleBroken):
    """A default period needs both ends, in order."""

    sentence = N_("For the period, give both days, the first before the last, or leave both out.")
    status = 422


class UploadGone(RuleBroken):
    """The file was kept for a day and is deleted."""

    sentence = N_("This upload is no longer kept. Upload the file again.")
    status = 410


class RowsWrong(RuleBroken):
    """All or nothing, and some rows are wrong."""

    sentence = N_("{wrong} of {total} rows are wrong, so nothing was filed. Correct them, or file only the right rows.")
    status = 422


class NoRowRight(RuleBroken):
    """Every row has a fault."""

    sentence = N_("No row of this list is right, so nothing was filed. Correct the marked cells and upload it again.")
    status = 422


class EverythingFiledAlready(RuleBroken):
    """Live filings cover every right row."""

    sentence = N_("Every right row of this list is filed already ({reference}), so there is nothing left to file.")


class ImportMode(StrEnum):
    """What to do with a list that has wrong rows."""

    ALL_OR_NOTHING = "all_or_nothing"
    ONLY_RIGHT = "only_right"


def period_of(starts_on: date | None, ends_on: date | None) -> tuple[date, date] | None:
    """What fills the dates that rows do not have; both days are inclusive. Raises `PeriodHalf`."""
    if starts_on is None and ends_on is None:
        return None
    if starts_on is None or ends_on is None or ends_on < starts_on:
        raise PeriodHalf()
    return starts_on, ends_on


class Upload(Base):
    """A kept workbook; the file lies sealed under its id. `matter_id`: what it was filed as."""

    __tablename__ = "upload"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    digest: Mapped[str]  # SHA-256 of the file
    starts_on: Mapped[date | None]  # fills dates that rows do not have; inclusive
    ends_on: Mapped[date | None]
    compound_ids: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)
    matter_id: Mapped[UUID | None] = mapped_column(ForeignKey("matter.id"))

    @property
    def period(self) -> tuple[date, date] | None:
        """What fills dates that rows do not have."""
        return (self.starts_on, self.ends_on) if self.starts_on and self.ends_on else None

    @property
    def compounds(self) -> tuple[UUID, ...]:
        """The compounds that the list is for."""
        return tuple(UUID(one) for one in self.compound_ids)


def keep(
    database: Database,
    who: Identity,
    vault: Vault,
    folder: Path,
    path: Path,
    compound_ids: Sequence[UUID],
    period: tuple[date, date] | None,
    at: datetime,
) -> UUID:
    """Keep the workbook at `path` sealed in `folder`, once it has proved to be a readable list.

    Raises `OnlyReads`, and what `check_places` and `models.workbook.read_roster` raise. The file at `path` stays the caller's.
    """
    check_may_act(who)
    with database.reading() as session:
        check_places(session, who, compound_ids)
    roster = read_roster(path, current_rules(period), local_date(at))
    starts_on, ends_on = period or (None, None)
    upload = Upload(
        id=uuid7(),
        officer_id=who.officer_id,
        organisation_id=who.organisation_id,
        digest=roster.digest,
        starts_on=starts_on,
        ends_on=ends_on,
        compound_ids=sorted({str(one) for one in compound_ids}),
        created_at=at,
    )
    kept_id = upload.id
    _seal(vault, folder / str(kept_id), path.read_bytes(), at)
    database.write(_add, upload)  # a file whose row is missing is deleted with the others
    return kept_id


def preview(session: Session, who: Identity, vault: Vault, folder: Path, upload_id: UUID, at: datetime) -> Preview:
    """Each row of the list and what would become of it. Raises `NotFound`, `UploadGone`."""
    upload = _find(session, who, upload_id, at)
    roster = _read(vault, folder, upload, at)
    covering = _cover(session, vault, upload, _lines(roster))
    return preview_of(upload.id, districts.compounds(session, upload.compounds), upload.period, roster, covering)


def import_upload(
    database: Database, who: Identity, vault: Vault, folder: Path, upload_id: UUID, mode: ImportMode, at: datetime
) -> Submitted:
    """File the right rows that no live filing covers. The same file for the same compounds is filed once.

    Raises `NotFound`, `UploadGone`, `RowsWrong` (all or nothing), `NoRowRight`, `EverythingFiledAlready`, and what
    `submit` raises.
    """
    with database.reading() as session:
        upload = _find(session, who, upload_id, at)
    roster = _read(vault, folder, upload, at)
    return database.write(_import, who, vault, upload.id, roster, mode, at)


def marked(
    session: Session,
    who: Identity,
    vault: Vault,
    folder: Path,
    upload_id: UUID,
    translate: Translate,
    at: datetime,
) -> bytes:
    """The workbook with its wrong cells marked and the reasons beside them. Raises `NotFound`, `UploadGone`."""
    upload = _find(session, who, upload_id, at)
    roster = _read(vault, folder, upload, at)
    already = _cover(session, vault, upload, _lines(roster)).already
    extra = {
        row.row: Sentence(ALREADY_FILED, {"reference": already[row.line.phone]})
        for row in roster.good
        if row.line and row.line.phone in already
    }
    with _opened(vault, folder, upload.id) as path:
        return mark_roster(path, roster, translate, extra)


def purge(session: Session, folder: Path, at: datetime) -> int:
    """Delete what is older than a day: rows, sealed files, and what a crash left open. Returns how many rows."""
    limit = at - KEPT
    gone = session.scalars(delete(Upload).where(Upload.created_at <= limit).returning(Upload.id)).all()
    for upload_id in gone:
        (folder / str(upload_id)).unlink(missing_ok=True)
    for path in folder.glob("*"):
        with suppress(FileNotFoundError):  # closed by its reader meanwhile
            if path.stat().st_mtime <= limit.timestamp():
                path.unlink()
    return len(gone)


def _add(session: Session, upload: Upload) -> None:
    session.add(upload)


def _find(session: Session, who: Identity, upload_id: UUID, at: datetime) -> Upload:
    """The upload, where it is the organisation's own and still kept."""
    query = select(Upload).where(Upload.id == upload_id, Upload.organisation_id == who.organisation_id)
    found = session.scalars(query).first()
    if found is None:
        raise NotFound()
    if at >= found.created_at + KEPT:
        raise UploadGone()
    return found


def _import(
    session: Session, who: Identity, vault: Vault, upload_id: UUID, roster: Roster, mode: ImportMode, at: datetime
) -> Submitted:
    _queue_up(session, who.organisation_id)
    upload = session.get_one(Upload, upload_id)
    offered = Submission(upload.compounds, _lines(roster), source_digest=upload.digest, source_period=upload.period)
    submitted = find_same(session, who, offered)
    if submitted is None:
        if mode is ImportMode.ALL_OR_NOTHING and roster.wrong:
            raise RowsWrong(wrong=len(roster.wrong), total=len(roster.rows))
        fresh = _fresh(session, vault, upload, offered.lines)
        submitted = submit(session, who, vault, replace(offered, lines=fresh), at)
    upload.matter_id = submitted.matter_id
    return submitted


def _queue_up(session: Session, organisation_id: UUID) -> None:
    """One import of a company after the other: two lists that name the same rider would both find the rider unfiled.

    Compounds have one company, so others need not wait; nor do rows that merely refer to the company (NO KEY).
    """
    session.get_one(Organisation, organisation_id, with_for_update={"key_share": True})


def _fresh(session: Session, vault: Vault, upload: Upload, lines: Sequence[RiderLine]) -> tuple[RiderLine, ...]:
    """The lines that no live filing covers."""
    if not lines:
        raise NoRowRight()
    already = _cover(session, vault, upload, lines).already
    fresh = tuple(line for line in lines if line.phone not in already)
    if not fresh:
        raise EverythingFiledAlready(reference="、".join(sorted(set(already.values()))))
    return fresh


def _cover(session: Session, vault: Vault, upload: Upload, lines: Sequence[RiderLine]) -> Covering:
    district_id = districts.get_organisation(session, upload.organisation_id).district_id
    return look_up(session, vault, upload.organisation_id, district_id, upload.compounds, lines)


def _lines(roster: Roster) -> tuple[RiderLine, ...]:
    return tuple(row.line for row in roster.good if row.line)


def _read(vault: Vault, folder: Path, upload: Upload, at: datetime) -> Roster:
    with _opened(vault, folder, upload.id) as path:
        return read_roster(path, current_rules(upload.period), local_date(at))


def _seal(vault: Vault, path: Path, plain: bytes, at: datetime) -> None:
    """Write the sealed file, dated `at`: `purge` goes by it where the row is missing."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(vault.seal_bytes(plain))
    os.utime(path, (at.timestamp(), at.timestamp()))


@contextmanager
def _opened(vault: Vault, folder: Path, upload_id: UUID) -> Generator[Path]:
    """The plain file for as long as it is read; only this account may read it."""
    try:
        sealed = (folder / str(upload_id)).read_bytes()
    except FileNotFoundError as error:
        raise UploadGone() from error
    with NamedTemporaryFile(dir=folder, prefix=OPENED, suffix=".xlsx") as file:
        file.write(vault.open_bytes(sealed))
        file.flush()
        yield Path(file.name)
