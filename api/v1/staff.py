"""Officers, organisations and absences, for who looks after them: the rules are those of the portal's pages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field
from sqlalchemy.orm import Session

from api.asking import Asked
from api.v1.describing import problems
from api.v1.sending import In
from api.v1.shapes import Name, Out
from models.deputy import appoint, cancel
from models.leaving import deactivate
from models.officer import Identity, Officer, Role
from models.protocol.schema import Party
from models.reach import Gap
from models.staffing import (
    OfficerDraft,
    OrganisationDraft,
    add_organisation,
    change_officer,
    change_organisation,
    check_is_administrator,
    invite,
    managed,
    search_organisations,
)
from models.views.staff import (
    AbsenceRow,
    OfficerFilters,
    absences_looked_after,
    absences_of,
    officer_row,
    officers_listed,
)
from models.views.unreached import unreached_rows

router = APIRouter(tags=["people"])
Text = Annotated[str, Field(max_length=200)]


class OrganisationOut(Out):
    """An organisation. `parent_id`: to whom it is escalated what this one leaves late."""

    id: UUID
    code: str
    party: Party
    function: str | None
    name: Name
    parent_id: UUID | None
    is_lead: bool


class OrganisationsOut(Out):
    """All that were found."""

    rows: list[OrganisationOut]


class UnreachedRowOut(Out):
    """An organisation with a gap from `since` on. `above`: who is asked instead; null: the administrators are told."""

    organisation_id: UUID
    organisation: Name
    party: Party
    gap: Gap
    since: datetime
    is_to_come: bool
    above: Name | None
    waiting: int


class UnreachedOut(Out):
    """All of the district, those that are there now first."""

    rows: list[UnreachedRowOut]


class OrganisationChange(In):
    """What can be changed. `function`: of a department only."""

    name_zh: Text = Field(examples=["云台社区"])
    name_en: Text = Field(examples=["Yuntai Community"])
    parent_id: UUID | None = None
    function: str | None = Field(None, max_length=64)

    def draft(self) -> OrganisationDraft:
        """For the rules."""
        return OrganisationDraft(self.name_zh, self.name_en, self.parent_id, self.function)


class OrganisationIn(OrganisationChange):
    """A new one. Code and party are fixed from then on."""

    code: Text = Field(examples=["410811-yuntai"])
    party: Party


class OfficerOut(Out):
    """An officer. `has_password` false: the invitation is not answered yet."""

    id: UUID
    name: str
    email: str
    organisation_id: UUID
    organisation: Name
    role: Role
    language: str
    is_administrator: bool
    is_active: bool
    has_password: bool
    has_second_factor: bool
    is_away: bool


class OfficerPage(Out):
    """Officers in the order in which they came; `next`: to be sent back as `cursor`."""

    rows: list[OfficerOut]
    next: UUID | None


class OfficerChange(In):
    """What can be changed. Only an administrator makes administrators."""

    name: Text = Field(examples=["张伟"])
    role: Role = Role.OFFICER
    language: str = Field("zh", pattern="^(zh|en)$")
    is_administrator: bool = False

    def draft(self) -> OfficerDraft:
        """For the rules."""
        return OfficerDraft(self.name, self.role, self.language, is_administrator=self.is_administrator)


class OfficerIn(OfficerChange):
    """Whom to invite; the letter goes to `email`."""

    organisation_id: UUID
    email: Text = Field(examples=["zhang@shequ.example"])


class AbsenceIn(In):
    """From when until when (exclusive) the officer is away (default: I), and who stands in."""

    officer_id: UUID | None = None
    deputy_id: UUID
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class AbsenceOut(Out):
    """An absence that is not over. `ends_at` is exclusive."""

    id: UUID
    officer_id: UUID
    officer: str
    organisation: Name
    deputy_id: UUID
    deputy: str
    deputy_organisation: Name
    starts_at: datetime
    ends_at: datetime
    is_now: bool


class AbsencesOut(Out):
    """The nearest first."""

    rows: list[AbsenceOut]


@router.get(
    "/organisations",
    responses=problems(403, 422),
    operation_id="listOrganisations",
    summary="Organisations of the district",
)
def list_organisations(ask: Asked, q: Annotated[str, Query(max_length=200)] = "") -> OrganisationsOut:
    """By party and code; with `q`, those whose name or code has it."""

    def view(session: Session, who: Identity) -> OrganisationsOut:
        check_is_administrator(who)
        rows = search_organisations(session, q)
        return OrganisationsOut(rows=[OrganisationOut.model_validate(one) for one in rows])

    return ask.read(view)


@router.post(
    "/organisations",
    status_code=201,
    responses=problems(403, 422),
    operation_id="addOrganisation",
    summary="Add an organisation",
)
async def post_organisation(body: OrganisationIn, ask: Asked) -> OrganisationOut:
    """Administrators only. A code is taken once, so repeating the request adds nothing."""
    return await ask.write(
        lambda session, who: OrganisationOut.model_validate(
            add_organisation(session, who, body.code, body.party, body.draft(), ask.at)
        )
    )


@router.put(
    "/organisations/{organisation_id}",
    responses=problems(403, 404, 422),
    operation_id="changeOrganisation",
    summary="Rename an organisation or put it elsewhere",
)
async def put_organisation(organisation_id: UUID, body: OrganisationChange, ask: Asked) -> OrganisationOut:
    """Administrators only. Open consultations keep the seats that they opened with."""
    return await ask.write(
        lambda session, who: OrganisationOut.model_validate(
            change_organisation(session, who, organisation_id, body.draft(), ask.at)
        )
    )


@router.get("/officers", responses=problems(403, 422), operation_id="listOfficers", summary="Officers I look after")
def list_officers(
    ask: Asked,
    q: Annotated[str, Query(max_length=200)] = "",
    organisation_id: UUID | None = None,
    left: bool = False,  # noqa: FBT002 (a query's word)
    cursor: UUID | None = None,
) -> OfficerPage:
    """The administrator's are all; a manager's those of the own organisation. `left`: those who have left instead."""
    filters = OfficerFilters(q, organisation_id, left)
    page = ask.read(lambda session, who: officers_listed(session, who, filters, ask.at, cursor))
    return OfficerPage(rows=[OfficerOut.model_validate(one) for one in page.rows], next=page.next)


@router.post(
    "/officers",
    status_code=201,
    responses=problems(403, 404, 409, 422),
    operation_id="inviteOfficer",
    summary="Invite an officer",
)
async def post_officer(body: OfficerIn, ask: Asked) -> OfficerOut:
    """A letter with a link for the password goes out. An address is taken once, so repeating it invites nobody twice."""
    return await ask.write(
        lambda session, who: _officer(
            session,
            invite(session, who, ask.vault, body.organisation_id, body.email, body.draft(), ask.at),
            ask.at,
        )
    )


@router.get(
    "/officers/{officer_id}", responses=problems(403, 404), operation_id="readOfficer", summary="Read an officer"
)
def read_officer(officer_id: UUID, ask: Asked) -> OfficerOut:
    """One whom I look after."""
    return ask.read(lambda session, who: _officer(session, managed(session, who, officer_id, is_read=True), ask.at))


@router.put(
    "/officers/{officer_id}",
    responses=problems(403, 404, 409, 422),
    operation_id="changeOfficer",
    summary="Change an officer's name, role or language",
)
async def put_officer(officer_id: UUID, body: OfficerChange, ask: Asked) -> OfficerOut:
    """The last administrator and an organisation's last manager stay what they are."""
    return await ask.write(
        lambda session, who: _officer(session, change_officer(session, who, officer_id, body.draft(), ask.at), ask.at)
    )


@router.delete(
    "/officers/{officer_id}",
    responses=problems(403, 404, 409),
    operation_id="closeAccount",
    summary="Close an officer's account",
)
async def delete_officer(officer_id: UUID, ask: Asked) -> OfficerOut:
    """Sessions, tokens and links end at once; opinions and records stay."""
    return await ask.write(lambda session, who: _officer(session, deactivate(session, who, officer_id, ask.at), ask.at))


@router.get(
    "/organisations/unreached",
    responses=problems(403),
    operation_id="listUnreached",
    summary="Organisations in which nobody can be reached, now or within two weeks",
)
def list_unreached(ask: Asked) -> UnreachedOut:
    """Administrators only. What is asked of these goes to the organisation above meanwhile."""
    found = ask.read(lambda session, who: unreached_rows(session, who, ask.at))
    return UnreachedOut(rows=[UnreachedRowOut.model_validate(one) for one in found])


@router.get(
    "/absences", responses=problems(403), operation_id="listAbsences", summary="Absences, mine or of those I look after"
)
def list_absences(ask: Asked, all: bool = False) -> AbsencesOut:  # noqa: A002, FBT002 (a query's word)
    """Mine that are not over; with `all`, those of everybody whom I look after."""
    found = ask.read(
        lambda session, who: (
            absences_looked_after(session, who, ask.at) if all else absences_of(session, who.officer_id, ask.at)
        )
    )
    return AbsencesOut(rows=[AbsenceOut.model_validate(one) for one in found])


@router.post(
    "/absences",
    status_code=201,
    responses=problems(403, 404, 409, 422),
    operation_id="enterAbsence",
    summary="Enter an absence and its deputy",
)
async def post_absence(body: AbsenceIn, ask: Asked) -> AbsenceOut:
    """Of mine, or of an officer whom I look after. Absences of one officer never overlap, so repeating adds nothing."""

    def act(session: Session, who: Identity) -> AbsenceRow:
        officer_id = body.officer_id or who.officer_id
        kept = appoint(session, who, officer_id, body.deputy_id, body.starts_at, body.ends_at, ask.at)
        return _row(absences_of(session, officer_id, ask.at), kept.id)

    return AbsenceOut.model_validate(await ask.write(act))


@router.delete(
    "/absences/{absence_id}",
    status_code=204,
    responses=problems(403, 404, 409),
    operation_id="cancelAbsence",
    summary="Cancel an absence",
)
async def delete_absence(absence_id: UUID, ask: Asked) -> None:
    """From now on nobody stands in."""
    await ask.write(lambda session, who: cancel(session, who, absence_id, ask.at) and None)


def _row(rows: Sequence[AbsenceRow], absence_id: UUID) -> AbsenceRow:
    return next(one for one in rows if one.id == absence_id)


def _officer(session: Session, officer: Officer, at: datetime) -> OfficerOut:
    session.flush()
    return OfficerOut.model_validate(officer_row(session, officer, at))
