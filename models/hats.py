"""Hats: an officer who acts in an absent colleague's place, as a deputy, sees and does what the absent one may.

The hat is chosen in a session, or named with a program's request, and looked at anew with each request: when the
absence is over or cancelled, it is gone.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from models.deputy import stands_for
from models.district import get_organisation
from models.errors import RuleBroken
from models.officer import Credential, Identity, Officer
from models.protocol.schema import Title
from models.words import N_


class HatGone(RuleBroken):
    """The absence is over, was cancelled, or never was."""

    sentence = N_(
        "You do not stand in for this colleague now: the absence is over, was cancelled or has not begun. "
        "Nothing was done. Go on in your own name."
    )
    status = 403


@dataclass(frozen=True, slots=True)
class Hat:
    """An absent officer for whom one may act now."""

    officer_id: UUID
    name: str
    organisation: Title


@dataclass(frozen=True, slots=True)
class Rack:
    """What a session may wear. `worn` None: the own name; `is_lost`: the hat that was chosen is gone."""

    who: Identity
    worn: Hat | None = None
    others: tuple[Hat, ...] = ()
    is_lost: bool = False


def rack_of(session: Session, own: Identity, acting_for_id: UUID | None, at: datetime) -> Rack:
    """Who acts in a session whose officer is `own` and has chosen that hat, and what else there is to choose."""
    absent = stands_for(session, own.officer_id, at)
    hats = {one.id: Hat(one.id, one.name, get_organisation(session, one.organisation_id).name) for one in absent}
    others = tuple(hat for officer_id, hat in hats.items() if officer_id != acting_for_id)
    if acting_for_id not in hats:
        return Rack(own, None, others, is_lost=acting_for_id is not None)
    chosen = next(one for one in absent if one.id == acting_for_id)
    return Rack(_as(session, own, chosen), hats[chosen.id], others)


def as_deputy(session: Session, own: Identity, officer_id: UUID, at: datetime) -> Identity:
    """`own` in the place of that officer. Raises `HatGone`."""
    chosen = next((one for one in stands_for(session, own.officer_id, at) if one.id == officer_id), None)
    if chosen is None:
        raise HatGone()
    return _as(session, own, chosen)


def _as(session: Session, own: Identity, absent: Officer) -> Identity:
    organisation = get_organisation(session, absent.organisation_id)
    return replace(
        own,
        organisation_id=organisation.id,
        party=organisation.party,
        role=absent.role,
        is_administrator=False,
        deputy_for=absent.id,
    )


def change_hat(session: Session, own: Identity, credential_id: UUID, officer_id: UUID | None, at: datetime) -> None:
    """From now on the session acts for that officer (None: in the own name). Raises `HatGone`."""
    if officer_id is not None:
        as_deputy(session, own, officer_id, at)
    session.execute(update(Credential).where(Credential.id == credential_id).values(acting_for_id=officer_id))
