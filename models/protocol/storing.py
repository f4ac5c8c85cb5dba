"""Protocols in the files and in the database. (First form.)"""

import hashlib
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base
from models.protocol.schema import (
    Answering, Copy, CopyTime, Decision, Escalation, Lapse, LapseWay, Level, Mode, ObjectionWay, Party, Protocol,
    Reminder, Rule, SeatRule, StageRule, Title,
)
from models.working_time import Span


class ProtocolVersion(Base):
    __tablename__ = "protocol_version"
    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str]
    data: Mapped[dict[str, Any]]
    stored_at: Mapped[datetime]


def from_data(d: dict[str, Any]) -> Protocol:
    def stage(s):
        de = s["decision"]
        return StageRule(
            s["key"], Title(**s["title"]),
            tuple(SeatRule(Party(x["party"]), x.get("function"), x.get("declared", False)) for x in s["seats"]),
            Mode(s["mode"]),
            Decision(Rule(de["rule"]), de.get("at_least"), frozenset(map(Party, de.get("vetoes", [])))),
            ObjectionWay(s["objection"]), Span(**s["deadline"]),
            Span(**s["look_within"]) if s.get("look_within") else None,
            tuple(Reminder(Span(**r["before"]) if "before" in r else None, r.get("share")) for r in s.get("reminders", [])),
            tuple(Escalation(Span(**e["after"]), Level(e["to"]), Answering(e["answering"])) for e in s.get("escalations", [])),
            Lapse(Span(**s["lapse"]["after"]), LapseWay(s["lapse"]["way"])), s.get("is_conciliation", False))
    digest = hashlib.sha256(json.dumps(d, sort_keys=True).encode()).hexdigest()
    return Protocol(d["name"], d["version"], Title(**d["title"]), tuple(map(stage, d["stages"])),
        tuple(Copy(Party(c["party"]), c.get("function"), frozenset(map(CopyTime, c["times"]))) for c in d.get("copies", [])),
        d["lines_limit"], d["longest_days"], digest)


@cache
def current(name: str) -> Protocol:
    folder = Path(__file__).parent.parent / "protocols"
    return from_data(yaml.safe_load((sorted(folder.glob(f"{name}.v*.yaml"))[-1]).read_text()))


def store(session: Session, protocol: Protocol, at: datetime) -> None:
    pass


def load_stored(session: Session, name: str, version: int) -> Protocol:
    return current(name)
