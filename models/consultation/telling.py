"""Who is told what: notices with the facts that letters carry, never a person's name, phone or plate (decision 9)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from models import chat
from models import matter as matters
from models.consultation.tables import Seat, Stage
from models.deputy import deputies_now
from models.district import Organisation, sitting
from models.keeping import hold
from models.matter import Matter, MatterKind
from models.notice import writing
from models.notice.tables import Letter
from models.officer import Officer
from models.protocol.schema import CopyTime, Protocol, SeatRule, Title
from models.reach import Reached, administrators, nearest_above, reach, reach_all
from models.training.saying import planned
from models.whistle.saying import asked_of


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
    """What every letter of a matter says; of a whistle, what it asks besides; of a timetable, what is planned."""
    facts: dict[str, Any] = {
        "reference": matter.reference,
        "title": titled(protocol.title),
        "compounds": [titled(place.name) for place in matters.places(session, matter.id)],
        "line_count": matter.line_count,
    }
    if matter.kind is MatterKind.STREET_WHISTLE:
        facts["whistle"] = asked_of(session, matter.id).to_data()
    if matter.kind is MatterKind.TRAINING_SCHEDULE:
        facts["training"] = planned(session, matter.id).to_data()
    return facts


def meet(session: Session, organisation_ids: Iterable[UUID], at: datetime) -> dict[UUID, Reached]:
    """Read at once whom letters to these organisations will reach, rather than for one after another."""
    wanted = list(dict.fromkeys(organisation_ids))
    hold(session, Organisation, wanted)
    return reach_all(session, wanted, at)


def tell_seats(
    session: Session,
    matter: Matter,
    protocol: Protocol,
    stage: Stage,
    seats: Sequence[Seat],
    telling: Telling,
    at: datetime,
    standing: Sequence[Seat] = (),
) -> None:
    """One letter to every officer of the seats' organisations.

    Where nobody is reached for a seat and an organisation above is told beside it anyhow (one of `seats`, or of
    `standing`, which get a letter of their own), it is not told twice.
    """
    shared = facts_of(session, matter, protocol) | telling.facts
    shared["stage"] = titled(protocol.stage(stage.key).title)
    reached = meet(session, [seat.organisation_id for seat in seats], at)
    stood_for = {seat.stands_for_id for seat in (*seats, *standing)}
    for seat in seats:
        said = _addressed(session, seat.organisation_id, shared | {"due_at": seat.due_at.isoformat()})
        about = replace(telling, seat_id=seat.id)
        found, cause = reached[seat.organisation_id], f"{seat.id}:{telling.cause}"
        _tell(session, matter, seat.organisation_id, found, said, about, cause, at)
        if found.gap is not None and seat.id not in stood_for:
            _tell_above(session, matter, seat.organisation_id, said, about, cause, at)


def tell_organisation(
    session: Session,
    matter: Matter,
    organisation_id: UUID,
    facts: dict[str, Any],
    telling: Telling,
    cause: str,
    at: datetime,
) -> None:
    """One letter to every officer of an organisation, to the deputies of those who are away, and a word in its rooms.

    Where nobody of it can be reached, to the nearest organisation above in which somebody can, or to the administrators.
    """
    said, reached = _addressed(session, organisation_id, facts), reach(session, organisation_id, at)
    _tell(session, matter, organisation_id, reached, said, telling, cause, at)
    if reached.gap is not None:
        _tell_above(session, matter, organisation_id, said, telling, cause, at)


def _addressed(session: Session, organisation_id: UUID, facts: dict[str, Any]) -> dict[str, Any]:
    return facts | {"organisation": titled(session.get_one(Organisation, organisation_id).name)}


def tell_officer(
    session: Session, matter: Matter, officer: Officer, facts: dict[str, Any], telling: Telling, at: datetime
) -> None:
    """One letter to one officer, and to the deputy of one who is away; `facts` are all that it says."""
    deputies = deputies_now(session, [officer.id], at).get(officer.id, ())
    _write(session, matter, Reached((officer,), tuple(deputies), None), facts, telling, telling.cause, at)


def _tell(
    session: Session,
    matter: Matter,
    organisation_id: UUID,
    reached: Reached,
    facts: dict[str, Any],
    telling: Telling,
    cause: str,
    at: datetime,
) -> None:
    """The letters, and the word in the organisation's rooms."""
    _write(session, matter, reached, facts, telling, cause, at)
    chat.write(session, organisation_id, cause, matter.id, telling.letter, facts, at, telling.seat_id)


def _write(
    session: Session,
    matter: Matter,
    reached: Reached,
    facts: dict[str, Any],
    telling: Telling,
    cause: str,
    at: datetime,
) -> None:
    """The officers' letters, and those of the deputies who are not among them."""
    write, said = partial(writing.write, session, cause, matter.id, telling.letter), facts | {"as_deputy": True}
    write(facts, reached.officers, at, telling.seat_id)
    write(said, reached.deputies, at, telling.seat_id)


def _tell_above(
    session: Session,
    matter: Matter,
    organisation_id: UUID,
    facts: dict[str, Any],
    telling: Telling,
    cause: str,
    at: datetime,
) -> None:
    """The same letter to the organisation above, which may read the matter from now on; it says in whose stead."""
    above = nearest_above(session, session.get_one(Organisation, organisation_id), at)
    told, cause = facts | {"instead_of": facts["organisation"]}, f"{cause}:for-{organisation_id}"
    if above is None:
        writing.write(session, cause, matter.id, telling.letter, told, administrators(session, matter.district_id), at)
        return
    matters.let_read(session, matter.id, [above.id])
    _tell(session, matter, above.id, reach(session, above.id, at), told, telling, cause, at)


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
            if organisation.id == matter.organisation_id:
                continue  # who filed it knows
            matters.let_read(session, matter.id, [organisation.id], is_copy=True)
            tell_organisation(session, matter, organisation.id, shared, telling, telling.cause, at)
