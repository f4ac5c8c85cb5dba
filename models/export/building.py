"""Building exports: due ones are taken, told how far they are, finished or put back, and forgotten after a day."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.district import Organisation
from models.errors import NotFound, RuleBroken
from models.export.authority import check_may_open
from models.export.kinds import KINDS
from models.export.tables import KEPT, Export, ExportStatus
from models.officer import Identity, get_officer
from models.words import N_

LEASE = timedelta(minutes=2)  # of a builder; each figure of progress renews it
MOST_TRIES = 3


class BuiltElsewhere(RuleBroken):
    """A builder that was thought dead: another one has taken its place."""

    sentence = N_("Another process builds this export now.")


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


def file_of(state_dir: Path, export: Export) -> Path:
    """Its file. Raises `NotFound`."""
    path = folder_under(state_dir) / export.file_name
    if not path.is_file():
        raise NotFound()
    return path


def who_asked(session: Session, export: Export) -> Identity:
    """Whose authority counts while it is built: the officer's of now. Raises what `ask` raises of authority."""
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
    check_still_may(session, who, export)
    return who


def check_still_may(session: Session, who: Identity, export: Export) -> None:
    """Whether `who` may have at this moment what was asked for then. Raises what `ask` raises of authority."""
    listing = KINDS[export.kind]
    listing.may_ask(session, who, listing.read(export.filters))
    if export.is_full:
        check_may_open(who)
