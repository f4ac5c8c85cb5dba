"""What the address of a list asks for: the tab, the filters, and where the page begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.portal.presenting import DUES
from api.portal.visiting import Desk, now_of
from models.calendars import district_calendar
from models.clock import SHANGHAI, local_date
from models.district import Compound
from models.matter import MatterKind, MatterStatus, ReaderWay
from models.protocol.schema import Party
from models.views.matters import Filters
from models.working_time import Span

SOON = Span(working_days=3)
FILTERS = ("kind", "status", "compound", "awaited", "due", "own", "held")


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of an address. What it does not know narrows nothing; `due_from` and `due_until` follow from `due`."""

    tab: str
    kind: MatterKind | None
    status: str
    compound: UUID | None
    awaited: Party | None
    due: str
    due_from: datetime | None
    due_until: datetime | None
    is_own: bool
    is_held: bool
    is_stuck: bool
    after: str
    before: str
    query: str  # of the filters alone, with the tab: what is saved under a name
    is_none: bool  # bulk agreement without a tick

    @property
    def statuses(self) -> frozenset[MatterStatus]:
        """The status asked for, if any."""
        return frozenset({MatterStatus(self.status)} if self.status in set(MatterStatus) else ())

    @property
    def is_narrowed(self) -> bool:
        """Whether any filter is set."""
        said = (self.kind, self.status, self.compound, self.awaited, self.due)
        return any(said) or self.is_own or self.is_held

    def filters(self, way: ReaderWay | None = None, officer_id: UUID | None = None) -> Filters:
        """The filters of a list of matters."""
        return Filters(
            statuses=self.statuses,
            kind=self.kind,
            compound_id=self.compound,
            awaited=self.awaited,
            is_stuck=self.is_stuck,
            way=way,
            due_from=self.due_from,
            due_until=self.due_until,
            officer_id=officer_id,
        )


def asked_of(request: Request, desk: Desk) -> Asked:
    """What the address of this request asks for."""
    return asked_from(request.query_params, desk, now_of(request))


def asked_from(words: Mapping[str, str], desk: Desk, at: datetime) -> Asked:
    """What these words ask for at `at`."""
    due = words.get("due", "") if words.get("due") in DUES else ""
    due_from, due_until = due_between(due, at)
    awaited, kind = words.get("awaited", ""), words.get("kind", "")
    kept = [(name, words[name]) for name in ("tab", *FILTERS) if words.get(name)]
    return Asked(
        tab=words.get("tab", "todo"),
        kind=MatterKind(kind) if kind in set(MatterKind) else None,
        status=words.get("status", ""),
        compound=id_in(words.get("compound", "")),
        awaited=Party(awaited) if awaited in set(Party) else None,
        due=due,
        due_from=due_from,
        due_until=due_until,
        is_own=words.get("own") == "1",
        is_held=words.get("held") == "1",
        is_stuck=words.get("status") == "stuck" and desk.who.is_administrator,
        after=words.get("after", ""),
        before=words.get("before", ""),
        query=urlencode(kept),
        is_none=words.get("none") == "1",
    )


def due_between(due: str, at: datetime) -> tuple[datetime | None, datetime | None]:
    """The deadlines that a word means at `at`: from (inclusive) and until (exclusive), in UTC."""
    if due == "late":
        return None, at + timedelta(microseconds=1)  # a deadline at this instant is past
    if due == "today":
        tomorrow = datetime.combine(local_date(at) + timedelta(days=1), time(), SHANGHAI)
        return at, tomorrow.astimezone(UTC)
    if due == "soon":
        return at, district_calendar().after(at, SOON) + timedelta(microseconds=1)
    return None, None


def compounds_for(session: Session) -> Sequence[Compound]:
    """The compounds to choose from."""
    return session.scalars(select(Compound).order_by(Compound.code)).all()


def id_in(text: str) -> UUID | None:
    """The id that a word is, None for any other word."""
    try:
        return UUID(text)
    except ValueError:
        return None
