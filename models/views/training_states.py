"""What statuses of places are called (msgids), in one place."""

from models.training.place_tables import PlaceStatus
from models.words import N_

PLACES: dict[PlaceStatus, str] = {
    PlaceStatus.WAITING: N_("On the waiting list"),
    PlaceStatus.OFFERED: N_("A place is kept for you"),
    PlaceStatus.TAKEN: N_("You have a place"),
    PlaceStatus.LAPSED: N_("The turn ran out"),
    PlaceStatus.CANCELLED: N_("Given back or called off"),
    PlaceStatus.ATTENDED: N_("Came"),
    PlaceStatus.MISSED: N_("Did not come"),
}
