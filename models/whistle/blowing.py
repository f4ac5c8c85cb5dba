"""Blowing the whistle 吹哨: one transaction that makes the matter, names its departments and sets its alarm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import matter as matters
from models.clock import local_date
from models.consultation.acting import check_words, keep_act
from models.district import Compound, Organisation, get_organisation
from models.errors import NotAllowed, NotFound, RuleBroken, check_version
from models.matter import Act, Matter, MatterKind, MatterPlace, MatterStatus
from models.officer import Identity, check_may_act
from models.protocol.schema import Party, Protocol
from models.protocol.storing import current
from models.report.authority import visible
from models.report.categories import ReportRules
from models.report.recording import Said, actor_of, append, body_of, lock
from models.report.tables import Report
from models.whistle.saying import open_whistle
from models.whistle.tables import Whistle
from models.words import N_
from models.working_time import WorkCalendar

KIND = MatterKind.STREET_WHISTLE


class OnlyTheStreetWhistles(RuleBroken):
    """The whistle is the street's (brief, row 1)."""

    sentence = N_("Only the street office on whose ground the report lies, or the lead department, can whistle for it.")
    status = 403


class NothingToWhistleFor(RuleBroken):
    """A report that is over, or a deed."""

    sentence = N_("Nobody has anything left to settle about this report, so there is nothing to whistle for.")


class WhistledAlready(RuleBroken):
    """One open whistle a report."""

    sentence = N_("Whistle {reference} is open for this report. Wait for its result, or withdraw it first.")


class NotTheseDepartments(RuleBroken):
    """Whom a whistle names."""

    sentence = N_("Name one to {most} departments of the district, each once, and not your own.")
    status = 422


class NotByThen(RuleBroken):
    """The date that the departments are bound to."""

    sentence = N_("Choose a working day from tomorrow on, at most {days} days away.")
    status = 422


class NotInThisCommunity(RuleBroken):
    """A compound that lies elsewhere."""

    sentence = N_("This compound is not in the report's community. Choose another, or none.")
    status = 422


class WhistleNotReturned(RuleBroken):
    """Only a returned whistle can be blown again."""

    sentence = N_("This whistle was not returned to you, so it cannot be blown again.")


@dataclass(frozen=True, slots=True)
class Whistling:
    """What the street asks: of which departments (the first bears the main part), what, by the end of which day.

    `words`: without personal data. `compound_id` None: the report's own compound, else the community's ground.
    """

    organisation_ids: tuple[UUID, ...]
    words: str
    settle_by: date
    compound_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Blown:
    """The matter that the whistle has become."""

    matter_id: UUID
    reference: str


def blow(
    session: Session,
    rules: ReportRules,
    who: Identity,
    report_id: UUID,
    whistling: Whistling,
    at: datetime,
    calendar: WorkCalendar,
) -> Blown:
    """Whistle for the departments about a report, which is locked; the next round seats the parties.

    Raises `OnlyReads`, `NotFound`, `OnlyTheStreetWhistles`, `NothingToWhistleFor`, `WhistledAlready`,
    `NotTheseDepartments`, `NotByThen`, `NotInThisCommunity`, `WordsMissing`, `TextTooLong`.
    """
    check_may_act(who)
    report = lock(session, report_id)
    check_whistles(session, rules, who, report)
    place = _place(session, report, whistling.compound_id)
    _check(session, who, report, whistling, at, calendar)
    matter = matters.begin(session, KIND, "哨", report.district_id, who.organisation_id, who.officer_id, 0, at)
    session.add(place)
    place.matter_id = matter.id
    session.add(
        Whistle(matter_id=matter.id, report_id=report.id, settle_by=whistling.settle_by, words=whistling.words.strip())
    )
    matters.name_departments(session, matter.id, whistling.organisation_ids)
    matters.let_read(session, matter.id, [who.organisation_id])
    keep_act(session, who, matter, Act("submitted", _body(session, report, whistling)), whistling.words, at)
    _note(session, who, report, matter, whistling, at)
    session.flush()
    return Blown(matter.id, matter.reference)


def check_whistles(session: Session, rules: ReportRules, who: Identity, report: Report) -> None:
    """Raises `NotFound`, `OnlyTheStreetWhistles`, `NothingToWhistleFor`, `WhistledAlready`."""
    visible(session, who, report)
    own = get_organisation(session, who.organisation_id)
    if own.id != report.street_id and not (own.is_lead and own.district_id == report.district_id):
        raise OnlyTheStreetWhistles()
    known = rules.categories.get(report.category)
    if not report.is_open or (known is not None and known.is_deed):
        raise NothingToWhistleFor()
    blown = open_whistle(session, report.id)
    if blown is not None:
        raise WhistledAlready(reference=blown.reference)


def blow_again(
    session: Session,
    who: Identity,
    matter_id: UUID,
    whistling: Whistling,
    expected_version: int | None,
    at: datetime,
    calendar: WorkCalendar,
) -> None:
    """Blow a returned whistle once more, with departments, words and date put right; the place stays.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `WhistleNotReturned`, `NothingToWhistleFor`,
    `NotTheseDepartments`, `NotByThen`, `WordsMissing`, `TextTooLong`.
    """
    check_may_act(who)
    matters.visible(session, matter_id, who)
    matter, whistle = matters.lock(session, matter_id), session.get(Whistle, matter_id)
    if whistle is None:
        raise NotFound()
    if matter.organisation_id != who.organisation_id:
        raise NotAllowed()
    check_version(matter.version, expected_version)
    if matter.status is not MatterStatus.RETURNED:
        raise WhistleNotReturned()
    report = lock(session, whistle.report_id)
    if not report.is_open:
        raise NothingToWhistleFor()
    _check(session, who, report, whistling, at, calendar)
    whistle.settle_by, whistle.words = whistling.settle_by, whistling.words.strip()
    matters.name_departments(session, matter_id, whistling.organisation_ids)
    matters.move_on(session, matter, MatterStatus.SUBMITTED)
    matter.result, matter.wake_at, matter.officer_id, matter.submitted_at = None, at, who.officer_id, at
    keep_act(session, who, matter, Act("submitted_again", _body(session, report, whistling)), whistling.words, at)
    _note(session, who, report, matter, whistling, at)


def choices(session: Session, who: Identity, district_id: UUID) -> Sequence[Organisation]:
    """The departments that `who` may name, by code."""
    query = select(Organisation).where(
        Organisation.district_id == district_id,
        Organisation.party == Party.DEPARTMENT,
        Organisation.id != who.organisation_id,
    )
    return session.scalars(query.order_by(Organisation.code)).all()


def rules_of_today() -> Protocol:
    """The protocol by which a whistle that is blown now will run: its limits are those of what may be asked."""
    return current(KIND.value)


def _check(
    session: Session, who: Identity, report: Report, whistling: Whistling, at: datetime, calendar: WorkCalendar
) -> None:
    protocol, ids = rules_of_today(), whistling.organisation_ids
    known = {one.id for one in choices(session, who, report.district_id)}
    if not 1 <= len(ids) <= protocol.lines_limit or len(set(ids)) < len(ids) or not known.issuperset(ids):
        raise NotTheseDepartments(most=protocol.lines_limit)
    away = (whistling.settle_by - local_date(at)).days
    if not 1 <= away <= protocol.longest_days or not calendar.is_working_day(whistling.settle_by):
        raise NotByThen(days=protocol.longest_days)
    check_words(whistling.words, is_needed=True)


def _place(session: Session, report: Report, compound_id: UUID | None) -> MatterPlace:
    if compound_id is None:
        is_inside = report.compound_id is not None
        return MatterPlace(compound_id=report.compound_id, community_id=None if is_inside else report.community_id)
    compound = session.get(Compound, compound_id)
    if compound is None or compound.community_id != report.community_id:
        raise NotInThisCommunity()
    return MatterPlace(compound_id=compound_id)


def _body(session: Session, report: Report, whistling: Whistling) -> dict[str, object]:
    """What the record says of it: codes, as everywhere in it."""
    codes = {one.id: one.code for one in _organisations(session, whistling.organisation_ids)}
    return {
        "report": report.reference,
        "departments": [codes[one] for one in whistling.organisation_ids],
        "settle_by": whistling.settle_by.isoformat(),
    }


def _organisations(session: Session, ids: Sequence[UUID]) -> Sequence[Organisation]:
    return session.scalars(select(Organisation).where(Organisation.id.in_(ids))).all()


def _note(session: Session, who: Identity, report: Report, matter: Matter, whistling: Whistling, at: datetime) -> None:
    """In the report's own record, of which its reporters are told."""
    named = [str(one) for one in whistling.organisation_ids]
    body = body_of(who, matter=matter.reference, organisations=named, settle_by=whistling.settle_by.isoformat())
    append(session, report, Said("whistled", body), at, actor_of(who))


def latest_day(at: datetime) -> date:
    """The last day that a whistle blown at `at` may bind the departments to, whether it is a working day or not."""
    return local_date(at) + timedelta(days=rules_of_today().longest_days)
