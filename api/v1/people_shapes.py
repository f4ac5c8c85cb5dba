"""The shapes of riders as people: what is answered, masked as in the portal, and what is sent in."""

from datetime import date, datetime
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from api.v1.plain import Name, Out
from api.v1.sending import MOST_COMPOUNDS, In, Short, Words
from models.people.members import Term
from models.people.squads import NewShift
from models.people.tables import Ending, EnrolmentStatus, MemberStatus

MOST_NAMED = 200  # riders; a shift has no more than 100 places


class EnrolmentRowOut(Out):
    """An enrolment in a list: name and number masked."""

    id: UUID
    status: EnrolmentStatus
    name: str = Field(examples=["王*"])
    phone: str = Field(examples=["170****0001"])
    platform: str = Field(examples=["美团"])
    asked_at: datetime
    decided_at: datetime | None
    claims: int = Field(
        description="How many phones ask with this number; see the person's paper where it is more than one"
    )
    member: str | None = Field(description="Number of the rider's appointment as grid member")


class EnrolmentPage(Out):
    """A page of enrolments; `next` is the cursor of the following page."""

    rows: list[EnrolmentRowOut]
    next: str | None


class PeopleCountOut(Out):
    """How many people a community has."""

    community: Name
    asked: int
    confirmed: int
    members: int
    squads: int


class PeopleCountsOut(Out):
    """Communities by code."""

    rows: list[PeopleCountOut]


class EnrolmentDoneOut(Out):
    """The act is done."""

    id: UUID
    status: EnrolmentStatus
    decided_at: datetime | None
    over_at: datetime | None


class IdentityOut(Out):
    """Whole name and number, for comparing with the person's paper."""

    name: str
    phone: str


class CodeOut(Out):
    """What the rider types on another phone, once and within a day. It is shown this once."""

    code: str = Field(examples=["7K3D-QF9T-2M5X-8WRC"])


class MemberRowOut(Out):
    """An appointment in a list; both days are inclusive."""

    number: str = Field(examples=["网格〔2026〕1号"])
    name: str = Field(examples=["王*"])
    starts_on: date
    ends_on: date
    is_running: bool
    status: MemberStatus
    ending: Ending | None


class MemberPage(Out):
    """A page of appointments; `next` is the cursor of the following page."""

    rows: list[MemberRowOut]
    next: str | None


class AppointmentOut(Out):
    """A letter of appointment. `check`: the last part of the public check page's address, `/check/appointment/{check}`."""

    number: str
    name: str
    community: Name
    compounds: list[Name]
    area: str
    starts_on: date
    ends_on: date
    appointed_on: date
    is_running: bool
    is_over: bool
    ended_on: date | None
    check: str


class MemberDoneOut(Out):
    """The act is done."""

    number: str
    status: MemberStatus
    starts_on: date
    ends_on: date
    ended_at: datetime | None


class StandingOut(Out):
    """A rider of a squad or on a shift. `came`: of shifts that have begun; null: nothing is written down yet."""

    rider_id: UUID
    name: str = Field(examples=["王*"])
    is_leader: bool
    came: bool | None


class ShiftOut(Out):
    """A shift of a rota, half-open: `ends_at` is exclusive."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    place: str
    wanted: int
    is_full: bool
    has_begun: bool
    riders: list[StandingOut]


class SquadOut(Out):
    """A squad with its rota: what comes, and for two weeks what is over. Cancelled shifts are not listed."""

    id: UUID
    name: str = Field(examples=["新兴小队"])
    most: int
    members: list[StandingOut]
    shifts: list[ShiftOut]


class SquadsOut(Out):
    """All of the community."""

    rows: list[SquadOut]


class SquadDoneOut(Out):
    """The act is done."""

    id: UUID
    name: str
    most: int


class ShiftDoneOut(Out):
    """The act is done."""

    id: UUID
    squad_id: UUID
    starts_at: datetime
    ends_at: datetime
    cancelled_at: datetime | None


class MeetingIn(In):
    """What the phone in the person's hand shows; where the number is known by another name, whether it is the same person."""

    meeting: Short = Field(examples=["402913"], description="Six digits; blanks are passed over")
    is_same_person: bool | None = None


class TermIn(In):
    """When, both days inclusive, and where: compounds of the community, or an area in words."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"starts_on": "2026-12-01", "ends_on": "2027-11-30", "area": "山阳路以北", "compounds": []}]
        }
    )
    starts_on: date
    ends_on: date
    compounds: list[UUID] = Field(default_factory=list[UUID], max_length=MOST_COMPOUNDS)
    area: Words = ""

    def term(self) -> Term:
        """As the rules take it."""
        return Term(self.starts_on, self.ends_on, self.compounds, self.area)


class SquadIn(In):
    """A new squad; riders join it on their phones."""

    name: Short = Field(examples=["新兴小队"])
    most: int = Field(25, description="How many riders it takes at most")


class SquadRiderIn(In):
    """One of the squad's `members`."""

    rider_id: UUID


class ShiftIn(In):
    """A shift, half-open, and how many riders it wants."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "starts_at": "2026-12-05T09:00:00+08:00",
                    "ends_at": "2026-12-05T11:00:00+08:00",
                    "place": "东门",
                    "wanted": 4,
                }
            ]
        }
    )
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    place: Words
    wanted: int

    def shift(self) -> NewShift:
        """As the rules take it."""
        return NewShift(self.starts_at, self.ends_at, self.place, self.wanted)


class AttendanceIn(In):
    """Who came, of those who stand on the shift; the others did not."""

    came: list[UUID] = Field(max_length=MOST_NAMED, description="`rider_id` of the shift's riders")
