"""Who may take out what: whole identities, and whose authority counts while a file is built."""

from dataclasses import replace

from sqlalchemy.orm import Session

from models.district import Organisation
from models.errors import NotFound, RuleBroken
from models.export.tables import Export
from models.officer import Identity, Role, get_officer
from models.protocol.schema import Party
from models.views.matters import Filters
from models.words import N_


class IdentitiesNotYours(RuleBroken):
    """Whole identities are for those who answer for them."""

    sentence = N_("Whole identities are taken out by managers only, and by property companies for their own filings.")
    status = 403


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
