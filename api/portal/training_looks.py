"""How sites, courses and timetables look: word, tone and sign; hours as people say them; what a wish asks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from api.portal.presenting import Look, nearness
from models.clock import SHANGHAI, local_date
from models.protocol.schema import Title
from models.training.clashes import Clash, ClashKind
from models.training.place_tables import PlaceStatus
from models.training.problem import RuleKind
from models.training.ruling import HOUR, TrainingRules, training_rules
from models.training.tables import CourseStatus, EventStatus, Site, TimetableStatus, Trainer
from models.views.training import ConditionView, SessionView, TimetableView
from models.words import N_, Sentence
from templates.language import WEEKDAYS

COURSES: dict[CourseStatus, Look] = {
    CourseStatus.PROPOSED: Look(N_("Waits for a timetable"), "wait", "clock"),
    CourseStatus.SCHEDULED: Look(N_("In a timetable"), "good", "check"),
    CourseStatus.WITHDRAWN: Look(N_("Withdrawn"), "plain", "dash"),
    CourseStatus.ENDED: Look(N_("Over"), "plain", "dash"),
}
TIMETABLES: dict[TimetableStatus, Look] = {
    TimetableStatus.ASKED: Look(N_("Being computed"), "wait", "gear"),
    TimetableStatus.DRAFT: Look(N_("Draft"), "up", "pen"),
    TimetableStatus.CONSULTING: Look(N_("Being consulted on"), "wait", "talk"),
    TimetableStatus.PUBLISHED: Look(N_("Published"), "good", "check"),
    TimetableStatus.REFUSED: Look(N_("Refused"), "bad", "cross"),
    TimetableStatus.REPLACED: Look(N_("Replaced by a newer draft"), "plain", "dash"),
    TimetableStatus.WITHDRAWN: Look(N_("Discarded"), "plain", "dash"),
}
PLACES: dict[PlaceStatus, Look] = {
    PlaceStatus.OFFERED: Look(N_("Kept for this rider"), "up", "bell"),
    PlaceStatus.TAKEN: Look(N_("Has a place"), "wait", "clock"),
    PlaceStatus.ATTENDED: Look(N_("Attended"), "good", "check"),
    PlaceStatus.MISSED: Look(N_("Did not come"), "bad", "cross"),
}
CAME_BY: dict[str, str] = {
    "code": N_("by the code on the wall"),
    "pass": N_("by the code on the phone"),
    "hand": N_("written down by hand"),
}
WEIGHTS: dict[str, tuple[str, str]] = {
    "free": (N_("Riders who are not free at a session"), N_("for each rider and session")),
    "whole": (N_("Riders who cannot come to the whole course"), N_("for each rider")),
    "near": (N_("Far from those who asked"), N_("more, the further it is")),
    "peak": (N_("In the peaks of delivery"), N_("for each session")),
    "spread": (N_("Too many at one community"), N_("for each session above its share")),
    "change": (N_("Elsewhere than in the last draft"), N_("for each session")),
    "unplaced": (N_("Without a place"), N_("for each session")),
}
KINDS: dict[RuleKind, str] = {
    RuleKind.NOT_ON: N_("not on these days"),
    RuleKind.NOT_BEFORE: N_("not before this time"),
    RuleKind.NOT_AFTER: N_("over by this time"),
    RuleKind.NOT_AT: N_("not at this site"),
    RuleKind.AT: N_("only at this site"),
    RuleKind.MOST_A_WEEK: N_("at most so many a week"),
}
ASKED: dict[RuleKind, str] = {
    RuleKind.KEEP: N_("stay where they are"),
    RuleKind.NOT_ON: N_("not on {days}"),
    RuleKind.NOT_BEFORE: N_("not before {time}"),
    RuleKind.NOT_AFTER: N_("over by {time}"),
    RuleKind.NOT_AT: N_("not at {sites}"),
    RuleKind.AT: N_("only at {sites}"),
    RuleKind.MOST_A_WEEK: N_("at most {count} a week"),
    RuleKind.BY: N_("only with certain trainers"),
}
CLASHES: dict[ClashKind, str] = {
    ClashKind.SITE_TAKEN: N_("The site is taken: {title}, {starts_at} to {ends_at}."),
    ClashKind.SITE_CLOSED: N_("The site is not open then."),
    ClashKind.TRAINER_TAKEN: N_("The trainer teaches {title} at {site} then, {starts_at} to {ends_at}."),
    ClashKind.TRAINER_TRAVELS: N_(
        "The trainer has {title} at {site}, {starts_at} to {ends_at}: the way takes {minutes} min, and {left} min are left."
    ),
    ClashKind.TRAINER_AWAY: N_("The trainer is not available then."),
}
OPEN = (EventStatus.PROPOSED, EventStatus.PUBLISHED)
ALL_DAYS = (1, 2, 3, 4, 5, 6, 7)
countdown = nearness  # for the templates
weekdays = WEEKDAYS


def clock(minute: int) -> str:
    """A minute of the day as `08:30`."""
    return f"{minute // HOUR:02}:{minute % HOUR:02}"


def hour(at: datetime) -> str:
    """The time of day in Shanghai."""
    return at.astimezone(SHANGHAI).strftime("%H:%M")


def on(at: datetime) -> date:
    """The day in Shanghai."""
    return local_date(at)


def short(day: date) -> str:
    """A day without its year: `12-03`."""
    return f"{day:%m-%d}"


def week_after(monday: date) -> date:
    """The Sunday of the week."""
    return monday + timedelta(days=6)


def grouped(hours: Iterable[Sequence[int]]) -> list[tuple[tuple[int, ...], int, int]]:
    """Hours of a week by what is alike: weekdays, first and last minute; the earliest weekday first."""
    days: dict[tuple[int, int], list[int]] = {}
    for day, first, last in hours:
        days.setdefault((first, last), []).append(day)
    alike = [(tuple(sorted(found)), *period) for period, found in days.items()]
    return sorted(alike, key=lambda one: (one[0], one[1]))


def spans(days: Sequence[int]) -> list[tuple[int, int]]:
    """Weekdays as stretches: 1, 2, 3, 6 are Monday to Wednesday and Saturday."""
    found: list[tuple[int, int]] = []
    for day in days:
        if found and found[-1][1] == day - 1:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def equipment(codes: Iterable[str]) -> list[Title]:
    """Equipment in words."""
    return [one.title.title for one in training_rules().equipment if one.code in set(codes)]


def equipment_options(rules: TrainingRules, language: str) -> list[tuple[str, str]]:
    """What a form offers: codes and words."""
    return [(one.code, one.title.title.of(language)) for one in rules.equipment]


def topic(code: str) -> Title:
    """A topic in words; a code that has left the district's file stays as it is."""
    found = training_rules().by_topic.get(code)
    return found.title.title if found else Title(code, code)


def kind(code: str) -> Title:
    """A kind in words."""
    found = training_rules().by_kind.get(code)
    return found.title.title if found else Title(code, code)


def clash_said(clash: Clash) -> Sentence:
    """What is in the way, as a sentence."""
    values: dict[str, object] = {"minutes": clash.minutes, "left": clash.left}
    if clash.title is not None and clash.site is not None:
        values |= {"title": clash.title, "site": clash.site, "starts_at": clash.starts_at, "ends_at": clash.ends_at}
    return Sentence(CLASHES[clash.kind], values)


def shares(costs: Mapping[str, int]) -> list[tuple[str, str, int, int]]:
    """What each weight cost: word, how it counts, points, and the share of the dearest (1 to 100) for its bar."""
    most = max(costs.values(), default=0)
    named = ((name, points) for name, points in costs.items() if name in WEIGHTS)
    ordered = sorted(named, key=lambda one: -one[1])
    return [(*WEIGHTS[name], points, max(1, points * 100 // most) if points else 0) for name, points in ordered]


def slots(rules: TrainingRules) -> list[tuple[str, Title, str]]:
    """Times of day: code, word and hours."""
    return [(one.code, one.title.title, f"{clock(one.hours[0])}–{clock(one.hours[1])}") for one in rules.slots]


def asked(view: ConditionView, sites: Mapping[str, Title]) -> Sentence:
    """What a wish or condition asks, as a sentence; `sites`: all of the district by id."""
    body: Mapping[str, Any] = view.body
    values: dict[str, object] = {}
    if view.kind is RuleKind.NOT_ON:
        values["days"] = _days(body["weekdays"], [date.fromisoformat(one) for one in body["days"]])
    elif view.kind in {RuleKind.NOT_BEFORE, RuleKind.NOT_AFTER}:
        values["time"] = clock(body["minute"])
    elif view.kind in {RuleKind.NOT_AT, RuleKind.AT}:
        values["sites"] = [sites[one] for one in body["sites"] if one in sites]
    elif view.kind is RuleKind.MOST_A_WEEK:
        values["count"] = body["count"]
    return Sentence(ASKED[view.kind], values)


def _days(weekdays_named: Sequence[int], days: Sequence[date]) -> list[object]:
    return [*(Sentence(WEEKDAYS[one - 1]) for one in weekdays_named), *days]


def trainer_options(trainers: Iterable[Trainer]) -> list[tuple[str, str]]:
    """What a form offers: identifiers and names."""
    return [(str(one.id), one.name) for one in trainers]


def scopes(
    table: TimetableView, sites: Iterable[Site], language: str, session: str, course: str, site: str
) -> list[tuple[str, list[tuple[str, str]]]]:
    """For what a wish can be: sessions by line, courses, sites; under the words for these."""
    lines = [(f"line:{one.line}", _session_said(one, language)) for one in table.sessions if one.status in OPEN]
    courses = {f"course:{one.course_id}": one.course.of(language) for one in table.sessions}
    courses |= {f"course:{one.course_id}": one.course.of(language) for one in table.unplaced}
    places = [(f"site:{one.id}", Title(one.name_zh, one.name_en).of(language)) for one in sites]
    found = [(site, places), (course, list(courses.items())), (session, lines)]
    return [(word, options) for word, options in found if options]


def scopes_of(
    table: TimetableView, sites: Iterable[Site], language: str, session: str, site: str
) -> list[tuple[str, list[tuple[str, str]]]]:
    """For what a party's condition can be: its own sites, and the sessions there."""
    lines = [
        (f"line:{one.line}", _session_said(one, language))
        for one in table.sessions
        if one.is_ours and one.status in OPEN
    ]
    places = [(f"site:{one.id}", Title(one.name_zh, one.name_en).of(language)) for one in sites]
    return [(word, options) for word, options in ((site, places), (session, lines)) if options]


def _session_said(one: SessionView, language: str) -> str:
    part = f" {one.ordinal}/{one.session_count}" if one.session_count > 1 else ""
    return f"{one.line} · {short(on(one.starts_at))} {hour(one.starts_at)} {one.course.of(language)}{part}"
