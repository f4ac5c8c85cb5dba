"""The shapes of timetables: what is asked for, wished and stated, and what is read."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from api.v1.plain import Name, Out
from api.v1.sending import In, Short, Words
from api.v1.training_shapes import MOST_ROWS, Whole
from models.consultation.opinions import LineException
from models.training.conditions import Stated
from models.training.drafting import Asking
from models.training.problem import RuleKind
from models.training.tables import EventStatus, TimetableStatus
from models.views.training import TimetableView
from models.words import Sentence

Translate = Callable[[Sentence], str]


class TimetableIn(In):
    """What a draft is asked for: its days (both included) and its courses."""

    title_zh: Short = Field(examples=["十二月课表"])
    title_en: Short = ""
    first_on: date
    last_on: date
    courses: list[UUID] = Field(max_length=MOST_ROWS)

    def asking(self) -> Asking:
        """The same for the domain."""
        return Asking(self.title_zh, self.title_en, self.first_on, self.last_on, tuple(self.courses))


class StatedIn(In):
    """A wish or condition: it holds for the named lines; without any, for the named sites or courses.

    Of the rest those count that the kind needs: `days` or `weekdays` (not_on), `minute` (not_before, not_after),
    `at_sites` (at, not_at), `count` (most_a_week), `trainers` (by).
    """

    kind: RuleKind
    lines: tuple[Whole, ...] = Field((), max_length=MOST_ROWS)
    sites: tuple[UUID, ...] = Field((), max_length=MOST_ROWS)
    courses: tuple[UUID, ...] = Field((), max_length=MOST_ROWS)
    days: tuple[date, ...] = Field((), max_length=MOST_ROWS)
    weekdays: tuple[Whole, ...] = Field((), max_length=MOST_ROWS)
    minute: Whole | None = None
    at_sites: tuple[UUID, ...] = Field((), max_length=MOST_ROWS)
    count: Whole | None = None
    trainers: tuple[UUID, ...] = Field((), max_length=MOST_ROWS)

    def stated(self) -> Stated:
        """The same for the domain."""
        return Stated(**self.model_dump())


class WishesIn(In):
    """What is wished for the draft that is computed anew; what was wished before is taken back."""

    wishes: list[StatedIn] = Field(max_length=MOST_ROWS)


class ExceptedIn(In):
    """A session that leaves while the rest goes on."""

    line: Whole
    reason: Words


class ConditionsIn(In):
    """Agreeing with conditions, in words and as the solver takes them."""

    words: Words
    conditions: list[StatedIn] = Field([], max_length=MOST_ROWS)
    exceptions: list[ExceptedIn] = Field([], max_length=MOST_ROWS)

    def excepted(self) -> tuple[LineException, ...]:
        """The sessions that leave."""
        return tuple(LineException(one.line, one.reason) for one in self.exceptions)


class AgreedOut(Out):
    """What came of it: the seat's new version and whether this opinion decided the stage."""

    seat_id: UUID
    filing_id: UUID = Field(validation_alias="matter_id")
    seat_version: int
    is_stage_settled: bool


class SubmittedOut(Out):
    """The matter that the timetable has become; it is read at `/api/v1/filings/{id}`."""

    id: UUID
    reference: str = Field(examples=["训2026-000001"])


class TimetableRowOut(Out):
    """A timetable in a list."""

    id: UUID = Field(validation_alias="timetable_id")
    title: Name
    department: Name
    status: TimetableStatus
    version: int
    first_on: date
    last_on: date
    made_at: datetime
    matter_id: UUID | None
    sessions: int
    trouble: str | None


class TimetablePage(Out):
    """A page of timetables, the newest first; `next` is the cursor of the following page."""

    rows: list[TimetableRowOut]
    next: str | None


class SessionOut(Out):
    """One session. `why`: in your language, where it has no place under the conditions. `is_ours`: you speak for its site."""

    id: UUID
    line: int
    course_id: UUID
    course: Name
    kind: str
    topic: str
    ordinal: int
    session_count: int
    site_id: UUID
    site: Name
    community: Name
    trainer_id: UUID
    trainer: str
    starts_at: datetime
    ends_at: datetime
    places: int
    status: EventStatus
    is_ours: bool
    why: list[str]


class UnplacedOut(Out):
    """A session without a place, and why, in your language."""

    course_id: UUID
    course: Name
    ordinal: int
    why: list[str]


class ConditionOut(Out):
    """A wish or condition of an organisation, as the solver takes it."""

    organisation: Name
    kind: RuleKind
    is_wish: bool
    lines: list[int]
    sites: list[Name]
    courses: list[Name]
    body: dict[str, Any]


class CostOut(Out):
    """What came out in numbers. `costs`: points lost, by the weight's name; `gap`: a share of the proven bound."""

    value: float
    possible: float
    bound: float
    gap: float
    served: int
    moved: int
    seconds: float
    is_proven: bool
    costs: dict[str, int]
    remarks: list[str]


class TimetableOut(Out):
    """A timetable with its sessions. `cost` null: it is not computed yet. `after`, `amended_by`: matters by reference."""

    id: UUID
    title: Name
    department: Name
    status: TimetableStatus
    version: int
    first_on: date
    last_on: date
    made_at: datetime
    published_at: datetime | None
    trouble: str | None
    matter_id: UUID | None
    reference: str | None
    after_id: UUID | None
    after: str | None
    amended_by: str | None
    course_ids: list[UUID]
    sessions: list[SessionOut]
    unplaced: list[UnplacedOut]
    conditions: list[ConditionOut]
    cost: CostOut | None

    @classmethod
    def of(cls, view: TimetableView, say: Translate) -> "TimetableOut":
        """With its sentences in the reader's language."""
        plain = {name: getattr(view, name) for name in cls.model_fields if hasattr(view, name)}
        cost = view.cost and vars_of(view.cost) | {"remarks": [say(one) for one in view.cost.remarks]}
        sessions = [vars_of(one) | {"id": one.event_id, "why": [say(w) for w in one.why]} for one in view.sessions]
        unplaced = [vars_of(one) | {"why": [say(w) for w in one.why]} for one in view.unplaced]
        said = {"id": view.timetable_id, "sessions": sessions, "unplaced": unplaced, "cost": cost}
        return cls.model_validate(plain | said)


def vars_of(view: Any) -> dict[str, Any]:
    """The fields of a view by name."""
    return {name: getattr(view, name) for name in view.__dataclass_fields__}
