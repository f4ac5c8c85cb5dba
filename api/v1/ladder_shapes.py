"""The shapes of answers: ladders, of open stages and of those to come, and requests for more time."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator

from api.v1.plain import Name, Out
from models.consultation.ladder import RungKind
from models.consultation.tables import ExtensionStatus
from models.protocol.schema import Answering, LapseWay, Level
from models.working_time import Span


class RiseOut(Out):
    """Who is asked in whose stead, or told that these have not looked."""

    below: list[Name]
    above: Name


class RungOut(Out):
    """What the system does, and when, while nobody answers.

    Of rungs to come: `who` would still be silent by then, `rises` would be asked above them; for `stranded` there is nobody.
    """

    kind: RungKind
    at: datetime
    to: Level | None
    answering: Answering | None
    way: LapseWay | None
    is_done: bool
    who: list[Name]
    rises: list[RiseOut]
    stranded: list[Name]


SpanOut = dict[str, int]  # e.g. {"working_days": 2}


def span_out(span: object) -> object:
    """The unit that a span names, with its number."""
    return dict(span.given()) if isinstance(span, Span) else span


SpanRead = Annotated[SpanOut, BeforeValidator(span_out)]


class ForetoldOut(Out):
    """The same for a stage that has not opened: so long after it opens, before its deadline, or after that."""

    kind: RungKind
    after_opening: SpanRead | None
    before: SpanRead | None
    share: float | None
    after: SpanRead | None
    to: Level | None
    answering: Answering | None
    way: LapseWay | None
    is_superior_told: bool


class ExtensionOut(Out):
    """A request for more time: from the deadline `due_at` to `until`; `reason` and `answer` are what was said with it."""

    id: UUID
    organisation: Name
    approver: Name
    status: ExtensionStatus
    due_at: datetime
    until: datetime
    asked_at: datetime
    reason: str
    answered_at: datetime | None
    answer: str
    is_mine_to_answer: bool


class MoreTimeOut(Out):
    """What I may ask for: the deadline `until`, which `approver` grants or refuses."""

    until: datetime
    approver: Name
