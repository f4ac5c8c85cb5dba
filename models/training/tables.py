"""Sites, trainers, courses, timetables and their sessions: the tables, statuses and the ways from one to the next.

Hours are lists of `[weekday, first minute, last minute]`: weekday 1 (Monday) to 7, minutes of the day in Asia/Shanghai, the
last one not included.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, move, only_where, uuid7

PUBLISHED = "status = 'published'"


class Site(Base):
    """A training site 实训点 or hall: whose it is, where, how many seats, what it has, when it is open.

    `owner_id`: the community, or the property company whose hall it is. `child_places`: for children who are looked after
    while their parents attend. Position in WGS84 degrees.
    """

    __tablename__ = "site"
    __table_args__ = (Index("ix_site_community", "community_id"), Index("ix_site_owner", "owner_id"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    address: Mapped[str]
    community_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    latitude: Mapped[float]
    longitude: Mapped[float]
    capacity: Mapped[int]
    child_places: Mapped[int] = mapped_column(default=0)
    equipment: Mapped[list[Any]]  # codes of the district's file
    hours: Mapped[list[Any]]
    is_open: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class Trainer(Base):
    """Who teaches: sent by a department, from where, and when. Names and e-mail stand in plain: they teach in public."""

    __tablename__ = "trainer"
    __table_args__ = (Index("ix_trainer_organisation", "organisation_id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str]
    email: Mapped[str | None]
    latitude: Mapped[float]
    longitude: Mapped[float]
    hours: Mapped[list[Any]]
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class CourseStatus(StrEnum):
    """Where a proposed course stands."""

    PROPOSED = "proposed"  # waits for a timetable
    SCHEDULED = "scheduled"  # its sessions are in a timetable that is consulted on or published
    WITHDRAWN = "withdrawn"
    ENDED = "ended"  # its last session is over


COURSE_MOVES: dict[CourseStatus, frozenset[CourseStatus]] = {
    CourseStatus.PROPOSED: frozenset({CourseStatus.SCHEDULED, CourseStatus.WITHDRAWN}),
    CourseStatus.SCHEDULED: frozenset({CourseStatus.PROPOSED, CourseStatus.WITHDRAWN, CourseStatus.ENDED}),
    CourseStatus.WITHDRAWN: frozenset(),
    CourseStatus.ENDED: frozenset(),
}


class Course(Base):
    """What a department proposes: a course of several sessions, or one lecture, clinic, class of a service's kind.

    `kind`, `topic`: codes of the district's file. `minutes` of one session; `gap_days`: least days from one session to the
    next. `window_from`, `window_to`: both days included. `least`, `most`: participants. `trainers`: ids as text.
    """

    __tablename__ = "course"
    __table_args__ = (
        Index("ix_course_organisation", "organisation_id", "status", "id"),
        Index("ix_course_status", "district_id", "status", "id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    reference: Mapped[str] = mapped_column(unique=True)  # 课2026-000012
    kind: Mapped[str]
    topic: Mapped[str]
    title_zh: Mapped[str]
    title_en: Mapped[str]
    words: Mapped[str]  # content, for whom; public
    minutes: Mapped[int]
    session_count: Mapped[int]
    gap_days: Mapped[int]
    least: Mapped[int]
    most: Mapped[int]
    equipment: Mapped[list[Any]]
    trainers: Mapped[list[Any]]
    with_children: Mapped[bool] = mapped_column(default=False)  # needs a site where children are looked after
    window_from: Mapped[date]
    window_to: Mapped[date]
    status: Mapped[CourseStatus] = mapped_column(default=CourseStatus.PROPOSED)
    proposed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    def move(self, to: CourseStatus) -> None:
        """Move to `to`. Raises `IllegalMove` where `COURSE_MOVES` has no such way."""
        self.status = move(self.reference, COURSE_MOVES, self.status, to)
        self.version += 1


class Need(Base):
    """What a rider wants to learn and when they can: one live row for a person and topic.

    `slots`: codes of the district's file with the weekday, e.g. `2-afternoon`. `community_id`: near to which they want it.
    """

    __tablename__ = "need"
    __table_args__ = (
        Index(
            "uq_need_rider", "rider_id", "topic", unique=True, **only_where("rider_id IS NOT NULL AND over_at IS NULL")
        ),
        Index("uq_need_phone", "phone_id", "topic", unique=True, **only_where("rider_id IS NULL AND over_at IS NULL")),
        Index("ix_need_topic", "district_id", "topic", **only_where("over_at IS NULL")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"))
    phone_id: Mapped[UUID] = mapped_column(ForeignKey("phone.id"))
    rider_id: Mapped[UUID | None] = mapped_column(ForeignKey("rider.id"))
    topic: Mapped[str]
    slots: Mapped[list[Any]]
    community_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    asked_at: Mapped[datetime]
    over_at: Mapped[datetime | None]  # taken back, or served


class TimetableStatus(StrEnum):
    """Where a timetable stands."""

    ASKED = "asked"  # waits for the round that computes it
    DRAFT = "draft"  # computed, with its department
    CONSULTING = "consulting"
    PUBLISHED = "published"
    REFUSED = "refused"
    REPLACED = "replaced"  # another draft took its place
    WITHDRAWN = "withdrawn"  # discarded by its department, before or during the consultation


TIMETABLE_MOVES: dict[TimetableStatus, frozenset[TimetableStatus]] = {
    TimetableStatus.ASKED: frozenset({TimetableStatus.DRAFT, TimetableStatus.WITHDRAWN}),
    TimetableStatus.DRAFT: frozenset({TimetableStatus.CONSULTING, TimetableStatus.REPLACED, TimetableStatus.WITHDRAWN}),
    TimetableStatus.CONSULTING: frozenset(
        {TimetableStatus.DRAFT, TimetableStatus.PUBLISHED, TimetableStatus.REFUSED, TimetableStatus.WITHDRAWN}
    ),
    TimetableStatus.PUBLISHED: frozenset(),
    TimetableStatus.REFUSED: frozenset(),
    TimetableStatus.REPLACED: frozenset(),
    TimetableStatus.WITHDRAWN: frozenset(),
}


class Timetable(Base):
    """One computed timetable. `first_on`, `last_on`: both days included. The matter that it is consulted on, once there is.

    `problem`, `answer`: what was asked of the solver and what it said, as plain data (`models.training.problem`), so that
    the same can be computed again; both empty while it is asked for. `after_id`: the timetable that this one amends or
    replaces. `again`: what the solver said once conditions were known, until the decision takes effect.

    `wake_at` is alarm and lease at once while it is asked for: who computes it moves it ahead, and one that dies leaves
    it due again. `tries`, `trouble`: as of a matter.
    """

    __tablename__ = "timetable"
    __table_args__ = (
        Index("uq_timetable_matter", "matter_id", unique=True, **only_where("matter_id IS NOT NULL")),
        Index("ix_timetable_organisation", "organisation_id", "status", "id"),
        Index("ix_timetable_wake", "wake_at", **only_where("wake_at IS NOT NULL")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    matter_id: Mapped[UUID | None] = mapped_column(ForeignKey("matter.id"))
    after_id: Mapped[UUID | None] = mapped_column(ForeignKey("timetable.id"))
    title_zh: Mapped[str]
    title_en: Mapped[str]
    first_on: Mapped[date]
    last_on: Mapped[date]
    course_ids: Mapped[list[Any]]  # as text
    problem: Mapped[dict[str, Any]]
    answer: Mapped[dict[str, Any]]
    again: Mapped[dict[str, Any] | None]
    status: Mapped[TimetableStatus] = mapped_column(default=TimetableStatus.ASKED)
    wake_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None]
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    def move(self, to: TimetableStatus) -> None:
        """Move to `to`. Raises `IllegalMove` where `TIMETABLE_MOVES` has no such way."""
        self.status = move("timetable", TIMETABLE_MOVES, self.status, to)
        self.version += 1


class Condition(Base):
    """What a party bound its agreement to, as the solver understands it; and what a person wished ("fix this").

    `kind` and `body`: see `models.training.problem.Rule`. `opinion_id`: None for a wish of the proposing department.
    """

    __tablename__ = "timetable_condition"
    __table_args__ = (Index("ix_timetable_condition", "timetable_id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    timetable_id: Mapped[UUID] = mapped_column(ForeignKey(Timetable.id))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"))
    seat_id: Mapped[UUID | None] = mapped_column(ForeignKey("seat.id"))
    kind: Mapped[str]
    body: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class EventStatus(StrEnum):
    """Where one session stands."""

    PROPOSED = "proposed"  # in a timetable that is not agreed
    PUBLISHED = "published"
    CANCELLED = "cancelled"  # after it was published; riders were told
    DROPPED = "dropped"  # it never was published
    HELD = "held"  # it is over


EVENT_MOVES: dict[EventStatus, frozenset[EventStatus]] = {
    EventStatus.PROPOSED: frozenset({EventStatus.PUBLISHED, EventStatus.DROPPED}),
    EventStatus.PUBLISHED: frozenset({EventStatus.CANCELLED, EventStatus.HELD}),
    EventStatus.CANCELLED: frozenset(),
    EventStatus.DROPPED: frozenset(),
    EventStatus.HELD: frozenset(),
}


class Event(Base):
    """One session 场次 of a course, half-open: `starts_at` to `ends_at`; its name keeps it apart from database sessions.

    `line`: its number in the timetable's matter. `uid`, `sequence`: of calendars (RFC 5545); the sequence rises with every
    change of a published one. `taken`: places taken or offered; `waiting`: people on the waiting list; both change in the
    transaction that changes a place. `code_sealed`: the session's code on the wall. `wake_at`: when reminders, offers that
    ran out, or the end are next due.
    """

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("timetable_id", "line"),
        Index("ix_event_site", "site_id", "starts_at"),
        Index("ix_event_trainer", "trainer_id", "starts_at"),
        Index("ix_event_course", "course_id", "ordinal"),
        Index("ix_event_coming", "district_id", "starts_at", **only_where(PUBLISHED)),
        Index("ix_event_wake", "wake_at", **only_where("wake_at IS NOT NULL")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"))
    timetable_id: Mapped[UUID] = mapped_column(ForeignKey(Timetable.id))
    course_id: Mapped[UUID] = mapped_column(ForeignKey(Course.id))
    line: Mapped[int]
    ordinal: Mapped[int]  # of the course, from 1
    site_id: Mapped[UUID] = mapped_column(ForeignKey(Site.id))
    trainer_id: Mapped[UUID] = mapped_column(ForeignKey(Trainer.id))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    places: Mapped[int]
    child_places: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    children: Mapped[int] = mapped_column(default=0)
    status: Mapped[EventStatus] = mapped_column(default=EventStatus.PROPOSED)
    uid: Mapped[str] = mapped_column(unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    code_sealed: Mapped[str | None]
    code_digest: Mapped[str | None] = mapped_column(unique=True)
    reason: Mapped[str | None]  # why it was cancelled or moved; public
    changed_at: Mapped[datetime]
    wake_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None]
    reminded: Mapped[int] = mapped_column(default=0)  # reminders that went out
    version: Mapped[int] = mapped_column(default=1)

    def move(self, to: EventStatus, at: datetime) -> None:
        """Move to `to`. Raises `IllegalMove` where `EVENT_MOVES` has no such way."""
        self.status = move("session", EVENT_MOVES, self.status, to)
        self.changed_at = at
        self.version += 1
