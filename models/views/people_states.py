"""What statuses, endings and acts about people are called (msgids), in one place."""

from models.people.acts import PersonActKind
from models.people.tables import Ending, EnrolmentStatus, MemberStatus
from models.words import N_

ENROLMENTS: dict[EnrolmentStatus, str] = {
    EnrolmentStatus.ASKED: N_("Waits for the community"),
    EnrolmentStatus.CONFIRMED: N_("Enrolled"),
    EnrolmentStatus.DECLINED: N_("Declined"),
    EnrolmentStatus.WITHDRAWN: N_("Withdrawn by the rider"),
    EnrolmentStatus.ENDED: N_("Ended"),
}
MEMBERS: dict[MemberStatus, str] = {MemberStatus.APPOINTED: N_("Appointed"), MemberStatus.ENDED: N_("Ended")}
ENDINGS: dict[Ending, str] = {
    Ending.TERM: N_("The term is over."),
    Ending.RESIGNED: N_("The rider stepped down."),
    Ending.BY_COMMUNITY: N_("Decided by the community."),
    Ending.CONSENT_WITHDRAWN: N_("The rider withdrew the consent."),
    Ending.ERASED: N_("The rider had everything deleted."),
    Ending.MOVED: N_("Another enrolment took its place."),
    Ending.OTHER_CONFIRMED: N_("Another person was confirmed with this number."),
    Ending.NOT_MET: N_("Nobody came to the community within 30 days; name and number are forgotten."),
    Ending.NUMBER_RELEASED: N_("The number is another person's now."),
}
ACTS: dict[PersonActKind, str] = {
    PersonActKind.ENROLMENT_ASKED: N_("Enrolment asked for, with consent"),
    PersonActKind.ENROLMENT_CONFIRMED: N_("Enrolment confirmed"),
    PersonActKind.ENROLMENT_DECLINED: N_("Enrolment declined"),
    PersonActKind.ENROLMENT_WITHDRAWN: N_("Consent withdrawn"),
    PersonActKind.ENROLMENT_ENDED: N_("Enrolment ended"),
    PersonActKind.IDENTITY_OPENED: N_("Whole name and number read"),
    PersonActKind.CODE_MADE: N_("Personal code made"),
    PersonActKind.CODE_ISSUED: N_("One-time code issued"),
    PersonActKind.PHONE_JOINED: N_("Another phone joined"),
    PersonActKind.PHONE_SIGNED_OFF: N_("Phone signed off"),
    PersonActKind.NUMBER_RELEASED: N_("Number released"),
    PersonActKind.MEMBER_APPOINTED: N_("Appointed as grid member"),
    PersonActKind.MEMBER_ENDED: N_("Appointment ended"),
    PersonActKind.SQUAD_MADE: N_("Squad made"),
    PersonActKind.SQUAD_JOINED: N_("Squad joined"),
    PersonActKind.SQUAD_LEFT: N_("Squad left"),
    PersonActKind.SQUAD_LED: N_("Made leader of the squad"),
    PersonActKind.SHIFT_MADE: N_("Shift planned"),
    PersonActKind.SHIFT_CANCELLED: N_("Shift cancelled"),
    PersonActKind.TAKEN_AWAY: N_("Data taken away"),
    PersonActKind.ERASURE_ASKED: N_("Deletion asked for"),
    PersonActKind.ERASED: N_("Everything deleted"),
}
