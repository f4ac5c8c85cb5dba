"""The shapes of what is sent in, with an example each."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from models.consultation.opinions import Draft, LineException
from models.consultation.tables import OpinionKind

MOST_RIDERS = 2000
MOST_COMPOUNDS = 200
NOTE_LONGEST = 500
Words = Annotated[str, Field(max_length=20_000)]  # the domain says how long, in its own sentence
Short = Annotated[str, Field(max_length=500)]


class In(BaseModel):
    """What is sent; unknown fields are refused, so that a misspelt one is not silently lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RiderIn(In):
    """One rider. Spellings are made one as in a workbook; days left out are those of `period`."""

    name: Short = Field(examples=["朱艳"])
    phone: Short = Field(examples=["170 8205 3948"])
    platform: Short = Field(examples=["美团"])
    station: Short = Field("", examples=["定和站"])
    plate: Short = Field("", examples=["豫H34135电"])
    starts_on: date | None = None
    ends_on: date | None = Field(None, description="Inclusive")
    note: Short = ""


class PeriodIn(In):
    """What fills in where a rider has no days; both are inclusive."""

    starts_on: date
    ends_on: date


class FilingIn(In):
    """Riders to be filed for compounds. All of them or none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "compounds": ["5d8f3f7e-0c2e-5f0e-9a44-2f3f1f1f7c11"],
                    "period": {"starts_on": "2026-12-01", "ends_on": "2027-11-30"},
                    "note": "Winter staff",
                    "riders": [
                        {"name": "朱艳", "phone": "17082053948", "platform": "美团", "station": "定和站"},
                    ],
                }
            ]
        }
    )
    compounds: list[UUID] = Field(max_length=MOST_COMPOUNDS, description="Ids of compounds, as `/me` lists them")
    riders: list[RiderIn] = Field(max_length=MOST_RIDERS)
    period: PeriodIn | None = None
    note: str = Field("", max_length=NOTE_LONGEST, description="Without personal data")

    @property
    def default_period(self) -> tuple[date, date] | None:
        """What fills in where a rider has no days."""
        return self.period and (self.period.starts_on, self.period.ends_on)

    def raw_riders(self) -> list[dict[str, Any]]:
        """The riders as values for the rules."""
        return [rider.model_dump() for rider in self.riders]


class AgainIn(In):
    """A returned filing submitted once more, without some of its lines."""

    drop: list[int] = Field([], max_length=MOST_RIDERS, description="Numbers of lines to take out", examples=[[7, 31]])
    note: str = Field("", max_length=NOTE_LONGEST, description="What was put right, without personal data")


class ExceptionIn(In):
    """A line that leaves while the rest is agreed to."""

    line: int = Field(examples=[7])
    reason: Words = Field(examples=["Three complaints in November"])


class OpinionIn(In):
    """An opinion. An objection needs a reason, conditions their text; exceptions go with an agreement only."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "agree", "exceptions": [{"line": 7, "reason": "Three complaints in November"}]},
                {"kind": "object", "reason": "The gate at 3rd Street is closed until spring"},
            ]
        }
    )
    kind: OpinionKind
    reason: Words = ""
    conditions: Words = ""
    exceptions: list[ExceptionIn] = Field([], max_length=MOST_RIDERS)

    def draft(self) -> Draft:
        """The opinion as the rules take it."""
        exceptions = tuple(LineException(one.line, one.reason) for one in self.exceptions)
        return Draft(self.kind, self.reason, self.conditions, exceptions)
