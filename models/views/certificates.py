"""Certificates as riders print them and as anybody checks them."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models.clock import local_date
from models.crypto import Vault, mask_name
from models.district import District, get_organisation
from models.errors import NotFound
from models.protocol.schema import Title
from models.rider import Rider
from models.training.place_tables import Certificate, Place, PlaceStatus
from models.training.tables import Course, Event, EventStatus


@dataclass(frozen=True, slots=True)
class CertificateSheet:
    """What is printed and checked. `sessions`: how many were held; `minutes` of all of them. Both days are included."""

    number: str
    name: str = field(repr=False)
    course: Title
    organisation: Title
    district: Title
    sessions: int
    minutes: int
    first_on: date
    last_on: date
    issued_on: date
    revoked_on: date | None
    check: str = field(repr=False)


def my_certificate(session: Session, vault: Vault, rider_id: UUID | None, number: str) -> CertificateSheet:
    """The rider's own, with the whole name. Raises `NotFound`."""
    own = (Certificate.number == number) & (Certificate.rider_id == rider_id)
    return _sheet(session, vault, own, is_masked=False)


def checked_certificate(session: Session, vault: Vault, check: str) -> CertificateSheet:
    """What anybody may know who holds it: valid or not, and the masked name. Raises `NotFound`."""
    return _sheet(session, vault, Certificate.check == check, is_masked=True)


def _sheet(session: Session, vault: Vault, which: ColumnElement[bool], *, is_masked: bool) -> CertificateSheet:
    query = select(Certificate, Course, District, Rider.name_sealed)
    query = query.join(Course, Course.id == Certificate.course_id).join(District, District.id == Course.district_id)
    found = session.execute(query.join(Rider, Rider.id == Certificate.rider_id).where(which)).first()
    if found is None:
        raise NotFound()
    certificate, course, district, sealed = found
    held = _attended(session, course.id, certificate.rider_id)
    days = [local_date(one.starts_at) for one in held] or [local_date(certificate.issued_at)]
    name = vault.open(sealed)
    return CertificateSheet(
        number=certificate.number,
        name=mask_name(name) if is_masked else name,
        course=Title(course.title_zh, course.title_en),
        organisation=get_organisation(session, course.organisation_id).name,
        district=Title(district.name_zh, district.name_en),
        sessions=len(held),
        minutes=sum(int((one.ends_at - one.starts_at).total_seconds()) // 60 for one in held),
        first_on=days[0],
        last_on=days[-1],
        issued_on=local_date(certificate.issued_at),
        revoked_on=local_date(certificate.revoked_at) if certificate.revoked_at else None,
        check=certificate.check,
    )


def _attended(session: Session, course_id: UUID, rider_id: UUID) -> list[Event]:
    """The sessions of the course to which the rider came, by their start."""
    query = (
        select(Event)
        .join(Place, Place.event_id == Event.id)
        .where(Event.course_id == course_id, Event.status == EventStatus.HELD)
        .where(Place.rider_id == rider_id, Place.status == PlaceStatus.ATTENDED)
        .order_by(Event.starts_at)
    )
    return list(session.scalars(query))


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One of a rider's certificates in a list."""

    number: str
    course: Title
    issued_on: date


def certificate_rows(session: Session, rider_id: UUID | None) -> tuple[CertificateRow, ...]:
    """The rider's certificates that count, the newest first."""
    query = (
        select(Certificate.number, Course.title_zh, Course.title_en, Certificate.issued_at)
        .join(Course, Course.id == Certificate.course_id)
        .where(Certificate.rider_id == rider_id, Certificate.revoked_at.is_(None))
        .order_by(Certificate.id.desc())
    )
    return tuple(CertificateRow(number, Title(zh, en), local_date(at)) for number, zh, en, at in session.execute(query))
