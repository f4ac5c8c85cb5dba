"""社区报到: a rider enrols with a community; a worker meets the person before anything of anybody is opened.

A number alone proves nothing. What was asked shows its asker no more than they typed; it becomes the rider's once a
worker of the community has typed in the meeting number that the phone in the person's hand shows.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import rider as riders
from models.base import uuid7
from models.crypto import Vault, mask_name
from models.district import Organisation
from models.errors import NotFound, RuleBroken
from models.filing.ruling import current_rules
from models.officer import Identity, check_may_act
from models.people import waiting
from models.people.acts import PersonActKind, Whom, write_down
from models.people.consent import current_consent
from models.people.leaving import end_enrolment, leave_all, release_number
from models.people.tables import Ending, Enrolment, EnrolmentStatus, Erasure
from models.phone import Phone, PhoneIdentity
from models.protocol.schema import Party
from models.report.news import join_rider
from models.report.recording import checked_words
from models.rider import Rider
from models.rider_rules import Person, check_person
from models.training.needs import join_needs
from models.words import N_, Sentence

MEETING_DIGITS = 6
WAITS = timedelta(days=30)  # for the person to come; then what was typed is forgotten


class ConsentMissing(RuleBroken):
    """Without consent nothing is kept."""

    sentence = N_("Read the text and tick that you agree; without your consent nothing is kept.")
    status = 422


class ConsentChanged(RuleBroken):
    """The text that was read is not the one in force."""

    sentence = N_("The text has changed since you opened the page. Read it again, then agree.")


class PersonWrong(RuleBroken):
    """Name, number or platform is wrong; the sentence says which."""

    status = 422

    def __init__(self, said: Sentence) -> None:
        super().__init__()
        self.said = said


class CommunityUnknown(RuleBroken):
    """No community of this district."""

    sentence = N_("Choose the community that you want to enrol with.")
    status = 422


class AlreadyAsked(RuleBroken):
    """One asking at a time on a phone."""

    sentence = N_("You have asked already. Show the meeting number to the community, or take your asking back first.")


class AlreadyEnrolled(RuleBroken):
    """The rider belongs to that community, and nothing was corrected."""

    sentence = N_("You are enrolled with this community already, with the same name and platform.")


class OtherNumber(RuleBroken):
    """A known rider does not turn into another one."""

    sentence = N_(
        "This phone is known as another rider's. Type the number that you are known by, or sign it off first."
    )


class MeetingNumberWrong(RuleBroken):
    """The phone in the person's hand is not the one that asked."""

    sentence = N_("This is not the meeting number that the person's phone shows. Read it off the phone again.")
    status = 422


class KnownByOtherName(RuleBroken):
    """The number belongs to a rider of another name; only who has the person before them can tell."""

    sentence = N_(
        "The number is known under another name, {name}. Look at the person's paper, and say whether it is the same person."
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What is typed on the phone, and which text was agreed to."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    platform: str
    community_id: UUID | None
    consent_version: str
    is_agreed: bool


def ask(session: Session, vault: Vault, phone: PhoneIdentity, asked: Asked, at: datetime) -> Enrolment:
    """Ask to be enrolled, to move, or to have name or platform corrected. Raises the rules of this module."""
    consent = current_consent()
    if not asked.is_agreed:
        raise ConsentMissing()
    if asked.consent_version != consent.version:
        raise ConsentChanged()
    person = _person(asked)
    index = vault.blind(riders.PHONE, person.phone)
    community = _community(session, phone.district_id, asked.community_id)
    _check_free(session, vault, phone, person, community.id)
    new = Enrolment(
        id=uuid7(),
        district_id=phone.district_id,
        community_id=community.id,
        phone_id=phone.phone_id,
        name_sealed=vault.seal(person.name),
        phone_sealed=vault.seal(person.phone),
        phone_index=index,
        platform=person.platform,
        meeting_sealed=vault.seal(f"{secrets.randbelow(10**MEETING_DIGITS):0{MEETING_DIGITS}d}"),
        consent_version=consent.version,
        consent_sha256=consent.sha256,
        consented_at=at,
        asked_at=at,
    )
    session.add(new)
    session.flush()
    write_down(session, PersonActKind.ENROLMENT_ASKED, Whom(phone.rider_id, community.id, new.id), at)
    waiting.tell(session, new, at)
    return new


def _person(asked: Asked) -> Person:
    typed = {"name": asked.name, "phone": asked.phone, "platform": asked.platform}
    found = check_person(typed, current_rules())
    if isinstance(found, Sentence):
        raise PersonWrong(found)
    return found


def _community(session: Session, district_id: UUID, community_id: UUID | None) -> Organisation:
    found = session.get(Organisation, community_id) if community_id else None
    if found is None or found.party is not Party.COMMUNITY or found.district_id != district_id:
        raise CommunityUnknown()
    return found


def _check_free(session: Session, vault: Vault, phone: PhoneIdentity, person: Person, community_id: UUID) -> None:
    session.get(Phone, phone.phone_id, with_for_update=True)  # two askings of one phone come one after the other
    asking = select(Enrolment.id).where(Enrolment.phone_id == phone.phone_id, Enrolment.status == EnrolmentStatus.ASKED)
    if session.execute(asking).first():
        raise AlreadyAsked()
    if phone.rider_id is None:
        return
    rider = session.get_one(Rider, phone.rider_id)
    if rider.phone_index != vault.blind(riders.PHONE, person.phone):
        raise OtherNumber()
    live = live_enrolment(session, phone.rider_id)
    is_as_known = live is not None and (live.community_id, live.platform) == (community_id, person.platform)
    if is_as_known and rider.name_index == vault.blind(riders.NAME, person.name):
        raise AlreadyEnrolled()


def live_enrolment(session: Session, rider_id: UUID) -> Enrolment | None:
    """The community's confirmation that is in force, or None."""
    query = select(Enrolment).where(Enrolment.rider_id == rider_id, Enrolment.status == EnrolmentStatus.CONFIRMED)
    return session.scalars(query).first()


def withdraw(session: Session, phone: PhoneIdentity, enrolment_id: UUID, at: datetime) -> None:
    """The rider takes consent or asking back, with one touch and no reason. Raises `NotFound`, `IllegalMove`.

    What stands on the enrolment ends with it: appointment, squads, shifts to come.
    """
    found = session.get(Enrolment, enrolment_id, with_for_update=True)
    is_mine = found is not None and (
        found.phone_id == phone.phone_id if found.rider_id is None else found.rider_id == phone.rider_id
    )
    if found is None or not is_mine:
        raise NotFound()
    found.move(EnrolmentStatus.WITHDRAWN, at, Ending.CONSENT_WITHDRAWN)
    whom = Whom(found.rider_id, found.community_id, found.id)
    write_down(session, PersonActKind.ENROLMENT_WITHDRAWN, whom, at)
    waiting.count_anew(session, found.community_id, at)
    if found.rider_id is not None:
        leave_all(session, found.rider_id, Ending.CONSENT_WITHDRAWN, at)


def confirm(
    session: Session,
    vault: Vault,
    who: Identity,
    enrolment_id: UUID,
    meeting: str,
    is_same_person: bool | None,
    at: datetime,
) -> None:
    """A worker has met the person, whose phone shows `meeting`; from now on it is the rider's phone.

    `is_same_person`: what the worker says where the number is known under another name; None: not asked yet. Any other
    enrolment of the rider ends, and whoever else has claimed the number is declined.
    Raises `OnlyReads`, `NotFound`, `MeetingNumberWrong`, `KnownByOtherName`, `IllegalMove`.
    """
    found = ours(session, who, enrolment_id)
    expected = vault.open(found.meeting_sealed) if found.meeting_sealed else ""
    if found.status is EnrolmentStatus.ASKED and not hmac.compare_digest(meeting.strip().encode(), expected.encode()):
        raise MeetingNumberWrong()
    found.move(EnrolmentStatus.CONFIRMED, at)
    found.decided_by_id = who.officer_id
    rider_id = _rider(session, vault, who, found, is_same_person, at)
    _replace(session, who, found, rider_id, at)
    found.rider_id = rider_id
    erasure = session.get(Erasure, rider_id)
    if erasure is not None:
        session.delete(erasure)  # whoever comes back wants to be known again
    session.flush()
    phone = session.get_one(Phone, found.phone_id)
    phone.rider_id = rider_id
    join_rider(session, phone.id, rider_id)
    join_needs(session, phone.id, rider_id, at)
    whom = Whom(rider_id, found.community_id, found.id, who.officer_id)
    write_down(session, PersonActKind.ENROLMENT_CONFIRMED, whom, at)
    _decline_others(session, who, found, at)


def _rider(
    session: Session,
    vault: Vault,
    who: Identity,
    enrolment: Enrolment,
    is_same_person: bool | None,
    at: datetime,
) -> UUID:
    """The rider of the number, who may have to be told from an earlier holder of it, or whose name is put right."""
    assert enrolment.name_sealed is not None
    assert enrolment.phone_sealed is not None
    assert enrolment.phone_index is not None
    name, phone = vault.open(enrolment.name_sealed), vault.open(enrolment.phone_sealed)
    before = riders.known(session, enrolment.district_id, [enrolment.phone_index]).get(enrolment.phone_index)
    if before is not None and before.name_index != vault.blind(riders.NAME, name):
        if is_same_person is None:
            raise KnownByOtherName(name=mask_name(vault.open(before.name_sealed)))
        if is_same_person:
            before.name_sealed, before.name_index = vault.seal(name), vault.blind(riders.NAME, name)
        else:
            release_number(session, before, who.officer_id, at)
    return riders.recognise(session, vault, enrolment.district_id, [(name, phone)], at)[phone]


def _replace(session: Session, who: Identity, new: Enrolment, rider_id: UUID, at: datetime) -> None:
    """A rider belongs to one community: the enrolment before this one ends; with another community, all it brought."""
    before = live_enrolment(session, rider_id)
    if before is None:
        return
    end_enrolment(session, before, Ending.MOVED, at, who.officer_id)
    if before.community_id != new.community_id:
        leave_all(session, rider_id, Ending.MOVED, at)
    session.flush()


def _decline_others(session: Session, who: Identity, confirmed: Enrolment, at: datetime) -> None:
    query = select(Enrolment).where(
        Enrolment.phone_index == confirmed.phone_index,
        Enrolment.status == EnrolmentStatus.ASKED,
        Enrolment.district_id == confirmed.district_id,
    )
    for other in session.scalars(query.with_for_update()).all():
        other.move(EnrolmentStatus.DECLINED, at, Ending.OTHER_CONFIRMED)
        other.decided_by_id = who.officer_id
        whom = Whom(None, other.community_id, other.id, who.officer_id, {"ending": Ending.OTHER_CONFIRMED.value})
        write_down(session, PersonActKind.ENROLMENT_DECLINED, whom, at)
        waiting.count_anew(session, other.community_id, at)
    waiting.count_anew(session, confirmed.community_id, at)


def expire(session: Session, at: datetime) -> int:
    """Forget the people who asked and did not come. Returns how many."""
    query = select(Enrolment).where(Enrolment.status == EnrolmentStatus.ASKED, Enrolment.asked_at <= at - WAITS)
    over = session.scalars(query.with_for_update()).all()
    for one in over:
        one.move(EnrolmentStatus.DECLINED, at, Ending.NOT_MET)
        whom = Whom(None, one.community_id, one.id, None, {"ending": Ending.NOT_MET.value})
        write_down(session, PersonActKind.ENROLMENT_DECLINED, whom, at)
    return len(over)


def decline(session: Session, vault: Vault, who: Identity, enrolment_id: UUID, words: str, at: datetime) -> None:
    """Say no, with the reason that the asker reads. Raises `OnlyReads`, `NotFound`, `ReasonMissing`, `IllegalMove`."""
    found = ours(session, who, enrolment_id)
    reason = checked_words(words)
    found.move(EnrolmentStatus.DECLINED, at, Ending.BY_COMMUNITY)
    found.decided_by_id, found.reason_sealed = who.officer_id, vault.seal(reason)
    whom = Whom(None, found.community_id, found.id, who.officer_id)
    write_down(session, PersonActKind.ENROLMENT_DECLINED, whom, at)
    waiting.count_anew(session, found.community_id, at)


def end(session: Session, vault: Vault, who: Identity, enrolment_id: UUID, words: str, at: datetime) -> None:
    """The community ends it, with the reason that the rider reads; what stood on it ends too.

    Raises `OnlyReads`, `NotFound`, `ReasonMissing`, `IllegalMove`.
    """
    found = ours(session, who, enrolment_id)
    reason = checked_words(words)
    end_enrolment(session, found, Ending.BY_COMMUNITY, at, who.officer_id)
    found.reason_sealed = vault.seal(reason)
    assert found.rider_id is not None
    leave_all(session, found.rider_id, Ending.BY_COMMUNITY, at)


def open_identity(session: Session, vault: Vault, who: Identity, enrolment_id: UUID, at: datetime) -> tuple[str, str]:
    """The whole name and number, for comparing with the person's paper; that it was read is written down.

    Raises `OnlyReads`, `NotFound`.
    """
    found = ours(session, who, enrolment_id)
    if found.name_sealed is None or found.phone_sealed is None:
        raise NotFound()
    whom = Whom(found.rider_id, found.community_id, found.id, who.officer_id)
    write_down(session, PersonActKind.IDENTITY_OPENED, whom, at)
    return vault.open(found.name_sealed), vault.open(found.phone_sealed)


def ours(session: Session, who: Identity, enrolment_id: UUID) -> Enrolment:
    """The enrolment, locked, where it is with the own community. Raises `OnlyReads`, `NotFound`."""
    found = session.get(Enrolment, enrolment_id, with_for_update=True, populate_existing=True)
    if found is None or found.community_id != who.organisation_id:
        raise NotFound()
    check_may_act(who)
    return found


def enrolments_of(session: Session, phone_id: UUID, rider_id: UUID | None) -> Sequence[Enrolment]:
    """What was asked from this phone before anybody was known, and everything of its rider; the newest first."""
    unknown = (Enrolment.phone_id == phone_id) & Enrolment.rider_id.is_(None)
    wanted = unknown if rider_id is None else unknown | (Enrolment.rider_id == rider_id)
    return session.scalars(select(Enrolment).where(wanted).order_by(Enrolment.id.desc())).all()
