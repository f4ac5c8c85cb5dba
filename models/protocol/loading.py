"""Loading a protocol file: its parts one by one, every mistake with its line."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from models.protocol import checking
from models.protocol.canonical import digest_of
from models.protocol.reading import Place, ProtocolWrong, Unread, read
from models.protocol.schema import (
    Answering,
    Copy,
    CopyTime,
    Decision,
    Escalation,
    Lapse,
    LapseWay,
    Level,
    Mode,
    ObjectionWay,
    Party,
    Protocol,
    Reminder,
    Rule,
    SeatRule,
    StageRule,
    Title,
)
from models.words import N_
from models.working_time import Span, SpanUnclear

T = TypeVar("T")
FILE_NAME = re.compile(r"(?P<name>[a-z_]+)\.v(?P<version>\d+)\.yaml")
STAGE_NEEDS = ("key", "title", "seats", "mode", "decision", "objection", "deadline", "lapse")
STAGE_MAY = ("look_within", "reminders", "escalations", "is_conciliation")


def load(path: Path) -> Protocol:
    """The protocol of the file `<name>.v<version>.yaml`. Raises `ProtocolWrong` with all mistakes found."""
    return parse(path.name, path.read_text(encoding="utf-8"))


def parse(file: str, text: str) -> Protocol:
    """The protocol that a YAML text describes; `file` is its name for messages and must fit what it says."""
    root = read(file, text)
    try:
        protocol = _protocol(root)
    except Unread:
        raise ProtocolWrong(root.faults.found) from None
    named = FILE_NAME.fullmatch(file)
    if named is None or (named["name"], int(named["version"])) != (protocol.name, protocol.version):
        root.fault(N_("the file must be named {wanted}"), wanted=f"{protocol.name}.v{protocol.version}.yaml")
    root.faults.stop()
    return protocol


def _protocol(root: Place) -> Protocol:
    said = root.mapping(("name", "version", "title", "stages", "lines_limit", "longest_days"), ("copies",))
    stages = _each(said["stages"], _stage)
    copies = _each(said["copies"], _copy) if "copies" in said else ()
    parts = (
        said["name"].text(),
        said["version"].whole(1),
        _title(said["title"]),
        stages,
        copies,
        said["lines_limit"].whole(1),
        said["longest_days"].whole(1),
    )
    root.faults.stop()
    checking.check_stages(said["stages"], stages)
    return digest_of(Protocol(*parts, digest=""))


def _each(place: Place, read_one: Callable[[Place], T]) -> tuple[T, ...]:
    """Every element that can be read; one that cannot does not hide the mistakes of the next."""
    found: list[T] = []
    for one in place.items():
        try:
            found.append(read_one(one))
        except Unread:
            continue
    return tuple(found)


def _title(place: Place) -> Title:
    said = place.mapping(("zh", "en"))
    return Title(said["zh"].text(), said["en"].text())


def _stage(place: Place) -> StageRule:
    said = place.mapping(STAGE_NEEDS, STAGE_MAY)
    rule = StageRule(
        key=said["key"].text(),
        title=_title(said["title"]),
        seats=_each(said["seats"], _seat),
        mode=said["mode"].choice(Mode),
        decision=_decision(said["decision"]),
        objection=said["objection"].choice(ObjectionWay),
        deadline=_span(said["deadline"]),
        look_within=_span(said["look_within"]) if "look_within" in said else None,
        reminders=_each(said["reminders"], _reminder) if "reminders" in said else (),
        escalations=_each(said["escalations"], _escalation) if "escalations" in said else (),
        lapse=_lapse(said["lapse"]),
        is_conciliation="is_conciliation" in said and said["is_conciliation"].truth(),
    )
    checking.check_stage(said, rule)
    return rule


def _span(place: Place) -> Span:
    said = place.mapping((), ("working_minutes", "working_days", "minutes", "days"))
    try:
        return Span.parse({unit: value.whole(0) for unit, value in said.items()})
    except SpanUnclear as error:
        raise place.fault(error.said.text, **error.said.values) from None


def _seat(place: Place) -> SeatRule:
    said = place.mapping(("party",), ("function", "is_declared"))
    party, function = _party(place, said)
    return SeatRule(party, function, "is_declared" in said and said["is_declared"].truth())


def _copy(place: Place) -> Copy:
    said = place.mapping(("party", "times"), ("function",))
    party, function = _party(place, said)
    return Copy(party, function, frozenset(_each(said["times"], lambda one: one.choice(CopyTime))))


def _party(place: Place, said: dict[str, Place]) -> tuple[Party, str | None]:
    """Party and, for departments only, which one."""
    party = said["party"].choice(Party)
    function = said["function"].text() if "function" in said else None
    if party is Party.DEPARTMENT and function is None:
        raise place.fault(N_("a department needs its function"))
    if party is not Party.DEPARTMENT and function is not None:
        raise place.fault(N_("only a department has a function"))
    if function is not None and function not in checking.FUNCTIONS:
        known = ", ".join(checking.FUNCTIONS)
        raise said["function"].fault(N_("{said} is none of: {known}{hint}"), said=function, known=known, hint="")
    return party, function


def _decision(place: Place) -> Decision:
    said = place.mapping(("rule",), ("at_least", "vetoes"))
    rule = said["rule"].choice(Rule)
    at_least = said["at_least"].whole(1) if "at_least" in said else None
    if (rule is Rule.AT_LEAST) != (at_least is not None):
        raise place.fault(N_("at_least goes with the rule at_least, and only with it"))
    vetoes = _each(said["vetoes"], lambda one: one.choice(Party)) if "vetoes" in said else ()
    return Decision(rule, at_least, frozenset(vetoes))


def _reminder(place: Place) -> Reminder:
    said = place.mapping((), ("before", "share"))
    if len(said) != 1:
        raise place.fault(N_("a reminder has either before or share"))
    if "before" in said:
        return Reminder(before=_span(said["before"]))
    return Reminder(share=said["share"].share())


def _escalation(place: Place) -> Escalation:
    said = place.mapping(("after", "to", "answering"))
    return Escalation(_span(said["after"]), said["to"].choice(Level), said["answering"].choice(Answering))


def _lapse(place: Place) -> Lapse:
    said = place.mapping(("after", "way"))
    return Lapse(_span(said["after"]), said["way"].choice(LapseWay))
