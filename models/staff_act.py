"""What was done about organisations, officers and deputies: who, what, whom, when. Rows are never changed.

No personal data beyond the ids of officers; a page looks their names up. `details` hold codes, counts and days.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, or_, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from models.base import Base, uuid7
from models.district import Organisation
from models.errors import NotAllowed, RuleBroken
from models.officer import Identity, Officer, Role
from models.protocol.schema import Title
from models.views.paging import Page, cut
from models.words import N_

ACTS_A_PAGE = 50


class TakeHatOff(RuleBroken):
    """A deputy acts on matters, not on people."""

    sentence = N_("You act for a colleague now. Go back to your own name first: looking after people is not deputised.")
    status = 403


class StaffActKind(StrEnum):
    """What was done."""

    ORGANISATION_ADDED = "organisation_added"
    ORGANISATION_CHANGED = "organisation_changed"
    OFFICER_INVITED = "officer_invited"
    OFFICER_CHANGED = "officer_changed"
    OFFICER_DEACTIVATED = "officer_deactivated"
    OFFICER_REACTIVATED = "officer_reactivated"
    SECOND_FACTOR_RESET = "second_factor_reset"
    LINK_SENT = "link_sent"
    PASSWORD_SET_BY_LINK = "password_set_by_link"  # noqa: S105 (a kind of act, no secret)
    SINGLE_SIGN_ON_LINKED = "single_sign_on_linked"
    DEPUTY_APPOINTED = "deputy_appointed"
    ABSENCE_CANCELLED = "absence_cancelled"
    SEATS_HANDED_OVER = "seats_handed_over"
    ROOM_ADDED = "room_added"
    ROOM_SWITCHED_OFF = "room_switched_off"
    ROOM_SWITCHED_ON = "room_switched_on"


class StaffAct(Base):
    """One act of `actor_id` about an officer (`officer_id`), for whom it involves another (`other_id`)."""

    __tablename__ = "staff_act"
    __table_args__ = (Index("ix_staff_act_organisation", "organisation_id", "id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    kind: Mapped[StaffActKind]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    other_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    details: Mapped[dict[str, Any]]
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class About:
    """Whom an act is about: an organisation, an officer of it, and another officer (a deputy, a successor)."""

    organisation_id: UUID
    officer_id: UUID | None = None
    other_id: UUID | None = None
    details: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class StaffActView:
    """One line of the log. Names are empty where nobody is meant."""

    id: UUID
    at: datetime
    kind: StaffActKind
    actor: str
    organisation: Title
    officer: str
    other: str
    details: dict[str, Any]


def may_manage(who: Identity, organisation_id: UUID) -> bool:
    """Whether `who` looks after that organisation's officers: its manager, or the district's administrator."""
    if who.deputy_for is not None:
        return False
    return who.is_administrator or (who.role is Role.MANAGER and who.organisation_id == organisation_id)


def check_may_manage(who: Identity, organisation_id: UUID) -> None:
    """Raises `TakeHatOff`, `NotAllowed`."""
    if who.deputy_for is not None:
        raise TakeHatOff()
    if not may_manage(who, organisation_id):
        raise NotAllowed()


def write_act(session: Session, actor_id: UUID, kind: StaffActKind, about: About, at: datetime) -> None:
    """Write one act down, in the transaction that does it."""
    session.add(
        StaffAct(
            actor_id=actor_id,
            kind=kind,
            organisation_id=about.organisation_id,
            officer_id=about.officer_id,
            other_id=about.other_id,
            details=about.details,
            at=at,
        )
    )


def staff_acts(
    session: Session, who: Identity, before: UUID | None = None, limit: int = ACTS_A_PAGE
) -> Page[StaffActView, UUID]:
    """The log, the newest first; a manager reads the own organisation's. Raises `TakeHatOff`, `NotAllowed`."""
    check_may_manage(who, who.organisation_id)
    actor, officer, other = aliased(Officer), aliased(Officer), aliased(Officer)
    query = (
        select(StaffAct, Organisation, actor.name, officer.name, other.name)
        .join(Organisation, Organisation.id == StaffAct.organisation_id)
        .join(actor, actor.id == StaffAct.actor_id)
        .outerjoin(officer, officer.id == StaffAct.officer_id)
        .outerjoin(other, other.id == StaffAct.other_id)
        .order_by(StaffAct.id.desc())
        .limit(limit + 1)
    )
    if not who.is_administrator:
        own = who.organisation_id
        query = query.where(or_(StaffAct.organisation_id == own, officer.organisation_id == own))
    if before is not None:
        query = query.where(StaffAct.id < before)
    rows = [
        StaffActView(act.id, act.at, act.kind, by, organisation.name, whom or "", second or "", act.details)
        for act, organisation, by, whom, second in session.execute(query)
    ]
    return Page(*_cut(rows, limit))


def _cut(rows: Sequence[StaffActView], limit: int) -> tuple[tuple[StaffActView, ...], UUID | None]:
    shown, following = cut(rows, limit, lambda one: one.id)
    return tuple(shown), following
