"""Adding a signer 加签 before, beside or after one's own seat, and removing one who has not answered 减签.

One added before is heard and decides nothing; beside and after, it is one more place at the table, and so only where
all must agree: otherwise a majority could be had by bringing friends (docs/decisions/0010).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models import matter as matters
from models.base import uuid7
from models.consultation import telling, waiting
from models.consultation.acting import Acted, Ground, check_words, ground_at, ground_of, locked_seat
from models.consultation.settling import settle_if_decided, tell_asked
from models.consultation.tables import Seat, SeatStatus, SigningPlace
from models.consultation.telling import Telling
from models.consultation.waiting import Table
from models.district import Organisation
from models.errors import NotAllowed, RuleBroken
from models.matter import Matter
from models.notice.tables import Letter
from models.officer import Identity, Officer, can_act
from models.protocol.schema import Mode, Party, Rule, StageAct, StageRule
from models.words import N_

GONE = frozenset({SeatStatus.REMOVED, SeatStatus.CLOSED, SeatStatus.TRANSFERRED})


class OnlyBefore(RuleBroken):
    """A place at the table is added only where all must agree."""

    sentence = N_(
        "In this stage a signer can only be added before you, to be heard: the count of voices stays as it is."
    )


class NoSuchSigner(RuleBroken):
    """Not one of those who may be added."""

    sentence = N_("Choose a department, or an organisation of the matter's places, that has somebody to answer.")
    status = 422


class SitsAlready(RuleBroken):
    """One organisation, one seat."""

    sentence = N_("{name} has a seat in this stage already. Choose another organisation.")


class NotAdded(RuleBroken):
    """Seats that the protocol gave cannot be taken away."""

    sentence = N_("Only a signer whom your organisation added can be removed, and only by it.")


class SignerAnswered(RuleBroken):
    """What was said stays said."""

    sentence = N_("{name} has answered already and can no longer be removed.")


def add_signer(
    session: Session,
    who: Identity,
    seat_id: UUID,
    organisation_id: UUID,
    place: SigningPlace,
    words: str,
    expected_version: int | None,
    at: datetime,
) -> Acted:
    """Ask one more organisation in this stage, before, beside or after the seat; `words` say what for.

    Before: the seat waits until it has answered, at most until the stage's deadline. After: it is asked once the seat
    has answered. Raises what `ground_of` does, and the rules of this module.
    """
    ground = ground_of(session, who, seat_id, expected_version, at)
    ground.check_hold()
    table = ground.table()
    ground.check_asked([SeatStatus.WAITING] if table.added_before(seat_id) else [])
    ground.check_permitted(StageAct.ADD)
    check_words(words)
    if place not in signing_places(ground.rule):
        raise OnlyBefore()
    organisation = _signer(ground, table, organisation_id)
    added = _seat(ground, table, organisation, place)
    if place is SigningPlace.BEFORE and at < ground.stage.due_at and ground.seat.status is SeatStatus.ASKED:
        ground.seat.move(SeatStatus.WAITING)
    else:
        ground.seat.version += 1
    ground.stage.has_added = True
    matters.let_read(session, ground.matter.id, [organisation.id])
    ground.note("signer_added", {"added": str(added.id), "to": organisation.code, "place": place.value}, words)
    if added.status is SeatStatus.ASKED:
        tell_asked(session, ground.matter, ground.stage, ground.protocol, [added], at)
    return ground.acted()


def signing_places(rule: StageRule) -> tuple[SigningPlace, ...]:
    """Where signers may be added in a stage, apart from whether its protocol lets them be added."""
    is_all = rule.decision.rule is Rule.ALL and rule.mode is not Mode.OR_SIGN
    return tuple(SigningPlace) if is_all else (SigningPlace.BEFORE,)


def signers(session: Session, matter: Matter) -> Sequence[Organisation]:
    """Whom a matter may be shown to as a signer: departments, and the organisations of its places; with officers.

    Others have no part in it, and a filing holds personal data (decision 9).
    """
    places = matters.places(session, matter.id)
    communities = {place.community_id for place in places}
    streets = select(Organisation.parent_id).where(Organisation.id.in_(communities))
    concerned = or_(
        Organisation.party == Party.DEPARTMENT,
        Organisation.id.in_(communities | {place.property_id for place in places if place.property_id}),
        (Organisation.party == Party.COUNCIL) & Organisation.parent_id.in_(communities),
        (Organisation.party == Party.STREET) & Organisation.id.in_(streets),
    )
    query = select(Organisation).where(Organisation.district_id == matter.district_id, concerned, has_somebody())
    return session.scalars(query.order_by(Organisation.code)).all()


def has_somebody() -> ColumnElement[bool]:
    """Whether an organisation has an officer who can answer."""
    return select(Officer.id).where(Officer.organisation_id == Organisation.id, can_act()).exists()


def sits(table: Table, organisation_id: UUID) -> bool:
    """Whether the organisation has a seat in the stage that still counts."""
    return any(seat.organisation_id == organisation_id and seat.status not in GONE for seat in table.seats)


def _signer(ground: Ground, table: Table, organisation_id: UUID) -> Organisation:
    organisation = next((one for one in signers(ground.session, ground.matter) if one.id == organisation_id), None)
    if organisation is None:
        raise NoSuchSigner()
    if sits(table, organisation_id):
        raise SitsAlready(name=organisation.name)
    return organisation


def _seat(ground: Ground, table: Table, organisation: Organisation, place: SigningPlace) -> Seat:
    """A new seat, or the one that was removed before: an organisation has one of its own in a stage."""
    status = SeatStatus.WAITING if place is SigningPlace.AFTER else SeatStatus.ASKED
    own = [one for one in table.seats if one.organisation_id == organisation.id and one.stands_for_id is None]
    if own and own[0].status is SeatStatus.REMOVED:
        added = own[0]
        added.move(status)
    elif own:
        raise SitsAlready(name=organisation.name)
    else:
        added = Seat(
            id=uuid7(),
            stage_id=ground.stage.id,
            matter_id=ground.matter.id,
            organisation_id=organisation.id,
            party=organisation.party,
            turn=ground.seat.turn,
            status=status,
        )
        ground.session.add(added)
    added.asked_at = ground.at if status is SeatStatus.ASKED else None
    added.added_by_id, added.added_as = ground.seat.id, place
    added.due_at, added.looked_at = waiting.asked_until(ground.stage, ground.at), None
    ground.session.flush()
    return added


def remove_signer(session: Session, who: Identity, added_seat_id: UUID, at: datetime) -> Acted:
    """Take out a signer that one's own organisation added and that has not answered, with those that it added itself.

    Removing the last that was waited for may settle the stage. Raises `OnlyReads`, `NotFound`, `NotAllowed`,
    `StageSettled`, and the rules of this module.
    """
    matter, added = locked_seat(session, who, added_seat_id)
    if added.added_by_id is None or added.status is SeatStatus.REMOVED:
        raise NotAdded()
    ground = _adders_ground(ground_at(session, who, matter, added, at), added.added_by_id)
    ground.check_hold()
    table = ground.table()
    if table.has_answered(added.id):
        raise SignerAnswered(name=session.get_one(Organisation, added.organisation_id).name)
    gone = _remove(table, added)
    ground.seat.version += 1
    ground.note("signer_removed", {"added": str(added.id), "seats": [str(added.id)]})
    _release(ground, gone)
    session.flush()
    is_settled = settle_if_decided(session, matter, ground.stage, at, ground.actor)
    return ground.acted(is_stage_settled=is_settled)


def _release(ground: Ground, gone: Sequence[Seat]) -> None:
    """Tell those who had been asked that nothing is left to do."""
    facts = telling.facts_of(ground.session, ground.matter, ground.protocol)
    facts["stage"] = telling.titled(ground.rule.title)
    for seat in gone:
        cause = f"{seat.id}:removed-{seat.version}"
        told = Telling(Letter.RELEASED, cause)
        telling.tell_organisation(ground.session, ground.matter, seat.organisation_id, facts, told, cause, ground.at)


def _adders_ground(ground: Ground, adder_id: UUID) -> Ground:
    """The same ground, around the seat of `who`'s organisation in the adder's place. Raises `NotAllowed`."""
    for seat in ground.table().place(adder_id):
        if seat.organisation_id == ground.who.organisation_id and seat.status not in GONE | {SeatStatus.ESCALATED}:
            return replace(ground, seat=seat)
    raise NotAllowed()


def _remove(table: Table, added: Seat) -> list[Seat]:
    """Remove its place and, since nobody could ask them any more, the silent places that it added. Returns who was asked."""
    asked: list[Seat] = []
    for seat in table.place(added.id):
        if seat.status is SeatStatus.ASKED:
            asked.append(seat)
        if seat.status is not SeatStatus.REMOVED:
            seat.move(SeatStatus.REMOVED)
        for other in table.seats:
            if other.added_by_id == seat.id and other.status not in GONE and not table.has_answered(other.id):
                asked += _remove(table, other)
    return asked
