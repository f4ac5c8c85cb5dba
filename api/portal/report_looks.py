"""How reports look: word, tone and sign of each state; how an entry of the record is said. Templates decide nothing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from api.portal.presenting import Look, nearness
from models.report.tables import Clock, Level, PhotoMoment, ReportStatus, Satisfaction
from models.views import report_states
from models.views.report_lists import ReportRow
from models.views.report_view import Step
from models.words import N_, Sentence

TONES: dict[ReportStatus, tuple[str, str]] = {
    ReportStatus.COLLECTED: ("work", "bell"),
    ReportStatus.FILED: ("work", "seal"),
    ReportStatus.DISPATCHED: ("wait", "hand"),
    ReportStatus.HANDLING: ("wait", "gear"),
    ReportStatus.PARKED: ("plain", "clock"),
    ReportStatus.ANSWERED: ("work", "check"),
    ReportStatus.CLOSED: ("good", "check"),
    ReportStatus.DECLINED: ("bad", "cross"),
    ReportStatus.MERGED: ("plain", "dash"),
    ReportStatus.WITHDRAWN: ("plain", "dash"),
}
STATUSES = {one: Look(word, *TONES[one]) for one, word in report_states.REPORTS.items()}
LEVELS: dict[Level, Look] = {
    Level.URGENT: Look(report_states.LEVELS[Level.URGENT], "bad", "warn"),
    Level.HIGH: Look(report_states.LEVELS[Level.HIGH], "wait", "up"),
    Level.ORDINARY: Look(report_states.LEVELS[Level.ORDINARY], "plain", "dash"),
}
LISTS = report_states.LISTS
MOMENTS: dict[PhotoMoment, str] = report_states.MOMENTS
SATISFACTIONS: dict[Satisfaction, str] = report_states.SATISFACTIONS
SOURCES: dict[str, str] = {
    "phone": N_("from a phone"),
    "officer": N_("written down by an officer"),
    "program": N_("by a program"),
}
BY_REPORTER = N_("the reporter")
BY_SYSTEM = N_("the system")
UP_TONES = {"escalated": "bad", "returned": "wait", "sent_back": "wait", "reopened": "wait", "closed": "good"}

DONE: dict[str, str] = {
    "reported": N_("Written down. The community is told."),
    "file": N_("Filed and sent. The handler is told, and so is the reporter."),
    "decline": N_("Not filed. The reporter reads why."),
    "confirm": N_("Confirmed: the deed is on record and can be credited."),
    "dispatch": N_("Sent on. The new handler is told."),
    "take_up": N_("Taken up. The reporter sees that somebody is at it."),
    "answer": N_("Answered. Somebody else checks it now."),
    "give_back": N_("Given back, with your reason."),
    "park": N_("Asked. Until somebody decides, the deadline stands."),
    "parking": N_("Decided. Whoever asked is told."),
    "close": N_("Closed. The reporter may say whether they are satisfied."),
    "send_back": N_("Sent back with what is missing."),
    "merge": N_("Merged. Whoever followed it follows this one now."),
}


def clock_said(clock: Clock | None, due_at: datetime | None) -> Sentence | None:
    """Until when what has to happen; None when nothing has to."""
    if clock is None or due_at is None:
        return None
    return Sentence(report_states.CLOCKS[clock], {"when": due_at})


def countdown(row: ReportRow, now: datetime) -> Any:
    """How near the running deadline is; None when none runs or it rests."""
    if row.due_at is None or row.clock is Clock.PARKED:
        return None
    return nearness(row.due_at, now)


def step_said(step: Step, language: str, satisfied: dict[str, str]) -> Sentence:
    """What an entry of the record says; `satisfied`: the words of satisfaction in the reader's language."""
    values: dict[str, object] = {name: title.of(language) for name, title in step.organisations.items()}
    bound = [values[name] for name in sorted(values) if name.startswith("bound")]
    values |= {name: step.body.get(name, "") for name in ("into", "merged", "resolution")}
    values["bound"] = _joined(bound, language)
    values["organisation"] = step.organisation.of(language) if step.organisation else ""
    values["satisfaction"] = satisfied.get(str(step.body.get("satisfaction")), "")
    return Sentence(report_states.STEPS[step.kind], values)


def _joined(names: Iterable[object], language: str) -> str:
    return ("、" if language == "zh" else ", ").join(str(one) for one in names)


def actor_said(step: Step) -> str:
    """Who did it, as a msgid, where no officer did."""
    return BY_REPORTER if step.run is None and step.body.get("by", step.kind) in {"reporter", "reported"} else BY_SYSTEM


def place_said(row: ReportRow, language: str) -> str:
    """Compound and community, or the community alone."""
    place, community = row.place.of(language), row.community.of(language)
    return place if place == community else f"{place} · {community}"


def tone_of(step: Step) -> str:
    """The tone of an entry in the timeline."""
    return UP_TONES.get(step.kind, "plain")
