"""Resolutions 决议: the reasoned result of a consultation, numbered without gaps within the year."""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, uuid7
from models.clock import local_date
from models.district import District
from models.matter import Matter, Result, take_number


class Resolution(Base):
    """`body`: {"parties": [{organisation, answer, reason, conditions, at, …}], "exceptions": […]}, no personal data of riders.

    `check` is the secret part of the public check page's address, printed as a QR code.
    """

    __tablename__ = "resolution"
    __table_args__ = (UniqueConstraint("district_id", "year", "sequence"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    district_id: Mapped[UUID] = mapped_column(ForeignKey("district.id"))
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), index=True)
    consultation_id: Mapped[UUID] = mapped_column(ForeignKey("consultation.id"), unique=True)
    year: Mapped[int]
    sequence: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)
    result: Mapped[Result]
    at: Mapped[datetime]
    body: Mapped[dict[str, Any]]
    check: Mapped[str] = mapped_column("check_word", unique=True)


def number(sign: str, year: int, sequence: int) -> str:
    """The number as it is written, e.g. 山协〔2026〕12号 (GB/T 9704-2012 7.2.5: year in full in 〔〕, no leading noughts)."""
    return f"{sign}协〔{year}〕{sequence}号"


def pass_resolution(
    session: Session, matter: Matter, consultation_id: UUID, body: dict[str, Any], at: datetime
) -> Resolution:
    """Write the resolution of a consultation; the year is that of `at` in Shanghai."""
    district = session.get_one(District, matter.district_id)
    year = local_date(at).year
    sequence = take_number(session, f"resolution:{district.code}:{year}")
    assert matter.result is not None
    resolution = Resolution(
        district_id=district.id,
        matter_id=matter.id,
        consultation_id=consultation_id,
        year=year,
        sequence=sequence,
        number=number(district.sign, year, sequence),
        result=matter.result,
        at=at,
        body=body,
        check=secrets.token_urlsafe(16),
    )
    session.add(resolution)
    return resolution


def of_matter(session: Session, matter_id: UUID) -> Resolution | None:
    """The newest resolution of a matter, or None."""
    query = select(Resolution).where(Resolution.matter_id == matter_id).order_by(Resolution.at.desc())
    return session.scalars(query.limit(1)).first()


def by_check(session: Session, check: str) -> Resolution | None:
    """The resolution that a check address names, or None."""
    return session.scalars(select(Resolution).where(Resolution.check == check)).first()
