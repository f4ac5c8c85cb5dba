"""Loading a protocol file: its parts one by one, every mistake with its line."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from models.protocol import checking
from models.protocol.canonical import digest_of
from models.protocol.reading import Place, ProtocolWrong, Reader, Unread, read, read_file
from models.protocol.schema import (
    Answering,
    Between,
    Copy,
    CopyTime,
    Decision,
    Escalation,
    Extension,
    Lapse,
    LapseWay,
    Level,
    Mode,
    ObjectionWay,
    Party,
    Protocol,
    Reminder,
    Returns,
    Rule,
    SeatRule,
    StageAct,
    StageRule,
    Title,
    UnseenAct,
)
from models.words import N_
from models.working_time import UNITS, Span

MOST_DAYS = 3_660  # ten years
MOST_EXTENSIONS = 2  # of one stage: a deadline that keeps moving is none
LEFT_OUT: dict[str, Any] = {"look_within": None, "reminders": (), "escalations": ()}  # in a stage that has none


def load(path: Path, functions: Sequence[str] = checking.FUNCTIONS) -> Protocol:
    """The protocol of the file `<name>.v<version>.yaml`; `functions` are the departments that it may name.

    Raises `ProtocolWrong` with all mistakes found.
    """
    return _checked(read_file(path), functions)


def parse(file: str, text: str, functions: Sequence[str] = checking.FUNCTIONS) -> Protocol:
    """The protocol that a YAML text describes; `file` is its name for messages and must fit what it says."""
    return _checked(read(file, text), functions)


def _checked(root: Place, functions: Sequence[str]) -> Protocol:
    try:
        protocol = _protocol(functions, root)
    except Unread:
        raise ProtocolWrong(root.faults.found) from None
    wanted = f"{protocol.name}.v{protocol.version}.yaml"
    if root.faults.file != wanted:
        root.part("name").fault(N_("the file must be named {wanted}"), wanted=wanted)
    root.faults.stop()
    return protocol


def _protocol(functions: Sequence[str], root: Place) -> Protocol:
    needed: dict[str, Reader] = {
        "name": Place.word,
        "version": partial(Place.whole, least=1),
        "title": _title,
        "stages": partial(_stages, functions),
        "lines_limit": partial(Place.whole, least=1),
        "longest_days": partial(Place.whole, least=1, most=MOST_DAYS),
    }
    said = root.record(needed, {"copies": partial(_copies, functions)})
    said.setdefault("copies", ())
    return digest_of(Protocol(**said, digest=""))


def _title(place: Place) -> Title:
    return Title(**place.record({"zh": Place.text, "en": Place.text}))


def _stages(functions: Sequence[str], place: Place) -> tuple[StageRule, ...]:
    stages = place.each(partial(_stage, functions))
    checking.check_stages(place, stages)
    return stages


def _stage(functions: Sequence[str], place: Place) -> StageRule:
    needed: dict[str, Reader] = {
        "key": Place.word,
        "title": _title,
        "seats": lambda seats: seats.each(partial(_seat, functions)),
        "mode": lambda mode: mode.choice(Mode),
        "decision": _decision,
        "objection": lambda way: way.choice(ObjectionWay),
        "deadline": _span,
        "lapse": _lapse,
    }
    optional: dict[str, Reader] = {
        "look_within": _span,
        "reminders": lambda reminders: reminders.each(_reminder),
        "escalations": lambda rungs: rungs.each(_escalation),
        "is_conciliation": Place.truth,
        "bulk": Place.truth,
        "acts": lambda acts: acts.choices(StageAct),
        "returns": _returns,
        "unseen": lambda unseen: unseen.choices(UnseenAct),
        "extension": _extension,
    }
    said = place.record(needed, optional)
    rule = StageRule(**(LEFT_OUT | said))
    checking.check_stage(place, rule)
    return rule


def _extension(place: Place) -> Extension:
    needed: dict[str, Reader] = {
        "by": _span,
        "most": partial(Place.whole, least=1, most=MOST_EXTENSIONS),
        "approved_by": lambda level: level.choice(Level),
    }
    return Extension(**place.record(needed))


def _returns(place: Place) -> Returns:
    needed: dict[str, Reader] = {"to": lambda to: to.each(Place.word)}
    optional: dict[str, Reader] = {"between": lambda between: between.choice(Between)}
    return Returns(**place.record(needed, optional))


def _span(place: Place) -> Span:
    minutes, days = Place.whole, partial(Place.whole, most=MOST_DAYS)
    said = place.record({}, {"working_minutes": minutes, "working_days": days, "minutes": minutes, "days": days})
    if len(said) != 1:
        raise place.fault(N_("a time has exactly one of: {units}"), units=", ".join(UNITS))
    return Span(**said)


def _seat(functions: Sequence[str], place: Place) -> SeatRule:
    optional: dict[str, Reader] = {
        "function": _function(functions),
        "is_declared": Place.truth,
        "named": Place.truth,
        "if_any": Place.truth,
    }
    said = place.record({"party": _party}, optional)
    if not (said.get("named") or said.get("is_declared")):
        _check_function(place, said)
    seat = SeatRule(**said)
    checking.check_seat(place, seat)
    return seat


def _copies(functions: Sequence[str], place: Place) -> tuple[Copy, ...]:
    copies = place.each(partial(_copy, functions))
    checking.check_copies(place, copies)
    return copies


def _copy(functions: Sequence[str], place: Place) -> Copy:
    needed: dict[str, Reader] = {"party": _party, "times": lambda times: times.choices(CopyTime)}
    said = place.record(needed, {"function": _function(functions)})
    _check_function(place, said)
    said.setdefault("function", None)
    return Copy(**said)


def _party(place: Place) -> Party:
    return place.choice(Party)


def _function(functions: Sequence[str]) -> Reader:
    return lambda place: place.one_of(functions)


def _check_function(place: Place, said: dict[str, Any]) -> None:
    """A function goes with a department, and only with one."""
    if (said["party"] is Party.DEPARTMENT) and "function" not in said:
        raise place.fault(N_("a department needs its function"))
    if (said["party"] is not Party.DEPARTMENT) and "function" in said:
        raise place.part("function").fault(N_("only a department has a function"))


def _decision(place: Place) -> Decision:
    needed: dict[str, Reader] = {"rule": lambda rule: rule.choice(Rule)}
    optional: dict[str, Reader] = {
        "at_least": partial(Place.whole, least=1),
        "vetoes": lambda vetoes: vetoes.choices(Party),
    }
    said = place.record(needed, optional)
    if (said["rule"] is Rule.AT_LEAST) != ("at_least" in said):
        raise place.fault(N_("at_least goes with the rule at_least, and only with it"))
    return Decision(**said)


def _reminder(place: Place) -> Reminder:
    said = place.record({}, {"before": _span, "share": Place.share})
    if len(said) != 1:
        raise place.fault(N_("a reminder has either before or share"))
    return Reminder(**said)


def _escalation(place: Place) -> Escalation:
    needed: dict[str, Reader] = {
        "after": _span,
        "to": lambda level: level.choice(Level),
        "answering": lambda answering: answering.choice(Answering),
    }
    return Escalation(**place.record(needed))


def _lapse(place: Place) -> Lapse:
    return Lapse(**place.record({"after": _span, "way": lambda way: way.choice(LapseWay)}))
