"""The optional photo of a rider on a line of a filing."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import matter as matters
from models.errors import NotAllowed, NotFound, RuleBroken, check_version
from models.filing.tables import FilingLine
from models.matter import Act, MatterStatus, visible
from models.officer import Identity, acting_body, check_may_act
from models.record import Actor
from models.words import N_

OVER = {MatterStatus.AGREED, MatterStatus.REFUSED}


class FilingIsOver(RuleBroken):
    """A concluded filing takes no more photos."""

    sentence = N_("This filing is concluded, so its riders' photos can no longer be changed.")


def add_photo(
    session: Session,
    who: Identity,
    matter_id: UUID,
    number: int,
    digest: str,
    expected_version: int | None,
    at: datetime,
) -> int:
    """Give line `number` the photo of that digest, in place of an older one. Returns the filing's new version.

    Raises `NotFound`, `NotAllowed` (only the filer's company), `ChangedMeanwhile`, `FilingIsOver`.
    """
    visible(session, matter_id, who)
    matter = matters.lock(session, matter_id)
    line = check_photo_place(session, who, matter_id, number)
    check_version(matter.version, expected_version)
    if line.photo != digest:
        line.photo = digest
        body = {"line": number, "photo": digest} | acting_body(who)
        matters.append(session, matter, Act("photo_added", body), at, Actor(who.officer_id, who.organisation_id))
    return matter.version


def check_photo_place(session: Session, who: Identity, matter_id: UUID, number: int) -> FilingLine:
    """The line, where `who` may give it a photo now. Raises `OnlyReads`, `NotFound`, `NotAllowed`, `FilingIsOver`."""
    check_may_act(who)
    matter = visible(session, matter_id, who)
    if matter.organisation_id != who.organisation_id:
        raise NotAllowed()
    if matter.status in OVER:
        raise FilingIsOver()
    return _line(session, matter_id, number)


def photo_of(session: Session, who: Identity, matter_id: UUID, number: int) -> str:
    """The digest of a line's photo, for those who may read the filing. Raises `NotFound`."""
    visible(session, matter_id, who)
    digest = _line(session, matter_id, number).photo
    if digest is None:
        raise NotFound()
    return digest


def _line(session: Session, matter_id: UUID, number: int) -> FilingLine:
    query = select(FilingLine).where(FilingLine.matter_id == matter_id, FilingLine.number == number)
    line = session.scalars(query).first()
    if line is None:
        raise NotFound()
    return line
