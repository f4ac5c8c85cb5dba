"""签到: who came. By the code on the wall, by the code on the rider's phone, or written down by hand.

The wall's code proves that somebody stood before it, or knows somebody who did; it opens only around the start. The phone's
code changes every minute and follows from the place, so that nothing of it is kept: whoever reads it off the phone has the
person before them.
"""

import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.crypto import Vault, mask_name
from models.errors import NotFound, RuleBroken
from models.officer import Identity, check_may_act
from models.phone import PhoneIdentity
from models.rider import Rider
from models.training.certificates import certify_late
from models.training.place_tables import Place, PlaceStatus
from models.training.places import EnrolFirst, SessionCancelled, new_word, place_of, plain_word
from models.training.queue import lock_event, move_place, reminders, set_alarm
from models.training.ruling import PlaceRules, TrainingRules
from models.training.tables import Course, Event, EventStatus, Site
from models.words import N_

PASS_DIGITS = 6
PASS_CHANGES = timedelta(minutes=1)
CORRECTED_FOR = timedelta(days=30)  # after the end
BY_CODE, BY_PASS, BY_HAND = "code", "pass", "hand"


class CheckInClosed(RuleBroken):
    """Not now."""

    sentence = N_("Check-in is open from {opens} to {closes}. Come back then, or speak to the people there.")


class SessionCodeWrong(RuleBroken):
    """No session has that code."""

    sentence = N_("No session has that code. Read it off the notice on the wall again.")
    status = 422


class NoPlaceHere(RuleBroken):
    """Without a place nobody is checked in."""

    sentence = N_("You have no place at this session. Speak to the people there.")


class PassWrong(RuleBroken):
    """Nobody who has a place shows that number now."""

    sentence = N_("Nobody with a place at this session shows that number now. Read it off the phone again.")
    status = 422


class NotBegun(RuleBroken):
    """Who stays away is known once it has begun."""

    sentence = N_("The session has not begun. Write down afterwards who did not come.")


class CorrectionOver(RuleBroken):
    """What was long ago stays as it is."""

    sentence = N_("The session was over more than {days} days ago. What is written down stays.")


def open_sign_up(session: Session, rules: TrainingRules, vault: Vault, event: Event, at: datetime) -> None:
    """What a session needs once it is published: its code, its first alarm. Reminders that are past are not sent."""
    give_code(session, vault, event)
    event.reminded = sum(one <= at for one in reminders(rules.places, event))
    set_alarm(session, rules.places, event, at)


def give_code(session: Session, vault: Vault, event: Event) -> None:
    """The session gets its code for the wall, once."""
    if event.code_digest is None:
        code = new_word()
        event.code_sealed, event.code_digest = vault.seal(code), _digest(vault, code)
        session.flush()


def session_code(vault: Vault, event: Event) -> str | None:
    """The code as it stands on the wall, `K7QM-2XWD`; None before it is published."""
    code = vault.open(event.code_sealed) if event.code_sealed else None
    return f"{code[:4]}-{code[4:]}" if code else None


def _digest(vault: Vault, code: str) -> str:
    return vault.blind("session code", plain_word(code))


def check_in_window(rules: PlaceRules, event: Event) -> tuple[datetime, datetime]:
    """From when to when riders check in, half-open; never beyond the end."""
    before, after = rules.check_in_minutes
    closes = min(event.starts_at + timedelta(minutes=after), event.ends_at)
    return event.starts_at - timedelta(minutes=before), closes


def check_in(
    session: Session, rules: TrainingRules, vault: Vault, phone: PhoneIdentity, code: str, at: datetime
) -> UUID:
    """The rider types or scans the code on the wall. Twice is once. Returns the session.

    Raises `EnrolFirst`, `SessionCodeWrong`, `SessionCancelled`, `CheckInClosed`, `NoPlaceHere`.
    """
    if phone.rider_id is None:
        raise EnrolFirst()
    query = select(Event.id).where(Event.code_digest == _digest(vault, code), Event.district_id == phone.district_id)
    event_id = session.scalars(query).first()
    if event_id is None:
        raise SessionCodeWrong()
    event = lock_event(session, event_id)
    _check_open(rules.places, event, at)
    place = place_of(session, event.id, phone.rider_id)
    if place is None or place.status not in {PlaceStatus.TAKEN, PlaceStatus.MISSED, PlaceStatus.ATTENDED}:
        raise NoPlaceHere()
    _came(event, place, BY_CODE, at)
    return event.id


def pass_code(vault: Vault, place: Place, at: datetime) -> tuple[str, datetime]:
    """The six digits that the rider's phone shows at `at`, and until when they are the newest."""
    turn = _turn(at)
    return _pass(vault, place, turn), datetime.fromtimestamp((turn + 1) * PASS_CHANGES.total_seconds(), UTC)


def check_in_by_pass(
    session: Session, rules: TrainingRules, vault: Vault, who: Identity, event_id: UUID, digits: str, at: datetime
) -> Place:
    """An officer types the number that the rider's phone shows; this minute's and the last one's are right.

    Raises `NotFound`, `OnlyReads`, `SessionCancelled`, `CheckInClosed`, `PassWrong`.
    """
    event = ours(session, who, event_id)
    _check_open(rules.places, event, at)
    query = select(Place).where(
        Place.event_id == event.id, Place.status.in_([PlaceStatus.TAKEN, PlaceStatus.MISSED, PlaceStatus.ATTENDED])
    )
    turns = (_turn(at), _turn(at) - 1)
    shown = digits.strip().encode()
    places = session.scalars(query).all()
    found = [
        one for one in places if any(hmac.compare_digest(shown, _pass(vault, one, turn).encode()) for turn in turns)
    ]
    if len(found) != 1:  # two that show the same number show others in a minute
        raise PassWrong()
    _came(event, found[0], BY_PASS, at, who)
    return found[0]


def _turn(at: datetime) -> int:
    return int(at.timestamp() // PASS_CHANGES.total_seconds())


def _pass(vault: Vault, place: Place, turn: int) -> str:
    return f"{int(vault.blind('check-in', f'{place.id} {turn}'), 16) % 10**PASS_DIGITS:0{PASS_DIGITS}d}"


def mark_came(session: Session, rules: TrainingRules, who: Identity, place_id: UUID, at: datetime) -> None:
    """Written down by hand that somebody came, from the opening of check-in on; also late, of somebody marked as missed.

    Raises `NotFound`, `OnlyReads`, `SessionCancelled`, `CheckInClosed`, `CorrectionOver`, `IllegalMove`.
    """
    event, place = _marked(session, who, place_id, at)
    if at < check_in_window(rules.places, event)[0]:
        raise _closed(rules.places, event)
    _came(event, place, BY_HAND, at, who)
    certify_late(session, rules, event, place, at)


def mark_missed(session: Session, who: Identity, place_id: UUID, at: datetime) -> None:
    """Written down by hand that somebody did not come, once it has begun.

    Raises `NotFound`, `OnlyReads`, `SessionCancelled`, `NotBegun`, `CorrectionOver`, `IllegalMove`.
    """
    event, place = _marked(session, who, place_id, at)
    if at < event.starts_at:
        raise NotBegun()
    move_place(event, place, PlaceStatus.MISSED, at)
    place.marked_by_id = who.officer_id


def _marked(session: Session, who: Identity, place_id: UUID, at: datetime) -> tuple[Event, Place]:
    found = session.get(Place, place_id)
    if found is None:
        raise NotFound()
    event = ours(session, who, found.event_id)
    session.refresh(found)
    if event.status is EventStatus.CANCELLED:
        raise SessionCancelled()
    if at >= event.ends_at + CORRECTED_FOR:
        raise CorrectionOver(days=CORRECTED_FOR.days)
    return event, found


def _came(event: Event, place: Place, by: str, at: datetime, who: Identity | None = None) -> None:
    if place.status is PlaceStatus.ATTENDED:
        return
    move_place(event, place, PlaceStatus.ATTENDED, at)
    place.came_at, place.came_by = at, by
    place.marked_by_id = who.officer_id if who else None


def _check_open(rules: PlaceRules, event: Event, at: datetime) -> None:
    if event.status is EventStatus.CANCELLED:
        raise SessionCancelled()
    opens, closes = check_in_window(rules, event)
    if not opens <= at < closes:
        raise _closed(rules, event)


def _closed(rules: PlaceRules, event: Event) -> CheckInClosed:
    opens, closes = check_in_window(rules, event)
    return CheckInClosed(opens=opens, closes=closes)


def ours(session: Session, who: Identity, event_id: UUID) -> Event:
    """The session, locked, where the own community is its host or the own department proposed its course.

    Raises `NotFound`, `OnlyReads`.
    """
    event = lock_event(session, event_id)
    if not is_ours(session, who, event):
        raise NotFound()
    check_may_act(who)
    return event


def is_ours(session: Session, who: Identity, event: Event) -> bool:
    """Whether the own organisation is the host community or the proposing department of this session."""
    hosts = (
        session.get_one(Site, event.site_id).community_id,
        session.get_one(Course, event.course_id).organisation_id,
    )
    return who.organisation_id in hosts


@dataclass(frozen=True, slots=True)
class Attending:
    """One line of the list at the door; the name is masked."""

    place: Place
    name: str = field(repr=False)


def attending(session: Session, vault: Vault, who: Identity, event_id: UUID) -> list[Attending]:
    """Who has a place or an offer, in the order in which they asked. Raises `NotFound`."""
    event = session.get(Event, event_id)
    if event is None or not is_ours(session, who, event):
        raise NotFound()
    query = (
        select(Place, Rider.name_sealed)
        .join(Rider, Rider.id == Place.rider_id)
        .where(Place.event_id == event_id)
        .where(Place.status.in_([PlaceStatus.OFFERED, PlaceStatus.TAKEN, PlaceStatus.ATTENDED, PlaceStatus.MISSED]))
        .order_by(Place.asked_at, Place.id)
    )
    return [Attending(place, mask_name(vault.open(name))) for place, name in session.execute(query)]
