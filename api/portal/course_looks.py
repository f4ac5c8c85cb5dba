"""How sessions and places look: word, tone and sign; days and hours as people say them; the way there."""

from datetime import date, datetime
from urllib.parse import quote, urlencode

from babel.dates import format_date

from api.portal.presenting import Look, nearness
from models.clock import SHANGHAI
from models.training.place_tables import PlaceStatus
from models.training.ruling import HOUR, Slot
from models.training.tables import EventStatus
from models.views.course_rows import EventRow
from models.views.course_states import EVENTS as EVENT_WORDS
from models.views.course_states import PLACES as PLACE_WORDS
from models.words import N_, Sentence

PLACES: dict[PlaceStatus, Look] = {
    PlaceStatus.WAITING: Look(PLACE_WORDS[PlaceStatus.WAITING], "wait", "clock"),
    PlaceStatus.OFFERED: Look(PLACE_WORDS[PlaceStatus.OFFERED], "up", "bell"),
    PlaceStatus.TAKEN: Look(PLACE_WORDS[PlaceStatus.TAKEN], "good", "check"),
    PlaceStatus.LAPSED: Look(PLACE_WORDS[PlaceStatus.LAPSED], "plain", "clock"),
    PlaceStatus.CANCELLED: Look(PLACE_WORDS[PlaceStatus.CANCELLED], "plain", "dash"),
    PlaceStatus.ATTENDED: Look(PLACE_WORDS[PlaceStatus.ATTENDED], "good", "seal"),
    PlaceStatus.MISSED: Look(PLACE_WORDS[PlaceStatus.MISSED], "plain", "dash"),
}
EVENTS: dict[EventStatus, Look] = {
    EventStatus.PROPOSED: Look(EVENT_WORDS[EventStatus.PROPOSED], "plain", "clock"),
    EventStatus.PUBLISHED: Look(EVENT_WORDS[EventStatus.PUBLISHED], "good", "check"),
    EventStatus.CANCELLED: Look(EVENT_WORDS[EventStatus.CANCELLED], "bad", "cross"),
    EventStatus.DROPPED: Look(EVENT_WORDS[EventStatus.DROPPED], "plain", "dash"),
    EventStatus.HELD: Look(EVENT_WORDS[EventStatus.HELD], "plain", "dash"),
}
DAYS = {"zh": "M月d日 EEEE", "en": "EEEE d MMMM"}  # as Unicode writes patterns of dates
SHORT_DAYS = {"zh": "M月d日 EEE", "en": "EEE d MMM"}
WEEKDAYS = {"zh": "EEE", "en": "EEE"}
MONTHS = {"zh": "y年M月", "en": "MMMM y"}
KILOMETRE = 1000
countdown = nearness  # for the templates


def day_said(on: date, language: str) -> str:
    """A day as people say it: `12月3日 星期四`, `Thursday 3 December`."""
    return format_date(on, DAYS[language], locale=language)


def short_day(on: date, language: str) -> str:
    """The same, short."""
    return format_date(on, SHORT_DAYS[language], locale=language)


def month_said(on: date, language: str) -> str:
    """A month: `2026年12月`, `December 2026`."""
    return format_date(on, MONTHS[language], locale=language)


def weekday_said(on: date, language: str) -> str:
    """The head of a calendar's column: `周四`, `Thu`."""
    return format_date(on, WEEKDAYS[language], locale=language)


def near_word(on: date, today: date) -> str:
    """`Today`, `Tomorrow` (msgids), or nothing."""
    return {0: N_("Today"), 1: N_("Tomorrow")}.get((on - today).days, "")


def hour(at: datetime) -> str:
    """The time of day in Shanghai."""
    return at.astimezone(SHANGHAI).strftime("%H:%M")


def slot_hours(slot: Slot) -> str:
    """A time of day with its hours."""
    first, last = slot.hours
    return f"{first // HOUR:02}:{first % HOUR:02}–{last // HOUR:02}:{last % HOUR:02}"


def distance(metres: int) -> Sentence:
    """How far, in the unit that people use."""
    if metres < KILOMETRE:
        return Sentence(N_("{count} m"), {"count": max(50, round(metres / 50) * 50)})
    return Sentence(N_("{count} km"), {"count": f"{metres / KILOMETRE:.1f}"})


def room(row: EventRow) -> tuple[str, str, Sentence]:
    """How much room is left: tone, sign and words."""
    if row.status is not EventStatus.PUBLISHED:
        look = EVENTS[row.status]
        return look.tone, look.sign, Sentence(look.word)
    if row.is_full and row.waiting:
        return "wait", "clock", Sentence(N_("Full · {count} waiting"), {"count": row.waiting})
    if row.is_full:
        return "wait", "clock", Sentence(N_("Full"))
    return "good", "check", Sentence(N_("{count} free"), {"count": row.free})


def way_there(latitude: float, longitude: float, name: str) -> dict[str, str]:
    """Addresses that open a map at the site: a map in the browser, and whichever program the phone has for places."""
    asked = {"position": f"{longitude:.6f},{latitude:.6f}", "name": name, "coordinate": "wgs84", "callnative": "1"}
    point = f"{latitude:.6f},{longitude:.6f}"
    return {"amap": f"https://uri.amap.com/marker?{urlencode(asked)}", "geo": f"geo:{point}?q={point}({quote(name)})"}
