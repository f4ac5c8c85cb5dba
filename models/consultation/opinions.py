"""Giving an opinion 意见: the act that five parties do most, so its statements are few and prepared.

Rows are read and written with SQLAlchemy Core here: the object layer costs as much again as the database
(measured; see docs/decisions). Settling, which comes once a stage, uses the object layer like the rest.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from models import record
from models.base import uuid7
from models.calendars import district_calendar
from models.consultation import seats
from models.consultation.deciding import decide
from models.consultation.holding import check_hold
from models.consultation.settling import settle_if_decided
from models.consultation.tables import (
    Consultation,
    Opinion,
    OpinionDraft,
    OpinionKind,
    Seat,
    SeatStatus,
    Stage,
    StageStatus,
)
from models.errors import NotAllowed, NotFound, RuleBroken, check_version
from models.keeping import forget
from models.matter import Matter, MatterKind, visible
from models.officer import Identity, acting_body, check_may_act
from models.prepared import run, table
from models.protocol.schema import Mode
from models.protocol.storing import load_stored
from models.training.speaking import check_exceptions
from models.words import N_

PlaceRow = Any  # a row of `_PLACE`, whose columns have its labels
LONGEST_TEXT = 2000  # characters of a reason or of conditions


class NotAskedYet(RuleBroken):
    """In turn: others come first."""

    sentence = N_("Your organisation is not asked yet: others come first in this stage.")


class AnsweredInYourStead(RuleBroken):
    """The seat was late and a superior answers in its stead."""

    sentence = N_("The deadline has passed and your superior now answers in your stead. Speak to them.")


class SeatTransferred(RuleBroken):
    """Another organisation of the party answers in its stead."""

    sentence = N_("Your organisation transferred this seat, and another answers in its stead. Speak to them.")


class NoLongerAsked(RuleBroken):
    """An added signer was removed, or a late organisation answered itself after all."""

    sentence = N_(
        "Your opinion is no longer asked here: whoever asked for it has withdrawn the request, or somebody else has "
        "answered for this place."
    )


class StageSettled(RuleBroken):
    """An opinion may be given or changed until the stage settles."""

    sentence = N_("This stage is settled already, so an opinion can no longer be given or changed.")


class ReasonMissing(RuleBroken):
    """An objection, and each exception, needs a reason."""

    sentence = N_("An objection or an exception needs a reason. Say why, so that the filer can put it right.")
    status = 422


class ConditionsMissing(RuleBroken):
    """Agreeing with conditions needs the conditions."""

    sentence = N_("Say which conditions you agree under, or agree without conditions.")
    status = 422


class ExceptionOutOfPlace(RuleBroken):
    """Only who agrees can except lines."""

    sentence = N_("Single lines can be excepted only when you agree to the rest.")
    status = 422


class NoSuchLine(RuleBroken):
    """An excepted line that the matter does not have, or that has left already."""

    sentence = N_("Line {line} is not among the open lines of this matter. Check the number.")
    status = 422


class TextTooLong(RuleBroken):
    """A reason or conditions beyond what a letter can carry."""

    sentence = N_("The text is longer than {limit} characters. Shorten it.")
    status = 422


NOT_ASKED: dict[SeatStatus, type[RuleBroken]] = {
    SeatStatus.WAITING: NotAskedYet,
    SeatStatus.ESCALATED: AnsweredInYourStead,
    SeatStatus.TRANSFERRED: SeatTransferred,
    SeatStatus.REMOVED: NoLongerAsked,
}


@dataclass(frozen=True, slots=True)
class LineException:
    """One line that leaves while the rest goes on."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What an officer wants to say. `exceptions` only with an agreement; texts at most `LONGEST_TEXT` characters."""

    kind: OpinionKind
    reason: str = ""
    conditions: str = ""
    exceptions: tuple[LineException, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What came of it: the seat's new version and whether this opinion decided the stage."""

    seat_id: UUID
    matter_id: UUID
    opinion_id: UUID
    seat_version: int
    is_stage_settled: bool


_SEAT, _STAGE, _CONSULTATION, _MATTER, _DRAFT = (
    table(one).c for one in (Seat, Stage, Consultation, Matter, OpinionDraft)
)
_OWN_DRAFT = (_DRAFT.seat_id == bindparam("seat"), _DRAFT.officer_id == bindparam("officer"))
_PLACE = (
    select(
        _SEAT.status,
        _SEAT.version,
        _SEAT.organisation_id,
        _SEAT.stage_id,
        _SEAT.looked_at,
        _SEAT.holder_id,
        _SEAT.delegated_by_id,
        _SEAT.due_at,
        _SEAT.asked_at,
        _SEAT.answered_minutes,
        _SEAT.late_at,
        _STAGE.key,
        _STAGE.has_added,
        _STAGE.has_ties,
        _STAGE.status.label("stage_status"),
        _CONSULTATION.lines_out,
        _CONSULTATION.protocol_name,
        _CONSULTATION.protocol_version,
        _MATTER.id.label("matter_id"),
        _MATTER.kind.label("matter_kind"),
        _MATTER.line_count,
        _MATTER.record_count,
        _MATTER.record_hash,
        exists().where(*_OWN_DRAFT).label("has_draft"),
    )
    .join_from(table(Seat), table(Stage), _SEAT.stage_id == _STAGE.id)
    .join(table(Consultation), _STAGE.consultation_id == _CONSULTATION.id)
    .join(table(Matter), _SEAT.matter_id == _MATTER.id)
    .where(_SEAT.id == bindparam("seat"))
)
_LOCK = (
    select(_MATTER.id)
    .where(_MATTER.id == select(_SEAT.matter_id).where(_SEAT.id == bindparam("seat")).scalar_subquery())
    .with_for_update()
)
_DROP_DRAFT = delete(table(OpinionDraft)).where(*_OWN_DRAFT)
_NEW_OPINION = insert(table(Opinion))
_ANSWER = (
    update(table(Seat))
    .where(_SEAT.id == bindparam("seat"))
    .values(
        status=SeatStatus.ANSWERED,
        answer=bindparam("new_answer"),
        opinion_id=bindparam("new_opinion"),
        answered_at=bindparam("now"),
        looked_at=bindparam("new_looked"),
        answered_minutes=bindparam("new_minutes"),
        late_at=bindparam("new_late"),
        version=bindparam("new_version"),
    )
)
_MATTER_HEAD = (
    update(table(Matter))
    .where(_MATTER.id == bindparam("matter"))
    .values(
        record_count=bindparam("new_count"),
        record_hash=bindparam("new_hash"),
        version=_MATTER.version + 1,
    )
)


def give_opinion(
    session: Session,
    who: Identity,
    seat_id: UUID,
    draft: Draft,
    expected_version: int | None,
    at: datetime,
    *,
    is_locked: bool = False,
) -> Given:
    """Record what the officer's organisation says on its seat, or change what it said while the stage is open.

    `expected_version`: the seat's version that the officer read; None where any will do. `is_locked`: the caller has
    locked the matter. Settles the stage when this opinion decides it. Raises `NotFound`, `NotAllowed`,
    `ChangedMeanwhile`, and the rules of this module.
    """
    check_may_act(who)
    if not is_locked and session.get_bind().dialect.name == "postgresql":
        run(session, _LOCK, {"seat": seat_id})
    place: PlaceRow = run(session, _PLACE, {"seat": seat_id, "officer": who.officer_id}).first()
    if place is None:
        raise NotFound()
    if place.organisation_id != who.organisation_id:
        visible(session, place.matter_id, who)  # a stranger learns nothing, not even that the seat is there
    _check_authority(place, who, expected_version)
    if place.holder_id is not None:
        check_hold(session, who, place.holder_id, place.delegated_by_id)
    check_draft(draft, place.line_count, place.lines_out)
    if draft.exceptions and place.matter_kind is MatterKind.TRAINING_SCHEDULE:
        check_exceptions(session, who.organisation_id, place.matter_id, {one.line for one in draft.exceptions})
    given = _write(session, who, seat_id, place, draft, at)
    if place.has_draft:
        run(session, _DROP_DRAFT, {"seat": seat_id, "officer": who.officer_id})
    rule = load_stored(session, place.protocol_name, place.protocol_version).stage(place.key)
    has_more_to_do = rule.mode is Mode.IN_TURN or place.has_added or place.has_ties
    if not has_more_to_do and decide(rule, seats.standings(session, place.stage_id)) is None:
        return given
    return _settled(session, given, place, who, at)


def _settled(session: Session, given: Given, place: PlaceRow, who: Identity, at: datetime) -> Given:
    matter = session.get_one(Matter, place.matter_id)
    stage = session.get_one(Stage, place.stage_id)
    actor = record.Actor(who.officer_id, who.organisation_id)
    is_settled = settle_if_decided(session, matter, stage, at, actor)
    return Given(given.seat_id, given.matter_id, given.opinion_id, given.seat_version, is_settled)


def _check_authority(place: PlaceRow, who: Identity, expected_version: int | None) -> None:
    """Authority is checked against the seat in the transaction that writes."""
    if place.organisation_id != who.organisation_id:
        raise NotAllowed()
    if place.stage_status is StageStatus.SETTLED or place.status is SeatStatus.CLOSED:
        raise StageSettled()
    if place.status in NOT_ASKED:
        raise NOT_ASKED[place.status]()
    check_version(place.version, expected_version)


def check_draft(draft: Draft, line_count: int, lines_out: dict[str, Any]) -> None:
    """Raises what is wrong with a draft for a matter of `line_count` lines, of which `lines_out` have left."""
    if draft.kind is OpinionKind.OBJECT and not draft.reason.strip():
        raise ReasonMissing()
    if draft.kind is OpinionKind.AGREE_WITH_CONDITIONS and not draft.conditions.strip():
        raise ConditionsMissing()
    if draft.exceptions and not draft.kind.is_agreement:
        raise ExceptionOutOfPlace()
    texts = [draft.reason, draft.conditions, *(one.reason for one in draft.exceptions)]
    if any(len(text) > LONGEST_TEXT for text in texts):
        raise TextTooLong(limit=LONGEST_TEXT)
    _check_exceptions(draft.exceptions, line_count, lines_out)


def _check_exceptions(exceptions: Sequence[LineException], line_count: int, lines_out: dict[str, Any]) -> None:
    for exception in exceptions:
        if not exception.reason.strip():
            raise ReasonMissing()
        if not 1 <= exception.line <= line_count or str(exception.line) in lines_out:
            raise NoSuchLine(line=exception.line)


def _write(session: Session, who: Identity, seat_id: UUID, place: PlaceRow, draft: Draft, at: datetime) -> Given:
    opinion_id = uuid7()
    run(
        session,
        _NEW_OPINION,
        {
            "id": opinion_id,
            "seat_id": seat_id,
            "matter_id": place.matter_id,
            "officer_id": who.officer_id,
            "kind": draft.kind,
            "reason": draft.reason.strip(),
            "conditions": draft.conditions.strip(),
            "exceptions": listed(draft),
            "at": at,
        },
    )
    version = place.version + 1
    minutes, late_at = first_answer(place, at)
    run(
        session,
        _ANSWER,
        {
            "seat": seat_id,
            "new_answer": draft.kind,
            "new_opinion": opinion_id,
            "now": at,
            "new_looked": place.looked_at or at,
            "new_minutes": minutes,
            "new_late": late_at,
            "new_version": version,
        },
    )
    _write_record(session, who, seat_id, place, draft, at)
    forget(session, Seat, seat_id)  # in a bulk, an earlier opinion may have read both
    forget(session, Matter, place.matter_id)
    return Given(seat_id, place.matter_id, opinion_id, version, is_stage_settled=False)


def first_answer(seat: Seat | PlaceRow, at: datetime) -> tuple[int | None, datetime | None]:
    """A seat's `answered_minutes` and `late_at` once it answers at `at`; a changed opinion leaves both as they are."""
    if seat.asked_at is None or seat.answered_minutes is not None:
        return seat.answered_minutes, seat.late_at
    minutes = district_calendar().working_minutes_between(seat.asked_at, at)
    return minutes, seat.late_at or (seat.due_at if at >= seat.due_at else None)


def _write_record(session: Session, who: Identity, seat_id: UUID, place: PlaceRow, draft: Draft, at: datetime) -> None:
    """The record says who, what, which lines, and the words by their digest: they stand in the opinion's row."""
    body = {
        "stage": place.key,
        "seat": str(seat_id),
        "kind": draft.kind.value,
        "lines_out": [one.line for one in draft.exceptions],
        "words": words_digest(draft.reason.strip(), draft.conditions.strip(), listed(draft)),
    } | acting_body(who)
    kind = "opinion_changed" if place.status is SeatStatus.ANSWERED else "opinion_given"
    head = record.Head(place.record_count, place.record_hash)
    actor = record.Actor(who.officer_id, who.organisation_id)
    row = record.chained(place.matter_id, head, kind, at, actor, body)
    record.append_rows(session, [row])
    run(session, _MATTER_HEAD, {"matter": place.matter_id, "new_count": row["position"], "new_hash": row["hash"]})


def words_digest(reason: str, conditions: str, exceptions: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 in hex of what was said, the reasons of excepted lines too, so that the record's chain holds the words."""
    lines = [f"{one['line']}:{one['reason']}" for one in exceptions]
    return hashlib.sha256("\0".join([reason, conditions, *lines]).encode()).hexdigest()


def listed(draft: Draft) -> list[dict[str, Any]]:
    """The exceptions as they are kept."""
    return [{"line": one.line, "reason": one.reason.strip()} for one in draft.exceptions]
