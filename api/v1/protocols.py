"""The protocols 议事规则 as data."""

from fastapi import APIRouter

from api.asking import Asked
from api.v1.describing import problems
from api.v1.ladder_shapes import SpanOut
from api.v1.shapes import Name, Out
from models.protocol.schema import (
    Answering,
    Between,
    CopyTime,
    Extension,
    LapseWay,
    Level,
    Mode,
    ObjectionWay,
    Party,
    Protocol,
    Rule,
    StageAct,
    StageRule,
    UnseenAct,
)
from models.views.protocols import protocol_view, protocols
from models.working_time import Span

router = APIRouter(prefix="/protocols", tags=["protocols"])


class SeatRuleOut(Out):
    """Which organisations sit. `is_declared`: the filer's own. `named`: departments that the filer named.

    `if_any`: nobody sits where the places have none of the party.
    """

    party: Party
    function: str | None
    is_declared: bool
    named: bool
    if_any: bool


class DecisionOut(Out):
    """When a stage is decided."""

    rule: Rule
    at_least: int | None
    vetoes: list[Party]


class RungOut(Out):
    """What the system does so long after the deadline; for a reminder, before it, or at a share of the time."""

    before: SpanOut | None = None
    share: float | None = None
    after: SpanOut | None = None
    to: Level | None = None
    answering: Answering | None = None
    way: LapseWay | None = None


class ReturnsOut(Out):
    """Where a matter may be returned to: `filer` or a stage's key; whether the stages between run again."""

    to: list[str]
    between: Between


class ExtensionRuleOut(Out):
    """How the deadline may be moved on request: `by` so much, `most` so many times, by whom."""

    by: SpanOut
    most: int
    approved_by: Level


class StageRuleOut(Out):
    """One stage. Spans name their unit, e.g. `{"working_days": 2}`. `acts`: what officers may do besides answering."""

    key: str
    title: Name
    mode: Mode
    seats: list[SeatRuleOut]
    decision: DecisionOut
    objection: ObjectionWay
    deadline: SpanOut
    look_within: SpanOut | None
    unseen: list[UnseenAct]
    reminders: list[RungOut]
    escalations: list[RungOut]
    lapse: RungOut
    is_conciliation: bool
    bulk: bool
    acts: list[StageAct]
    returns: ReturnsOut | None
    extension: ExtensionRuleOut | None


class CopyOut(Out):
    """Who is told, and when."""

    party: Party
    function: str | None
    times: list[CopyTime]


class ProtocolOut(Out):
    """A protocol of one version."""

    name: str
    version: int
    title: Name
    stages: list[StageRuleOut]
    copies: list[CopyOut]
    lines_limit: int
    longest_days: int
    digest: str


class ProtocolRow(Out):
    """A protocol in the list; `versions`: those that can be read."""

    name: str
    version: int
    title: Name
    versions: list[int]


@router.get("", responses=problems(), operation_id="listProtocols", summary="List protocols")
def list_protocols(ask: Asked) -> list[ProtocolRow]:
    """The protocol of each kind of matter, as new consultations open with it."""
    found = ask.read(lambda session, _: protocols(session))
    return [
        ProtocolRow(
            name=one.protocol.name,
            version=one.protocol.version,
            title=Name.model_validate(one.protocol.title),
            versions=list(one.versions),
        )
        for one in found
    ]


@router.get("/{name}", responses=problems(404), operation_id="readProtocol", summary="Read the current protocol")
def read_protocol(name: str, ask: Asked) -> ProtocolOut:
    """As new consultations open with it."""
    return _out(ask.read(lambda session, _: protocol_view(session, name)))


@router.get(
    "/{name}/{version}",
    responses=problems(404),
    operation_id="readProtocolVersion",
    summary="Read a protocol in one version",
)
def read_protocol_version(name: str, version: int, ask: Asked) -> ProtocolOut:
    """As consultations that opened with this version keep it."""
    return _out(ask.read(lambda session, _: protocol_view(session, name, version)))


def _out(protocol: Protocol) -> ProtocolOut:
    return ProtocolOut(
        name=protocol.name,
        version=protocol.version,
        title=Name.model_validate(protocol.title),
        stages=[_stage(rule) for rule in protocol.stages],
        copies=[CopyOut.model_validate(one) for one in protocol.copies],
        lines_limit=protocol.lines_limit,
        longest_days=protocol.longest_days,
        digest=protocol.digest,
    )


def _stage(rule: StageRule) -> StageRuleOut:
    return StageRuleOut(
        key=rule.key,
        title=Name.model_validate(rule.title),
        mode=rule.mode,
        seats=[SeatRuleOut.model_validate(seat) for seat in rule.seats],
        decision=DecisionOut.model_validate(rule.decision),
        objection=rule.objection,
        deadline=_span(rule.deadline) or {},
        look_within=_span(rule.look_within),
        unseen=sorted(rule.unseen),
        reminders=[RungOut(before=_span(one.before), share=one.share) for one in rule.reminders],
        escalations=[RungOut(after=_span(one.after), to=one.to, answering=one.answering) for one in rule.escalations],
        lapse=RungOut(after=_span(rule.lapse.after), way=rule.lapse.way),
        is_conciliation=rule.is_conciliation,
        bulk=rule.bulk,
        acts=sorted(rule.acts),
        returns=rule.returns and ReturnsOut.model_validate(rule.returns),
        extension=_extension(rule.extension),
    )


def _extension(rule: Extension | None) -> ExtensionRuleOut | None:
    if rule is None:
        return None
    return ExtensionRuleOut(by=dict(rule.by.given()), most=rule.most, approved_by=rule.approved_by)


def _span(span: Span | None) -> SpanOut | None:
    """The unit that a span names, with its number."""
    return None if span is None else dict(span.given())
