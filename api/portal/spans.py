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
