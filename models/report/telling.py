"""Who is told what of a report, by letter and in chat rooms: a reference, a category and a place, never a person."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from models import chat
from models.consultation.telling import titled
from models.district import Compound, Organisation, get_organisation
from models.notice import writing
from models.notice.tables import Letter
from models.officer import Officer
from models.protocol.schema import Title
from models.reach import administrators, nearest_above, reach
from models.report.categories import ReportRules
from models.report.tables import Report


def facts_of(session: Session, rules: ReportRules, report: Report) -> dict[str, Any]:
    """What every letter of a report says."""
    known = rules.categories.get(report.category)
    category = known.title if known else Title(report.category, report.category)
    return {
        "reference": report.reference,
        "title": titled(category),
        "compounds": [titled(place_of(session, report))],
        "level": report.level.value,
    }


def place_of(session: Session, report: Report) -> Title:
    """The name of its place: the compound, or the community on whose ground it is."""
    if report.compound_id is not None:
        return session.get_one(Compound, report.compound_id).name
    return get_organisation(session, report.community_id).name


def tell(
    session: Session,
    report: Report,
    organisation_id: UUID,
    letter: Letter,
    facts: dict[str, Any],
    cause: str,
    at: datetime,
) -> None:
    """One letter to every officer of the organisation and a word in its rooms, once for each cause.

    Where nobody of it can be reached, to the nearest one above in which somebody can, or to the administrators.
    """
    organisation = session.get_one(Organisation, organisation_id)
    said = facts | {"organisation": titled(organisation.name)}
    cause = f"{report.id}:{report.clock_number}:{cause}:{organisation_id}"
    reached = reach(session, organisation_id, at)
    _write(session, report, letter, said, reached.officers, cause, at)
    _write(session, report, letter, said | {"as_deputy": True}, reached.deputies, cause, at)
    chat.write(session, organisation_id, cause, None, letter, said, at)
    if reached.gap is not None:
        told = said | {"instead_of": said["organisation"]}
        above = nearest_above(session, organisation, at)
        instead = (
            administrators(session, report.district_id) if above is None else reach(session, above.id, at).officers
        )
        _write(session, report, letter, told, instead, f"{cause}:above", at)


def _write(
    session: Session,
    report: Report,
    letter: Letter,
    facts: dict[str, Any],
    officers: Iterable[Officer],
    cause: str,
    at: datetime,
) -> None:
    writing.write(session, cause, None, letter, facts, officers, at, report_id=report.id)
