"""What pages show of a whistle: the report, the departments, the day, what came of it; and the form to blow it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.district import Compound, Organisation
from models.matter import Matter, MatterKind, MatterStatus
from models.officer import Identity, check_may_act
from models.protocol.schema import Title
from models.report.authority import may_read, visible
from models.report.categories import ReportRules, report_rules
from models.report.recording import by_reference
from models.report.tables import Report, ReportStatus
from models.report.telling import place_of
from models.whistle.blowing import check_whistles, choices, latest_day, rules_of_today
from models.whistle.saying import departments_of, open_whistle
from models.whistle.tables import Whistle


@dataclass(frozen=True, slots=True)
class WhistleView:
    """What is asked of whom, by the end of `settle_by`. The first of `departments` bears the main part.

    `report` is its reference, which leads to its page where `may_read_report`; `category` None: the table has it no more.
    `is_bound`: whether the resolution binds the departments; None while there is none, or it went back or was withdrawn.
    """

    report: str
    category: Title | None
    report_status: ReportStatus
    may_read_report: bool
    departments: tuple[Title, ...]
    department_ids: tuple[UUID, ...]
    settle_by: date
    words: str
    is_bound: bool | None


def whistle_view(session: Session, who: Identity, matter: Matter, kinds: Collection[str]) -> WhistleView | None:
    """The whistle that the matter is, or None for another kind; `kinds` are those of the entries of its record."""
    if matter.kind is not MatterKind.STREET_WHISTLE:
        return None
    whistle = session.get_one(Whistle, matter.id)
    report = session.get_one(Report, whistle.report_id)
    known = report_rules().categories.get(report.category)
    departments = departments_of(session, matter.id)
    is_over = bool({"refused", "nobody_bound"} & set(kinds))
    return WhistleView(
        report=report.reference,
        category=known.title if known else None,
        report_status=report.status,
        may_read_report=may_read(session, who, report),
        departments=tuple(one.name for one in departments),
        department_ids=tuple(one.id for one in departments),
        settle_by=whistle.settle_by,
        words=whistle.words,
        is_bound=True if "departments_bound" in kinds else False if is_over else None,
    )


@dataclass(frozen=True, slots=True)
class WhistleForm:
    """What the form to whistle needs to know. `compounds`: those of the report's community.

    `again`: the whistle that was returned to whoever asks and is blown again, with its matter's id and version.
    """

    report_id: UUID
    reference: str
    category: Title | None
    place: Title
    compounds: tuple[Compound, ...]
    is_in_compound: bool
    departments: tuple[Organisation, ...]
    most: int
    latest: date
    again: WhistleView | None
    matter_id: UUID | None
    version: int | None


def whistle_form(session: Session, rules: ReportRules, who: Identity, reference: str, at: datetime) -> WhistleForm:
    """The form for a report. Raises what `check_whistles` does, and `OnlyReads`; a returned whistle is blown again."""
    check_may_act(who)
    report = visible(session, who, by_reference(session, reference))
    blown = open_whistle(session, report.id)
    is_mine = blown is not None and blown.organisation_id == who.organisation_id
    returned = blown if blown is not None and is_mine and blown.status is MatterStatus.RETURNED else None
    if returned is None:
        check_whistles(session, rules, who, report)
    known = rules.categories.get(report.category)
    nearby = select(Compound).where(Compound.community_id == report.community_id).order_by(Compound.code)
    return WhistleForm(
        report_id=report.id,
        reference=report.reference,
        category=known.title if known else None,
        place=place_of(session, report),
        compounds=tuple(session.scalars(nearby)),
        is_in_compound=report.compound_id is not None,
        departments=tuple(choices(session, who, report.district_id)),
        most=rules_of_today().lines_limit,
        latest=latest_day(at),
        again=whistle_view(session, who, returned, ()) if returned else None,
        matter_id=returned.id if returned else None,
        version=returned.version if returned else None,
    )
