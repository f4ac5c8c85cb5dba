"""Stepping in: where nobody of a seat's organisation can be reached, the organisation above is asked beside it.

The seat itself stays: whoever comes back may still answer, and the first answer counts. What the ladder does to the
late it does to both. (docs/decisions/0015)
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from models import matter as matters
from models.base import uuid7
from models.consultation import seats, telling, waiting
from models.consultation.tables import Seat, SeatStatus, Stage, StageStatus
from models.consultation.telling import Telling
from models.district import Organisation
from models.matter import Act, Matter
from models.notice.tables import Letter
from models.protocol.schema import Protocol
from models.reach import nearest_above, reach_all
from models.record import Actor


def step_in(
    session: Session,
    matter: Matter,
    protocol: Protocol,
    stage: Stage,
    asked: Sequence[Seat],
    at: datetime,
    actor: Actor,
) -> list[Seat]:
    """Ask the nearest organisation above beside each of these seats for which nobody is reached; with a letter.

    Returns the new seats. Above the lead department there is nobody: the administrators get its letters.
    """
    reached = reach_all(session, {seat.organisation_id for seat in asked}, at)
    absent = [(seat, gap) for seat in asked if (gap := reached[seat.organisation_id].gap) is not None]
    if not absent:
        return []
    table = waiting.table_of(session, stage)
    made: list[Seat] = []
    for seat, gap in absent:
        own = session.get_one(Organisation, seat.organisation_id)
        above = nearest_above(session, own, at)
        if above is None or table.is_heard(seat) or above.id in {one.organisation_id for one in table.place(seat.id)}:
            continue
        made.append(_stand(session, matter, stage, seat, above, at))
        body = {"stage": stage.key, "seat": str(seat.id), "from": own.code, "to": above.code, "why": gap.value}
        matters.append(session, matter, Act("stepped_in", body), at, actor)
        told = Telling(Letter.INVITATION, f"stepped-in-{seat.id}", {"instead_of": telling.titled(own.name)})
        telling.tell_seats(session, matter, protocol, stage, made[-1:], told, at)
    return made


def _stand(session: Session, matter: Matter, stage: Stage, seat: Seat, above: Organisation, at: datetime) -> Seat:
    """One more seat of the same place, for the organisation above."""
    standing = Seat(
        id=uuid7(),
        stage_id=stage.id,
        matter_id=matter.id,
        organisation_id=above.id,
        party=seat.party,
        turn=seat.turn,
        status=SeatStatus.ASKED,
        asked_at=at,
        stands_for_id=seat.id,
        due_at=waiting.asked_until(stage, at),
    )
    session.add(standing)
    stage.has_ties = True
    session.flush()
    matters.let_read(session, matter.id, [above.id])
    return standing


def unreached(session: Session, at: datetime) -> list[UUID]:
    """The matters with a seat that is asked in vain: nobody of its organisation is reached and nobody stands for it."""
    listed = session.scalars(select(Organisation.id)).all()
    absent = [one for one, found in reach_all(session, listed, at).items() if found.gap is not None]
    standing = aliased(Seat)
    query = (
        select(Seat.matter_id)
        .join(Stage, Seat.stage_id == Stage.id)
        .where(Seat.organisation_id.in_(absent), Seat.status == SeatStatus.ASKED, Stage.status == StageStatus.OPEN)
        .where(~select(standing.id).where(standing.stands_for_id == Seat.id).exists())
    )
    return sorted(set(session.scalars(query))) if absent else []


def step_in_late(session: Session, matter_id: UUID, at: datetime, actor: Actor) -> int:
    """The same for a stage that was opened before its organisations became absent. Returns how many seats were added."""
    matter = matters.lock(session, matter_id)
    stage = seats.open_stage(session, matter_id)
    if stage is None:
        return 0
    protocol = seats.protocol_of_matter(session, matter)
    asked = waiting.table_of(session, stage).silent()
    return len(step_in(session, matter, protocol, stage, asked, at, actor))
