"""The shapes of reports: what is answered and what is sent in. Names follow the views of the domain."""

from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from pydantic import ConfigDict, Field

from api.places import FARTHEST_METRES
from api.v1.plain import Name, Out
from api.v1.sending import In, Short, Words
from models.protocol.schema import Party
from models.report.categories import Category
from models.report.places import Position
from models.report.tables import Clock, Deed, Level, PhotoMoment, ReportStatus, Satisfaction
from models.views.report_view import ReportView

MOST_NAMED = 20  # photos; the domain says how many, in its own sentence
Slips = Annotated[
    list[Annotated[str, Field(max_length=2000)]],
    Field(max_length=MOST_NAMED, description="As `POST /report-photos` gave them, within a day"),
]


class ReportRowOut(Out):
    """A report in a list. `due_at`: the running deadline (exclusive), of `clock`; null when it is over."""

    reference: str = Field(examples=["报2026-000123"])
    category: str = Field(examples=["fire-exit"])
    title: Name
    level: Level
    status: ReportStatus
    clock: Clock | None
    place: Name
    community: Name
    handler: Name
    reported_at: datetime
    due_at: datetime | None
    is_overdue: bool
    is_late: bool = Field(description="Whether it ever missed a deadline")
    rung: int = Field(
        description="How far the running deadline has climbed: 0 not at all; from 3 on, the top is told once more"
    )
    thumbnail: str | None = Field(description="Digest of the first photo's thumbnail")
    latitude: float | None = Field(description="WGS84, degrees")
    longitude: float | None
    followers: int
    version: int
    is_deed: bool


class ReportPage(Out):
    """A page of reports; `next` is the cursor of the following page."""

    rows: list[ReportRowOut]
    next: str | None


class StepOut(Out):
    """One entry of the record. `words` null: none were said, or they were erased. `organisations`: those `body` names."""

    position: int
    kind: str
    at: datetime
    officer: str | None
    organisation: Name | None
    body: dict[str, Any]
    organisations: dict[str, Name]
    words: str | None
    run: str | None


class ReportPhotoOut(Out):
    """A photo: digests of picture and thumbnail for its address; pixels of the picture."""

    digest: str
    thumbnail: str
    width: int
    height: int
    moment: PhotoMoment


class AlikeOut(Out):
    """A report that may be the same. `metres` null: it is in the same compound."""

    reference: str
    title: Name
    status: ReportStatus
    place: Name
    reported_at: datetime
    metres: int | None


class ReportTargetOut(Out):
    """An organisation that it may be sent to. `is_suggested`: as the district's table routes it."""

    id: UUID
    name: Name
    party: Party
    is_suggested: bool


class DutyOut(Out):
    """An organisation that a resolution has bound to settle it, by an instant (exclusive)."""

    organisation: Name
    resolution: str
    settle_by: datetime


class ParkingOut(Out):
    """A request to let it rest that waits for an answer. `until` is exclusive."""

    until: datetime
    asked_at: datetime
    words: str | None


class ReportMayOut(Out):
    """What my organisation may do now."""

    triage: bool
    confirm_deed: bool
    dispatch: bool
    take_up: bool
    answer: bool
    give_back: bool
    park: bool
    decide_parking: bool
    check: bool
    whistle: bool


class ReportOut(ReportRowOut):
    """A report with its record, oldest entry first. `source`: `phone`, `officer` or `program`."""

    words: str
    spot: str
    accuracy_metres: int | None
    source: str
    is_rider: bool
    late_at: datetime | None
    reopened: int
    satisfaction: Satisfaction | None
    trouble: str | None
    merged_into: str | None
    photos: list[ReportPhotoOut]
    steps: list[StepOut]
    alike: list[AlikeOut]
    targets: list[ReportTargetOut]
    duties: list[DutyOut]
    parking: ParkingOut | None
    may: ReportMayOut


PLAIN = (
    "words",
    "spot",
    "accuracy_metres",
    "source",
    "is_rider",
    "late_at",
    "reopened",
    "satisfaction",
    "trouble",
    "merged_into",
    "photos",
    "steps",
    "may",
)


def report_out(view: ReportView) -> ReportOut:
    """The whole report."""
    row = {name: getattr(view.row, name) for name in ReportRowOut.model_fields}
    said = {name: getattr(view, name) for name in PLAIN}
    lists = {
        "alike": [_alike(one.row, one.metres) for one in view.alike],
        "targets": [_target(one, view.suggested_id) for one in view.targets],
        "duties": [
            {"organisation": organisation, "resolution": number, "settle_by": settle_by}
            for organisation, number, settle_by in view.duties
        ],
        "parking": view.parking
        and {"until": view.parking.until, "asked_at": view.parking.asked_at, "words": view.parking_words},
    }
    return ReportOut.model_validate(row | said | lists)


def _alike(row: Any, metres: int | None) -> dict[str, Any]:
    return {name: getattr(row, name) for name in AlikeOut.model_fields if name != "metres"} | {"metres": metres}


def _target(one: Any, suggested_id: UUID | None) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "party": one.party, "is_suggested": one.id == suggested_id}


def address_of(reference: str) -> str:
    """Where a report is read, as headers carry it: references are not ASCII."""
    return quote(f"/api/v1/reports/{reference}")


class ShareOut(Out):
    """`good` of `all`; `percent` null where there is nothing to speak of."""

    good: int
    all: int
    percent: float | None


class RateOut(Out):
    """The rates of one organisation, as the last that had each report in hand."""

    organisation_id: UUID
    organisation: Name
    party: Party
    reports: int
    open: int
    overdue: int
    response: ShareOut
    settling: ShareOut
    satisfaction: ShareOut


class RatesOut(Out):
    """Organisations by what they have settled of the reports filed in the period, both days inclusive."""

    first: date
    last: date
    rows: list[RateOut]


class CategoryOut(Out):
    """A category of the district's table. `words` suggest it; a deed needs a photo; a private one is never public."""

    code: str = Field(examples=["fire-exit"])
    title: Name
    group: Name
    deed: Deed
    level: Level
    is_deed: bool
    is_private: bool
    words: list[str]

    @classmethod
    def of(cls, category: Category) -> "CategoryOut":
        """The category's own fields."""
        return cls.model_validate(category)


class PositionIn(In):
    """A position in degrees (WGS84), as a device tells it."""

    latitude: float = Field(ge=-90, le=90, allow_inf_nan=False, examples=[35.2311])
    longitude: float = Field(ge=-180, le=180, allow_inf_nan=False, examples=[113.2504])
    accuracy_metres: int | None = Field(None, ge=0, le=FARTHEST_METRES)

    def position(self) -> Position:
        """As the rules take it."""
        return Position(self.latitude, self.longitude, self.accuracy_metres)


class ReportIn(In):
    """What somebody says who calls or comes in. Its place: a compound, a community, or a position."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "category": "fire-exit",
                    "words": "三号楼消防通道被纸箱堵住。",
                    "spot": "三号楼东侧",
                    "compound_id": "5d8f3f7e-0c2e-5f0e-9a44-2f3f1f1f7c11",
                }
            ]
        }
    )
    category: Short = Field(description="A code, as `/report-categories` lists them")
    words: Words = ""
    spot: Words = Field("", description="Where exactly")
    compound_id: UUID | None = None
    community_id: UUID | None = None
    position: PositionIn | None = None
    photos: Slips = Field(default_factory=list[str])


class ReportedOut(Out):
    """The report that was made."""

    reference: str


class PhotoKeptOut(Out):
    """The photo is kept. `photo`: the word to name it by in `photos`, by the same officer, within a day."""

    photo: str
    digest: str
    width: int
    height: int


class FileReportIn(In):
    """How it is filed and sent. What is left out stays as it was reported; the handler as the district's table routes it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"level": "high", "words": "请先清通道"}]})
    category: Short | None = None
    level: Level | None = None
    handler_id: UUID | None = Field(None, description="One of the report's `targets`")
    words: Words = Field("", description="To the handler")


class ReasonIn(In):
    """Why. The other side reads it."""

    words: Words = Field(examples=["此处不属我单位管理范围"])


class DispatchIn(ReasonIn):
    """Whom it is sent to from now on, and why."""

    handler_id: UUID = Field(description="One of the report's `targets`")


class AnswerIn(In):
    """What was done, with photos of how it is now."""

    words: Words = Field(examples=["已清理，通道畅通。"])
    photos: Slips = Field(default_factory=list[str])


class ParkingIn(ReasonIn):
    """Why it cannot be settled now, and the last day (in Shanghai) on which it rests."""

    until: date = Field(examples=["2026-12-05"])


class ParkingAnswerIn(In):
    """Whether it may rest; a refusal needs words."""

    is_granted: bool
    words: Words = Field("", examples=["同意挂账"])


class ClosingIn(In):
    """What was seen when it was checked; may be empty."""

    words: Words = Field("", examples=["现场看过，已恢复"])


class MergeIn(In):
    """The report that goes on."""

    into: Short = Field(examples=["报2026-000122"])


class ReportDoneOut(Out):
    """The act is done. `version`: the report's new one, for the next `If-Match`."""

    reference: str
    status: ReportStatus
    version: int
    handler_id: UUID
    due_at: datetime | None
