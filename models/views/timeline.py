"""What happened to a matter: its record, the rounds that moved it, and the letters that left."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import record
from models import rounds as engine_rounds
from models.consultation.tables import Remark, Seat
from models.district import Organisation
from models.matter import visible
from models.notice import tables
from models.notice.tables import Letter, NoticeStatus
from models.officer import Identity, Officer
from models.protocol.schema import Protocol, Title
from models.views.naming import names_by_code, officer_names, organisation_names


@dataclass(frozen=True, slots=True)
class EntryView:
    """One act. `officer` None: the system did it, in the Prefect run `run`. `about`: whom or what the act names.

    `words`: what was said with it. `hand`: the officer in whose hands it put a seat. `deputy_for`: the absent officer in
    whose place it was done. `back_to`: the stage that it sent the matter back to.
    """

    position: int
    kind: str
    at: datetime
    officer: str | None
    organisation: Title | None
    run: str | None
    stage: Title | None
    about: tuple[Title, ...]
    body: dict[str, Any]
    words: str = ""
    hand: str | None = None
    deputy_for: str | None = None
    back_to: Title | None = None


@dataclass(frozen=True, slots=True)
class RoundView:
    """One round of the engine that moved the matter, and how many others besides."""

    run: str
    flow: str
    at: datetime
    started_at: datetime
    ended_at: datetime
    taken: int
    moved: int
    failed: int


@dataclass(frozen=True, slots=True)
class LetterView:
    """One letter to one officer, with the status words of GOV.UK Notify. `moved_at`: since when it has that status."""

    letter: Letter
    status: NoticeStatus
    officer: str
    organisation: Title
    created_at: datetime
    sent_at: datetime | None
    moved_at: datetime | None
    trouble: str | None
    provider: str | None
    is_unclear: bool


def timeline(
    session: Session, matter_id: UUID, chain: Sequence[record.RecordEntry], protocol: Protocol
) -> tuple[EntryView, ...]:
    """The record, oldest first, with names."""
    named = {UUID(one.body[key]) for one in chain for key in ("holder", "deputy_for") if one.body.get(key)}
    officers = officer_names(session, named | {one.officer_id for one in chain if one.officer_id})
    bodies = organisation_names(session, {one.organisation_id for one in chain if one.organisation_id})
    seats = _seat_names(session, matter_id)
    codes = names_by_code(session, {code for one in chain for code in _codes(one.body)})
    titles = {rule.key: rule.title for rule in protocol.stages}
    words = remarks_of(session, matter_id) if any("words" in one.body for one in chain) else {}
    return tuple(
        EntryView(
            position=one.position,
            kind=one.kind,
            at=one.at,
            officer=officers.get(one.officer_id) if one.officer_id else None,
            organisation=bodies.get(one.organisation_id) if one.organisation_id else None,
            run=one.run,
            stage=titles.get(str(one.body.get("stage"))),
            about=tuple(_about(one.body, seats, codes)),
            body=one.body,
            words=words.get(one.position, ""),
            hand=_officer(officers, one.body.get("holder")),
            deputy_for=_officer(officers, one.body.get("deputy_for")),
            back_to=titles.get(str(one.body.get("back_to"))),
        )
        for one in chain
    )


def _officer(names: Mapping[UUID, str], officer_id: str | None) -> str | None:
    return names.get(UUID(officer_id)) if officer_id else None


def remarks_of(session: Session, matter_id: UUID) -> dict[int, str]:
    """What officers said with their acts, by the entry's position."""
    query = select(Remark.position, Remark.words).where(Remark.matter_id == matter_id)
    return dict(session.execute(query).all())


def _codes(body: Mapping[str, Any]) -> Iterable[str]:
    """The codes of organisations and compounds that an entry names."""
    yield from body.get("compounds", ())
    yield from body.get("departments", ())
    yield from (body[key] for key in ("from", "to") if isinstance(body.get(key), str))


def _about(body: Mapping[str, Any], seats: Mapping[str, Title], codes: Mapping[str, Title]) -> Iterable[Title]:
    named = [*_codes(body)]
    if not named:
        named += [body["seat"]] if "seat" in body and "seats" not in body else body.get("seats", [])
    return [title for title in (seats.get(one) or codes.get(one) for one in named) if title is not None]


def _seat_names(session: Session, matter_id: UUID) -> dict[str, Title]:
    """The organisations of a matter's seats, by the seat's id and by their code, as entries name them."""
    query = select(Seat.id, Organisation).join(Organisation, Seat.organisation_id == Organisation.id)
    found: dict[str, Title] = {}
    for seat_id, organisation in session.execute(query.where(Seat.matter_id == matter_id)):
        found[str(seat_id)] = found[organisation.code] = organisation.name
    return found


def rounds_of(session: Session, chain: Sequence[record.RecordEntry]) -> tuple[RoundView, ...]:
    """The rounds that the record names, oldest first."""
    runs = sorted({one.run for one in chain if one.run})
    return tuple(
        RoundView(one.run, one.flow, one.at, one.started_at, one.ended_at, one.taken, one.moved, one.failed)
        for one in (engine_rounds.rounds_of(session, runs) if runs else ())
    )


def rounds_view(session: Session, who: Identity, matter_id: UUID) -> tuple[RoundView, ...]:
    """The rounds that moved a matter. Raises `NotFound`."""
    visible(session, matter_id, who)
    return rounds_of(session, record.entries(session, matter_id))


def letters_of(session: Session, matter_id: UUID) -> tuple[LetterView, ...]:
    """The letters of a matter, oldest first."""
    query = (
        select(tables.Notice, Officer.name, Organisation)
        .join(Officer, tables.Notice.officer_id == Officer.id)
        .join(Organisation, Officer.organisation_id == Organisation.id)
        .where(tables.Notice.matter_id == matter_id)
        .order_by(tables.Notice.id)
    )
    return tuple(
        LetterView(
            one.letter,
            one.status,
            officer,
            organisation.name,
            one.created_at,
            one.sent_at,
            one.moved_at,
            one.trouble,
            one.provider,
            one.unclear_at is not None,
        )
        for one, officer, organisation in session.execute(query)
    )
