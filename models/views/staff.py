"""Officers and absences as the administrator's and managers' pages list them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from models.authority.second_factor import officers_with_one
from models.clock import local_date
from models.deputy import Absence
from models.district import Organisation
from models.officer import Identity, Officer, Role, colleagues
from models.protocol.schema import Title
from models.staff_act import check_may_manage
from models.views.paging import Page, cut

OFFICERS_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class OfficerFilters:
    """Which officers: `words` in name or address, of one organisation, those who have left as well."""

    words: str = ""
    organisation_id: UUID | None = None
    has_left: bool = False


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """An officer in the list. `has_password` False: the invitation is not answered yet."""

    id: UUID
    name: str
    email: str
    organisation_id: UUID
    organisation: Title
    role: Role
    language: str
    is_administrator: bool
    is_active: bool
    has_password: bool
    has_second_factor: bool
    is_away: bool


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """An absence that is not over. `is_now`: the deputy stands in at this moment."""

    id: UUID
    officer_id: UUID
    officer: str
    organisation: Title
    deputy_id: UUID
    deputy: str
    deputy_organisation: Title
    starts_at: datetime
    ends_at: datetime
    is_now: bool

    @property
    def first_on(self) -> date:
        """The first day in Shanghai."""
        return local_date(self.starts_at)

    @property
    def last_on(self) -> date:
        """The last day in Shanghai, inclusive."""
        return local_date(self.ends_at - timedelta(microseconds=1))


def officers_listed(
    session: Session,
    who: Identity,
    filters: OfficerFilters,
    at: datetime,
    after: UUID | None = None,
    limit: int = OFFICERS_A_PAGE,
) -> Page[OfficerRow, UUID]:
    """The officers whom `who` looks after, by organisation and address. Raises `NotAllowed`, `TakeHatOff`."""
    check_may_manage(who, who.organisation_id)
    query = select(Officer, Organisation).join(Organisation, Officer.organisation_id == Organisation.id)
    query = query.where(Officer.is_active.is_(not filters.has_left))
    if not who.is_administrator:
        query = query.where(Officer.organisation_id == who.organisation_id)
    if filters.organisation_id is not None:
        query = query.where(Officer.organisation_id == filters.organisation_id)
    if filters.words.strip():
        words = filters.words.strip().lower()
        columns: tuple[Any, ...] = (Officer.name, Officer.email, Organisation.name_zh, Organisation.name_en)
        query = query.where(or_(*(func.lower(one).contains(words, autoescape=True) for one in columns)))
    order = (Organisation.code, Officer.email)
    if after is not None:
        last = select(*order).join(Organisation, Officer.organisation_id == Organisation.id).where(Officer.id == after)
        query = query.where(tuple_(*order) > last.scalar_subquery())
    found = session.execute(query.order_by(*order).limit(limit + 1)).all()
    shown, following = cut(found, limit, lambda row: row[0].id)
    return Page(_rows(session, [(officer, organisation) for officer, organisation in shown], at), following)


def officer_row(session: Session, officer: Officer, at: datetime) -> OfficerRow:
    """One officer, as in the list."""
    organisation = session.get_one(Organisation, officer.organisation_id)
    return _rows(session, [(officer, organisation)], at)[0]


def _rows(session: Session, found: Sequence[tuple[Officer, Organisation]], at: datetime) -> tuple[OfficerRow, ...]:
    ids = [officer.id for officer, _ in found]
    secured = officers_with_one(session, ids)
    now = select(Absence.officer_id).where(
        Absence.officer_id.in_(ids), Absence.cancelled_at.is_(None), Absence.starts_at <= at, Absence.ends_at > at
    )
    away = set(session.scalars(now))
    return tuple(
        OfficerRow(
            one.id,
            one.name,
            one.email,
            organisation.id,
            organisation.name,
            one.role,
            one.language,
            one.is_administrator,
            one.is_active,
            bool(one.password_hash),
            one.id in secured,
            one.id in away,
        )
        for one, organisation in found
    )


def absences_looked_after(session: Session, who: Identity, at: datetime) -> tuple[AbsenceRow, ...]:
    """Those of everybody whom `who` looks after, the nearest first. Raises `NotAllowed`, `TakeHatOff`."""
    check_may_manage(who, who.organisation_id)
    query = _coming(at)
    if not who.is_administrator:
        query = query.where(_ABSENT.organisation_id == who.organisation_id)
    return _absences(session, query, at)


def absences_of(session: Session, officer_id: UUID, at: datetime) -> tuple[AbsenceRow, ...]:
    """The officer's own absences that are not over."""
    return _absences(session, _coming(at).where(Absence.officer_id == officer_id), at)


def duties_of(session: Session, officer_id: UUID, at: datetime) -> tuple[AbsenceRow, ...]:
    """Absences of others in which the officer stands in, now or in days to come."""
    return _absences(session, _coming(at).where(Absence.deputy_id == officer_id), at)


_Found = Select[Absence, str, Organisation, str, Organisation]
_ABSENT, _DEPUTY, _OWN, _OTHER = aliased(Officer), aliased(Officer), aliased(Organisation), aliased(Organisation)


def _coming(at: datetime) -> _Found:
    return (
        select(Absence, _ABSENT.name, _OWN, _DEPUTY.name, _OTHER)
        .join(_ABSENT, _ABSENT.id == Absence.officer_id)
        .join(_OWN, _OWN.id == _ABSENT.organisation_id)
        .join(_DEPUTY, _DEPUTY.id == Absence.deputy_id)
        .join(_OTHER, _OTHER.id == _DEPUTY.organisation_id)
        .where(Absence.cancelled_at.is_(None), Absence.ends_at > at)
        .order_by(Absence.starts_at, Absence.id)
    )


def _absences(session: Session, query: _Found, at: datetime) -> tuple[AbsenceRow, ...]:
    return tuple(
        AbsenceRow(
            one.id,
            one.officer_id,
            officer,
            own.name,
            one.deputy_id,
            deputy,
            other.name,
            one.starts_at,
            one.ends_at,
            one.starts_at <= at,
        )
        for one, officer, own, deputy, other in session.execute(query)
    )


def colleagues_of(session: Session, officer: Officer) -> Sequence[Officer]:
    """Who could stand in for the officer or take over, in the same organisation."""
    return colleagues(session, officer.organisation_id, [officer.id])
