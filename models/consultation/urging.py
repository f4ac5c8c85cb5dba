"""Urging 催办: whoever waits for an answer may have the system write once more; at most once in four hours a stage."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import matter as matters
from models.consultation import seats, telling
from models.consultation.acting import Acted
from models.consultation.tables import Seat, SeatStatus, Stage
from models.consultation.telling import Telling
from models.district import Organisation, get_organisation
from models.errors import NotAllowed, RuleBroken
from models.matter import Act, Matter, visible
from models.notice.tables import Letter
from models.officer import Identity, acting_body, check_may_act
from models.record import Actor
from models.words import N_

URGED_EVERY = timedelta(hours=4)  # design, "What officers expect"


class UrgedAlready(RuleBroken):
    """Letters that come too often are no longer read."""

    sentence = N_("Those who are awaited were urged not long ago. They can be urged again from {when} on.")


class NobodyAwaited(RuleBroken):
    """No stage is open, or only one's own organisation is awaited."""

    sentence = N_("Nobody else is awaited at the moment, so there is nobody to urge.")


def urge(session: Session, who: Identity, matter_id: UUID, at: datetime) -> Acted:
    """Write once more to everybody who is awaited in the open stage, but to one's own organisation.

    Who may: the filer, those who sit in the matter, their superiors, the lead department, the administrator. Raises `NotFound`,
    `OnlyReads`, `NotAllowed`, `NobodyAwaited`, `UrgedAlready`.
    """
    check_may_act(who)
    visible(session, matter_id, who)
    matter = matters.lock(session, matter_id)
    if not may_urge(session, who, matter):
        raise NotAllowed()
    stage = seats.open_stage(session, matter_id)
    awaited = awaited_of(session, who, stage)
    if stage is None or not awaited:
        raise NobodyAwaited()
    again_at = urged_again_from(stage)
    if again_at is not None and at < again_at:
        raise UrgedAlready(when=again_at)
    stage.urged_at = at
    body = {"stage": stage.key, "seats": [str(seat.id) for seat in awaited]} | acting_body(who)
    matters.append(session, matter, Act("urged_on", body), at, Actor(who.officer_id, who.organisation_id))
    by = get_organisation(session, who.organisation_id)
    told = Telling(Letter.URGED, f"urged-{at.isoformat()}", {"by": telling.titled(by.name)})
    protocol = seats.protocol_of_matter(session, matter)
    telling.tell_seats(session, matter, protocol, stage, awaited, told, at)
    return Acted(matter_id, None, None)


def may_urge(session: Session, who: Identity, matter: Matter) -> bool:
    """Whether `who` has a say in how fast it goes: a reader of a copy has none."""
    if who.is_administrator or matter.organisation_id == who.organisation_id:
        return True
    if get_organisation(session, who.organisation_id).is_lead:
        return True
    below = select(Organisation.id).where(Organisation.parent_id == who.organisation_id)
    near = Seat.organisation_id.in_(below) | (Seat.organisation_id == who.organisation_id)
    return session.execute(select(Seat.id).where(Seat.matter_id == matter.id, near).limit(1)).first() is not None


def awaited_of(session: Session, who: Identity, stage: Stage | None) -> list[Seat]:
    """The seats of the open stage that are asked, without those of `who`'s own organisation."""
    if stage is None:
        return []
    listed = seats.seats_of(session, stage.id)
    return [one for one in listed if one.status is SeatStatus.ASKED and one.organisation_id != who.organisation_id]


def urged_again_from(stage: Stage) -> datetime | None:
    """The instant from which the stage may be urged again; None where nobody has urged yet."""
    return None if stage.urged_at is None else stage.urged_at + URGED_EVERY
