"""What riders who came say of a session: stars and words, once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.crypto import Vault
from models.errors import NotFound, RuleBroken
from models.officer import Identity
from models.phone import PhoneIdentity
from models.report.recording import checked_words
from models.training.check_in import is_ours
from models.training.place_tables import Feedback, Place, PlaceStatus
from models.training.places import place_of
from models.training.tables import Event
from models.words import N_

MOST_STARS = 5
ASKED_FOR = timedelta(days=14)  # after the end


class StarsMissing(RuleBroken):
    """One to five."""

    sentence = N_("Give one to five stars.")
    status = 422


class OnlyWhoCame(RuleBroken):
    """Who was not there cannot tell."""

    sentence = N_("Only who came to the session can say how it was.")


class FeedbackOver(RuleBroken):
    """Not yet, or not any more."""

    sentence = N_("Say how it was from the end of the session on, within {days} days.")


class SaidAlready(RuleBroken):
    """Once a person."""

    sentence = N_("You have said how it was already. Thank you.")


def give_feedback(
    session: Session, vault: Vault, phone: PhoneIdentity, event_id: UUID, stars: int, words: str, at: datetime
) -> None:
    """A rider who came says how it was. Raises `NotFound`, `WordsTooLong` and the rules of this module."""
    place = place_of(session, event_id, phone.rider_id)
    event = session.get(Event, event_id)
    if place is None or event is None:
        raise NotFound()
    session.refresh(place, with_for_update=True)
    if place.status is not PlaceStatus.ATTENDED:
        raise OnlyWhoCame()
    if not event.ends_at <= at < event.ends_at + ASKED_FOR:
        raise FeedbackOver(days=ASKED_FOR.days)
    if not 1 <= stars <= MOST_STARS:
        raise StarsMissing()
    plain = checked_words(words, is_needed=False)
    if session.get(Feedback, place.id) is not None:
        raise SaidAlready()
    session.add(Feedback(place_id=place.id, stars=stars, words_sealed=vault.seal(plain) if plain else None, at=at))
    session.flush()


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of one session: how many gave how many stars, and the words, without names."""

    stars: Mapping[int, int]
    words: Sequence[str] = field(repr=False)

    @property
    def average(self) -> float | None:
        """The mean of the stars; None where nobody has said anything."""
        count = sum(self.stars.values())
        return sum(stars * people for stars, people in self.stars.items()) / count if count else None


def feedback_of(session: Session, vault: Vault, who: Identity, event_id: UUID) -> Said:
    """For the host community and the proposing department. Raises `NotFound`."""
    event = session.get(Event, event_id)
    if event is None or not is_ours(session, who, event):
        raise NotFound()
    query = select(Feedback).join(Place, Place.id == Feedback.place_id).where(Place.event_id == event_id)
    rows = session.scalars(query.order_by(Feedback.at, Feedback.place_id)).all()
    words = [vault.open(one.words_sealed) for one in rows if one.words_sealed]
    return Said(Counter(one.stars for one in rows), words)
