"""How people's states look: word, tone and sign. Templates decide nothing."""

from datetime import datetime

from api.portal.presenting import Look
from models.people.acts import PersonActKind
from models.people.holding import Value
from models.people.tables import EnrolmentStatus, MemberStatus
from models.protocol.schema import Title
from models.report.categories import report_rules
from models.views import people_states, report_states, states, training_states
from models.words import N_
from templates.pages import words_in

ENROLMENTS: dict[EnrolmentStatus, Look] = {
    EnrolmentStatus.ASKED: Look(people_states.ENROLMENTS[EnrolmentStatus.ASKED], "wait", "clock"),
    EnrolmentStatus.CONFIRMED: Look(people_states.ENROLMENTS[EnrolmentStatus.CONFIRMED], "good", "check"),
    EnrolmentStatus.DECLINED: Look(people_states.ENROLMENTS[EnrolmentStatus.DECLINED], "bad", "cross"),
    EnrolmentStatus.WITHDRAWN: Look(people_states.ENROLMENTS[EnrolmentStatus.WITHDRAWN], "plain", "dash"),
    EnrolmentStatus.ENDED: Look(people_states.ENROLMENTS[EnrolmentStatus.ENDED], "plain", "dash"),
}
MEMBERS: dict[MemberStatus, Look] = {
    MemberStatus.APPOINTED: Look(people_states.MEMBERS[MemberStatus.APPOINTED], "good", "seal"),
    MemberStatus.ENDED: Look(people_states.MEMBERS[MemberStatus.ENDED], "plain", "dash"),
}
YES, NO = N_("yes"), N_("no")
ENDINGS = people_states.ENDINGS
_STATUSES: dict[str, dict[str, str]] = {
    "enrolments": {one.value: word for one, word in people_states.ENROLMENTS.items()},
    "appointments": {one.value: word for one, word in people_states.MEMBERS.items()},
    "reports": {one.value: word for one, word in report_states.REPORTS.items()},
    "filings": {one.value: word for one, word in states.LINES.items()},
    "places": {one.value: word for one, word in training_states.PLACES.items()},
}


def held_said(kind: str, key: str, value: Value, language: str) -> str:
    """A value of what is held, in the reader's words; instants in Shanghai."""
    words = words_in(language)
    if key == "status":
        return words.gettext(_STATUSES[kind][str(value)])
    if key == "act":
        return words.gettext(people_states.ACTS[PersonActKind(str(value))])
    if key == "category":
        found = report_rules().categories.get(str(value))
        return found.title.of(language) if found else str(value)
    if isinstance(value, bool):
        return words.gettext(YES if value else NO)
    if isinstance(value, datetime):
        return words.instant(value)
    return value.of(language) if isinstance(value, Title) else str(value)
