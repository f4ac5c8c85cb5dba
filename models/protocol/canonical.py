"""The canonical form of a protocol: what is stored and what its digest is taken of."""

import hashlib
import json
from dataclasses import replace
from typing import Any

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
from models.working_time import Span

Data = dict[str, Any]
ONLY_REMINDED = frozenset({UnseenAct.REMIND})


def to_data(protocol: Protocol) -> Data:
    """JSON-able and equal for equal protocols; the digest is not part of it."""
    return {
        "name": protocol.name,
        "version": protocol.version,
        "title": _title(protocol.title),
        "stages": [_stage(stage) for stage in protocol.stages],
        "copies": [
            {"party": copy.party.value, "function": copy.function, "times": sorted(time.value for time in copy.times)}
            for copy in protocol.copies
        ],
        "lines_limit": protocol.lines_limit,
        "longest_days": protocol.longest_days,
    }


def digest_of(protocol: Protocol) -> Protocol:
    """The same protocol with its digest: SHA-256 in hex of the canonical JSON."""
    text = json.dumps(to_data(protocol), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return replace(protocol, digest=hashlib.sha256(text.encode()).hexdigest())


def from_data(data: Data) -> Protocol:
    """The protocol of that form."""
    return digest_of(
        Protocol(
            data["name"],
            data["version"],
            Title(**data["title"]),
            tuple(_stage_of(stage) for stage in data["stages"]),
            tuple(
                Copy(Party(one["party"]), one["function"], frozenset(map(CopyTime, one["times"])))
                for one in data["copies"]
            ),
            data["lines_limit"],
            data["longest_days"],
            digest="",
        )
    )


def _title(title: Title) -> Data:
    return {"zh": title.zh, "en": title.en}


def _stage(stage: StageRule) -> Data:
    return {
        "key": stage.key,
        "title": _title(stage.title),
        "seats": [_seat(seat) for seat in stage.seats],
        "mode": stage.mode.value,
        "decision": {
            "rule": stage.decision.rule.value,
            "at_least": stage.decision.at_least,
            "vetoes": sorted(party.value for party in stage.decision.vetoes),
        },
        "objection": stage.objection.value,
        "deadline": stage.deadline.given(),
        "look_within": stage.look_within.given() if stage.look_within else None,
        "reminders": [
            {"before": reminder.before.given() if reminder.before else None, "share": reminder.share}
            for reminder in stage.reminders
        ],
        "escalations": [
            {"after": one.after.given(), "to": one.to.value, "answering": one.answering.value}
            for one in stage.escalations
        ],
        "lapse": {"after": stage.lapse.after.given(), "way": stage.lapse.way.value},
        "is_conciliation": stage.is_conciliation,
        **_permits(stage),
    }


def _seat(seat: SeatRule) -> Data:
    said: Data = {"party": seat.party.value, "function": seat.function, "is_declared": seat.is_declared}
    if seat.named:
        said["named"] = True
    if seat.if_any:
        said["if_any"] = True
    return said


def _permits(stage: StageRule) -> Data:
    """What came with later protocols is left out where nothing is said: the digests of earlier ones stay."""
    said: Data = {}
    if stage.bulk:
        said["bulk"] = True
    if stage.acts:
        said["acts"] = sorted(act.value for act in stage.acts)
    if stage.returns:
        said["returns"] = {"to": list(stage.returns.to), "between": stage.returns.between.value}
    if stage.unseen != ONLY_REMINDED:
        said["unseen"] = sorted(act.value for act in stage.unseen)
    if stage.extension:
        more = stage.extension
        said["extension"] = {"by": more.by.given(), "most": more.most, "approved_by": more.approved_by.value}
    return said


def _stage_of(data: Data) -> StageRule:
    said = data["decision"]
    return StageRule(
        key=data["key"],
        title=Title(**data["title"]),
        seats=tuple(_seat_of(one) for one in data["seats"]),
        mode=Mode(data["mode"]),
        decision=Decision(Rule(said["rule"]), said["at_least"], frozenset(map(Party, said["vetoes"]))),
        objection=ObjectionWay(data["objection"]),
        deadline=Span.parse(data["deadline"]),
        look_within=Span.parse(data["look_within"]) if data["look_within"] else None,
        reminders=tuple(
            Reminder(Span.parse(one["before"]) if one["before"] else None, one["share"]) for one in data["reminders"]
        ),
        escalations=tuple(
            Escalation(Span.parse(one["after"]), Level(one["to"]), Answering(one["answering"]))
            for one in data["escalations"]
        ),
        lapse=Lapse(Span.parse(data["lapse"]["after"]), LapseWay(data["lapse"]["way"])),
        is_conciliation=data["is_conciliation"],
        bulk=data.get("bulk", False),
        acts=frozenset(map(StageAct, data.get("acts", ()))),
        returns=_returns_of(data.get("returns")),
        unseen=frozenset(map(UnseenAct, data["unseen"])) if "unseen" in data else ONLY_REMINDED,
        extension=_extension_of(data.get("extension")),
    )


def _seat_of(data: Data) -> SeatRule:
    return SeatRule(
        Party(data["party"]),
        data["function"],
        data["is_declared"],
        named=data.get("named", False),
        if_any=data.get("if_any", False),
    )


def _returns_of(data: Data | None) -> Returns | None:
    return None if data is None else Returns(tuple(data["to"]), Between(data["between"]))


def _extension_of(data: Data | None) -> Extension | None:
    return None if data is None else Extension(Span.parse(data["by"]), data["most"], Level(data["approved_by"]))
