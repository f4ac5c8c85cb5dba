"""Officers who leave: what is in their hands goes to a colleague in one step, then the account is closed.

What cannot go over is listed with the reason, and stays where it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from models import deputy
from models import matter as matters
from models.authority.accounts import end_all
from models.authority.links import worthless_from
from models.comment import Comment, CommentKind
from models.consultation.acting import keep_act
from models.consultation.tables import OpinionDraft, Seat, SeatStatus, Stage, StageStatus
from models.deputy import Absence, ChainTooLong, DeputiesInCircle
from models.district import get_organisation
from models.errors import RuleBroken
from models.matter import Act, Matter
from models.notice import writing
from models.notice.tables import Letter
from models.officer import Identity, Officer, Role
from models.staff_act import About, StaffActKind, write_act
from models.staffing import HasLeft, NotYourself, check_not_last_administrator, check_not_last_manager, managed
from models.words import N_, Sentence

IN_HAND = (SeatStatus.WAITING, SeatStatus.ASKED, SeatStatus.ANSWERED, SeatStatus.ESCALATED)  # may still be acted on

HAS_DRAFT = N_("The colleague has a draft of their own for this seat.")
OTHER_ORGANISATION = N_("It is for a seat of another organisation, written as a deputy.")
GOES_TO_ALL = N_("The reply goes to every officer of the organisation.")


class NoSuchSuccessor(RuleBroken):
    """A colleague who may act."""

    sentence = N_("Choose an active colleague of the same organisation whose role is not only to read.")
    status = 422


class HeldKind(StrEnum):
    """What an officer can have in hand."""

    SEAT = "seat"  # transferred or delegated to the officer
    DELEGATION = "delegation"  # the officer asked a colleague for advice
    DRAFT = "draft"
    QUESTION = "question"  # put to a filer and not yet replied to
    DUTY = "duty"  # stands in for somebody, now or in days to come


@dataclass(frozen=True, slots=True)
class Held:
    """One thing in an officer's hands. `name`: the reference of its matter, or for a duty the absent officer's name."""

    kind: HeldKind
    id: UUID  # of the seat, the comment or the absence
    name: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What became of one thing: handed over, or not, and then `why`."""

    held: Held
    is_done: bool
    why: Sentence | None = None


def in_hand(session: Session, officer_id: UUID, at: datetime) -> tuple[Held, ...]:
    """All that an officer has in hand at `at`: seats, delegations, drafts, open questions, deputy duties."""
    duties = (Held(HeldKind.DUTY, absence.id, name) for absence, name in _duties(session, officer_id, at))
    held = (*_seats(session, officer_id), *_drafts(session, officer_id), *_questions(session, officer_id))
    return (*held, *duties)


def _seats(session: Session, officer_id: UUID) -> list[Held]:
    query = (
        select(Seat.id, Seat.holder_id, Matter.reference)
        .join(Stage, Stage.id == Seat.stage_id)
        .join(Matter, Matter.id == Seat.matter_id)
        .where(or_(Seat.holder_id == officer_id, Seat.delegated_by_id == officer_id))
        .where(Stage.status == StageStatus.OPEN, Seat.status.in_(IN_HAND))
        .order_by(Seat.matter_id, Seat.id)
    )
    return [
        Held(HeldKind.SEAT if holder == officer_id else HeldKind.DELEGATION, seat_id, reference)
        for seat_id, holder, reference in session.execute(query)
    ]


def _drafts(session: Session, officer_id: UUID) -> list[Held]:
    query = (
        select(OpinionDraft.seat_id, Matter.reference)
        .join(Seat, Seat.id == OpinionDraft.seat_id)
        .join(Stage, Stage.id == Seat.stage_id)
        .join(Matter, Matter.id == Seat.matter_id)
        .where(OpinionDraft.officer_id == officer_id, Stage.status == StageStatus.OPEN)
        .order_by(Matter.reference)
    )
    return [Held(HeldKind.DRAFT, seat_id, reference) for seat_id, reference in session.execute(query)]


def _questions(session: Session, officer_id: UUID) -> list[Held]:
    reply = aliased(Comment)
    answered = select(reply.id).where(reply.answers_id == Comment.id, reply.kind == CommentKind.REPLY).exists()
    query = (
        select(Comment.id, Matter.reference)
        .join(Matter, Matter.id == Comment.matter_id)
        .where(Comment.officer_id == officer_id, Comment.kind == CommentKind.QUESTION, ~answered)
        .where(Matter.status.not_in([status for status, onward in matters.MOVES.items() if not onward]))
        .order_by(Comment.id)
    )
    return [Held(HeldKind.QUESTION, comment_id, reference) for comment_id, reference in session.execute(query)]


def _duties(session: Session, officer_id: UUID, at: datetime) -> Sequence[tuple[Absence, str]]:
    query = (
        select(Absence, Officer.name)
        .join(Officer, Officer.id == Absence.officer_id)
        .where(Absence.deputy_id == officer_id, Absence.cancelled_at.is_(None), Absence.ends_at > at)
        .order_by(Absence.starts_at)
    )
    return [(absence, name) for absence, name in session.execute(query)]


def hand_over(
    session: Session, who: Identity, officer_id: UUID, successor_id: UUID, at: datetime
) -> tuple[HandedOver, ...]:
    """Put everything that the officer has in hand into a colleague's; tell the colleague. Lists what became of each.

    Raises `NotFound`, `NotAllowed`, `TakeHatOff`, `NoSuchSuccessor`.
    """
    officer = managed(session, who, officer_id)
    successor = session.get(Officer, successor_id)
    is_colleague = successor is not None and successor.organisation_id == officer.organisation_id
    if successor is None or not is_colleague or successor.id == officer.id:
        raise NoSuchSuccessor()
    if not successor.is_active or successor.role is Role.READER:
        raise NoSuchSuccessor()
    passing = _Passing(session, who, officer, successor, at)
    done = tuple(passing.hand(held) for held in in_hand(session, officer.id, at))
    handed = sum(one.is_done for one in done)
    details = {"handed_over": handed, "left": len(done) - handed}
    about = About(officer.organisation_id, officer.id, successor.id, details)
    write_act(session, who.officer_id, StaffActKind.SEATS_HANDED_OVER, about, at)
    if handed:
        _tell(session, officer, successor, done, at)
    return done


@dataclass(frozen=True, slots=True)
class _Passing:
    """One hand-over: from whom to whom, by whom, when."""

    session: Session
    who: Identity
    officer: Officer
    successor: Officer
    at: datetime

    def hand(self, held: Held) -> HandedOver:
        """Hand one thing over where that can be."""
        ways = {
            HeldKind.SEAT: self._seat,
            HeldKind.DELEGATION: self._seat,
            HeldKind.DRAFT: self._draft,
            HeldKind.QUESTION: self._question,
            HeldKind.DUTY: self._duty,
        }
        why = ways[held.kind](held)
        return HandedOver(held, why is None, why)

    def _seat(self, held: Held) -> Sentence | None:
        matter_id = self.session.get_one(Seat, held.id).matter_id
        matter = matters.lock(self.session, matter_id)
        seat = self.session.get_one(Seat, held.id, populate_existing=True)
        if seat.organisation_id != self.officer.organisation_id:
            return Sentence(OTHER_ORGANISATION)
        if seat.delegated_by_id == self.officer.id:
            seat.delegated_by_id = self.successor.id
        if seat.holder_id == self.officer.id:
            seat.holder_id = self.successor.id
        if seat.holder_id == seat.delegated_by_id:
            seat.delegated_by_id = None  # nobody advises themselves
        seat.version += 1
        body = {"stage": self.session.get_one(Stage, seat.stage_id).key, "seat": str(seat.id)}
        body |= {"holder": str(self.successor.id), "left": str(self.officer.id), "part": held.kind.value}
        keep_act(self.session, self.who, matter, Act("inherited", body), "", self.at, seat.id)
        return None

    def _draft(self, held: Held) -> Sentence | None:
        seat = self.session.get_one(Seat, held.id)
        if seat.organisation_id != self.successor.organisation_id:
            return Sentence(OTHER_ORGANISATION)
        if self.session.get(OpinionDraft, (held.id, self.successor.id)) is not None:
            return Sentence(HAS_DRAFT)
        draft = self.session.get_one(OpinionDraft, (held.id, self.officer.id))
        self.session.add(
            OpinionDraft(
                seat_id=draft.seat_id,
                officer_id=self.successor.id,
                kind=draft.kind,
                reason=draft.reason,
                conditions=draft.conditions,
                exceptions=draft.exceptions,
                saved_at=draft.saved_at,
            )
        )
        self.session.delete(draft)
        return None

    def _question(self, held: Held) -> Sentence | None:  # noqa: ARG002 (one signature for all ways)
        return Sentence(GOES_TO_ALL)

    def _duty(self, held: Held) -> Sentence | None:
        try:
            deputy.replace_deputy(self.session, self.who, held.id, self.successor.id, self.at)
        except (DeputiesInCircle, ChainTooLong, deputy.NoSuchDeputy) as broken:
            return broken.said
        return None


def _tell(session: Session, officer: Officer, successor: Officer, done: Sequence[HandedOver], at: datetime) -> None:
    name = get_organisation(session, officer.organisation_id).name
    kinds = [one.held.kind for one in done if one.is_done]
    facts = {
        "organisation": {"zh": name.zh, "en": name.en},
        "seats": kinds.count(HeldKind.SEAT) + kinds.count(HeldKind.DELEGATION),
        "drafts": kinds.count(HeldKind.DRAFT),
        "duties": kinds.count(HeldKind.DUTY),
    }
    cause = str(uuid5(officer.id, f"{successor.id} {at.isoformat()}"))
    writing.write(session, cause, None, Letter.SEATS_HANDED_OVER, facts, [successor], at)


def deactivate(session: Session, who: Identity, officer_id: UUID, at: datetime) -> Officer:
    """Close the account: sessions and links end, absences and duties are cancelled, letters are given up.

    What was in the officer's hands and was not handed over is anyone's of the organisation again. Raises `NotFound`,
    `NotAllowed`, `TakeHatOff`, `HasLeft`, `NotYourself`, `LastAdministrator`, `LastManager`.
    """
    officer = managed(session, who, officer_id)
    if not officer.is_active:
        raise HasLeft()
    if officer.id == who.officer_id:
        raise NotYourself()
    if officer.is_administrator:
        check_not_last_administrator(session, officer)
    if officer.role is Role.MANAGER:
        check_not_last_manager(session, officer)
    officer.is_active = False
    end_all(session, officer, at)
    officer.password_hash = ""
    worthless_from(session, officer.id, at)
    deputy.cancel_all(session, officer.id, at)
    about = About(officer.organisation_id, officer.id)
    write_act(session, who.officer_id, StaffActKind.OFFICER_DEACTIVATED, about, at)
    return officer
