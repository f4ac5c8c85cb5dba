"""Enrolments, personal codes and appointments: their tables, statuses and the ways from one to the next."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, move, only_where, uuid7
from models.phone import Phone
from models.rider import Rider

ASKED = "status = 'asked'"
CONFIRMED = "status = 'confirmed'"
APPOINTED = "status = 'appointed'"


class EnrolmentStatus(StrEnum):
    """Where an enrolment 社区报到 stands."""

    ASKED = "asked"
    CONFIRMED = "confirmed"  # a worker of the community has met the person
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"  # by the rider, with the consent
    ENDED = "ended"  # by the community, or because the rider moved


ENROLMENT_MOVES: dict[EnrolmentStatus, frozenset[EnrolmentStatus]] = {
    EnrolmentStatus.ASKED: frozenset({EnrolmentStatus.CONFIRMED, EnrolmentStatus.DECLINED, EnrolmentStatus.WITHDRAWN}),
    EnrolmentStatus.CONFIRMED: frozenset({EnrolmentStatus.WITHDRAWN, EnrolmentStatus.ENDED}),
    EnrolmentStatus.DECLINED: frozenset(),
    EnrolmentStatus.WITHDRAWN: frozenset(),
    EnrolmentStatus.ENDED: frozenset(),
}


class Ending(StrEnum):
    """Why an enrolment or an appointment is over, where it needs no words or besides them."""

    TERM = "term"
    RESIGNED = "resigned"
    BY_COMMUNITY = "by_community"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    ERASED = "erased"
    MOVED = "moved"  # another enrolment took its place
    OTHER_CONFIRMED = "other_confirmed"  # somebody else was confirmed with the number
    NOT_MET = "not_met"  # nobody came to be met in time
    NUMBER_RELEASED = "number_released"  # the number is another person's now


class Enrolment(Base):
    """One asking of one person to belong to one community. Name, number, meeting number and reason are sealed.

    `rider_id` is None until a worker has met the person: whoever types a number is not its holder yet.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        Index("uq_enrolment_rider", "rider_id", unique=True, **only_where(CONFIRMED)),
        Index("uq_enrolment_phone", "phone_id", unique=True, **only_where(ASKED)),
        Index("ix_enrolment_community", "community_id", "status", "id"),
        Index("ix_enrolment_claim", "phone_index", **only_where(ASKED)),
        Index("ix_enrolment_asked", "asked_at", **only_where(ASKED)),
        Index("ix_enrolment_of_rider", "rider_id"),
        Index("ix_enrolment_of_phone", "phone_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"))
    community_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    phone_id: Mapped[UUID] = mapped_column(ForeignKey(Phone.id))
    rider_id: Mapped[UUID | None] = mapped_column(ForeignKey(Rider.id))
    status: Mapped[EnrolmentStatus] = mapped_column(default=EnrolmentStatus.ASKED)
    name_sealed: Mapped[str | None]  # None once it is over or erased
    phone_sealed: Mapped[str | None]
    phone_index: Mapped[str | None]
    platform: Mapped[str]
    meeting_sealed: Mapped[str | None]  # the six digits that the phone shows to the worker; gone once decided
    consent_version: Mapped[str]
    consent_sha256: Mapped[str]
    consented_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    over_at: Mapped[datetime | None]
    ending: Mapped[Ending | None]
    reason_sealed: Mapped[str | None]

    def move(self, to: EnrolmentStatus, at: datetime, ending: Ending | None = None) -> None:
        """Move to `to`; what was typed goes where it is over. Raises `IllegalMove` where `ENROLMENT_MOVES` has no such way."""
        self.status = move("enrolment", ENROLMENT_MOVES, self.status, to)
        self.meeting_sealed = None
        if to in {EnrolmentStatus.CONFIRMED, EnrolmentStatus.DECLINED}:
            self.decided_at = at
        if to is not EnrolmentStatus.CONFIRMED:
            self.over_at, self.ending = at, ending
            self.name_sealed = self.phone_sealed = self.phone_index = None


class CodeKind(StrEnum):
    """Who made it, and how often it opens."""

    PERSONAL = "personal"  # shown once on the rider's phone; opens until the next is made
    ONE_TIME = "one_time"  # from a worker who has the person before them; opens once, within a day


class PersonalCode(Base):
    """What makes another phone the rider's, together with the number: 80 random bits, kept as HMAC only."""

    __tablename__ = "personal_code"
    __table_args__ = (Index("uq_personal_code_rider", "rider_id", "kind", unique=True),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    rider_id: Mapped[UUID] = mapped_column(ForeignKey(Rider.id))
    kind: Mapped[CodeKind]
    digest: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    expires_at: Mapped[datetime | None]  # exclusive; None: until another is made


class MemberStatus(StrEnum):
    """Where an appointment stands; whether the term runs is told by its days."""

    APPOINTED = "appointed"
    ENDED = "ended"


MEMBER_MOVES: dict[MemberStatus, frozenset[MemberStatus]] = {
    MemberStatus.APPOINTED: frozenset({MemberStatus.ENDED}),
    MemberStatus.ENDED: frozenset(),
}


class GridMember(Base):
    """The appointment of a rider as mobile grid member 流动网格员; both days of the term are inclusive.

    `check` is the secret part of the public check page's address, printed as a QR code on the letter of appointment.
    """

    __tablename__ = "grid_member"
    __table_args__ = (
        UniqueConstraint("district_id", "year", "sequence"),
        Index("uq_grid_member_rider", "rider_id", unique=True, **only_where(APPOINTED)),
        Index("ix_grid_member_of_rider", "rider_id"),
        Index("ix_grid_member_community", "community_id", "status", "id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"))
    community_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    rider_id: Mapped[UUID] = mapped_column(ForeignKey(Rider.id))
    year: Mapped[int]
    sequence: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)
    status: Mapped[MemberStatus] = mapped_column(default=MemberStatus.APPOINTED)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    area: Mapped[str]  # in words; empty where compounds say it all
    check: Mapped[str] = mapped_column("check_word", unique=True)
    appointed_at: Mapped[datetime]
    appointed_by_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    ended_at: Mapped[datetime | None]
    ending: Mapped[Ending | None]
    reason_sealed: Mapped[str | None]

    def move(self, to: MemberStatus, at: datetime, ending: Ending) -> None:
        """Move to `to`. Raises `IllegalMove` where `MEMBER_MOVES` has no such way."""
        self.status = move("appointment", MEMBER_MOVES, self.status, to)
        self.ended_at, self.ending = at, ending


class GridMemberCompound(Base):
    """A compound in a grid member's area."""

    __tablename__ = "grid_member_compound"
    member_id: Mapped[UUID] = mapped_column(ForeignKey("grid_member.id"), primary_key=True)
    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compound.id"), primary_key=True)


class Erasure(Base):
    """A rider's wish to have everything deleted. `done_at` None: a pass still runs, and the rest waits for its end."""

    __tablename__ = "erasure"
    __table_args__ = (Index("ix_erasure_waiting", "asked_at", **only_where("done_at IS NULL")),)
    rider_id: Mapped[UUID] = mapped_column(ForeignKey(Rider.id), primary_key=True)
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
