"""What letters, resolutions and pages say of a whistle: the report, the departments in their order, the date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import matter as matters
from models.district import Organisation
from models.matter import MatterNamed
from models.protocol.schema import Title
from models.report.tables import Report
from models.whistle.tables import Whistle


@dataclass(frozen=True, slots=True)
class Asked:
    """What a whistle asks: of whom (the first bears the main part), by the end of which day, about which report."""

    report: str
    departments: tuple[Title, ...]
    settle_by: date

    def to_data(self) -> dict[str, Any]:
        """JSON-able, as letters and resolutions carry it."""
        return {
            "report": self.report,
            "departments": [{"zh": one.zh, "en": one.en} for one in self.departments],
            "settle_by": self.settle_by.isoformat(),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Asked":
        """The same from what a letter or a resolution carries."""
        departments = tuple(Title(**one) for one in data["departments"])
        return cls(data["report"], departments, date.fromisoformat(data["settle_by"]))


def asked_of(session: Session, matter_id: UUID) -> Asked:
    """What the whistle of that matter asks."""
    whistle = session.get_one(Whistle, matter_id)
    report = session.get_one(Report, whistle.report_id)
    return Asked(report.reference, tuple(one.name for one in departments_of(session, matter_id)), whistle.settle_by)


def departments_of(session: Session, matter_id: UUID) -> Sequence[Organisation]:
    """The departments named, the one with the main part first."""
    query = select(Organisation).join(MatterNamed, MatterNamed.organisation_id == Organisation.id)
    return session.scalars(query.where(MatterNamed.matter_id == matter_id).order_by(MatterNamed.position)).all()


def references_of(session: Session, report_id: UUID) -> tuple[str, ...]:
    """The references of all whistles that were blown for a report, the oldest first."""
    query = select(matters.Matter.reference).join(Whistle, Whistle.matter_id == matters.Matter.id)
    return tuple(session.scalars(query.where(Whistle.report_id == report_id).order_by(matters.Matter.id)))


def open_whistle(session: Session, report_id: UUID) -> matters.Matter | None:
    """The matter of the whistle that is open for a report, or None."""
    query = select(matters.Matter).join(Whistle, Whistle.matter_id == matters.Matter.id)
    return session.scalars(query.where(Whistle.report_id == report_id, Whistle.is_open)).first()
