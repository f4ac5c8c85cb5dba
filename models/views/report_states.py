"""What reports' statuses, levels, clocks, deeds and entries are called (msgids), in one place for pages and exports."""

from enum import StrEnum

from models.report.tables import Clock, Deed, Level, PhotoMoment, ReportStatus, Satisfaction
from models.views.report_lists import ReportList
from models.words import N_

REPORTS: dict[ReportStatus, str] = {
    ReportStatus.COLLECTED: N_("Reported"),
    ReportStatus.FILED: N_("Filed, to be sent on"),
    ReportStatus.DISPATCHED: N_("Sent to its handler"),
    ReportStatus.HANDLING: N_("Being settled"),
    ReportStatus.PARKED: N_("Parked"),
    ReportStatus.ANSWERED: N_("Settled, to be checked"),
    ReportStatus.CLOSED: N_("Closed"),
    ReportStatus.DECLINED: N_("Not filed"),
    ReportStatus.MERGED: N_("Merged into another"),
    ReportStatus.WITHDRAWN: N_("Taken back"),
}
LEVELS: dict[Level, str] = {
    Level.URGENT: N_("Urgent"),
    Level.HIGH: N_("Pressing"),
    Level.ORDINARY: N_("Ordinary"),
}
CLOCKS: dict[Clock, str] = {
    Clock.TRIAGE: N_("to be filed by {when}"),
    Clock.TAKE_UP: N_("to be taken up by {when}"),
    Clock.SETTLE: N_("to be settled by {when}"),
    Clock.CHECK: N_("to be checked by {when}"),
    Clock.PARKED: N_("rests until {when}"),
}
DEEDS: dict[Deed, str] = {
    Deed.SNAP: N_("Snap it"),
    Deed.CLEAR: N_("Clear it"),
    Deed.TIDY: N_("Tidy it"),
    Deed.REPORT: N_("Report it"),
    Deed.SPEAK: N_("Speak up"),
}
SATISFACTIONS: dict[Satisfaction, str] = {
    Satisfaction.SATISFIED: N_("Satisfied"),
    Satisfaction.NOT_SATISFIED: N_("Not satisfied"),
}
MOMENTS: dict[PhotoMoment, str] = {PhotoMoment.BEFORE: N_("How it was"), PhotoMoment.AFTER: N_("How it is now")}
LISTS: dict[ReportList, str] = {
    ReportList.TRIAGE: N_("To file"),
    ReportList.CHECK: N_("To check"),
    ReportList.OURS: N_("To settle"),
    ReportList.ESCALATED: N_("Came up to us"),
    ReportList.PARKING: N_("May it rest?"),
    ReportList.AREA: N_("On our ground"),
    ReportList.PAST: N_("All"),
}
STEPS: dict[str, str] = {
    "reported": N_("Reported."),
    "filed": N_("Filed."),
    "dispatched": N_("Sent to {handler}."),
    "taken_up": N_("Taken up by {organisation}."),
    "answered": N_("{organisation} says that it is settled."),
    "closed": N_("Checked and closed by {organisation}."),
    "sent_back": N_("Checked by {organisation}: not settled yet."),
    "returned": N_("{organisation} gave it back: not theirs."),
    "parking_asked": N_("{organisation} asks that it may rest."),
    "parking_refused": N_("{organisation} refused that it rests."),
    "parked": N_("It rests, with the consent of {organisation}."),
    "unparked": N_("It goes on."),
    "declined": N_("{organisation} did not file it."),
    "merged": N_("It is the same as {into}, which goes on."),
    "followed": N_("{merged} is the same and was merged into this one."),
    "withdrawn": N_("The reporter took it back."),
    "reopened": N_("The reporter had it reopened; it went to {handler} again."),
    "collected_again": N_("The reporter objected; it is looked at again."),
    "rated": N_("The reporter says: {satisfaction}."),
    "escalated": N_("{late} was late: it went up to {to}."),
    "whistled": N_("{organisation} whistled for the departments."),
    "whistle_withdrawn": N_("{organisation} took the whistle back."),
    "bound": N_("Resolution {resolution} binds {bound} to settle it."),
    "not_bound": N_("Resolution {resolution} binds nobody."),
    "stuck": N_("The system could not go on with it by itself."),
    "freed": N_("{organisation} let the system try again."),
}
KINDS: dict[type[StrEnum], dict[object, str]] = {
    ReportStatus: {**REPORTS},
    Level: {**LEVELS},
    Clock: {**CLOCKS},
    Deed: {**DEEDS},
    Satisfaction: {**SATISFACTIONS},
    PhotoMoment: {**MOMENTS},
    ReportList: {**LISTS},
}  # each kind's words, for the check that no member lacks one
