"""What sessions and places are called (msgids), in one place."""

from models.training.place_tables import PlaceStatus
from models.training.tables import EventStatus
from models.words import N_

EVENTS: dict[EventStatus, str] = {
    EventStatus.PROPOSED: N_("Proposed"),
    EventStatus.PUBLISHED: N_("Open"),
    EventStatus.CANCELLED: N_("Cancelled"),
    EventStatus.DROPPED: N_("Dropped"),
    EventStatus.HELD: N_("Over"),
}
PLACES: dict[PlaceStatus, str] = {
    PlaceStatus.WAITING: N_("You are on the waiting list"),
    PlaceStatus.OFFERED: N_("A place is kept for you"),
    PlaceStatus.TAKEN: N_("You have a place"),
    PlaceStatus.LAPSED: N_("The offer has run out"),
    PlaceStatus.CANCELLED: N_("Cancelled"),
    PlaceStatus.ATTENDED: N_("You were there"),
    PlaceStatus.MISSED: N_("You did not come"),
}
