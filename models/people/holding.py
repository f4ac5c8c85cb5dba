"""What one kind of thing about a rider has to answer: what there is of it, how it is deleted, what must stay and why."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from models.crypto import Vault
from models.protocol.schema import Title
from models.words import N_

Value = str | int | bool | date | datetime | Title | None


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose things: the phone's, and the rider's who is known on it."""

    phone_id: UUID
    rider_id: UUID | None
    at: datetime


Row = dict[str, Value]  # by the names in `FIELDS`


@dataclass(frozen=True, slots=True)
class Holder:
    """One kind of thing. `rule`: what becomes of it on deletion, as a msgid."""

    kind: str
    title: str
    rule: str
    find: Callable[[Session, Vault, Whose], list[Row]]
    erase: Callable[[Session, Vault, Whose], None]


@dataclass(frozen=True, slots=True)
class Held:
    """What a holder has found."""

    kind: str
    title: str
    rule: str
    rows: list[Row] = field(repr=False)


FIELDS: dict[str, str] = {
    "name": N_("Name"),
    "phone": N_("Phone"),
    "platform": N_("Platform"),
    "station": N_("Station"),
    "plate": N_("Plate"),
    "note": N_("Note"),
    "organisation": N_("Organisation"),
    "status": N_("Status"),
    "since": N_("Since"),
    "until": N_("Until"),
    "agreed_at": N_("Agreed on"),
    "text": N_("Text agreed to"),
    "text_sha256": N_("SHA-256 of the text"),
    "reason": N_("Reason"),
    "reference": N_("Reference"),
    "number": N_("Number"),
    "area": N_("Area"),
    "squad": N_("Squad"),
    "is_leader": N_("Leader"),
    "place": N_("Place"),
    "came": N_("Came"),
    "category": N_("Category"),
    "words": N_("Words"),
    "topic": N_("Topic"),
    "free": N_("When you can"),
    "course": N_("Course"),
    "children": N_("Children"),
    "stars": N_("Stars"),
    "last_seen_at": N_("Last used"),
    "act": N_("What was done"),
    "by_officer": N_("By an officer"),
    "at": N_("When"),
}
