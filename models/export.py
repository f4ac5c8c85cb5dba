"""Exports: lists taken out as a workbook or as CSV. Asked by an officer, built in a round, kept for a day.

`wake_at` is alarm and lease at once: who builds one moves it ahead, and a builder that dies leaves it due again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, delete, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, move, uuid7
from models.district import Organisation
from models.errors import NotFound, RuleBroken
from models.matter import MatterStatus, ReaderWay
from models.officer import Identity, Officer, Role, get_officer
from models.protocol.schema import Party
from models.views.matters import Filters
from models.words import N_

LEASE = timedelta(minutes=2)  # of a builder; each figure of progress renews it
KEPT = timedelta(hours=24)
MOST_TRIES = 3
MOST_WAITING = 5  # of one officer
SHORTEST_REASON = 10  # characters
LONGEST_REASON = 500


class ExportKind(StrEnum):
    """What is taken out."""

    WAITING = "waiting"  # 待办
    ANSWERED = "answered"  # 已办
    FILINGS = "filings"
    RIDERS = "riders"  # every line of the filings


class ExportForm(StrEnum):
    """As what."""

    XLSX = "xlsx"
    CSV = "csv"


class ExportStatus(StrEnum):
    """Where an export stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


MOVES: dict[ExportStatus, frozenset[ExportStatus]] = {
    ExportStatus.WAITING: frozenset({ExportStatus.RUNNING}),
    ExportStatus.RUNNING: frozenset({ExportStatus.RUNNING, ExportStatus.DONE, ExportStatus.FAILED}),
    ExportStatus.DONE: frozenset(),
    ExportStatus.FAILED: frozenset(),
}


class ReasonTooShort(RuleBroken):
    """Opened identities without a reason that a reviewer understands."""

    sentence = N_(
        "Say why you need whole names, phones and plates, in at least {least} characters. The reason goes in the record."
    )
    status = 422


class IdentitiesNotYours(RuleBroken):
    """Whole identities are for those who answer for them."""

    sentence = N_("Whole identities are taken out by managers only, and by property companies for their own filings.")
    status = 403


class TooManyExports(RuleBroken):
    """Enough is being built for this officer."""

    sentence = N_("You have {most} exports on their way already. Wait for one of them to be ready.")
    status = 429


class BuiltElsewhere(RuleBroken):
    """A builder that was thought dead: another one has taken its place."""

    sentence = N_("Another process builds this export now.")


class Export(Base):
    """One list taken out. `rows_done`: how many are written so far. The file is there from `DONE` until `expires_at`."""

    __tablename__ = "export"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    deputy_for: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    kind: Mapped[ExportKind]
    form: Mapped[ExportForm]
    filters: Mapped[dict[str, Any]]
    is_full: Mapped[bool]
    reason: Mapped[str]
    language: Mapped[str]
    status: Mapped[ExportStatus] = mapped_column(default=ExportStatus.WAITING)
    rows_done: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None]
    wake_at: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    def move(self, to: ExportStatus) -> None:
        """Move to `to`. Raises `IllegalMove` where `MOVES` has no such way."""
        self.status = move("export", MOVES, self.status, to)

    @property
    def file_name(self) -> str:
        """The name of its file under the folder of exports, and of the download."""
        return f"{self.kind.value}-{self.id}.{self.form.value}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an officer asks for."""

    kind: ExportKind
    form: ExportForm
    filters: Filters
    is_full: bool = False
    reason: str = ""


def ask(session: Session, who: Identity, wanted: Wanted, at: datetime) -> UUID:
    """Have a list taken out in the next round; returns the export's id.

    Raises `ReasonTooShort`, `IdentitiesNotYours`, `TooManyExports`.
    """
    reason = wanted.reason.strip()[:LONGEST_REASON]
    if wanted.is_full:
        check_may_open(who)
        if len(reason) < SHORTEST_REASON:
            raise ReasonTooShort(least=SHORTEST_REASON)
    under_way = select(func.count()).where(Export.officer_id == who.officer_id, Export.wake_at.is_not(None))
    if session.scalars(under_way).one() >= MOST_WAITING:
        raise TooManyExports(most=MOST_WAITING)
    made = Export(
        id=uuid7(),
        officer_id=who.officer_id,
        organisation_id=who.organisation_id,
        deputy_for=who.deputy_for,
        kind=wanted.kind,
        form=wanted.form,
        filters=filters_data(wanted.filters),
        is_full=wanted.is_full,
        reason=reason if wanted.is_full else "",
        language=who.language,
        wake_at=at,
        created_at=at,
        expires_at=at + KEPT,
    )
    session.add(made)
    return made.id


def check_may_open(who: Identity) -> None:
    """Raises `IdentitiesNotYours` for those who `may_open` says no of."""
    if not may_open(who):
        raise IdentitiesNotYours()


def may_open(who: Identity) -> bool:
    """Whether whole identities are for `who`: managers, administrators, and property companies (for their own filings)."""
    return _opens_all(who) or (who.party is Party.PROPERTY and who.role is not Role.READER)


def _opens_all(who: Identity) -> bool:
    """Whether they are for `who` in every filing that `who` may read."""
    return who.is_administrator or who.role is Role.MANAGER


def opened_filters(who: Identity, filters: Filters) -> Filters:
    """The filters of a list with whole identities: an officer of a property company sees those it filed itself."""
    if _opens_all(who):
        return filters
    return replace(filters, organisation_id=who.organisation_id)


def is_due(session: Session, at: datetime) -> bool:
    """Whether any export is due at `at`."""
    return session.execute(select(Export.id).where(Export.wake_at <= at).limit(1)).first() is not None


def claim(session: Session, at: datetime) -> UUID | None:
    """Take the oldest due export for building; until `LEASE` has passed nobody else takes it."""
    query = select(Export).where(Export.wake_at <= at).order_by(Export.wake_at).limit(1)
    found = session.scalars(query.with_for_update(skip_locked=True)).first()
    if found is None:
        return None
    found.move(ExportStatus.RUNNING)
    found.tries += 1
    found.rows_done, found.wake_at = 0, at + LEASE
    return found.id


def _of_this_build(session: Session, export_id: UUID, build: int) -> Export:
    """The export, where `build` (the number of its try) is still the one that counts. Raises `BuiltElsewhere`."""
    found = session.get_one(Export, export_id, with_for_update=True)
    if found.tries != build or found.status is not ExportStatus.RUNNING:
        raise BuiltElsewhere()
    return found


def progress(session: Session, export_id: UUID, build: int, rows_done: int, at: datetime) -> None:
    """So many rows are written, and the builder lives. Raises `BuiltElsewhere`."""
    found = _of_this_build(session, export_id, build)
    found.rows_done, found.wake_at = rows_done, at + LEASE


def finish(session: Session, export_id: UUID, build: int, rows_done: int, at: datetime) -> None:
    """The file is there, until a day from now. Raises `BuiltElsewhere`."""
    found = _of_this_build(session, export_id, build)
    found.move(ExportStatus.DONE)
    found.rows_done, found.wake_at, found.trouble = rows_done, None, None
    found.finished_at, found.expires_at = at, at + KEPT


def put_back(session: Session, export_id: UUID, trouble: str, at: datetime) -> bool:
    """It will be built again in a minute, or is given up after the last try. Returns whether it was given up."""
    found = session.get_one(Export, export_id, with_for_update=True)
    found.trouble = trouble
    if found.tries >= MOST_TRIES:
        found.move(ExportStatus.FAILED)
        found.wake_at = None
        return True
    found.wake_at = at + timedelta(minutes=1)
    return False


def who_asked(session: Session, export: Export) -> Identity:
    """Whose authority counts while it is built: the officer's of now. Raises `IdentitiesNotYours`, `NotFound`."""
    officer = get_officer(session, export.officer_id)
    acting = get_officer(session, export.deputy_for) if export.deputy_for else officer
    if not officer.is_active or acting.organisation_id != export.organisation_id:
        raise NotFound()
    organisation = session.get_one(Organisation, export.organisation_id)
    is_administrator = officer.is_administrator and export.deputy_for is None
    who = Identity(
        officer.id,
        organisation.id,
        organisation.party,
        is_administrator,
        export.language,
        acting.role,
        export.deputy_for,
    )
    if export.is_full:
        check_may_open(who)
    return who


def exports_of(session: Session, who: Identity, at: datetime) -> Sequence[tuple[Export, str]]:
    """The officer's exports that are not over, newest first, with the officer's name.

    An administrator sees everybody's, and whole identities for good: who took them out, when and why.
    """
    query = select(Export, Officer.name).join(Officer, Export.officer_id == Officer.id)
    if who.is_administrator:
        query = query.where(or_(Export.expires_at > at, Export.is_full))
    else:
        query = query.where(Export.expires_at > at, Export.officer_id == who.officer_id)
    return [(export, name) for export, name in session.execute(query.order_by(Export.id.desc()).limit(100))]


def ready_export(session: Session, who: Identity, export_id: UUID, at: datetime) -> Export:
    """An export of this officer's whose file is there. Raises `NotFound`; nobody downloads another's."""
    found = export_of(session, who, export_id)
    is_same_hat = (found.organisation_id, found.deputy_for) == (who.organisation_id, who.deputy_for)
    if found.status is not ExportStatus.DONE or at >= found.expires_at or not is_same_hat:
        raise NotFound()
    if found.is_full:
        check_may_open(who)
    return found


def export_of(session: Session, who: Identity, export_id: UUID) -> Export:
    """An export of this officer's. Raises `NotFound`."""
    found = session.get(Export, export_id)
    if found is None or found.officer_id != who.officer_id:
        raise NotFound()
    return found


def purge(session: Session, folder: Path, at: datetime) -> int:
    """Forget exports whose day is over, and their files. Returns how many.

    The rows with whole identities stay, as the list of who took what out and why; their files go.
    """
    over = session.scalars(select(Export).where(Export.expires_at <= at)).all()
    for one in over:
        (folder / one.file_name).unlink(missing_ok=True)
    gone = delete(Export).where(Export.expires_at <= at, Export.is_full.is_(False)).returning(Export.id)
    return len(session.scalars(gone).all())


def folder_under(state_dir: Path) -> Path:
    """Where the files lie, for the owner's eyes only."""
    folder = state_dir / "exports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def filters_data(filters: Filters) -> dict[str, Any]:
    """JSON-able form of filters."""
    return {
        "statuses": sorted(status.value for status in filters.statuses),
        "compound_id": str(filters.compound_id) if filters.compound_id else None,
        "awaited": filters.awaited.value if filters.awaited else None,
        "organisation_id": str(filters.organisation_id) if filters.organisation_id else None,
        "way": filters.way.value if filters.way else None,
        "due_from": filters.due_from.isoformat() if filters.due_from else None,
        "due_until": filters.due_until.isoformat() if filters.due_until else None,
        "officer_id": str(filters.officer_id) if filters.officer_id else None,
    }


def filters_from(data: dict[str, Any]) -> Filters:
    """The filters of that form."""
    return Filters(
        statuses=frozenset(MatterStatus(one) for one in data["statuses"]),
        compound_id=UUID(data["compound_id"]) if data["compound_id"] else None,
        awaited=Party(data["awaited"]) if data["awaited"] else None,
        organisation_id=UUID(data["organisation_id"]) if data["organisation_id"] else None,
        way=ReaderWay(data["way"]) if data["way"] else None,
        due_from=datetime.fromisoformat(data["due_from"]) if data["due_from"] else None,
        due_until=datetime.fromisoformat(data["due_until"]) if data["due_until"] else None,
        officer_id=UUID(data["officer_id"]) if data["officer_id"] else None,
    )
