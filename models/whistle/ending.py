"""What becomes of a whistle that is taken back."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.matter import Matter
from models.officer import Identity
from models.report.recording import Said, actor_of, append, body_of, lock
from models.whistle.tables import Whistle


def leave(session: Session, who: Identity, matter: Matter, at: datetime) -> None:
    """The whistle of a withdrawn matter is over: the report goes on as it was, and may be whistled for anew."""
    whistle = session.get_one(Whistle, matter.id)
    whistle.is_open = False
    report = lock(session, whistle.report_id)
    append(session, report, Said("whistle_withdrawn", body_of(who, matter=matter.reference)), at, actor_of(who))
