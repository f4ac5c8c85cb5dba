"""The shapes of sites, trainers and courses: what is sent in and what is answered."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.v1.plain import Name, Out
from api.v1.sending import In, Short, Words
from models.training.courses import CourseEntry
from models.training.sites import SiteEntry
from models.training.tables import CourseStatus
from models.training.trainers import TrainerEntry
from models.views.training_lists import CourseRow, SiteRow, TrainerRow

MOST_ROWS = 500  # of any list that is sent; the domain says how many, in its own sentences
Whole = Annotated[int, Field(ge=-(2**31), lt=2**31)]
Degrees = Annotated[float, Field(examples=[35.23], allow_inf_nan=False)]
HoursIn = Annotated[
    list[tuple[Whole, Whole, Whole]],
    Field(max_length=MOST_ROWS, description="Weekday 1-7, first and last minute of the day in Shanghai, half-open"),
]


class SiteIn(In):
    """A training site or hall. `owner` left out: the community's own. Codes of equipment are the district's."""

    name_zh: Short
    name_en: Short = ""
    address: Short
    community: UUID
    owner: UUID | None = None
    latitude: Degrees
    longitude: Degrees
    capacity: Whole
    child_places: Whole = 0
    equipment: list[Short] = Field([], max_length=MOST_ROWS, examples=[["projector"]])
    hours: HoursIn

    def entry(self) -> SiteEntry:
        """The same for the domain."""
        said = self.model_dump(exclude={"community", "owner"})
        return SiteEntry(**said, community_id=self.community, owner_id=self.owner)


class OpenIn(In):
    """Whether a site is open, a trainer at work."""

    is_open: bool


class SiteOut(Out):
    """A site. Position in WGS84 degrees."""

    id: UUID
    code: str
    name: Name
    address: str
    community_id: UUID
    community: Name
    owner_id: UUID
    owner: Name
    latitude: float
    longitude: float
    capacity: int
    child_places: int
    equipment: list[str]
    hours: list[tuple[int, int, int]]
    is_open: bool
    version: int
    may_change: bool

    @classmethod
    def of(cls, row: SiteRow) -> "SiteOut":
        """As it is listed."""
        site = row.site
        kept = {name: getattr(site, name) for name in cls.model_fields if hasattr(site, name)}
        names = {"name": Name(zh=site.name_zh, en=site.name_en), "community": row.community, "owner": row.owner}
        return cls.model_validate(kept | names | {"may_change": row.may_change})


class SitesOut(Out):
    """The district's sites."""

    rows: list[SiteOut]


class DoneOut(Out):
    """What was made or changed, as it stands now."""

    id: UUID
    version: int


class TrainerIn(In):
    """A trainer, with where they come from. `email` empty: letters go to the department alone."""

    name: Short
    email: Short = ""
    latitude: Degrees
    longitude: Degrees
    hours: HoursIn

    def entry(self) -> TrainerEntry:
        """The same for the domain."""
        return TrainerEntry(**self.model_dump())


class TrainerOut(Out):
    """A trainer; the e-mail address is for departments."""

    id: UUID
    organisation_id: UUID
    name: str
    department: Name
    email: str | None
    hours: list[tuple[int, int, int]]
    is_active: bool
    version: int
    may_change: bool

    @classmethod
    def of(cls, row: TrainerRow) -> "TrainerOut":
        """As they are listed."""
        one = row.trainer
        kept = {name: getattr(one, name) for name in ("id", "organisation_id", "name", "hours", "is_active", "version")}
        return cls.model_validate(kept | {name: getattr(row, name) for name in ("department", "email", "may_change")})


class TrainersOut(Out):
    """The district's trainers."""

    rows: list[TrainerOut]


class CourseIn(In):
    """What a department proposes. Kind, topic and equipment are codes of the district's; both days of the window count."""

    kind: Short = Field(examples=["course"])
    topic: Short = Field(examples=["ebike"])
    title_zh: Short
    title_en: Short = ""
    words: Words
    minutes: Whole
    session_count: Whole
    gap_days: Whole = 0
    least: Whole
    most: Whole
    trainers: list[UUID] = Field(max_length=MOST_ROWS)
    window_from: date
    window_to: date
    equipment: list[Short] = Field([], max_length=MOST_ROWS)
    with_children: bool = False

    def entry(self) -> CourseEntry:
        """The same for the domain."""
        return CourseEntry(**self.model_dump())


class CourseOut(Out):
    """A course. `wanted`: riders who want its topic; `published`: its sessions that stand."""

    id: UUID
    reference: str = Field(examples=["课2026-000012"])
    organisation_id: UUID
    department: Name
    kind: str
    topic: str
    title: Name
    words: str
    minutes: int
    session_count: int
    gap_days: int
    least: int
    most: int
    trainers: list[UUID]
    window_from: date
    window_to: date
    equipment: list[str]
    with_children: bool
    status: CourseStatus
    version: int
    wanted: int
    published: int
    may_change: bool

    @classmethod
    def of(cls, row: CourseRow) -> "CourseOut":
        """As it is listed."""
        one = row.course
        kept = {name: getattr(one, name) for name in cls.model_fields if hasattr(one, name)}
        more = {name: getattr(row, name) for name in ("department", "wanted", "published", "may_change")}
        return cls.model_validate(kept | more | {"title": Name(zh=one.title_zh, en=one.title_en)})


class CoursePage(Out):
    """A page of courses, the newest first; `next` is the cursor of the following page."""

    rows: list[CourseOut]
    next: str | None
