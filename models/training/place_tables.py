"""Places at sessions: who asked, who has one, who waits, who came; their tables and the ways from one to the next."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, move, only_where, uuid7
from models.training.tables import Event

LIVE = "status IN ('waiting', 'offered', 'taken', 'attended', 'missed')"


class PlaceStatus(StrEnum):
    """Where a place stands."""

    WAITING = "waiting"
    OFFERED = "offered"  # one became free: until `offered_until` it is kept for this person
    TAKEN = "taken"
    LAPSED = "lapsed"  # the offer ran out
    CANCELLED = "cancelled"  # by the person, or with the session
    ATTENDED = "attended"
    MISSED = "missed"  # 未到


PLACE_MOVES: dict[PlaceStatus, frozenset[PlaceStatus]] = {
    PlaceStatus.WAITING: frozenset({PlaceStatus.OFFERED, PlaceStatus.TAKEN, PlaceStatus.CANCELLED, PlaceStatus.LAPSED}),
    PlaceStatus.OFFERED: frozenset({PlaceStatus.TAKEN, PlaceStatus.LAPSED, PlaceStatus.CANCELLED}),
    PlaceStatus.TAKEN: frozenset({PlaceStatus.ATTENDED, PlaceStatus.MISSED, PlaceStatus.CANCELLED}),
    PlaceStatus.LAPSED: frozenset(),
    PlaceStatus.CANCELLED: frozenset(),
    PlaceStatus.ATTENDED: frozenset(),
    PlaceStatus.MISSED: frozenset({PlaceStatus.ATTENDED}),  # who came late is written down later
}


class Place(Base):
    """A rider's place at a session, or their turn on its waiting list.

    The order of the waiting list: `misses` (no-shows of the time before) ascending, `has_come` descending, `asked_at`, `id`:
    fixed when they ask, so that nobody is overtaken by what happens later. `group_id`: colleagues who want to sit together.
    `children`: how many are brought to be looked after.
    """

    __tablename__ = "place"
    __table_args__ = (
        Index("uq_place_rider", "event_id", "rider_id", unique=True, **only_where(LIVE)),
        Index("ix_place_queue", "event_id", "misses", "has_come", "asked_at", "id", **only_where("status = 'waiting'")),
        Index("ix_place_event", "event_id", "status"),
        Index("ix_place_rider", "rider_id", "id"),
        Index("ix_place_offered", "offered_until", **only_where("status = 'offered'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    event_id: Mapped[UUID] = mapped_column(ForeignKey(Event.id))
    rider_id: Mapped[UUID] = mapped_column(ForeignKey("rider.id"))
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("place_group.id"), index=True)
    status: Mapped[PlaceStatus]
    misses: Mapped[int] = mapped_column(default=0)
    has_come: Mapped[bool] = mapped_column(default=False)
    children: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    offered_until: Mapped[datetime | None]  # exclusive
    decided_at: Mapped[datetime | None]  # when it was taken, lapsed or cancelled
    came_at: Mapped[datetime | None]
    came_by: Mapped[str | None]  # "code": the session's, "pass": the rider's, "hand": written down by an officer
    marked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    told: Mapped[int] = mapped_column(default=0)  # what happened to it that its rider is told: offers, reminders, …
    seen: Mapped[int] = mapped_column(default=0)  # as much of it as the rider has looked at
    version: Mapped[int] = mapped_column(default=1)

    def move(self, to: PlaceStatus) -> None:
        """Move to `to`. Raises `IllegalMove` where `PLACE_MOVES` has no such way."""
        self.status = move("place", PLACE_MOVES, self.status, to)
        self.version += 1


def move_all(session: Session, event_id: UUID, now: PlaceStatus, to: PlaceStatus, at: datetime) -> int:
    """Move all places of a session that is held locked from `now` to `to`, and tell their riders. Returns how many.

    One statement, because a waiting list may have ten thousand turns. Raises `IllegalMove`.
    """
    move("place", PLACE_MOVES, now, to)
    decided = {} if to is PlaceStatus.MISSED else {"decided_at": at, "offered_until": None}
    statement = update(Place).where(Place.event_id == event_id, Place.status == now)
    told = statement.values(status=to, version=Place.version + 1, told=Place.told + 1, **decided)
    return len(session.execute(told.returning(Place.id)).all())


class PlaceGroup(Base):
    """Colleagues who ask together: all get a place or none; `word` is what the first one passes on to join.

    `size`: how many they are; whoever leaves while they wait makes it one less.
    """

    __tablename__ = "place_group"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    event_id: Mapped[UUID] = mapped_column(ForeignKey(Event.id), index=True)
    size: Mapped[int]
    word: Mapped[str] = mapped_column(unique=True)
    made_by_id: Mapped[UUID] = mapped_column(ForeignKey("rider.id"))
    made_at: Mapped[datetime]


class Feedback(Base):
    """What a rider who came says: stars 1 to 5, and words that are sealed."""

    __tablename__ = "feedback"
    place_id: Mapped[UUID] = mapped_column(ForeignKey(Place.id), primary_key=True)
    stars: Mapped[int]
    words_sealed: Mapped[str | None]
    at: Mapped[datetime]


class Certificate(Base):
    """That a rider attended a whole course. `check`: the secret part of its public check page's address."""

    __tablename__ = "certificate"
    __table_args__ = (Index("uq_certificate", "course_id", "rider_id", unique=True),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"))
    course_id: Mapped[UUID] = mapped_column(ForeignKey("course.id"))
    rider_id: Mapped[UUID] = mapped_column(ForeignKey("rider.id"), index=True)
    number: Mapped[str] = mapped_column(unique=True)  # 训2026-000012
    check: Mapped[str] = mapped_column(unique=True)
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class CalendarLink(Base):
    """A secret address under which a rider's or a trainer's own calendar is read; `digest` is the HMAC of its word.

    `word_sealed`: so that its owner sees the address again.
    """

    __tablename__ = "calendar_link"
    __table_args__ = (
        Index(
            "uq_calendar_link_rider", "rider_id", unique=True, **only_where("rider_id IS NOT NULL AND over_at IS NULL")
        ),
        Index(
            "uq_calendar_link_trainer",
            "trainer_id",
            unique=True,
            **only_where("trainer_id IS NOT NULL AND over_at IS NULL"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    rider_id: Mapped[UUID | None] = mapped_column(ForeignKey("rider.id"))
    trainer_id: Mapped[UUID | None] = mapped_column(ForeignKey("trainer.id"))
    digest: Mapped[str] = mapped_column(unique=True)
    word_sealed: Mapped[str]
    made_at: Mapped[datetime]
    over_at: Mapped[datetime | None]
