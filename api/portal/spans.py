"""Spans of working time in words."""

from models.words import N_, Sentence
from models.working_time import Span

SAID: dict[str, str] = {
    "working_days": N_("{count} working days"),
    "working_minutes": N_("{count} working minutes"),
    "days": N_("{count} days"),
    "minutes": N_("{count} minutes"),
}
ONE: dict[str, str] = {"working_days": N_("1 working day"), "days": N_("1 day")}
HOURS = N_("{count} working hours")
AN_HOUR = 60  # minutes


def span_said(span: Span) -> Sentence:
    """A span in words; whole hours of working time as hours."""
    for unit, text in SAID.items():
        count: int | None = getattr(span, unit)
        if not count:
            continue
        if unit == "working_minutes" and count % AN_HOUR == 0 and count > AN_HOUR:
            return Sentence(HOURS, {"count": count // AN_HOUR})
        return Sentence(ONE[unit]) if count == 1 and unit in ONE else Sentence(text, {"count": count})
    return Sentence(N_("at once"))


WORKING_DAY = 7 * AN_HOUR  # minutes by the usual hours
DAYS_AND_HOURS = N_("{days} working days and {hours} working hours")
HOURS_AND_MINUTES = N_("{hours} working hours and {minutes} minutes")


def minutes_said(minutes: int) -> Sentence:
    """Working minutes in words: from a working day on in days and hours, below in hours and minutes."""
    if minutes < 1:
        return Sentence(N_("less than a working minute"))
    days, rest = divmod(minutes, WORKING_DAY)
    hours, left = divmod(rest, AN_HOUR)
    if days and not hours:
        return span_said(Span(working_days=days))
    if days:
        return Sentence(DAYS_AND_HOURS, {"days": days, "hours": hours})
    if hours and left:
        return Sentence(HOURS_AND_MINUTES, {"hours": hours, "minutes": left})
    return span_said(Span(working_minutes=minutes))
