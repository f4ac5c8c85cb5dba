"""Consultation, stage, seat and opinion: their tables, statuses and ways from one status to the next."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, move, only_where, uuid7
from models.protocol.schema import Party


class OpinionKind(StrEnum):
    """The four opinions 意见."""

    AGREE = "agree"
    AGREE_WITH_CONDITIONS = "agree_with_conditions"
    OBJECT = "object"
    ABSTAIN = "abstain"

    @property
    def is_agreement(self) -> bool:
        """Whether it counts as agreed."""
        return self in {OpinionKind.AGREE, OpinionKind.AGREE_WITH_CONDITIONS}


class StageOutcome(StrEnum):
    """What a stage came to."""

    AGREED = "agreed"
    REFUSED = "refused"
    RETURNED = "returned"
    CONCILIATE = "conciliate"
    SENT_BACK = "sent_back"  # to an earlier stage
    WITHDRAWN = "withdrawn"  # by the filer


class StageStatus(StrEnum):
    """A stage is open until its decision is certain."""

    OPEN = "open"
    SETTLED = "settled"


class SeatStatus(StrEnum):
    """Where one seat stands."""

    WAITING = "waiting"  # others come first: in turn, or a signer added before
    ASKED = "asked"
    ANSWERED = "answered"
    ESCALATED = "escalated"  # late: a superior answers in its stead
    TRANSFERRED = "transferred"  # another organisation of the party answers in its stead
    REMOVED = (
        "removed"  # no longer asked: an added signer, or a superior alongside whom the late one answered after all
    )
    CLOSED = "closed"  # the stage was settled without it


class SigningPlace(StrEnum):
    """Where a signer is added 加签, seen from the seat that adds it."""

    BEFORE = "before"  # is heard first; the adder's seat waits for it, its word decides nothing
    BESIDE = "beside"  # is asked at once, as one more place at the table
    AFTER = "after"  # is asked once the adder has answered, as one more place at the table


SEAT_MOVES: dict[SeatStatus, frozenset[SeatStatus]] = {
    SeatStatus.WAITING: frozenset({SeatStatus.ASKED, SeatStatus.REMOVED, SeatStatus.CLOSED}),
    SeatStatus.ASKED: frozenset(
        {
            SeatStatus.WAITING,
            SeatStatus.ANSWERED,
            SeatStatus.ESCALATED,
            SeatStatus.TRANSFERRED,
            SeatStatus.REMOVED,
            SeatStatus.CLOSED,
        }
    ),
    # An opinion may be changed until the stage settles, and taken back until somebody answers after it.
    SeatStatus.ANSWERED: frozenset({SeatStatus.ANSWERED, SeatStatus.ASKED}),
    SeatStatus.ESCALATED: frozenset({SeatStatus.REMOVED, SeatStatus.CLOSED}),
    SeatStatus.TRANSFERRED: frozenset({SeatStatus.REMOVED}),
    SeatStatus.REMOVED: frozenset({SeatStatus.ASKED, SeatStatus.WAITING}),  # may be added again
    SeatStatus.CLOSED: frozenset(),
}


class ExtensionStatus(StrEnum):
    """Where a request for more time 延期 stands."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    LAPSED = "lapsed"  # nobody answered it before the deadline: refused by lapse of time
    WITHDRAWN = "withdrawn"  # the seat that asked no longer needs it


STAGE_MOVES: dict[StageStatus, frozenset[StageStatus]] = {
    StageStatus.OPEN: frozenset({StageStatus.SETTLED}),
    StageStatus.SETTLED: frozenset(),
}

EXTENSION_MOVES: dict[ExtensionStatus, frozenset[ExtensionStatus]] = {
    ExtensionStatus.ASKED: frozenset(set(ExtensionStatus) - {ExtensionStatus.ASKED}),
    ExtensionStatus.GRANTED: frozenset(),
    ExtensionStatus.REFUSED: frozenset(),
    ExtensionStatus.LAPSED: frozenset(),
    ExtensionStatus.WITHDRAWN: frozenset(),
}


class Consultation(Base):
    """One run of a protocol on one matter; it keeps the version it opened with.

    `next_stage` is the key of the stage that the next round opens (None: none waits). `resume_after` is the stage
    whose objection a conciliation answers. `skip_to` is the stage that sent the matter back: it opens next once the
    reopened one has agreed, past those between (None: they run again). `lines_out` maps a line's number (as text) to
    why it left.
    """

    __tablename__ = "consultation"
    __table_args__ = (UniqueConstraint("matter_id", "number"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    number: Mapped[int]  # 1 for the first submission, 2 after a return …
    protocol_name: Mapped[str]
    protocol_version: Mapped[int]
    next_stage: Mapped[str | None]
    resume_after: Mapped[str | None]
    skip_to: Mapped[str | None]
    lines_out: Mapped[dict[str, Any]] = mapped_column(default=dict)
    opened_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class Stage(Base):
    """One opened step. Its `ladder` lists the rungs (see `models.consultation.ladder`); `rung` is the next one's index.

    The live deadline of an open stage is exactly one instant: that of its next rung. `has_ties`: more than its own place
    may hang on an answer, since a superior is asked alongside or somebody has asked for more time.
    """

    __tablename__ = "stage"
    __table_args__ = (UniqueConstraint("consultation_id", "position"), Index("ix_stage_matter", "matter_id"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultation.id"))
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    position: Mapped[int]
    key: Mapped[str]
    status: Mapped[StageStatus] = mapped_column(default=StageStatus.OPEN)
    outcome: Mapped[StageOutcome | None]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]  # exclusive: an answer at this instant is late
    ladder: Mapped[list[Any]]
    rung: Mapped[int] = mapped_column(default=0)
    is_extended: Mapped[bool] = mapped_column(default=False)
    needs_asking: Mapped[bool] = mapped_column(default=False)  # in turn: the next round asks the next seat
    has_added: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # signers were added
    has_ties: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    urged_at: Mapped[datetime | None]  # when an officer last urged those who are awaited
    settled_at: Mapped[datetime | None]

    def settle(self, outcome: StageOutcome, at: datetime) -> None:
        """Close the stage with its outcome. Raises `IllegalMove` where it is closed already."""
        self.status = move(self.key, STAGE_MOVES, self.status, StageStatus.SETTLED)
        self.outcome, self.settled_at = outcome, at


class Seat(Base):
    """The place of one organisation in one stage; only `models.consultation` changes its status.

    `stands_for_id`: the seat that this one answers for, after an escalation or a transfer. `holder_id`: the officer in
    whose hands it is (None: anyone's of the organisation); with `delegated_by_id` the holder only advises that officer.
    `added_by_id`: the seat that added this signer, in the place `added_as`.

    For figures, and never cleared: `asked_at`, when it was first asked (None: never, such as a declared seat);
    `answered_minutes`, working minutes from then to the first answer by a person (None: none, or deemed); `late_at`, the
    deadline that it missed; `escalated_at`, when its superior was asked because of that.
    """

    __tablename__ = "seat"
    __table_args__ = (
        UniqueConstraint("stage_id", "organisation_id", "stands_for_id"),
        Index("uq_seat_place", "stage_id", "organisation_id", unique=True, **only_where("stands_for_id IS NULL")),
        Index("ix_seat_waiting", "organisation_id", "status", "due_at"),
        Index("ix_seat_matter", "matter_id"),
        Index("ix_seat_open", "party", "due_at", "matter_id", **only_where("status = 'asked'")),
        Index("ix_seat_answered", "organisation_id", "answered_at", "id", **only_where("answered_at IS NOT NULL")),
        Index("ix_seat_asked_at", "asked_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    stage_id: Mapped[UUID] = mapped_column(ForeignKey("stage.id"))
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    party: Mapped[Party]  # of the place at the table: a superior keeps the party it stands for
    turn: Mapped[int]
    status: Mapped[SeatStatus] = mapped_column(default=SeatStatus.WAITING)
    answer: Mapped[OpinionKind | None]
    opinion_id: Mapped[UUID | None]
    stands_for_id: Mapped[UUID | None] = mapped_column(ForeignKey("seat.id"))
    holder_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    delegated_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    added_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("seat.id"))
    added_as: Mapped[SigningPlace | None]
    due_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    answered_minutes: Mapped[int | None]
    late_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    def move(self, to: SeatStatus) -> None:
        """Move to `to`; the version rises. Raises `IllegalMove` where `SEAT_MOVES` has no such way."""
        self.status = move("seat", SEAT_MOVES, self.status, to)
        self.version += 1

    def ask(self, at: datetime) -> None:
        """Move to `ASKED`; the clock of the figures starts with the first time. Raises `IllegalMove`."""
        self.move(SeatStatus.ASKED)
        self.asked_at = self.asked_at or at


class ExtensionRequest(Base):
    """A request of one seat for more time 延期, which the organisation `approver_id` grants or refuses.

    `due_at`: the deadline that it asks to move, and until when (exclusive) it can be answered; `until`: the deadline that
    it asks for. Why, and what was answered, stand in `remark`, at the entries `asked_position` and `answered_position`.
    """

    __tablename__ = "extension_request"
    __table_args__ = (
        Index("ix_extension_request_stage", "stage_id"),
        Index("uq_extension_request_open", "stage_id", unique=True, **only_where("status = 'asked'")),
        Index("ix_extension_request_approver", "approver_id", "due_at", **only_where("status = 'asked'")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), index=True)
    stage_id: Mapped[UUID] = mapped_column(ForeignKey("stage.id"))
    seat_id: Mapped[UUID] = mapped_column(ForeignKey("seat.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    approver_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    status: Mapped[ExtensionStatus] = mapped_column(default=ExtensionStatus.ASKED)
    due_at: Mapped[datetime]
    until: Mapped[datetime]
    asked_at: Mapped[datetime]
    asked_position: Mapped[int]
    answered_at: Mapped[datetime | None]
    answered_position: Mapped[int | None]

    def move(self, to: ExtensionStatus, at: datetime) -> None:
        """Move to `to`. Raises `IllegalMove` where `EXTENSION_MOVES` has no such way."""
        self.status = move("extension", EXTENSION_MOVES, self.status, to)
        self.answered_at = at


class Opinion(Base):
    """What an organisation said; rows are never changed, a changed opinion is a new row and the seat points to it.

    `exceptions`: list of {"line": number, "reason": text}. `officer_id` None: deemed by the protocol's lapse rule.
    `recorded_by_id`: the organisation that recorded it on behalf of the seat's, with its `evidence`.
    """

    __tablename__ = "opinion"
    __table_args__ = (Index("ix_opinion_seat", "seat_id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    seat_id: Mapped[UUID] = mapped_column(ForeignKey("seat.id"))
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("officer.id"))
    kind: Mapped[OpinionKind]
    reason: Mapped[str] = mapped_column(default="")
    conditions: Mapped[str] = mapped_column(default="")
    exceptions: Mapped[list[Any]] = mapped_column(default=list)
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    evidence: Mapped[dict[str, Any] | None]
    at: Mapped[datetime]


class OpinionDraft(Base):
    """One officer's draft for one seat. `exceptions`: list of [lines as typed, reason]."""

    __tablename__ = "opinion_draft"
    seat_id: Mapped[UUID] = mapped_column(ForeignKey("seat.id"), primary_key=True)
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    kind: Mapped[OpinionKind | None]
    reason: Mapped[str]
    conditions: Mapped[str]
    exceptions: Mapped[list[Any]]
    saved_at: Mapped[datetime]


class Remark(Base):
    """What an officer said with an act other than an opinion: the words of the record's entry at `position`.

    The record itself holds their digest only.
    """

    __tablename__ = "remark"
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[UUID | None] = mapped_column(ForeignKey("seat.id"))
    words: Mapped[str]
