"""Lists of reports: the community's board, what is ours to settle, what came up to us, what a street or the district has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from models.district import Compound, Organisation, get_organisation
from models.officer import Identity
from models.protocol.schema import Title
from models.report.categories import ReportRules
from models.report.tables import (
    Clock,
    Follower,
    Level,
    Parking,
    ParkingStatus,
    PhotoMoment,
    Report,
    ReportDuty,
    ReportEscalation,
    ReportPhoto,
    ReportStatus,
)
from models.views.naming import organisation_names
from models.views.paging import Page, Turn, count_some, turned, walked

ReportKey = tuple[datetime, UUID]  # deadline or instant of the report, and its id


class ReportList(StrEnum):
    """Which reports. All but `PAST` are open ones, the nearest deadline first; past ones the newest first."""

    TRIAGE = "triage"  # to be filed
    CHECK = "check"  # said to be settled: to be checked
    OURS = "ours"  # ours to take up and settle
    ESCALATED = "escalated"  # came up to us, since somebody is late
    PARKING = "parking"  # may they rest? we decide
    AREA = "area"  # all open ones on our ground
    PAST = "past"  # everything on our ground, open or not, by the instant of the report


@dataclass(frozen=True, slots=True)
class ReportFilters:
    """What narrows a list; None does not."""

    category: str | None = None
    level: Level | None = None
    status: ReportStatus | None = None
    is_late: bool = False


ANY_REPORT = ReportFilters()


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report in a list. `place`: compound, or community. `thumbnail`: of its first photo. `late`: missed a deadline.

    `is_overdue`: the running deadline has passed. `followers`: how many follow it besides its first reporter.
    """

    id: UUID
    reference: str
    category: str
    title: Title
    level: Level
    status: ReportStatus
    clock: Clock | None
    place: Title
    community: Title
    handler: Title
    reported_at: datetime
    due_at: datetime | None
    is_overdue: bool
    is_late: bool
    rung: int
    thumbnail: str | None
    latitude: float | None
    longitude: float | None
    followers: int
    version: int
    is_deed: bool


def list_reports(
    session: Session,
    rules: ReportRules,
    who: Identity,
    which: ReportList,
    at: datetime,
    turn: Turn[ReportKey] = Turn(),  # noqa: B008 - frozen
    filters: ReportFilters = ANY_REPORT,
) -> Page[ReportRow, ReportKey]:
    """One page of a list, as `who` may see it at `at`."""
    query = _of(session, who, which).where(*_narrowed(filters, at))
    by = Report.reported_at if which is ReportList.PAST else Report.due_at
    is_newest_first = which is ReportList.PAST
    found = session.scalars(walked(query, by, Report.id, turn, is_newest_first=is_newest_first)).all()
    rows, following, previous = turned(found, turn, lambda one: (_instant(one, which), one.id))
    return Page(tuple(rows_of(session, rules, rows, at)), following, previous)


def _instant(report: Report, which: ReportList) -> datetime:
    return report.reported_at if which is ReportList.PAST or report.due_at is None else report.due_at


def count_reports(session: Session, who: Identity, which: ReportList, at: datetime) -> tuple[int, int]:
    """How many are in a list, and how many of them are overdue; each at most `MOST_COUNTED` + 1."""
    listed = _of(session, who, which)
    overdue = listed.where(Report.due_at <= at)
    return count_some(session, listed.with_only_columns(Report.id)), count_some(
        session, overdue.with_only_columns(Report.id)
    )


def _of(session: Session, who: Identity, which: ReportList) -> Select[Report]:
    """The reports of a list, neither ordered nor narrowed."""
    own = who.organisation_id
    query = select(Report)
    is_open = Report.due_at.is_not(None)
    if which is ReportList.TRIAGE:
        return query.where(
            Report.community_id == own, is_open, Report.status.in_([ReportStatus.COLLECTED, ReportStatus.FILED])
        )
    if which is ReportList.CHECK:
        community = and_(Report.community_id == own, Report.handler_id != own)
        street = and_(Report.street_id == own, Report.handler_id == Report.community_id)
        return query.where(is_open, Report.status == ReportStatus.ANSWERED, or_(community, street))
    if which is ReportList.OURS:
        bound = select(ReportDuty.report_id).where(ReportDuty.organisation_id == own)
        in_hand = [ReportStatus.DISPATCHED, ReportStatus.HANDLING, ReportStatus.PARKED]
        mine = or_(Report.handler_id == own, Report.id.in_(bound))
        return query.where(is_open, Report.status.in_(in_hand), mine)
    if which is ReportList.ESCALATED:
        came = select(ReportEscalation.report_id).where(
            ReportEscalation.organisation_id == own, ReportEscalation.ended_at.is_(None)
        )
        return query.where(is_open, Report.id.in_(came))
    if which is ReportList.PARKING:
        asked = select(Parking.report_id).where(Parking.approver_id == own, Parking.status == ParkingStatus.ASKED)
        return query.where(is_open, Report.id.in_(asked))
    ground = _ground(session, who)
    return query.where(ground, is_open) if which is ReportList.AREA else query.where(ground)


def _ground(session: Session, who: Identity) -> ColumnElement[bool]:
    """The reports on an organisation's ground: a street's, a community's, all for the lead department, else its own."""
    own = get_organisation(session, who.organisation_id)
    if own.is_lead or who.is_administrator:
        return Report.district_id == own.district_id
    grounds = {"street": Report.street_id, "community": Report.community_id}
    return grounds.get(own.party.value, Report.handler_id) == own.id


def _narrowed(filters: ReportFilters, at: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.category is not None:
        conditions.append(Report.category == filters.category)
    if filters.level is not None:
        conditions.append(Report.level == filters.level)
    if filters.status is not None:
        conditions.append(Report.status == filters.status)
    if filters.is_late:
        conditions.append(Report.due_at <= at)
    return conditions


def rows_of(session: Session, rules: ReportRules, reports: Sequence[Report], at: datetime) -> list[ReportRow]:
    """These reports with names, photos and followers, in as many queries as for one."""
    organisations = organisation_names(
        session, {one for report in reports for one in (report.community_id, report.handler_id)}
    )
    compounds = compound_titles(session, {one.compound_id for one in reports if one.compound_id})
    photos = first_photos(session, [one.id for one in reports])
    followers = _followers(session, [one.id for one in reports])
    return [
        ReportRow(
            id=one.id,
            reference=one.reference,
            category=one.category,
            title=title_of(rules, one.category),
            level=one.level,
            status=one.status,
            clock=one.clock,
            place=compounds[one.compound_id] if one.compound_id else organisations[one.community_id],
            community=organisations[one.community_id],
            handler=organisations[one.handler_id],
            reported_at=one.reported_at,
            due_at=one.due_at,
            is_overdue=one.due_at is not None and one.due_at <= at and one.clock is not Clock.PARKED,
            is_late=one.late_at is not None,
            rung=one.rung,
            thumbnail=photos.get(one.id),
            latitude=one.latitude,
            longitude=one.longitude,
            followers=max(followers.get(one.id, 0) - 1, 0),
            version=one.version,
            is_deed=one.category in rules.categories and rules.categories[one.category].is_deed,
        )
        for one in reports
    ]


def title_of(rules: ReportRules, code: str) -> Title:
    """A category's name; its code where the table has dropped it meanwhile."""
    known = rules.categories.get(code)
    return known.title if known else Title(code, code)


def compound_titles(session: Session, ids: Iterable[UUID]) -> dict[UUID, Title]:
    """The names of these compounds."""
    query = select(Compound.id, Compound.name_zh, Compound.name_en).where(Compound.id.in_(set(ids)))
    return {one: Title(zh, en) for one, zh, en in session.execute(query)}


def first_photos(session: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The thumbnail of each report's first photo."""
    query = select(ReportPhoto.report_id, ReportPhoto.thumbnail).where(
        ReportPhoto.report_id.in_(ids), ReportPhoto.moment == PhotoMoment.BEFORE
    )
    found: dict[UUID, str] = {}
    for report_id, thumbnail in session.execute(query.order_by(ReportPhoto.id)):
        found.setdefault(report_id, thumbnail)
    return found


def _followers(session: Session, ids: Sequence[UUID]) -> dict[UUID, int]:
    query = select(Follower.report_id, func.count()).where(Follower.report_id.in_(ids)).group_by(Follower.report_id)
    return dict(session.execute(query).all())


def communities_of(session: Session, district_id: UUID) -> Sequence[Organisation]:
    """The communities of a district, by code: where something can be, if it is in no compound."""
    query = select(Organisation).where(Organisation.district_id == district_id, Organisation.party == "community")
    return session.scalars(query.order_by(Organisation.code)).all()


def compounds_in(session: Session, district_id: UUID) -> Sequence[Compound]:
    """The compounds of a district, by name."""
    return session.scalars(select(Compound).where(Compound.district_id == district_id).order_by(Compound.name_zh)).all()
