"""More time 延期 as a decision: an asked officer requests it with a reason, the level above grants or refuses it.

Only where the protocol's stage says `extension`, before the deadline, and one request at a time. Granted, the deadline of
the whole stage moves, and its ladder is planned anew from there. Not answered by the deadline, it counts as refused.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import matter as matters
from models.base import uuid7
from models.consultation import ladder, telling, ties
from models.consultation.acting import (
    Acted,
    Ground,
    HeardOnly,
    NotInProtocol,
    check_words,
    ground_at,
    ground_of,
    locked_seat,
)
from models.consultation.ladder import Rung
from models.consultation.tables import ExtensionRequest, ExtensionStatus, Seat, SeatStatus, Stage
from models.consultation.telling import Telling, titled
from models.consultation.waiting import Table
from models.district import Organisation, get_organisation, lead_department, superior
from models.errors import NotAllowed, NotFound, RuleBroken
from models.notice.tables import Letter
from models.officer import Identity
from models.protocol.schema import Extension, Level, StageRule
from models.words import N_
from models.working_time import WorkCalendar

MOVED = frozenset({SeatStatus.ASKED, SeatStatus.WAITING, SeatStatus.ANSWERED})  # an answer may be taken back
DENIED = frozenset({ExtensionStatus.REFUSED, ExtensionStatus.LAPSED})


class TooLateToAsk(RuleBroken):
    """More time is asked for while there is still some."""

    sentence = N_("The deadline has passed, so more time can no longer be asked for. Answer now.")


class AskedAlready(RuleBroken):
    """One request at a time."""

    sentence = N_("More time has been asked for already in this stage. Wait until that request is answered.")


class ExtendedOften(RuleBroken):
    """As often as the protocol allows."""

    sentence = N_("The deadline of this stage has been extended as often as the protocol allows. Answer in time.")


class DeniedAlready(RuleBroken):
    """A refusal stands for its deadline."""

    sentence = N_("More time was refused to your organisation already for this deadline. Answer in time.")


class NobodyAbove(RuleBroken):
    """There is no level above that could grant it."""

    sentence = N_("Nobody stands above your organisation who could grant more time. Answer in time.")


class RequestEnded(RuleBroken):
    """Granted, refused, lapsed or withdrawn."""

    sentence = N_("This request for more time is answered or withdrawn already. Read the page again.")


class TooLateToAnswer(RuleBroken):
    """At its deadline a request lapses."""

    sentence = N_("The deadline has passed, so the request counts as refused and can no longer be answered.")


@dataclass(frozen=True, slots=True)
class Offer:
    """What an organisation may ask for: the deadline `until`, of `approver`."""

    approver: Organisation
    until: datetime


def offer(
    session: Session,
    matter: matters.Matter,
    stage: Stage,
    rule: StageRule,
    table: Table,
    seat: Seat,
    calendar: WorkCalendar,
    at: datetime,
) -> Offer:
    """What could be asked for at an asked seat of an open stage. Raises `NotInProtocol` and the rules of this module."""
    if rule.extension is None:
        raise NotInProtocol()
    if table.is_heard(seat):
        raise HeardOnly()
    if at >= stage.due_at:
        raise TooLateToAsk()
    _check_requests(session, stage, rule.extension, seat)
    above = _approver(session, matter, rule.extension, get_organisation(session, seat.organisation_id))
    return Offer(above, calendar.after(stage.due_at, rule.extension.by))


def _check_requests(session: Session, stage: Stage, rule: Extension, seat: Seat) -> None:
    made = requests_of(session, [stage.id]) if stage.has_ties else ()
    if any(one.status is ExtensionStatus.ASKED for one in made):
        raise AskedAlready()
    if sum(one.status is ExtensionStatus.GRANTED for one in made) >= rule.most:
        raise ExtendedOften()
    mine = [one for one in made if one.organisation_id == seat.organisation_id and one.due_at == stage.due_at]
    if any(one.status in DENIED for one in mine):
        raise DeniedAlready()


def requests_of(session: Session, stage_ids: list[UUID]) -> tuple[ExtensionRequest, ...]:
    """The requests for more time in these stages, oldest first."""
    query = select(ExtensionRequest).where(ExtensionRequest.stage_id.in_(stage_ids)).order_by(ExtensionRequest.id)
    return tuple(session.scalars(query))


def _approver(session: Session, matter: matters.Matter, rule: Extension, asker: Organisation) -> Organisation:
    is_next_level = rule.approved_by is Level.SUPERIOR
    above = superior(session, asker) if is_next_level else lead_department(session, matter.district_id)
    if above is None or above.id == asker.id:
        raise NobodyAbove()
    return above


def ask_extension(
    session: Session,
    who: Identity,
    seat_id: UUID,
    reason: str,
    calendar: WorkCalendar,
    expected_version: int | None,
    at: datetime,
) -> Acted:
    """Ask the level above for more time, for everybody who is asked in the stage.

    Raises what `ground_of` does, what `holding.check_hold` does, `WordsMissing`, `TextTooLong`, and what `offer` does.
    """
    ground = ground_of(session, who, seat_id, expected_version, at)
    ground.check_asked()
    ground.check_hold()
    offered = offer(session, ground.matter, ground.stage, ground.rule, ground.table(), ground.seat, calendar, at)
    check_words(reason, is_needed=True)
    request = ExtensionRequest(
        id=uuid7(),
        matter_id=ground.matter.id,
        stage_id=ground.stage.id,
        seat_id=seat_id,
        organisation_id=ground.seat.organisation_id,
        approver_id=offered.approver.id,
        due_at=ground.stage.due_at,
        until=offered.until,
        asked_at=at,
    )
    ground.stage.has_ties = True
    matters.let_read(session, ground.matter.id, [offered.approver.id])
    body = {"request": str(request.id), "to": offered.approver.code, "until": offered.until.isoformat()}
    ground.note("extension_asked", body, reason)
    request.asked_position = ground.matter.record_count
    session.add(request)
    _tell_approver(ground, request)
    return ground.acted()


def _tell_approver(ground: Ground, request: ExtensionRequest) -> None:
    facts = telling.facts_of(ground.session, ground.matter, ground.protocol) | {
        "stage": titled(ground.rule.title),
        "due_at": request.due_at.isoformat(),
        "until": request.until.isoformat(),
        "asker": titled(get_organisation(ground.session, request.organisation_id).name),
    }
    told = Telling(Letter.EXTENSION_ASKED, f"{request.id}:asked")
    telling.tell_organisation(ground.session, ground.matter, request.approver_id, facts, told, told.cause, ground.at)


def answer_extension(
    session: Session,
    who: Identity,
    request_id: UUID,
    is_granted: bool,
    words: str,
    calendar: WorkCalendar,
    at: datetime,
) -> Acted:
    """Grant a request for more time, or refuse it with words. Once granted, nobody of the stage is late before `until`.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `StageSettled`, `RequestEnded`, `TooLateToAnswer`, `WordsMissing`,
    `TextTooLong`.
    """
    ground, request = _asked_ground(session, who, request_id, at)
    if at >= request.due_at:
        raise TooLateToAnswer()
    check_words(words, is_needed=not is_granted)
    request.move(ExtensionStatus.GRANTED if is_granted else ExtensionStatus.REFUSED, at)
    if is_granted:
        _move_deadline(ground, request, calendar)
    body = {"request": str(request.id), "due_at": ground.stage.due_at.isoformat()}
    ground.note(f"extension_{request.status.value}", body, words)
    request.answered_position = ground.matter.record_count
    ties.tell_answered(session, ground.matter, ground.stage, ground.protocol, request, at)
    return ground.acted()


def _asked_ground(session: Session, who: Identity, request_id: UUID, at: datetime) -> tuple[Ground, ExtensionRequest]:
    """The ground around the seat that asked, for an officer of the approver. The matter is locked before it is read."""
    seat_id = session.scalar(select(ExtensionRequest.seat_id).where(ExtensionRequest.id == request_id))
    if seat_id is None:
        raise NotFound()
    matter, seat = locked_seat(session, who, seat_id)
    request = session.get_one(ExtensionRequest, request_id, populate_existing=True)
    if request.approver_id != who.organisation_id:
        raise NotAllowed()
    if request.status is not ExtensionStatus.ASKED:
        raise RequestEnded()
    return ground_at(session, who, matter, seat, at), request


def _move_deadline(ground: Ground, request: ExtensionRequest, calendar: WorkCalendar) -> None:
    """The stage, its ladder and its alarm go on to the later deadline; what was late before stays so."""
    stage, until = ground.stage, request.until
    rest = [Rung.of(data) for data in stage.ladder[stage.rung :]]
    rungs = ladder.prolong(ground.rule, rest, ground.at, until, calendar)
    stage.ladder, stage.rung = [rung.to_data() for rung in rungs], 0
    stage.due_at, stage.is_extended = until, True
    if not stage.needs_asking:
        ground.matter.wake_at = rungs[0].at
    for seat in ground.table().seats:
        if seat.due_at == request.due_at and seat.status in MOVED:
            seat.due_at = until
