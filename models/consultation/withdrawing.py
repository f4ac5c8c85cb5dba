"""Withdrawing a matter 撤回, by the organisation that filed it."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import matter as matters
from models.consultation import seats, telling
from models.consultation.acting import Acted, check_words, keep_act
from models.consultation.settling import close
from models.consultation.tables import Consultation, SeatStatus, StageOutcome
from models.consultation.telling import Telling, titled
from models.district import get_organisation
from models.errors import NotAllowed, RuleBroken, check_version
from models.filing.tables import Filing, FilingLine, LineStatus
from models.matter import MOVES, Act, Matter, MatterKind, MatterStatus, visible
from models.notice.tables import Letter
from models.officer import Identity, check_may_act
from models.record import Actor
from models.training import ending as timetables
from models.whistle import ending as whistles
from models.words import N_


class DecidedAlready(RuleBroken):
    """What the parties have decided stands."""

    sentence = N_("This is decided or withdrawn already, so it can no longer be withdrawn.")


def withdraw(
    session: Session, who: Identity, matter_id: UUID, reason: str, expected_version: int | None, at: datetime
) -> Acted:
    """Take the matter back for good while it is not decided; everybody who was asked is told.

    `expected_version`: the matter's. The same file may then be filed again. Raises `OnlyReads`, `NotFound`,
    `NotAllowed`, `DecidedAlready`, `ChangedMeanwhile`, `WordsMissing`, `TextTooLong`.
    """
    check_may_act(who)
    visible(session, matter_id, who)
    matter = matters.lock(session, matter_id)
    if matter.organisation_id != who.organisation_id:
        raise NotAllowed()
    if MatterStatus.WITHDRAWN not in MOVES[matter.status]:
        raise DecidedAlready()
    check_version(matter.version, expected_version)
    check_words(reason, is_needed=True)
    consultation = seats.running(session, matter.id)
    if consultation is not None:
        _stop(session, who, matter, consultation, at)
    LEAVING[matter.kind](session, who, matter, at)
    matters.move_on(session, matter, MatterStatus.WITHDRAWN)
    matter.result, matter.wake_at = None, None
    matter.tries, matter.trouble, matter.stuck_at = 0, None, None
    keep_act(session, who, matter, Act("withdrawn", {}), reason, at)
    session.flush()
    return Acted(matter.id, None, None)


def _stop(session: Session, who: Identity, matter: Matter, consultation: Consultation, at: datetime) -> None:
    stage = seats.open_stage(session, matter.id)
    if stage is not None:
        actor = Actor(who.officer_id, who.organisation_id)
        close(session, matter, consultation, stage, StageOutcome.WITHDRAWN, at, actor)
    consultation.next_stage, consultation.skip_to = None, None
    consultation.settled_at = consultation.settled_at or at
    protocol = seats.protocol_of(session, consultation)
    facts = telling.facts_of(session, matter, protocol) | {
        "filer": titled(get_organisation(session, matter.organisation_id).name)
    }
    told = Telling(Letter.WITHDRAWN, f"{consultation.id}:withdrawn")
    for organisation_id in _who_sat(session, matter):
        telling.tell_organisation(session, matter, organisation_id, facts, told, told.cause, at)


def _who_sat(session: Session, matter: Matter) -> list[UUID]:
    """Those who were asked in any stage, but the filer, each once."""
    listed = seats.seats_of_matter(session, matter.id)
    sat = [seat.organisation_id for seat in listed if seat.status is not SeatStatus.REMOVED]
    return [one for one in dict.fromkeys(sat) if one != matter.organisation_id]


def _take_lines(session: Session, _who: Identity, matter: Matter, _at: datetime) -> None:
    """Lines that nothing was decided about leave with the filing."""
    query = select(FilingLine).where(FilingLine.matter_id == matter.id, FilingLine.status == LineStatus.FILED)
    for line in session.scalars(query):
        line.move(LineStatus.WITHDRAWN)
    session.get_one(Filing, matter.id).source_key = None


# What leaves with the matter, by its kind.
LEAVING: dict[MatterKind, Callable[[Session, Identity, Matter, datetime], None]] = {
    MatterKind.ACCESS_FILING: _take_lines,
    MatterKind.STREET_WHISTLE: whistles.leave,
    MatterKind.TRAINING_SCHEDULE: timetables.leave,
}
