"""What a protocol says. Immutable values; `models.protocol.loading` makes them from YAML and checks them."""

from dataclasses import dataclass
from enum import StrEnum

from models.working_time import Span


class Party(StrEnum):
    """The five kinds of participant 五方 (brief, "Who takes part")."""

    DEPARTMENT = "department"
    STREET = "street"
    COMMUNITY = "community"
    PROPERTY = "property"
    COUNCIL = "council"


class Mode(StrEnum):
    """How a stage asks its seats."""

    COUNTERSIGN = "countersign"  # 会签: all are asked at once
    OR_SIGN = "or_sign"  # 或签: the first answer decides
    IN_TURN = "in_turn"  # 依次: one after another


class Rule(StrEnum):
    """How many of those who take a side must agree."""

    ALL = "all"
    MAJORITY = "majority"  # more agree than object; abstentions take no side
    AT_LEAST = "at_least"  # `k` of the seats


class ObjectionWay(StrEnum):
    """What an objection that decides a stage does."""

    REFUSE = "refuse"
    RETURN = "return"  # back to the filer, who may correct and submit again
    CONCILIATE = "conciliate"  # a conciliation stage 协商会 answers the objection


class Answering(StrEnum):
    """How a superior answers after an escalation."""

    IN_STEAD = "in_stead"  # the late seat is closed, the superior's answer counts for it
    ALONGSIDE = "alongside"  # both may answer, the first answer counts


class Level(StrEnum):
    """Whom an escalation reaches."""

    SUPERIOR = "superior"  # the next organisation up: community → street → lead department
    DISTRICT = "district"  # the lead department at once


class LapseWay(StrEnum):
    """What silence means at the end of the ladder."""

    ESCALATE = "escalate"  # to the district, urged every working day after
    EXTEND = "extend"  # the deadline once more, then escalate
    CONSENT = "consent"  # deemed consent, marked as the system's
    REFUSAL = "refusal"  # deemed refusal, marked as the system's


class StageAct(StrEnum):
    """What an officer may do with a seat of a stage besides answering, where the protocol allows it."""

    ADD = "add"  # 加签
    TRANSFER = "transfer"  # 转交
    DELEGATE = "delegate"  # 委派
    RETURN = "return"  # 退回


class UnseenAct(StrEnum):
    """What follows where nobody of an organisation has looked within `look_within`."""

    REMIND = "remind"  # it gets a letter
    INFORM = "inform"  # its superior gets one, and may read the matter; nothing is asked of it


class Between(StrEnum):
    """What becomes of the stages between, once a matter that was sent back has been put right."""

    RERUN = "rerun"
    SKIP = "skip"


class CopyTime(StrEnum):
    """When those who get a copy 抄送 are told."""

    OPENING = "opening"
    END = "end"


@dataclass(frozen=True, slots=True)
class Title:
    """A name in both languages."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """The name in `language` ("zh" or "en"; anything else is Chinese)."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class SeatRule:
    """Which organisations sit: all of `party` that the matter's places lead to.

    `function` names one department (required for party `department` that is neither `named` nor `is_declared`, forbidden otherwise).
    `is_declared`: the filer's own organisation; its answer is the declaration given at submission.
    `named`: the departments that the filer named. `if_any`: nobody sits where the places lead to nobody; without it that
    is an error.
    """

    party: Party
    function: str | None = None
    is_declared: bool = False
    named: bool = False
    if_any: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """When a stage is decided. `at_least` is k for `Rule.AT_LEAST`, else None."""

    rule: Rule
    at_least: int | None = None
    vetoes: frozenset[Party] = frozenset()


@dataclass(frozen=True, slots=True)
class Reminder:
    """A letter before the deadline: `before` it, or at `share` (0 < share < 1) of the stage's working time."""

    before: Span | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """One rung after the deadline."""

    after: Span
    to: Level
    answering: Answering


@dataclass(frozen=True, slots=True)
class Lapse:
    """The end of the ladder, `after` the deadline."""

    after: Span
    way: LapseWay


@dataclass(frozen=True, slots=True)
class Copy:
    """Who is told at the opening, at the end, or both; reading gives no authority."""

    party: Party
    function: str | None
    times: frozenset[CopyTime]


FILER = "filer"  # in `Returns.to`: back to the one who filed


@dataclass(frozen=True, slots=True)
class Returns:
    """Where a seat may send the matter back to: the filer, or stages before this one by their keys."""

    to: tuple[str, ...]
    between: Between = Between.RERUN


@dataclass(frozen=True, slots=True)
class Extension:
    """More time 延期, where somebody asks for it before the deadline: `by` so much, `most` so many times in a stage.

    `approved_by`: the level above the asker that grants or refuses it.
    """

    by: Span
    most: int
    approved_by: Level


@dataclass(frozen=True, slots=True)
class StageRule:
    """One step of a consultation. A stage with `is_conciliation` opens only through an objection.

    `bulk`: many may be agreed to at once. `returns` goes with `StageAct.RETURN`. `unseen`: what follows at `look_within`.
    `extension` None: the deadline cannot be moved.
    """

    key: str
    title: Title
    seats: tuple[SeatRule, ...]
    mode: Mode
    decision: Decision
    objection: ObjectionWay
    deadline: Span
    look_within: Span | None
    reminders: tuple[Reminder, ...]
    escalations: tuple[Escalation, ...]
    lapse: Lapse
    is_conciliation: bool = False
    bulk: bool = False
    acts: frozenset[StageAct] = frozenset()
    returns: Returns | None = None
    unseen: frozenset[UnseenAct] = frozenset({UnseenAct.REMIND})
    extension: Extension | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol of one version. `digest` is the SHA-256 of its canonical form: a changed text needs a new version."""

    name: str
    version: int
    title: Title
    stages: tuple[StageRule, ...]
    copies: tuple[Copy, ...]
    lines_limit: int
    longest_days: int
    digest: str

    def stage(self, key: str) -> StageRule:
        """The stage of that key. KeyError where there is none."""
        return next(stage for stage in self.stages if stage.key == key)

    def first(self) -> StageRule:
        """The stage that opens first."""
        return next(stage for stage in self.stages if not stage.is_conciliation)

    def following(self, key: str) -> StageRule | None:
        """The ordinary stage after `key`, or None after the last."""
        keys = [stage.key for stage in self.stages]
        later = self.stages[keys.index(key) + 1 :]
        return next((stage for stage in later if not stage.is_conciliation), None)

    def conciliation(self) -> StageRule | None:
        """The conciliation stage 协商会, where the protocol has one."""
        return next((stage for stage in self.stages if stage.is_conciliation), None)
