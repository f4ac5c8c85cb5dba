"""In whose hands a seat is: a transferred or delegated one is acted on by its holder, a deputy, or a manager."""

from uuid import UUID

from sqlalchemy.orm import Session

from models.errors import RuleBroken
from models.officer import Identity, Officer, Role
from models.words import N_


class HeldByColleague(RuleBroken):
    """The seat was transferred or delegated to a colleague."""

    sentence = N_("{name} has this seat in hand. Ask them or a manager of your organisation to act.")
    status = 403


class OnlyAdvice(RuleBroken):
    """A delegate advises; the one who asked answers."""

    sentence = N_("{name} asked you for advice. Write it and give the seat back; {name} then answers.")
    status = 403


def is_hand_of(who: Identity, officer_id: UUID | None) -> bool:
    """Whether `who` acts as that officer: in person, or as the deputy."""
    return officer_id is not None and officer_id in {who.officer_id, who.deputy_for}


def has_in_hand(who: Identity, holder_id: UUID | None, delegated_by_id: UUID | None) -> bool:
    """Whether `who`, of the seat's organisation, may answer. A delegate may not; a manager always may."""
    if holder_id is None or who.role is Role.MANAGER:
        return True
    return is_hand_of(who, holder_id) and delegated_by_id is None


def check_hold(session: Session, who: Identity, holder_id: UUID | None, delegated_by_id: UUID | None) -> None:
    """Raises `HeldByColleague`, `OnlyAdvice`. A holder who has left holds nothing: the seat is anyone's again."""
    if has_in_hand(who, holder_id, delegated_by_id) or not is_here(session, who.organisation_id, holder_id):
        return
    if is_hand_of(who, holder_id):
        asker = session.get(Officer, delegated_by_id)
        raise OnlyAdvice(name=asker.name if asker else "")
    raise HeldByColleague(name=session.get_one(Officer, holder_id).name)


def is_here(session: Session, organisation_id: UUID, officer_id: UUID | None) -> bool:
    """Whether that officer still acts for the organisation."""
    found = session.get(Officer, officer_id) if officer_id else None
    return found is not None and found.is_active and found.organisation_id == organisation_id
