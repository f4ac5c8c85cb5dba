"""Reports as programs read them through Open311: category, place, who has it and what became of it; no words, no people."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from models.district import Compound, Organisation
from models.errors import NotFound
from models.protocol.schema import Title
from models.report.categories import Category, ReportRules
from models.report.clocks import due_after
from models.report.tables import OVER, Clock, Report, ReportStatus
from models.views.naming import organisation_names
from models.views.report_map import GONE, Point, points_of
from models.working_time import WorkCalendar

Place = TypeVar("Place", Compound, Organisation)
REFERENCE = re.compile(r"报\d{4}-\d{6,9}")
BEFORE = (Clock.TRIAGE, Clock.TAKE_UP)  # clocks that run before the one for settling
HIDDEN = (ReportStatus.WITHDRAWN,)  # of those asked for by name: whoever sent one hears that it was merged or not filed


@dataclass(frozen=True, slots=True)
class PublicRequest:
    """A report with who has it now. `address_id`: the code of the compound, else of the community.

    `expected_at`: when it is to be settled, or its rest ends; None when it is over.
    """

    point: Point
    handler: Title
    community: Title
    address_id: str
    is_open: bool
    updated_at: datetime
    expected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Window:
    """Which reports: those reported, or changed (`is_of_changes`), from `begins_at` to `ends_at`, both included.

    `categories` None: all. `reported`: a further window, of the instant of the report, each end None for open.
    """

    begins_at: datetime
    ends_at: datetime
    is_of_changes: bool = False
    reported: tuple[datetime | None, datetime | None] = (None, None)
    categories: frozenset[str] | None = None
    is_open: bool | None = None


def public_categories(rules: ReportRules) -> list[Category]:
    """The categories that the public sees, in the table's order."""
    return [one for one in rules.categories.values() if not one.is_private]


def public_requests(
    session: Session,
    rules: ReportRules,
    calendar: WorkCalendar,
    district_id: UUID,
    window: Window,
    most: int,
    offset: int = 0,
) -> list[PublicRequest]:
    """The reports of a window, the newest (or the last changed) first: at most `most`, after the first `offset`."""
    by = Report.updated_at if window.is_of_changes else Report.reported_at
    query = select(Report).where(
        by.between(window.begins_at, window.ends_at),
        Report.district_id == district_id,
        Report.is_private.is_(False),
        Report.status.not_in(GONE),
        *_narrowed(window),
    )
    found = session.scalars(query.order_by(by.desc(), Report.id.desc()).offset(offset).limit(most)).all()
    return _requests(session, rules, calendar, found)


def _narrowed(window: Window) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    begins_at, ends_at = window.reported
    if begins_at is not None:
        conditions.append(Report.reported_at >= begins_at)
    if ends_at is not None:
        conditions.append(Report.reported_at <= ends_at)
    if window.categories is not None:
        # Joined to nothing, so that the walk stays the one by time: by category it would have to sort them all.
        conditions.append(Report.category.concat("").in_(window.categories))
    if window.is_open is not None:
        conditions.append(Report.status.not_in(OVER) if window.is_open else Report.status.in_(OVER))
    return conditions


def named_requests(
    session: Session, rules: ReportRules, calendar: WorkCalendar, district_id: UUID, references: Sequence[str]
) -> list[PublicRequest]:
    """The reports of these references, in their order; unknown and private ones, and those taken back, are left out."""
    wanted = [one for one in dict.fromkeys(references) if REFERENCE.fullmatch(one)]
    query = select(Report).where(
        Report.reference.in_(wanted),
        Report.district_id == district_id,
        Report.is_private.is_(False),
        Report.status.not_in(HIDDEN),
    )
    found = {one.reference: one for one in session.scalars(query)}
    return _requests(session, rules, calendar, [found[one] for one in wanted if one in found])


def named_request(
    session: Session, rules: ReportRules, calendar: WorkCalendar, district_id: UUID, reference: str
) -> PublicRequest:
    """The report of that reference. Raises `NotFound`."""
    found = named_requests(session, rules, calendar, district_id, [reference])
    if not found:
        raise NotFound()
    return found[0]


def _requests(
    session: Session, rules: ReportRules, calendar: WorkCalendar, reports: Sequence[Report]
) -> list[PublicRequest]:
    names = organisation_names(session, {one for each in reports for one in (each.handler_id, each.community_id)})
    communities = _codes(session, Organisation, {one.community_id for one in reports})
    compounds = _codes(session, Compound, {one.compound_id for one in reports if one.compound_id})
    points = points_of(session, rules, reports)
    return [
        PublicRequest(
            point,
            names[one.handler_id],
            names[one.community_id],
            compounds[one.compound_id] if one.compound_id else communities[one.community_id],
            one.is_open,
            one.updated_at if one.is_open else one.closed_at or one.updated_at,
            _expected(rules, calendar, one),
        )
        for point, one in zip(points, reports, strict=True)
    ]


def _expected(rules: ReportRules, calendar: WorkCalendar, report: Report) -> datetime | None:
    """The deadline to settle it. Before anybody has it in hand: what it will be if each takes all the time there is."""
    category = rules.categories.get(report.category)
    if report.due_at is None or report.clock not in BEFORE or category is None or category.is_deed:
        is_settling = report.clock is Clock.SETTLE or report.clock is Clock.CHECK
        return report.settle_due_at or report.due_at if is_settling else report.due_at
    return due_after(rules, category, report, Clock.SETTLE, report.due_at, calendar)


def _codes(session: Session, table: type[Compound | Organisation], ids: set[UUID]) -> dict[UUID, str]:
    return dict(session.execute(select(table.id, table.code).where(table.id.in_(ids))).all())


@dataclass(frozen=True, slots=True)
class Addressed:
    """Where an address leads: a compound or a community."""

    compound_id: UUID | None = None
    community_id: UUID | None = None


def address_of(session: Session, district_id: UUID, code: str) -> Addressed | None:
    """The compound or community of that code; None where there is none."""
    compound = select(Compound.id).where(Compound.district_id == district_id, Compound.code == code)
    if found := session.scalars(compound).first():
        return Addressed(compound_id=found)
    community = _communities(district_id).where(Organisation.code == code)
    found = session.scalars(community.with_only_columns(Organisation.id)).first()
    return Addressed(community_id=found) if found else None


def address_in(session: Session, district_id: UUID, words: str) -> Addressed | None:
    """The compound, else the community, that these words name: the longest name that stands in them."""
    said = words.casefold()
    compounds = session.scalars(select(Compound).where(Compound.district_id == district_id)).all()
    if found := _longest(compounds, said):
        return Addressed(compound_id=found.id)
    found = _longest(session.scalars(_communities(district_id)).all(), said)
    return Addressed(community_id=found.id) if found else None


def _communities(district_id: UUID) -> Select[Organisation]:
    return select(Organisation).where(Organisation.district_id == district_id, Organisation.party == "community")


def _longest(places: Sequence[Place], said: str) -> Place | None:
    lengths = {
        place.id: max((len(name) for name in (place.name_zh, place.name_en) if name.casefold() in said), default=0)
        for place in places
    }
    best = max(places, key=lambda place: lengths[place.id], default=None)
    return best if best is not None and lengths[best.id] else None
