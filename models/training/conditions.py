"""Wishes and conditions: what a department wished for its draft, what a party bound its agreement to, as the solver takes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import uuid7
from models.consultation.acting import ground_of
from models.consultation.opinions import Draft, Given, LineException, give_opinion
from models.consultation.tables import OpinionKind, Seat, SeatStatus, Stage, StageOutcome
from models.district import Organisation, get_organisation
from models.errors import NotFound, RuleBroken
from models.matter import MatterKind
from models.officer import Identity
from models.protocol.schema import Party
from models.training.problem import Key, Rule, RuleKind
from models.training.saying import lines_of, table_of
from models.training.speaking import NotYourSite, sites_of
from models.training.tables import Condition, Event, Site, Timetable
from models.words import N_

MOST_AT_ONCE = 20
MOST_NAMED = 400
DAY_MINUTES = 24 * 60
SUNDAY = 7
EVERYWHERE = (Party.DEPARTMENT, Party.STREET)


class ConditionUnclear(RuleBroken):
    """The solver takes nothing half said."""

    sentence = N_("Condition {number} is not complete. Say what is asked, and for which sessions, sites or courses.")
    status = 422


class TooManyConditions(RuleBroken):
    """Nobody weighs more."""

    sentence = N_("State at most {most} conditions at once.")
    status = 422


class NotInThisTimetable(RuleBroken):
    """Sessions, courses and sites of this timetable."""

    sentence = N_("Condition {number} names a session, course, site or trainer that this timetable does not have.")
    status = 422


@dataclass(frozen=True, slots=True)
class Stated:
    """A wish or condition as a person states it. It holds for the named lines; without any, for the named sites or courses.

    Of `days`, `weekdays` (1-7), `minute` (of the day), `at_sites`, `count`, `trainers` those count that the kind needs.
    """

    kind: RuleKind
    lines: tuple[int, ...] = ()
    sites: tuple[UUID, ...] = ()
    courses: tuple[UUID, ...] = ()
    days: tuple[date, ...] = ()
    weekdays: tuple[int, ...] = ()
    minute: int | None = None
    at_sites: tuple[UUID, ...] = ()
    count: int | None = None
    trainers: tuple[UUID, ...] = ()

    def body(self) -> dict[str, Any] | None:
        """What the solver reads of it; None where something is missing or beyond its bounds."""
        match self.kind:
            case RuleKind.KEEP:
                return {} if self.lines else None
            case RuleKind.NOT_ON:
                is_right = (self.days or self.weekdays) and all(1 <= one <= SUNDAY for one in self.weekdays)
                said = {"days": [one.isoformat() for one in self.days], "weekdays": list(self.weekdays)}
                return said if is_right else None
            case RuleKind.NOT_BEFORE | RuleKind.NOT_AFTER:
                is_right = self.minute is not None and 0 <= self.minute <= DAY_MINUTES
                return {"minute": self.minute} if is_right else None
            case RuleKind.NOT_AT | RuleKind.AT:
                return {"sites": [str(one) for one in self.at_sites]} if self.at_sites else None
            case RuleKind.MOST_A_WEEK:
                return {"count": self.count} if self.count is not None and self.count >= 0 and self.sites else None
            case RuleKind.BY:
                return {"trainers": [str(one) for one in self.trainers]} if self.trainers else None


def wish(session: Session, who: Identity, table: Timetable, stated: Sequence[Stated], at: datetime) -> None:
    """The department wishes for its locked draft; what it wished before is taken back. Raises what is wrong with a wish."""
    _replace(session, who, table, None, stated, at)


def agree_under(
    session: Session,
    who: Identity,
    seat_id: UUID,
    words: str,
    stated: Sequence[Stated],
    expected_version: int | None,
    at: datetime,
    exceptions: tuple[LineException, ...] = (),
) -> Given:
    """Agree with conditions, in words and as the solver takes them, in one transaction.

    A party speaks for sessions at its own sites; a street for all in its communities, a department for all of the
    district. Raises what `give_opinion` does, `ConditionUnclear`, `TooManyConditions`, `NotYourSite`, `NotInThisTimetable`.
    """
    ground = ground_of(session, who, seat_id, expected_version, at)
    ground.check_asked(also=(SeatStatus.ANSWERED,))
    if ground.matter.kind is not MatterKind.TRAINING_SCHEDULE:
        raise NotFound()
    table = table_of(session, ground.matter.id)
    own = get_organisation(session, who.organisation_id)
    sites = sites_of(session, own, lines_of(session, table.id))
    _replace(session, who, table, seat_id, stated, at, own_sites=sites)
    draft = Draft(OpinionKind.AGREE_WITH_CONDITIONS, conditions=words, exceptions=exceptions)
    return give_opinion(session, who, seat_id, draft, expected_version, at)


def rules_of(session: Session, timetable_ids: Sequence[UUID], *, with_kept: bool = True) -> tuple[Rule, ...]:
    """What these timetables are bound to: wishes, and the conditions of those whose agreement decided.

    `with_kept`: also what the department only wished to stay where it is.
    """
    holds = Condition.seat_id.is_(None) | (
        (Seat.answer == OpinionKind.AGREE_WITH_CONDITIONS) & (Stage.outcome == StageOutcome.AGREED)
    )
    query = (
        select(Condition, Organisation.name_zh)
        .join(Organisation, Condition.organisation_id == Organisation.id)
        .outerjoin(Seat, Condition.seat_id == Seat.id)
        .outerjoin(Stage, Seat.stage_id == Stage.id)
        .where(Condition.timetable_id.in_(timetable_ids), Condition.withdrawn_at.is_(None), holds)
        .order_by(Condition.id)
    )
    return tuple(
        _rule(condition, name)
        for condition, name in session.execute(query)
        if with_kept or condition.seat_id is not None or condition.kind != RuleKind.KEEP.value
    )


def conditions_of(session: Session, timetable_id: UUID) -> Sequence[Condition]:
    """What was wished and stated of one timetable and not taken back, oldest first."""
    query = select(Condition).where(Condition.timetable_id == timetable_id, Condition.withdrawn_at.is_(None))
    return session.scalars(query.order_by(Condition.id)).all()


def _rule(condition: Condition, name: str) -> Rule:
    said: Mapping[str, Any] = condition.body
    keys: tuple[Key, ...] = tuple((course, number) for course, number in said["sessions"])
    return Rule(RuleKind(condition.kind), said["body"], keys, tuple(said["sites"]), tuple(said["courses"]), name)


def _replace(
    session: Session,
    who: Identity,
    table: Timetable,
    seat_id: UUID | None,
    stated: Sequence[Stated],
    at: datetime,
    own_sites: set[UUID] | None = None,
) -> None:
    """These, and nothing any more of what was stated on the same seat before."""
    if len(stated) > MOST_AT_ONCE:
        raise TooManyConditions(most=MOST_AT_ONCE)
    events = lines_of(session, table.id)
    bodies = [_checked(session, table, events, number, one, own_sites) for number, one in enumerate(stated, 1)]
    for one in conditions_of(session, table.id):
        if one.seat_id == seat_id:
            one.withdrawn_at = at
    session.add_all(
        Condition(
            id=uuid7(),
            timetable_id=table.id,
            organisation_id=who.organisation_id,
            officer_id=who.officer_id,
            seat_id=seat_id,
            kind=one.kind.value,
            body=body,
            at=at,
        )
        for one, body in zip(stated, bodies, strict=True)
    )
    session.flush()


def _checked(
    session: Session,
    table: Timetable,
    events: Sequence[Event],
    number: int,
    stated: Stated,
    own_sites: set[UUID] | None,
) -> dict[str, Any]:
    """The condition as it is kept: its scope and what it asks."""
    body, by_line = stated.body(), {one.line: one for one in events}
    named = len(stated.lines) + len(stated.sites) + len(stated.courses)
    if body is None or not 0 < named <= MOST_NAMED:
        raise ConditionUnclear(number=number)
    _check_named(session, table, events, number, stated)
    if own_sites is not None:
        _check_own(by_line, number, stated, own_sites)
    sessions = [[str(by_line[one].course_id), by_line[one].ordinal] for one in stated.lines]
    sites, courses = [str(one) for one in stated.sites], [str(one) for one in stated.courses]
    return {"sessions": sessions, "sites": sites, "courses": courses, "body": body}


def _check_named(session: Session, table: Timetable, events: Sequence[Event], number: int, stated: Stated) -> None:
    """Raises `NotInThisTimetable`. Sites to go to may be any of the district's."""
    courses = {UUID(one) for one in table.course_ids}
    sites = session.scalars(select(Site.id).where(Site.district_id == table.district_id)).all()
    trainers = {str(one) for one in stated.trainers}
    known = {str(one["id"]) for one in table.problem.get("trainers", ())}
    is_right = {one.line for one in events}.issuperset(stated.lines) and courses.issuperset(stated.courses)
    if not is_right or not set(sites).issuperset((*stated.sites, *stated.at_sites)) or not known >= trainers:
        raise NotInThisTimetable(number=number)


def _check_own(by_line: Mapping[int, Event], number: int, stated: Stated, own_sites: set[UUID]) -> None:
    """Raises `NotYourSite`. Sites that a session should rather be at are for others to agree to: anybody may name them."""
    named = {by_line[one].site_id for one in stated.lines} | set(stated.sites)
    is_of_all = bool(stated.courses) and not own_sites.issuperset({one.site_id for one in by_line.values()})
    if is_of_all or not own_sites.issuperset(named):
        raise NotYourSite(number=number)
