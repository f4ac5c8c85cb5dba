"""One session for its host and its department: who has a place (masked), who came, what was said of it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models.crypto import Vault
from models.district import get_organisation
from models.errors import NotFound
from models.officer import Identity, Role
from models.people.acts import PersonActKind, Whom, write_down
from models.protocol.schema import Title
from models.rider import Rider
from models.training.check_in import CORRECTED_FOR, Attending, attending, check_in_window, is_ours, ours
from models.training.feedback import Said, feedback_of
from models.training.place_tables import Place, PlaceStatus
from models.training.ruling import TrainingRules
from models.training.tables import Course, Event, EventStatus, Site
from models.views.training import SessionView, sessions_view


@dataclass(frozen=True, slots=True)
class DoorView:
    """The session as those see it who hold it. `opens`, `closes`: check-in, half-open.

    `may_mark`: who came may be written down now; `may_cancel`: it may be called off now.
    """

    row: SessionView
    reference: str
    department: Title
    words: str
    address: str
    reason: str | None
    children: int
    child_places: int
    opens: datetime
    closes: datetime
    people: tuple[Attending, ...] = field(repr=False)
    said: Said = field(repr=False)
    may_mark: bool
    has_begun: bool
    may_check_in: bool
    may_cancel: bool

    def count(self, status: PlaceStatus) -> int:
        """How many places have that status."""
        return sum(one.place.status == status for one in self.people)


def door_view(
    session: Session, rules: TrainingRules, vault: Vault, who: Identity, event_id: UUID, at: datetime
) -> DoorView:
    """The session of one's own. Raises `NotFound`."""
    event = session.get(Event, event_id)
    if event is None or not is_ours(session, who, event):
        raise NotFound()
    course, site = session.get_one(Course, event.course_id), session.get_one(Site, event.site_id)
    opens, closes = check_in_window(rules.places, event)
    acts = who.role is not Role.READER and event.status in {EventStatus.PUBLISHED, EventStatus.HELD}
    return DoorView(
        row=sessions_view(session, who, [event])[0],
        reference=course.reference,
        department=get_organisation(session, course.organisation_id).name,
        words=course.words,
        address=site.address,
        reason=event.reason,
        children=event.children,
        child_places=event.child_places,
        opens=opens,
        closes=closes,
        people=tuple(attending(session, vault, who, event_id)),
        said=feedback_of(session, vault, who, event_id),
        may_mark=acts and opens <= at < event.ends_at + CORRECTED_FOR,
        has_begun=at >= event.starts_at,
        may_check_in=acts and opens <= at < closes,
        may_cancel=acts
        and event.status is EventStatus.PUBLISHED
        and at < event.starts_at
        and course.organisation_id == who.organisation_id,
    )


def open_name(session: Session, vault: Vault, who: Identity, event_id: UUID, place_id: UUID, at: datetime) -> str:
    """The whole name of who has a place, for comparing with the person; that it was read is written down.

    Raises `OnlyReads`, `NotFound`.
    """
    event, place = ours(session, who, event_id), session.get(Place, place_id)
    if place is None or place.event_id != event.id:
        raise NotFound()
    community_id = session.get_one(Site, event.site_id).community_id
    whom = Whom(place.rider_id, community_id, None, who.officer_id)
    write_down(session, PersonActKind.IDENTITY_OPENED, whom, at)
    return vault.open(session.get_one(Rider, place.rider_id).name_sealed)
