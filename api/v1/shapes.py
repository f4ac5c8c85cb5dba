"""The shapes of answers: what is listed, seats and stages. Names follow the views of the domain."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field, field_validator

from api.v1.ladder_shapes import ExtensionOut, ForetoldOut, MoreTimeOut, RungOut, SpanRead
from api.v1.plain import Name, Out
from models.consultation.tables import OpinionKind, SeatStatus, SigningPlace, StageOutcome, StageStatus
from models.filing.tables import LineStatus
from models.matter import MatterKind, MatterStatus, Result
from models.notice.tables import Letter, NoticeStatus
from models.protocol.schema import Mode, Party
from models.report.tables import ReportStatus
from models.views.doings import Doing


class AwaitedOut(Out):
    """An organisation that a matter waits for."""

    organisation: Name
    party: Party
    due_at: datetime
    is_late: bool


class FilingRow(Out):
    """A filing in a list."""

    id: UUID = Field(validation_alias="matter_id")
    reference: str = Field(examples=["备2026-000012"])
    kind: MatterKind
    status: MatterStatus
    result: Result | None
    version: int
    filer: Name
    compounds: list[Name]
    line_count: int
    submitted_at: datetime
    awaiting: list[AwaitedOut]
    is_stuck: bool
    late_since: datetime | None = Field(description="The first deadline that passed before its stage was settled")


class FilingPage(Out):
    """A page of filings, newest first; `next` is the cursor of the following page."""

    rows: list[FilingRow]
    next: str | None


class WaitingOut(Out):
    """A seat of my organisation that waits for its opinion; `stands_for`: the late organisation it answers for."""

    seat_id: UUID
    seat_version: int
    filing_id: UUID = Field(validation_alias="matter_id")
    reference: str
    kind: MatterKind
    filer: Name
    compounds: list[Name]
    line_count: int
    stage: Name
    party: Party
    due_at: datetime
    is_late: bool
    is_looked_at: bool
    stands_for: Name | None
    submitted_at: datetime


class WaitingPage(Out):
    """What waits for my organisation, the nearest deadline first."""

    rows: list[WaitingOut]
    next: str | None


class ExceptionOut(Out):
    """A line that leaves while the rest goes on."""

    line: int
    reason: str


class SeatOut(Out):
    """One seat. `is_deemed`: answered by lapse of time; `stands_for`: the seat that it answers for.

    `holder`: the colleague who has it in hand, as an adviser where it was `delegated_by` another. `added_by`: the seat
    that added this signer; `is_heard`: its word decides nothing. `recorded_by`: who recorded the answer on its behalf.
    """

    id: UUID
    version: int
    organisation_id: UUID
    organisation: Name
    party: Party
    status: SeatStatus
    answer: OpinionKind | None
    reason: str
    conditions: str
    exceptions: list[ExceptionOut]
    officer: str | None
    is_deemed: bool
    due_at: datetime
    looked_at: datetime | None
    answered_at: datetime | None
    is_late: bool
    stands_for: UUID | None
    is_mine: bool
    can_answer: bool
    recorded_by: Name | None
    evidence: dict[str, Any] | None
    holder: str | None
    delegated_by: str | None
    added_by: UUID | None
    added_as: SigningPlace | None
    is_heard: bool


class StageOut(Out):
    """An opened stage; `round_number` 1 is the first submission. `late_minutes`: working minutes past its deadline."""

    id: UUID
    round_number: int
    key: str
    title: Name
    mode: Mode
    status: StageStatus
    outcome: StageOutcome | None
    opened_at: datetime
    due_at: datetime
    settled_at: datetime | None
    is_extended: bool
    late_minutes: int | None
    rungs: list[RungOut]
    seats: list[SeatOut]
    extensions: list[ExtensionOut]


class ComingStageOut(Out):
    """A stage that is still to come, with its ladder by the protocol."""

    key: str
    title: Name
    mode: Mode
    parties: list[Party]
    deadline: SpanRead
    ladder: list[ForetoldOut]


class LineOut(Out):
    """One rider of a filing, masked. Both days are inclusive."""

    number: int
    name: str = Field(examples=["朱*"])
    phone: str = Field(examples=["170****3948"])
    plate: str = Field(examples=["豫H***35电"])
    platform: str
    station: str
    starts_on: date
    ends_on: date
    status: LineStatus
    reason: str
    decided_by: Name | None
    has_photo: bool


class LinePage(Out):
    """A page of lines, by number."""

    rows: list[LineOut]
    next: str | None


class EntryOut(Out):
    """One act in the record. `officer` null: the system did it, in the Prefect run `run`.

    `words`: what was said with it. `hand`: in whose hands it put a seat. `deputy_for`: the absent officer in whose place
    it was done. `back_to`: the stage that it sent the matter back to.
    """

    position: int
    kind: str
    at: datetime
    officer: str | None
    organisation: Name | None
    run: str | None
    stage: Name | None
    about: list[Name]
    body: dict[str, Any]
    words: str
    hand: str | None
    deputy_for: str | None
    back_to: Name | None


class RoundOut(Out):
    """A round of the engine that moved the filing, among others."""

    run: str
    flow: str
    at: datetime
    started_at: datetime
    ended_at: datetime
    taken: int
    moved: int
    failed: int


class LetterOut(Out):
    """One letter to one officer."""

    letter: Letter
    status: NoticeStatus
    officer: str
    organisation: Name
    created_at: datetime
    sent_at: datetime | None


class ResolutionOut(Out):
    """The resolution; `check` is the word of its public check page `/check/{word}`."""

    number: str = Field(examples=["山协〔2026〕12号"])
    result: Result
    at: datetime
    check: str


class ChoiceOut(Out):
    """One of those to choose from."""

    id: UUID
    title: Name


class SeatChoiceOut(ChoiceOut):
    """A seat to choose. `version`: for `If-Match`."""

    version: int


class ReturnChoiceOut(Out):
    """Where a matter may be returned to; `is_rerun`: the stages between then run again."""

    to: str
    title: Name
    is_rerun: bool


class SeatDoingsOut(Out):
    """What I can do with one seat of my organisation, and with whom."""

    seat_id: UUID
    seat_version: int
    organisation: Name
    may: list[Doing]
    colleagues: list[ChoiceOut]
    signers: list[ChoiceOut]
    signing_places: list[SigningPlace]
    successors: list[ChoiceOut]
    returns: list[ReturnChoiceOut]
    removable: list[ChoiceOut]
    holder: str | None
    delegated_by: str | None
    more_time: MoreTimeOut | None

    @field_validator("may", mode="before")
    @classmethod
    def _in_order(cls, may: frozenset[Doing]) -> list[Doing]:
        return sorted(may)


class DoingsOut(Out):
    """What I can do now, and nothing else. `urge_from`: when it may next be urged; `on_behalf`: seats to record for."""

    may: list[Doing]
    seats: list[SeatDoingsOut]
    urge_from: datetime | None
    on_behalf: list[SeatChoiceOut]

    @field_validator("may", mode="before")
    @classmethod
    def _in_order(cls, may: frozenset[Doing]) -> list[Doing]:
        return sorted(may)


class WhistleOut(Out):
    """What a street's whistle asks: of which departments (the first bears the main part), by the end of which day.

    `is_bound`: whether the resolution binds them; null while there is none.
    """

    report: str = Field(examples=["报2026-000123"])
    category: Name | None
    report_status: ReportStatus
    departments: list[Name]
    department_ids: list[UUID]
    settle_by: date
    words: str
    is_bound: bool | None


class PlannedOut(Out):
    """The timetable that a matter is about; it is read at `/api/v1/timetables/{id}`."""

    id: UUID = Field(validation_alias="timetable_id")
    title: Name
    first_on: date
    last_on: date
    after: str | None = Field(description="The matter that it amends")
    amended_by: str | None = Field(description="The matter in which sessions that move are asked about")


class FilingOut(Out):
    """A filing with its parties' standing, timeline and rounds. Its lines come in pages of their own.

    A street's whistle (`kind`) is read in the same way: it has no period and no lines, but `whistle`. A timetable has
    `training`; its lines are sessions, read with the timetable.
    """

    id: UUID = Field(validation_alias="matter_id")
    reference: str
    kind: MatterKind
    status: MatterStatus
    result: Result | None
    version: int
    filer: Name
    officer: str
    submitted_at: datetime
    is_stuck: bool
    late_since: datetime | None
    compounds: list[Name]
    protocol_name: str
    protocol_title: Name
    protocol_version: int
    starts_on: date | None
    ends_on: date | None
    note: str
    whistle: WhistleOut | None
    training: PlannedOut | None
    line_count: int
    line_counts: dict[LineStatus, int]
    stages: list[StageOut]
    coming: list[ComingStageOut]
    timeline: list[EntryOut]
    rounds: list[RoundOut]
    letters: list[LetterOut]
    resolution: ResolutionOut | None
    passes: int
    may_submit_again: bool
    may_add_photos: bool
    doings: DoingsOut
