"""Organisations and officers: who looks after them, and what must never be taken away.

The district's administrator looks after all; a manager after the officers of the own organisation. Codes and parties
are fixed: records and protocols name them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.authority import second_factor, sessions
from models.authority.links import LinkPurpose, OneTimeLink, send_link
from models.base import uuid7
from models.crypto import Vault
from models.district import District, Organisation, get_organisation, only_district
from models.errors import NotAllowed, NotFound, RuleBroken
from models.officer import Identity, Officer, Role
from models.protocol.schema import Party
from models.staff_act import About, StaffActKind, TakeHatOff, check_may_manage, write_act
from models.words import N_

CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{1,63}")
FUNCTION = re.compile(r"[a-z][a-z0-9_]{1,63}")
EMAIL = re.compile(r"[^@\s<>\",;]+@[^@\s<>\",;]+\.[^@\s<>\",;.]+")
LONGEST_NAME = 100
LANGUAGES = frozenset({"zh", "en"})


class NameMissing(RuleBroken):
    """People find an organisation or a colleague by the name."""

    sentence = N_("A name is missing or longer than {longest} characters. Fill it in.")
    status = 422


class CodeWrong(RuleBroken):
    """A code stands in records for good."""

    sentence = N_(
        "The code must be new and consist of letters, digits and hyphens, such as 410811-xinxing. It cannot be changed later."
    )
    status = 422


class FunctionWrong(RuleBroken):
    """Protocols seat departments by their function."""

    sentence = N_("A department needs a function in small letters, such as housing; other parties have none.")
    status = 422


class SuperiorWrong(RuleBroken):
    """What is left late climbs from superior to superior; a circle would never end."""

    sentence = N_(
        "The superior must be another organisation that does not itself stand below this one. Choose another."
    )
    status = 422


class EmailWrong(RuleBroken):
    """Letters go there, and the officer logs in with it."""

    sentence = N_("This is no e-mail address. Check it; it looks like name@office.example.")
    status = 422


class EmailTaken(RuleBroken):
    """One account for one address."""

    sentence = N_(
        "There is an officer with this e-mail address already. Look in the list, also among those who have left."
    )


class LastAdministrator(RuleBroken):
    """Somebody must be able to let people in."""

    sentence = N_("This is the district's last administrator. Make another officer administrator first.")


class LastManager(RuleBroken):
    """Somebody must look after the organisation's officers."""

    sentence = N_("This is the organisation's last manager. Make a colleague manager first.")


class HasLeft(RuleBroken):
    """The account is closed."""

    sentence = N_("This officer has left. Open the account again first.")


class NotYourself(RuleBroken):
    """Nobody locks the door behind themselves by mistake."""

    sentence = N_("You cannot do this to your own account. Ask another administrator or manager.")


@dataclass(frozen=True, slots=True)
class OrganisationDraft:
    """What can be changed about an organisation. `function` is for departments only."""

    name_zh: str
    name_en: str
    parent_id: UUID | None = None
    function: str | None = None


@dataclass(frozen=True, slots=True)
class OfficerDraft:
    """What can be changed about an officer."""

    name: str
    role: Role
    language: str
    is_administrator: bool = False


def add_organisation(
    session: Session, who: Identity, code: str, party: Party, draft: OrganisationDraft, at: datetime
) -> Organisation:
    """Add an organisation to the district. Raises `NotAllowed`, `TakeHatOff` and the rules of this module."""
    check_is_administrator(who)
    district = _district(session)
    taken = select(Organisation.id).where(func.lower(Organisation.code) == code.strip().lower())
    if not CODE.fullmatch(code.strip()) or session.scalar(taken):
        raise CodeWrong()
    new = Organisation(id=uuid7(), district_id=district.id, code=code.strip(), party=party)
    _fill(session, new, draft)
    session.add(new)
    session.flush()
    write_act(session, who.officer_id, StaffActKind.ORGANISATION_ADDED, About(new.id, details={"code": new.code}), at)
    return new


def change_organisation(
    session: Session, who: Identity, organisation_id: UUID, draft: OrganisationDraft, at: datetime
) -> Organisation:
    """Rename it, or put it under another superior. Consultations that are open keep the seats they opened with.

    Raises `NotFound`, `NotAllowed`, `TakeHatOff` and the rules of this module.
    """
    check_is_administrator(who)
    organisation = session.get(Organisation, organisation_id, with_for_update=True)
    if organisation is None:
        raise NotFound()
    before = _told(organisation)
    _fill(session, organisation, draft)
    after = _told(organisation)
    changed = sorted(name for name in after if after[name] != before[name])
    if changed:
        about = About(organisation.id, details={"changed": changed})
        write_act(session, who.officer_id, StaffActKind.ORGANISATION_CHANGED, about, at)
    return organisation


def _told(organisation: Organisation) -> dict[str, Any]:
    return {name: getattr(organisation, name) for name in ("name_zh", "name_en", "parent_id", "function")}


def _fill(session: Session, organisation: Organisation, draft: OrganisationDraft) -> None:
    names = draft.name_zh.strip(), draft.name_en.strip()
    if not all(0 < len(name) <= LONGEST_NAME for name in names):
        raise NameMissing(longest=LONGEST_NAME)
    function = (draft.function or "").strip() or None
    is_department = organisation.party is Party.DEPARTMENT
    if is_department != (function is not None) or (function and not FUNCTION.fullmatch(function)):
        raise FunctionWrong()
    _check_superior(session, organisation, draft.parent_id)
    organisation.name_zh, organisation.name_en = names
    organisation.function, organisation.parent_id = function, draft.parent_id


def _check_superior(session: Session, organisation: Organisation, parent_id: UUID | None) -> None:
    """Only the lead department has none, and nobody stands above themselves."""
    if (parent_id is None) != bool(organisation.is_lead):
        raise SuperiorWrong()
    above = parent_id
    while above is not None:
        one = session.get(Organisation, above)
        if one is None or one.id == organisation.id or one.district_id != organisation.district_id:
            raise SuperiorWrong()
        above = one.parent_id


def invite(
    session: Session,
    who: Identity,
    vault: Vault,
    organisation_id: UUID,
    email: str,
    draft: OfficerDraft,
    at: datetime,
) -> Officer:
    """A new officer, whose password comes with the link in the letter that goes out now.

    Raises `NotFound`, `NotAllowed`, `TakeHatOff` and the rules of this module.
    """
    check_may_manage(who, organisation_id)
    get_organisation(session, organisation_id)
    address = email.strip().lower()
    if not EMAIL.fullmatch(address):
        raise EmailWrong()
    if session.scalar(select(Officer.id).where(Officer.email == address)):
        raise EmailTaken()
    officer = Officer(
        id=uuid7(),
        organisation_id=organisation_id,
        email=address,
        password_hash="",
        is_active=True,
        role=Role.OFFICER,
        is_administrator=False,
    )
    _fill_officer(who, officer, draft)
    session.add(officer)
    session.flush()
    about = About(organisation_id, officer.id, details={"role": officer.role.value})
    write_act(session, who.officer_id, StaffActKind.OFFICER_INVITED, about, at)
    send_link(session, vault, officer, LinkPurpose.INVITATION, at)
    return officer


def change_officer(session: Session, who: Identity, officer_id: UUID, draft: OfficerDraft, at: datetime) -> Officer:
    """Another role, name or language. Raises `NotFound`, `NotAllowed`, `TakeHatOff` and the rules of this module."""
    officer = managed(session, who, officer_id)
    if not officer.is_active:
        raise HasLeft()
    before = {"role": officer.role.value, "administrator": officer.is_administrator}
    if officer.is_administrator and not draft.is_administrator:
        check_not_last_administrator(session, officer)
    if officer.role is Role.MANAGER and draft.role is not Role.MANAGER:
        check_not_last_manager(session, officer)
    _fill_officer(who, officer, draft)
    after = {"role": officer.role.value, "administrator": officer.is_administrator}
    details = {"from": before, "to": after} if after != before else {}
    about = About(officer.organisation_id, officer.id, details=details)
    write_act(session, who.officer_id, StaffActKind.OFFICER_CHANGED, about, at)
    return officer


def _fill_officer(who: Identity, officer: Officer, draft: OfficerDraft) -> None:
    name = draft.name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise NameMissing(longest=LONGEST_NAME)
    if draft.is_administrator != bool(officer.is_administrator) and not who.is_administrator:
        raise NotAllowed()
    officer.name, officer.role = name, draft.role
    officer.language = draft.language if draft.language in LANGUAGES else "zh"
    officer.is_administrator = draft.is_administrator


def reactivate(session: Session, who: Identity, vault: Vault, officer_id: UUID, at: datetime) -> Officer:
    """Open a closed account again; the password comes with a new invitation. Raises as `managed` does."""
    officer = managed(session, who, officer_id)
    if not officer.is_active:
        officer.is_active = True
        about = About(officer.organisation_id, officer.id)
        write_act(session, who.officer_id, StaffActKind.OFFICER_REACTIVATED, about, at)
        send_link(session, vault, officer, LinkPurpose.INVITATION, at)
    return officer


def send_account_link(session: Session, who: Identity, vault: Vault, officer_id: UUID, at: datetime) -> OneTimeLink:
    """A letter with which the officer sets a new password: an invitation again where none was ever set.

    Raises `HasLeft`, and as `managed` does.
    """
    officer = managed(session, who, officer_id)
    if not officer.is_active:
        raise HasLeft()
    purpose = LinkPurpose.RESET if officer.password_hash else LinkPurpose.INVITATION
    about = About(officer.organisation_id, officer.id, details={"purpose": purpose.value})
    write_act(session, who.officer_id, StaffActKind.LINK_SENT, about, at)
    return send_link(session, vault, officer, purpose, at)


def managed(session: Session, who: Identity, officer_id: UUID, *, is_read: bool = False) -> Officer:
    """The officer, locked but for reading, where `who` looks after them. Raises `NotFound`, `NotAllowed`, `TakeHatOff`.

    What a manager does not look after does not exist for the manager; nor does a manager rule over an administrator.
    """
    check_may_manage(who, who.organisation_id)
    officer = session.get(Officer, officer_id, with_for_update=not is_read)
    if officer is None or not (who.is_administrator or officer.organisation_id == who.organisation_id):
        raise NotFound()
    if officer.is_administrator and not who.is_administrator:
        raise NotAllowed()
    return officer


def check_is_administrator(who: Identity) -> None:
    """Raises `TakeHatOff`, `NotAllowed`."""
    if who.deputy_for is not None:
        raise TakeHatOff()
    if not who.is_administrator:
        raise NotAllowed()


def check_not_last_administrator(session: Session, officer: Officer) -> None:
    """Raises `LastAdministrator`. The others are locked, so that two cannot leave at once."""
    others = (
        select(Officer.id).where(Officer.is_administrator, Officer.is_active).order_by(Officer.id).with_for_update()
    )
    if set(session.scalars(others)) <= {officer.id}:
        raise LastAdministrator()


def check_not_last_manager(session: Session, officer: Officer) -> None:
    """Raises `LastManager`. The others are locked, so that two cannot leave at once."""
    others = (
        select(Officer.id)
        .where(Officer.organisation_id == officer.organisation_id, Officer.role == Role.MANAGER, Officer.is_active)
        .order_by(Officer.id)
        .with_for_update()
    )
    if set(session.scalars(others)) <= {officer.id}:
        raise LastManager()


def _district(session: Session) -> District:
    found = only_district(session)
    if found is None:
        raise NotFound()
    return found


def search_organisations(session: Session, words: str = "") -> Sequence[Organisation]:
    """The organisations whose name or code has `words`, by party and code."""
    query = select(Organisation).order_by(Organisation.party, Organisation.code)
    if words.strip():
        query = query.where(
            or_(*(_has(one, words) for one in (Organisation.name_zh, Organisation.name_en, Organisation.code)))
        )
    return session.scalars(query).all()


def _has(column: Any, words: str) -> Any:
    return func.lower(column).contains(words.strip().lower(), autoescape=True)


def reset_second_factor(session: Session, who: Identity, officer_id: UUID, at: datetime) -> Officer:
    """The phone is lost: the officer logs in with the password alone once more, and sets up a new second factor.

    Sessions end. Nobody does this for themselves. Raises `NotYourself`, and as `managed` does.
    """
    officer = managed(session, who, officer_id)
    if officer.id == who.officer_id:
        raise NotYourself()
    second_factor.remove(session, officer.id)
    sessions.revoke_others(session, officer.id, None, at)
    about = About(officer.organisation_id, officer.id)
    write_act(session, who.officer_id, StaffActKind.SECOND_FACTOR_RESET, about, at)
    return officer
