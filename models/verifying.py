"""Verifying the record: every chain is sound, and what the tables say is what the record tells (decision 10)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.consultation.acting import digest_of
from models.consultation.opinions import words_digest
from models.consultation.tables import Opinion, Remark
from models.matter import Matter, fold
from models.record import GENESIS, RecordEntry, first_broken
from models.words import N_, Sentence

BATCH = 200  # matters in memory at once
OPINION_ENTRIES = frozenset({"opinion_given", "opinion_changed", "recorded_on_behalf", "deemed"})

CHAIN = N_("{reference}: the record is broken at entry {position}.")
HEAD = N_("{reference}: the record's last entry is not the one that the matter names.")
STATUS = N_("{reference}: the status is {status}, but the record tells {told}.")
OPINION_ALTERED = N_("{reference}: an opinion of {at} is not what the record says.")
OPINION_GONE = N_("{reference}: the record has an opinion (entry {position}) that is not there.")
REMARK_ALTERED = N_("{reference}: what was said with entry {position} is not what the record says.")
UNREADABLE = N_("{reference}: its rows hold values that cannot be read.")


@dataclass(slots=True)
class Verified:
    """How much was looked at, and what is broken, one sentence each."""

    matters: int = 0
    entries: int = 0
    opinions: int = 0
    broken: list[Sentence] = field(default_factory=list[Sentence])


class Said(NamedTuple):
    """An opinion as far as the record holds it; `words` is the digest of reason, conditions and exceptions."""

    seat: str
    kind: str
    lines_out: tuple[int, ...]
    words: str


class Place(NamedTuple):
    """A matter to be looked at."""

    matter_id: UUID
    reference: str


Row = TypeVar("Row", RecordEntry, Opinion)


def verify(session: Session) -> Verified:
    """Look at every matter, `BATCH` of them at a time."""
    found = Verified()
    for batch in _batches(session):
        _verify_batch(session, batch, found)
    return found


def _batches(session: Session) -> Iterator[Sequence[Place]]:
    after: UUID | None = None
    while True:
        query = select(Matter.id, Matter.reference).order_by(Matter.id).limit(BATCH)
        listed = session.execute(query if after is None else query.where(Matter.id > after)).all()
        if not listed:
            return
        yield [Place(row.id, row.reference) for row in listed]
        after = listed[-1].id


def _verify_batch(session: Session, batch: Sequence[Place], found: Verified) -> None:
    """A row that was altered so that it cannot even be read is found by looking at its batch one by one."""
    try:
        ids = [place.matter_id for place in batch]
        looked, remarks = _look(session, ids), _remarks(session, ids)
    except (ValueError, LookupError, TypeError):
        if len(batch) > 1:
            for place in batch:
                _verify_batch(session, [place], found)
        else:
            found.matters += 1
            found.broken.append(Sentence(UNREADABLE, {"reference": batch[0].reference}))
        return
    for matter, chain, opinions in looked:
        found.matters += 1
        found.entries += len(chain)
        found.opinions += len(opinions)
        found.broken += [*_check_chain(matter, chain), *_check_opinions(matter, chain, opinions)]
        found.broken += _check_remarks(matter, chain, remarks.get(matter.id, {}))
    session.expunge_all()


def _look(session: Session, ids: Sequence[UUID]) -> list[tuple[Matter, list[RecordEntry], list[Opinion]]]:
    matters = session.scalars(select(Matter).where(Matter.id.in_(ids)).order_by(Matter.id)).all()
    entries = select(RecordEntry).where(RecordEntry.matter_id.in_(ids))
    opinions = select(Opinion).where(Opinion.matter_id.in_(ids))
    chains = _by_matter(session.scalars(entries.order_by(RecordEntry.matter_id, RecordEntry.position)))
    said = _by_matter(session.scalars(opinions.order_by(Opinion.matter_id, Opinion.id)))
    return [(one, chains.get(one.id, []), said.get(one.id, [])) for one in matters]


def _by_matter(rows: Iterable[Row]) -> dict[UUID, list[Row]]:
    return {matter_id: list(same) for matter_id, same in groupby(rows, key=lambda row: row.matter_id)}


def _check_chain(matter: Matter, chain: list[RecordEntry]) -> Iterator[Sentence]:
    position = first_broken(chain)
    if position is not None:
        yield Sentence(CHAIN, {"reference": matter.reference, "position": position})
    head = (chain[-1].position, chain[-1].hash) if chain else (0, GENESIS)
    if head != (matter.record_count, matter.record_hash):
        yield Sentence(HEAD, {"reference": matter.reference})
    told = fold(chain)
    if told is not matter.status:
        now, then = matter.status.value, told.value if told else "–"
        yield Sentence(STATUS, {"reference": matter.reference, "status": now, "told": then})


def _check_opinions(matter: Matter, chain: list[RecordEntry], opinions: list[Opinion]) -> Iterator[Sentence]:
    """Each opinion is in the record once, word for word, and each that the record has is there."""
    there = Counter(_said(one) for one in opinions)
    recorded: Counter[Said] = Counter()
    for entry in chain:
        if entry.kind not in OPINION_ENTRIES:
            continue
        said = _recorded(entry)
        recorded[said] += 1
        if recorded[said] > there[said]:
            yield Sentence(OPINION_GONE, {"reference": matter.reference, "position": entry.position})
    for one in opinions:
        said = _said(one)
        recorded[said] -= 1
        if recorded[said] < 0:
            yield Sentence(OPINION_ALTERED, {"reference": matter.reference, "at": f"{one.at:%Y-%m-%d %H:%M} UTC"})


def _remarks(session: Session, ids: Sequence[UUID]) -> dict[UUID, dict[int, str]]:
    """The digests of what officers said with their acts, by matter and entry."""
    found: dict[UUID, dict[int, str]] = {}
    for remark in session.scalars(select(Remark).where(Remark.matter_id.in_(ids))):
        found.setdefault(remark.matter_id, {})[remark.position] = digest_of(remark.words)
    return found


def _check_remarks(matter: Matter, chain: list[RecordEntry], said: dict[int, str]) -> Iterator[Sentence]:
    """What was said with an act stands beside the entry that has its digest, word for word."""
    recorded = {
        entry.position: str(entry.body["words"])
        for entry in chain
        if "words" in entry.body and "comment" not in entry.body and entry.kind not in OPINION_ENTRIES
    }
    for position in sorted(recorded.keys() | said.keys()):
        if recorded.get(position) != said.get(position):
            yield Sentence(REMARK_ALTERED, {"reference": matter.reference, "position": position})


def _said(opinion: Opinion) -> Said:
    lines = tuple(one["line"] for one in opinion.exceptions)
    words = words_digest(opinion.reason, opinion.conditions, opinion.exceptions)
    return Said(str(opinion.seat_id), opinion.kind.value, lines, words)


def _recorded(entry: RecordEntry) -> Said:
    """What an entry says; declared and deemed opinions have no words."""
    body = entry.body
    lines = tuple(body.get("lines_out", ()))
    return Said(str(body.get("seat")), str(body.get("kind")), lines, body.get("words", words_digest("", "", ())))
