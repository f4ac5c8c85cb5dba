"""On behalf 代录: a party that answered by phone, on paper or in a meeting; recorded by its superior, with evidence."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import matter as matters
from models.attachment import Attachment
from models.base import uuid7
from models.clock import local_date
from models.consultation import seats, telling
from models.consultation.acting import Acted, Ground, check_words, digest_of, ground_at, locked_seat
from models.consultation.opinions import Draft, check_draft, first_answer, listed, words_digest
from models.consultation.settling import settle_if_decided
from models.consultation.tables import Opinion, Seat, SeatStatus
from models.consultation.telling import Telling, titled
from models.district import get_organisation
from models.errors import NotAllowed, RuleBroken, check_version
from models.matter import Matter, MatterKind
from models.notice.tables import Letter
from models.officer import Identity
from models.training.speaking import check_exceptions
from models.words import N_

LONGEST_NAME = 80


class EvidenceKind(StrEnum):
    """How the party answered."""

    PHONE = "phone"
    PAPER = "paper"
    MEETING = "meeting"


class EvidenceMissing(RuleBroken):
    """Who said it and what was said."""

    sentence = N_("Write who said it and what was said, so that the party can find it again.")
    status = 422


class EvidenceFromFuture(RuleBroken):
    """A day that has not come yet."""

    sentence = N_("The day on which it was said lies in the future. Check the date.")
    status = 422


class PaperMissing(RuleBroken):
    """An answer on paper without the paper."""

    sentence = N_(
        "An answer on paper needs the paper: attach a photo or scan to the matter first, then choose it here."
    )
    status = 422


class NotAnAttachment(RuleBroken):
    """A file that is not attached to this matter."""

    sentence = N_("The chosen file is not attached to this matter. Attach it first, then choose it.")
    status = 422


class AnsweredThemselves(RuleBroken):
    """The party's own word goes before one that others recorded."""

    sentence = N_("This party has answered itself, so nothing can be recorded on its behalf.")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows that the party said so. `said_on`: the day in Shanghai; `attachment_ids`: files of the matter."""

    kind: EvidenceKind
    said_by: str
    words: str
    said_on: date
    attachment_ids: tuple[UUID, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """JSON-able form, kept with the opinion."""
        return {
            "kind": self.kind.value,
            "said_by": self.said_by.strip(),
            "words": self.words.strip(),
            "said_on": self.said_on.isoformat(),
            "attachments": [str(one) for one in self.attachment_ids],
        }

    @property
    def digest(self) -> str:
        """SHA-256 in hex, as the record holds it."""
        return digest_of(json.dumps(self.to_data(), sort_keys=True, ensure_ascii=False))


def give_on_behalf(
    session: Session,
    who: Identity,
    seat_id: UUID,
    draft: Draft,
    evidence: Evidence,
    expected_version: int | None,
    at: datetime,
) -> Acted:
    """Record what the seat's organisation said elsewhere; it may say otherwise itself while the stage is open.

    Who may says `matter.answers_for`, and they may read the matter for it. The party is told by letter. Raises
    `NotFound`, `OnlyReads`, `NotAllowed`, `ChangedMeanwhile`, what an opinion's own rules raise, and the rules of this
    module.
    """
    ground = _ground(session, who, seat_id, expected_version, at)
    check_draft(draft, ground.matter.line_count, ground.consultation.lines_out)
    if draft.exceptions and ground.matter.kind is MatterKind.TRAINING_SCHEDULE:
        lines = {one.line for one in draft.exceptions}
        check_exceptions(session, ground.seat.organisation_id, ground.matter.id, lines)
    _check_evidence(session, ground.matter.id, evidence, at)
    opinion = _write(ground, draft, evidence)
    matters.let_read(session, ground.matter.id, [who.organisation_id])  # it goes on reading what it had a hand in
    _tell(ground, opinion)
    session.flush()
    is_settled = settle_if_decided(session, ground.matter, ground.stage, at, ground.actor)
    return ground.acted(is_stage_settled=is_settled)


def may_record_for(session: Session, who: Identity, matter: Matter, organisation_id: UUID) -> bool:
    """Whether `who` may record what that organisation said of the matter; see `give_on_behalf`."""
    own, other = get_organisation(session, who.organisation_id), get_organisation(session, organisation_id)
    return matters.answers_for(session, matter, own, other)


def is_recordable(seat: Seat, opinion: Opinion | None) -> bool:
    """Whether the seat still waits, or has only what was recorded on its behalf."""
    if seat.status is SeatStatus.ASKED:
        return True
    return seat.status is SeatStatus.ANSWERED and opinion is not None and opinion.recorded_by_id is not None


def _ground(session: Session, who: Identity, seat_id: UUID, expected_version: int | None, at: datetime) -> Ground:
    matter, seat = locked_seat(session, who, seat_id)
    if not may_record_for(session, who, matter, seat.organisation_id):
        raise NotAllowed()
    ground = ground_at(session, who, matter, seat, at)
    opinion = session.get(Opinion, seat.opinion_id) if seat.opinion_id else None
    if seat.status is SeatStatus.ANSWERED and not is_recordable(seat, opinion):
        raise AnsweredThemselves()
    ground.check_asked(also=[SeatStatus.ANSWERED])
    check_version(seat.version, expected_version)
    return ground


def _check_evidence(session: Session, matter_id: UUID, evidence: Evidence, at: datetime) -> None:
    if not evidence.said_by.strip() or not evidence.words.strip() or len(evidence.said_by) > LONGEST_NAME:
        raise EvidenceMissing()
    check_words(evidence.words)
    if evidence.said_on > local_date(at):
        raise EvidenceFromFuture()
    wanted = set(evidence.attachment_ids)
    if evidence.kind is EvidenceKind.PAPER and not wanted:
        raise PaperMissing()
    query = select(Attachment.id).where(Attachment.matter_id == matter_id, Attachment.id.in_(wanted))
    if wanted and set(session.scalars(query)) != wanted:
        raise NotAnAttachment()


def _write(ground: Ground, draft: Draft, evidence: Evidence) -> Opinion:
    said = listed(draft)
    opinion = Opinion(
        id=uuid7(),
        seat_id=ground.seat.id,
        matter_id=ground.matter.id,
        officer_id=ground.who.officer_id,
        kind=draft.kind,
        reason=draft.reason.strip(),
        conditions=draft.conditions.strip(),
        exceptions=said,
        recorded_by_id=ground.who.organisation_id,
        evidence=evidence.to_data(),
        at=ground.at,
    )
    ground.session.add(opinion)
    seat = ground.seat
    seat.move(SeatStatus.ANSWERED)
    seat.answer, seat.opinion_id, seat.answered_at = draft.kind, opinion.id, ground.at
    seat.answered_minutes, seat.late_at = first_answer(seat, ground.at)
    body = {
        "kind": draft.kind.value,
        "lines_out": [one["line"] for one in said],
        "words": words_digest(opinion.reason, opinion.conditions, said),
        "evidence_kind": evidence.kind.value,
        "evidence": evidence.digest,
    }
    ground.note("recorded_on_behalf", body)
    return opinion


def _tell(ground: Ground, opinion: Opinion) -> None:
    """The party hears what stands under its name, while it can still say otherwise."""
    session, matter = ground.session, ground.matter
    by = get_organisation(session, ground.who.organisation_id)
    facts = {"by": titled(by.name), "kind": opinion.kind.value}
    told = Telling(Letter.ANSWERED_FOR_YOU, f"on-behalf-{opinion.id}", facts)
    protocol = seats.protocol_of_matter(session, matter)
    telling.tell_seats(session, matter, protocol, ground.stage, [ground.seat], told, ground.at)
