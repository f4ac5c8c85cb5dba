"""What every act on a seat shares: where it takes place, who may do it, and what came of it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import matter as matters
from models.consultation import seats
from models.consultation.holding import check_hold
from models.consultation.opinions import (
    LONGEST_TEXT,
    AnsweredInYourStead,
    NoLongerAsked,
    NotAskedYet,
    SeatTransferred,
    StageSettled,
    TextTooLong,
)
from models.consultation.tables import Consultation, Remark, Seat, SeatStatus, Stage, StageStatus
from models.consultation.waiting import Table, table_of
from models.errors import NotAllowed, NotFound, RuleBroken, check_version
from models.matter import Act, Matter, visible
from models.officer import Identity, acting_body, check_may_act
from models.protocol.schema import Protocol, StageAct, StageRule
from models.record import Actor
from models.words import N_


class AnsweredAlready(RuleBroken):
    """Who has answered has nothing left to hand on."""

    sentence = N_("Your organisation has answered already. Take the answer back first, then do this.")


class NotInProtocol(RuleBroken):
    """The stage's rule does not list the act."""

    sentence = N_("The protocol does not allow this in this stage. Look at the rules to see what can be done here.")


class HeardOnly(RuleBroken):
    """A signer added before another is heard; the rest is for the one who added it."""

    sentence = N_("You were asked to be heard. Answer, or leave this to the organisation that asked you.")


class WordsMissing(RuleBroken):
    """An act that others have to understand."""

    sentence = N_("Write a few words, so that the others understand what you do and why.")
    status = 422


ASKED_ONLY: dict[SeatStatus, type[RuleBroken]] = {
    SeatStatus.WAITING: NotAskedYet,
    SeatStatus.ANSWERED: AnsweredAlready,
    SeatStatus.ESCALATED: AnsweredInYourStead,
    SeatStatus.TRANSFERRED: SeatTransferred,
    SeatStatus.REMOVED: NoLongerAsked,
    SeatStatus.CLOSED: StageSettled,
}


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of an act: the seat's new version, and whether the act settled its stage."""

    matter_id: UUID
    seat_id: UUID | None
    seat_version: int | None
    is_stage_settled: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """Where an act takes place, and who does it when. The matter is locked."""

    session: Session
    who: Identity
    at: datetime
    matter: Matter
    consultation: Consultation
    protocol: Protocol
    rule: StageRule
    stage: Stage
    seat: Seat

    @property
    def actor(self) -> Actor:
        """Who acts, for the record."""
        return Actor(self.who.officer_id, self.who.organisation_id)

    def table(self) -> Table:
        """The seats of the stage as they stand now."""
        self.session.flush()
        return table_of(self.session, self.stage)

    def check_asked(self, also: Iterable[SeatStatus] = ()) -> None:
        """Raises what `ASKED_ONLY` has for a seat that is not asked (nor in one of the statuses `also`)."""
        if self.seat.status in ASKED_ONLY and self.seat.status not in also:
            raise ASKED_ONLY[self.seat.status]()

    def check_listed(self, act: StageAct) -> None:
        """Raises `NotInProtocol` where the stage's rule does not have the act."""
        if act not in self.rule.acts:
            raise NotInProtocol()

    def check_permitted(self, act: StageAct) -> None:
        """The same for an act that takes a voice: raises `HeardOnly` besides, for a seat that is only heard."""
        self.check_listed(act)
        if self.table().is_heard(self.seat):
            raise HeardOnly()

    def check_hold(self) -> None:
        """Raises what `holding.check_hold` does."""
        check_hold(self.session, self.who, self.seat.holder_id, self.seat.delegated_by_id)

    def note(self, kind: str, body: dict[str, Any], words: str = "") -> None:
        """One entry in the record; the words are kept beside it and stand in it by their digest."""
        said = {"stage": self.stage.key, "seat": str(self.seat.id)} | body
        keep_act(self.session, self.who, self.matter, Act(kind, said), words, self.at, self.seat.id)

    def acted(self, *, is_stage_settled: bool = False) -> Acted:
        """What came of it."""
        self.session.flush()
        return Acted(self.matter.id, self.seat.id, self.seat.version, is_stage_settled)


def keep_act(
    session: Session, who: Identity, matter: Matter, act: Act, words: str, at: datetime, seat_id: UUID | None = None
) -> None:
    """Write an officer's act into the record of the locked matter, its words by their digest, and keep the words."""
    said = words.strip()
    body = act.body | ({"words": digest_of(said)} if said else {}) | acting_body(who)
    matters.append(session, matter, Act(act.kind, body), at, Actor(who.officer_id, who.organisation_id))
    if said:
        session.add(Remark(matter_id=matter.id, position=matter.record_count, seat_id=seat_id, words=said))


def digest_of(words: str) -> str:
    """SHA-256 in hex of the words, as the record holds it."""
    return hashlib.sha256(words.encode()).hexdigest()


def check_words(words: str, *, is_needed: bool = False) -> None:
    """Raises `WordsMissing`, `TextTooLong`."""
    if is_needed and not words.strip():
        raise WordsMissing()
    if len(words) > LONGEST_TEXT:
        raise TextTooLong(limit=LONGEST_TEXT)


def ground_of(session: Session, who: Identity, seat_id: UUID, expected_version: int | None, at: datetime) -> Ground:
    """The ground of an act on a seat of `who`'s organisation in an open stage.

    Authority and version are those of this transaction: the matter is locked before they are looked at. Raises
    `OnlyReads`, `NotFound`, `NotAllowed`, `StageSettled`, `ChangedMeanwhile`.
    """
    matter, seat = locked_seat(session, who, seat_id)
    if seat.organisation_id != who.organisation_id:
        raise NotAllowed()
    found = ground_at(session, who, matter, seat, at)
    check_version(seat.version, expected_version)
    return found


def locked_seat(session: Session, who: Identity, seat_id: UUID) -> tuple[Matter, Seat]:
    """A seat that `who` may see and act around, as it is now, and its matter, locked. Raises `OnlyReads`, `NotFound`."""
    check_may_act(who)
    matter_id = session.scalar(select(Seat.matter_id).where(Seat.id == seat_id))
    if matter_id is None:
        raise NotFound()
    visible(session, matter_id, who)
    matter = matters.lock(session, matter_id)
    return matter, session.get_one(Seat, seat_id, populate_existing=True)


def ground_at(session: Session, who: Identity, matter: Matter, seat: Seat, at: datetime) -> Ground:
    """The ground around a seat of a locked matter. Raises `StageSettled`."""
    stage = session.get_one(Stage, seat.stage_id, populate_existing=True)
    if stage.status is StageStatus.SETTLED:
        raise StageSettled()
    consultation = session.get_one(Consultation, stage.consultation_id)
    protocol = seats.protocol_of(session, consultation)
    return Ground(session, who, at, matter, consultation, protocol, protocol.stage(stage.key), stage, seat)
