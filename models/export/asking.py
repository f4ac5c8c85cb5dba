"""Asking for exports, looking how far they are, and fetching their files."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.base import uuid7
from models.errors import NotFound, RuleBroken
from models.export.authority import check_may_open
from models.export.building import check_still_may
from models.export.kinds import KINDS, Narrowing
from models.export.tables import KEPT, Export, ExportForm, ExportKind, ExportStatus
from models.officer import Identity, Officer
from models.staffing import check_is_administrator
from models.views.paging import Page, cut
from models.words import N_

MOST_WAITING = 5  # of one officer
SHORTEST_REASON = 10  # characters
LONGEST_REASON = 500
EXPORTS_A_PAGE = 100


class ReasonTooShort(RuleBroken):
    """Opened identities without a reason that a reviewer understands."""

    sentence = N_(
        "Say why you need whole names, phones and plates, in at least {least} characters. The reason goes in the record."
    )
    status = 422


class NoIdentitiesThere(RuleBroken):
    """Only the list of riders has names, phones and plates."""

    sentence = N_("Whole identities stand in the list of riders only. Take that out, or leave them masked.")
    status = 422


class TooManyExports(RuleBroken):
    """Enough is being built for this officer."""

    sentence = N_("You have {most} exports on their way already. Wait for one of them to be ready.")
    status = 429


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an officer asks for."""

    kind: ExportKind
    form: ExportForm
    filters: Narrowing
    is_full: bool = False
    reason: str = ""


def ask(session: Session, who: Identity, wanted: Wanted, at: datetime) -> UUID:
    """Have a list taken out in the next round; returns the export's id.

    Raises `NoIdentitiesThere`, `ReasonTooShort`, `IdentitiesNotYours`, `TooManyExports`, and what the list's own
    authority says (`NotFound`, `NotAllowed`, `TakeHatOff`, `NoneNamed`, `TooManyNamed`).
    """
    listing, reason = KINDS[wanted.kind], wanted.reason.strip()[:LONGEST_REASON]
    listing.may_ask(session, who, wanted.filters)
    if wanted.is_full:
        if not listing.has_identities:
            raise NoIdentitiesThere()
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
        filters=listing.kept(wanted.filters),
        is_full=wanted.is_full,
        reason=reason if wanted.is_full else "",
        language=who.language,
        wake_at=at,
        created_at=at,
        expires_at=at + KEPT,
    )
    session.add(made)
    session.flush()
    return made.id


def exports_of(
    session: Session,
    who: Identity,
    at: datetime,
    *,
    of_everybody: bool = False,
    after: UUID | None = None,
    limit: int = EXPORTS_A_PAGE,
) -> Page[tuple[Export, str], UUID]:
    """The officer's exports that are not over, newest first, with the officer's name.

    `of_everybody`: an administrator sees everybody's, and whole identities for good: who took them out, when and why.
    Raises `NotAllowed`, `TakeHatOff`.
    """
    query = select(Export, Officer.name).join(Officer, Export.officer_id == Officer.id)
    if of_everybody:
        check_is_administrator(who)
        query = query.where(or_(Export.expires_at > at, Export.is_full))
    else:
        query = query.where(Export.expires_at > at, Export.officer_id == who.officer_id)
    if after is not None:
        query = query.where(Export.id < after)
    found = session.execute(query.order_by(Export.id.desc()).limit(limit + 1)).all()
    shown, following = cut([(export, name) for export, name in found], limit, lambda row: row[0].id)
    return Page(tuple(shown), following)


def ready_export(session: Session, who: Identity, export_id: UUID, at: datetime) -> Export:
    """An export of this officer's whose file is there. Raises `NotFound`; nobody downloads another's."""
    found = export_of(session, who, export_id)
    is_same_hat = (found.organisation_id, found.deputy_for) == (who.organisation_id, who.deputy_for)
    if found.status is not ExportStatus.DONE or at >= found.expires_at or not is_same_hat:
        raise NotFound()
    check_still_may(session, who, found)
    return found


def export_of(session: Session, who: Identity, export_id: UUID) -> Export:
    """An export of this officer's. Raises `NotFound`."""
    found = session.get(Export, export_id)
    if found is None or found.officer_id != who.officer_id:
        raise NotFound()
    return found
