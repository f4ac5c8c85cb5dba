"""The ladder of a stage: what the system will do, and when, while nobody answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from models.protocol.schema import Answering, Escalation, LapseWay, Level, Reminder, StageRule
from models.working_time import Span, WorkCalendar

URGE_EVERY = Span(working_days=1)


class RungKind(StrEnum):
    """What a rung does."""

    LOOK = "look"  # reminds those who have not looked at the matter yet
    REMIND = "remind"
    ESCALATE = "escalate"
    LAPSE = "lapse"
    URGE = "urge"  # after an escalation to the district: once every working day


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder, due at `at` (UTC)."""

    kind: RungKind
    at: datetime
    to: Level | None = None
    answering: Answering | None = None
    way: LapseWay | None = None

    def to_data(self) -> dict[str, Any]:
        """JSON-able form, kept in the stage's row."""
        return {
            "kind": self.kind.value,
            "at": self.at.isoformat(),
            "to": self.to and self.to.value,
            "answering": self.answering and self.answering.value,
            "way": self.way and self.way.value,
        }

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Rung":
        """The rung of that JSON-able form."""
        return cls(
            RungKind(data["kind"]),
            datetime.fromisoformat(data["at"]),
            Level(data["to"]) if data["to"] else None,
            Answering(data["answering"]) if data["answering"] else None,
            LapseWay(data["way"]) if data["way"] else None,
        )


def plan(rule: StageRule, opened_at: datetime, calendar: WorkCalendar) -> tuple[datetime, list[Rung]]:
    """The deadline (exclusive, UTC) and the rungs in order of time, for a stage that opens at `opened_at`."""
    due_at = calendar.after(opened_at, rule.deadline)
    rungs = [_remind(reminder, opened_at, due_at, calendar) for reminder in rule.reminders]
    if rule.look_within is not None:
        rungs.append(Rung(RungKind.LOOK, calendar.after(opened_at, rule.look_within)))
    before = [rung for rung in rungs if opened_at < rung.at < due_at]
    after = [_escalate(escalation, due_at, calendar) for escalation in rule.escalations]
    lapse = Rung(RungKind.LAPSE, _after(due_at, rule.lapse.after, calendar), way=rule.lapse.way)
    return due_at, [*sorted([*before, *after], key=lambda rung: rung.at), lapse]


def extend(rule: StageRule, due_at: datetime, at: datetime, calendar: WorkCalendar) -> tuple[datetime, list[Rung]]:
    """The one extension: the deadline's span once more from `at`, then to the district."""
    new_due_at = calendar.after(max(at, due_at), rule.deadline)
    reminders = [_remind(reminder, at, new_due_at, calendar) for reminder in rule.reminders]
    before = sorted((rung for rung in reminders if at < rung.at < new_due_at), key=lambda rung: rung.at)
    return new_due_at, [*before, Rung(RungKind.LAPSE, new_due_at, way=LapseWay.ESCALATE)]


def urge(at: datetime, calendar: WorkCalendar) -> Rung:
    """The next urging letter, one working day after `at`."""
    return Rung(RungKind.URGE, calendar.after(at, URGE_EVERY))


def _remind(reminder: Reminder, opened_at: datetime, due_at: datetime, calendar: WorkCalendar) -> Rung:
    if reminder.before is not None:
        return Rung(RungKind.REMIND, calendar.before(due_at, reminder.before))
    minutes = calendar.working_minutes_between(opened_at, due_at)
    share = Span(working_minutes=max(1, int(minutes * (reminder.share or 0.5))))
    return Rung(RungKind.REMIND, calendar.after(opened_at, share))


def _escalate(escalation: Escalation, due_at: datetime, calendar: WorkCalendar) -> Rung:
    at = _after(due_at, escalation.after, calendar)
    return Rung(RungKind.ESCALATE, at, to=escalation.to, answering=escalation.answering)


def _after(due_at: datetime, span: Span, calendar: WorkCalendar) -> datetime:
    """A rung `span` after the deadline; a span of nothing is the deadline itself."""
    return due_at if span.is_zero else calendar.after(due_at, span)
