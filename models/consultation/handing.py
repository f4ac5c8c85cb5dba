"""Handing a seat on: transfer 转交 to a colleague or an organisation, delegation and getting back 委派."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import matter as matters
from models import officer as officers
from models.base import uuid7
from models.consultation import telling, ties
from models.consultation.acting import Acted, Ground, check_words, ground_of
from models.consultation.adding import has_somebody, sits
from models.consultation.holding import is_hand_of
from models.consultation.tables import Seat, SeatStatus
from models.consultation.telling import Telling, titled
from models.district import Organisation, get_organisation
from models.errors import RuleBroken
from models.notice.tables import Letter
from models.officer import Identity, Officer, Role, get_officer
from models.protocol.schema import StageAct
from models.words import N_


class NoSuchColleague(RuleBroken):
    """Not somebody of the organisation who may act."""

    sentence = N_("Choose another colleague of your organisation, one who may act.")
    status = 422


class NoSuchSuccessor(RuleBroken):
    """Not an organisation that could answer in one's stead."""

    sentence = N_("Choose an organisation of the same party that has somebody to answer and no seat in this stage.")
    status = 422


class NotDelegated(RuleBroken):
    """Nothing to give back or to call back."""

    sentence = N_("This seat is not delegated, or not to you. Read the page again to see who has it.")


class AdviceMissing(RuleBroken):
    """A seat is given back with advice."""

    sentence = N_("Write your advice, then give the seat back.")
    status = 422


def colleagues(session: Session, who: Identity) -> Sequence[Officer]:
    """Those of `who`'s organisation who may act, but `who`."""
    own = [one for one in (who.officer_id, who.deputy_for) if one]
    return officers.colleagues(session, who.organisation_id, own)


def successors(session: Session, seat: Seat) -> Sequence[Organisation]:
    """The other organisations of the party in the district that have somebody to answer."""
    own = get_organisation(session, seat.organisation_id)
    query = select(Organisation).where(
        Organisation.district_id == own.district_id,
        Organisation.party == seat.party,
        Organisation.id != own.id,
        has_somebody(),
    )
    return session.scalars(query.order_by(Organisation.code)).all()


def transfer_to_colleague(
    session: Session,
    who: Identity,
    seat_id: UUID,
    officer_id: UUID,
    words: str,
    expected_version: int | None,
    at: datetime,
) -> Acted:
    """Put the seat into the hands of one colleague, who answers it from now on.

    Raises what `ground_of` does, and the rules of this module.
    """
    ground = _ground(session, who, seat_id, expected_version, at, StageAct.TRANSFER)
    colleague = _colleague(ground, officer_id, words)
    ground.seat.holder_id = colleague.id
    ground.seat.version += 1
    ground.note("transferred", {"holder": str(colleague.id)}, words)
    _tell(ground, colleague, Letter.HANDED, {"way": "colleague"})
    return ground.acted()


def transfer_to_organisation(
    session: Session,
    who: Identity,
    seat_id: UUID,
    organisation_id: UUID,
    words: str,
    expected_version: int | None,
    at: datetime,
) -> Acted:
    """Let another organisation of the same party answer in one's stead, by the same deadline.

    The result names the new seat. Raises what `ground_of` does, and the rules of this module.
    """
    ground = _ground(session, who, seat_id, expected_version, at, StageAct.TRANSFER)
    check_words(words, is_needed=True)
    successor = _successor(ground, organisation_id)
    seat, standing = ground.seat, _standing_for(ground, successor)
    session.add(standing)
    seat.move(SeatStatus.TRANSFERRED)
    seat.holder_id = None
    matters.let_read(session, ground.matter.id, [successor.id])
    own = get_organisation(session, seat.organisation_id)
    ground.note("handed_over", {"to_seat": str(standing.id), "from": own.code, "to": successor.code}, words)
    told = Telling(Letter.HANDED, "handed", {"way": "organisation", "by": titled(own.name)})
    telling.tell_seats(session, ground.matter, ground.protocol, ground.stage, [standing], told, at)
    session.flush()
    if ground.stage.has_ties:
        ties.release(session, ground.matter, ground.stage, ground.protocol, at, ground.actor)
    return Acted(ground.matter.id, standing.id, standing.version)


def _standing_for(ground: Ground, successor: Organisation) -> Seat:
    seat = ground.seat
    return Seat(
        id=uuid7(),
        stage_id=seat.stage_id,
        matter_id=seat.matter_id,
        organisation_id=successor.id,
        party=seat.party,
        turn=seat.turn,
        status=SeatStatus.ASKED,
        asked_at=ground.at,
        stands_for_id=seat.id,
        due_at=seat.due_at,
    )


def delegate(
    session: Session,
    who: Identity,
    seat_id: UUID,
    officer_id: UUID,
    words: str,
    expected_version: int | None,
    at: datetime,
) -> Acted:
    """Ask a colleague for advice; until it is given or called back, the seat is in the colleague's hands.

    Raises what `ground_of` does, and the rules of this module.
    """
    ground = _ground(session, who, seat_id, expected_version, at, StageAct.DELEGATE)
    colleague = _colleague(ground, officer_id, words)
    ground.seat.holder_id, ground.seat.delegated_by_id = colleague.id, who.deputy_for or who.officer_id
    ground.seat.version += 1
    ground.note("delegated", {"holder": str(colleague.id)}, words)
    _tell(ground, colleague, Letter.HANDED, {"way": "advice"})
    return ground.acted()


def give_back(
    session: Session, who: Identity, seat_id: UUID, advice: str, expected_version: int | None, at: datetime
) -> Acted:
    """Give a delegated seat back, with advice, into the hands of the one who asked.

    Raises what `ground_of` does, `NotDelegated`, `AdviceMissing`.
    """
    ground = ground_of(session, who, seat_id, expected_version, at)
    ground.check_asked()
    seat = ground.seat
    if seat.delegated_by_id is None or not is_hand_of(who, seat.holder_id):
        raise NotDelegated()
    if not advice.strip():
        raise AdviceMissing()
    check_words(advice)
    asker = get_officer(session, seat.delegated_by_id)
    seat.holder_id, seat.delegated_by_id = asker.id, None
    seat.version += 1
    ground.note("given_back", {"holder": str(asker.id)}, advice)
    _tell(ground, asker, Letter.ADVICE, {})
    return ground.acted()


def call_back(session: Session, who: Identity, seat_id: UUID, expected_version: int | None, at: datetime) -> Acted:
    """Take a delegated seat back without waiting for advice: the one who delegated it, or a manager. The delegate is told.

    Raises what `ground_of` does, `NotDelegated`.
    """
    ground = ground_of(session, who, seat_id, expected_version, at)
    ground.check_asked()
    seat = ground.seat
    if seat.delegated_by_id is None or not (who.role is Role.MANAGER or is_hand_of(who, seat.delegated_by_id)):
        raise NotDelegated()
    delegate_id, seat.holder_id, seat.delegated_by_id = seat.holder_id, seat.delegated_by_id, None
    seat.version += 1
    ground.note("called_back", {"holder": str(seat.holder_id)})
    if delegate_id is not None:
        _release(ground, get_officer(session, delegate_id))
    return ground.acted()


def _ground(
    session: Session, who: Identity, seat_id: UUID, expected_version: int | None, at: datetime, act: StageAct
) -> Ground:
    """An asked seat that `who` may hand on."""
    ground = ground_of(session, who, seat_id, expected_version, at)
    ground.check_asked()
    ground.check_hold()
    ground.check_listed(act)
    return ground


def _colleague(ground: Ground, officer_id: UUID, words: str) -> Officer:
    check_words(words)
    found = next((one for one in colleagues(ground.session, ground.who) if one.id == officer_id), None)
    if found is None:
        raise NoSuchColleague()
    return found


def _successor(ground: Ground, organisation_id: UUID) -> Organisation:
    listed = [one for one in successors(ground.session, ground.seat) if one.id == organisation_id]
    if not listed or sits(ground.table(), organisation_id):
        raise NoSuchSuccessor()
    return listed[0]


def _release(ground: Ground, officer: Officer) -> None:
    """The colleague whose advice is waited for no longer is told so."""
    facts = telling.facts_of(ground.session, ground.matter, ground.protocol) | {"way": "advice"}
    facts["organisation"] = titled(get_organisation(ground.session, ground.seat.organisation_id).name)
    facts["stage"] = titled(ground.rule.title)
    told = Telling(Letter.RELEASED, f"{ground.seat.id}:released-{ground.seat.version}")
    telling.tell_officer(ground.session, ground.matter, officer, facts, told, ground.at)


def _tell(ground: Ground, officer: Officer, letter: Letter, facts: dict[str, Any]) -> None:
    """A letter to one colleague; who asks stands on the page, not in the letter (decision 9)."""
    own = titled(get_organisation(ground.session, ground.seat.organisation_id).name)
    said = telling.facts_of(ground.session, ground.matter, ground.protocol) | facts
    said |= {"stage": titled(ground.rule.title), "due_at": ground.seat.due_at.isoformat(), "organisation": own}
    if letter is Letter.HANDED:
        said["by"] = own
    cause = f"{ground.seat.id}:{letter}-{ground.seat.version}"
    told = Telling(letter, cause, seat_id=ground.seat.id)
    telling.tell_officer(ground.session, ground.matter, officer, said, told, ground.at)
