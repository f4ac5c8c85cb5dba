"""How the parties stand: the stages of a matter with their seats, ladders and opinions, and the stages to come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import matter as matters
from models.calendars import district_calendar
from models.consultation import seats
from models.consultation.holding import has_in_hand
from models.consultation.opinions import LineException
from models.consultation.tables import (
    Consultation,
    Opinion,
    OpinionKind,
    Seat,
    SeatStatus,
    SigningPlace,
    Stage,
    StageOutcome,
    StageStatus,
)
from models.district import Organisation, sitting
from models.matter import Matter, MatterStatus
from models.officer import Identity, Officer, Role
from models.protocol.schema import Mode, Party, Protocol, StageRule, Title
from models.protocol.storing import current
from models.views.extensions import ExtensionView, extensions_of
from models.views.foreseeing import Foretold, Line, RungView, foreseen, foretold, line_of, rung_views
from models.views.naming import organisation_names
from models.working_time import Span


@dataclass(frozen=True, slots=True)
class SeatView:
    """One seat. `stands_for`: the seat that it answers for; `officer` gave the opinion (None: deemed, or none).

    `recorded_by`: who recorded it on behalf, with what `evidence`. `holder`: the colleague who has it in hand, as an
    adviser where it was `delegated_by` another. `added_by`: the seat that added this signer, in the place `added_as`.
    """

    id: UUID
    version: int
    organisation_id: UUID
    organisation: Title
    party: Party
    status: SeatStatus
    answer: OpinionKind | None
    reason: str
    conditions: str
    exceptions: tuple[LineException, ...]
    officer: str | None
    is_deemed: bool
    due_at: datetime
    looked_at: datetime | None
    answered_at: datetime | None
    is_late: bool
    stands_for: UUID | None
    stands_for_name: Title | None
    is_mine: bool
    can_answer: bool
    recorded_by: Title | None = None
    evidence: Mapping[str, Any] | None = None
    holder_id: UUID | None = None
    holder: str | None = None
    delegated_by_id: UUID | None = None
    delegated_by: str | None = None
    added_by: UUID | None = None
    added_as: SigningPlace | None = None
    is_heard: bool = False


@dataclass(frozen=True, slots=True)
class StageView:
    """One opened stage of the consultation `round_number` (1: the first submission).

    `late_minutes`: working minutes from its deadline to its end, or until now; None where it is not late.
    """

    id: UUID
    round_number: int
    key: str
    title: Title
    mode: Mode
    status: StageStatus
    outcome: StageOutcome | None
    opened_at: datetime
    due_at: datetime
    settled_at: datetime | None
    is_extended: bool
    rungs: tuple[RungView, ...]
    seats: tuple[SeatView, ...]
    late_minutes: int | None = None
    extensions: tuple[ExtensionView, ...] = ()


@dataclass(frozen=True, slots=True)
class ComingStage:
    """A stage that is still to come, which parties will sit, and its ladder by the protocol."""

    key: str
    title: Title
    mode: Mode
    parties: tuple[Party, ...]
    deadline: Span
    ladder: tuple[Foretold, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """All stages of a matter: opened ones over all consultations, oldest first, then those to come."""

    protocol: Protocol
    stages: tuple[StageView, ...]
    coming: tuple[ComingStage, ...]

    @property
    def seats(self) -> tuple[SeatView, ...]:
        """The seats of all stages."""
        return tuple(seat for stage in self.stages for seat in stage.seats)


@dataclass(frozen=True, slots=True)
class Around:
    """What the seats of a matter are shown with."""

    who: Identity
    at: datetime
    names: Mapping[UUID, Title]
    opinions: Mapping[UUID, Opinion]
    officers: Mapping[UUID, Officer]
    places: Mapping[UUID, Seat]
    line: Line | None
    extensions: Mapping[UUID, tuple[ExtensionView, ...]]

    def officer(self, officer_id: UUID | None) -> str | None:
        """An officer's name."""
        found = self.officers.get(officer_id) if officer_id else None
        return found.name if found else None

    def holder(self, seat: Seat) -> Officer | None:
        """Who has the seat in hand, unless they have left: then it is anyone's of the organisation."""
        found = self.officers.get(seat.holder_id) if seat.holder_id else None
        is_here = found is not None and found.is_active and found.organisation_id == seat.organisation_id
        return found if is_here else None

    def root(self, seat: Seat) -> Seat:
        """The seat that it answers for in the end."""
        while seat.stands_for_id is not None:
            seat = self.places[seat.stands_for_id]
        return seat


def standing_of(session: Session, who: Identity, matter: Matter, at: datetime) -> Standing:
    """How the parties stand at `at`, as `who` may see it."""
    runs = session.scalars(
        select(Consultation).where(Consultation.matter_id == matter.id).order_by(Consultation.number)
    ).all()
    protocols = {run.id: seats.protocol_of(session, run) for run in runs}
    numbers = {run.id: run.number for run in runs}
    opened = session.scalars(select(Stage).where(Stage.matter_id == matter.id)).all()
    around, by_stage = _around(session, who, matter, opened, at)
    stages = tuple(
        _stage(stage, numbers[stage.consultation_id], protocols[stage.consultation_id], by_stage, around)
        for stage in sorted(opened, key=lambda one: (numbers[one.consultation_id], one.position))
    )
    protocol = protocols[runs[-1].id] if runs else current(matter.kind.value)
    return Standing(protocol, stages, _coming(session, matter, protocol, runs, stages))


def _around(
    session: Session, who: Identity, matter: Matter, opened: Sequence[Stage], at: datetime
) -> tuple[Around, Mapping[UUID, list[Seat]]]:
    query = (
        select(Seat, Organisation, Opinion)
        .join(Organisation, Seat.organisation_id == Organisation.id)
        .outerjoin(Opinion, Seat.opinion_id == Opinion.id)
        .where(Seat.matter_id == matter.id)
        .order_by(Seat.turn, Seat.id)
    )
    names: dict[UUID, Title] = {}
    opinions: dict[UUID, Opinion] = {}
    places: dict[UUID, Seat] = {}
    by_stage: dict[UUID, list[Seat]] = {}
    for seat, organisation, opinion in session.execute(query):
        names[organisation.id] = organisation.name
        places[seat.id] = seat
        by_stage.setdefault(seat.stage_id, []).append(seat)
        if seat.opinion_id is not None:
            opinions[seat.id] = opinion
    recorders = {one.recorded_by_id for one in opinions.values() if one.recorded_by_id} - set(names)
    if recorders:
        names |= organisation_names(session, recorders)
    officers = _officers(session, opinions, places)
    line = _line(session, matter, opened, by_stage)
    extensions = extensions_of(session, who, opened, at)
    return Around(who, at, names, opinions, officers, places, line, extensions), by_stage


def _line(
    session: Session, matter: Matter, opened: Sequence[Stage], by_stage: Mapping[UUID, Sequence[Seat]]
) -> Line | None:
    """Who stands above those who sit in the open stage; None where none is open."""
    stage = next((one for one in opened if one.status is StageStatus.OPEN), None)
    if stage is None:
        return None
    return line_of(session, matter.district_id, (seat.organisation_id for seat in by_stage.get(stage.id, ())))


def _officers(
    session: Session, opinions: Mapping[UUID, Opinion], places: Mapping[UUID, Seat]
) -> Mapping[UUID, Officer]:
    """Those who gave opinions, and those in whose hands seats are."""
    ids = {one.officer_id for one in opinions.values()}
    ids |= {one for seat in places.values() for one in (seat.holder_id, seat.delegated_by_id)}
    found = session.scalars(select(Officer).where(Officer.id.in_({one for one in ids if one})))
    return {one.id: one for one in found}


def _stage(
    stage: Stage, number: int, protocol: Protocol, by_stage: Mapping[UUID, Sequence[Seat]], around: Around
) -> StageView:
    rule, sitting = protocol.stage(stage.key), by_stage.get(stage.id, ())
    return StageView(
        id=stage.id,
        round_number=number,
        key=stage.key,
        title=rule.title,
        mode=rule.mode,
        status=stage.status,
        outcome=stage.outcome,
        opened_at=stage.opened_at,
        due_at=stage.due_at,
        settled_at=stage.settled_at,
        is_extended=stage.is_extended,
        rungs=_rungs(stage, rule, sitting, around.line),
        seats=tuple(_seat(seat, stage, around) for seat in sitting),
        late_minutes=_late_minutes(stage, around.at),
        extensions=around.extensions.get(stage.id, ()),
    )


def _rungs(stage: Stage, rule: StageRule, sitting: Sequence[Seat], line: Line | None) -> tuple[RungView, ...]:
    is_open = stage.status is StageStatus.OPEN
    return foreseen(stage, rule, sitting, line) if is_open and line else rung_views(stage)


def _late_minutes(stage: Stage, at: datetime) -> int | None:
    ended_at = stage.settled_at or at
    if ended_at < stage.due_at:
        return None
    return district_calendar().working_minutes_between(stage.due_at, ended_at)


def _seat(seat: Seat, stage: Stage, around: Around) -> SeatView:
    opinion = around.opinions.get(seat.id)
    is_mine = seat.organisation_id == around.who.organisation_id
    late = around.places.get(seat.stands_for_id) if seat.stands_for_id else None
    holder = around.holder(seat)
    recorded_by = opinion.recorded_by_id if opinion else None
    return SeatView(
        id=seat.id,
        version=seat.version,
        organisation_id=seat.organisation_id,
        organisation=around.names[seat.organisation_id],
        party=seat.party,
        status=seat.status,
        answer=seat.answer,
        reason=opinion.reason if opinion else "",
        conditions=opinion.conditions if opinion else "",
        exceptions=tuple(LineException(one["line"], one["reason"]) for one in (opinion.exceptions if opinion else ())),
        officer=around.officer(opinion.officer_id) if opinion else None,
        is_deemed=opinion is not None and opinion.officer_id is None,
        due_at=seat.due_at,
        looked_at=seat.looked_at,
        answered_at=seat.answered_at,
        is_late=is_late(seat, around.at),
        stands_for=seat.stands_for_id,
        stands_for_name=around.names[late.organisation_id] if late else None,
        is_mine=is_mine,
        can_answer=is_mine and can_answer(seat, stage.status) and _may_answer(seat, holder, around.who),
        recorded_by=around.names.get(recorded_by) if recorded_by else None,
        evidence=opinion.evidence if opinion else None,
        holder_id=holder and holder.id,
        holder=holder and holder.name,
        delegated_by_id=seat.delegated_by_id if holder else None,
        delegated_by=around.officer(seat.delegated_by_id) if holder else None,
        added_by=seat.added_by_id,
        added_as=seat.added_as,
        is_heard=around.root(seat).added_as is SigningPlace.BEFORE,
    )


def _may_answer(seat: Seat, holder: Officer | None, who: Identity) -> bool:
    is_free = holder is None or has_in_hand(who, seat.holder_id, seat.delegated_by_id)
    return is_free and who.role is not Role.READER


def is_late(seat: Seat, at: datetime) -> bool:
    """Whether it has missed its deadline; at the deadline itself nobody has come by yet to note it."""
    return seat.late_at is not None or (seat.status is SeatStatus.ASKED and at >= seat.due_at)


def can_answer(seat: Seat, stage: StageStatus) -> bool:
    """Whether its organisation may give or change an opinion now."""
    return stage is StageStatus.OPEN and seat.status in {SeatStatus.ASKED, SeatStatus.ANSWERED}


def _following(keys: Sequence[str], passed: str | None, run: Consultation) -> Sequence[str]:
    """The ordinary stages after the one that was passed last; a matter that was sent back may skip some, or reopen one."""
    reopened = run.next_stage if run.next_stage in keys else None
    if run.skip_to in keys:
        return [*([reopened] if reopened else []), *keys[keys.index(run.skip_to) :]]
    if reopened:
        return keys[keys.index(reopened) :]
    return keys[keys.index(passed) + 1 :] if passed in keys else keys


def _coming(
    session: Session, matter: Matter, protocol: Protocol, runs: Sequence[Consultation], stages: Sequence[StageView]
) -> tuple[ComingStage, ...]:
    """What follows as long as nobody objects; a conciliation only once an objection has called for it."""
    if matter.status not in {MatterStatus.SUBMITTED, MatterStatus.CONSULTING}:
        return ()
    keys = [rule.key for rule in protocol.stages if not rule.is_conciliation]
    if matter.status is MatterStatus.SUBMITTED and runs and runs[-1].skip_to in keys:
        keys = keys[keys.index(runs[-1].skip_to) :]  # put right, and straight back to the stage that returned it
    first: list[str] = []
    if matter.status is MatterStatus.CONSULTING and runs:
        run = runs[-1]
        here = stages[-1].key
        called = run.next_stage if run.next_stage and run.next_stage not in keys else None
        first = [called] if called else []
        passed = run.resume_after if here not in keys or called else here
        keys = _following(keys, passed, run)
    rules = [protocol.stage(key) for key in [*first, *keys]]
    return tuple(
        ComingStage(
            rule.key,
            rule.title,
            rule.mode,
            _parties(session, matter, rule),
            rule.deadline,
            foretold(rule),
        )
        for rule in rules
    )


def _parties(session: Session, matter: Matter, rule: StageRule) -> tuple[Party, ...]:
    """The parties that will sit; of those that a place need not have, only those that it has."""
    places = matters.places(session, matter.id) if any(seat.if_any for seat in rule.seats) else ()
    sits = (seat.party for seat in rule.seats if not seat.if_any or sitting(session, seat, places))
    return tuple(dict.fromkeys(sits))
