"""采集 Collecting: a report comes in, once, however often a bad line makes the phone send it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import uuid7
from models.clock import local_date
from models.crypto import Vault
from models.errors import RuleBroken
from models.matter import take_number
from models.notice.tables import Letter
from models.officer import Identity, acting_body
from models.record import GENESIS, Actor
from models.report import clocks, news, telling
from models.report.categories import Category, ReportRules
from models.report.places import Placed, Position, place, shown_to_all
from models.report.recording import LONGEST_WORDS, Said, append, checked_words
from models.report.tables import Clock, PhotoMoment, Report, ReportPhoto
from models.upserting import insert_new
from models.words import N_
from models.working_time import WorkCalendar

MOST_PHOTOS = 6
LONGEST_SPOT = 120  # characters
LONGEST_KEY = 100
LONGEST_OF_PROGRAM = 4000  # characters: what Open311 lets programs send
_BEGINNING = {"clock_number": 0, "rung": 0, "told": 0, "version": 0, "record_count": 0, "record_hash": GENESIS}


class NothingSaid(RuleBroken):
    """An empty report."""

    sentence = N_("Take a photo, or say in a few words what you saw.")
    status = 422


class EvidenceMissing(RuleBroken):
    """A deed without a picture."""

    sentence = N_("Add a photo that shows what you did: the community checks it.")
    status = 422


class TooManyPhotos(RuleBroken):
    """More than anybody looks at."""

    sentence = N_("At most {limit} photos, please. Leave out the least telling ones.")
    status = 422


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    """A photo that was decoded, made plain and kept: content hashes of picture and thumbnail, pixels of the picture."""

    digest: str
    thumbnail: str
    width: int
    height: int
    moment: PhotoMoment = PhotoMoment.BEFORE


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports: a phone with or without a known rider, an officer who writes down what somebody says, a program."""

    district_id: UUID
    phone_id: UUID | None = None
    rider_id: UUID | None = None
    officer: Identity | None = None
    api_key_id: UUID | None = None

    @property
    def source(self) -> str:
        """Of all reporters, which one; client keys are unique for each. A phone stays itself when its rider becomes known."""
        officer_id = self.officer.officer_id if self.officer else None
        return str(self.phone_id or self.rider_id or officer_id or self.api_key_id)


@dataclass(frozen=True, slots=True)
class NewReport:
    """What is reported. `spot`: where exactly, in words. `client_key`: made where it was written, e.g. a UUID."""

    category: str
    words: str = ""
    spot: str = ""
    position: Position | None = None
    compound_id: UUID | None = None
    community_id: UUID | None = None
    photos: Sequence[KeptPhoto] = field(default=())
    client_key: str | None = None


@dataclass(frozen=True, slots=True)
class Collected:
    """The report, and whether it is new: what was sent twice is kept once."""

    report_id: UUID
    reference: str
    is_new: bool


def collect(
    session: Session,
    vault: Vault,
    rules: ReportRules,
    reporter: Reporter,
    new: NewReport,
    at: datetime,
    calendar: WorkCalendar,
) -> Collected:
    """Take a report. It is placed, its clock for 立案 runs, and the community is told.

    Raises `CategoryUnknown`, `NothingSaid`, `EvidenceMissing`, `TooManyPhotos`, `WordsTooLong`, `PlaceMissing`,
    `PlaceUnknown`.
    """
    key = _client_key(reporter, new)
    same = _same(session, key)
    if same is not None:
        return same
    category = rules.category(new.category)
    words = _checked(category, reporter, new)
    placed = place(session, rules, reporter.district_id, new.position, new.compound_id, new.community_id)
    report = _new_report(session, vault, reporter, new, category, placed, words, at)
    same = _same(session, key)  # sent twice at once: whoever took their number second sees the first one now
    if same is not None:
        return same
    report.client_key = key
    session.add(report)
    session.flush()
    add_photos(session, report, new.photos, at)
    _record(session, report, reporter, new, at)
    due_at = clocks.begin(session, rules, report, Clock.TRIAGE, at, calendar)
    news.follow(session, report, reporter.phone_id, reporter.rider_id, at, is_reporter=True)
    facts = telling.facts_of(session, rules, report) | {"way": "file", "due_at": due_at.isoformat()}
    telling.tell(session, report, report.community_id, Letter.REPORT_TASK, facts, "file", at)
    return Collected(report.id, report.reference, is_new=True)


def _client_key(reporter: Reporter, new: NewReport) -> str | None:
    if not new.client_key:
        return None
    return hashlib.sha256(f"{reporter.source}:{new.client_key[:LONGEST_KEY]}".encode()).hexdigest()


def _same(session: Session, key: str | None) -> Collected | None:
    if key is None:
        return None
    found = session.scalars(select(Report).where(Report.client_key == key)).first()
    return Collected(found.id, found.reference, is_new=False) if found else None


def _checked(category: Category, reporter: Reporter, new: NewReport) -> str:
    is_program = reporter.api_key_id is not None
    words = checked_words(new.words, is_needed=False, longest=LONGEST_OF_PROGRAM if is_program else LONGEST_WORDS)
    checked_words(new.spot, is_needed=False)
    if not words and not new.photos and not is_program:  # to Open311 category and place say enough
        raise NothingSaid()
    if category.is_deed and not new.photos:
        raise EvidenceMissing()
    if len(new.photos) > MOST_PHOTOS:
        raise TooManyPhotos(limit=MOST_PHOTOS)
    return words


def _new_report(
    session: Session,
    vault: Vault,
    reporter: Reporter,
    new: NewReport,
    category: Category,
    placed: Placed,
    words: str,
    at: datetime,
) -> Report:
    spot, position = new.spot.strip()[:LONGEST_SPOT], new.position
    shown_latitude, shown_longitude = shown_to_all(position, placed.compound)
    return Report(
        id=uuid7(),
        district_id=reporter.district_id,
        reference=_reference(session, reporter.district_id, at),
        category=category.code,
        deed=category.deed,
        level=category.level,
        is_private=category.is_private,
        words_sealed=vault.seal(words) if words else None,
        spot_sealed=vault.seal(spot) if spot else None,
        latitude=position.latitude if position else None,
        longitude=position.longitude if position else None,
        accuracy_metres=position.accuracy_metres if position else None,
        cell=position.cell if position else None,
        shown_latitude=shown_latitude,
        shown_longitude=shown_longitude,
        compound_id=placed.compound.id if placed.compound else None,
        community_id=placed.community.id,
        street_id=placed.street.id,
        handler_id=placed.community.id,
        rider_id=reporter.rider_id,
        phone_id=reporter.phone_id,
        officer_id=reporter.officer.officer_id if reporter.officer else None,
        api_key_id=reporter.api_key_id,
        reported_at=at,
        updated_at=at,
        **_BEGINNING,
    )


def _reference(session: Session, district_id: UUID, at: datetime) -> str:
    year = local_date(at).year
    return f"报{year}-{take_number(session, f'report:{district_id}:{year}'):06d}"


def add_photos(
    session: Session, report: Report, photos: Sequence[KeptPhoto], at: datetime, moment: PhotoMoment | None = None
) -> None:
    """Each photo once, also one that an earlier answer has shown. `moment` None: each has its own."""
    rows = [
        {
            "id": uuid7(),
            "report_id": report.id,
            "moment": moment or kept.moment,
            "digest": kept.digest,
            "thumbnail": kept.thumbnail,
            "width": kept.width,
            "height": kept.height,
            "at": at,
        }
        for kept in photos
    ]
    insert_new(session, ReportPhoto, rows)


def _record(session: Session, report: Report, reporter: Reporter, new: NewReport, at: datetime) -> None:
    officer = reporter.officer
    body = {"category": report.category, "photos": [one.digest for one in new.photos], "way": _way(reporter)}
    if officer is not None:
        body |= acting_body(officer)
    actor = Actor(officer.officer_id, officer.organisation_id) if officer else Actor()
    append(session, report, Said("reported", body), at, actor)


def _way(reporter: Reporter) -> str:
    if reporter.officer is not None:
        return "officer"
    return "program" if reporter.api_key_id is not None else "phone"
