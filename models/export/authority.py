"""Who may take out what: which lists are for whom, and for whom identities are whole."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session

from models.errors import RuleBroken
from models.matter import visible
from models.officer import Identity, Role
from models.protocol.schema import Party
from models.staffing import check_is_administrator
from models.views.matters import Filters
from models.words import N_

MOST_NAMED = 50  # filings one by one: as many as a search finds


class NoneNamed(RuleBroken):
    """A record is of a matter: which one."""

    sentence = N_("Name the matter whose record you want. On its page, “Take out” does it for you.")
    status = 422


class TooManyNamed(RuleBroken):
    """Filings are named one by one; more are taken out by what they have in common."""

    sentence = N_(
        "At most {most} filings can be named at once. Narrow the list by status, compound or deadline instead."
    )
    status = 422


class IdentitiesNotYours(RuleBroken):
    """Whole identities are for those who answer for them."""

    sentence = N_("Whole identities are taken out by managers only, and by property companies for their own filings.")
    status = 403


@dataclass(frozen=True, slots=True)
class Chosen:
    """Matters chosen one by one."""

    matter_ids: frozenset[UUID] = frozenset()


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


def anybody(_: Session, __: Identity, ___: object) -> None:
    """A list of one's own: what is in it follows from who asks."""


def administrators(_: Session, who: Identity, __: object) -> None:
    """The district's administrators, in their own name. Raises `NotAllowed`, `TakeHatOff`."""
    check_is_administrator(who)


def readers(session: Session, who: Identity, filters: Filters | Chosen) -> None:
    """Of filings that are named, all must be readable. Raises `NotFound`, `TooManyNamed`."""
    if len(filters.matter_ids) > MOST_NAMED:
        raise TooManyNamed(most=MOST_NAMED)
    for matter_id in filters.matter_ids:
        visible(session, matter_id, who)


def readers_of_some(session: Session, who: Identity, chosen: Chosen) -> None:
    """The same for a list that has no rows unless filings are named. Raises `NoneNamed` besides."""
    if not chosen.matter_ids:
        raise NoneNamed()
    readers(session, who, chosen)
