"""The ladder of a stage: what the system will do, and when, while nobody answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from models.protocol.schema import Answering, Escalation, LapseWay, Level, Reminder, StageRule
from models.working_time import Span, WorkCalendar


class RungKind(StrEnum):
    """What a rung does."""

    LOOK = "look"  # reminds those who have not looked at the matter yet
    REMIND = "remind"
    LATE = "late"  # the deadline, where nothing else happens at it: from then on the matter is late
    ESCALATE = "escalate"
    LAPSE = "lapse"
    URGE = "urge"  # after the ladder's end: at the opening of every working day


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
    after, lapse = _after_deadline(rule, due_at, calendar)
    return due_at, _in_order(before, due_at, after, lapse)


def prolong(
    rule: StageRule, rest: Sequence[Rung], at: datetime, due_at: datetime, calendar: WorkCalendar
) -> list[Rung]:
    """The ladder up to a later deadline that was granted at `at`. `rest`: the rungs of the old one still to come."""
    looks = [rung for rung in rest if rung.kind is RungKind.LOOK]
    rungs = [_remind(reminder, at, due_at, calendar) for reminder in rule.reminders]
    before = [rung for rung in [*rungs, *looks] if at < rung.at < due_at]
    after, lapse = _after_deadline(rule, due_at, calendar)
    return _in_order(before, due_at, after, lapse)


def extend(rule: StageRule, due_at: datetime, at: datetime, calendar: WorkCalendar) -> tuple[datetime, list[Rung]]:
    """The one extension: the deadline's span once more from `at`, then to the district."""
    new_due_at = calendar.after(max(at, due_at), rule.deadline)
    reminders = [_remind(reminder, at, new_due_at, calendar) for reminder in rule.reminders]
    before = sorted((rung for rung in reminders if at < rung.at < new_due_at), key=lambda rung: rung.at)
    return new_due_at, [*before, Rung(RungKind.LAPSE, new_due_at, way=LapseWay.ESCALATE)]


def urge(at: datetime, calendar: WorkCalendar) -> Rung:
    """The next urging letter: when the working day after that of `at` begins, so that it lies there in the morning."""
    return Rung(RungKind.URGE, calendar.opening_after(at))


def _after_deadline(rule: StageRule, due_at: datetime, calendar: WorkCalendar) -> tuple[list[Rung], Rung]:
    """The escalations and the lapse."""
    after = [_escalate(escalation, due_at, calendar) for escalation in rule.escalations]
    return after, Rung(RungKind.LAPSE, _after(due_at, rule.lapse.after, calendar), way=rule.lapse.way)


def _in_order(before: Sequence[Rung], due_at: datetime, after: Sequence[Rung], lapse: Rung) -> list[Rung]:
    """By time, the lapse last; something always happens at the deadline itself, if only that the matter is late."""
    is_bare = all(rung.at != due_at for rung in [*after, lapse])
    late = [Rung(RungKind.LATE, due_at)] if is_bare else []
    return [*sorted([*before, *late, *after], key=lambda rung: rung.at), lapse]


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
