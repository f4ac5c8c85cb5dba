"""What becomes of a timetable whose matter is taken back."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.matter import Matter
from models.officer import Identity
from models.training.drafting import drop_all
from models.training.saying import table_of
from models.training.tables import TimetableStatus


def leave(session: Session, _who: Identity, matter: Matter, at: datetime) -> None:
    """None of its sessions will be; its courses may be planned anew."""
    table = table_of(session, matter.id)
    table.move(TimetableStatus.WITHDRAWN)
    drop_all(session, table, at)
