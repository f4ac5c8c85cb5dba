"""Concluding a timetable: what stays is published, what has to move is asked about anew, what has no place is dropped."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import matter as matters
from models.base import uuid7
from models.consultation import seats
from models.consultation.concluding import resolve, tell_result
from models.crypto import Vault
from models.matter import Act, Matter, Result
from models.record import Actor
from models.training.amending import Outcome, Reopened, outcome_of, reopen
from models.training.consulting import open_matter
from models.training.courses import settle_status
from models.training.drafting import add_events, drop_all
from models.training.publishing import publish, tell_published
from models.training.ruling import TrainingRules
from models.training.saying import lines_of, planned_of, table_of
from models.training.tables import Course, EventStatus, Timetable, TimetableStatus
from models.working_time import WorkCalendar


@dataclass(frozen=True, slots=True)
class Means:
    """What concluding needs besides the matter: the district's rules and calendar, and the vault for codes."""

    rules: TrainingRules
    calendar: WorkCalendar
    vault: Vault


def conclude(session: Session, means: Means, matter: Matter, at: datetime, actor: Actor) -> None:
    """Everything that follows from the decision on a timetable, in one transaction: once, whatever happens.

    Where something touches it that is not solved yet, nothing follows: the next round solves it first.
    """
    if matter.result is not Result.AGREED:
        _give_back(session, matter, at, actor)
        return
    found = reopen(session, means.rules, means.calendar, matter, at)
    outcome = Outcome(tuple(found.events))
    if found.touched:
        answer = found.answer()
        if answer is None:
            matter.wake_at = at
            return
        outcome = outcome_of(found, answer)
    _take_effect(session, means, matter, found, outcome, at, actor)


def _give_back(session: Session, matter: Matter, at: datetime, actor: Actor) -> None:
    """Returned: a draft again, with its department. Refused: none of it will be."""
    table = table_of(session, matter.id)
    said = planned_of(lines_of(session, table.id)).to_data()
    if matter.result is Result.RETURNED:
        table.move(TimetableStatus.DRAFT)
    else:
        table.move(TimetableStatus.REFUSED)
        drop_all(session, table, at)
    reached = resolve(session, matter, at, actor, {"training": said})
    tell_result(session, matter, reached, {}, at)


def _take_effect(
    session: Session,
    means: Means,
    matter: Matter,
    found: Reopened,
    outcome: Outcome,
    at: datetime,
    actor: Actor,
) -> None:
    table = found.table
    publish(session, means.rules, means.vault, outcome.stays, at)
    leaving = [one for one in found.events if one.status is EventStatus.PROPOSED]
    for event in leaving:
        event.move(EventStatus.DROPPED, at)
    table.move(TimetableStatus.PUBLISHED)
    table.published_at = at
    said: dict[str, Any] = planned_of(found.events).to_data() | {
        "published": len(outcome.stays),
        "moved": len(outcome.moves),
        "dropped": len(outcome.drops),
    }
    reached = resolve(session, matter, at, actor, {"training": said})
    amends = _amend(session, matter, found, outcome, at, actor) if outcome.moves else ""
    session.flush()
    settle_status(session, [UUID(one) for one in table.course_ids])
    body = {name: said[name] for name in ("published", "moved", "dropped")} | ({"amends": amends} if amends else {})
    matters.append(session, matter, Act("sessions_published", body), at, actor)
    consultation = seats.running(session, matter.id)
    assert consultation is not None
    tell_result(session, matter, reached, {"outcome": body}, at)
    if outcome.stays:
        tell_published(session, matter, seats.protocol_of(session, consultation), outcome.stays, at)


def _amend(session: Session, matter: Matter, found: Reopened, outcome: Outcome, at: datetime, actor: Actor) -> str:
    """The sessions that move, as a timetable of their own.

    Up to a tenth goes to the parties concerned at once; more is the department's to judge, as a draft. Returns the
    reference of the new matter, or an empty text.
    """
    before = found.table
    ids = sorted({key[0] for key in outcome.moves})
    table = Timetable(
        id=uuid7(),
        district_id=before.district_id,
        organisation_id=before.organisation_id,
        officer_id=before.officer_id,
        after_id=before.id,
        title_zh=before.title_zh,
        title_en=before.title_en,
        first_on=before.first_on,
        last_on=before.last_on,
        course_ids=ids,
        problem=found.problem.to_data(),
        answer=_kept_answer(before),
        status=TimetableStatus.DRAFT,
        made_at=at,
    )
    session.add(table)
    session.flush()
    courses = {one.id: one for one in session.scalars(select(Course).where(Course.id.in_([UUID(one) for one in ids])))}
    events = add_events(session, table, courses, outcome.moves, at)
    if not outcome.is_small(len(found.events)):
        return ""
    return open_matter(session, table, events, matter.officer_id, actor, at).reference


def _kept_answer(table: Timetable) -> Mapping[str, Any]:
    assert table.again is not None
    return table.again["answer"]
