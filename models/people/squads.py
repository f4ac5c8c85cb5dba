"""志愿小队: squads with members, a leader and a rota. A squad takes as many riders as it has places, a shift likewise."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.base import uuid7
from models.district import get_organisation
from models.errors import NotAllowed, NotFound, RuleBroken
from models.officer import Identity, check_may_act
from models.people.acts import PersonActKind, Whom, write_down
from models.people.enrolment import live_enrolment
from models.people.leaving import leave_shifts
from models.people.squad_tables import Shift, ShiftPlace, Squad, SquadMember
from models.phone import PhoneIdentity
from models.protocol.schema import Party
from models.words import N_

SQUAD_MOST = 25
LONGEST_NAME = 40
LONGEST_PLACE = 100
LONGEST_SHIFT = timedelta(hours=12)
FARTHEST = timedelta(days=366)  # ahead of now


class SquadWrong(RuleBroken):
    """A squad needs a name and a size."""

    sentence = N_("Give the squad a name of {longest} characters at most, and 2 to 100 places.")
    status = 422


class SquadFull(RuleBroken):
    """All places are taken."""

    sentence = N_("The squad has all its {most} riders. Ask the community for another squad.")


class NotInSquad(RuleBroken):
    """Shifts are for the squad's own riders."""

    sentence = N_("Join the squad first; its shifts are for its own riders.")


class ShiftWrong(RuleBroken):
    """A shift that nobody can stand."""

    sentence = N_(
        "A shift begins within a year from now, lasts 12 hours at most, has a place, and wants 1 to 100 riders."
    )
    status = 422


class ShiftOver(RuleBroken):
    """What has begun is not signed up for."""

    sentence = N_("The shift has begun or was cancelled. Choose another one.")


class ShiftFull(RuleBroken):
    """Enough riders have signed up."""

    sentence = N_("All places on this shift are taken. Choose another one.")


class ShiftOverlaps(RuleBroken):
    """Nobody stands in two places."""

    sentence = N_("You have another shift at that time. Give that one back first.")


class ShiftToCome(RuleBroken):
    """Who came is known once it has begun."""

    sentence = N_("The shift has not begun. Write down afterwards who came.")


@dataclass(frozen=True, slots=True)
class NewShift:
    """A shift as it is planned, half-open; instants are aware, None where what was typed is none."""

    starts_at: datetime | None
    ends_at: datetime | None
    place: str
    wanted: int


def make_squad(session: Session, who: Identity, name: str, most: int, at: datetime) -> Squad:
    """A new squad of the own community. Raises `NotAllowed`, `OnlyReads`, `SquadWrong`."""
    if who.party is not Party.COMMUNITY:
        raise NotAllowed()
    check_may_act(who)
    if not 0 < len(name.strip()) <= LONGEST_NAME or not 2 <= most <= 100:  # noqa: PLR2004 - as the sentence says
        raise SquadWrong(longest=LONGEST_NAME)
    district_id = get_organisation(session, who.organisation_id).district_id
    squad = Squad(
        id=uuid7(),
        district_id=district_id,
        community_id=who.organisation_id,
        name=name.strip(),
        most=most,
        made_at=at,
        made_by_id=who.officer_id,
    )
    session.add(squad)
    session.flush()
    _tell(session, PersonActKind.SQUAD_MADE, squad, None, who.officer_id, at)
    return squad


def join_squad(session: Session, phone: PhoneIdentity, squad_id: UUID, at: datetime) -> None:
    """The rider joins a squad of the community that they are enrolled with. Raises `NotFound`, `SquadFull`."""
    squad = _locked(session, squad_id)
    enrolment = live_enrolment(session, phone.rider_id) if phone.rider_id else None
    if enrolment is None or enrolment.rider_id is None or enrolment.community_id != squad.community_id:
        raise NotFound()
    if membership(session, squad.id, enrolment.rider_id) is not None:
        return
    count = select(func.count()).where(SquadMember.squad_id == squad.id, SquadMember.left_at.is_(None))
    if session.execute(count).scalar_one() >= squad.most:
        raise SquadFull(most=squad.most)
    session.add(SquadMember(squad_id=squad.id, rider_id=enrolment.rider_id, is_leader=False, joined_at=at))
    session.flush()
    _tell(session, PersonActKind.SQUAD_JOINED, squad, enrolment.rider_id, None, at)


def leave_squad(session: Session, phone: PhoneIdentity, squad_id: UUID, at: datetime) -> None:
    """The rider leaves, and gives the coming shifts back. Raises `NotFound`."""
    squad = _locked(session, squad_id)
    if phone.rider_id is None:
        raise NotFound()
    _leave(session, squad, phone.rider_id, None, at)


def take_out(session: Session, who: Identity, squad_id: UUID, rider_id: UUID, at: datetime) -> None:
    """The community takes a rider out. Raises `OnlyReads`, `NotFound`."""
    _leave(session, _ours(session, who, squad_id), rider_id, who.officer_id, at)


def _leave(session: Session, squad: Squad, rider_id: UUID, officer_id: UUID | None, at: datetime) -> None:
    found = membership(session, squad.id, rider_id)
    if found is None:
        raise NotFound()
    found.left_at, found.is_leader = at, False
    leave_shifts(session, rider_id, squad.id, at)
    _tell(session, PersonActKind.SQUAD_LEFT, squad, rider_id, officer_id, at)


def lead(session: Session, who: Identity, squad_id: UUID, rider_id: UUID, at: datetime) -> None:
    """Make a member the leader, in the place of the last one. Raises `OnlyReads`, `NotFound`."""
    squad = _ours(session, who, squad_id)
    found = membership(session, squad.id, rider_id)
    if found is None:
        raise NotFound()
    query = select(SquadMember).where(
        SquadMember.squad_id == squad.id, SquadMember.left_at.is_(None), SquadMember.is_leader
    )
    for before in session.scalars(query).all():
        before.is_leader = False
    session.flush()
    found.is_leader = True
    _tell(session, PersonActKind.SQUAD_LED, squad, rider_id, who.officer_id, at)


def plan(session: Session, who: Identity, squad_id: UUID, new: NewShift, at: datetime) -> Shift:
    """Put a shift on the rota. Raises `OnlyReads`, `NotFound`, `ShiftWrong`."""
    squad = _ours(session, who, squad_id)
    place, starts_at, ends_at = new.place.strip(), new.starts_at, new.ends_at
    if starts_at is None or ends_at is None or not at < starts_at <= at + FARTHEST:
        raise ShiftWrong()
    if not starts_at < ends_at <= starts_at + LONGEST_SHIFT:
        raise ShiftWrong()
    if not 0 < len(place) <= LONGEST_PLACE or not 1 <= new.wanted <= 100:  # noqa: PLR2004 - as the sentence says
        raise ShiftWrong()
    shift = Shift(
        id=uuid7(),
        squad_id=squad.id,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        wanted=new.wanted,
        made_at=at,
        made_by_id=who.officer_id,
    )
    session.add(shift)
    session.flush()
    _tell(session, PersonActKind.SHIFT_MADE, squad, None, who.officer_id, at)
    return shift


def cancel_shift(session: Session, who: Identity, shift_id: UUID, at: datetime) -> None:
    """Take a coming shift off the rota. Raises `OnlyReads`, `NotFound`, `ShiftOver`."""
    shift = _locked_shift(session, shift_id)
    squad = _ours(session, who, shift.squad_id)
    _check_coming(shift, at)
    shift.cancelled_at = at
    _tell(session, PersonActKind.SHIFT_CANCELLED, squad, None, who.officer_id, at)


def sign_up(session: Session, phone: PhoneIdentity, shift_id: UUID, at: datetime) -> None:
    """The rider takes a place on a coming shift. Twice is once.

    Raises `NotFound`, `NotInSquad`, `ShiftOver`, `ShiftFull`, `ShiftOverlaps`.
    """
    shift = _locked_shift(session, shift_id)
    rider_id = phone.rider_id
    if rider_id is None or membership(session, shift.squad_id, rider_id) is None:
        raise NotInSquad()
    _check_coming(shift, at)
    standing = select(ShiftPlace.rider_id).where(ShiftPlace.shift_id == shift.id, ShiftPlace.off_at.is_(None))
    taken = session.scalars(standing).all()
    if rider_id in taken:
        return
    if len(taken) >= shift.wanted:
        raise ShiftFull()
    overlapping = (
        select(ShiftPlace.id)
        .join(Shift, Shift.id == ShiftPlace.shift_id)
        .where(
            ShiftPlace.rider_id == rider_id,
            ShiftPlace.off_at.is_(None),
            Shift.cancelled_at.is_(None),
            Shift.starts_at < shift.ends_at,
            Shift.ends_at > shift.starts_at,
        )
    )
    if session.execute(overlapping).first():
        raise ShiftOverlaps()
    session.add(ShiftPlace(shift_id=shift.id, rider_id=rider_id, on_at=at))


def sign_out(session: Session, phone: PhoneIdentity, shift_id: UUID, at: datetime) -> None:
    """The rider gives the place back, until the shift begins. Raises `NotFound`, `ShiftOver`."""
    shift = _locked_shift(session, shift_id)
    query = select(ShiftPlace).where(
        ShiftPlace.shift_id == shift.id, ShiftPlace.rider_id == phone.rider_id, ShiftPlace.off_at.is_(None)
    )
    found = session.scalars(query).first() if phone.rider_id else None
    if found is None:
        raise NotFound()
    _check_coming(shift, at)
    found.off_at = at


def write_who_came(session: Session, who: Identity, shift_id: UUID, rider_ids: Collection[UUID], at: datetime) -> None:
    """Of those who signed up, who came. May be corrected. Raises `OnlyReads`, `NotFound`, `ShiftToCome`."""
    shift = _locked_shift(session, shift_id)
    _ours(session, who, shift.squad_id)
    if at < shift.starts_at or shift.cancelled_at is not None:
        raise ShiftToCome()
    query = select(ShiftPlace).where(ShiftPlace.shift_id == shift.id, ShiftPlace.off_at.is_(None))
    for place in session.scalars(query).all():
        place.came = place.rider_id in rider_ids


def membership(session: Session, squad_id: UUID, rider_id: UUID) -> SquadMember | None:
    """The rider's time in the squad that goes on, or None."""
    query = select(SquadMember).where(
        SquadMember.squad_id == squad_id, SquadMember.rider_id == rider_id, SquadMember.left_at.is_(None)
    )
    return session.scalars(query).first()


def _locked(session: Session, squad_id: UUID) -> Squad:
    found = session.get(Squad, squad_id, with_for_update=True)
    if found is None:
        raise NotFound()
    return found


def _ours(session: Session, who: Identity, squad_id: UUID) -> Squad:
    squad = _locked(session, squad_id)
    if squad.community_id != who.organisation_id:
        raise NotFound()
    check_may_act(who)
    return squad


def _locked_shift(session: Session, shift_id: UUID) -> Shift:
    found = session.get(Shift, shift_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound()
    return found


def _check_coming(shift: Shift, at: datetime) -> None:
    if at >= shift.starts_at or shift.cancelled_at is not None:
        raise ShiftOver()


def _tell(
    session: Session, kind: PersonActKind, squad: Squad, rider_id: UUID | None, officer_id: UUID | None, at: datetime
) -> None:
    details = {"squad": str(squad.id)}
    write_down(session, kind, Whom(rider_id, squad.community_id, None, officer_id, details), at)
