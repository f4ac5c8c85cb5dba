"""A report 上报: its tables, its statuses and the ways from one to the next."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, move, only_where, uuid7
from models.record import GENESIS, ChainLink

OPEN = "due_at IS NOT NULL"  # every open report has exactly one live deadline, and no other has any
TRIED = "wake_at IS NOT NULL"


class ReportStatus(StrEnum):
    """Where a report stands on its way 采集 → 立案 → 派遣 → 处置 → 反馈 → 核查 → 结案."""

    COLLECTED = "collected"  # 采集: the community has to look at it
    FILED = "filed"  # 立案: it is the district's to settle; nobody has it yet, or it was returned as not theirs
    DISPATCHED = "dispatched"  # 派遣: an organisation is to take it up
    HANDLING = "handling"  # 处置
    PARKED = "parked"  # 挂账: it cannot be settled now, for a reason that the next level up has approved
    ANSWERED = "answered"  # 反馈: said to be settled; somebody else has to check 核查
    CLOSED = "closed"  # 结案
    DECLINED = "declined"  # 不予立案, with a reason
    MERGED = "merged"  # the same as another report, which goes on
    WITHDRAWN = "withdrawn"  # by the reporter, before anybody looked


MOVES: dict[ReportStatus, frozenset[ReportStatus]] = {
    ReportStatus.COLLECTED: frozenset(
        {
            ReportStatus.FILED,
            ReportStatus.CLOSED,  # a deed, whose evidence was checked
            ReportStatus.DECLINED,
            ReportStatus.MERGED,
            ReportStatus.WITHDRAWN,
        }
    ),
    ReportStatus.FILED: frozenset({ReportStatus.DISPATCHED, ReportStatus.DECLINED, ReportStatus.MERGED}),
    ReportStatus.DISPATCHED: frozenset(
        {ReportStatus.HANDLING, ReportStatus.FILED, ReportStatus.DISPATCHED, ReportStatus.MERGED}
    ),
    ReportStatus.HANDLING: frozenset(
        {
            ReportStatus.ANSWERED,
            ReportStatus.FILED,
            ReportStatus.DISPATCHED,
            ReportStatus.PARKED,
            ReportStatus.HANDLING,  # bound to a date by a resolution
            ReportStatus.MERGED,
        }
    ),
    ReportStatus.PARKED: frozenset({ReportStatus.HANDLING}),
    ReportStatus.ANSWERED: frozenset({ReportStatus.CLOSED, ReportStatus.HANDLING}),
    ReportStatus.CLOSED: frozenset({ReportStatus.DISPATCHED}),  # reopened
    ReportStatus.DECLINED: frozenset({ReportStatus.COLLECTED}),  # reopened
    ReportStatus.MERGED: frozenset(),
    ReportStatus.WITHDRAWN: frozenset(),
}
OVER = frozenset({ReportStatus.CLOSED, ReportStatus.DECLINED, ReportStatus.MERGED, ReportStatus.WITHDRAWN})

STATUS_AFTER: dict[str, ReportStatus] = {
    "reported": ReportStatus.COLLECTED,
    "filed": ReportStatus.FILED,
    "dispatched": ReportStatus.DISPATCHED,
    "taken_up": ReportStatus.HANDLING,
    "bound": ReportStatus.HANDLING,
    "returned": ReportStatus.FILED,
    "parked": ReportStatus.PARKED,
    "unparked": ReportStatus.HANDLING,
    "answered": ReportStatus.ANSWERED,
    "sent_back": ReportStatus.HANDLING,
    "closed": ReportStatus.CLOSED,
    "declined": ReportStatus.DECLINED,
    "merged": ReportStatus.MERGED,
    "withdrawn": ReportStatus.WITHDRAWN,
    "reopened": ReportStatus.DISPATCHED,
    "collected_again": ReportStatus.COLLECTED,
}  # entry of the record → the status that it leads to; other entries change none


class Level(StrEnum):
    """How much a report presses; its clocks follow from it."""

    URGENT = "urgent"
    HIGH = "high"
    ORDINARY = "ordinary"


class Clock(StrEnum):
    """Which time runs. One at a time, and only for open reports."""

    TRIAGE = "triage"  # the community files it, or says why not
    TAKE_UP = "take_up"  # its handler takes it up
    SETTLE = "settle"  # its handler settles it
    CHECK = "check"  # somebody else checks that it is settled
    PARKED = "parked"  # it rests until then


class Deed(StrEnum):
    """The five quick deeds 五个随手 (brief, row 10)."""

    SNAP = "snap"  # 随手拍
    CLEAR = "clear"  # 随手清: corridor rubbish
    TIDY = "tidy"  # 随手整: shared bikes
    REPORT = "report"  # 随手报: hazards
    SPEAK = "speak"  # 随手宣: courtesy


class Satisfaction(StrEnum):
    """What the reporter says of the outcome."""

    SATISFIED = "satisfied"
    NOT_SATISFIED = "not_satisfied"


class Report(Base):
    """One report or deed. What people wrote is sealed; category and place are open.

    Position: WGS84 degrees; `cell` is its square of the grid (`models.report.places`), None without a position. What is shown
    of it to the public: the compound's middle, or rounded to about 100 m.
    `community_id`, `street_id`: the ones on whose ground it is. `handler_id`: who has to act now (before dispatch: the
    community). `due_at`: the live deadline, exclusive; None when it is over. `wake_at`: when the engine must look.
    `clock_number` counts clocks, `rung` the escalations of the running one. `late_at`: the first deadline it missed.
    `told`: how many entries its reporters have been told. `left`: what of the settling time was left when it was parked.
    """

    __tablename__ = "report"
    __table_args__ = (
        Index("ix_report_stuck", "stuck_at", **only_where("stuck_at IS NOT NULL")),
        Index("ix_report_wake", "wake_at", **only_where(TRIED)),
        Index("ix_report_community", "community_id", "due_at", **only_where(OPEN)),
        Index("ix_report_street", "street_id", "due_at", **only_where(OPEN)),
        Index("ix_report_handler", "handler_id", "due_at", **only_where(OPEN)),
        Index("ix_report_open", "due_at", **only_where(OPEN)),
        Index("ix_report_near", "category", "cell", "reported_at"),
        Index("ix_report_cell", "cell", "reported_at"),
        Index("ix_report_compound", "compound_id", "category", "reported_at"),
        Index("ix_report_map", "reported_at", "shown_latitude", "shown_longitude"),
        Index("ix_report_community_reported", "community_id", "reported_at"),
        Index("ix_report_updated", "updated_at"),
        Index("ix_report_rider", "rider_id", "reported_at", **only_where("rider_id IS NOT NULL")),
        Index("ix_report_phone", "phone_id", **only_where("phone_id IS NOT NULL")),
        Index("ix_report_merged", "merged_into_id", **only_where("merged_into_id IS NOT NULL")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"))
    reference: Mapped[str] = mapped_column(unique=True)  # 报2026-000123
    client_key: Mapped[str | None] = mapped_column(unique=True)  # made where it was written: the same is kept once
    category: Mapped[str]  # a code of the district's category table
    deed: Mapped[Deed]
    level: Mapped[Level]
    status: Mapped[ReportStatus] = mapped_column(default=ReportStatus.COLLECTED)
    words_sealed: Mapped[str | None]
    spot_sealed: Mapped[str | None]  # where exactly, in the reporter's words
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    accuracy_metres: Mapped[int | None]
    cell: Mapped[int | None] = mapped_column(BigInteger)
    shown_latitude: Mapped[float | None]
    shown_longitude: Mapped[float | None]
    compound_id: Mapped[UUID | None] = mapped_column(ForeignKey("compound.id"))
    community_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    street_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    handler_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    rider_id: Mapped[UUID | None] = mapped_column(ForeignKey("rider.id"))
    phone_id: Mapped[UUID | None] = mapped_column(ForeignKey("phone.id"))
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))  # who wrote it down for somebody
    api_key_id: Mapped[UUID | None] = mapped_column(ForeignKey("open311_key.id"))
    clock: Mapped[Clock | None]
    clock_number: Mapped[int] = mapped_column(default=1)
    rung: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    wake_at: Mapped[datetime | None]
    left: Mapped[dict[str, Any] | None]
    reported_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    filed_at: Mapped[datetime | None]
    take_up_due_at: Mapped[datetime | None]
    taken_up_at: Mapped[datetime | None]
    settle_due_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]  # the answer that was confirmed, or that waits to be
    answered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    closed_at: Mapped[datetime | None]
    late_at: Mapped[datetime | None]
    reopened: Mapped[int] = mapped_column(default=0)
    satisfaction: Mapped[Satisfaction | None]
    rated_at: Mapped[datetime | None]
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("report.id"))
    told: Mapped[int] = mapped_column(default=0)
    is_private: Mapped[bool] = mapped_column(default=False)  # never on a public page
    version: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None]
    stuck_at: Mapped[datetime | None]
    record_count: Mapped[int] = mapped_column(default=0)
    record_hash: Mapped[str] = mapped_column(default=GENESIS)

    def move(self, to: ReportStatus) -> None:
        """Move to `to`. Raises `IllegalMove` where `MOVES` has no such way."""
        self.status = move(self.reference, MOVES, self.status, to)

    @property
    def is_open(self) -> bool:
        """Whether anybody still has to do something about it."""
        return self.status not in OVER


class ReportEntry(ChainLink, Base):
    """One act on a report, chained as the entries of a matter are. `said_sealed`: its words, which are not in the chain.

    Words can name people and must be erasable; the chain holds their digest.
    """

    __tablename__ = "report_entry"
    __table_args__ = ({"sqlite_with_rowid": False},)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)  # from 1, without gaps
    said_sealed: Mapped[str | None]


class PhotoMoment(StrEnum):
    """Whether a photo shows how it was or how it is now."""

    BEFORE = "before"
    AFTER = "after"


class ReportPhoto(Base):
    """A photo of a report: content hashes of the picture and its thumbnail, both kept sealed."""

    __tablename__ = "report_photo"
    __table_args__ = (
        UniqueConstraint("report_id", "digest", "moment"),
        Index("ix_report_photo_digest", "digest"),
        Index("ix_report_photo_thumbnail", "thumbnail"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    moment: Mapped[PhotoMoment]
    digest: Mapped[str]
    thumbnail: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    at: Mapped[datetime]


class Follower(Base):
    """Who is told what becomes of a report: a phone, or a rider on whichever phone. `seen`: of `Report.told`, how many."""

    __tablename__ = "report_follower"
    __table_args__ = (
        UniqueConstraint("report_id", "phone_id"),
        UniqueConstraint("report_id", "rider_id"),
        Index("ix_report_follower_phone", "phone_id", "report_id"),
        Index("ix_report_follower_rider", "rider_id", "report_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    phone_id: Mapped[UUID | None] = mapped_column(ForeignKey("phone.id"))
    rider_id: Mapped[UUID | None] = mapped_column(ForeignKey("rider.id"))
    is_reporter: Mapped[bool]  # the first reporter, or one whose report was merged into this one
    seen: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime]


class ReportDuty(Base):
    """An organisation that a resolution has bound to settle a report by a date, besides its handler."""

    __tablename__ = "report_duty"
    __table_args__ = (UniqueConstraint("report_id", "organisation_id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    resolution: Mapped[str]  # its number
    settle_by: Mapped[datetime]  # exclusive
    at: Mapped[datetime]


class ReportEscalation(Base):
    """One rung: a late report came to an organisation, at the minute it was due. Never twice: `uq` is the law.

    `ended_at`: since when the organisation need not look any more, because somebody has acted.
    """

    __tablename__ = "report_escalation"
    __table_args__ = (
        UniqueConstraint("report_id", "clock_number", "rung"),
        Index("ix_report_escalation_open", "organisation_id", "due_at", **only_where("ended_at IS NULL")),
        Index("ix_report_escalation_to", "organisation_id", "at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"))
    clock: Mapped[Clock]
    clock_number: Mapped[int]
    rung: Mapped[int]  # from 1
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    late_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    due_at: Mapped[datetime]  # when the rung was due
    at: Mapped[datetime]  # the instant of the round that climbed it
    ended_at: Mapped[datetime | None]


class ParkingStatus(StrEnum):
    """What became of a request to park."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    GONE = "gone"  # the report moved on before anybody answered


PARKING_MOVES: dict[ParkingStatus, frozenset[ParkingStatus]] = {
    ParkingStatus.ASKED: frozenset({ParkingStatus.GRANTED, ParkingStatus.REFUSED, ParkingStatus.GONE}),
    ParkingStatus.GRANTED: frozenset(),
    ParkingStatus.REFUSED: frozenset(),
    ParkingStatus.GONE: frozenset(),
}


class Parking(Base):
    """A request to park a report 挂账 until an instant; one open request a report."""

    __tablename__ = "report_parking"
    __table_args__ = (
        Index("uq_report_parking_open", "report_id", unique=True, **only_where("status = 'asked'")),
        Index("ix_report_parking_approver", "approver_id", "asked_at", **only_where("status = 'asked'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("report.id"), index=True)
    asker_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    approver_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    status: Mapped[ParkingStatus] = mapped_column(default=ParkingStatus.ASKED)
    until: Mapped[datetime]
    asked_at: Mapped[datetime]
    asked_position: Mapped[int]  # of the entry that holds the reason
    answered_at: Mapped[datetime | None]

    def move(self, to: ParkingStatus, at: datetime) -> None:
        """Move to `to`. Raises `IllegalMove` where `PARKING_MOVES` has no such way."""
        self.status = move("parking", PARKING_MOVES, self.status, to)
        self.answered_at = at
