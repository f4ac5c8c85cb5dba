"""What is held about a rider, everything on one page: to read, to take away, to have deleted (PIPL art. 44 to 47).

Each kind of thing has one holder in `HOLDERS`. Whoever adds a kind of thing about riders adds its holder.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.crypto import Vault
from models.people import holders, training_holders
from models.people.acts import PersonActKind, Whom, write_down
from models.people.holding import Held, Holder, Whose
from models.people.tables import Erasure
from models.rider import Rider
from models.training.calendar_links import CALENDARS

HOLDERS: tuple[Holder, ...] = (
    holders.ENROLMENTS,
    holders.MEMBERS,
    holders.SQUADS,
    holders.SHIFTS,
    holders.FILINGS,
    holders.REPORTS,
    training_holders.NEEDS,
    training_holders.PLACES,
    training_holders.FEEDBACK,
    training_holders.CERTIFICATES,
    holders.CODES,
    holders.PHONES,
    CALENDARS,
    holders.ACTS,
)


def held_about(session: Session, vault: Vault, whose: Whose) -> list[Held]:
    """Everything, kind by kind; kinds of which there is nothing as well."""
    return [Held(one.kind, one.title, one.rule, one.find(session, vault, whose)) for one in HOLDERS]


def erase(session: Session, vault: Vault, whose: Whose) -> Erasure | None:
    """Delete as far as the law lets, at once; the phones are nobody's afterwards. Returns what waits, if anything does.

    A filing that is under consultation or whose pass runs stays whole until that is over; `finish` then deletes it.
    """
    write_down(session, PersonActKind.ERASURE_ASKED, Whom(whose.rider_id), whose.at)
    for holder in HOLDERS:
        holder.erase(session, vault, whose)
    session.flush()
    if whose.rider_id is None:
        return None
    waiting = session.get(Erasure, whose.rider_id) or Erasure(rider_id=whose.rider_id)
    waiting.asked_at, waiting.done_at = whose.at, None
    session.add(waiting)
    _finish(session, vault, waiting, whose.at)
    return None if waiting.done_at else waiting


def finish(session: Session, vault: Vault, at: datetime) -> int:
    """Delete what had to wait and need not any more. Returns of how many riders nothing is left."""
    waiting = session.scalars(select(Erasure).where(Erasure.done_at.is_(None)).with_for_update()).all()
    for one in waiting:
        _finish(session, vault, one, at)
    return sum(one.done_at is not None for one in waiting)


def _finish(session: Session, vault: Vault, waiting: Erasure, at: datetime) -> None:
    if holders.live_lines(session, waiting.rider_id, at):
        return
    holders.blank_lines(session, vault, waiting.rider_id, at)
    rider = session.get_one(Rider, waiting.rider_id)
    rider.name_sealed, rider.phone_sealed = vault.seal(""), vault.seal("")
    rider.name_index = rider.phone_index = f"erased:{rider.id}"
    waiting.done_at = at
    write_down(session, PersonActKind.ERASED, Whom(rider.id), at)
