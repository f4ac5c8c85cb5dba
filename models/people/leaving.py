"""What ends when a rider leaves: appointment, squads, shifts and places to come; the number, when it is another person's."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models.people.acts import PersonActKind, Whom, write_down
from models.people.squad_tables import Shift, ShiftPlace, SquadMember
from models.people.tables import (
    Ending,
    Enrolment,
    EnrolmentStatus,
    GridMember,
    MemberStatus,
    PersonalCode,
)
from models.phone import Phone
from models.rider import Rider
from models.training.places import leave_places
from models.training.ruling import training_rules


def end_enrolment(
    session: Session, enrolment: Enrolment, ending: Ending, at: datetime, officer_id: UUID | None = None
) -> None:
    """End a confirmed enrolment. Raises `IllegalMove`."""
    enrolment.move(EnrolmentStatus.ENDED, at, ending)
    whom = Whom(enrolment.rider_id, enrolment.community_id, enrolment.id, officer_id, {"ending": ending.value})
    write_down(session, PersonActKind.ENROLMENT_ENDED, whom, at)


def leave_all(session: Session, rider_id: UUID, ending: Ending, at: datetime) -> None:
    """Appointment, squads and shifts that have not begun end at `at`; what was done stays done.

    Places at sessions as well, except of one who moves to another community: sessions are for the whole district.
    """
    live = select(GridMember).where(GridMember.rider_id == rider_id, GridMember.status == MemberStatus.APPOINTED)
    for member in session.scalars(live.with_for_update()).all():
        end_member(session, member, ending, at)
    session.execute(
        update(SquadMember)
        .where(SquadMember.rider_id == rider_id, SquadMember.left_at.is_(None))
        .values(left_at=at, is_leader=False)
    )
    leave_shifts(session, rider_id, None, at)
    if ending is not Ending.MOVED:
        leave_places(session, training_rules(), rider_id, at)


def end_member(
    session: Session, member: GridMember, ending: Ending, at: datetime, officer_id: UUID | None = None
) -> None:
    """End an appointment. Raises `IllegalMove`."""
    member.move(MemberStatus.ENDED, at, ending)
    details = {"number": member.number, "ending": ending.value}
    whom = Whom(member.rider_id, member.community_id, None, officer_id, details)
    write_down(session, PersonActKind.MEMBER_ENDED, whom, at)


def leave_shifts(session: Session, rider_id: UUID, squad_id: UUID | None, at: datetime) -> None:
    """Give back the places on shifts that have not begun, of one squad or (None) of all."""
    coming = select(Shift.id).where(Shift.starts_at > at)
    if squad_id is not None:
        coming = coming.where(Shift.squad_id == squad_id)
    session.execute(
        update(ShiftPlace)
        .where(ShiftPlace.rider_id == rider_id, ShiftPlace.off_at.is_(None), ShiftPlace.shift_id.in_(coming))
        .values(off_at=at)
    )


def release_number(session: Session, before: Rider, officer_id: UUID, at: datetime) -> None:
    """The number is another person's now: who had it keeps their past, and nobody gets at it with the number."""
    before.phone_index = f"released:{before.id}"
    live = select(Enrolment).where(Enrolment.rider_id == before.id, Enrolment.status == EnrolmentStatus.CONFIRMED)
    for enrolment in session.scalars(live).all():
        end_enrolment(session, enrolment, Ending.NUMBER_RELEASED, at, officer_id)
    leave_all(session, before.id, Ending.NUMBER_RELEASED, at)
    sign_off_all(session, before.id, at)
    write_down(session, PersonActKind.NUMBER_RELEASED, Whom(before.id, officer_id=officer_id), at)
    session.flush()


def sign_off_all(session: Session, rider_id: UUID, at: datetime) -> None:
    """No phone is the rider's any more, and no code makes one so."""
    session.execute(delete(PersonalCode).where(PersonalCode.rider_id == rider_id))
    session.execute(update(Phone).where(Phone.rider_id == rider_id, Phone.revoked_at.is_(None)).values(revoked_at=at))
