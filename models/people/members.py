"""流动网格员: a community appoints a confirmed rider for a term and an area, with a letter of appointment to check."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import uuid7
from models.clock import local_date
from models.crypto import Vault, mask_name
from models.district import Compound, get_organisation
from models.errors import NotFound, RuleBroken
from models.matter import take_number
from models.officer import Identity, check_may_act
from models.people.acts import PersonActKind, Whom, write_down
from models.people.enrolment import ours
from models.people.leaving import end_member
from models.people.tables import (
    Ending,
    EnrolmentStatus,
    GridMember,
    GridMemberCompound,
    MemberStatus,
)
from models.phone import PhoneIdentity
from models.protocol.schema import Title
from models.report.recording import checked_words
from models.rider import Rider
from models.words import N_

LONGEST_DAYS = 731  # two years, one of them a leap year; both ends count
LONGEST_AREA = 200  # characters


class TermWrong(RuleBroken):
    """A term that no community can answer for."""

    sentence = N_(
        "The term must end on or after the day it begins, not in the past, and last {days} days at most. Correct the dates."
    )
    status = 422


class AreaMissing(RuleBroken):
    """An appointment says where."""

    sentence = N_("Choose the compounds of the area, or say in {limit} characters at most where it is.")
    status = 422


class NotEnrolled(RuleBroken):
    """Only a rider whom the community has confirmed can be appointed."""

    sentence = N_("The rider is not enrolled with your community now. Confirm the enrolment first.")


class AlreadyMember(RuleBroken):
    """One appointment at a time."""

    sentence = N_("The rider is a grid member already, {number}. End that appointment first.")


@dataclass(frozen=True, slots=True)
class Term:
    """When and where; both days are inclusive."""

    starts_on: date | None
    ends_on: date | None
    compound_ids: Sequence[UUID]
    area: str = ""


def appoint(session: Session, who: Identity, enrolment_id: UUID, term: Term, at: datetime) -> GridMember:
    """Appoint the rider of a confirmed enrolment. Raises `OnlyReads`, `NotFound` and the rules of this module."""
    enrolment = ours(session, who, enrolment_id)
    if enrolment.status is not EnrolmentStatus.CONFIRMED or enrolment.rider_id is None:
        raise NotEnrolled()
    starts_on, ends_on = _checked_term(term, local_date(at))
    compounds = _checked_area(session, who.organisation_id, term)
    _end_before(session, enrolment.rider_id, at)
    year = local_date(at).year
    sequence = take_number(session, f"grid_member:{enrolment.district_id}:{year}")
    member = GridMember(
        id=uuid7(),
        district_id=enrolment.district_id,
        community_id=enrolment.community_id,
        rider_id=enrolment.rider_id,
        year=year,
        sequence=sequence,
        number=f"网格〔{year}〕{sequence}号",
        starts_on=starts_on,
        ends_on=ends_on,
        area=term.area.strip(),
        check=secrets.token_urlsafe(16),
        appointed_at=at,
        appointed_by_id=who.officer_id,
    )
    session.add(member)
    session.flush()
    session.add_all(GridMemberCompound(member_id=member.id, compound_id=one) for one in compounds)
    whom = Whom(member.rider_id, member.community_id, enrolment.id, who.officer_id, {"number": member.number})
    write_down(session, PersonActKind.MEMBER_APPOINTED, whom, at)
    return member


def _checked_term(term: Term, today: date) -> tuple[date, date]:
    starts_on, ends_on = term.starts_on, term.ends_on
    if starts_on is None or ends_on is None or ends_on < max(starts_on, today):
        raise TermWrong(days=LONGEST_DAYS)
    if (ends_on - starts_on).days + 1 > LONGEST_DAYS:
        raise TermWrong(days=LONGEST_DAYS)
    return starts_on, ends_on


def _checked_area(session: Session, community_id: UUID, term: Term) -> list[UUID]:
    wanted = set(term.compound_ids)
    query = select(Compound.id).where(Compound.community_id == community_id, Compound.id.in_(wanted))
    found = session.scalars(query.order_by(Compound.code)).all()
    if len(found) != len(wanted) or len(term.area.strip()) > LONGEST_AREA or not (found or term.area.strip()):
        raise AreaMissing(limit=LONGEST_AREA)
    return list(found)


def _end_before(session: Session, rider_id: UUID, at: datetime) -> None:
    """An appointment whose term is over makes room; one that runs does not."""
    query = select(GridMember).where(GridMember.rider_id == rider_id, GridMember.status == MemberStatus.APPOINTED)
    before = session.scalars(query.with_for_update()).first()
    if before is None:
        return
    if before.ends_on >= local_date(at):
        raise AlreadyMember(number=before.number)
    end_member(session, before, Ending.TERM, at)
    session.flush()


def dismiss(session: Session, vault: Vault, who: Identity, number: str, words: str, at: datetime) -> GridMember:
    """The community ends it, with a reason. Raises `OnlyReads`, `NotFound`, `ReasonMissing`, `IllegalMove`."""
    member = _locked(session, number)
    if member.community_id != who.organisation_id:
        raise NotFound()
    check_may_act(who)
    reason = checked_words(words)
    end_member(session, member, Ending.BY_COMMUNITY, at, who.officer_id)
    member.reason_sealed = vault.seal(reason)
    return member


def resign(session: Session, phone: PhoneIdentity, number: str, at: datetime) -> None:
    """The rider steps down. Raises `NotFound`, `IllegalMove`."""
    member = _locked(session, number)
    if phone.rider_id is None or member.rider_id != phone.rider_id:
        raise NotFound()
    end_member(session, member, Ending.RESIGNED, at)


def end_terms(session: Session, at: datetime) -> int:
    """End the appointments whose last day is past. Returns how many."""
    query = select(GridMember).where(GridMember.status == MemberStatus.APPOINTED, GridMember.ends_on < local_date(at))
    over = session.scalars(query.with_for_update()).all()
    for member in over:
        end_member(session, member, Ending.TERM, at)
    return len(over)


def _locked(session: Session, number: str) -> GridMember:
    query = select(GridMember).where(GridMember.number == number).with_for_update()
    found = session.scalars(query).first()
    if found is None:
        raise NotFound()
    return found


def is_running(member: GridMember, at: datetime) -> bool:
    """Whether the appointment holds at `at`: not ended, and within its term by the days in Shanghai."""
    return member.status is MemberStatus.APPOINTED and member.starts_on <= local_date(at) <= member.ends_on


def is_grid_member(session: Session, rider_id: UUID, at: datetime) -> bool:
    """Whether the rider was or is a grid member at `at`, also of an appointment that ended later."""
    today = local_date(at)
    query = select(GridMember).where(
        GridMember.rider_id == rider_id, GridMember.starts_on <= today, GridMember.ends_on >= today
    )
    return any(one.appointed_at <= at and (one.ended_at is None or at < one.ended_at) for one in session.scalars(query))


@dataclass(frozen=True, slots=True)
class Appointment:
    """A letter of appointment as it is printed and checked. `name` is masked unless the rider asks."""

    number: str
    name: str
    community: Title
    compounds: tuple[Title, ...]
    area: str
    starts_on: date
    ends_on: date
    appointed_on: date
    is_running: bool
    is_over: bool
    ended_on: date | None
    check: str


def appointment_by_check(session: Session, vault: Vault, check: str, at: datetime) -> Appointment:
    """What anybody may know who holds the letter: valid or not, and the masked name. Raises `NotFound`."""
    found = session.scalars(select(GridMember).where(GridMember.check == check)).first()
    if found is None:
        raise NotFound()
    return _told(session, vault, found, at, is_masked=True)


def appointment_for(session: Session, vault: Vault, who: Identity, number: str, at: datetime) -> Appointment:
    """The letter as its community prints it. Raises `NotFound`."""
    query = select(GridMember).where(GridMember.number == number, GridMember.community_id == who.organisation_id)
    found = session.scalars(query).first()
    if found is None:
        raise NotFound()
    return _told(session, vault, found, at, is_masked=True)


def appointment_of(session: Session, vault: Vault, rider_id: UUID, number: str, at: datetime) -> Appointment:
    """The letter as the rider prints it, with the whole name. Raises `NotFound`."""
    query = select(GridMember).where(GridMember.number == number, GridMember.rider_id == rider_id)
    found = session.scalars(query).first()
    if found is None:
        raise NotFound()
    return _told(session, vault, found, at, is_masked=False)


def members_of(session: Session, rider_id: UUID) -> Sequence[GridMember]:
    """Every appointment of the rider, the newest first."""
    return session.scalars(
        select(GridMember).where(GridMember.rider_id == rider_id).order_by(GridMember.id.desc())
    ).all()


def _told(session: Session, vault: Vault, member: GridMember, at: datetime, *, is_masked: bool) -> Appointment:
    name = vault.open(session.get_one(Rider, member.rider_id).name_sealed)
    query = (
        select(Compound)
        .join(GridMemberCompound, GridMemberCompound.compound_id == Compound.id)
        .where(GridMemberCompound.member_id == member.id)
        .order_by(Compound.code)
    )
    return Appointment(
        number=member.number,
        name=mask_name(name) if is_masked else name,
        community=get_organisation(session, member.community_id).name,
        compounds=tuple(one.name for one in session.scalars(query)),
        area=member.area,
        starts_on=member.starts_on,
        ends_on=member.ends_on,
        appointed_on=local_date(member.appointed_at),
        is_running=is_running(member, at),
        is_over=member.status is MemberStatus.ENDED or member.ends_on < local_date(at),
        ended_on=local_date(member.ended_at) if member.ended_at else None,
        check=member.check,
    )


def a_year_from(day: date) -> date:
    """The last day of a term of a year that begins on `day`: what the form proposes."""
    return day + timedelta(days=364)
