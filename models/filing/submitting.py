"""Submitting a filing: one transaction that makes the matter, its lines and its alarm."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models import district as districts
from models import matter as matters
from models import rider as riders
from models.base import uuid7
from models.consultation import seats
from models.crypto import Vault
from models.district import Compound
from models.errors import NotAllowed, NotFound, RuleBroken, check_version
from models.filing.tables import Filing, FilingLine, LineStatus
from models.matter import Act, Matter, MatterKind, MatterPlace, MatterStatus
from models.officer import Identity, acting_body, check_may_act
from models.protocol.schema import Party
from models.record import Actor
from models.rider_rules import RiderLine
from models.words import N_

KIND = MatterKind.ACCESS_FILING


class OnlyPropertyCompaniesFile(RuleBroken):
    """Filing riders is the property company's part (brief, row 2)."""

    sentence = N_("Only a property company files riders, and only for compounds that it manages.")
    status = 403


class NoCompounds(RuleBroken):
    """A filing is about at least one compound."""

    sentence = N_("Choose at least one compound that your company manages.")
    status = 422


class NoRiders(RuleBroken):
    """A filing needs at least one rider."""

    sentence = N_("There is no rider to file. Add at least one rider.")
    status = 422


class NotReturned(RuleBroken):
    """Only a returned filing can be submitted again."""

    sentence = N_("This filing was not returned to you, so it cannot be submitted again.")


class NothingLeft(RuleBroken):
    """Every line was dropped."""

    sentence = N_("You took out every rider. Leave at least one, or let the filing rest.")
    status = 422


@dataclass(frozen=True, slots=True)
class Submission:
    """What a clerk files: compounds, checked riders (1 to 2,000), a note without personal data, the file's digest.

    `source_period`: what filled the dates that the file does not have; with another one it is another filing.
    """

    compound_ids: tuple[UUID, ...]
    lines: tuple[RiderLine, ...]
    note: str = ""
    source_digest: str | None = None
    source_period: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """The matter, and whether it is new: the same file for the same compounds is not filed twice."""

    matter_id: UUID
    reference: str
    is_new: bool


def submit(session: Session, who: Identity, vault: Vault, submission: Submission, at: datetime) -> Submitted:
    """File riders. Raises `OnlyReads`, `OnlyPropertyCompaniesFile`, `NoCompounds`, `NoRiders`."""
    check_may_act(who)
    places = check_places(session, who, submission.compound_ids)
    if not submission.lines:
        raise NoRiders()
    key = _source_key(who.organisation_id, places, submission)
    same = _same_filing(session, key)
    if same is not None:
        return same
    matter = _new_matter(session, who, places, len(submission.lines), at)
    _write_filing(session, matter, submission, key)
    _write_lines(session, vault, matter, submission.lines, at)
    body = {
        "compounds": [place.code for place in places],
        "lines": len(submission.lines),
        "source": submission.source_digest,
    } | acting_body(who)
    matters.append(session, matter, Act("submitted", body), at, Actor(who.officer_id, who.organisation_id))
    return Submitted(matter.id, matter.reference, is_new=True)


def find_same(session: Session, who: Identity, submission: Submission) -> Submitted | None:
    """The filing that the same file for the same compounds has made already. Raises as `check_places` does."""
    places = check_places(session, who, submission.compound_ids)
    return _same_filing(session, _source_key(who.organisation_id, places, submission))


def check_places(session: Session, who: Identity, compound_ids: Sequence[UUID]) -> Sequence[Compound]:
    """The compounds, where `who` may file for all. Raises `OnlyPropertyCompaniesFile`, `NoCompounds`, `NotFound`."""
    if who.party is not Party.PROPERTY:
        raise OnlyPropertyCompaniesFile()
    if not compound_ids:
        raise NoCompounds()
    places = districts.compounds(session, compound_ids)
    if len(places) != len(set(compound_ids)):
        raise NotFound()
    if any(place.property_id != who.organisation_id for place in places):
        raise OnlyPropertyCompaniesFile()
    return places


def _same_filing(session: Session, key: str | None) -> Submitted | None:
    if key is None:
        return None
    same = session.scalars(select(Matter).join(Filing).where(Filing.source_key == key)).first()
    return Submitted(same.id, same.reference, is_new=False) if same is not None else None


def _source_key(organisation_id: UUID, places: Sequence[Compound], submission: Submission) -> str | None:
    if submission.source_digest is None:
        return None
    codes = ",".join(sorted(place.code for place in places))
    period = "/".join(day.isoformat() for day in submission.source_period or ())
    return hashlib.sha256(f"{organisation_id}:{codes}:{submission.source_digest}:{period}".encode()).hexdigest()


def _new_matter(session: Session, who: Identity, places: Sequence[Compound], line_count: int, at: datetime) -> Matter:
    matter = matters.begin(
        session, KIND, "备", places[0].district_id, who.organisation_id, who.officer_id, line_count, at
    )
    session.add_all(MatterPlace(matter_id=matter.id, compound_id=place.id) for place in places)
    matters.let_read(session, matter.id, [who.organisation_id])
    return matter


def _write_filing(session: Session, matter: Matter, submission: Submission, key: str | None) -> None:
    session.add(
        Filing(
            matter_id=matter.id,
            starts_on=min(line.starts_on for line in submission.lines),
            ends_on=max(line.ends_on for line in submission.lines),
            note=submission.note,
            source_key=key,
            source_digest=submission.source_digest,
        )
    )


def _write_lines(session: Session, vault: Vault, matter: Matter, lines: Sequence[RiderLine], at: datetime) -> None:
    people = riders.recognise(session, vault, matter.district_id, [(one.name, one.phone) for one in lines], at)
    rows = [
        {
            "id": uuid7(),
            "matter_id": matter.id,
            "number": number,
            "rider_id": people[line.phone],
            "name_sealed": vault.seal(line.name),
            "plate_sealed": vault.seal(line.plate) if line.plate else None,
            "plate_index": vault.blind(riders.PLATE, line.plate) if line.plate else None,
            "platform": line.platform,
            "station": line.station,
            "starts_on": line.starts_on,
            "ends_on": line.ends_on,
            "note_sealed": vault.seal(line.note) if line.note else None,
            "status": LineStatus.FILED,
            "reason": "",
        }
        for number, line in enumerate(lines, start=1)
    ]
    session.execute(insert(FilingLine), rows)


def submit_again(
    session: Session,
    who: Identity,
    matter_id: UUID,
    drop: frozenset[int],
    note: str,
    expected_version: int | None,
    at: datetime,
) -> None:
    """Submit a returned filing once more, without the lines in `drop` and with an explanation in `note`.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `NotReturned`, `NothingLeft`.
    """
    check_may_act(who)
    matter = matters.lock(session, matter_id)
    if matter.kind is not KIND:
        raise NotFound()
    if matter.organisation_id != who.organisation_id:
        raise NotAllowed()
    check_version(matter.version, expected_version)
    if matter.status is not MatterStatus.RETURNED:
        raise NotReturned()
    _drop(session, matter, drop)
    filing = session.get_one(Filing, matter_id)
    filing.note = note or filing.note
    matters.move_on(session, matter, MatterStatus.SUBMITTED)
    matter.result, matter.wake_at, matter.officer_id, matter.submitted_at = None, at, who.officer_id, at
    body = {"dropped": sorted(drop)} | acting_body(who)
    matters.append(session, matter, Act("submitted_again", body), at, Actor(who.officer_id, who.organisation_id))


def _drop(session: Session, matter: Matter, drop: frozenset[int]) -> None:
    """Take lines out; the next consultation opens without them."""
    lines = session.scalars(select(FilingLine).where(FilingLine.matter_id == matter.id)).all()
    before = seats.running(session, matter.id)
    assert before is not None
    # Where the consultation goes on at the stage that returned it, what the stages before it excepted stays out.
    out = {key: why for key, why in before.lines_out.items() if before.skip_to or why.get("is_dropped")}
    gone = {*drop, *map(int, out)}
    if not any(line.status is LineStatus.FILED and line.number not in gone for line in lines):
        raise NothingLeft()
    for line in lines:
        if line.number in drop and line.status is LineStatus.FILED:
            line.move(LineStatus.DROPPED)
            out[str(line.number)] = {"is_dropped": True, "reason": ""}
    before.lines_out = out
