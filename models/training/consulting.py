"""Putting a timetable before the parties: one transaction that makes the matter, finds its places and sets its alarm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import matter as matters
from models.clock import local_date
from models.district import Organisation
from models.errors import NotAllowed, RuleBroken, check_version
from models.matter import Act, Matter, MatterKind, MatterPlace, MatterStatus
from models.officer import Identity, acting_body
from models.protocol.schema import Party, Protocol
from models.protocol.storing import current
from models.record import Actor
from models.training.drafting import own_draft
from models.training.entering import department_of
from models.training.proposing import chain_of
from models.training.saying import lines_of
from models.training.tables import Event, Site, Timetable, TimetableStatus
from models.words import N_

KIND = MatterKind.TRAINING_SCHEDULE


class NothingPlanned(RuleBroken):
    """Nobody can be asked about nothing."""

    sentence = N_("No session of this timetable has a place. Wish for other days or sites first.")


class TooManySessions(RuleBroken):
    """What the parties can look through."""

    sentence = N_("A timetable that is consulted on has at most {most} sessions. Ask for fewer courses at once.")


class TooFarAhead(RuleBroken):
    """Halls are not given away for ever."""

    sentence = N_("The last session is more than {days} days away. Choose earlier days.")


class BegunAlready(RuleBroken):
    """A session that has begun is nothing to consult on."""

    sentence = N_("Some sessions of this timetable have begun already. Have it computed anew.")


class TimetableNotReturned(RuleBroken):
    """Only what came back goes out again."""

    sentence = N_("This timetable was not returned to you, so it cannot be submitted again.")


class NotThisTimetable(RuleBroken):
    """Another matter's."""

    sentence = N_("Submit the timetable that was returned, or a draft that was computed anew after it.")
    status = 422


@dataclass(frozen=True, slots=True)
class Submitted:
    """The matter that the timetable has become."""

    matter_id: UUID
    reference: str


def submit(
    session: Session, who: Identity, timetable_id: UUID, expected_version: int | None, at: datetime
) -> Submitted:
    """Put a draft before the parties of its sites; the next round seats them.

    Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`, `NoDraft`, `NothingPlanned`, `TooManySessions`,
    `TooFarAhead`, `BegunAlready`.
    """
    table = own_draft(session, who, timetable_id, expected_version)
    if table.matter_id is not None:
        raise TimetableNotReturned()  # it goes out again under the matter that it has
    events = _checked(session, table, at)
    return open_matter(session, table, events, who.officer_id, Actor(who.officer_id, who.organisation_id), at, who)


def submit_again(
    session: Session, who: Identity, matter_id: UUID, timetable_id: UUID, expected_version: int | None, at: datetime
) -> None:
    """Put a returned timetable before the parties once more, as it is or computed anew since.

    `expected_version`: the matter's. Raises `OnlyReads`, `NotFound`, `NotAllowed`, `ChangedMeanwhile`,
    `TimetableNotReturned`, `NotThisTimetable`, and what `submit` does of the sessions.
    """
    department_of(session, who)
    matters.visible(session, matter_id, who)
    matter = matters.lock(session, matter_id)
    if matter.organisation_id != who.organisation_id:
        raise NotAllowed()
    check_version(matter.version, expected_version)
    if matter.kind is not KIND or matter.status is not MatterStatus.RETURNED:
        raise TimetableNotReturned()
    table = own_draft(session, who, timetable_id, None)
    before = session.scalars(select(Timetable).where(Timetable.matter_id == matter_id)).one()
    if before.id not in chain_of(session, table):
        raise NotThisTimetable()
    events = _checked(session, table, at)
    before.matter_id = None
    session.flush()
    _bind(session, matter, table, events)
    matter.line_count = len(events)
    matters.move_on(session, matter, MatterStatus.SUBMITTED)
    matter.result, matter.wake_at, matter.officer_id, matter.submitted_at = None, at, who.officer_id, at
    body = _body(session, table, events) | acting_body(who)
    matters.append(session, matter, Act("submitted_again", body), at, Actor(who.officer_id, who.organisation_id))


def open_matter(
    session: Session,
    table: Timetable,
    events: Sequence[Event],
    officer_id: UUID,
    actor: Actor,
    at: datetime,
    who: Identity | None = None,
) -> Submitted:
    """The matter of a timetable; `who` None: the system submits it for the department, as an amendment."""
    matter = matters.begin(session, KIND, "训", table.district_id, table.organisation_id, officer_id, len(events), at)
    _bind(session, matter, table, events)
    matters.name_departments(session, matter.id, [table.organisation_id])
    matters.let_read(session, matter.id, [table.organisation_id])
    body = _body(session, table, events) | ({} if who is None else acting_body(who))
    matters.append(session, matter, Act("submitted", body), at, actor)
    session.flush()
    return Submitted(matter.id, matter.reference)


def rules_of_today() -> Protocol:
    """The protocol by which a timetable that is submitted now will run."""
    return current(KIND.value)


def _checked(session: Session, table: Timetable, at: datetime) -> Sequence[Event]:
    events, protocol = lines_of(session, table.id), rules_of_today()
    if not events:
        raise NothingPlanned()
    if len(events) > protocol.lines_limit:
        raise TooManySessions(most=protocol.lines_limit)
    if (local_date(max(one.starts_at for one in events)) - local_date(at)).days > protocol.longest_days:
        raise TooFarAhead(days=protocol.longest_days)
    if min(one.starts_at for one in events) <= at:
        raise BegunAlready()
    return events


def _bind(session: Session, matter: Matter, table: Timetable, events: Sequence[Event]) -> None:
    """The matter is about this timetable and about the places of its sessions."""
    session.execute(delete(MatterPlace).where(MatterPlace.matter_id == matter.id))
    session.add_all(
        MatterPlace(matter_id=matter.id, community_id=community_id, property_id=property_id)
        for community_id, property_id in _places(session, events)
    )
    table.matter_id = matter.id
    table.move(TimetableStatus.CONSULTING)
    session.flush()


def _places(session: Session, events: Sequence[Event]) -> list[tuple[UUID, UUID | None]]:
    """The communities of the sites, with the property company whose hall it is; alone only where none is."""
    query = (
        select(Site.community_id, Organisation.id, Organisation.party)
        .join(Organisation, Site.owner_id == Organisation.id)
        .where(Site.id.in_({one.site_id for one in events}))
    )
    found = {
        (community_id, owner_id if party is Party.PROPERTY else None)
        for community_id, owner_id, party in session.execute(query)
    }
    owned = {community_id for community_id, owner_id in found if owner_id is not None}
    kept = (one for one in found if one[1] is not None or one[0] not in owned)
    return sorted(kept, key=lambda one: (str(one[0]), str(one[1])))


def _body(session: Session, table: Timetable, events: Sequence[Event]) -> dict[str, object]:
    """What the record says of it."""
    query = select(Timetable.matter_id).where(Timetable.id == table.after_id)
    amended_id = session.scalar(query) if table.after_id else None
    amended = session.get(Matter, amended_id) if amended_id else None
    said: dict[str, object] = {
        "timetable": str(table.id),
        "sessions": len(events),
        "courses": len({one.course_id for one in events}),
        "first_on": local_date(min(one.starts_at for one in events)).isoformat(),
        "last_on": local_date(max(one.starts_at for one in events)).isoformat(),
    }
    return said | ({"amends": amended.reference} if amended is not None else {})
