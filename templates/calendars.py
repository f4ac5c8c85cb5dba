"""Sessions as iCalendar (RFC 5545, 5546, 7986): calendars to subscribe to, invitations, and their cancellations.

A calendar is the same to the byte as long as nothing in it changes: its DTSTAMP is the last change, not the hour of reading.
Nothing of people is in it but the trainer's name; an invitation names besides whom it is sent to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Timezone, TimezoneStandard, vCalAddress, vDuration
from icalendar import Event as CalendarEvent

from models.clock import SHANGHAI
from models.training.feeds import Entry, Standing
from models.words import N_
from templates.language import Translator, translator

PRODUCT = "-//Wufang//Sessions//EN"
ZONE = "Asia/Shanghai"
OFFSET = timedelta(hours=8)  # no summer time since 1991
REFRESH = timedelta(hours=1)
SESSION_PAGE = "/m/courses/{id}"

NUMBERED = N_("{title} ({ordinal} of {count})")
TRAINER = N_("Trainer: {name}")
HELD_BY = N_("{kind}, {department}")
CANCELLED = N_("Cancelled: {reason}")
CHANGED = N_("Changed: {reason}")


@dataclass(frozen=True, slots=True)
class House:
    """Who sends calendars: the public address of our pages without a slash at its end, and the sender of letters."""

    address: str
    sender: str


def feed(entries: Sequence[Entry], language: str, name: str, house: House) -> bytes:
    """A calendar to subscribe to (METHOD PUBLISH) under this name, which is in the reader's language already."""
    calendar = _calendar("PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", ZONE)
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    for one in entries:
        calendar.add_component(_event(one, translator(language), house, one.changed_at))
    return calendar.to_ical()


def invitation(entry: Entry, language: str, house: House, invited: str, at: datetime) -> bytes:
    """An invitation, or its change, as it goes to one mail address: REQUEST, or CANCEL where the session is cancelled."""
    is_cancelled = entry.standing is Standing.CANCELLED
    calendar = _calendar("CANCEL" if is_cancelled else "REQUEST")
    event = _event(entry, translator(language), house, at)
    attendee = vCalAddress(f"mailto:{invited}")
    if not is_cancelled:
        attendee.params |= {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"}
    event.add("attendee", attendee)
    calendar.add_component(event)
    return calendar.to_ical()


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(_zone())
    return calendar


def _zone() -> Timezone:
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", ZONE)
    standard.add("dtstart", datetime(1992, 1, 1))  # noqa: DTZ001 - the local time of the zone that is being told
    standard.add("tzoffsetfrom", OFFSET)
    standard.add("tzoffsetto", OFFSET)
    standard.add("tzname", "CST")
    zone.add_component(standard)
    return zone


def _event(entry: Entry, words: Translator, house: House, stamp: datetime) -> CalendarEvent:
    event = CalendarEvent()
    page = house.address + SESSION_PAGE.format(id=entry.event_id)
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(SHANGHAI))
    event.add("dtend", entry.ends_at.astimezone(SHANGHAI))
    event.add("summary", _summary(entry, words))
    event.add("description", _description(entry, words, page))
    event.add("location", words.listed((entry.site, entry.address)))
    event.add("geo", (round(entry.latitude, 6), round(entry.longitude, 6)))
    event.add("categories", [entry.kind.of(words.language)])
    event.add("status", entry.standing.value)
    event.add("url", page)
    organiser = vCalAddress(f"mailto:{house.sender}")
    organiser.params["CN"] = entry.department.of(words.language)
    event.add("organizer", organiser)
    return event


def _summary(entry: Entry, words: Translator) -> str:
    title = entry.title.of(words.language)
    if entry.count == 1:
        return title
    return words.gettext(NUMBERED).format(title=title, ordinal=entry.ordinal, count=entry.count)


def _description(entry: Entry, words: Translator, page: str) -> str:
    kind, department = entry.kind.of(words.language), entry.department.of(words.language)
    lines = [
        _reason(entry, words),
        words.gettext(HELD_BY).format(kind=kind, department=department),
        words.gettext(TRAINER).format(name=entry.trainer),
        entry.words,
        page,
    ]
    return "\n".join(line for line in lines if line)


def _reason(entry: Entry, words: Translator) -> str:
    if not entry.reason:
        return ""
    text = CANCELLED if entry.standing is Standing.CANCELLED else CHANGED
    return words.gettext(text).format(reason=entry.reason)
