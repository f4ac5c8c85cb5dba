"""A report on one page: what was seen, how it goes, who is late, what may be done; for officers and for reporters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ParamSpec
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.crypto import Vault
from models.district import Organisation
from models.errors import NotFound, RuleBroken
from models.officer import Identity, Role
from models.protocol.schema import Title
from models.report import authority, clocks, merging, news
from models.report.categories import ReportRules
from models.report.handling import TO_SETTLE
from models.report.merging import Alike
from models.report.parking import open_request
from models.report.recording import by_reference, entries
from models.report.routing import target_of, targets
from models.report.speaking import REOPENED, has_merged, is_reopenable
from models.report.tables import (
    Clock,
    Parking,
    PhotoMoment,
    Report,
    ReportDuty,
    ReportPhoto,
    ReportStatus,
    Satisfaction,
)
from models.report.triaging import SENT_ON, TRIAGED
from models.views.naming import officer_names, organisation_names
from models.views.report_lists import ReportRow, first_photos, rows_of
from models.whistle.blowing import check_whistles
from models.whistle.saying import references_of
from models.working_time import WorkCalendar

P = ParamSpec("P")

INNER = frozenset(
    {"parking_asked", "parking_refused", "stuck", "freed", "not_bound"}
)  # entries that reporters are not shown


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a report's record with names. `words`: what was said, opened; None where it was erased.

    `organisations`: those that the entry names in its body, by the key under which it does.
    """

    position: int
    kind: str
    at: datetime
    officer: str | None
    organisation: Title | None
    body: dict[str, Any]
    organisations: dict[str, Title]
    words: str | None
    run: str | None


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo by its content hashes."""

    digest: str
    thumbnail: str
    width: int
    height: int
    moment: PhotoMoment


@dataclass(frozen=True, slots=True)
class AlikeView:
    """A report that may be the same. `metres` None: they only share the compound."""

    row: ReportRow
    metres: int | None


@dataclass(frozen=True, slots=True)
class May:
    """What this officer may do now."""

    triage: bool = False
    confirm_deed: bool = False
    dispatch: bool = False
    take_up: bool = False
    answer: bool = False
    give_back: bool = False
    park: bool = False
    decide_parking: bool = False
    check: bool = False
    whistle: bool = False

    @property
    def anything(self) -> bool:
        """Whether there is any act to offer."""
        return any(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class ReportView:
    """Everything that an officer's page shows."""

    row: ReportRow
    words: str
    spot: str
    accuracy_metres: int | None
    source: str  # "phone", "officer" or "program"
    is_rider: bool
    late_at: datetime | None
    reopened: int
    satisfaction: Satisfaction | None
    photos: tuple[PhotoView, ...]
    steps: tuple[Step, ...]
    alike: tuple[AlikeView, ...]
    merged_into: str | None
    targets: tuple[Organisation, ...]
    suggested_id: UUID | None
    duties: tuple[tuple[Title, str, datetime], ...]
    whistles: tuple[str, ...]
    parking: Parking | None
    parking_words: str | None
    may: May
    is_deed: bool
    trouble: str | None


def report_row(session: Session, rules: ReportRules, who: Identity, reference: str, at: datetime) -> ReportRow:
    """The report as lists and maps show it. Raises `NotFound`."""
    return rows_of(session, rules, [authority.visible(session, who, by_reference(session, reference))], at)[0]


def report_view(
    session: Session, vault: Vault, rules: ReportRules, who: Identity, reference: str, at: datetime
) -> ReportView:
    """The report as `who` may see it. Raises `NotFound`."""
    report = authority.visible(session, who, by_reference(session, reference))
    category = rules.categories.get(report.category)
    steps = steps_of(session, vault, report)
    asked = open_request(session, report.id)
    may = _may(session, rules, who, report, asked, at)
    reasons = {one.position: one.words for one in steps}
    alike = merging.alike(session, rules, report) if may.triage else []
    return ReportView(
        row=rows_of(session, rules, [report], at)[0],
        words=_opened(vault, report.words_sealed),
        spot=_opened(vault, report.spot_sealed),
        accuracy_metres=report.accuracy_metres,
        source=steps[0].body.get("way", "phone") if steps else "phone",
        is_rider=report.rider_id is not None,
        late_at=report.late_at,
        reopened=report.reopened,
        satisfaction=report.satisfaction,
        photos=photos_of(session, report.id),
        steps=steps,
        alike=_alike_views(session, rules, alike, at),
        merged_into=_merged_into(session, report),
        targets=tuple(targets(session, report)) if may.triage or may.dispatch else (),
        suggested_id=target_of(session, report, category).id if category else None,
        duties=_duties(session, report.id),
        whistles=references_of(session, report.id),
        parking=asked,
        parking_words=reasons.get(asked.asked_position) if asked else None,
        may=may,
        is_deed=category.is_deed if category else False,
        trouble=report.trouble,
    )


def _may(
    session: Session, rules: ReportRules, who: Identity, report: Report, asked: Parking | None, at: datetime
) -> May:
    if who.role is Role.READER:
        return May()
    category = rules.categories.get(report.category)
    is_deed = category is not None and category.is_deed
    triages = _holds(authority.check_triages, session, who, report)
    handles = authority.handles(session, who.organisation_id, report)
    is_own = report.handler_id == who.organisation_id
    to_settle = handles and report.status in TO_SETTLE
    rests = handles and report.status is ReportStatus.PARKED
    return May(
        triage=triages and report.status in TRIAGED and not is_deed,
        confirm_deed=triages and report.status is ReportStatus.COLLECTED and is_deed,
        dispatch=triages and report.status in SENT_ON,
        take_up=rests or (to_settle and (report.status is ReportStatus.DISPATCHED or not is_own)),
        answer=to_settle or rests,
        give_back=to_settle
        and report.handler_id != report.community_id
        and clocks.duty_of(session, report, who.organisation_id, at) is None,
        park=handles and report.status is ReportStatus.HANDLING and asked is None,
        decide_parking=asked is not None and asked.approver_id == who.organisation_id,
        check=report.status is ReportStatus.ANSWERED and authority.may_check(session, who, report),
        whistle=_holds(check_whistles, session, rules, who, report),
    )


def _holds(check: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Whether the rule, asked as an act would ask it, has nothing against it."""
    try:
        check(*args, **kwargs)
    except RuleBroken:
        return False
    return True


def _opened(vault: Vault, sealed: str | None) -> str:
    return vault.open(sealed) if sealed else ""


def photos_of(session: Session, report_id: UUID) -> tuple[PhotoView, ...]:
    """The photos, those of how it was first."""
    query = select(ReportPhoto).where(ReportPhoto.report_id == report_id).order_by(ReportPhoto.id)
    listed = session.scalars(query).all()
    ordered = sorted(listed, key=lambda one: one.moment is PhotoMoment.AFTER)
    return tuple(PhotoView(one.digest, one.thumbnail, one.width, one.height, one.moment) for one in ordered)


def steps_of(session: Session, vault: Vault, report: Report) -> tuple[Step, ...]:
    """The record with names, from the beginning."""
    chain = entries(session, report.id)
    named = [_named_in(entry.body) for entry in chain]
    ids = {one for each in named for one in each.values()}
    names = organisation_names(session, ids | {entry.organisation_id for entry in chain if entry.organisation_id})
    officers = officer_names(session, {entry.officer_id for entry in chain if entry.officer_id})
    return tuple(
        Step(
            position=entry.position,
            kind=entry.kind,
            at=entry.at,
            officer=officers.get(entry.officer_id) if entry.officer_id else None,
            organisation=names.get(entry.organisation_id) if entry.organisation_id else None,
            body=entry.body,
            organisations={key: names[one] for key, one in each.items() if one in names},
            words=vault.open(entry.said_sealed) if entry.said_sealed else None,
            run=entry.run,
        )
        for entry, each in zip(chain, named, strict=True)
    )


def _named_in(body: dict[str, Any]) -> dict[str, UUID]:
    found = {key: UUID(body[key]) for key in ("handler", "to", "late", "approver") if body.get(key)}
    return found | {f"bound{place}": UUID(one) for place, one in enumerate(body.get("organisations", ()))}


def _alike_views(session: Session, rules: ReportRules, alike: Sequence[Alike], at: datetime) -> tuple[AlikeView, ...]:
    rows = rows_of(session, rules, [one.report for one in alike], at)
    return tuple(AlikeView(row, one.metres) for row, one in zip(rows, alike, strict=True))


def _merged_into(session: Session, report: Report) -> str | None:
    return session.get_one(Report, report.merged_into_id).reference if report.merged_into_id else None


def _duties(session: Session, report_id: UUID) -> tuple[tuple[Title, str, datetime], ...]:
    listed = session.scalars(select(ReportDuty).where(ReportDuty.report_id == report_id).order_by(ReportDuty.id)).all()
    names = organisation_names(session, [one.organisation_id for one in listed])
    return tuple((names[one.organisation_id], one.resolution, one.settle_by) for one in listed)


def photo_for(session: Session, who: Identity, reference: str, digest: str) -> str:
    """The digest, where it is a photo of a report that `who` may read. Raises `NotFound`."""
    report = authority.visible(session, who, by_reference(session, reference))
    return _photo(session, report.id, digest)


def _photo(session: Session, report_id: UUID, digest: str) -> str:
    query = select(ReportPhoto.id).where(
        ReportPhoto.report_id == report_id, (ReportPhoto.digest == digest) | (ReportPhoto.thumbnail == digest)
    )
    if session.execute(query).first() is None:
        raise NotFound()
    return digest


@dataclass(frozen=True, slots=True)
class MineRow:
    """One of my reports in a list: `news`: how many steps I have not seen."""

    reference: str
    title: Title
    status: ReportStatus
    place: Title
    reported_at: datetime
    due_at: datetime | None
    thumbnail: str | None
    news: int


@dataclass(frozen=True, slots=True)
class MineView:
    """One of my reports on the phone. `may_rate`, `may_reopen`, `may_withdraw`: what I may do now."""

    row: ReportRow
    words: str
    spot: str
    photos: tuple[PhotoView, ...]
    steps: tuple[Step, ...]
    satisfaction: Satisfaction | None
    merged_into: str | None
    is_reporter: bool
    is_deed: bool
    may_rate: bool
    may_reopen: bool
    may_withdraw: bool
    clock: Clock | None


def my_reports(
    session: Session, rules: ReportRules, phone_id: UUID | None, rider_id: UUID | None, at: datetime, most: int = 100
) -> list[MineRow]:
    """The reports that this phone or rider follows, those with news first, then the newest."""
    query = select(Report, news.Follower).join(news.Follower, news.Follower.report_id == Report.id)
    newest = query.where(news.mine(phone_id, rider_id)).order_by(Report.id.desc()).limit(most)
    found = session.execute(newest).all()
    rows = rows_of(session, rules, [row[0] for row in found], at)
    photos = first_photos(session, [row[0].id for row in found])
    listed = [
        MineRow(
            row.reference,
            row.title,
            row.status,
            row.place,
            row.reported_at,
            row.due_at,
            photos.get(row.id),
            max(report.told - follower.seen, 0),
        )
        for row, (report, follower) in zip(rows, found, strict=True)
    ]
    return sorted(listed, key=lambda one: one.news == 0)


def my_report(
    session: Session,
    vault: Vault,
    rules: ReportRules,
    phone_id: UUID | None,
    rider_id: UUID | None,
    reference: str,
    at: datetime,
    calendar: WorkCalendar,
) -> MineView:
    """One of my reports. Words and photos of the reporter only for who reported it; steps for every follower.

    Raises `NotFound` for who does not follow it.
    """
    report = by_reference(session, reference)
    follower = news.follower_of(session, report.id, phone_id, rider_id)
    own = (report.rider_id == rider_id) if rider_id else (report.phone_id == phone_id)
    photos = photos_of(session, report.id)
    category = rules.categories.get(report.category)
    is_deed = category is not None and category.is_deed
    is_rated = report.status in {ReportStatus.ANSWERED, ReportStatus.CLOSED} and not is_deed
    is_alone, steps = not has_merged(session, report.id), steps_of(session, vault, report)
    is_closed_deed = is_deed and report.status is ReportStatus.CLOSED
    is_over = report.status in REOPENED and not is_closed_deed
    return MineView(
        row=rows_of(session, rules, [report], at)[0],
        words=_opened(vault, report.words_sealed) if own else "",
        spot=_opened(vault, report.spot_sealed) if own else "",
        photos=photos if own else tuple(one for one in photos if one.moment is PhotoMoment.AFTER),
        steps=tuple(_told(one, is_own=own and is_alone) for one in steps if one.kind not in INNER),
        satisfaction=report.satisfaction,
        merged_into=_merged_into(session, report),
        is_reporter=follower.is_reporter,
        is_deed=is_deed,
        may_rate=follower.is_reporter and is_rated,
        may_reopen=follower.is_reporter and is_over and is_reopenable(rules, report, at, calendar),
        may_withdraw=follower.is_reporter and report.status is ReportStatus.COLLECTED and is_alone,
        clock=report.clock,
    )


def _told(step: Step, *, is_own: bool) -> Step:
    """A step as a follower reads it: without the word to the handler, and without what another reporter wrote."""
    is_anothers = step.body.get("by") == "reporter" and not is_own
    return replace(step, words=None) if is_anothers or step.kind == "dispatched" else step


def my_photo(session: Session, phone_id: UUID | None, rider_id: UUID | None, reference: str, digest: str) -> str:
    """The digest, where it is a photo that `my_report` shows. Raises `NotFound`."""
    report = by_reference(session, reference)
    news.follower_of(session, report.id, phone_id, rider_id)
    own = (report.rider_id == rider_id) if rider_id else (report.phone_id == phone_id)
    shown = [one for one in photos_of(session, report.id) if own or one.moment is PhotoMoment.AFTER]
    if digest not in {part for one in shown for part in (one.digest, one.thumbnail)}:
        raise NotFound()
    return digest
