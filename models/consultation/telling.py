"""Who is told what: notices with the facts that letters carry, never a person's name, phone or plate (decision 9)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from models import chat
from models import matter as matters
from models.consultation.tables import Seat, Stage
from models.deputy import deputies_now
from models.district import Organisation, sitting
from models.matter import Matter
from models.notice import writing
from models.notice.tables import Letter
from models.officer import Officer, officers_of
from models.protocol.schema import CopyTime, Protocol, SeatRule, Title


@dataclass(frozen=True, slots=True)
class Telling:
    """A letter with what makes it unique (`cause`, e.g. "rung-2") and the facts beyond those of matter and stage.

    `seat_id`: the seat that it is about.
    """

    letter: Letter
    cause: str
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    seat_id: UUID | None = None


def titled(title: Title) -> dict[str, str]:
    """A name in both languages, JSON-able."""
    return {"zh": title.zh, "en": title.en}


def facts_of(session: Session, matter: Matter, protocol: Protocol) -> dict[str, Any]:
    """What every letter of a matter says."""
    return {
        "reference": matter.reference,
        "title": titled(protocol.title),
        "compounds": [titled(place.name) for place in matters.places(session, matter.id)],
        "line_count": matter.line_count,
    }


def tell_seats(
    session: Session,
    matter: Matter,
    protocol: Protocol,
    stage: Stage,
    seats: Sequence[Seat],
    telling: Telling,
    at: datetime,
) -> None:
    """One letter to every officer of the seats' organisations."""
    shared = facts_of(session, matter, protocol) | telling.facts
    shared["stage"] = titled(protocol.stage(stage.key).title)
    for seat in seats:
        said = shared | {"due_at": seat.due_at.isoformat()}
        about = replace(telling, seat_id=seat.id)
        tell_organisation(session, matter, seat.organisation_id, said, about, f"{seat.id}:{telling.cause}", at)


def tell_organisation(
    session: Session,
    matter: Matter,
    organisation_id: UUID,
    facts: dict[str, Any],
    telling: Telling,
    cause: str,
    at: datetime,
) -> None:
    """One letter to every officer of an organisation and the deputies of those who are away, and a word in its rooms."""
    organisation = session.get_one(Organisation, organisation_id)
    said = facts | {"organisation": titled(organisation.name)}
    _write(session, matter, officers_of(session, [organisation_id]), said, telling, cause, at)
    chat.write(session, organisation_id, cause, matter.id, telling.letter, said, at, telling.seat_id)


def tell_officer(
    session: Session, matter: Matter, officer: Officer, facts: dict[str, Any], telling: Telling, at: datetime
) -> None:
    """One letter to one officer, and to the deputy of one who is away; `facts` are all that it says."""
    _write(session, matter, [officer], facts, telling, telling.cause, at)


def _write(
    session: Session,
    matter: Matter,
    officers: Sequence[Officer],
    facts: dict[str, Any],
    telling: Telling,
    cause: str,
    at: datetime,
) -> None:
    """The officers' letters, and those of the deputies who are not among them."""
    writing.write(session, cause, matter.id, telling.letter, facts, officers, at, telling.seat_id)
    addressed = {one.id for one in officers}
    standing_in = deputies_now(session, addressed, at).values()
    deputies = {one.id: one for found in standing_in for one in found if one.id not in addressed}
    said = facts | {"as_deputy": True}
    writing.write(session, cause, matter.id, telling.letter, said, deputies.values(), at, telling.seat_id)


def tell_copies(
    session: Session, matter: Matter, protocol: Protocol, time: CopyTime, facts: dict[str, Any], at: datetime
) -> None:
    """Tell those who get a copy 抄送 at this time; they may read the matter from now on."""
    places = matters.places(session, matter.id)
    shared = facts_of(session, matter, protocol) | facts | {"moment": time.value}
    telling = Telling(Letter.COPY, f"{matter.id}:{matter.record_count}:{time}")
    for copy in protocol.copies:
        if time not in copy.times:
            continue
        for organisation in sitting(session, SeatRule(copy.party, copy.function), places):
            matters.let_read(session, matter.id, [organisation.id], is_copy=True)
            tell_organisation(session, matter, organisation.id, shared, telling, telling.cause, at)
