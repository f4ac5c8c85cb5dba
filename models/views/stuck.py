"""What the engine has given up on besides matters, for administrators: reports and sessions; and letting it try again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.protocol.schema import Title
from models.record import Actor
from models.report import climbing
from models.report.tables import Report
from models.training import tending
from models.training.tables import Course, Event
from models.views.naming import organisation_names


@dataclass(frozen=True, slots=True)
class Stuck:
    """One of them. `key`: a report's reference or a session's id; `is_report` says which; `name`: whose, or of what."""

    key: str
    is_report: bool
    name: Title
    trouble: str


def stuck_besides(session: Session, district_id: UUID) -> list[Stuck]:
    """The district's, reports first, the newest first."""
    reports, events = climbing.stuck(session, district_id), tending.stuck(session, district_id)
    names = organisation_names(session, {one.community_id for one in reports})
    return [
        *(
            Stuck(one.reference, is_report=True, name=names[one.community_id], trouble=one.trouble or "")
            for one in reports
        ),
        *(
            Stuck(str(event.id), is_report=False, name=name, trouble=event.trouble or "")
            for event, name in _titled(session, events)
        ),
    ]


def free_besides(session: Session, district_id: UUID, key: str, at: datetime, actor: Actor) -> bool:
    """Let the engine try again; what is not stuck any more stays as it is. False: the key names neither."""
    report = session.scalars(
        select(Report).where(Report.reference == key, Report.district_id == district_id).with_for_update()
    ).first()
    if report is not None:
        climbing.free(session, report, at, actor)
        return True
    for event in tending.stuck(session, district_id):
        if str(event.id) == key:
            tending.free(session, event.id, at)
            return True
    return False


def _titled(session: Session, events: Sequence[Event]) -> list[tuple[Event, Title]]:
    courses = session.scalars(select(Course).where(Course.id.in_({one.course_id for one in events}))).all()
    titles = {one.id: Title(one.title_zh, one.title_en) for one in courses}
    return [(one, titles[one.course_id]) for one in events]
